"""Sync History as a query: which entries, and what comes next for each.

In: an organisation and a `Selection` (every filter that a person can combine). Out: a lazy queryset of entries, capped
counts, and one sentence per entry about what happens next. Always: sending and uncertain count as Pending, as people
see them; a filtered set is never counted beyond a cap; text is matched in number, contact and channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import connection as database
from django.db.models import Q, QuerySet

from tieout.core.models import Organisation
from tieout.sync.models import SHOWN_AS, Entry, Status

COUNTED_UP_TO = 1000
SHOWN = (Status.PENDING, Status.FAILED, Status.WARNING, Status.COMPLETED, Status.SKIPPED)
# One status that people see → the stored ones behind it.
BEHIND = {
    shown: [shown, *(stored for stored, seen in SHOWN_AS.items() if seen is shown)] for shown in SHOWN
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries. `first` and `last`: days, both included, of the record's own date, or, for records without one
    (contacts, products), of the day they were queued. Empty values filter nothing."""

    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    reason_code: str = ""
    channel: str = ""
    text: str = ""
    first: date | None = None
    last: date | None = None
    waits: bool = False

    def entries(self, organisation: Organisation) -> QuerySet[Entry]:
        """The entries, unordered and not read yet."""
        found = Entry.objects.filter(organisation=organisation).order_by()
        if self.waits:
            found = found.filter(status=Status.WARNING)
        if self.statuses:
            stored = [each for shown in self.statuses if shown in BEHIND for each in BEHIND[Status(shown)]]
            found = found.filter(status__in=stored)
        if self.kinds:
            found = found.filter(kind__in=self.kinds)
        if self.reason_code:
            found = found.filter(reason_code=self.reason_code)
        if self.channel:
            found = found.filter(channel=self.channel)
        for word in self.text.split():
            found = found.filter(Q(label__icontains=word) | Q(party__icontains=word))
        return found.filter(self._period())

    def _period(self) -> Q:
        period = Q()
        if self.first:
            queued = datetime.combine(self.first, time.min, UTC)
            period &= Q(date__gte=self.first) | Q(date__isnull=True, queued_at__gte=queued)
        if self.last:
            queued = datetime.combine(self.last + timedelta(days=1), time.min, UTC)
            period &= Q(date__lte=self.last) | Q(date__isnull=True, queued_at__lt=queued)
        return period

    @property
    def narrows(self) -> bool:
        return self != Selection()

    @property
    def backwards(self) -> bool:
        """Its last day is before its first, so that nothing can match."""
        return bool(self.first and self.last and self.last < self.first)


def count_up_to(entries: QuerySet[Entry], most: int = COUNTED_UP_TO) -> int:
    """How many there are, but no more than `most` + 1: beyond that the exact number is not worth its cost."""
    return entries[: most + 1].count()


def open_counts(organisation: Organisation, most: int = 9999) -> dict[str, int]:
    """Pending, failed and warning entries, each counted up to `most` + 1, in one query."""
    one = """(select count(*) from (select 1 from sync_entry
               where organisation_id = %s and status = any(%s) limit %s) found)"""
    shown = (Status.PENDING, Status.FAILED, Status.WARNING)
    values = [value for each in shown for value in (organisation.pk, [str(s) for s in BEHIND[each]], most + 1)]
    with database.cursor() as cursor:
        cursor.execute(f"select {one}, {one}, {one}", values)
        return dict(zip((str(each) for each in shown), cursor.fetchone(), strict=True))


def reasons(organisation: Organisation) -> list[tuple[str, str, int]]:
    """Why entries are not in Xero: (status, reason code, how many), the most frequent first."""
    with database.cursor() as cursor:
        cursor.execute(
            """select status, reason_code, count(*) from sync_entry
                where organisation_id = %s and status in ('warning', 'failed', 'skipped') and reason_code <> ''
                group by 1, 2 order by 3 desc, 2""",
            [organisation.pk],
        )
        return list(cursor.fetchall())


def channels(organisation: Organisation, among: int = 5000) -> list[str]:
    """The channels of the latest entries."""
    with database.cursor() as cursor:
        cursor.execute(
            """select distinct channel from (select channel from sync_entry where organisation_id = %s
                order by updated_at desc, id desc limit %s) latest where channel <> '' order by 1""",
            [organisation.pk, among],
        )
        return [channel for (channel,) in cursor.fetchall()]


def blockers(entries: Iterable[Entry]) -> dict[UUID, str]:
    """The labels of the records that the given entries wait for, by record id."""
    wanted = {entry.blocked_id for entry in entries if entry.blocked_id}
    if not wanted:
        return {}
    organisations = {entry.organisation_id for entry in entries}
    found = Entry.objects.filter(organisation__in=organisations, record_id__in=wanted)
    return dict(found.values_list("record_id", "label"))


def next_action(entry: Entry, blocked_by: str = "") -> str:
    """What happens next, or what a person should do, as one sentence."""
    told = {
        Status.SKIPPED: "Left out until somebody sets it to Pending.",
        Status.SENDING: "On its way to Xero now.",
        Status.UNCERTAIN: "Looked up in Xero before anything else is sent.",
    }
    status = Status(entry.status)
    if status is Status.COMPLETED:
        return entry.advice or ("Compare the two documents." if entry.verified is False else "")
    if status is Status.WARNING:
        return entry.advice or "Correct it, then set it to Pending to try again; or skip it."
    if status is Status.FAILED:
        return f"Tried again by itself{_at(entry.next_try_at)}."
    if status is Status.PENDING and entry.blocked_id:
        return f"Waits for {blocked_by or entry.blocked_kind.replace('_', ' ')}, then goes by itself."
    return told.get(status, "Goes with the next sync.")


def _at(moment: datetime | None) -> str:
    return f" after {moment:%d %b %Y %H:%M} UTC" if moment else " with the next sync"
