"""Which organisations the schedule takes up, minute by minute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sync.small_company import assert_once_and_final, small_company
from tests.sync.world import World
from tieout.sync import tasks
from tieout.sync.models import Connection, Entry, Run, Status
from tieout.sync.run import alone, is_running
from tieout.sync.tasks import due_connections, expire_leases

pytestmark = pytest.mark.django_db


def is_due(world: World) -> bool:
    now = world.clock.now()
    expire_leases(now)
    return [each.organisation for each in due_connections(now)] == [world.organisation]


def test_nothing_is_due_where_all_is_well_and_no_schedule_is_set(connected: World) -> None:
    small_company(connected.organisation)
    connected.sync()
    connected.clock.advance(86_400)
    assert not is_due(connected)


def test_a_failed_record_is_taken_up_when_its_time_has_come(connected: World) -> None:
    small_company(connected.organisation)
    connected.twin.faults.add("503", method="PUT", path="Payments")
    connected.sync()
    assert not is_due(connected)
    connected.clock.advance(120)
    assert is_due(connected)


def test_a_lost_answer_is_looked_up_though_nobody_asks(connected: World) -> None:
    small_company(connected.organisation)
    connected.twin.faults.add("drop_after", method="PUT", path="Payments", times=3)
    connected.sync()
    connected.twin.faults.clear()
    assert not is_due(connected), "it may still be under way at Xero"
    connected.clock.advance(8 * 60)
    assert is_due(connected)
    connected.sync()
    assert_once_and_final(connected)
    assert not is_due(connected)


def test_what_could_not_be_found_out_is_not_asked_again_every_minute(connected: World) -> None:
    small_company(connected.organisation)
    connected.twin.faults.add("drop_after", method="PUT", path="Payments", times=3)
    connected.sync()
    connected.clock.advance(8 * 60)
    connected.sync()
    Entry.objects.filter(kind="payment").update(status=Status.UNCERTAIN)  # as if its list could not be read whole
    assert not is_due(connected)
    connected.clock.advance(16 * 60)
    assert is_due(connected)


@pytest.mark.parametrize("status", [Status.SENDING, Status.PENDING])
def test_a_run_that_died_is_gone_on_with_at_once(connected: World, status: Status) -> None:
    small_company(connected.organisation)
    connected.sync()
    Run.objects.update(state=Run.State.RUNNING, finished_at=None)  # its worker was killed
    Entry.objects.filter(kind="payment").update(status=status, leased_until=connected.clock.now())
    connected.clock.advance(60)
    assert is_due(connected)
    connected.sync()
    assert not Run.objects.filter(state=Run.State.RUNNING).exists()
    died = Run.objects.order_by("id").first()
    assert died is not None
    assert "Its worker stopped in the middle" in died.message
    assert not is_due(connected)


def test_a_run_that_is_alive_is_left_alone(connected: World) -> None:
    connected.sync()
    Connection.objects.update(auto_sync_minutes=5)
    connected.clock.advance(600)
    assert is_due(connected)
    with alone(connected.organisation):
        assert is_running(connected.organisation)
        assert not is_due(connected)
    assert not is_running(connected.organisation)


def test_a_stopped_run_goes_on_when_it_said_it_would(connected: World) -> None:
    connected.sync()
    Run.objects.update(state=Run.State.STOPPED, resume_at=connected.clock.now() + timedelta(minutes=15))
    assert not is_due(connected)
    connected.clock.advance(15 * 60)
    assert is_due(connected)


def test_the_schedule_of_a_connection_that_is_not_live_rests(connected: World) -> None:
    Connection.objects.update(auto_sync_minutes=5, step=Connection.Step.RECONNECT)
    connected.clock.advance(600)
    assert due_connections(connected.clock.now()) == []


def test_leases_that_still_run_are_left_alone(connected: World) -> None:
    small_company(connected.organisation)
    connected.sync()
    soon = connected.clock.now() + timedelta(seconds=30)
    Entry.objects.filter(kind="payment").update(status=Status.SENDING, leased_until=soon)
    assert tasks.expire_leases(connected.clock.now()) == 0
