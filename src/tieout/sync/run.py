"""One pass over an organisation: recover, pull, plan, push, verify.

In: an organisation with a live connection, a clock, a transport. Out: a `Run` that tells how it ended. Always: one run
at a time per organisation, held by a lock of the database session, so that a worker that dies lets go at once; a run
that must stop (day spent, Xero down, access lost) stops cleanly, says why and when it goes on.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx2
from django.conf import settings
from django.db import connection as database

from tieout.core.models import Organisation
from tieout.kinds.registry import KINDS, by_rank
from tieout.sync import incoming, outbox
from tieout.sync.access import Access, NotConnected
from tieout.sync.budget import CallBudget, DaySpent, Lane, count
from tieout.sync.clock import Clock, DatabaseClock
from tieout.sync.consolidation.gathering import Gathering
from tieout.sync.consolidation.mending import touch_gathering
from tieout.sync.correct import Correct
from tieout.sync.ledger import Ledger, digest
from tieout.sync.lookup import bind_lost
from tieout.sync.models import Batch, Connection, Entry, Run, Status
from tieout.sync.plan import BY_SETTINGS, HELD
from tieout.sync.planning import Planning
from tieout.sync.pull import Pull, Reader
from tieout.sync.push import KEY_GOOD_FOR, Checkpoint, Push, XeroDown
from tieout.sync.side_session import SideSession
from tieout.xero.client import Xero, http_client
from tieout.xero.errors import XeroError
from tieout.xero.sign_in import App, SignIn

Progress = Callable[[str, int, int], None]
AGAIN_IN = timedelta(minutes=15)
TOLD_EVERY = 0.25  # seconds between two tellings of the progress


class AlreadyRunning(Exception):
    """Another run of the same organisation is under way."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(f"A sync of {organisation} is running already. Its progress shows in Sync History.")


@dataclass(slots=True)
class Ports:
    """Everything outside: the clock, the network, and who listens. Tests put the twin and a manual clock here."""

    clock: Clock = field(default_factory=DatabaseClock)
    transport: httpx2.BaseTransport | None = None
    progress: Progress = lambda phase, done, total: None
    checkpoint: Checkpoint = lambda point: None


def app() -> App:
    """The app registered with Xero, from the settings."""
    known = settings.TIEOUT_XERO
    return App(
        client_id=known.client_id,
        client_secret=known.client_secret,
        api_url=known.api_url,
        login_url=known.login_url,
        identity_url=known.identity_url,
    )


def live_connection(organisation: Organisation) -> Connection:
    """The organisation's connection, ready to be used. Raises NotConnected with what to do."""
    connection = (
        Connection.objects.select_related("organisation", "grant")
        .filter(organisation=organisation)
        .exclude(step=Connection.Step.DISCONNECTED)
        .first()
    )
    if connection is None:
        raise NotConnected(f"{organisation} is not connected to Xero. Connect it first.")
    if connection.step == Connection.Step.RECONNECT:
        raise NotConnected(f"The access of {organisation} to Xero has ended. Reconnect it, then sync again.")
    if connection.step != Connection.Step.LIVE:
        raise NotConnected(f"Connecting {organisation} to Xero is not finished. Go on with the connect wizard.")
    return connection


def sync(
    organisation: Organisation,
    *,
    actor: str = "",
    trigger: str = "asked",
    lane: Lane = Lane.NOW,
    ports: Ports | None = None,
) -> Run:
    """Bring Xero into agreement with Core. Raises NotConnected or AlreadyRunning where it cannot even begin."""
    ports = ports or Ports()
    connection = live_connection(organisation)
    with alone(organisation), http_client(ports.transport) as http:
        _end_the_dead(organisation, ports.clock.now())
        run = Run.objects.create(organisation=organisation, actor=actor, trigger=trigger, started_at=ports.clock.now())
        pass_ = Pass(connection, run, http, ports, lane)
        try:
            pass_.go()
        finally:
            pass_.close()
    return run


