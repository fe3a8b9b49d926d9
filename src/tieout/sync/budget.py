"""Xero's call limits, mirrored so that a call is never refused for them.

In: before each call, its resource and lane; after it, what the headers say. Out: permission, after waiting if need be,
or `DaySpent` with the time to go on. Always: the row is locked while a call is counted, so all workers share one
budget; Xero's windows are fixed and begin at a time that it does not tell, so no more than a minute's worth is sent
in *any* minute, which holds wherever the window begins; a fifth of the day is kept back from checks and history.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db import connection as database
from django.db import transaction

from tieout.sync.clock import Clock
from tieout.sync.models import Budget, Connection
from tieout.xero.client import Limits

# A second of slack: what leaves here 60 seconds apart may reach Xero a little closer together.
MINUTE = 61.0
DAY = timedelta(hours=24)
KEPT_BACK = 5  # one part in so many
LAST_CALLS = 3  # never plan on the very last ones: sign-in and clean-up need some


class Lane(StrEnum):
    """Who asks. The last two may not touch what is kept back."""

    NOW = "now"
    LIVE = "live"
    RETRY = "retry"
    CHECK = "check"
    HISTORY = "history"


class DaySpent(Exception):
    """The day's calls are used up (or what is left is kept for other lanes) until `resume_at`."""

    def __init__(self, resume_at: datetime, kept_back: bool) -> None:
        self.resume_at = resume_at
        why = (
            "What is left of Xero's calls today is kept for live changes"
            if kept_back
            else "Xero's calls for today are used up"
        )
        super().__init__(f"{why}. The rest goes on by itself at {resume_at:%H:%M} UTC on {resume_at:%d %b}.")


class CallBudget:
    """The budget of one connection, for one run."""

    def __init__(self, connection: Connection, clock: Clock, lane: Lane) -> None:
        self._connection, self._clock, self.lane = connection, clock, lane
        Budget.objects.get_or_create(connection=connection)
        self.calls = 0

    def acquire(self, resource: str) -> None:
        """Count one call, waiting for the minute if need be. Raises DaySpent."""
        while (wait := self._try(resource)) > 0:
            self._clock.sleep(wait)
        self.calls += 1

    def _try(self, resource: str) -> float:
        """Seconds to wait; 0 where the call was counted."""
        with transaction.atomic():
            budget = Budget.objects.select_for_update().get(connection=self._connection)
            now = self._clock.now()
            if budget.wait_until and budget.wait_until > now:
                return (budget.wait_until - now).total_seconds()
            self._check_day(budget, now)
            stamp = now.timestamp()
            recent = [moment for moment in budget.recent if moment > stamp - MINUTE]
            if len(recent) >= self._connection.minute_limit:
                return max(recent[0] + MINUTE - stamp, 0.01)
            budget.recent = [*recent, stamp]
            if budget.day_remaining is not None:
                budget.day_remaining -= 1
            budget.save()
            count(self._connection, resource, now)
            return 0

    def _check_day(self, budget: Budget, now: datetime) -> None:
        if budget.day_started_at is None or now - budget.day_started_at >= DAY:
            budget.day_started_at, budget.day_remaining = now, self._connection.day_limit
        remaining = budget.day_remaining if budget.day_remaining is not None else self._connection.day_limit
        kept_back = self._connection.day_limit // KEPT_BACK if self.lane in (Lane.CHECK, Lane.HISTORY) else 0
        if remaining <= max(kept_back, LAST_CALLS):
            raise DaySpent(budget.day_started_at + DAY, kept_back=remaining > LAST_CALLS)

    def observe(self, limits: Limits) -> None:
        """Take over what Xero's headers say is left of the day."""
        if limits.day is None:
            return
        budget = Budget.objects.get(connection=self._connection)
        if budget.day_remaining is not None and limits.day > budget.day_remaining + self._connection.minute_limit:
            budget.day_started_at = self._clock.now()  # a new day began at Xero
        budget.day_remaining = limits.day
        budget.save(update_fields=["day_remaining", "day_started_at"])

    def pause(self, problem: str, seconds: float | None) -> None:
        """Xero refused a call for its limits: a defect of ours, or another app of the same tenant. Hold all workers."""
        now = self._clock.now()
        if problem == "day":
            resume_at = now + (timedelta(seconds=seconds) if seconds else DAY)
            Budget.objects.filter(connection=self._connection).update(day_remaining=0, day_started_at=resume_at - DAY)
            raise DaySpent(resume_at, kept_back=False)
        wait = timedelta(seconds=seconds if seconds is not None else 2)
        Budget.objects.filter(connection=self._connection).update(wait_until=now + wait)


def count(connection: Connection, resource: str, now: datetime) -> None:
    """Add one call to the statistics."""
    with database.cursor() as cursor:
        cursor.execute(
            """insert into sync_callcount (connection_id, day, resource, calls) values (%s, %s, %s, 1)
               on conflict (connection_id, day, resource) do update set calls = sync_callcount.calls + 1""",
            [connection.pk, now.astimezone(UTC).date(), resource],
        )
