"""Finding what a lost write created: by what was sent, for the record may have changed or gone since.

In: views that were read after the write was over. Out: what stands in Xero as it was sent is bound to its record, so
that the plan goes on from there: agreed, updated or voided. Always: what differs from what was sent, or stands there
more than once, is left to the planner, who asks a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec
from django.db import transaction

from tieout.kinds.books import Seen
from tieout.kinds.kind import AnyKind
from tieout.kinds.registry import KINDS
from tieout.sync.ledger import Bond, Ledger
from tieout.sync.models import Batch, Run, Status
from tieout.sync.outcome import Line, read_manifest
from tieout.sync.planning import adopt, shows


@dataclass(frozen=True, slots=True)
class Sent:
    """One record of a lost batch. `view`: what a last-seen view of it would show."""

    line: Line
    content: bytes
    view: Seen


def bind_lost(ledger: Ledger, run: Run, blind: Set[str], now: datetime) -> None:
    """Bind what was found. `blind`: kinds of which not everything in Xero was seen."""
    uncertain = Batch.objects.filter(connection=ledger.connection, entries__status=Status.UNCERTAIN)
    for batch in uncertain.filter(action="create").exclude(kind__in=blind).distinct():
        if shows(run, batch):
            lost = set(batch.entries.filter(status=Status.UNCERTAIN).values_list("pk", flat=True))
            kind = KINDS[batch.kind]
            _bind(ledger, kind, [each for each in _sent(kind, batch) if each.line.entry_id in lost], now)


def _sent(kind: AnyKind, batch: Batch) -> Iterator[Sent]:
    lines = read_manifest(batch)
    for line, element in zip(lines, kind.sent(batch.path, bytes(batch.body), len(lines)), strict=True):
        computed = {name: Decimal(value) for name, value in line.computed.items()}
        view = kind.shown_as(batch.path, msgspec.structs.replace(element, **computed))
        if view and view.key and not line.step:
            yield Sent(line, kind.without_id(element), view)


def _bind(ledger: Ledger, kind: AnyKind, lost: Sequence[Sent], now: datetime) -> None:
    free: dict[str, list[Seen]] = defaultdict(list)
    for seen in ledger.find(kind.seen_as, sorted({each.view.key for each in lost})):
        if seen.bound_to is None and not seen.gone:
            free[seen.key].append(seen)
    found = []
    for each in lost:
        same = [seen for seen in free[each.view.key] if _same(each.view, seen)]
        if len(same) == 1 or (same and kind.shared_keys):
            line, seen = each.line, same[0]
            bond = Bond(kind.name, line.record_id, seen.xero_id, line.fingerprint, each.content, gone=False)
            found.append((line.entry_id, bond, f"Found in Xero as {seen.number or seen.key}, just as it was sent."))
            free[seen.key].remove(seen)
    with transaction.atomic():
        adopt(ledger, found, now)


def _same(sent: Seen, seen: Seen) -> bool:
    """Whether the view shows what was sent, in all that tells of it."""
    names = ("date", "currency", "total", "contact_id")
    return all(getattr(sent, name) in (None, "", getattr(seen, name)) for name in names)
