"""What every kind that comes in from Xero does: bound as it is, entered as Completed, or told why it stays there.

In: Core's records just made out of what Xero shows, by Xero's id; reasons of those that Core cannot hold. Out:
bindings, entries, findings. Always: both sides agree on what was taken over as it is, so that it is never sent back
unless Core changes it; called inside the transaction that made the records, so that a worker that dies leaves all or
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection as database

from tieout.core import store
from tieout.core.models import Touch
from tieout.core.setup import Setup, read_setup
from tieout.kinds.kind import AnyKind
from tieout.kinds.registry import KINDS
from tieout.sync import corrections
from tieout.sync.ledger import Bond, Ledger
from tieout.sync.models import Binding, Entry, Finding, Status
from tieout.xero import wire

ACTOR = "xero"
CHUNK = 500
NOT_TAKEN = "not-taken-over"
TAKEN = "from-xero"
GONE = ("DELETED", "VOIDED", "ARCHIVED")

_CLOSE = """
    update sync_finding f set closed_at = %(now)s
     where f.organisation_id = %(organisation)s and f.code = %(code)s and f.closed_at is null
       and (f.kind <> all(%(kinds)s)
            or f.record_id is null and f.kind = any(%(looked)s) and f.kind || f.xero_id <> all(%(told)s)
            or exists (select from sync_xerorecord x
                        where x.connection_id = %(connection)s and x.xero_id::text = f.xero_id
                          and (x.status = any(%(gone)s) and f.record_id is null
                               or exists (select from sync_binding b
                                           where b.connection_id = x.connection_id and b.xero_id = x.xero_id
                                             and b.gone = (x.status = any(%(gone)s))))))"""


@dataclass(frozen=True, slots=True)
class Untaken:
    """What stays in Xero alone, or in Core alone (then with its `record_id`), and why."""

    xero_id: str
    label: str
    text: str
    record_id: UUID | None = None


class Taking:
    """What one run takes over."""

    def __init__(self, ledger: Ledger, now: datetime) -> None:
        self.ledger, self.now = ledger, now
        self.connection = ledger.connection
        self.organisation = ledger.connection.organisation
        self._told: set[str] = set()
        self.held = [str(key) for key in corrections.held_records(ledger.connection.pk)]

    @cached_property
    def setup(self) -> Setup:
        return read_setup(self.organisation)

    def run(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with database.cursor() as cursor:
            cursor.execute(
                statement,
                {
                    "connection": self.connection.pk,
                    "organisation": self.organisation.pk,
                    "held": self.held,
                    "chunk": CHUNK,
                    "gone": list(GONE),
                    **values,
                },
            )
            return cursor.fetchall() if cursor.description else []

    # -- taken over ----------------------------------------------------------------------------------------------------

    def bind(self, kind_name: str, made: Mapping[UUID, str], *, theirs: bool) -> None:
        """Both sides agree on these records as they are. `made`: Xero's id by record; `theirs`: it is for Xero to
        remove them, and Core follows."""
        if not made:
            return
        kind = KINDS[kind_name]
        records = store.load(self.organisation.pk, kind_name, list(made))
        books = self.ledger.books_for(self.ledger.base_books(), kind, list(records.values()))
        bonds = []
        for key, xero_id in made.items():
            content = wire.encode(kind.payload(records[key], books))
            bonds.append(Bond(kind_name, key, xero_id, kind.fingerprint(content), content, gone=False))
        self.ledger.bind(bonds, self.now)
        if theirs:
            bound = Binding.objects.filter(connection=self.connection, kind=kind_name, record_id__in=list(made))
            bound.update(from_xero=True)
        Entry.objects.bulk_create(self._entry(kind, records[key]) for key in made)
        Touch.objects.filter(organisation=self.organisation, kind=kind_name, record_id__in=list(made)).delete()

    def _entry(self, kind: AnyKind, record: Any) -> Entry:
        facts = kind.facts(record)
        return Entry(
            organisation=self.organisation,
            kind=kind.name,
            record_id=record.key.id,
            status=Status.COMPLETED,
            touched=False,
            reason_code=TAKEN,
            reason="Made in Xero, and taken over into Core.",
            label=facts.label,
            party=facts.party,
            date=facts.date,
            amount=facts.amount,
            currency=facts.currency,
            channel=facts.channel,
            queued_at=self.now,
            completed_at=self.now,
            updated_at=self.now,
        )

    # -- not taken over ------------------------------------------------------------------------------------------------

    def tell(self, kind: str, untaken: Sequence[Untaken]) -> None:
        """A finding each; one that says the same already stays as it is."""
        if not untaken:
            return
        self._told |= {kind + each.xero_id for each in untaken}
        known = Finding.objects.filter(organisation=self.organisation, kind=kind, code=NOT_TAKEN, closed_at=None)
        open_ones = {(each.record_id, each.xero_id): each for each in known}
        new, other = [], []
        for each in {(each.record_id, each.xero_id): each for each in untaken}.values():
            told = open_ones.get((each.record_id, each.xero_id))
            if told is None:
                new.append(self._finding(kind, each))
            elif told.text != each.text:
                told.text, told.label = each.text, each.label[:300]
                other.append(told)
        Finding.objects.bulk_create(new)
        Finding.objects.bulk_update(other, ["text", "label"], batch_size=CHUNK)

    def _finding(self, kind: str, each: Untaken) -> Finding:
        return Finding(
            organisation=self.organisation,
            kind=kind,
            record_id=each.record_id,
            xero_id=each.xero_id,
            code=NOT_TAKEN,
            label=each.label[:300],
            text=each.text,
            opened_at=self.now,
        )

    def close(self, kinds: Sequence[str], looked: Sequence[str]) -> None:
        """Findings that are over: taken over since, gone on both sides, of kinds that are not taken over now, or, where
        this run looked through all of a kind, not told any more."""
        told = sorted(self._told)
        self.run(_CLOSE, code=NOT_TAKEN, now=self.now, kinds=list(kinds), looked=list(looked), told=told)
