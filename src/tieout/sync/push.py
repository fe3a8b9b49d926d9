"""Sending writes: intent, send, outcome; a few calls in flight, nothing ever sent twice.

In: planned writes of one kind. Out: entries that are final, or uncertain, or failed with a time for the next try.
Always, for each batch, in this order, with a commit between:

    intent    claim the entries by a conditional UPDATE; store key, exact bytes and their hash
    send      outside any transaction; the same bytes and key may go again for 5 minutes (Xero keeps a key for 6)
    outcome   one transaction: entries, bindings, last-seen views, attempts, findings, released blockers

A worker that dies between two steps leaves a stored intent. Whoever next holds the organisation's lock sends the same
bytes with the same key again, or, once the key is too old, lets the records be looked up. One thread claims, one
plans (`planning`), one stores outcomes (`scribe`); the others just carry requests. What was sent has landed and is
stored when `land` returns, so that whatever is planned next sees it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice, takewhile
from urllib.parse import parse_qsl

from django.db import connection as database
from django.db import transaction

from tieout.core import store
from tieout.kinds.kind import JSON, AnyKind
from tieout.kinds.registry import KINDS
from tieout.sync import bulk, intent, outcome
from tieout.sync.access import Access, NotConnected
from tieout.sync.batching import Group, groups
from tieout.sync.budget import CallBudget, DaySpent
from tieout.sync.clock import Clock
from tieout.sync.ledger import Ledger
from tieout.sync.life import Event
from tieout.sync.models import Batch, Run, Status
from tieout.sync.outcome import Judged
from tieout.sync.planning import Planned
from tieout.sync.scribe import Scribe
from tieout.xero.client import Answer, Limits, Xero
from tieout.xero.errors import (
    AccessLost,
    AnswerLost,
    Malformed,
    NotFound,
    NotSent,
    Refusal,
    TokenExpired,
    TooManyCalls,
    Unavailable,
    XeroError,
)

WIDTH = 4  # Xero allows 5 at once; one is left for a person at the console
TOGETHER = 2  # so many must be free before more are sent: what goes together is claimed in one transaction
LEASE = timedelta(seconds=60)
KEY_GOOD_FOR = timedelta(minutes=5)
MOST_SENDS = 3
BACK_OFF = (1.0, 5.0)

Checkpoint = Callable[[str], None]


class XeroDown(Exception):
    """Xero does not answer; the run stops here, and what is due stays due."""


@dataclass(slots=True)
class Flight:
    """A batch in the air. `group` is None for one that a dead worker left. `maybe_done`: an earlier sending got no
    answer, so that even a later "certainly not done" leaves it open."""

    batch: Batch
    group: Group | None = None
    maybe_done: bool = False


@dataclass(slots=True)
class Push:
    """The push phase of one run. `checkpoint` hears the name of each point that a write passes."""

    ledger: Ledger
    run: Run | None
    xero: Xero
    access: Access
    budget: CallBudget
    clock: Clock
    checkpoint: Checkpoint = lambda point: None
    progress: Callable[[int], None] = lambda records: None
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(WIDTH, "xero"))
    _air: dict[Future[Judged | XeroError], Flight] = field(default_factory=dict)
    _queue: deque[Group] = field(default_factory=deque)
    _scribe: Scribe[Judged, int] = field(init=False)
    _stop: Exception | None = None
    _silent: int = 0

    def __post_init__(self) -> None:
        self._scribe = Scribe(self._store)

    def close(self) -> None:
        self._pool.shutdown()
        self._scribe.close()

    # -- what goes ---------------------------------------------------------------------------------------------------

    def push(self, kind: AnyKind, planned: Sequence[Planned]) -> None:
        """Send these and bring every one to an end. Raises DaySpent, NotConnected or XeroDown once all have landed."""
        self.send(kind, planned)
        self.land()

    def send(self, kind: AnyKind, planned: Sequence[Planned]) -> None:
        """Send these; the last of them are still in the air afterwards. Raises as `push` does, once all have landed."""
        self._queue.extend(groups(kind, planned))
        while self._may_send():
            self._go_on()
        if self._stop:
            self.land()

    def resume(self, batches: Sequence[Batch]) -> None:
        """Send again what a dead worker left in the air: the same bytes, the same key."""
        for batch in batches:
            if self._stop is None:
                self._send(Flight(batch, maybe_done=True))
            if len(self._air) >= WIDTH:
                self._land_one()
        self.land()

    def land(self) -> None:
        """Bring to an end what was sent. Raises DaySpent, NotConnected or XeroDown where it had to stop."""
        while self._air or self._may_send():  # what was refused as a whole goes again in halves
            self._go_on()
        self._tell_stored(all_of_it=True)
        if self._stop:
            self._leave()
            stop, self._stop = self._stop, None
            raise stop

    def _may_send(self) -> bool:
        return bool(self._queue) and self._stop is None

    def _go_on(self) -> None:
        """Send what is next where there is room for it; else bring a call to its end."""
        if self._may_send() and len(self._air) <= WIDTH - TOGETHER:
            self._take_off()
        else:
            self._land_one()

    def _leave(self) -> None:
        """What is not sent any more is left as it was planned, for the next run."""
        for group in self._queue:
            intent.leave(group.planned, group.action)
        self._queue.clear()

    # -- intent ------------------------------------------------------------------------------------------------------

    def _take_off(self) -> None:
        """Send what is next, as many at once as there is room for."""
        first = self._queue[0]
        together = list(islice(takewhile(first.same_resource, self._queue), WIDTH - len(self._air)))
        permitted = self._permitted(first.kind, first.route.path, len(together))
        together = [self._queue.popleft() for _ in together[:permitted]]
        self.checkpoint("before intent")
        for group, batch in self._intend(together):
            self.checkpoint("intent committed")
            self._launch(Flight(batch, group))

    def _intend(self, together: list[Group]) -> list[tuple[Group, Batch]]:
        """Claim the entries and store the batches, in one transaction and one round trip. Where a person skipped some
        meanwhile, it is taken back and made anew without them."""
        while together:
            now = self.clock.now()
            intended = [(group, self._batch(group, now)) for group in together]
            with transaction.atomic():
                with bulk.together():
                    claim = intent.claim([(batch, group.planned) for group, batch in intended], now, LEASE)
                    for _, batch in intended:
                        intent.store(batch)
                claimed = {entry_id for (entry_id,) in claim.fetchall()}
                if len(claimed) == sum(len(group.planned) for group in together):
                    return intended
                transaction.set_rollback(True)
            for group in together:
                group.planned = [each for each in group.planned if each.entry_id in claimed]
            together = [group for group in together if group.planned]
        return []

    def _batch(self, group: Group, now: datetime) -> Batch:
        body = self._body(group)
        return Batch(
            connection=self.ledger.connection,
            run=self.run,
            kind=group.kind.name,
            action=group.action,
            method=group.route.method,
            path=group.route.path,
            content_type=group.route.content_type,
            idempotency_key=uuid.uuid4(),
            body=body,
            digest=hashlib.sha256(body).hexdigest(),
            elements=len(group.planned),
            manifest=[intent.manifest_line(each) for each in group.planned],
            intended_at=now,
        )

    def _body(self, group: Group) -> bytes:
        """The exact bytes: a file's own, an envelope of elements, or a single one."""
        fragments = [each.write.body for each in group.planned]
        if group.route.content_type != JSON:
            wanted = group.planned[0].key.id
            return store.load_bytes(self.ledger.connection.organisation_id, [wanted]).get(wanted, b"")
        return group.kind.resource_at(group.route.path).body(fragments) if group.route.many else fragments[0]

    # -- send --------------------------------------------------------------------------------------------------------

    def _permitted(self, kind: AnyKind, path: str, calls: int = 1) -> int:
        """For how many of these calls there is a token and room in the budget, waiting for it. With none, the run
        stops, and why is kept."""
        try:
            self.access.ensure()
            return self.budget.acquire(kind.resource_at(path).name, calls, self._see_off)
        except (DaySpent, NotConnected) as trouble:
            self._stop = trouble
        except XeroError as trouble:
            self._stop = XeroDown(str(trouble))
        return 0

    def _send(self, flight: Flight) -> None:
        """Send a batch that was sent before; its intent stands. Waiting for permission may have taken so long that Xero
        has forgotten its key."""
        if not self._permitted(KINDS[flight.batch.kind], flight.batch.path):
            self._not_sent(flight, str(self._stop))
        elif self._key_is_good(flight.batch):
            self._launch(flight)
        else:
            self._not_sent(flight, "Its key grew too old while it waited to be sent again.")

    def _key_is_good(self, batch: Batch) -> bool:
        return self.clock.now() - batch.intended_at < KEY_GOOD_FOR

    def _launch(self, flight: Flight) -> None:
        flight.batch.sends += 1
        self._air[self._pool.submit(self._carry, flight.batch)] = flight

    def _carry(self, batch: Batch) -> Judged | XeroError:
        """In a thread of its own: one request, whose every end is a value. The answer is judged here too, so that the
        thread that writes the database need not wait for it."""
        path, _, asked = batch.path.partition("?")
        query = {**KINDS[batch.kind].resource_at(path).query, "summarizeErrors": "false", **dict(parse_qsl(asked))}
        try:
            self.checkpoint("before send")
            answer = self._call(batch, path, query)
            self.checkpoint("answered")
            return outcome.judge(batch, answer)
        except XeroError as error:
            return error

    def _call(self, batch: Batch, path: str, query: dict[str, str]) -> Answer:
        """What is to be deleted and is not there is as good as deleted: an earlier send of this batch did it."""
        try:
            return self.xero.call(
                batch.method,
                path,
                query=query,
                body=bytes(batch.body) or None,
                content_type=batch.content_type,
                key=str(batch.idempotency_key),
            )
        except NotFound as error:
            if batch.method != "DELETE":
                raise
            return Answer(error.status, b"", Limits(None, None), "", 0.0)

    # -- outcome -----------------------------------------------------------------------------------------------------

    def _see_off(self) -> None:
        """Wait until what is in the air has been answered; it lands afterwards, as always."""
        wait(self._air)

    def _land_one(self) -> None:
        done, _ = wait(self._air, return_when=FIRST_COMPLETED)
        for future in done:
            self._land(self._air.pop(future), future.result())

    def _land(self, flight: Flight, result: Judged | XeroError) -> None:
        match result:
            case Judged():
                self._answered(result)
            case NotSent() | Unavailable():
                self._not_sent(flight, str(result))
                self._fell_silent(str(result))
            case AnswerLost():
                self._again_or_lost(flight, result)
            case TooManyCalls():
                self._wait_and_again(flight, result)
            case TokenExpired() if flight.batch.sends < MOST_SENDS:
                self._refresh_and_again(flight)
            case AccessLost():
                self._not_sent(flight, str(result))
                self._stop = NotConnected(str(result))
            case Malformed() | NotFound():
                self._divide(flight, result)
            case _:
                self._not_sent(flight, str(result))
                self._stop = XeroDown(str(result))

    def _answered(self, judged: Judged) -> None:
        self._silent = 0
        self.budget.observe(judged.answer.limits)
        self.checkpoint("answer in hand")
        self._scribe.hand(judged)
        self._tell_stored()

    def _store(self, judged: Sequence[Judged]) -> int:
        """In the scribe's thread: one transaction. How many records it settled."""
        with transaction.atomic():
            outcome.store(self.ledger, judged, self.clock.now())
            self.checkpoint("outcome written")
        self.checkpoint("outcome committed")
        return sum(len(each.judgements) for each in judged)

    def _tell_stored(self, *, all_of_it: bool = False) -> None:
        for records in self._scribe.done(all_of_it=all_of_it):
            self.progress(records)

    def _again_or_lost(self, flight: Flight, error: AnswerLost) -> None:
        batch = flight.batch
        batch.http_status = error.status
        flight.maybe_done = True
        # the same key gives the same 500 again for six minutes
        if self._key_is_good(batch) and error.status is None and batch.sends < MOST_SENDS and self._stop is None:
            self.clock.sleep(BACK_OFF[min(batch.sends, len(BACK_OFF)) - 1])
            self._send(flight)
        else:
            self._lost(flight, error)

    def _lost(self, flight: Flight, error: AnswerLost) -> None:
        """Xero may have done it: the entries are uncertain until they are looked up."""
        with transaction.atomic():
            self._end(flight.batch, Batch.State.LOST, str(error))
            self._move(
                flight.batch,
                Event.LOST,
                "answer-lost",
                "Sent, but Xero's answer was lost. It is looked up before any other try.",
            )
        self._fell_silent(str(error))

    def _not_sent(self, flight: Flight, why: str) -> None:
        """Certainly not done: a later try, after a while."""
        if flight.maybe_done:
            self._lost(flight, AnswerLost(flight.batch.method, flight.batch.path, why))
            return
        with transaction.atomic():
            self._end(flight.batch, Batch.State.NOT_SENT, why)
            self._move(flight.batch, Event.TROUBLE, "not-sent", why)

    def _fell_silent(self, why: str) -> None:
        self._silent += 1
        if self._silent >= 2:
            self._stop = self._stop or XeroDown(f"{why} The run stopped; what is due goes on at the next one.")

    def _wait_and_again(self, flight: Flight, refusal: TooManyCalls) -> None:
        try:
            self.budget.pause(refusal.problem, refusal.retry_after)
        except DaySpent as spent:
            flight.batch.sends -= 1
            self._not_sent(flight, str(spent))
            self._stop = spent
            return
        flight.batch.sends -= 1  # refused before anything was done
        self._send(flight)

    def _refresh_and_again(self, flight: Flight) -> None:
        try:
            self.access.refresh()
        except (NotConnected, XeroError) as trouble:
            self._not_sent(flight, str(trouble))
            self._stop = trouble if isinstance(trouble, NotConnected) else XeroDown(str(trouble))
            return
        self._send(flight)

    def _divide(self, flight: Flight, refusal: Refusal) -> None:
        """The whole call was refused, perhaps for one element: halve it until that one stands alone."""
        batch, group = flight.batch, flight.group
        if batch.elements == 1:
            with transaction.atomic():
                outcome.store(self.ledger, [outcome.refused(batch, refusal)], self.clock.now())
            self.progress(1)
            return
        with transaction.atomic():
            self._end(batch, Batch.State.ANSWERED, str(refusal))
            self._move(batch, Event.TROUBLE, "malformed", str(refusal), back_to_pending=True)
        if group is not None:
            middle = len(group.planned) // 2
            for half in (group.planned[:middle], group.planned[middle:]):
                self._queue.append(replace(group, planned=half))

    def _end(self, batch: Batch, state: str, message: str) -> None:
        Batch.objects.filter(pk=batch.pk).update(
            state=state,
            message=message,
            sends=batch.sends,
            answered_at=self.clock.now(),
            http_status=batch.http_status,
        )

    def _move(self, batch: Batch, event: Event, code: str, reason: str, *, back_to_pending: bool = False) -> None:
        """Bring a batch's entries to Uncertain, or to Failed with a next try, and keep the attempt."""
        to = Status.UNCERTAIN if event is Event.LOST else Status.PENDING if back_to_pending else Status.FAILED
        with database.cursor() as cursor:
            cursor.execute(
                """with moved as (
                     update sync_entry set status = %(to)s, reason_code = %(code)s, reason = %(reason)s, advice = '',
                            tries = tries + 1, leased_until = null, updated_at = %(now)s,
                            next_try_at = case when %(to)s = 'failed' then %(now)s::timestamptz
                                + least(60 * power(3, least(tries, 6)), 21600) * interval '1 second' end
                      where batch_id = %(batch)s and status = any(%(from)s) returning id, position)
                   insert into sync_attempt (entry_id, position, batch_id, at, action, outcome, code, text)
                   select id, position, %(batch)s, %(now)s, %(action)s, %(to)s, %(code)s, %(reason)s from moved""",
                {
                    "to": str(to),
                    "code": code,
                    "reason": reason,
                    "now": self.clock.now(),
                    "batch": batch.pk,
                    "action": batch.action,
                    "from": ["sending", "uncertain"] if event is Event.LOST or back_to_pending else ["sending"],
                },
            )
