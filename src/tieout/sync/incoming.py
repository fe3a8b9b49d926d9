"""Payments, refunds and uses of credit that people made in Xero come into Core, where the settings want that.

In: the last-seen views, after the changes in Xero were read. Out: settlements and allocations in Core, bound to what
they came from, with an entry and an audit event each; what cannot be taken over is a finding. Always: what is bound is
never taken over again nor sent back; the record, its binding and its entry are one transaction, so that a worker that
dies leaves all or nothing; what is removed in Xero is voided in Core; Core's own payments, found by their number in the
reference, are left to the planner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db import transaction

from tieout.core import operations, store
from tieout.core.fields import AllocationFields, PaymentFields
from tieout.core.models import Allocation, Deposit, Document, Settlement, Touch
from tieout.core.operations.payments import take_payments
from tieout.core.records import CoreRecord
from tieout.core.rules import Refused
from tieout.core.setup import Setup, read_setup
from tieout.kinds.kind import AnyKind
from tieout.kinds.registry import KINDS
from tieout.sync import corrections
from tieout.sync.ledger import Bond, Ledger
from tieout.sync.models import Binding, Entry, Finding, Status
from tieout.xero import wire

ACTOR = "xero"
PULLING = ("pull", "both")
CHUNK = 500
NOT_TAKEN = "not-taken-over"
TAKEN = "from-xero"
_ORDER = ("payment", "refund", "allocation")

# What Xero shows on documents that Core holds, and nothing in Core stands for. `giver`: what gives, `taker`: what
# takes.
_NEW = """
    select x.id, x.xero_id::text, x.number, x.date, x.total, coalesce(x.rate, 1), x.account,
           giver.kind, giver.record_id, taker.kind, taker.record_id
      from sync_xerorecord x
      left join sync_binding own on own.connection_id = x.connection_id and own.xero_id = x.xero_id
      left join sync_binding giver on giver.connection_id = x.connection_id
           and giver.xero_id::text = x.foreign_number and not giver.gone
      left join sync_binding taker on %(kind)s = 'allocation' and taker.connection_id = x.connection_id
           and taker.xero_id::text = split_part(x.key, '|', 2) and not taker.gone
     where x.connection_id = %(connection)s and x.kind = %(kind)s and x.id > %(after)s
       and x.status not in ('DELETED', 'VOIDED') and own.id is null
       and (giver.id is not null and %(kind)s <> 'allocation' or taker.id is not null)
       and coalesce(giver.record_id <> all(%(held)s::uuid[]), true)
       and coalesce(taker.record_id <> all(%(held)s::uuid[]), true)
       and not exists (select from sync_differencedocument d
                        where d.connection_id = x.connection_id and d.xero_id::text = x.foreign_number)
       and not exists (select from sync_consolidateddocument d
                        where d.connection_id = x.connection_id and d.allocated = x.total
                          and d.id in (giver.record_id, taker.record_id)
                          and d.adjusts_id in (giver.record_id, taker.record_id))
       and not exists (select from core_settlement s
                         left join sync_entry e on e.organisation_id = s.organisation_id and e.record_id = s.id
                        where s.organisation_id = %(organisation)s and x.number <> ''
                          and giver.record_id in (s.document_id, s.deposit_id)
                          and (x.number = s.number or right(x.number, length(s.number) + 1) = ' ' || s.number)
                          and coalesce(e.status <> 'skipped', true))
       and not exists (select from core_allocation a
                         left join sync_binding b on b.connection_id = x.connection_id and b.record_id = a.id
                         left join sync_entry e on e.organisation_id = a.organisation_id and e.record_id = a.id
                        where a.organisation_id = %(organisation)s and b.id is null and a.status = 'AUTHORISED'
                          and a.document_id = taker.record_id and a.amount = x.total
                          and giver.record_id in (a.credit_note_id, a.deposit_id)
                          and coalesce(e.status <> 'skipped', true))
     order by x.id limit %(chunk)s"""
_GONE = """
    select b.id, b.kind, b.record_id, x.xero_id::text, x.number
      from sync_binding b join sync_xerorecord x on x.connection_id = b.connection_id and x.xero_id = b.xero_id
     where b.connection_id = %(connection)s and b.from_xero and not b.gone and x.status in ('DELETED', 'VOIDED')
       and b.record_id <> all(%(held)s::uuid[])"""
_CLOSE = """
    update sync_finding f set closed_at = %(now)s
      from sync_xerorecord x
     where f.organisation_id = %(organisation)s and f.code = %(code)s and f.closed_at is null
       and x.connection_id = %(connection)s and x.xero_id::text = f.xero_id
       and (x.status in ('DELETED', 'VOIDED') and f.record_id is null
            or exists (select from sync_binding b where b.connection_id = x.connection_id and b.xero_id = x.xero_id
                          and b.gone = (x.status in ('DELETED', 'VOIDED'))))"""


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody made in Xero. `taker` of a use of credit: the document that it counts towards."""

    kind: str
    id: int
    xero_id: str
    reference: str
    date: date
    amount: Decimal
    rate: Decimal
    account: str
    giver_kind: str | None
    giver: UUID | None
    taker_kind: str | None
    taker: UUID | None

    @property
    def number(self) -> str:
        """Core's number for it: the same whenever it is read."""
        return f"XERO-{self.xero_id.replace('-', '')[:12].upper()}"

    def payment(self) -> PaymentFields:
        return PaymentFields(
            number=self.number,
            account=self.account,
            date=self.date,
            amount=self.amount,
            rate=self.rate,
            reference=self.reference[:150],
        )


