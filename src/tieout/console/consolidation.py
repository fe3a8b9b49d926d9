"""Consolidation: the policies by channel, the documents that gather and those that were sent, and what is in them.

In: a seat. Out: pages and, by POST, a changed policy or a closed document. Always: what is not right is told at its
field and nothing is stored; from a document one comes to its records and from a record to its documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tieout.console import ports as way_out
from tieout.console.frame import page
from tieout.console.seats import Right, Seat, for_member
from tieout.core.models import Contact
from tieout.reports import consolidation as shown
from tieout.reports.synchronization import xero_link
from tieout.sync.connect import open_connection
from tieout.sync.consolidation import changing
from tieout.sync.consolidation.changing import NotSaved, Place
from tieout.sync.consolidation.policies import What
from tieout.sync.models import Binding, Connection, ConsolidatedDocument, ConsolidationPolicy
from tieout.sync.run import AlreadyRunning

LISTED = 100
TABS = {"open": ["open"], "sent": ["closed"], "all": None}


@dataclass(frozen=True, slots=True)
class Cell:
    """One policy in the table, stored or not. `query`: what names it in an address."""

    policy: ConsolidationPolicy
    query: str


def _connection(seat: Seat) -> Connection:
    found = open_connection(seat.organisation)
    if found is None or found.step not in (Connection.Step.LIVE, Connection.Step.RECONNECT):
        raise Http404("Not connected.")
    return found


def _cell(connection: Connection, place: Place) -> Cell:
    named = {"what": place.what, "channel": place.channel, "supplier": str(place.supplier_id or "")}
    return Cell(changing.policy_at(connection, place), urlencode({key: value for key, value in named.items() if value}))


@require_GET
@for_member()
def consolidation(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The policies and the documents."""
    connection = open_connection(seat.organisation)
    if connection is None or connection.step not in (Connection.Step.LIVE, Connection.Step.RECONNECT):
        return page(
            request, seat, "console/consolidation.html", title="Consolidation", here="consolidation", live=False
        )
    tab = request.GET.get("show", "open")
    start = _start(request)
    if tab == "preview":
        rows = shown.would_be(connection, way_out.ports().clock)[: LISTED + 1]
    else:
        tab = tab if tab in TABS else "open"
        rows = shown.documents(connection, TABS[tab], most=LISTED + 1, start=start)
    stored = changing.policies(connection)
    known = {each.channel for each in stored if each.channel} | set(changing.channels(seat.organisation))
    channels = sorted(known, key=str.casefold)
    return page(
        request,
        seat,
        "console/consolidation.html",
        title="Consolidation",
        here="consolidation",
        live=True,
        channels=[
            (channel, [_cell(connection, Place(what, channel)) for what in ("invoices", "costs", "payments")])
            for channel in channels
        ],
        others=[("Money tasks", _cell(connection, Place("money"))), ("Bills, every supplier", _cell(connection,
                Place("bills")))]
        + [
            (f"Bills of {each.supplier}", _cell(connection, Place("bills", "", each.supplier_id)))
            for each in stored
            if each.supplier_id
        ],
        suppliers=Contact.objects.filter(organisation=seat.organisation, is_supplier=True, status="ACTIVE")[:500],
        rows=rows[:LISTED],
        tab=tab,
        next=start + LISTED if len(rows) > LISTED and tab != "preview" else None,
        previous=max(start - LISTED, 0) if start else None,
    )  # fmt: skip


