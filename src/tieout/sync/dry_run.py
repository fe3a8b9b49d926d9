"""The figures of a dry run: what a sync would do, how many calls that takes and how long.

In: an organisation. Out: per kind the counts by action and by expected verdict, the reasons, the calls; the reads; the
time from the call budget. Always: the calls of the writes are counted by the rules that the push phase itself batches
by; a list that Xero shows in several pages counts as one, since how long it is cannot be known without asking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from django.db import connection as database

from tieout.core.models import Organisation
from tieout.core.records import RecordKey
from tieout.kinds.kind import AnyKind
from tieout.kinds.registry import KINDS
from tieout.sync.batching import groups
from tieout.sync.budget import DAY, LAST_CALLS
from tieout.sync.clock import Clock
from tieout.sync.consolidation.ahead import as_if_gathered
from tieout.sync.incoming.contents import LISTS, missing
from tieout.sync.ledger import Ledger
from tieout.sync.models import Budget, Connection
from tieout.sync.planning import CHUNK
from tieout.sync.preview import Course, Line, Preview
from tieout.sync.pull import anything_payable, lists_of, set_up_reads
from tieout.sync.run import live_connection
from tieout.xero import resources
from tieout.xero.resources import PAGE_SIZE, Resource

Heard = Callable[[AnyKind, Sequence[Line]], None]


@dataclass(slots=True)
class KindFigures:
    """What becomes of the open records of one kind. `calls`: those of its writes; `sent`: the records that go."""

    kind: str
    title: str
    actions: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    sent: int = 0
    _uncounted: list[Line] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.actions.values())

    def add(self, lines: Sequence[Line]) -> None:
        for line in lines:
            self.actions[line.action] += 1
            self.verdicts[str(line.verdict)] += 1
            if line.why and not line.goes:
                self.reasons[line.why] += 1
        self._uncounted += lines
        while len(self._uncounted) >= CHUNK:
            self.count_calls()

    def count_calls(self) -> None:
        """The calls of the next thousand lines, which is what a sync plans and sends at a time."""
        together, self._uncounted = self._uncounted[:CHUNK], self._uncounted[CHUNK:]
        planned = [each for line in together if (each := line.planned())]
        self.sent += len(planned)
        self.calls += sum(1 for _ in groups(KINDS[self.kind], planned))


@dataclass(frozen=True, slots=True)
class Time:
    """How long so many calls take. `minutes`: waiting for the minute's limit; `days`: further days that the day's limit
    makes it last; `today`: calls that can still be made today."""

    minutes: int
    days: int
    today: int


@dataclass(slots=True)
class DryRun:
    kinds: list[KindFigures] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    time: Time = Time(0, 0, 0)
    all_seen: bool = True

    @property
    def calls(self) -> int:
        return len(self.reads) + sum(each.calls for each in self.kinds)

    @property
    def records(self) -> int:
        return sum(each.count for each in self.kinds)

    def counted(self, what: str) -> Counter[str]:
        """The counts of all kinds together: `actions` or `verdicts`."""
        total: Counter[str] = Counter()
        for each in self.kinds:
            total.update(getattr(each, what))
        return total


def dry_run(
    organisation: Organisation, clock: Clock, heard: Heard = lambda kind, lines: None, most: int | None = None
) -> DryRun:
    """Look ahead over everything, or over about so many records at `most`; `heard` is told every line on the way.
    Raises NotConnected."""
    connection = live_connection(organisation)
    figures = {name: KindFigures(name, kind.plural) for name, kind in KINDS.items()}
    course, seen = Course(Preview(Ledger(connection), clock)), 0
    with as_if_gathered(connection, clock):
        for kind, lines in course.lines():
            if course.second:  # these go in calls of their own
                figures[kind.name].count_calls()
            figures[kind.name].add(lines)
            heard(kind, lines)
            seen += len(lines)
            if most is not None and seen >= most:
                break
    for one in figures.values():
        one.count_calls()
    found = DryRun(list(figures.values()), all_seen=most is None or seen < most)
    found.reads = [each.name for each in _reads(connection, clock.now(), found.kinds)]
    found.time = time_for(found.calls, connection, clock.now())
    return found


def second_look(connection: Connection, clock: Clock, most: int) -> dict[RecordKey, Line]:
    """What becomes of the lines that a balance holds when the sync looks at them again, where something is to give back
    what it holds; looking over about so many records at `most`."""
    if not _gives_back(connection):
        return {}
    course, seen = Course(Preview(Ledger(connection), clock)), 0
    found: dict[RecordKey, Line] = {}
    for _, lines in course.lines():
        seen += len(lines)
        if course.second:
            found |= {line.key: line for line in lines}
        elif seen >= most:
            break
    return found


def _gives_back(connection: Connection) -> bool:
    """Is anything voided in Core that Xero still counts on a document?"""
    with database.cursor() as cursor:
        cursor.execute(
            """select exists (select from sync_binding b
                               where b.connection_id = %s and not b.gone
                                 and b.kind in ('payment', 'refund', 'allocation')
                                 and (exists (select from core_settlement s
                                               where s.id = b.record_id and s.status = 'VOIDED')
                                      or exists (select from core_allocation a
                                                  where a.id = b.record_id and a.status = 'VOIDED')))""",
            [connection.pk],
        )
        return bool(cursor.fetchone()[0])


def _reads(connection: Connection, now: datetime, kinds: Iterable[KindFigures]) -> list[Resource[Any]]:
    """The set-up, the lists of changes, what is to be loaded and was not read yet, and what is read again after
    documents were sent."""
    lists = lists_of(connection, now)
    before = [each for each in lists if each is not resources.PAYMENTS or anything_payable(connection)]
    sent = {each.kind: each.sent for each in kinds if each.sent and KINDS[each.kind].has_money}
    again = dict.fromkeys(resource for name in sorted(sent) for resource in KINDS[name].verified_by)
    pages = [resource for resource in again for _ in range(_pages(resource, sent))]
    loaded = [resource for resource, _ in LISTS for _ in range(missing(connection, resource).calls)]
    return [*set_up_reads(connection, now), *before, *loaded, *pages]


def _pages(resource: Resource[Any], sent: dict[str, int]) -> int:
    """How many pages show what was sent: documents of the list itself, or those that payments and credit moved."""
    own = sum(count for name, count in sent.items() if resource in KINDS[name].reads)
    moved = [count for name, count in sent.items() if resource in KINDS[name].verified_by]
    changed = max([own, *moved])
    return max(1, ceil(changed / PAGE_SIZE)) if resource.paged else 1


def time_for(calls: int, connection: Connection, now: datetime) -> Time:
    """From Xero's limits of a minute and of a day."""
    budget = Budget.objects.filter(connection=connection).first()
    left = connection.day_limit
    if budget and budget.day_remaining is not None and budget.day_started_at and budget.day_started_at > now - DAY:
        left = budget.day_remaining
    today = max(left - LAST_CALLS, 0)
    a_day = max(connection.day_limit - LAST_CALLS, 1)
    days = 0 if calls <= today else ceil((calls - today) / a_day)
    return Time(max(calls - 1, 0) // max(connection.minute_limit, 1), days, today)