class Incoming:
    """What one run takes over from Xero."""

    def __init__(self, ledger: Ledger, now: datetime) -> None:
        self._ledger, self._now = ledger, now
        self._connection = ledger.connection
        self._organisation = ledger.connection.organisation
        self._held = [str(key) for key in corrections.held_records(ledger.connection.pk)]

    def take_over(self) -> int:
        """Bring Core up to date with what was made and removed in Xero. How many were taken over or removed."""
        if self._connection.payments not in PULLING:
            return 0
        changed = self._remove()
        setup = read_setup(self._organisation)
        for kind in _ORDER:
            after = 0
            while found := self._new(kind, after):
                after = found[-1].id
                with transaction.atomic():
                    changed += self._take(kind, found, setup)
        self._run(_CLOSE, code=NOT_TAKEN, now=self._now)
        return changed

    def _run(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with database.cursor() as cursor:
            cursor.execute(
                statement,
                {
                    "connection": self._connection.pk,
                    "organisation": self._organisation.pk,
                    "held": self._held,
                    "chunk": CHUNK,
                    **values,
                },
            )
            return cursor.fetchall() if cursor.description else []

    def _new(self, kind: str, after: int) -> list[Found]:
        return [Found(kind, *row) for row in self._run(_NEW, kind=kind, after=after)]

    # -- made in Xero ------------------------------------------------------------------------------------------------

    def _take(self, kind: str, found: Sequence[Found], setup: Setup) -> int:
        """Into Core, with its binding and its entry. How many; of the others, a finding each."""
        if kind == "payment":
            made, refused = self._payments(found, setup)
        else:
            made, refused = self._one_by_one(found, setup)
        records = store.load(self._organisation.pk, kind, list(made))
        self._bind(KINDS[kind], records, made)
        Touch.objects.filter(organisation=self._organisation, kind=kind, record_id__in=list(made)).delete()
        for each, why in refused:
            self._tell(each, why)
        return len(made)

    def _payments(self, found: Sequence[Found], setup: Setup) -> tuple[dict[UUID, Found], list[tuple[Found, str]]]:
        """All at once."""
        by_number = {each.number: each for each in found}
        wanted = [(each.giver, each.payment()) for each in found if each.giver is not None]
        taken, refused = take_payments(self._organisation, wanted, actor=ACTOR, setup=setup)
        made = {payment.pk: by_number[payment.number] for payment in taken}
        return made, [(by_number[number], why) for number, why in refused.items()]

    def _one_by_one(self, found: Sequence[Found], setup: Setup) -> tuple[dict[UUID, Found], list[tuple[Found, str]]]:
        made: dict[UUID, Found] = {}
        refused: list[tuple[Found, str]] = []
        for each in found:
            try:
                made[self._record(each, setup)] = each
            except Refused as refusal:
                refused.append((each, str(refusal)))
        return made, refused

    def _record(self, each: Found, setup: Setup) -> UUID:
        """A refund or a use of credit, through Core's own operation. Raises Refused."""
        if each.giver is None or (each.kind == "allocation" and each.taker is None):
            raise Refused([operations.Problem("source", "", "is a credit that was made in Xero and is not in Core")])
        source: Any = _of_kind(each.giver_kind).objects.get(pk=each.giver)
        if each.kind == "refund":
            return operations.record_refund(source, each.payment(), actor=ACTOR, setup=setup).pk
        assert each.taker is not None
        document = Document.objects.get(pk=each.taker)
        entered = AllocationFields(number=each.number, date=each.date, amount=each.amount)
        return operations.allocate(source, document, entered, actor=ACTOR, setup=setup).pk

    def _bind(self, kind: AnyKind, records: dict[UUID, CoreRecord], made: dict[UUID, Found]) -> None:
        """Both sides agree on it as it is, so that it is never sent."""
        if not made:
            return
        books = self._ledger.books_for(self._ledger.base_books(), kind, list(records.values()))
        bonds = []
        for key, found in made.items():
            content = wire.encode(kind.payload(records[key], books))
            bonds.append(Bond(kind.name, key, found.xero_id, kind.fingerprint(content), content, gone=False))
        self._ledger.bind(bonds, self._now)
        Binding.objects.filter(connection=self._connection, kind=kind.name, record_id__in=list(made)).update(
            from_xero=True
        )
        Entry.objects.bulk_create(self._entry(kind, records[key]) for key in made)

    def _entry(self, kind: AnyKind, record: Any) -> Entry:
        facts = kind.facts(record)
        return Entry(
            organisation=self._organisation,
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
            queued_at=self._now,
            completed_at=self._now,
            updated_at=self._now,
        )

    def _tell(self, each: Found, why: str) -> None:
        kind = KINDS[each.kind]
        Finding.objects.update_or_create(
            organisation=self._organisation,
            kind=each.kind,
            record_id=None,
            xero_id=each.xero_id,
            code=NOT_TAKEN,
            closed_at=None,
            defaults={
                "label": each.reference or each.number,
                "text": f"This {kind.title.lower()} of {each.amount} on {each.date:%d %b %Y} was made in Xero and "
                f"cannot be taken over into Core: {why}",
                "opened_at": self._now,
            },
        )

    # -- removed in Xero -----------------------------------------------------------------------------------------------

    def _remove(self) -> int:
        """What came from Xero and is gone there is voided in Core too."""
        removed = 0
        for binding_id, kind, record_id, xero_id, reference in self._run(_GONE):
            with transaction.atomic():
                why = self._void(kind, record_id)
                if why:
                    self._tell_kept(kind, record_id, xero_id, reference, why)
                    continue
                Binding.objects.filter(pk=binding_id).update(gone=True)
                Touch.objects.filter(organisation=self._organisation, kind=kind, record_id=record_id).delete()
                Entry.objects.filter(organisation=self._organisation, kind=kind, record_id=record_id).update(
                    status=Status.COMPLETED,
                    touched=False,
                    reason_code=TAKEN,
                    reason="Removed in Xero, and voided in Core.",
                    advice="",
                    updated_at=self._now,
                )
            removed += 1
        return removed

    def _void(self, kind: str, record_id: UUID) -> str:
        """Why it could not be voided in Core, or nothing."""
        model: Any = Allocation if kind == "allocation" else Settlement
        record = model.objects.get(pk=record_id)
        if record.status == "VOIDED":
            return ""
        try:
            (operations.void_allocation if kind == "allocation" else operations.void_payment)(record, actor=ACTOR)
        except Refused as refusal:
            return str(refusal)
        return ""

    def _tell_kept(self, kind: str, record_id: UUID, xero_id: str, reference: str, why: str) -> None:
        Finding.objects.update_or_create(
            organisation=self._organisation,
            kind=kind,
            record_id=record_id,
            xero_id=xero_id,
            code=NOT_TAKEN,
            closed_at=None,
            defaults={
                "label": reference,
                "text": f"It was removed in Xero, but cannot be voided in Core: {why}",
                "opened_at": self._now,
            },
        )


def _of_kind(kind: str | None) -> type[Document] | type[Deposit]:
    return Deposit if kind in ("customer_credit", "supplier_deposit") else Document
