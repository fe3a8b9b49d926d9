"""The budget: several calls are counted at once only where all of them fit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sync.world import World, world
from tieout.sync.budget import KEPT_BACK, LAST_CALLS, CallBudget, DaySpent, Lane
from tieout.sync.models import Budget, CallCount, Connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    made = world()
    Budget.objects.filter(connection=made.connection).delete()
    return made


def budget(made: World, lane: Lane = Lane.NOW, **limits: int) -> CallBudget:
    Connection.objects.filter(pk=made.connection.pk).update(**limits)
    made.connection.refresh_from_db()
    return CallBudget(made.connection, made.clock, lane)


def test_calls_that_fit_are_counted_together(made: World) -> None:
    ours = budget(made, minute_limit=10)
    assert ours.acquire("Bench", 4) == 4
    assert ours.calls == 4
    assert len(Budget.objects.get(connection=made.connection).recent) == 4
    assert CallCount.objects.get(connection=made.connection, resource="Bench").calls == 4


def test_of_calls_that_do_not_all_fit_into_the_minute_one_is_granted(made: World) -> None:
    ours = budget(made, minute_limit=5)
    assert [ours.acquire("Bench", 4), ours.acquire("Bench", 4)] == [4, 1]


def test_a_full_minute_is_waited_for(made: World) -> None:
    ours = budget(made, minute_limit=4)
    ours.acquire("Bench", 4)
    before = made.clock.now()
    ours.acquire("Bench", 1)
    assert made.clock.now() - before > timedelta(seconds=60)


@pytest.mark.parametrize(("lane", "kept"), [(Lane.NOW, LAST_CALLS), (Lane.HISTORY, 100 // KEPT_BACK)])
def test_the_day_is_spent_down_to_what_is_kept_and_no_further(made: World, lane: Lane, kept: int) -> None:
    ours = budget(made, lane, day_limit=100, minute_limit=1000)
    granted = 0
    with pytest.raises(DaySpent):
        while True:
            granted += ours.acquire("Bench", 4)
    assert granted == 100 - kept
    assert Budget.objects.get(connection=made.connection).day_remaining == kept
