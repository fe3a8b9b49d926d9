"""The scribe: work in order, errors to whoever collects, at once inside a transaction of the caller."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connection as database
from django.db import transaction

from tieout.sync.scribe import MOST_WAITING, Scribe


@pytest.fixture
def scribe() -> Iterator[Scribe[object]]:
    made: Scribe[object] = Scribe()
    yield made
    made.close()


def session() -> int:
    with database.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_it_works_in_a_session_of_its_own(scribe: Scribe[object]) -> None:
    scribe.hand(session)
    (its_own,) = scribe.done(all_of_it=True)
    assert its_own != session()


@pytest.mark.django_db(transaction=True)
def test_its_session_ends_with_it() -> None:
    scribe: Scribe[object] = Scribe()
    scribe.hand(session)
    (its_own,) = scribe.done(all_of_it=True)
    scribe.close()
    with database.cursor() as cursor:
        for _ in range(3000):
            cursor.execute("select pg_sleep(0.01), count(*) from pg_stat_activity where pid = %s", [its_own])
            if cursor.fetchone()[1] == 0:
                return
    raise AssertionError("its session is still there")


@pytest.mark.django_db(transaction=True)
def test_results_come_in_the_order_of_the_work_and_more_than_the_most_waiting_is_no_trouble(
    scribe: Scribe[object],
) -> None:
    for number in range(5 * MOST_WAITING):
        scribe.hand(lambda number=number: number)
    assert list(scribe.done(all_of_it=True)) == list(range(5 * MOST_WAITING))


@pytest.mark.django_db(transaction=True)
def test_what_is_not_done_yet_is_not_waited_for_unless_asked(scribe: Scribe[object]) -> None:
    gate = threading.Event()
    scribe.hand(lambda: gate.wait(10))
    assert list(scribe.done()) == []
    gate.set()
    assert list(scribe.done(all_of_it=True)) == [True]


@pytest.mark.django_db(transaction=True)
def test_an_error_reaches_whoever_collects_and_later_work_is_still_done(scribe: Scribe[object]) -> None:
    def breaks() -> object:
        raise ValueError("no room")

    scribe.hand(lambda: 1)
    scribe.hand(breaks)
    scribe.hand(lambda: 3)
    collected = scribe.done(all_of_it=True)
    assert next(collected) == 1
    with pytest.raises(ValueError, match="no room"):
        next(collected)
    assert list(scribe.done(all_of_it=True)) == [3]


@pytest.mark.django_db
def test_inside_a_transaction_of_the_caller_it_works_in_the_callers_session(scribe: Scribe[object]) -> None:
    with transaction.atomic():
        scribe.hand(session)
    assert list(scribe.done()) == [session()]
