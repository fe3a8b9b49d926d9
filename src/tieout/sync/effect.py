"""The effect of other settings or mappings on what is open: who goes, who is held, who changes.

In: a connection as it is, and books as they would be. Out: counts with examples, and the entries that would be freed.
Always: reads only; both sides are planned by the same pure planner over the same records, so that what differs comes
from the change alone; at most `MOST` records are looked at, and what was not is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from tieout.kinds.books import Books
from tieout.kinds.comparison import differences
from tieout.kinds.kind import AnyKind
from tieout.kinds.registry import by_rank
from tieout.sync.clock import Clock
from tieout.sync.ledger import Ledger
from tieout.sync.models import Connection
from tieout.sync.preview import Line, Preview

MOST = 10_000
EXAMPLES = 5
FIELDS = 3  # named of a content that differs


@dataclass(frozen=True, slots=True)
class Example:
    """One record whose fate changes. `was` and `becomes` in words."""

    kind: str
    entry_id: int
    label: str
    was: str
    becomes: str


@dataclass(slots=True)
class Group:
    """Records that share a fate."""

    name: str
    count: int = 0
    examples: list[Example] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.examples)


@dataclass(slots=True)
class Effect:
    """`freed`: would go now; `held`: would not go any more; `left_out`: would be skipped; `changed`: go in any case,
    but with another action or content. `freed_ids`: entries of Sync History that a person's retry would free."""

    freed: Group = field(default_factory=lambda: Group("freed"))
    held: Group = field(default_factory=lambda: Group("held"))
    left_out: Group = field(default_factory=lambda: Group("left_out"))
    changed: Group = field(default_factory=lambda: Group("changed"))
    freed_ids: list[int] = field(default_factory=list)
    looked_at: int = 0
    all_seen: bool = True

    @property
    def groups(self) -> list[Group]:
        return [each for each in (self.freed, self.held, self.left_out, self.changed) if each.count]


def effect(connection: Connection, books: Books, clock: Clock, most: int = MOST) -> Effect:
    """Plan what is open twice, as it is and with these books, and tell the difference."""
    ledger = Ledger(connection)
    now, then = Preview(ledger, clock, as_changed=True), Preview(ledger, clock, books=books, as_changed=True)
    found = Effect()
    for kind in (kind for rank in by_rank() for kind in rank):
        for before, after in _pairs(now, then, kind):
            found.looked_at += len(before)
            for old, new in zip(before, after, strict=True):
                _tell(found, kind, old, new)
            if found.looked_at >= most:
                found.all_seen = False
                return found
    return found


def _pairs(now: Preview, then: Preview, kind: AnyKind) -> Iterator[tuple[list[Line], list[Line]]]:
    """The same records twice. What was queued between the two looks is left out of both."""
    for first, second in zip_longest(now.lines(kind), then.lines(kind)):
        if first is None or second is None:
            return
        known = {line.key: line for line in second[0]}
        both = [line for line in first[0] if line.key in known]
        yield both, [known[line.key] for line in both]


def _tell(found: Effect, kind: AnyKind, old: Line, new: Line) -> None:
    group = _group(found, old, new)
    if group is None:
        return
    group.count += 1
    if group is found.freed and new.entry_id and old.action in ("warn", "leave out"):
        found.freed_ids.append(new.entry_id)
    if len(group.examples) < EXAMPLES:
        was, becomes = _contents(kind, old, new) or (_words(old), _words(new))
        group.examples.append(Example(kind.name, new.entry_id, new.facts.label, was, becomes))


def _group(found: Effect, old: Line, new: Line) -> Group | None:
    if new.goes:
        if not old.goes:
            return found.changed if old.action == "nothing" else found.freed
        return found.changed if _sent(old) != _sent(new) else None
    if new.action == "leave out":
        return None if old.action == "leave out" else found.left_out
    return found.held if old.goes or old.action == "leave out" else None


def _sent(line: Line) -> tuple[object, ...]:
    return (line.action, line.write.route, line.write.body) if line.write else (line.action,)


def _contents(kind: AnyKind, old: Line, new: Line) -> tuple[str, str] | None:
    """The fields that would be sent with another value; None where it is not the content that differs."""
    if not (old.write and new.write and old.action == new.action and old.write.body and new.write.body):
        return None
    found = differences(kind.decode(new.write.body), kind.decode(old.write.body))[:FIELDS]
    if not found:
        return None
    names = [each.field.rpartition(".")[2].replace("_", " ") for each in found]
    return (
        ", ".join(f"{name} {each.xero or 'none'}" for name, each in zip(names, found, strict=True)),
        ", ".join(f"{name} {each.core or 'none'}" for name, each in zip(names, found, strict=True)),
    )


def _words(line: Line) -> str:
    """What becomes of it: its action, or why it does not go."""
    if line.goes:
        return {"create": "is created", "update": "is updated", "void": "is voided"}.get(line.action, "is taken over")
    return line.why or "nothing to send"
