"""The Xero Synchronization Report as a page: period, layout, filters, totals, export.

In: a query. Out: the first rows on screen, or all of them as CSV or Excel. Always: what is exported is what the filters
and the layout say, streamed; saved layouts belong to one user.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tieout.console.frame import page
from tieout.console.history import selection_of
from tieout.console.models import ReportLayout
from tieout.console.periods import PERIODS, period
from tieout.console.presentation import STATUSES
from tieout.console.seats import Seat, for_member, user_id
from tieout.core.models import Organisation
from tieout.kinds.registry import KINDS
from tieout.reports.exports import csv_pieces, xlsx_file
from tieout.reports.history import Selection, channels, reasons
from tieout.reports.synchronization import COLUMNS, ORDERS, Column, Total, first_rows, synchronization, totals
from tieout.sync.connect import open_connection, today

ON_SCREEN = 200
KEPT = ("period", "from", "to", "status", "kind", "reason", "channel", "q", "waits")
STANDARD = tuple(column.name for column in COLUMNS if column.name not in ("channel", "link"))
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class View:
    """What a query asks for."""

    selection: Selection
    period: str
    columns: tuple[Column, ...]
    order: str
    layout: ReportLayout | None


def view_of(request: HttpRequest, organisation: Organisation) -> View:
    """Read the query; a saved layout gives what the query leaves open."""
    query = request.GET
    layout = None
    name = query.get("layout", "")
    if name:
        layout = ReportLayout.objects.filter(user_id=user_id(request), name=name).first()
    if layout and not any(key in query for key in ("column", "order", *KEPT)):
        query = QueryDict(layout.filters)
    chosen = query.get("period", "all")
    selection = selection_of(query)
    if chosen != "custom":
        first, last = period(chosen, today(open_connection(organisation)))
        selection = replace(selection, first=first, last=last)
    wanted = request.GET.getlist("column") or (layout.columns if layout else []) or list(STANDARD)
    by_name = {column.name: column for column in COLUMNS}
    columns = tuple(by_name[name] for name in dict.fromkeys(wanted) if name in by_name)
    order = request.GET.get("order") or (layout.order if layout else "")
    return View(
        selection,
        chosen,
        columns or tuple(by_name[name] for name in STANDARD),
        order if order in ORDERS else "latest",
        layout,
    )


@require_GET
@for_member()
def report(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    view = view_of(request, seat.organisation)
    match request.GET.get("format"):
        case "csv":
            return _as_csv(seat, view)
        case "xlsx":
            return _as_excel(seat, view)
    rows = first_rows(seat.organisation, view.selection, view.order, ON_SCREEN)
    sums = totals(seat.organisation, view.selection)
    return page(
        request,
        seat,
        "console/synchronization.html",
        title="Synchronization Report",
        here="synchronization",
        view=view,
        selection=view.selection,
        rows=[(row, [(column, getattr(row, column.name)) for column in view.columns]) for row in rows],
        currencies=sorted({line.currency for line in sums}, key=lambda currency: (not currency, currency)),
        totals=_by_status(sums),
        found=sum(line.count for line in sums),
        on_screen=ON_SCREEN,
        all_columns=COLUMNS,
        shown_columns=[column.name for column in view.columns],
        orders=[(name, title) for name, (title, _) in ORDERS.items()],
        periods=PERIODS,
        layouts=ReportLayout.objects.filter(user_id=user_id(request)),
        statuses=STATUSES.values(),
        kinds=KINDS.values(),
        channels=channels(seat.organisation),
        reasons=sorted({code for _, code, _ in reasons(seat.organisation)} | {view.selection.reason_code} - {""}),
    )


def _by_status(sums: list[Total]) -> list[tuple[str, list[Total | None], int]]:
    """Per status: its total in each currency (in alphabetical order, without money last), and how many records."""
    currencies = sorted({line.currency for line in sums}, key=lambda currency: (not currency, currency))
    found = {(line.status, line.currency): line for line in sums}
    return [
        (
            status,
            [found.get((status, currency)) for currency in currencies],
            sum(line.count for line in sums if line.status == status),
        )
        for status in dict.fromkeys(line.status for line in sums)
    ]


def _file_name(seat: Seat, ending: str) -> str:
    return f"xero-synchronization-{seat.organisation.slug}-{datetime.now(UTC):%Y-%m-%d}.{ending}"


def _as_csv(seat: Seat, view: View) -> StreamingHttpResponse:
    rows = synchronization(seat.organisation, view.selection, view.order)
    answer = StreamingHttpResponse(csv_pieces(view.columns, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{_file_name(seat, "csv")}"'
    return answer


def _as_excel(seat: Seat, view: View) -> FileResponse:
    rows = synchronization(seat.organisation, view.selection, view.order)
    file = xlsx_file(view.columns, rows, "Xero synchronization")
    return FileResponse(file, as_attachment=True, filename=_file_name(seat, "xlsx"), content_type=EXCEL)


@require_POST
@for_member()
def save_layout(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Keep the present columns, order and filters under a name: the user's own, so every member may."""
    form = request.POST
    name = form.get("name", "").strip()[:60]
    back = reverse("synchronization", args=[seat.organisation.slug])
    if not name:
        messages.error(request, "Give the layout a name.")
        return redirect(back)
    known = {column.name for column in COLUMNS}
    columns = [column for column in dict.fromkeys(form.getlist("column")) if column in known]
    filters = [(key, value) for key in KEPT for value in form.getlist(key) if value]
    order = form.get("order", "")
    ReportLayout.objects.update_or_create(
        user_id=user_id(request),
        name=name,
        defaults={
            "columns": columns or list(STANDARD),
            "order": order if order in ORDERS else "",
            "filters": urlencode(filters),
        },
    )
    messages.success(request, f"The layout “{name}” is saved for you.")
    return redirect(f"{back}?{urlencode({'layout': name})}")


@require_POST
@for_member()
def delete_layout(request: HttpRequest, seat: Seat) -> HttpResponse:
    name = request.POST.get("name", "")
    ReportLayout.objects.filter(user_id=user_id(request), name=name).delete()
    messages.success(request, f"The layout “{name}” is deleted.")
    return redirect("synchronization", seat.organisation.slug)
