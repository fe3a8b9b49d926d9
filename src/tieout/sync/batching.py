"""Which writes go together in one call.

In: planned writes of one kind. Out: groups of one action to one address, in the order in which they must go. Always: no
group is beyond what Xero takes in one call; what frees a number or an amount goes before what needs one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tieout.kinds.kind import AnyKind, Route
from tieout.sync.planning import Planned
from tieout.xero.resources import MAX_BYTES, MAX_ELEMENTS

ORDER = ("void", "update", "create")


@dataclass(slots=True)
class Group:
    """Writes that go in one call."""

    kind: AnyKind
    action: str
    route: Route
    planned: list[Planned]

    def same_resource(self, other: Group) -> bool:
        return self.kind.resource_at(self.route.path) is other.kind.resource_at(other.route.path)


def groups(kind: AnyKind, planned: Sequence[Planned]) -> Iterator[Group]:
    """Writes of one action to one address together, up to 50 elements and 3.5 MB a call."""
    for action in ORDER:
        of_action = [each for each in planned if each.write.action == action]
        by_route: dict[Route, list[Planned]] = {}
        for each in of_action:
            by_route.setdefault(each.write.route, []).append(each)
        for route, together in by_route.items():
            if route.many:
                yield from _batches(Group(kind, action, route, together))
            else:
                yield from (Group(kind, action, route, [each]) for each in together)


def _batches(group: Group) -> Iterator[Group]:
    gathered: list[Planned] = []
    size = 0
    for each in group.planned:
        weight = len(each.write.body) + 1
        if gathered and (len(gathered) >= MAX_ELEMENTS or size + weight > MAX_BYTES):
            yield replace(group, planned=gathered)
            gathered, size = [], 0
        gathered.append(each)
        size += weight
    yield replace(group, planned=gathered)
