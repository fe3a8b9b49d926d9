"""The scribe: items in order, all that wait in one writing, errors to whoever collects, at once inside a transaction of
the caller."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction

from tieout.sync.scribe import MOST_WAITING, Scribe

Work = Callable[[], Any]


def do(works: Sequence[Work]) -> list[Any]:
    """The writing of these tests: what each item gives."""
    return [work() for work in works]


@pytest.fixture
def scribe() -> Iterator[Scribe[Work, list[Any]]]:
    made = Scribe(do)
    yield made
    made.close()


def session() -> int:
    with database.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_it_works_in_a_session_of_its_own(scribe: Scribe[Work, list[Any]]) -> None:
    scribe.hand(session)
    ((its_own,),) = scribe.done(all_of_it=True)
    assert its_own != session()


@pytest.mark.django_db(transaction=True)
def test_its_session_ends_with_it() -> None:
    scribe = Scribe(do)
    scribe.hand(session)
    ((its_own,),) = scribe.done(all_of_it=True)
    scribe.close()
    with database.cursor() as cursor:
        for _ in range(3000):
            cursor.execute("select pg_sleep(0.01), count(*) from pg_stat_activity where pid = %s", [its_own])
            if cursor.fetchone()[1] == 0:
                return
    raise AssertionError("its session is still there")


@pytest.mark.django_db(transaction=True)
def test_results_come_in_the_order_of_the_items_and_more_than_the_most_waiting_is_no_trouble(
    scribe: Scribe[Work, list[Any]],
) -> None:
    for number in range(5 * MOST_WAITING):
        scribe.hand(partial(int, number))
    written = [each for together in scribe.done(all_of_it=True) for each in together]
    assert written == list(range(5 * MOST_WAITING))


@pytest.mark.django_db(transaction=True)
def test_all_that_waits_is_written_at_once(scribe: Scribe[Work, list[Any]]) -> None:
    gate = threading.Event()
    for work in (lambda: gate.wait(10), lambda: 1, lambda: 2, lambda: 3):
        scribe.hand(work)
        while scribe._waiting and len(scribe._under_way) == 1:
            """Until the first one is being written."""
    gate.set()
    assert list(scribe.done(all_of_it=True)) == [[True], [1, 2, 3]]


@pytest.mark.django_db(transaction=True)
def test_what_is_not_done_yet_is_not_waited_for_unless_asked(scribe: Scribe[Work, list[Any]]) -> None:
    gate = threading.Event()
    scribe.hand(lambda: gate.wait(10))
    assert list(scribe.done()) == []
    gate.set()
    assert list(scribe.done(all_of_it=True)) == [[True]]


@pytest.mark.django_db(transaction=True)
def test_an_error_reaches_whoever_collects_and_later_items_are_still_written(
    scribe: Scribe[Work, list[Any]],
) -> None:
    def breaks() -> object:
        raise ValueError("no room")

    scribe.hand(breaks)
    with pytest.raises(ValueError, match="no room"):
        list(scribe.done(all_of_it=True))
    scribe.hand(lambda: 3)
    assert list(scribe.done(all_of_it=True)) == [[3]]


@pytest.mark.django_db
def test_inside_a_transaction_of_the_caller_it_works_in_the_callers_session(
    scribe: Scribe[Work, list[Any]],
) -> None:
    with transaction.atomic():
        scribe.hand(session)
    assert list(scribe.done()) == [[session()]]
