"""What is to be done about one record: derived, never remembered.

In: the three views of a record: Core's now (the record), the last agreed (binding), Xero's last seen (books); and what
this run has claimed so far. Out: exactly one decision. Always: pure; a create is never decided while the document may
already stand in Xero under its natural key; what Xero would refuse is decided as a warning, at no call.

        carried by a consolidated document? → Carried
                         agreed?
               no ┌────────┴────────┐ yes
           gone in Core?        gone in Core?
          yes │    │ no        yes │    │ no
         Leave out │     In agreement   │ same content → In agreement
                   │     or Void        │ Xero lets it change? no → Unfit
             depends on                 │ yes → Update
             something not there → Wait
             Xero would refuse   → Unfit (of money that moved: only where it is not found)
             found in Xero once  → Adopt (and Update), twice → Unfit
             otherwise           → Create
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from tieout.core.records import CoreRecord, RecordKey
from tieout.kinds.books import Agreed, Books, Carrier, Seen
from tieout.kinds.kind import AnyKind, Route
from tieout.kinds.problems import Problem
from tieout.xero import wire
from tieout.xero.types import Element

BY_SETTINGS = (
    "not-exported",
    "before-start",
    "payments-from-xero",
)  # why a record is left out that other settings would send
HELD = ("paid-in-xero", "above-due")  # warnings that may be over once something gave back what it held
GONE_BEFORE = "gone-before-sync"  # left out because it was gone before it ever went, and nothing needed it
VOID = "void"  # stands for the fingerprint of a document that is to be gone


class Write(msgspec.Struct, frozen=True):
    """Send this. `action`: create, update or void; `body`: the element as JSON, as it goes; `computed`: what Xero's
    answer must show beside what was sent; `moves`: what it takes of the balance of other documents; `step`: of which
    correction (its id) it is which step. Without a fingerprint it stands for no record of Core's."""

    action: str
    route: Route
    body: bytes
    fingerprint: str
    xero_id: str = ""
    computed: Mapping[str, Decimal] = {}
    moves: Mapping[str, Decimal] = {}
    step: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Adopt:
    """It stands in Xero already: bind it; `then` brings it up to date where the kind can be edited."""

    seen: Seen
    content: bytes
    fingerprint: str
    then: Write | None = None


@dataclass(frozen=True, slots=True)
class InAgreement:
    """Nothing to do. `gone`: Xero shows that it is gone, as Core wants it, and that is not written down yet."""

    gone: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before that one stands in Xero."""

    on: RecordKey


@dataclass(frozen=True, slots=True)
class Unfit:
    """A person must act first."""

    problem: Problem
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """Skipped by a rule."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Carried:
    """A consolidated document stands for it."""

    by: Carrier


Decision = Write | Adopt | InAgreement | Wait | Unfit | LeaveOut | Carried


@dataclass(slots=True)
class Claims:
    """Natural keys about to be created and not yet seen in Xero, so that two records never claim one."""

    held: dict[tuple[str, str], RecordKey] = field(default_factory=dict)

    def holder(self, kind: str, key: str, me: RecordKey) -> RecordKey | None:
        """Another record that claimed this key before."""
        holder = self.held.get((kind, key))
        return holder if holder and holder != me else None

    def claim(self, kind: str, keys: tuple[str, ...], me: RecordKey) -> None:
        for key in keys:
            self.held.setdefault((kind, key), me)


def decide(kind: AnyKind, record: CoreRecord, books: Books, claims: Claims) -> Decision:
    """The one thing to do now."""
    if carrier := books.carried.get(record.key):
        return Carried(carrier)
    agreed = books.agreed.get(record.key)
    if agreed is None:
        return _first_time(kind, record, books, claims)
    if kind.is_gone(record):
        return _void(kind, record, books, agreed)
    return _bring_up_to_date(kind, record, books, agreed)


def _left_out(kind: AnyKind, record: Any, books: Books) -> LeaveOut | None:
    """The rule by which a record that was never sent stays here."""
    if not kind.is_ready(record):
        return LeaveOut("not-ready", f"This {kind.title.lower()} is not authorised or not set up yet.")
    if kind.is_gone(record) and not kind.is_needed(record):
        return LeaveOut(GONE_BEFORE, "It was voided or deprecated before it ever went to Xero.")
    if rule := books.left_out.get(record.key) or kind.left_out(record, books):
        return LeaveOut(*rule)
    if (since := books.settings.sync_from) and (day := kind.facts(record).date) and day < since:
        return LeaveOut("before-start", f"Dated before {since:%d %b %Y}, when the sync of this organisation starts.")
    return None


def _first_time(kind: AnyKind, record: Any, books: Books, claims: Claims) -> Decision:
    if rule := _left_out(kind, record, books):
        return rule
    if missing := _missing(kind, record, books):
        return Wait(missing)
    problem = kind.check(record, books)
    # what moved a balance has used it up where it stands in Xero already: that is no reason not to take it over
    if problem and kind.editable:
        return Unfit(problem)
    keys = kind.keys(record, books)
    existing = _existing(kind, keys, books)
    if kind.shared_keys:
        existing = _free(kind, record, existing, claims)
    if existing:
        return _alone(kind, record, _adopt(kind, record, books, existing), claims)
    if not kind.shared_keys and any(claims.holder(kind.name, key, record.key) for key in keys):
        problem = problem or _claimed_twice(kind, record)
    if problem:
        return Unfit(problem)
    claims.claim(kind.name, keys, record.key)
    return _create(kind, record, books)


