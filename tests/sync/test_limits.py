"""Ten thousand documents under Xero's own limits, with time sped up: no call refused, hardly a call wasted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sync.world import World, world
from tieout.core.importing import import_file
from tieout.embedded.company import IMPORT_ORDER, write_company
from tieout.sync import company_settings
from tieout.sync.budget import CallBudget, DaySpent, Lane
from tieout.sync.models import Budget, Connection, Entry, Run, Status
from tieout.xero.client import Limits

pytestmark = pytest.mark.django_db


def company_of(documents: int, folder: Path) -> World:
    made = world(currencies=("AUD", "USD"), connected=False)
    write_company(folder, documents, today=made.clock.now().date())
    for kind in IMPORT_ORDER:
        import_file(made.organisation, kind, folder / f"{kind}.csv", actor="mere")
    made.connect()
    return made


@pytest.mark.parametrize("documents", [1_000, pytest.param(10_000, marks=pytest.mark.deep)])
def test_many_documents_go_within_the_limits_and_in_few_calls(documents: int, tmp_path: Path) -> None:
    made = company_of(documents, tmp_path)
    run = made.sync()
    assert run.state == Run.State.FINISHED
    journal = made.twin.journal
    assert not [call for call in journal if call.status == 429]
    done = Entry.objects.filter(status=Status.COMPLETED).count()
    assert done > documents
    overhead = 30 / documents  # set-up and the last, half-filled calls weigh more on a small company
    assert len(journal) / done <= max(0.022, 0.02 + overhead)
    elapsed = (journal[-1].at - journal[0].at).total_seconds()
    assert len(journal) / 60 - 1 <= elapsed / 61 + 1, "no faster than sixty a minute"


def test_the_day_spent_stops_the_run_cleanly_and_says_when_it_goes_on(tmp_path: Path) -> None:
    made = company_of(200, tmp_path)
    made.twin.limits.day = made.twin.calls() + 12
    run = made.sync()
    assert run.state == Run.State.STOPPED
    assert "used up" in run.message
    assert run.resume_at is not None
    assert not Entry.objects.filter(status__in=[Status.SENDING, Status.UNCERTAIN, Status.FAILED]).exists()
    assert not [call for call in made.twin.journal if call.status == 429]
    made.twin.limits.day = 5000
    made.clock.advance((run.resume_at - made.clock.now()).total_seconds() + 1)
    assert made.sync().state == Run.State.FINISHED


@pytest.fixture
def budget_of(connected: World) -> Connection:
    return Connection.objects.get(organisation=connected.organisation)


def test_checks_and_history_leave_a_fifth_of_the_day_to_live_changes(connected: World, budget_of: Connection) -> None:
    CallBudget(budget_of, connected.clock, Lane.NOW)
    Budget.objects.filter(connection=budget_of).update(day_remaining=1000, day_started_at=connected.clock.now())
    CallBudget(budget_of, connected.clock, Lane.LIVE).acquire("Invoices")
    with pytest.raises(DaySpent, match="kept for live changes"):
        CallBudget(budget_of, connected.clock, Lane.HISTORY).acquire("Invoices")


def test_sixty_calls_go_at_once_and_the_next_waits_for_the_minute(connected: World, budget_of: Connection) -> None:
    connected.clock.advance(120)
    budget = CallBudget(budget_of, connected.clock, Lane.NOW)
    began = connected.clock.now()
    for _ in range(60):
        budget.acquire("Invoices")
    assert connected.clock.now() == began
    budget.acquire("Invoices")
    assert 60 <= (connected.clock.now() - began).total_seconds() <= 62


def test_two_workers_share_one_budget(connected: World, budget_of: Connection) -> None:
    connected.clock.advance(120)
    began = connected.clock.now()
    workers = [CallBudget(budget_of, connected.clock, Lane.NOW) for _ in range(2)]
    for turn in range(61):
        workers[turn % 2].acquire("Invoices")
    assert (connected.clock.now() - began).total_seconds() >= 60


def test_what_xero_says_is_left_counts_for_more_than_our_own_sum(connected: World, budget_of: Connection) -> None:
    budget = CallBudget(budget_of, connected.clock, Lane.NOW)
    budget.observe(Limits(minute=10, day=3))
    with pytest.raises(DaySpent, match="used up"):
        budget.acquire("Invoices")


def test_a_limit_of_ones_own_holds_though_xero_would_allow_more(connected: World, budget_of: Connection) -> None:
    change(connected, day_limit="50")
    budget_of.refresh_from_db()
    budget = CallBudget(budget_of, connected.clock, Lane.NOW)
    made = 0
    with pytest.raises(DaySpent, match="used up"):
        for left in range(4900, 4000, -1):
            budget.acquire("Invoices")
            budget.observe(Limits(minute=50, day=left))
            made += 1
    assert made <= 50
    change(connected, day_limit="100")
    budget_of.refresh_from_db()
    CallBudget(budget_of, connected.clock, Lane.NOW).acquire("Invoices")
    connected.clock.advance(24 * 3600 + 1)
    fresh = CallBudget(budget_of, connected.clock, Lane.NOW)
    fresh.acquire("Invoices")
    fresh.observe(Limits(minute=59, day=4999))
    assert Budget.objects.get(connection=budget_of).day_remaining in (99, 100)


def test_a_new_day_at_xero_is_noticed_by_its_headers(connected: World, budget_of: Connection) -> None:
    budget = CallBudget(budget_of, connected.clock, Lane.NOW)
    budget.observe(Limits(minute=10, day=100))
    budget.observe(Limits(minute=10, day=4999))
    found = Budget.objects.get(connection=budget_of)
    assert (found.day_remaining, found.day_started_at) == (4999, connected.clock.now())


def change(world: World, **texts: str) -> None:
    company_settings.change(world.connection, texts, actor="ben")


def test_a_429_holds_every_worker_for_as_long_as_xero_says(connected: World, budget_of: Connection) -> None:
    budget = CallBudget(budget_of, connected.clock, Lane.NOW)
    budget.pause("minute", 26)
    began = connected.clock.now()
    CallBudget(budget_of, connected.clock, Lane.NOW).acquire("Invoices")
    assert (connected.clock.now() - began).total_seconds() >= 26