def _end_the_dead(organisation: Organisation, now: datetime) -> None:
    """Runs whose worker is gone: nobody else could hold the lock that we hold."""
    Run.objects.filter(organisation=organisation, state=Run.State.RUNNING).update(
        state=Run.State.STOPPED,
        finished_at=now,
        message="Its worker stopped in the middle. The next run recovered what was under way.",
    )


@contextmanager
def alone(organisation: Organisation) -> Iterator[None]:
    """Hold the organisation's lock. The server lets go of it by itself when this session ends, however it ends."""
    number = _lock_of(organisation)
    with database.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning(organisation)
    try:
        yield
    finally:
        with suppress(Exception), database.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [number])


def is_running(organisation: Organisation) -> bool:
    """Whether a run of it is alive, here or on another machine."""
    with database.cursor() as cursor:
        cursor.execute(
            """select exists (select from pg_locks l join pg_database d on d.oid = l.database
                               where d.datname = current_database() and l.locktype = 'advisory' and l.classid = 0
                                 and l.objid = %s and l.objsubid = 1)""",
            [_lock_of(organisation)],
        )
        return bool(cursor.fetchone()[0])


def _lock_of(organisation: Organisation) -> int:
    return zlib.crc32(b"tieout-run" + organisation.pk.bytes)


