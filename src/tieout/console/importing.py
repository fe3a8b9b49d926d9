"""Files of Core's records, imported in the browser: try one out, load it, see what was loaded before; and beside the
files of costs, booking the cost of what was shipped and never booked.

In: a seat; a kind and a CSV file; a day of shipping. Out: what the file would do or did, or every bad row; the columns
of each kind; how many journals were made. Always: every member may read, only who may change loads or books; a file is
taken whole or not at all; trying out stores nothing; booking twice books nothing more.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Max, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from tieout.console.frame import page
from tieout.console.presentation import file_title
from tieout.console.seats import Right, Seat, for_member
from tieout.core.importing import KINDS, BadRow, ImportRefused, ImportResult, NotACsv, columns_of, import_file
from tieout.core.operations import book_unbooked, unbooked
from tieout.people.models import Action, Event
from tieout.sync.typed import Day, Unusable

LARGEST = 64 * 2**20
LISTED = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file. `bad`: the first thousand of `faults` in all; `trouble`: why it was not looked at."""

    tried: bool
    result: ImportResult | None = None
    bad: tuple[BadRow, ...] = ()
    faults: int = 0
    trouble: str = ""

    @property
    def rest(self) -> int:
        return self.faults - len(self.bad)


@dataclass(frozen=True, slots=True)
class Unbooked:
    """What was shipped and never booked, and what became of booking it. `since`: the day as it was typed."""

    count: int
    first: date | None
    last: date | None
    since: str = ""
    trouble: str = ""
    told: str = ""
    made: int = 0


@require_GET
@for_member()
def importing(request: HttpRequest, seat: Seat) -> HttpResponse:
    return _page(request, seat, _kind(request.GET.get("kind", "contacts")))


@require_GET
@for_member()
def header(request: HttpRequest, seat: Seat) -> HttpResponse:
    """A file with nothing but the header row of a kind."""
    kind = _kind(request.GET.get("kind", "contacts"))
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    csv.writer(answer, lineterminator="\n").writerow(column.name for column in columns_of(kind))
    return answer


@require_POST
@for_member(Right.CHANGE)
def load(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Load a file, or try it out. With htmx only the outcome comes back, so that the file stays chosen."""
    kind = _kind(request.POST.get("kind", ""))
    outcome = _outcome(seat, kind, request.FILES.get("file"), tried=request.POST.get("do") == "try")
    if "HX-Request" in request.headers:
        values = {"organisation": seat.organisation, "outcome": outcome, "imported": _imported(seat), "fresh": True}
        return render(request, "console/import_outcome.html", values)
    return _page(request, seat, kind, outcome)


@require_POST
@for_member(Right.CHANGE)
def book_costs(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Book the cost of what was shipped and never booked. With htmx only the card comes back."""
    costs = _book(seat, request.POST.get("since", ""))
    if "HX-Request" in request.headers:
        values = {"organisation": seat.organisation, "costs": costs, "may_change": True}
        return render(request, "console/unbooked.html", values)
    return _page(request, seat, "costs", costs=costs)


def _book(seat: Seat, typed: str) -> Unbooked:
    try:
        since = Day().read(typed)
    except Unusable as trouble:
        return _unbooked(seat, since=typed, trouble=str(trouble))
    found = unbooked(seat.organisation.pk, since).count()
    if not found:
        from_then = f" was shipped from {since:%d %b %Y} on and" if since else ""
        return _unbooked(seat, since=typed, told=f"No document{from_then} waits for its cost: nothing was booked.")
    booked = book_unbooked(seat.organisation, since=since, actor=seat.actor)
    told = f"{booked:,} {'journal was' if booked == 1 else 'journals were'} made."
    if booked < found:
        told += f" The cost of {found - booked:,} more comes to nothing, or was booked by somebody else meanwhile."
    return _unbooked(seat, told=told, made=booked)


def _unbooked(seat: Seat, *, since: str = "", trouble: str = "", told: str = "", made: int = 0) -> Unbooked:
    found = unbooked(seat.organisation.pk).order_by().aggregate(Count("pk"), Min("shipped_on"), Max("shipped_on"))
    first, last = found["shipped_on__min"], found["shipped_on__max"]
    return Unbooked(found["pk__count"], first, last, since, trouble, told, made)


def _page(
    request: HttpRequest, seat: Seat, kind: str, outcome: Outcome | None = None, costs: Unbooked | None = None
) -> HttpResponse:
    if costs is None and kind == "costs":
        costs = _unbooked(seat)
    refused = (outcome is not None and outcome.result is None) or (costs is not None and costs.trouble)
    return page(
        request,
        seat,
        "console/import.html",
        title="Import",
        here="import",
        status=422 if refused else 200,
        kinds=[(name, file_title(name)) for name in KINDS],
        kind=kind,
        what=file_title(kind).lower(),
        columns=columns_of(kind),
        largest=LARGEST // 2**20,
        outcome=outcome,
        costs=costs,
        imported=_imported(seat),
    )


def _kind(name: str) -> str:
    if name not in KINDS:
        raise Http404("No such kind of file.")
    return name


def _outcome(seat: Seat, kind: str, file: UploadedFile[bytes] | None, *, tried: bool) -> Outcome:
    if file is None:
        return Outcome(tried, trouble="Choose a CSV file first.")
    if (file.size or 0) > LARGEST:
        most = f"{LARGEST // 2**20} MB"
        return Outcome(tried, trouble=f"{file.name} is larger than {most}. Split it, or load it by “tieout import”.")
    try:
        return Outcome(tried, import_file(seat.organisation, kind, file, actor=seat.actor, dry_run=tried))  # type: ignore[arg-type]
    except NotACsv as trouble:
        return Outcome(tried, trouble=str(trouble))
    except ImportRefused as refusal:
        return Outcome(tried, bad=tuple(refusal.rows), faults=refusal.total)


def _imported(seat: Seat) -> list[Event]:
    return list(Event.objects.filter(organisation=seat.organisation, action=Action.IMPORTED).order_by("-id")[:LISTED])
