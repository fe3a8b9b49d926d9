"""The dry run in the console: what the next sync would do, record by record, with payloads on demand.

In: a seat, filters in the address. Out: one page of lines; the figures of all of them as a fragment of its own; one
record in full. Always: nothing is written and Xero is not asked; a page looks at no more than `LOOKED_AT` records, says
where it stopped and goes on from there, so that it costs the same at a hundred open records and at a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tieout.console import ports as way_out
from tieout.console.frame import page
from tieout.console.presentation import REASONS, reason_title
from tieout.console.seats import Seat, for_member
from tieout.core import store
from tieout.core.records import RecordKey
from tieout.kinds.kind import AnyKind
from tieout.kinds.lines import account_candidates
from tieout.kinds.registry import KINDS, by_rank
from tieout.sync.access import NotConnected
from tieout.sync.consolidation.ahead import as_if_gathered
from tieout.sync.dry_run import dry_run, second_look
from tieout.sync.ledger import Ledger
from tieout.sync.models import Connection
from tieout.sync.plan import HELD
from tieout.sync.preview import Line, Place, Preview, Verdict
from tieout.sync.run import live_connection

PAGE = 50
CHUNK = 200
LOOKED_AT = 2_000
COUNTED = 50_000
ACTIONS = {
    "create": "Create in Xero",
    "update": "Update in Xero",
    "void": "Void in Xero",
    "adopt": "Take over from Xero",
    "wait": "Wait",
    "warn": "Hold for a person",
    "retry later": "Try again later",
    "look up": "Look up first",
    "consolidate": "Goes in a consolidated document",
    "leave out": "Leave out",
    "nothing": "Nothing to do",
}
VERDICTS = {
    Verdict.ACCEPT: ("Would be accepted", "completed", "check_circle"),
    Verdict.HOLD: ("Held", "warning", "warning"),
    Verdict.REFUSE: ("Would be refused", "failed", "error"),
    Verdict.NOTHING: ("Nothing to send", "skipped", "block"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line as the page shows it."""

    line: Line
    action: str
    verdict: str
    badge: str
    icon: str


