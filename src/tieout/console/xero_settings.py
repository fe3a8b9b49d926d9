"""Making an account, a code, a currency or a tracking option in Xero from here, with consent.

In: what is wanted, as a form. Out: a page that shows exactly what would be sent; after “Do it in Xero”, what happened.
Always: asking changes nothing; the page carries the idempotency key, so that pressing twice is one write; what was
typed wrong is said before Xero is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tieout.console import ports as way_out
from tieout.console.frame import page
from tieout.console.seats import Right, Seat, for_member
from tieout.console.wizard import TROUBLES, sentence
from tieout.core.models import Account
from tieout.sync.chart_changes import (
    TYPES,
    CodeForAccount,
    Deed,
    NewAccount,
    NewCurrency,
    NewOption,
    NotDone,
    PaymentsToAccount,
    carry_out,
)
from tieout.sync.connect import open_connection
from tieout.sync.models import Connection


def _new_account(form: QueryDict, connection: Connection) -> Deed:
    return NewAccount(_text(form, "code"), _text(form, "name"), _text(form, "type"), form.get("payments") == "on")


def _account(form: QueryDict, connection: Connection) -> Account:
    try:
        wanted = UUID(form.get("account", ""))
    except ValueError:
        raise NotDone("That account is not known here. Load from Xero again.") from None
    found = Account.objects.filter(organisation=connection.organisation, xero_id=wanted).first()
    if found is None:
        raise NotDone("That account is not known here. Load from Xero again.")
    return found


def _code(form: QueryDict, connection: Connection) -> Deed:
    account = _account(form, connection)
    return CodeForAccount(str(account.xero_id), account.name, _text(form, "code"))


def _payments(form: QueryDict, connection: Connection) -> Deed:
    account = _account(form, connection)
    return PaymentsToAccount(str(account.xero_id), account.code, account.name)


def _currency(form: QueryDict, connection: Connection) -> Deed:
    return NewCurrency(_text(form, "currency").upper())


def _option(form: QueryDict, connection: Connection) -> Deed:
    return NewOption(_text(form, "category"), _text(form, "option"))


DEEDS: dict[str, Callable[[QueryDict, Connection], Deed]] = {
    "account": _new_account,
    "code": _code,
    "payments": _payments,
    "currency": _currency,
    "option": _option,
}
KEPT = ("what", "code", "name", "type", "payments", "account", "currency", "category", "option")


def _text(form: QueryDict, name: str) -> str:
    return " ".join(form.get(name, "").split())


def _wanted(form: QueryDict, connection: Connection) -> Deed:
    """Raises NotDone for what cannot be."""
    make = DEEDS.get(form.get("what", ""))
    if make is None:
        raise NotDone("Choose on the page Mapping what should be made in Xero.")
    deed = make(form, connection)
    deed.check(connection)
    return deed


def _live(seat: Seat) -> Connection | None:
    found = open_connection(seat.organisation)
    return found if found is not None and found.step == Connection.Step.LIVE else None


@require_POST
@for_member(Right.MAP)
def ask(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what would be sent; nothing is."""
    return _ask(request, seat, None)


def _ask(request: HttpRequest, seat: Seat, refused: NotDone | None) -> HttpResponse:
    connection = _live(seat)
    if connection is None:
        messages.error(request, "Connect the organisation to Xero first.")
        return redirect("mapping", seat.organisation.slug)
    deed: Deed | None = None
    try:
        deed = _wanted(request.POST, connection)
    except NotDone as reason:
        form = request.POST
        blank = form.get("what") == "account" and not _text(form, "code") and not _text(form, "name")
        refused = refused or (None if blank else reason)
    values: dict[str, Any] = {"deed": None}
    if deed is not None:
        wanted = deed.request()
        values = {
            "deed": deed,
            "method": wanted.method,
            "path": wanted.path.replace("//", "/…/"),
            "body": msgspec.json.format(wanted.body, indent=2).decode(),
        }
    return page(
        request,
        seat,
        "console/xero_setting.html",
        title="Make it in Xero",
        here="mapping",
        status=422 if refused else 200,
        connection=connection,
        refusal=str(refused) if refused else "",
        wrong_field=refused.field if refused else "",
        kept=[(name, request.POST[name]) for name in KEPT if name in request.POST],
        form=request.POST,
        types=TYPES.items(),
        key=str(uuid4()),
        **values,
    )


@require_POST
@for_member(Right.MAP)
def carry(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Send it, once, and say what happened."""
    connection = _live(seat)
    if connection is None:
        return redirect("mapping", seat.organisation.slug)
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return _ask(request, seat, None)
    try:
        deed = _wanted(request.POST, connection)
        said = carry_out(connection, deed, key, actor=seat.actor, ports=way_out.ports())
    except NotDone as refused:
        return _ask(request, seat, refused)
    except TROUBLES as trouble:
        return _ask(request, seat, NotDone(sentence(trouble)))
    messages.success(request, f"{deed.title}: {said[0].lower()}{said[1:]}")
    return redirect("mapping", seat.organisation.slug)
