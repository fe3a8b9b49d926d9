"""What does not agree: the findings, and the tie-out of a period.

In: a seat, a period. Out: differences that a person should see, each with what differs; counts and totals per kind on
both sides with the record behind every difference, on screen or as a file.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from tieout.console.frame import page
from tieout.console.history import day_of
from tieout.console.periods import PERIODS, period
from tieout.console.seats import Seat, for_member
from tieout.console.synchronization import EXCEL
from tieout.reports.exports import csv_pieces, xlsx_book
from tieout.reports.history import Selection
from tieout.reports.synchronization import xero_link
from tieout.reports.tie_out import DIFFERENCES, TOTALS, TieOut, tie_out
from tieout.sync.connect import open_connection, today
from tieout.sync.models import Entry, Finding

LISTED = 200
IN_A_FILE = 100_000
FILES = ("xlsx", "totals.csv", "differences.csv")


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
def tie_out_page(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """The proof for a period, or all time."""
    chosen = request.GET.get("period", "all")
    typed = (day_of(request.GET.get("from", "")), day_of(request.GET.get("to", "")))
    connection = open_connection(seat.organisation)
    first, last = typed if chosen == "custom" else period(chosen, today(connection))
    ready = connection is not None and bool(connection.tenant_id)
    backwards = Selection(first=first, last=last).backwards
    file = request.GET.get("format", "")
    if file in FILES and ready and not backwards:
        return _as_file(tie_out(seat.organisation, first, last, IN_A_FILE), file)
    proof = tie_out(seat.organisation, first, last) if ready and not backwards else None
    explanations = proof.explanations if proof else ()
    return page(
        request, seat, "console/tie_out.html", title="Tie-out", here="tie-out", proof=proof,
        differences=[(each, xero_link(connection, each.kind, each.xero_id)) for each in explanations],
        periods=PERIODS, chosen=chosen, first=first, last=last, backwards=backwards,
    )  # fmt: skip


def _as_file(proof: TieOut, file: str) -> HttpResponseBase:
    days = "-to-".join(day.isoformat() for day in (proof.first, proof.last) if day) or "all-time"
    name = f"tie-out-{proof.organisation}-{days}-as-of-{datetime.now(UTC):%Y-%m-%d}"
    totals, differences = (TOTALS, proof.total_rows()), (DIFFERENCES, proof.explanations)
    if file == "xlsx":
        book = xlsx_book([("Totals", *totals), ("Differences", *differences)])
        return FileResponse(book, as_attachment=True, filename=f"{name}.xlsx", content_type=EXCEL)
    pieces = csv_pieces(*(totals if file == "totals.csv" else differences))
    answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{file}"'
    return answer
