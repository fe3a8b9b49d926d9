"""Payments, refunds and uses of credit that people made in Xero come into Core, where the settings want that.

In: the last-seen views, after the changes in Xero were read. Out: settlements and allocations in Core, bound to what
they came from. Always: what is bound is never taken over again nor sent back; Core's own payments, found by their
number in the reference, are left to the planner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from tieout.core import operations
from tieout.core.fields import AllocationFields, PaymentFields
from tieout.core.models import Deposit, Document
from tieout.core.money import said
from tieout.core.operations.payments import take_payments
from tieout.core.rules import Refused
from tieout.kinds.registry import KINDS
from tieout.sync.incoming.taking import ACTOR, Taking, Untaken

ORDER = ("payment", "refund", "allocation")

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


class MoneyIn:
    """What people paid, paid back and allocated in Xero."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking

    def take_over(self) -> int:
        """How many were taken over."""
        changed = 0
        for kind in ORDER:
            after = 0
            while found := [Found(kind, *row) for row in self._taking.run(_NEW, kind=kind, after=after)]:
                after = found[-1].id
                with transaction.atomic():
                    changed += self._take(kind, found)
        return changed

    def _take(self, kind: str, found: Sequence[Found]) -> int:
        """Into Core, with its binding and its entry. How many; of the others, a finding each."""
        made, refused = self._payments(found) if kind == "payment" else self._one_by_one(found)
        self._taking.bind(kind, {key: each.xero_id for key, each in made.items()}, theirs=True)
        self._taking.tell(kind, [_untaken(each, why) for each, why in refused])
        return len(made)

    def _payments(self, found: Sequence[Found]) -> tuple[dict[UUID, Found], list[tuple[Found, str]]]:
        """All at once."""
        by_number = {each.number: each for each in found}
        wanted = [(each.giver, each.payment()) for each in found if each.giver is not None]
        taken, refused = take_payments(self._taking.organisation, wanted, actor=ACTOR, setup=self._taking.setup)
        made = {payment.pk: by_number[payment.number] for payment in taken}
        return made, [(by_number[number], why) for number, why in refused.items()]

    def _one_by_one(self, found: Sequence[Found]) -> tuple[dict[UUID, Found], list[tuple[Found, str]]]:
        made: dict[UUID, Found] = {}
        refused: list[tuple[Found, str]] = []
        for each in found:
            try:
                made[self._record(each)] = each
            except Refused as refusal:
                refused.append((each, str(refusal)))
        return made, refused

    def _record(self, each: Found) -> UUID:
        """A refund or a use of credit, through Core's own operation. Raises Refused."""
        if each.giver is None or (each.kind == "allocation" and each.taker is None):
            raise Refused([operations.Problem("source", "", "is a credit that was made in Xero and is not in Core")])
        setup = self._taking.setup
        source: Any = _of_kind(each.giver_kind).objects.get(pk=each.giver)
        if each.kind == "refund":
            return operations.record_refund(source, each.payment(), actor=ACTOR, setup=setup).pk
        assert each.taker is not None
        document = Document.objects.get(pk=each.taker)
        entered = AllocationFields(number=each.number, date=each.date, amount=each.amount)
        return operations.allocate(source, document, entered, actor=ACTOR, setup=setup).pk


def _untaken(each: Found, why: str) -> Untaken:
    title = KINDS[each.kind].title.lower()
    found = f"This {title} of {said(each.amount)} on {each.date:%d %b %Y} was made in Xero"
    return Untaken(each.xero_id, each.reference or each.number, f"{found} and cannot be taken over into Core: {why}")


def _of_kind(kind: str | None) -> type[Document] | type[Deposit]:
    return Deposit if kind in ("customer_credit", "supplier_deposit") else Document
