"""The connect wizard: welcome, authorise, choose, load, map, first sync.

In: a person's answers, one step a page. Out: the organisation's connection at its next step. Always: every step is
stored by `sync.connect` when it is done, so the wizard can be left anywhere and resumed; opening it checks with Xero
what is really there; every refusal comes back as a sentence on the page, with what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tieout.console import ports as way_out
from tieout.console.frame import page
from tieout.console.mapping import mapping_values, typed_mapping
from tieout.console.seats import Right, Seat, for_member, seat_of
from tieout.core.models import Contact, Document, Organisation, Product
from tieout.kinds.registry import KINDS
from tieout.reports.status import records
from tieout.sync import connect
from tieout.sync.access import NotConnected
from tieout.sync.budget import DaySpent
from tieout.sync.models import Connection, Run
from tieout.xero.errors import AccessLost, SignInFailed, Unanswered, XeroError

Step = Connection.Step
TROUBLES = (connect.CannotConnect, NotConnected, DaySpent, XeroError)
STEPS = (
    ("authorise", "Sign in"),
    ("choose", "Choose"),
    ("load", "Load"),
    ("map", "Map"),
    ("first", "First sync"),
)
IN_SESSION = "xero-sign-in"


def sentence(trouble: Exception) -> str:
    """What went wrong and what to do."""
    if isinstance(trouble, Unanswered):
        return f"Xero did not answer. Nothing is lost: wait a moment and try this step again. ({trouble})"
    if isinstance(trouble, SignInFailed | AccessLost | connect.CannotConnect | NotConnected | DaySpent):
        return str(trouble)
    return f"{trouble} Try this step again; if it stays so, sign in to Xero again."


def callback_address(request: HttpRequest) -> str:
    """Where Xero sends the person back to; it must be registered with Xero word for word."""
    path = reverse("xero-callback")
    public: str = settings.TIEOUT_PUBLIC_URL
    return f"{public}{path}" if public else request.build_absolute_uri(path)


def current_step(connection: Connection | None, organisation: Organisation) -> str:
    """The wizard's step, or "done"."""
    if connection is None or connection.step in (Step.AUTHORISE, Step.RECONNECT):
        return "authorise"
    if connection.step == Step.LIVE:
        return "done" if Run.objects.filter(organisation=organisation).exists() else "first"
    return str(connection.step)


