"""Sync History: the table, its filters, and one entry in full.

In: filters from the URL. Out: one page of entries, the newest first. Always: every filter combines with every other
and stands in the URL; a page costs the same at a thousand entries and at a million (keyset, capped counts).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from tieout.console.frame import page
from tieout.console.presentation import STATUSES, reason_title
from tieout.console.seats import Right, Seat, for_member
from tieout.kinds.registry import KINDS
from tieout.reports import consolidation, cost_journals
from tieout.reports.history import Selection, blockers, channels, count_up_to, next_action, reasons
from tieout.reports.synchronization import xero_link
from tieout.sync import corrections
from tieout.sync import entries as hand
from tieout.sync.connect import open_connection
from tieout.sync.models import Attempt, Binding, Connection, Entry, Status, StatusChange, XeroRecord

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    entry: Entry
    shown: str
    next: str
    choices: list[Status]


def selection_of(query: QueryDict) -> Selection:
    """The filters in a URL or a form. What cannot be understood filters nothing."""
    return Selection(
        statuses=tuple(each for each in query.getlist("status") if each in STATUSES),
        kinds=tuple(each for each in query.getlist("kind") if each in KINDS),
        reason_code=query.get("reason", "").strip(),
        channel=query.get("channel", "").strip(),
        text=query.get("q", "").strip(),
        first=day_of(query.get("from", "")),
        last=day_of(query.get("to", "")),
        waits=query.get("waits") == "on",
    )


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


@require_GET
@for_member()
def history(request: HttpRequest, seat: Seat) -> HttpResponse:
    organisation = seat.organisation
    selection = selection_of(request.GET)
    chosen = selection.entries(organisation)
    found = list(_after(chosen, request.GET.get("after", "")).order_by("-updated_at", "-id")[: PAGE + 1])
    shown, more = found[:PAGE], found[PAGE:]
    waiting_for = blockers(shown)
    may_change = seat.may(Right.CHANGE)
    lines = [
        Line(
            entry,
            str(entry.shown_status),
            next_action(entry, waiting_for.get(entry.blocked_id, "") if entry.blocked_id else ""),
            hand.choices(entry.shown_status) if may_change else [],
        )
        for entry in shown
    ]
    return page(
        request,
        seat,
        "console/history.html",
        title="Sync History",
        here="history",
        lines=lines,
        count=count_up_to(chosen),
        selection=selection,
        older=f"{shown[-1].updated_at.isoformat()}_{shown[-1].pk}" if more else "",
        only_status=selection == Selection(statuses=selection.statuses, waits=selection.waits) and selection.narrows,
        paged=bool(request.GET.get("after")),
        kinds=KINDS.values(),
        channels=channels(organisation),
        reasons=sorted({code for _, code, _ in reasons(organisation)} | {selection.reason_code} - {""}),
        statuses=STATUSES.values(),
        changed=_changed(seat, request.GET.get("changed", "")),
        filters=[(key, value) for key, values in request.GET.lists() for value in values if key in FILTER_KEYS],
    )


FILTER_KEYS = ("status", "kind", "reason", "channel", "q", "from", "to", "waits")


def _after(chosen: QuerySet[Entry], key: str) -> QuerySet[Entry]:
    """What comes after a row in the order newest first. A key that makes no sense begins at the top."""
    moment, _, number = key.rpartition("_")
    try:
        at, pk = datetime.fromisoformat(moment), int(number)
    except ValueError:
        return chosen
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return chosen.filter(Q(updated_at=at, pk__lt=pk) | Q(updated_at__lt=at), updated_at__lte=at)


def _changed(seat: Seat, number: str) -> StatusChange | None:
    """The change that was just made, to be told and undone."""
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    return StatusChange.objects.filter(organisation=seat.organisation, pk=int(number)).first()


# -- one entry ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt with what was sent. `shared`: how many records went in the same call."""

    attempt: Attempt
    sent: str
    answer: str
    differences: list[dict[str, Any]]
    shared: int
    seconds: float | None


@require_GET
@for_member()
def entry(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Everything about one entry, as a page or, for htmx, as a drawer."""
    found = get_object_or_404(Entry, organisation=seat.organisation, pk=number)
    connection = open_connection(seat.organisation)
    binding = Binding.objects.filter(connection=connection, kind=found.kind, record_id=found.record_id).first()
    seen = XeroRecord.objects.filter(connection=connection, xero_id=binding.xero_id).first() if binding else None
    in_drawer = "HX-Request" in request.headers
    blocked_by = None
    if found.blocked_id:
        blocked_by = Entry.objects.filter(organisation=seat.organisation, record_id=found.blocked_id).first()
    return page(
        request,
        seat,
        "console/entry_drawer.html" if in_drawer else "console/entry.html",
        title=found.label or "Entry",
        here="history",
        in_drawer=in_drawer,
        entry=found,
        shown=str(found.shown_status),
        next=next_action(found, blocked_by.label if blocked_by else ""),
        blocked_by=blocked_by,
        choices=hand.choices(found.shown_status) if seat.may(Right.CHANGE) else [],
        correctable=seat.may(Right.CHANGE) and connection is not None and corrections.offered(found),
        tries=[_try(each) for each in found.attempts.select_related("batch")[:50]],
        binding=binding,
        seen=seen,
        link=xero_link(connection, found.kind, binding.xero_id) if binding else "",
        reason_title=reason_title(found.reason_code) if found.reason_code else "",
        cost_journals=cost_journals.of_document(seat.organisation, connection, found.kind, found.record_id),
        cost_of=cost_journals.document_of(seat.organisation, connection, found.kind, found.record_id),
        **_consolidated(connection, found),
    )


def _consolidated(connection: Connection | None, found: Entry) -> dict[str, Any]:
    """Of a consolidated document its first records; of a record the documents that hold it."""
    if connection is None:
        return {}
    if found.kind in KINDS and KINDS[found.kind].carries:
        return {"rows": consolidation.members(connection, found.record_id, most=50), "is_consolidated": True}
    return {"held_in": consolidation.documents_of(connection, found.kind, found.record_id)}


def _try(attempt: Attempt) -> Try:
    batch = attempt.batch
    answer = attempt.answer if isinstance(attempt.answer, dict) else {}
    differences = answer.get("differences", [])
    return Try(
        attempt,
        sent_element(bytes(batch.body), attempt.position) if batch else "",
        msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() if answer else "",
        differences if isinstance(differences, list) else [],
        batch.elements if batch else 0,
        (batch.answered_at - batch.intended_at).total_seconds() if batch and batch.answered_at else None,
    )


def sent_element(body: bytes, position: int) -> str:
    """The element at `position` of a request's body, indented, every number exactly as it was sent."""
    try:
        raw = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        lists = [each for each in raw.values() if bytes(each).lstrip().startswith(b"[")]
        if len(raw) == 1 and lists:
            elements = msgspec.json.decode(bytes(lists[0]), type=list[msgspec.Raw])
            return msgspec.json.format(bytes(elements[position]), indent=2).decode()
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, IndexError):
        return body.decode(errors="replace")
