"""The engine's jobs: a sync that was asked for, syncs by schedule, leases that ran out.

Always: one job at a time per organisation (Procrastinate's lock), and at most one waiting (its queueing lock); a job
is stateless and may run on any worker.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Max, Q
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tieout.core.models import Organisation
from tieout.people.models import Action, Event
from tieout.sync import alerts
from tieout.sync.access import NotConnected
from tieout.sync.budget import Lane
from tieout.sync.clock import SystemClock
from tieout.sync.models import Connection, Entry, Run, Status
from tieout.sync.run import AlreadyRunning, Ports, sync

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
    expire_leases()
    for connection in due_connections():
        _defer(connection.organisation, actor="schedule", trigger="schedule", lane=Lane.LIVE)


def due_connections() -> list[Connection]:
    """Live connections with a failed record to try again, a stopped run to go on with, or an auto-sync due."""
    now = SystemClock().now()
    due: list[Connection] = []
    live = Connection.objects.filter(step=Connection.Step.LIVE).select_related("organisation")
    for connection in live.annotate(last=Max("organisation__runs__id")):
        last = Run.objects.filter(pk=connection.last).first() if connection.last else None
        if (last and last.resume_at and last.resume_at <= now) or Entry.objects.filter(
            organisation=connection.organisation, status=Status.FAILED, next_try_at__lte=now
        ).exists():
            due.append(connection)
        elif connection.auto_sync_minutes and (last is None or last.state != Run.State.RUNNING):
            begun = last_turn(connection, now)
            if begun and (last is None or last.started_at < begun):
                due.append(connection)
    return due


def last_turn(connection: Connection, now: datetime) -> datetime | None:
    """The latest moment at which a sync by schedule should have begun: counted from the start that the settings name,
    else so long ago as the time between two. None before that start."""
    every, start = timedelta(minutes=connection.auto_sync_minutes), connection.auto_sync_from
    if start is None:
        return now - every
    return start + (now - start) // every * every if start <= now else None


def expire_leases() -> int:
    """A record whose worker has not answered for its lease is uncertain: whoever runs next looks it up."""
    now = SystemClock().now()
    return Entry.objects.filter(Q(status=Status.SENDING) & Q(leased_until__lt=now)).update(
        status=Status.UNCERTAIN,
        leased_until=None,
        reason_code="answer-lost",
        reason="The worker stopped before Xero's answer was stored. It is looked up before any other try.",
        updated_at=now,
    )