@require_GET
@for_member(Right.CONNECT)
def wizard(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The step that the connection stands at. `?step=choose` goes back to the choice until it is live."""
    connection = connect.open_connection(seat.organisation)
    trouble = _mend(connection)
    step = current_step(connection, seat.organisation)
    if step == "done":
        return redirect("connection", seat.organisation.slug)
    if request.GET.get("step") == "choose" and step in ("load", "map"):
        step = "choose"
    return _step_page(request, seat, connection, step, trouble)


def _mend(connection: Connection | None) -> str:
    """Compare a half-made connection with what Xero says. A sentence where Xero cannot be asked."""
    if connection is None or connection.grant is None or connection.step == Step.LIVE:
        return ""
    try:
        connect.repair(connection, way_out.ports())
    except TROUBLES as trouble:
        return sentence(trouble)
    return ""


def _step_page(
    request: HttpRequest, seat: Seat, connection: Connection | None, step: str, trouble: str
) -> HttpResponse:
    values: dict[str, Any] = {"step": step, "steps": _progress(step), "connection": connection}
    if step == "authorise":
        values["callback"] = callback_address(request)
        values["registered"] = bool(settings.TIEOUT_XERO.client_id)
        values["again"] = connection is not None and bool(connection.tenant_id)
    elif step == "choose" and connection is not None:
        values["tenants"], trouble = _tenants(connection, trouble)
    elif step == "map":
        values |= mapping_values(seat.organisation, connection)
    elif step == "first":
        values["plan"] = first_sync(seat.organisation)
    return page(
        request, seat, "console/wizard.html", title="Connect to Xero", here="connection",
        trouble=trouble, **values,
    )  # fmt: skip


def _progress(step: str) -> list[tuple[str, str, str]]:
    """Each step with its title and whether it is done, current or ahead."""
    names = [name for name, _ in STEPS]
    at = names.index(step)
    states = ["done"] * at + ["current"] + ["ahead"] * (len(names) - at - 1)
    return [(name, title, state) for (name, title), state in zip(STEPS, states, strict=True)]


def _tenants(connection: Connection, trouble: str) -> tuple[list[tuple[Any, Organisation | None]], str]:
    """Each Xero organisation with the organisation of Tieout that has it already."""
    try:
        found = connect.tenants(connection, way_out.ports())
    except TROUBLES as error:
        return [], sentence(error)
    return [(tenant, connect.taken(tenant, connection)) for tenant in found], trouble


def first_sync(organisation: Organisation) -> list[tuple[str, int]]:
    """What Core holds that Xero should, by kind: what is active or authorised, where a kind knows the difference.
    Kinds that it has none of are left out."""
    documents = Document.objects.filter(organisation=organisation, status=Document.Status.AUTHORISED)
    found = records(organisation) | {
        "contact": Contact.objects.filter(organisation=organisation, status=Contact.Status.ACTIVE).count(),
        "product": Product.objects.filter(organisation=organisation, status=Product.Status.ACTIVE).count(),
        "sale_invoice": 0,
        "bill": 0,
        **dict(documents.order_by().values_list("kind").annotate(Count("id"))),
    }
    return [(name, found[name]) for name in KINDS if found.get(name)]


# -- the steps ------------------------------------------------------------------------------------------------------


@require_POST
@for_member(Right.CONNECT)
def authorise(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Send the person to Xero, remembering in the session which sign-in is theirs."""
    address = connect.begin(seat.organisation, callback_address(request), way_out.ports())
    connection = connect.open_connection(seat.organisation)
    state = connection.state if connection else ""
    request.session[IN_SESSION] = {"state": state, "slug": seat.organisation.slug}
    return redirect(address)


@login_required
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """The person is back from Xero: with a code, or having said no."""
    begun = request.session.pop(IN_SESSION, None)
    state = request.GET.get("state", "")
    if not begun or not state or begun["state"] != state:
        messages.error(request, "This sign-in to Xero was not started in this browser. Start the connection once more.")
        return redirect("home")
    seat = seat_of(request, begun["slug"])
    if not seat.may(Right.CONNECT):
        raise Http404("No such organisation.")
    refused = request.GET.get("error", "")
    if refused:
        said_no = refused == "access_denied"
        messages.error(
            request,
            "Access was not given in Xero, so nothing was connected. Start again whenever you like."
            if said_no
            else f"Xero broke the sign-in off ({refused[:80]}). Start it once more.",
        )
        return redirect("connect", seat.organisation.slug)
    return _attempt(
        request,
        seat,
        lambda: connect.come_back(
            state,
            request.GET.get("code", ""),
            callback_address(request),
            actor=seat.actor,
            ports=way_out.ports(),
        ),
    )


def _attempt(request: HttpRequest, seat: Seat, deed: Callable[[], object]) -> HttpResponse:
    """Do one step and go to the page of the next one, or back to this one with the sentence of what went wrong."""
    try:
        deed()
    except TROUBLES as trouble:
        messages.error(request, sentence(trouble))
    return redirect("connect", seat.organisation.slug)


def _connection(seat: Seat, *steps: str) -> Connection:
    """The connection, at one of these steps. Raises Http404 where there is none."""
    connection = connect.open_connection(seat.organisation)
    if connection is None or connection.step not in steps:
        raise Http404("The connection is not at this step.")
    return connection


@require_POST
@for_member(Right.CONNECT)
def choose(request: HttpRequest, seat: Seat) -> HttpResponse:
    connection = _connection(seat, Step.CHOOSE, Step.LOAD, Step.MAP)
    wanted = request.POST.get("tenant", "")
    return _attempt(request, seat, lambda: connect.choose(connection, wanted, actor=seat.actor, ports=way_out.ports()))


@require_POST
@for_member(Right.CONNECT)
def load(request: HttpRequest, seat: Seat) -> HttpResponse:
    connection = _connection(seat, Step.LOAD, Step.MAP)
    return _attempt(request, seat, lambda: connect.load(connection, actor=seat.actor, ports=way_out.ports()))


@require_POST
@for_member(Right.CONNECT)
def map_accounts(request: HttpRequest, seat: Seat) -> HttpResponse:
    connection = _connection(seat, Step.MAP)
    roles, taxes = typed_mapping(request.POST)
    return _attempt(request, seat, lambda: connect.map_accounts(connection, roles, taxes, actor=seat.actor))
