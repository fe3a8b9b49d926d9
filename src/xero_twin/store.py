"""A table of records in memory, with indexes, in the order Xero lists them.

In: records with an `id` and an `updated` time (milliseconds). Out: the record by its id, the records of an
index value, and slices of everything in the default order: updated first, then id. No lookup scans; a slice
copies only itself.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar


class Record(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def updated(self) -> int: ...


R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """Records of one kind in one organisation. The caller holds the organisation's lock."""

    def __init__(self, indexes: Mapping[str, Callable[[R], Hashable]] | None = None) -> None:
        self.changes = [0]  # counts what is stored or removed; an organisation's tables share one
        self.changes_here = 0
        self.watch: Callable[[R, bool], None] | None = None  # is told of every stored record, and whether it is new
        self._rows: dict[str, R] = {}
        self._order: list[tuple[int, str]] = []  # updated and id of all records but the newest
        self._new: list[tuple[int, str]] = []  # those of the newest, put in order when someone asks
        self._keys = dict(indexes or {})
        # most keys are unique: one id needs no list
        self._indexes: dict[str, dict[Hashable, list[str] | str]] = {name: {} for name in self._keys}
        self._keyed = [(self._indexes[name], key) for name, key in self._keys.items()]
        self.get: Callable[[str], R | None] = self._rows.get  # by its id

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return iter(list(self._rows.values()))

    def put(self, record: R) -> None:
        """Add a record, or take the place of the one with its id."""
        self.changes[0] += 1
        self.changes_here += 1
        record_id = record.id
        before = self._rows.get(record_id)
        self._rows[record_id] = record
        if before is not None:
            self._leave(before)
        self._new.append((record.updated, record_id))
        for index, key in self._keyed:
            new = key(record)
            if before is not None:
                old = key(before)
                if old == new:
                    continue  # most changes leave the keys alone, and a contact may have a hundred thousand documents
                if old is not None:
                    self._drop(index, old, record_id)
            if new is not None and (held := index.setdefault(new, record_id)) is not record_id:
                self._add(index, new, held, record_id)
        if self.watch is not None:
            self.watch(record, before is None)

    def remove(self, record_id: str) -> None:
        self.changes[0] += 1
        self.changes_here += 1
        record = self._rows.pop(record_id)
        self._leave(record)
        for index, key in self._keyed:
            value = key(record)
            if value is not None:
                self._drop(index, value, record.id)

    def find(self, index: str, value: Hashable) -> list[R]:
        """The records of one index value, oldest entry first."""
        found = self._indexes[index].get(value)
        if found is None:
            return []
        ids = [found] if isinstance(found, str) else found
        return [self._rows[record_id] for record_id in ids]

    def first(self, index: str, value: Hashable) -> R | None:
        found = self._indexes[index].get(value)
        if found is None:
            return None
        return self._rows[found if isinstance(found, str) else found[0]]

    def start(self, since: int | None) -> int:
        """Where the records updated at or after `since` (milliseconds) begin in the default order."""
        return 0 if since is None else bisect_left(self._in_order(), (since, ""))

    def slice(self, begin: int, end: int | None = None) -> list[R]:
        """Records in the default order, from one position to another."""
        return [self._rows[record_id] for _, record_id in self._in_order()[begin:end]]

    def _in_order(self) -> list[tuple[int, str]]:
        """The places of all records; what is new is sorted in with the few that do not come before all of it."""
        if self._new:
            begin = bisect_left(self._order, min(self._new))
            self._order[begin:] = sorted(self._order[begin:] + self._new)
            self._new.clear()
        return self._order

    def _leave(self, record: R) -> None:
        order = self._in_order()
        del order[bisect_left(order, (record.updated, record.id))]

    @staticmethod
    def _add(index: dict[Hashable, list[str] | str], value: Hashable, held: list[str] | str, record_id: str) -> None:
        if isinstance(held, str):
            index[value] = [held, record_id]
        else:
            held.append(record_id)

    @staticmethod
    def _drop(index: dict[Hashable, list[str] | str], value: Hashable, record_id: str) -> None:
        held = index[value]
        if isinstance(held, str):
            del index[value]
            return
        held.remove(record_id)
        if not held:
            del index[value]
