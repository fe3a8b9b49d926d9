"""Xero's call limits, mirrored so that a call is never refused for them.

In: before each call, its resource and lane; after it, what the headers say. Out: permission, after waiting if need be,
or `DaySpent` with the time to go on. Always: the row is locked while a call is counted, so all workers share one
budget; Xero's windows are fixed and begin at a time that it does not tell, so no more than a minute's worth is sent
in *any* minute, which holds wherever the window begins; a fifth of the day is kept back from checks and history.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tieout.sync import bulk
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

    def acquire(self, resource: str, calls: int = 1, before_waiting: Callable[[], None] = lambda: None) -> int:
        """Count so many calls, if the limits allow that many now; else one, waiting for the minute if need be. How many
        were counted. Raises DaySpent. `before_waiting` sees off what was counted and may not have left yet: a call
        that leaves later than it was counted could meet the next minute's at Xero."""
        if calls > 1 and self._granted(resource, calls):
            self.calls += calls
            return calls
        while not self._granted(resource, 1):
            before_waiting()
            self._clock.sleep(self._wait())
        self.calls += 1
        return 1

    def _granted(self, resource: str, calls: int) -> bool:
        """One statement that counts the calls, if every limit allows all of them."""
        now = self._clock.now()
        cursor = bulk.run(
            _GRANT,
            connection=self._connection.pk,
            resource=resource,
            calls=calls,
            now=now,
            stamp=now.timestamp(),
            minute=MINUTE,
            minute_limit=self._connection.minute_limit,
            day=now.astimezone(UTC).date(),
            day_limit=self._connection.day_limit,
            floor=self._floor(),
            day_ago=now - DAY,
        )
        return bool(cursor.fetchall())

    def _floor(self) -> int:
        kept_back = self._connection.day_limit // KEPT_BACK if self.lane in (Lane.CHECK, Lane.HISTORY) else 0
        return max(kept_back, LAST_CALLS)

    def _wait(self) -> float:
        """Why the call was not granted: seconds until it may be. Raises DaySpent."""
        budget = Budget.objects.get(connection=self._connection)
        now = self._clock.now()
        if budget.wait_until and budget.wait_until > now:
            return (budget.wait_until - now).total_seconds()
        if budget.day_started_at and budget.day_remaining is not None and budget.day_remaining <= self._floor():
            raise DaySpent(budget.day_started_at + DAY, kept_back=budget.day_remaining > LAST_CALLS)
        stamp = now.timestamp()
        recent = [moment for moment in budget.recent if moment > stamp - MINUTE]
        return max(min(recent) + MINUTE - stamp, 0.01) if recent else 0.01

    def observe(self, limits: Limits) -> None:
        """Take over what Xero's headers say is left of the day, as far as the settings allow so much."""
        if limits.day is None:
            return
        bulk.run(
            _OBSERVE,
            connection=self._connection.pk,
            said=limits.day,
            day_limit=self._connection.day_limit,
            jump=self._connection.minute_limit,
            now=self._clock.now(),
        )

    def pause(self, problem: str, seconds: float | None) -> None:
        """Xero refused a call for its limits: a defect of ours, or another app of the same tenant. Hold all workers."""
        now = self._clock.now()
        if problem == "day":
            resume_at = now + (timedelta(seconds=seconds) if seconds else DAY)
            Budget.objects.filter(connection=self._connection).update(day_remaining=0, day_started_at=resume_at - DAY)
            raise DaySpent(resume_at, kept_back=False)
        wait = timedelta(seconds=seconds if seconds is not None else 2)
        Budget.objects.filter(connection=self._connection).update(wait_until=now + wait)


def change_limit(connection: Connection, old: int, new: int) -> None:
    """Another limit of the day holds for the rest of this one."""
    bulk.run(_CHANGE_LIMIT, connection=connection.pk, more=new - old)


def count(connection: Connection, resource: str, now: datetime) -> None:
    """Add one call outside the tenant's limits (sign-in) to the statistics."""
    bulk.run(_COUNT, connection=connection.pk, day=now.astimezone(UTC).date(), resource=resource)


# None of these waits for the disk: a machine that crashes may forget its last calls, and the minute's slack and Xero's
# own headers cover that.
_COUNT = """
    insert into sync_callcount (connection_id, day, resource, calls)
    values (%(connection)s, %(day)s, %(resource)s, 1)
    on conflict (connection_id, day, resource) do update set calls = sync_callcount.calls + 1"""
_GRANT = f"""
    with {bulk.NO_FLUSH},
    granted as (
        update sync_budget b
           set recent = array(select moment from unnest(b.recent) as moment
                               where moment > %(stamp)s::float8 - %(minute)s::float8)
                        || array_fill(%(stamp)s::float8, array[%(calls)s::int]),
               day_remaining = case when b.day_started_at > %(day_ago)s then coalesce(b.day_remaining, %(day_limit)s)
                                    else %(day_limit)s end - %(calls)s,
               day_started_at = case when b.day_started_at > %(day_ago)s then b.day_started_at else %(now)s end
          from no_flush
         where b.connection_id = %(connection)s and no_flush.done is not null
           and (b.wait_until is null or b.wait_until <= %(now)s)
           and (coalesce(b.day_started_at <= %(day_ago)s, true) or b.day_remaining is null
                or b.day_remaining - %(calls)s >= %(floor)s)
           and (select count(*) from unnest(b.recent) as moment
                 where moment > %(stamp)s::float8 - %(minute)s::float8) + %(calls)s <= %(minute_limit)s
        returning b.id),
    counted as (
        insert into sync_callcount (connection_id, day, resource, calls)
        select %(connection)s, %(day)s, %(resource)s, %(calls)s from granted
        on conflict (connection_id, day, resource) do update set calls = sync_callcount.calls + %(calls)s)
    select id from granted"""  # noqa: S608 - text of this module
_CHANGE_LIMIT = """
    update sync_budget set day_remaining = greatest(0, least(day_remaining + %(more)s, day_seen))
     where connection_id = %(connection)s and day_remaining is not null"""
_OBSERVE = f"""
    with {bulk.NO_FLUSH}
    update sync_budget b
       set day_started_at = case when %(said)s > b.day_seen + %(jump)s then %(now)s
                                 else b.day_started_at end,  -- a new day began at Xero
           day_remaining = least(%(said)s, case when %(said)s > b.day_seen + %(jump)s then %(day_limit)s
                                                else coalesce(b.day_remaining, %(day_limit)s) end),
           day_seen = %(said)s
      from no_flush where b.connection_id = %(connection)s and no_flush.done is not null"""  # noqa: S608
