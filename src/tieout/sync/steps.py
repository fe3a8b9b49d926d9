"""The calls of a correction: one after the other, each filled with what the earlier ones gave.

In: the calls as they were stored, and which are done. Out: the next one, ready to be sent; what puts back what was
removed; whether one whose answer was lost did happen. Always: pure. A call that needs the id which an earlier one will
give names it by `answer_of(number)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from tieout.kinds.books import Seen

_ANSWER = "00000000-0000-0000-0000-{:012d}"


def answer_of(step: int) -> str:
    """Stands for the id that the answer to that step will give."""
    return _ANSWER.format(step)


@dataclass(frozen=True, slots=True)
class Step:
    """One call. `record_id` and `fingerprint`: what is bound by it, empty for what Core has no record of. `key`: what
    it is found by in Xero once it is done. `sign`: of a document over the difference, 1 where it adds. `undoes`: for
    what is made again, the number of the step that removed it."""

    text: str
    kind: str
    action: str
    method: str
    path: str
    body: str
    many: bool = True
    xero_id: str = ""
    key: str = ""
    record_id: str = ""
    fingerprint: str = ""
    computed: Mapping[str, str] = field(default_factory=dict)
    moves: Mapping[str, str] = field(default_factory=dict)
    sign: int = 0
    undoes: int = 0

    @property
    def address(self) -> str:
        """Its path as people read it."""
        return re.sub(rf"{_ANSWER[:24]}\d{{12}}", "{new document}", self.path)


def filled(step: Step, done: Mapping[int, str]) -> Step:
    """The step with the ids that earlier ones gave."""

    def put(text: str) -> str:
        for number, xero_id in done.items():
            text = text.replace(answer_of(number), xero_id)
        return text

    return replace(
        step,
        path=put(step.path),
        body=put(step.body),
        key=put(step.key),
        moves={put(document): amount for document, amount in step.moves.items()},
    )


def next_step(steps: Sequence[Step], done: Mapping[int, str]) -> tuple[int, Step] | None:
    """The first that is not done, ready to be sent; None where all are."""
    for number, step in enumerate(steps, 1):
        if number not in done:
            return number, filled(step, done)
    return None


def put_back(steps: Sequence[Step], done: Mapping[int, str]) -> tuple[Step, ...]:
    """What makes good what was removed so far, without the change that it was removed for."""
    remaining = [step for number, step in enumerate(steps, 1) if step.undoes in done and number not in done]
    return tuple(replace(step, undoes=0) for step in remaining)


def is_done(step: Step, steps: Sequence[Step], done: Mapping[int, str], found: Sequence[Seen]) -> str | None:
    """Whether Xero shows that a step whose answer was lost did happen: the id that it gave, or None. `found`: what Xero
    shows under its key, or of the document that it is about."""
    if step.action == "void":
        return next((seen.xero_id for seen in found if seen.xero_id == step.xero_id and seen.gone), None)
    if step.action == "update":
        return None  # sent again, it changes nothing more
    taken = set(done.values())
    return next((seen.xero_id for seen in found if not seen.gone and seen.xero_id not in taken), None)


def stored(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps as plain values."""
    plain: list[dict[str, Any]] = msgspec.to_builtins(steps)
    return plain


def restored(rows: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(**row) for row in rows)
