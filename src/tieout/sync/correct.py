"""Carrying out corrections: their calls, one after the other, by the same intents, keys and outcomes as all others.

In: the corrections of a connection that have not ended. Out: their next calls made, as far as it goes. Always: a call
goes only when the one before it is stored as done; one whose answer was lost is looked up before it goes again; a
refused one stops its correction, and a person decides how it goes on.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from tieout.core.records import RecordKey
from tieout.kinds.kind import Route
from tieout.kinds.registry import KINDS
from tieout.sync import corrections
from tieout.sync.clock import Clock
from tieout.sync.ledger import Ledger
from tieout.sync.life import Event, after
from tieout.sync.models import Correction, Entry, Run, Status
from tieout.sync.plan import Write
from tieout.sync.planning import Planned, shows
from tieout.sync.push import Push
from tieout.sync.steps import Step


class Correct:
    """The corrections of one run. `blind`: kinds of which not everything in Xero was seen."""

    def __init__(self, ledger: Ledger, run: Run, push: Push, clock: Clock, blind: Set[str] = frozenset()) -> None:
        self._ledger, self._run, self._push, self._clock, self._blind = ledger, run, push, clock, blind

    def go(self) -> set[str]:
        """Bring every open correction as far as it goes. Which kinds were sent."""
        sent: set[str] = set()
        for correction in corrections.under_way(self._ledger.connection.pk):
            while step := self._next(correction):
                self._push.push(KINDS[step[1].kind], [self._planned(correction, *step)])
                sent.add(step[1].kind)
                correction.refresh_from_db()
        return sent

    def _next(self, correction: Correction) -> tuple[int, Step] | None:
        """The step to be sent now; None where the correction has ended, waits or was stopped."""
        if correction.state != Correction.State.OPEN:
            return None
        entry = Entry.objects.select_related("batch").get(pk=correction.entry_id)
        step = corrections.next_of(correction)
        now = self._clock.now()
        if step is None or not self._is_due(entry, now):
            return None
        if entry.status == Status.UNCERTAIN:
            if done := corrections.happened(self._ledger, correction, step[1]):
                corrections.found_done(correction, *step, done, now)
                correction.refresh_from_db()
                return self._next(correction)
            if step[1].kind in self._blind:
                return None
            self._back_to_pending(entry, Event.ABSENT)
        elif entry.status == Status.FAILED:
            self._back_to_pending(entry, Event.TRY_DUE)
        return step

    def _is_due(self, entry: Entry, now: datetime) -> bool:
        if entry.status == Status.FAILED:
            return entry.next_try_at is not None and entry.next_try_at <= now
        if entry.status == Status.UNCERTAIN:
            return entry.batch is None or shows(self._run, entry.batch)
        return bool(entry.status == Status.PENDING)

    @staticmethod
    def _back_to_pending(entry: Entry, event: Event) -> None:
        Entry.objects.filter(pk=entry.pk).update(status=after(Status(entry.status), event))

    @staticmethod
    def _planned(correction: Correction, number: int, step: Step) -> Planned:
        entry = correction.entry
        write = Write(
            step.action,
            Route(step.method, step.path, many=step.many),
            step.body.encode(),
            step.fingerprint,
            step.xero_id,
            {name: Decimal(value) for name, value in step.computed.items()},
            {document: Decimal(amount) for document, amount in step.moves.items()},
            step=(correction.pk, number),
        )
        record = UUID(step.record_id) if step.record_id else entry.record_id
        return Planned(entry.pk, RecordKey(step.kind, record), write)