def _missing(kind: AnyKind, record: Any, books: Books) -> RecordKey | None:
    """The first thing that must stand in Xero before this one."""
    return next(filter(None, map(books.missing, kind.depends_on(record))), None)


def _create(kind: AnyKind, record: Any, books: Books) -> Write:
    content = wire.encode(kind.payload(record, books))
    return Write(
        "create",
        kind.route("create", record, books, ""),
        content,
        kind.fingerprint(content),
        computed=kind.computed(record),
        moves=kind.moves(record, books),
    )


def _free(kind: AnyKind, record: Any, existing: list[Seen], claims: Claims) -> list[Seen]:
    """Of several that look the same, the first that stands for no other record yet; it is this one's from now on."""
    for seen in existing:
        if seen.bound_to in (None, record.key) and not claims.holder(kind.name, seen.xero_id, record.key):
            claims.claim(kind.name, (seen.xero_id,), record.key)
            return [seen]
    return []


def _existing(kind: AnyKind, keys: tuple[str, ...], books: Books) -> list[Seen]:
    """What stands in Xero under the strongest key that finds anything."""
    for key in keys:
        if found := books.found.get((kind.seen_as, key)):
            return list(found)
    return []


def _adopt(kind: AnyKind, record: Any, books: Books, existing: list[Seen]) -> Decision:
    if len(existing) > 1:
        return Unfit(
            Problem(
                "found-twice",
                f"Xero holds {len(existing)} documents that could be this one ({existing[0].number}).",
                "Void or rename the wrong ones in Xero, then set this to Pending.",
            )
        )
    seen = existing[0]
    if seen.bound_to and seen.bound_to != record.key:
        return Unfit(_claimed_twice(kind, record))
    if problem := kind.adoptable(record, seen, books):
        return Unfit(problem)
    payload = kind.payload(record, books)
    content = wire.encode(payload)
    fingerprint = kind.fingerprint(content)
    if kind.has_money:
        return Adopt(seen, content, fingerprint)
    return Adopt(
        seen,
        content,
        fingerprint,
        then=_update(kind, record, books, payload, fingerprint=fingerprint, xero_id=seen.xero_id),
    )


def _alone(kind: AnyKind, record: Any, decision: Decision, claims: Claims) -> Decision:
    """What one record adopts, no other does, though nothing says so in the database yet."""
    if isinstance(decision, Adopt):
        if claims.holder(kind.name, decision.seen.xero_id, record.key):
            return Unfit(_claimed_twice(kind, record))
        claims.claim(kind.name, (decision.seen.xero_id,), record.key)
    return decision


def _void(kind: AnyKind, record: Any, books: Books, agreed: Agreed) -> Decision:
    seen = books.seen.get(agreed.xero_id)
    if agreed.gone or (seen and seen.gone):
        return InAgreement(gone=not agreed.gone)
    settled = _corrected(agreed, record) or _made_there(kind, agreed, record)
    if problem := settled or kind.check_void(record, seen, books):
        return Unfit(problem, VOID)
    payload = kind.identify(kind.void_payload(record, seen), agreed.xero_id)
    route = kind.route("void", record, books, agreed.xero_id)
    body = b"" if route.method == "DELETE" else wire.encode(payload)
    back = {document: -amount for document, amount in kind.moves(record, books).items()}
    return Write("void", route, body, VOID, agreed.xero_id, moves=back)


def _bring_up_to_date(kind: AnyKind, record: Any, books: Books, agreed: Agreed) -> Decision:
    if not kind.is_ready(record):
        return InAgreement()
    if missing := _missing(kind, record, books):
        return Wait(missing)
    payload = kind.payload(record, books)
    fingerprint = kind.fingerprint(wire.encode(payload))
    if fingerprint == agreed.fingerprint and not agreed.gone:
        return InAgreement()
    seen = books.seen.get(agreed.xero_id)
    if problem := _corrected(agreed, record) or kind.check_change(record, seen, books) or kind.check(record, books):
        return Unfit(problem, fingerprint)
    return _update(kind, record, books, payload, fingerprint=fingerprint, xero_id=agreed.xero_id)


def _update(kind: AnyKind, record: Any, books: Books, payload: Element, *, fingerprint: str, xero_id: str) -> Write:
    body = wire.encode(kind.identify(payload, xero_id))
    route = kind.route("update", record, books, xero_id)
    return Write("update", route, body, fingerprint, xero_id, kind.computed(record))


def _corrected(agreed: Agreed, record: Any) -> Problem | None:
    """Why what was corrected by another document is not changed itself: both together are what Core says."""
    if not agreed.corrected:
        return None
    return Problem(
        "corrected-before",
        f"{record.number} stands in Xero together with a document that corrects it, so it is not changed itself.",
        "Choose “Correct…” to send the further difference too.",
    )


def _made_there(kind: AnyKind, agreed: Agreed, record: Any) -> Problem | None:
    """What somebody made in Xero is not taken away there from here."""
    if not agreed.from_xero:
        return None
    return Problem(
        "made-in-xero",
        f"The {kind.title.lower()} {record.number} was made in Xero, so Tieout does not remove it there.",
        "Remove it in Xero too; the next sync then finds both sides in agreement.",
    )


def _claimed_twice(kind: AnyKind, record: Any) -> Problem:
    label = kind.facts(record).label
    return Problem(
        f"{kind.name}-in-use" if kind.name != "contact" else "contact-name-in-use",
        f"Another {kind.title.lower()} in Core already stands in Xero as “{label}”; Xero takes that name only once.",
        "Rename or merge one of the two in Core, then sync again.",
    )
