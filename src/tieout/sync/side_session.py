"""A thread with a database session of its own, for work that goes on beside its caller's.

In: pieces of work. Out: a future for each. Always: one at a time, in the order in which they came. Inside a transaction
of the caller the work is done at once instead, in the caller's session: another session would not see what the caller
has not committed. A worker that is killed takes all of its sessions with it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from django.db import connection as database

Result = TypeVar("Result")


class SideSession:
    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, name)

    def begin(self, work: Callable[[], Result]) -> Future[Result]:
        if not database.in_atomic_block:
            return self._thread.submit(work)
        done: Future[Result] = Future()
        done.set_result(work())
        return done

    def close(self) -> None:
        """End the session, after what is under way."""
        self._thread.submit(lambda: database.close())  # noqa: PLW0108 - the session of that thread
        self._thread.shutdown()
