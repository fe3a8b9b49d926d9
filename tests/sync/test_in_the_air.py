"""Planning while the last calls are in the air: only what stands alone, and with the same result as planned at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database

from tests import factories
from tests.sync.test_limits import company_of
from tests.sync.world import World
from tieout.sync import planning
from tieout.sync.models import Entry, Run, Status

pytestmark = pytest.mark.django_db


def _session() -> int:
    with database.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.fixture
def told(connected: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens in a sync that plans one record at a time: `planned`, `answer in hand`."""
    events: list[str] = []
    judge = planning.Planning._judge

    def judged(*arguments: Any) -> Any:
        events.append("planned")
        return judge(*arguments)

    def passed(point: str) -> None:
        if point == "answer in hand":
            events.append(point)

    monkeypatch.setattr(planning, "CHUNK", 1)
    monkeypatch.setattr(planning.Planning, "_judge", judged)
    connected.ports.checkpoint = passed
    return events


def test_what_stands_alone_is_planned_before_the_last_has_landed(connected: World, told: list[str]) -> None:
    for name in ("Aroha", "Mere"):
        factories.contact(connected.organisation, name=name)
    connected.sync()
    assert told == ["planned", "planned", "answer in hand", "answer in hand"]
    assert connected.statuses() == {"completed": 2}


@pytest.mark.django_db(transaction=True)
def test_the_next_is_planned_in_a_session_of_its_own(
    connected: World, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside a transaction of the caller's, as a worker runs."""
    sessions = set()
    due = planning.Planning._due

    def noted(*arguments: Any) -> Any:
        sessions.add(_session())
        return due(*arguments)

    monkeypatch.setattr(planning.Planning, "_due", noted)
    for name in ("Aroha", "Mere", "Tui"):
        factories.contact(connected.organisation, name=name)
    connected.sync()
    assert len(sessions) == 1
    assert _session() not in sessions
    assert told.count("planned") == told.count("answer in hand") == 3
    assert connected.statuses() == {"completed": 3}


def test_what_moves_a_balance_lands_before_the_next_is_planned(connected: World, told: list[str]) -> None:
    invoice = factories.sale_invoice(connected.organisation, lines=[factories.line("40.00")])
    for _ in range(2):
        factories.payment(invoice, "10.00")
    connected.sync()
    assert told[-4:] == ["planned", "answer in hand", "planned", "answer in hand"]
    assert len(connected.live("Payments")) == 2


@pytest.mark.parametrize("chunk", [1, 1000], ids=["one by one", "at once"])
def test_a_name_in_the_air_is_not_sent_a_second_time(
    connected: World, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(planning, "CHUNK", chunk)
    first, second = (factories.contact(connected.organisation, name="Aroha") for _ in range(2))
    connected.sync()
    assert connected.entry(first).status == Status.COMPLETED
    held = connected.entry(second)
    assert (held.status, held.reason_code) == (Status.WARNING, "contact-name-in-use")
    assert len(connected.documents("Contacts")) == 1


def test_what_is_not_sent_any_more_still_tells_what_it_is(tmp_path: Path) -> None:
    made = company_of(200, tmp_path)
    made.twin.limits.day = made.twin.calls() + 12
    assert made.sync().state == Run.State.STOPPED
    left = Entry.objects.filter(kind="sale_invoice", status=Status.PENDING)
    assert left.exists()
    assert not left.filter(label="").exists()
    assert not left.filter(amount=None).exists()
    assert not left.filter(touched=True).exists()
