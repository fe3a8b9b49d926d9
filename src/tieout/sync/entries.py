"""A person's hand on Sync History: change the status of one entry or of thousands, with a reason, and undo it.

In: which entries, the wanted status, who and why. Out: a `StatusChange` that remembers what each entry was. Always:
only arrows of `life` are taken; what may not change is left alone and counted; an undo restores just those entries
that nobody and nothing has moved since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection as database
from django.db import transaction
from django.db.models import BigIntegerField, Case, QuerySet, Value, When

from tieout.core.models import Organisation
from tieout.people.models import Action, Event
from tieout.sync import outbox
from tieout.sync.life import CHOICES, sources
from tieout.sync.life import Event as LifeEvent
from tieout.sync.models import Entry, Status, StatusChange


class NotAllowed(Exception):
    """The change cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did: how many moved, how many stayed because their status does not allow it."""

    change: StatusChange | None
    moved: int
    stayed: int


def choices(status: Status) -> list[Status]:
    """What a person may set an entry of this (shown) status to."""
    return list(CHOICES.get(status, {}))


@transaction.atomic
def change_status(
    organisation: Organisation,
    entries: QuerySet[Entry],
    to: Status,
    *,
    actor: str,
    reason: str,
    now: datetime,
) -> Changed:
    """Move the entries to Pending (try again) or to Skipped. Skipping needs a reason. Raises NotAllowed."""
    if to not in (Status.PENDING, Status.SKIPPED):
        raise NotAllowed("An entry can be set to Pending or to Skipped; the other statuses follow from what happens.")
    if to is Status.SKIPPED and not reason.strip():
        raise NotAllowed("Say why it is skipped: the reason stays with the entry until it is put back.")
    event = LifeEvent.SKIP if to is Status.SKIPPED else LifeEvent.RETRY
    allowed = [status for status in sources(event) if status is not to]
    chosen = entries.filter(organisation=organisation)
    total = chosen.count()
    change = StatusChange.objects.create(
        organisation=organisation, actor=actor, at=now, to_status=to, reason=reason.strip()
    )
    change.moved = _remember(change, chosen.filter(status__in=allowed))
    if not change.moved:
        change.delete()
        return Changed(None, 0, total)
    change.save(update_fields=["moved"])
    skipping = to is Status.SKIPPED
    with database.cursor() as cursor:
        cursor.execute(
            _MOVE, [to, outbox.BY_HAND if skipping else "", change.reason if skipping else "", actor, now, change.pk]
        )
    _tell(organisation, actor, Action.STATUS_CHANGED, change)
    return Changed(change, change.moved, total - change.moved)


_COLUMNS = ("status", "reason_code", "reason", "advice", "local", "next_try_at", "blocked_kind", "blocked_id")
_MOVE = """
    update sync_entry e
       set status = %s, reason_code = %s, reason = %s, advice = '', local = false, touched = false,
           next_try_at = null, blocked_id = null, blocked_kind = '', acted_by = %s, updated_at = %s
      from sync_statusbefore b where b.change_id = %s and e.id = b.entry_id"""
_PUT_BACK = """
    update sync_entry e
       set status = b.status, reason_code = b.reason_code, reason = b.reason, advice = b.advice, local = b.local,
           next_try_at = b.next_try_at, blocked_kind = b.blocked_kind, blocked_id = b.blocked_id,
           touched = e.touched or b.status = 'pending',  -- what it waited for may stand in Xero meanwhile
           acted_by = '', updated_at = %s
      from sync_statusbefore b
     where b.change_id = %s and e.id = b.entry_id and e.status = %s and e.acted_by = %s and e.updated_at = %s"""


def _remember(change: StatusChange, chosen: QuerySet[Entry]) -> int:
    """Lock the entries and store what they are, in the database alone: a change may hold hundreds of thousands. What
    began to be sent meanwhile no longer matches once its row is locked, and is left alone."""
    rows = chosen.order_by().annotate(of_change=Value(change.pk, BigIntegerField())).select_for_update()
    query, values = rows.values_list("of_change", "pk", *_COLUMNS).query.sql_with_params()
    with database.cursor() as cursor:
        cursor.execute(f"insert into sync_statusbefore (change_id, entry_id, {', '.join(_COLUMNS)}) {query}", values)
        return int(cursor.rowcount)


def free(organisation: Organisation, entry_ids: list[int], actor: str, reason: str, now: datetime) -> int:
    """Set entries to Pending whose hindrance is gone, so that the next sync sends them. How many there were."""
    if not entry_ids:
        return 0
    chosen = Entry.objects.filter(organisation=organisation, pk__in=entry_ids)
    return change_status(organisation, chosen, Status.PENDING, actor=actor, reason=reason, now=now).moved


@transaction.atomic
def undo(change: StatusChange, *, actor: str, now: datetime) -> Changed:
    """Put back what a change moved, where it still stands as the change left it. Raises NotAllowed the second time."""
    change = StatusChange.objects.select_for_update().get(pk=change.pk)
    if change.undone_at is not None:
        raise NotAllowed(f"This was undone already, by {change.undone_by}.")
    with database.cursor() as cursor:
        cursor.execute(_PUT_BACK, [now, change.pk, change.to_status, change.actor, change.at])
        put_back = cursor.rowcount
    change.undone_at, change.undone_by = now, actor
    change.save(update_fields=["undone_at", "undone_by"])
    _tell(change.organisation, actor, Action.STATUS_CHANGE_UNDONE, change)
    return Changed(change, put_back, change.moved - put_back)


def _tell(organisation: Organisation, actor: str, action: Action, change: StatusChange) -> None:
    Event.objects.create(
        organisation=organisation,
        actor=actor,
        action=action,
        label=f"{change.moved} to {Status(change.to_status).label}",
        detail={"status_change": change.pk, "reason": change.reason},
    )


def shown_status() -> Case:
    """For queries: the status that people see (sending and uncertain are Pending)."""
    return Case(When(status__in=[Status.SENDING, Status.UNCERTAIN], then=Value(str(Status.PENDING))), default="status")


def counts(organisation: Organisation) -> dict[str, int]:
    """How many entries show each status."""
    found = dict.fromkeys(("pending", "completed", "failed", "warning", "skipped"), 0)
    with database.cursor() as cursor:
        cursor.execute(
            """select case when status in ('sending', 'uncertain') then 'pending' else status end, count(*)
                 from sync_entry where organisation_id = %s group by 1""",
            [organisation.pk],
        )
        found.update(cursor.fetchall())
    return found
