"""The engine's jobs: a sync that was asked for, syncs by schedule, leases that ran out.

Always: one job at a time per organisation (Procrastinate's lock), and at most one waiting (its queueing lock); a job
is stateless and may run on any worker.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Max, Q, QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tieout.core.models import Organisation
from tieout.people.models import Action, Event
from tieout.sync import alerts
from tieout.sync.access import NotConnected
from tieout.sync.budget import Lane
from tieout.sync.clock import DatabaseClock
from tieout.sync.models import Connection, Entry, Run, Status
from tieout.sync.planning import SETTLED
from tieout.sync.run import AGAIN_IN, AlreadyRunning, Ports, is_running, sync

log = structlog.get_logger(__name__)


@app.task(name="tieout.sync", queue="sync")
def run_sync(organisation_id: str, actor: str, trigger: str, lane: str) -> None:
    """One run of one organisation."""
    organisation = Organisation.objects.get(pk=UUID(organisation_id))
    try:
        run = sync(organisation, actor=actor, trigger=trigger, lane=Lane(lane), ports=Ports())
    except (NotConnected, AlreadyRunning) as reason:
        log.info("sync not begun", organisation=organisation.slug, reason=str(reason))
    else:
        alerts.tell(run)
        log.info("sync ended", organisation=organisation.slug, run=run.pk, state=run.state, message=run.message)


def request_sync(organisation: Organisation, actor: str) -> bool:
    """Queue a sync for a person. False where one is waiting already."""
    asked = _defer(organisation, actor=actor, trigger="asked", lane=Lane.NOW)
    if asked:
        Event.objects.create(
            organisation=organisation, actor=actor, action=Action.SYNC_REQUESTED, label=organisation.name
        )
    return asked


def _defer(organisation: Organisation, *, actor: str, trigger: str, lane: Lane) -> bool:
    job = run_sync.configure(lock=f"sync-{organisation.pk}", queueing_lock=f"sync-{organisation.pk}")
    try:
        job.defer(organisation_id=str(organisation.pk), actor=actor, trigger=trigger, lane=str(lane))
    except AlreadyEnqueued:
        return False
    return True


@app.periodic(cron="* * * * *")
@app.task(name="tieout.schedule", queue="sync", queueing_lock="schedule", pass_context=False)
def schedule(timestamp: int) -> None:
    """Every minute: queue the organisations whose next sync is due, and let go of leases that ran out."""
    now = DatabaseClock().now()
    expire_leases(now)
    for connection in due_connections(now):
        _defer(connection.organisation, actor="schedule", trigger="schedule", lane=Lane.LIVE)


def due_connections(now: datetime) -> list[Connection]:
    """Live connections with a failed record to try again, a lost answer to look up, a stopped run to go on with, or an
    auto-sync due."""
    live = Connection.objects.filter(step=Connection.Step.LIVE).select_related("organisation")
    last = Run.objects.in_bulk(list(live.annotate(last=Max("organisation__runs__id")).values_list("last", flat=True)))
    last_of = {run.organisation_id: run for run in last.values()}
    return [each for each in live if _is_due(each, last_of.get(each.organisation_id), now)]


def _is_due(connection: Connection, last: Run | None, now: datetime) -> bool:
    if is_running(connection.organisation):
        return False
    if last and (last.state == Run.State.RUNNING or (last.resume_at and last.resume_at <= now)):
        return True  # it died in the middle, or stopped until now
    entries = Entry.objects.filter(organisation=connection.organisation)
    if entries.filter(status=Status.FAILED, next_try_at__lte=now).exists() or _to_be_looked_up(entries, last, now):
        return True
    begun = last_turn(connection, now) if connection.auto_sync_minutes else None
    return begun is not None and (last is None or last.started_at < begun)


def _to_be_looked_up(entries: QuerySet[Entry], last: Run | None, now: datetime) -> bool:
    """Whether there is an answer to look up that the last run could not; what it could not find out waits a while."""
    lost = entries.filter(status=Status.UNCERTAIN)
    settled = lost.filter(Q(batch__http_status__isnull=False) | Q(batch__intended_at__lte=now - SETTLED))
    if last and last.started_at > now - AGAIN_IN:
        settled = settled.filter(batch__intended_at__gt=last.started_at - SETTLED)
    return settled.exists()


def last_turn(connection: Connection, now: datetime) -> datetime | None:
    """The latest moment at which a sync by schedule should have begun: counted from the start that the settings name,
    else so long ago as the time between two. None before that start."""
    every, start = timedelta(minutes=connection.auto_sync_minutes), connection.auto_sync_from
    if start is None:
        return now - every
    return start + (now - start) // every * every if start <= now else None


def expire_leases(now: datetime) -> int:
    """A record whose worker has not answered for its lease is uncertain: whoever runs next looks it up."""
    return Entry.objects.filter(Q(status=Status.SENDING) & Q(leased_until__lt=now)).update(
        status=Status.UNCERTAIN,
        leased_until=None,
        reason_code="answer-lost",
        reason="The worker stopped before Xero's answer was stored. It is looked up before any other try.",
        updated_at=now,
    )
