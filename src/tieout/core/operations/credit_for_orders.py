"""Credit that was taken for an order is used by itself on the invoice or bill of that order.

In: documents that were just authorised, or credit that was just recorded. Out: ordinary uses of credit, each with an
event that names the rule. Always: only where the organisation chose so; one contact, side and currency; the older
credit and the older document first; no more than the one has and the other owes. A credit and a document meet once,
when the later of the two is booked, and never by an edit: what a person took back stays taken back.

What names an order: a deposit's order number, the purchase order that a deposit was taken for, and the reference of a
credit note that credits no document. A document answers to its number and to its reference, without regard to case;
what has no digit names no order (“Online”). A deposit that was taken for a draft is used when that is authorised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db import connection

from tieout.core import rules, store
from tieout.core.fields import AllocationFields
from tieout.core.models import Allocation, Contact, Deposit, Document
from tieout.core.operations.allocations import allocate
from tieout.core.operations.balances import document_balance, left_of_deposit
from tieout.core.operations.recording import locked
from tieout.core.records import DepositRecord
from tieout.core.setup import Setup

RULE = "Credit taken for an order is used by itself"


class Named(NamedTuple):
    """A credit (`is_note`: a credit note, else a deposit) or a document, under one of its names. What is equal in the
    contact, the currency, the kind of the document and the name in lower case belongs together."""

    is_note: bool
    id: UUID
    contact: UUID
    currency: str
    kind: str
    name: str
    order: str
    date: date
    number: str


@dataclass(frozen=True, slots=True)
class Match:
    """A credit and a document of one order. `is_note`: the credit is a credit note, else a deposit."""

    is_note: bool
    credit: UUID
    document: UUID
    order: str

    def lock_credit(self) -> Document | Deposit:
        return locked(Document, self.credit) if self.is_note else locked(Deposit, self.credit)


def use_credit(organisation_id: UUID, kind: str, ids: Collection[UUID], *, actor: str, setup: Setup) -> None:
    """Use what was taken for the orders of these authorised documents, or these deposits and credit notes on what is
    open of theirs. Call it in the transaction that authorised or recorded them."""
    if not setup.use_credit_by_order:
        return
    _lock_contacts(kind, ids)
    for match in _matches(organisation_id, kind, ids):
        giver, taker = match.lock_credit(), locked(Document, match.document)
        left = document_balance(giver) if isinstance(giver, Document) else left_of_deposit(giver)
        amount = min(left, document_balance(taker))
        if amount > 0:
            entered = AllocationFields(date=max(giver.date, taker.date), amount=amount)
            allocate(giver, taker, entered, actor=actor, setup=setup, by_rule=f"{RULE} ({match.order})")


def lock_credit_for(document: Document, setup: Setup) -> None:
    """Lock what a draft will use once it is authorised, before the draft itself: uses of credit lock their source
    first."""
    if setup.use_credit_by_order and document.kind in rules.FALLING_DUE:
        _lock_contacts(document.kind, [document.pk])
        for match in _matches(document.organisation_id, document.kind, [document.pk], Document.Status.DRAFT):
            match.lock_credit()


def open_matches(organisation_id: UUID) -> int:
    """How many pairs of credit and document there are of one order, with something left on both, and no use so far."""
    credit = _named(_CREDIT, "", organisation_id)
    found = _joined(credit, _named(_OWED, "", organisation_id))
    used = Allocation.objects.filter(organisation=organisation_id).values_list("deposit", "credit_note", "document")
    joined = {(deposit or note, taker) for deposit, note, taker in used}
    notes = {match.credit for match in found if match.is_note}
    left = store.balances(organisation_id, notes | {match.document for match in found})
    for kind in rules.DEPOSIT_KINDS:
        deposits = store.load(organisation_id, kind, {match.credit for match in found} - notes)
        left |= {key: cast("DepositRecord", each).balance for key, each in deposits.items()}
    pairs = {(match.credit, match.document) for match in found} - joined
    return sum(1 for credit, document in pairs if left[credit] > 0 and left[document] > 0)


def _lock_contacts(kind: str, ids: Collection[UUID]) -> None:
    """Let nobody book the other side for these contacts meanwhile: neither of the two would see the other."""
    model: type[Deposit | Document] = Deposit if kind in rules.DEPOSIT_KINDS else Document
    contacts = set(model._default_manager.filter(pk__any=ids).values_list("contact_id", flat=True))
    list(Contact.objects.select_for_update(no_key=True).filter(pk__any=contacts).order_by("pk").values_list("pk"))


def _matches(
    organisation_id: UUID, kind: str, ids: Collection[UUID], status: str = Document.Status.AUTHORISED
) -> list[Match]:
    """Those of which the one side is among `ids`, in the order in which they are used. Each side is asked for by
    itself: in the middle of an import the database cannot know yet how to join them."""
    if kind in rules.FALLING_DUE:
        if not _any_credit(organisation_id):
            return []
        owed = _named(_OWED, _THESE, organisation_id, ids=list(ids), status=status)
        return _joined(_named(_CREDIT, _FOR_THESE, organisation_id, for_drafts=True, **_asked(owed)), owed)
    if kind in rules.CREDITING or kind in rules.DEPOSIT_KINDS:
        credit = _named(_CREDIT, _THESE, organisation_id, ids=list(ids))
        return _joined(credit, _named(_OWED, _FOR_THESE, organisation_id, **_asked(credit)))
    return []


def _any_credit(organisation_id: UUID) -> bool:
    """Most companies take none ahead: they need not look for names."""
    booked = {"organisation": organisation_id, "status": Document.Status.AUTHORISED}
    notes = Document.objects.filter(kind__in=list(rules.CREDITING), credits=None, **booked)
    return Deposit.objects.filter(**booked).exists() or notes.exists()


def _named(query: str, which: str, organisation_id: UUID, **values: Any) -> list[Named]:
    given: dict[str, Any] = {"organisation": organisation_id, "status": Document.Status.AUTHORISED, "for_drafts": False}
    statement = f"select * from ({query}) n where n.name ~ '[0-9]' {which} order by date, number, name"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, given | values)
        return [Named(*row) for row in cursor.fetchall()]


def _asked(named: Sequence[Named]) -> dict[str, list[Any]]:
    return {"contacts": list({each.contact for each in named}), "names": list({each.name for each in named})}


def _joined(credit: Sequence[Named], owed: Sequence[Named]) -> list[Match]:
    answering: defaultdict[tuple[Any, ...], list[Named]] = defaultdict(list)
    for each in owed:
        answering[each.contact, each.currency, each.kind, each.name].append(each)
    pairs: dict[tuple[UUID, UUID], Match] = {}
    for giver in credit:
        for taker in answering[giver.contact, giver.currency, giver.kind, giver.name]:
            pairs.setdefault((giver.id, taker.id), Match(giver.is_note, giver.id, taker.id, taker.order))
    return list(pairs.values())


_THESE = "and n.id = any(%(ids)s)"
_FOR_THESE = "and n.contact_id = any(%(contacts)s) and n.name = any(%(names)s)"
# A deposit answers to the id of the draft that it was taken for: while that becomes authorised, not if it was already,
# because then whoever recorded the deposit could use it too.
_CREDIT = """
    select false as is_note, p.id, p.contact_id, p.currency,
           case p.kind when 'customer_credit' then 'sale_invoice' else 'bill' end as kind,
           lower(named.name) as name, named.name as order_number, p.date, p.number
      from core_deposit p
      left join core_document o on o.id = p.document_id and o.kind = 'purchase_order'
     cross join lateral (
        values (p.order_number), (o.number), (case when %(for_drafts)s then p.document_id::text end)) as named(name)
     where p.organisation_id = %(organisation)s and p.status = 'AUTHORISED'
    union all
    select true, c.id, c.contact_id, c.currency,
           case c.kind when 'sale_credit_note' then 'sale_invoice' else 'bill' end,
           lower(c.reference), c.reference, c.date, c.number
      from core_document c
     where c.organisation_id = %(organisation)s and c.kind in ('sale_credit_note', 'purchase_credit_note')
       and c.status = 'AUTHORISED' and c.credits_id is null"""
_OWED = """
    select false as is_note, d.id, d.contact_id, d.currency, d.kind,
           lower(named.name) as name, named.said as order_number, d.date, d.number
      from core_document d
     cross join lateral (
        values (d.number, d.number), (d.reference, d.reference), (d.id::text, d.number)) as named(name, said)
     where d.organisation_id = %(organisation)s and d.kind in ('sale_invoice', 'bill') and d.status = %(status)s"""