class Pass:
    """The phases of one run, in order."""

    def __init__(self, connection: Connection, run: Run, http: httpx2.Client, ports: Ports, lane: Lane) -> None:
        self._connection, self._run, self._ports = connection, run, ports
        self._told_at = 0.0
        self._planner = SideSession("planner")
        clock = ports.clock
        sign_in = SignIn(http, app(), clock.now, lambda resource: count(connection, resource, clock.now()))
        access = Access(connection, sign_in, clock)
        self._budget = CallBudget(connection, clock, lane)
        xero = Xero(http, api_url=app().api_url, tenant_id=connection.tenant_id, access_token=access.token)
        self._ledger = Ledger(connection)
        self._pull = Pull(self._ledger, Reader(xero, access, self._budget, clock), clock)
        self._push = Push(
            self._ledger,
            run,
            xero,
            access,
            self._budget,
            clock,
            checkpoint=ports.checkpoint,
            progress=self._advance,
        )

    def close(self) -> None:
        self._planner.close()
        self._push.close()

    def go(self) -> None:
        """Run through, and write down how it ended."""
        try:
            self._phases()
        except DaySpent as spent:
            self._stopped(str(spent), spent.resume_at)
        except NotConnected as lost:
            live = Connection.objects.filter(pk=self._connection.pk, step=Connection.Step.LIVE)
            live.update(step=Connection.Step.RECONNECT)  # not where a person disconnected it meanwhile
            self._stopped(str(lost), None)
        except (XeroDown, XeroError) as down:
            self._stopped(str(down), self._ports.clock.now() + AGAIN_IN)
        except BaseException as defect:
            what = type(defect).__name__
            self._stopped(f"The run broke off ({what}). What was under way is recovered at the next one.", None)
            raise
        else:
            self._finish(Run.State.FINISHED)

    def _phases(self) -> None:
        self._phase("recover", 0)
        resumed = self._recover()
        self._phase("pull", 0)
        self._pull.set_up()
        self._pull.everything()
        bind_lost(self._ledger, self._run, self._pull.blind, self._ports.clock.now())
        if incoming.kinds_taken(self._connection):
            self._phase("take over from Xero", 0)
        incoming.take_over(self._ledger, self._ports.clock.now())
        self._queue()
        corrected = Correct(self._ledger, self._run, self._push, self._ports.clock, self._pull.blind).go()
        sent, freed = self._send_all()
        organisation_id = self._connection.organisation_id
        again = [outbox.touch_local_warnings(organisation_id, code) for code in HELD] if freed else []
        if any(again):
            sent |= self._send_all()[0]  # what a payment or a use of credit held is free now
        if sent := sent | corrected | resumed:
            self._phase("verify", 0)
            for resource in dict.fromkeys(each for name in sorted(sent) for each in KINDS[name].verified_by):
                self._pull.changes(resource)

    def _send_all(self) -> tuple[set[str], bool]:
        """Plan and push every kind, rank by rank. Which kinds with money were sent, and whether anything gave back what
        it held of another document."""
        sent: set[str] = set()
        freed = False
        planning = Planning(self._ledger, self._run, self._ports.clock, self._planner, self._pull.blind)
        gathering = Gathering(self._ledger, self._ports.clock)
        for rank in by_rank():
            gathering.before(rank)
            if sent:
                outbox.renew_statistics("sync_xerorecord")
            for kind in rank:
                self._phase(f"push {kind.plural.lower()}", self._due_of(kind.name))
                for planned in planning.writes(kind, self._push.land):
                    self._push.send(kind, planned)
                    sent |= {kind.name} if planned and kind.has_money else set()
                    freed = freed or any(each.write.moves and each.write.action == "void" for each in planned)
        return sent, freed

    def _recover(self) -> set[str]:
        """What a dead worker, or a run without answers, left behind. The kinds that were sent again."""
        now = self._ports.clock.now()
        organisation = self._connection.organisation
        Entry.objects.filter(organisation=organisation, status=Status.SENDING).update(
            status=Status.UNCERTAIN,
            leased_until=None,
            reason_code="answer-lost",
            reason="The worker stopped before Xero's answer was stored. It is looked up before any other try.",
            updated_at=now,
        )
        left = Batch.objects.filter(connection=self._connection, entries__status=Status.UNCERTAIN).distinct()
        unanswered = left.filter(state__in=[Batch.State.INTENDED, Batch.State.LOST], http_status=None)
        young = unanswered.filter(intended_at__gt=now - KEY_GOOD_FOR)
        again = list(young.select_related("connection__organisation"))
        self._push.resume(again)
        Batch.objects.filter(connection=self._connection, state=Batch.State.INTENDED).update(
            state=Batch.State.LOST, message="The worker stopped before the answer was stored."
        )
        return {batch.kind for batch in again if KINDS[batch.kind].has_money}

    def _queue(self) -> None:
        """Touched records become due, and so do warnings that the changed books may have cured."""
        organisation_id = self._connection.organisation_id
        outbox.take(organisation_id, self._ports.clock.now())
        outbox.take_back_needed(organisation_id)
        now_digest = digest(self._ledger.base_books())
        if now_digest != self._connection.books_digest:
            outbox.touch_local_warnings(organisation_id)
            for code in BY_SETTINGS:
                outbox.take_back_left_out(organisation_id, code)
            touch_gathering(self._connection)
            Connection.objects.filter(pk=self._connection.pk).update(books_digest=now_digest)

    def _due_of(self, kind: str) -> int:
        organisation = self._connection.organisation
        return Entry.objects.filter(organisation=organisation, kind=kind, status=Status.PENDING).count()

    # -- telling -----------------------------------------------------------------------------------------------------

    def _phase(self, phase: str, total: int) -> None:
        self._run.phase, self._run.done, self._run.total = phase, 0, total
        self._tell()

    def _advance(self, records: int) -> None:
        self._run.done += records
        now = time.monotonic()
        if now - self._told_at >= TOLD_EVERY:
            self._told_at = now
            self._tell()

    def _tell(self) -> None:
        self._run.calls = self._budget.calls
        self._run.save(update_fields=["phase", "done", "total", "calls"])
        self._ports.progress(self._run.phase, self._run.done, self._run.total)

    def _stopped(self, message: str, resume_at: datetime | None) -> None:
        self._run.message, self._run.resume_at = message, resume_at
        self._finish(Run.State.STOPPED)

    def _finish(self, state: str) -> None:
        self._run.state, self._run.finished_at = state, self._ports.clock.now()
        self._run.calls = self._budget.calls
        self._run.save()
