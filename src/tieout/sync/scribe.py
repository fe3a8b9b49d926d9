"""Storing outcomes in a database session of its own, while the run goes on claiming and sending.

In: pieces of work, each one transaction. Out: their results, in the order in which they were handed in. Always: one at
a time, in that order; whoever hands in work sees its error when collecting; a few at most are waiting. Inside a
transaction of the caller the work is done at once instead, in the caller's session: another session would not see
what the caller has not committed.

A worker that is killed takes both sessions with it. Should the server still be committing an outcome, it holds the
locks of the entries concerned; recovery begins with an update of just these, and so comes after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from django.db import connection as database

MOST_WAITING = 8

Result = TypeVar("Result")


class Scribe(Generic[Result]):
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "scribe")
        self._under_way: deque[Future[Result]] = deque()

    def hand(self, work: Callable[[], Result]) -> None:
        """Have it done. Waits where too much is waiting already."""
        if database.in_atomic_block:
            done: Future[Result] = Future()
            done.set_result(work())
            self._under_way.append(done)
            return
        if len(self._under_way) >= MOST_WAITING:
            self._under_way[-MOST_WAITING].exception()  # waits for it; who collects it hears of its error
        self._under_way.append(self._thread.submit(work))

    def done(self, *, all_of_it: bool = False) -> Iterator[Result]:
        """The results so far; with `all_of_it`, once everything is done. Raises what the work raised."""
        while self._under_way and (all_of_it or self._under_way[0].done()):
            yield self._under_way.popleft().result()

    def close(self) -> None:
        """End the session, after what is under way."""
        self._thread.submit(lambda: database.close())  # noqa: PLW0108 - the session of that thread
        self._thread.shutdown()