@dataclass(frozen=True, slots=True)
class Filters:
    kind: str
    action: str
    verdict: str

    def wants(self, line: Line) -> bool:
        hidden = line.action == "nothing" and self.action != "nothing"
        return (
            not hidden
            and (not self.action or line.action == self.action)
            and (not self.verdict or line.verdict == self.verdict)
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Lines of one page. `more`: where the next page begins, as `kind.q.17`; `looked_at`: how many were looked at."""

    lines: list[Line]
    more: str
    looked_at: int


def filters_in(query: QueryDict) -> Filters:
    """What cannot be understood filters nothing."""
    kind, action, verdict = (query.get(name, "") for name in ("kind", "action", "verdict"))
    return Filters(
        kind if kind in KINDS else "", action if action in ACTIONS else "", verdict if verdict in set(Verdict) else ""
    )


def _start(text: str) -> tuple[str, Place]:
    """The kind and place that an address names; the beginning where it makes no sense."""
    kind, _, rest = text.partition(".")
    queued, _, number = rest.partition(".")
    if kind in KINDS and queued in ("q", "n") and number.isascii() and number.isdecimal() and len(number) < 19:
        return kind, Place(queued == "q", int(number))
    return "", Place()


def _find(ahead: Preview, filters: Filters, start: str, second: Mapping[RecordKey, Line]) -> Found:
    kinds = [kind for rank in by_rank() for kind in rank if not filters.kind or kind.name == filters.kind]
    first, place = _start(start)
    names = [kind.name for kind in kinds]
    kinds = kinds[names.index(first) :] if first in names else kinds
    lines: list[Line] = []
    looked_at = 0
    for kind in kinds:
        begin = place if kind.name == first else Place()
        for chunk, at in ahead.lines(kind, begin, CHUNK):
            for line in chunk:
                looked_at += 1
                shown = second.get(line.key, line)
                lines += [shown] if filters.wants(shown) else []
                if len(lines) == PAGE or looked_at == LOOKED_AT:
                    return Found(lines, f"{kind.name}.{'q' if at.queued else 'n'}.{line.place}", looked_at)
    return Found(lines, "", looked_at)


def _ahead(seat: Seat) -> tuple[Connection, Preview]:
    """Raises NotConnected."""
    connection = live_connection(seat.organisation)
    return connection, Preview(Ledger(connection), way_out.ports().clock)


@require_GET
@for_member()
def dry_run_page(request: HttpRequest, seat: Seat) -> HttpResponse:
    filters = filters_in(request.GET)
    values: dict[str, Any] = {"filters": filters, "kinds": KINDS.values(), "actions": ACTIONS.items()}
    values["verdicts"] = [(str(name), title) for name, (title, _, _) in VERDICTS.items()]
    try:
        connection, ahead = _ahead(seat)
    except NotConnected as why:
        return page(request, seat, "console/dry_run.html", title="Dry run", here="dry-run", why_not=str(why), **values)
    start = request.GET.get("after", "")
    with as_if_gathered(connection, ahead.clock):
        found = _find(ahead, filters, start, second_look(connection, ahead.clock, COUNTED))
    return page(
        request,
        seat,
        "console/dry_run.html",
        title="Dry run",
        here="dry-run",
        rows=[_row(line) for line in found.lines],
        more=found.more,
        looked_at=found.looked_at,
        paged=bool(start),
        narrowed=filters != Filters("", "", ""),
        **values,
    )


def _row(line: Line) -> Row:
    verdict, badge, icon = VERDICTS[line.verdict]
    return Row(line, ACTIONS.get(line.action, line.action), verdict, badge, icon)


@require_GET
@for_member()
def figures(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The figures of everything that is open, as a fragment: they take longer than a page of lines."""
    try:
        found = dry_run(seat.organisation, way_out.ports().clock, most=COUNTED)
    except NotConnected as why:
        return render(request, "console/dry_run_figures.html", {"why_not": str(why), "organisation": seat.organisation})
    actions = [(name, ACTIONS[name], count) for name, count in found.counted("actions").items() if count]
    verdicts = found.counted("verdicts")
    context = {
        "organisation": seat.organisation,
        "found": found,
        "actions": sorted(actions, key=lambda each: list(ACTIONS).index(each[0])),
        "verdicts": [
            (str(name), title, badge, icon, verdicts[str(name)]) for name, (title, badge, icon) in VERDICTS.items()
        ],
        "of_kinds": [each for each in found.kinds if each.count],
    }
    return render(request, "console/dry_run_figures.html", context)


@require_GET
@for_member()
def record(request: HttpRequest, seat: Seat, kind: str, number: UUID) -> HttpResponse:
    """One record in full: the exact payload, and why each line has its account."""
    try:
        connection, ahead = _ahead(seat)
    except NotConnected as why:
        raise Http404(str(why)) from why
    with as_if_gathered(connection, ahead.clock):
        line = ahead.one(KINDS[kind], number) if kind in KINDS else None
        if line is not None and line.code in HELD:
            line = second_look(connection, ahead.clock, COUNTED).get(line.key, line)
    if line is None:
        raise Http404("This record is not open: the next sync would not look at it.")
    return page(
        request,
        seat,
        "console/dry_run_drawer.html" if "HX-Request" in request.headers else "console/dry_run_record.html",
        title=line.facts.label or "Record",
        here="dry-run",
        row=_row(line),
        line=line,
        payload=_payload(line),
        accounts=_accounts(ahead, KINDS[kind], line.key),
        reason_title=reason_title(line.code) if line.code in REASONS else "",
    )


def _payload(line: Line) -> str:
    """What would be sent, indented, every number exactly as it would go."""
    body = line.write.body if line.write else b""
    return msgspec.json.format(body, indent=2).decode() if body else ""


def _accounts(ahead: Preview, kind: AnyKind, key: RecordKey) -> list[tuple[str, str, str]]:
    """Each line of a document: its text, its account, who names it."""
    side = getattr(kind, "side", "")
    ledger = ahead.ledger
    found = store.load(ledger.connection.organisation_id, kind.name, [key.id]).get(key.id) if side else None
    if found is None:
        return []
    document: Any = found
    base = ledger.base_books()
    books = ledger.books_for(base, kind, [document])
    lines = []
    for each in document.lines:
        who, code = next(
            ((who, code) for who, code in account_candidates(each, document, books, side) if code), ("", "")
        )
        account = base.accounts.get(code)
        lines.append((each.description, f"{code} {account.name if account else ''}".strip() or "none", who or "nobody"))
    return lines
