"""What does not agree: the findings, and the tie-out of a period.

In: a seat, a period. Out: differences that a person should see, each with what differs; counts and totals per kind on
both sides with the record behind every difference.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from tieout.console.frame import page
from tieout.console.history import day_of
from tieout.console.periods import PERIODS, period
from tieout.console.seats import Seat, for_member
from tieout.reports.tie_out import tie_out
from tieout.sync.connect import open_connection
from tieout.sync.models import Entry, Finding

LISTED = 200


@require_GET
@for_member()
def findings(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Open findings, or the closed ones."""
    closed = request.GET.get("show") == "closed"
    found = list(Finding.objects.filter(organisation=seat.organisation, closed_at__isnull=not closed)[: LISTED + 1])
    listed = found[:LISTED]
    wanted = [each.record_id for each in listed if each.record_id]
    known = Entry.objects.filter(organisation=seat.organisation, record_id__in=wanted).values_list("record_id", "pk")
    entries = dict(known)
    rows = [(each, entries.get(each.record_id) if each.record_id else None) for each in listed]
    return page(
        request, seat, "console/findings.html", title="Findings", here="findings", rows=rows, closed=closed,
        more=len(found) > LISTED, listed=LISTED,
    )  # fmt: skip


@require_GET
@for_member()
def tie_out_page(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The proof for a period, or all time."""
    chosen = request.GET.get("period", "all")
    typed = (day_of(request.GET.get("from", "")), day_of(request.GET.get("to", "")))
    first, last = typed if chosen == "custom" else period(chosen, datetime.now(UTC).date())
    connection = open_connection(seat.organisation)
    ready = connection is not None and bool(connection.tenant_id)
    backwards = bool(first and last and last < first)
    return page(
        request, seat, "console/tie_out.html", title="Tie-out", here="tie-out",
        proof=tie_out(seat.organisation, first, last) if ready and not backwards else None,
        periods=PERIODS, chosen=chosen, first=first, last=last, backwards=backwards,
    )  # fmt: skip
