"""Storing outcomes in a database session of its own, while the run goes on claiming and sending.

In: items, one by one, and how to write several. Out: what the writing gave, in the order in which they were handed in.
Always: one writing at a time, of all that waits by then, each one transaction; whoever hands in items sees the error of
a writing when collecting; a few at most are waiting. Inside a transaction of the caller an item is written at once.

Where a worker is killed and the server is still committing an outcome, it holds the locks of the entries concerned;
recovery begins with an update of just these, and so comes after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from tieout.sync.side_session import SideSession

MOST_WAITING = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


class Scribe(Generic[Item, Result]):
    def __init__(self, write: Callable[[Sequence[Item]], Result]) -> None:
        self._write = write
        self._session = SideSession("scribe")
        self._waiting: deque[Item] = deque()
        self._under_way: deque[Future[Result | None]] = deque()

    def hand(self, item: Item) -> None:
        """Have it written. Waits where too much is waiting already."""
        if len(self._under_way) >= MOST_WAITING:
            self._under_way[-MOST_WAITING].exception()  # waits for it; who collects it hears of its error
        self._waiting.append(item)
        self._under_way.append(self._session.begin(self._turn))

    def _turn(self) -> Result | None:
        """Once for each item: the first turn of several writes them all."""
        items = [self._waiting.popleft() for _ in range(len(self._waiting))]
        return self._write(items) if items else None

    def done(self, *, all_of_it: bool = False) -> Iterator[Result]:
        """The results so far; with `all_of_it`, once everything is done. Raises what the writing raised."""
        while self._under_way and (all_of_it or self._under_way[0].done()):
            if (result := self._under_way.popleft().result()) is not None:
                yield result

    def close(self) -> None:
        """End the session, after what is under way."""
        self._session.close()