def _start(request: HttpRequest) -> int:
    text = request.GET.get("start", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


@require_http_methods(["GET", "HEAD", "POST"])
@for_member(Right.MAP)
def policy(request: HttpRequest, seat: Seat) -> HttpResponse:
    """One policy, to be changed."""
    connection = _connection(seat)
    place = _place(request)
    found = changing.policy_at(connection, place)
    if place.what not in What.values or (place.supplier_id and not _is_supplier(seat, place.supplier_id)):
        raise Http404("No such policy.")
    values = _values(found)
    problems: dict[str, str] = {}
    if request.method == "POST":
        values = {name: request.POST.get(name, "") for name in values}
        values["export_customers"] = "export_customers" in request.POST
        try:
            changing.set_policy(connection, place, values, actor=seat.actor)
        except NotSaved as refusal:
            problems = refusal.problems
        else:
            messages.success(request, "Saved. It holds from the next sync on; what gathers is looked at anew.")
            return redirect("consolidation", seat.organisation.slug)
    return page(
        request,
        seat,
        "console/consolidation_policy.html",
        title=f"{found.get_what_display()}{_of(found, place)}",
        here="consolidation",
        policy=found,
        values=values,
        problems=problems,
        connection=connection,
        drafts=place.what in (What.INVOICES, What.BILLS),
        sales=place.what == What.INVOICES,
        named=place.what in (What.INVOICES, What.MONEY),
        choices=ConsolidationPolicy,
        status=422 if problems else 200,
    )


def _of(found: ConsolidationPolicy, place: Place) -> str:
    whose = place.channel or (str(found.supplier) if found.supplier else "")
    if not whose and place.what in (What.INVOICES, What.COSTS, What.PAYMENTS):
        whose = "sales without a channel"
    return f": {whose}" if whose else ""


def _place(request: HttpRequest) -> Place:
    supplier = request.GET.get("supplier", "")
    try:
        supplier_id = UUID(supplier) if supplier else None
    except ValueError:
        raise Http404("No such supplier.") from None
    return Place(request.GET.get("what", ""), request.GET.get("channel", "").strip()[:100], supplier_id)


def _is_supplier(seat: Seat, supplier_id: UUID) -> bool:
    return Contact.objects.filter(organisation=seat.organisation, pk=supplier_id, is_supplier=True).exists()


def _values(found: ConsolidationPolicy) -> dict[str, Any]:
    names = ("mode", "grouping", "line_limit", "late", "delivery", "template", "closes_after", "export_customers")
    told = {name: getattr(found, name) for name in names}
    return told | {"cut_off": f"{found.cut_off:%H:%M}", "contact_name": str(found.contact or "")}


@require_GET
@for_member()
def document(request: HttpRequest, seat: Seat, id_: UUID) -> HttpResponse:
    """One document with its records."""
    connection = _connection(seat)
    found = shown.document(connection, id_)
    if found is None:
        raise Http404("No such document.")
    start = _start(request)
    rows = shown.members(connection, id_, most=LISTED + 1, start=start)
    bound = Binding.objects.filter(connection=connection, kind=found.kind, record_id=id_).first()
    seen_as = "sale_invoice" if found.kind == "consolidated_invoice" else "bill"
    is_invoice = found.kind in ("consolidated_invoice", "consolidated_bill")
    return page(
        request,
        seat,
        "console/consolidation_document.html",
        title=found.number,
        here="consolidation",
        document=found,
        rows=rows[:LISTED],
        next=start + LISTED if len(rows) > LISTED else None,
        previous=max(start - LISTED, 0) if start else None,
        adjustments=ConsolidatedDocument.objects.filter(connection=connection, adjusts=id_),
        link=xero_link(connection, seen_as, bound.xero_id) if bound and is_invoice else "",
    )


@require_POST
@for_member(Right.CHANGE)
def close(request: HttpRequest, seat: Seat, id_: UUID) -> HttpResponse:
    """Close a document before its period is over."""
    connection = _connection(seat)
    found = get_object_or_404(ConsolidatedDocument, connection=connection, pk=id_)
    try:
        changing.close_now(connection, found, actor=seat.actor, clock=way_out.ports().clock)
    except (NotSaved, AlreadyRunning) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{found.number} is closed. It goes with the next sync.")
    return redirect(reverse("consolidation", args=[seat.organisation.slug]))
