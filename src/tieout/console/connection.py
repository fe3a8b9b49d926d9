"""The connection once it is made: what it is, load again, change the mapping, reconnect, disconnect.

In: a seat. Out: pages and, by POST, the changes. Always: disconnecting asks first and says what stays and what ends.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tieout.console import ports as way_out
from tieout.console.frame import page
from tieout.console.overview import calls_of
from tieout.console.presentation import UNCOUNTED
from tieout.console.seats import Right, Seat, for_member
from tieout.console.wizard import TROUBLES, sentence
from tieout.core.models import Account
from tieout.sync import connect
from tieout.sync.models import CallCount, Connection
from tieout.sync.settings import STATUSES

MEANING = {
    "offline_access": "Stay connected until you disconnect",
    "accounting.settings": "Accounts, tax rates, items",
    "accounting.contacts": "Contacts",
    "accounting.invoices": "Invoices, bills, credit notes, orders",
    "accounting.payments": "Payments",
    "accounting.banktransactions": "Money spent, received, transferred",
    "accounting.manualjournals": "Manual journals",
    "accounting.attachments": "Attachments",
}


@require_GET
@for_member()
def connection(request: HttpRequest, seat: Seat) -> HttpResponse:
    found = connect.open_connection(seat.organisation)
    scopes = found.grant.scope.split() if found and found.grant else []
    titles = {role.name: role.title for role in connect.ROLES}
    accounts = dict(Account.objects.filter(organisation=seat.organisation).values_list("code", "name"))
    resources = list(CallCount.objects.filter(connection=found).order_by("-day", "resource")[:60]) if found else []
    today = resources[0].day if resources else None
    return page(
        request,
        seat,
        "console/connection.html",
        title="Xero connection",
        here="connection",
        connection=found,
        live=found is not None and found.step == Connection.Step.LIVE,
        ended=found is not None and found.step == Connection.Step.RECONNECT,
        scopes=[(scope, MEANING.get(scope, "")) for scope in scopes],
        calls=calls_of(found),
        latest_calls=sorted(
            (each for each in resources if each.day == today),
            key=lambda each: (each.resource in UNCOUNTED, each.resource),
        ),
        uncounted=UNCOUNTED,
        goes_as=dict(STATUSES)[found.invoice_status] if found else "",
        mapping=[(titles.get(name, name), code, accounts.get(code, "")) for name, code in found.roles.items()]
        if found
        else [],
        unmapped=connect.unmapped_taxes(seat.organisation) if found else [],
        before=Connection.objects.filter(organisation=seat.organisation, step=Connection.Step.DISCONNECTED)
        .order_by("-disconnected_at")
        .first(),
    )


def _live(seat: Seat) -> Connection | None:
    found = connect.open_connection(seat.organisation)
    return found if found is not None and found.step == Connection.Step.LIVE else None


@require_POST
@for_member(Right.MAP)
def reload(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Load accounts, tax rates and currencies again."""
    found = _live(seat)
    if found is None:
        messages.error(request, "Connect the organisation to Xero first.")
        return redirect("connection", seat.organisation.slug)
    try:
        connect.load(found, actor=seat.actor, ports=way_out.ports())
        messages.success(request, "Accounts, tax rates and currencies were loaded from Xero again.")
    except TROUBLES as trouble:
        messages.error(request, sentence(trouble))
    return redirect("connection", seat.organisation.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@for_member(Right.CONNECT)
def disconnect(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask, then leave Xero."""
    found = connect.open_connection(seat.organisation)
    if found is None:
        return redirect("connection", seat.organisation.slug)
    if request.method == "POST":
        try:
            connect.disconnect(found, actor=seat.actor, ports=way_out.ports())
        except TROUBLES as trouble:
            messages.error(request, sentence(trouble))
        else:
            messages.success(request, "Disconnected from Xero. Everything that was synced stays where it is.")
        return redirect("connection", seat.organisation.slug)
    return page(
        request, seat, "console/disconnect.html", title="Disconnect from Xero", here="connection", connection=found
    )
