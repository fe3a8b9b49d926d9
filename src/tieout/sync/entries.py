"""A person's hand on Sync History: change the status of one entry or of thousands, with a reason, and undo it.

In: which entries, the wanted status, who and why. Out: a `StatusChange` that remembers what each entry was. Always:
only arrows of `life` are taken; what may not change is left alone and counted; an undo restores just those entries
that nobody and nothing has moved since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Case, QuerySet, Value, When

from tieout.core.models import Organisation
from tieout.people.models import Action, Event
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
    before = list(
        chosen.filter(status__in=allowed)
        .select_for_update()
        .values("id", "status", "reason_code", "reason", "advice", "local", "next_try_at", "blocked_kind", "blocked_id")
    )
    if not before:
        return Changed(None, 0, total)
    ids = [row["id"] for row in before]
    Entry.objects.filter(pk__in=ids).update(
        status=to,
        reason_code="skipped" if to is Status.SKIPPED else "",
        reason=reason.strip() if to is Status.SKIPPED else "",
        advice="",
        local=False,
        touched=False,
        next_try_at=None,
        blocked_id=None,
        blocked_kind="",
        acted_by=actor,
        updated_at=now,
    )
    change = StatusChange.objects.create(
        organisation=organisation,
        actor=actor,
        at=now,
        to_status=to,
        reason=reason.strip(),
        before=[{key: _plain(value) for key, value in row.items()} for row in before],
    )
    _tell(organisation, actor, Action.STATUS_CHANGED, change)
    return Changed(change, len(ids), total - len(ids))


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
    ids = [row["id"] for row in change.before]
    still = set(
        Entry.objects.select_for_update()
        .filter(pk__in=ids, status=change.to_status, acted_by=change.actor, updated_at=change.at)
        .values_list("pk", flat=True)
    )
    rows = [row for row in change.before if row["id"] in still]
    _restore(rows, now)
    change.undone_at, change.undone_by = now, actor
    change.save(update_fields=["undone_at", "undone_by"])
    _tell(change.organisation, actor, Action.STATUS_CHANGE_UNDONE, change)
    return Changed(change, len(rows), len(ids) - len(rows))


def _restore(rows: list[dict[str, Any]], now: datetime) -> None:
    if not rows:
        return
    columns = ("id", "status", "reason_code", "reason", "advice", "local", "next_try_at", "blocked_kind", "blocked_id")
    with database.cursor() as cursor:
        cursor.execute(
            """update sync_entry e
                  set status = v.status, reason_code = v.reason_code, reason = v.reason, advice = v.advice,
                      local = v.local, next_try_at = v.next_try_at, blocked_kind = v.blocked_kind,
                      blocked_id = v.blocked_id, acted_by = '', updated_at = %s
                 from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bool[],
                             %s::timestamptz[], %s::text[], %s::uuid[])
                      as v(id, status, reason_code, reason, advice, local, next_try_at, blocked_kind, blocked_id)
                where e.id = v.id""",
            [now, *[[row[column] for row in rows] for column in columns]],
        )


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _tell(organisation: Organisation, actor: str, action: Action, change: StatusChange) -> None:
    Event.objects.create(
        organisation=organisation,
        actor=actor,
        action=action,
        label=f"{len(change.before)} to {Status(change.to_status).label}",
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
