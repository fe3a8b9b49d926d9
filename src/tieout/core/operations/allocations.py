"""Uses of credit: what a credit note or a deposit gives to an invoice or bill.

Always: an allocation is never edited, it is voided and entered anew; nothing gives more than it has, and nothing takes
more than is due; sale goes with sale, purchase with purchase. Locks are taken source first, then document, so that two
uses of credit never wait for each other.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from tieout.core import rules
from tieout.core.fields import AllocationFields
from tieout.core.models import Allocation, Booked, Deposit, Document
from tieout.core.operations.balances import document_balance, enough, left_of_deposit
from tieout.core.operations.recording import locked, note, one_change, refuse_if, set_status
from tieout.core.records import NOTHING
from tieout.core.rules import Problem
from tieout.core.setup import Setup, read_setup
from tieout.people.models import Action

SALE, PURCHASE = "sale", "purchase"
SIDE = {
    "sale_invoice": SALE,
    "sale_credit_note": SALE,
    "customer_credit": SALE,
    "bill": PURCHASE,
    "purchase_credit_note": PURCHASE,
    "purchase_order": PURCHASE,
    "supplier_deposit": PURCHASE,
}


def allocate(
    source: Document | Deposit,
    document: Document,
    values: AllocationFields,
    *,
    actor: str,
    setup: Setup | None = None,
    by_rule: str = "",
) -> Allocation:
    """Let credit of a credit note or deposit count towards an invoice or bill, in their common currency. `by_rule`: the
    rule that made the use, in words, where no person did; the audit trail tells it."""
    setup = setup or read_setup(document.organisation)
    values = rules.tidied(values)
    with one_change(values):
        giver = locked(type(source), source.pk)
        taker = locked(Document, document.pk)
        refuse_if(rules.check_allocation(values, setup) + _fitting(giver, taker))
        left = document_balance(giver) if isinstance(giver, Document) else left_of_deposit(giver)
        problems = enough(values.amount, left, giver.number, giver.currency)
        due = document_balance(taker)
        if values.amount > due:
            reason = f"is above what is due on {taker.number}, {max(due, NOTHING)} {taker.currency}; use at most that"
            problems.append(Problem("amount", str(values.amount), reason))
        refuse_if(problems)
        if not values.number:
            values = replace(values, number=_number(giver, taker))
        of = {"credit_note": giver} if isinstance(giver, Document) else {"deposit": giver}
        allocation = Allocation.objects.create(
            organisation_id=taker.organisation_id, document=taker, **of, **asdict(values)
        )
        detail = {"from": giver.number, "to": taker.number, "amount": str(values.amount), "currency": taker.currency}
        if by_rule:
            detail["by_rule"] = by_rule
        note(allocation, "allocation", allocation.number, Action.CREATED, actor, detail=detail)
    return allocation


def void_allocation(allocation: Allocation, *, actor: str, version: int | None = None) -> Allocation:
    """Take a use of credit back: the source has it again, the document owes it again."""
    setup = read_setup(allocation.organisation)
    with one_change(allocation):
        current = locked(Allocation, allocation.pk, version)
        problems = rules.check_lock("date", current.date, setup)
        if current.status == Booked.VOIDED:
            problems.append(Problem("status", "VOIDED", "is final; allocate the credit anew instead"))
        refuse_if(problems)
        set_status(current, Booked.VOIDED)
        note(current, "allocation", current.number, Action.VOIDED, actor)
    return current


def _fitting(source: Document | Deposit, document: Document) -> list[Problem]:
    problems = []
    if source.organisation_id != document.organisation_id:
        return [Problem("document", str(document.pk), "is not a document of this organisation")]
    if isinstance(source, Document) and source.kind not in rules.CREDITING:
        problems.append(Problem("source", source.number, "is not a credit note; only credit can be allocated"))
    if document.kind not in rules.FALLING_DUE:
        problems.append(Problem("document", document.number, "takes no credit; only invoices and bills do"))
    if SIDE[source.kind] != SIDE[document.kind]:
        problems.append(Problem("document", document.number, f"is on the other side than {source.number}"))
    if source.contact_id != document.contact_id:
        problems.append(Problem("document", document.number, f"is of another contact than {source.number}"))
    if source.currency != document.currency:
        reason = f"is in {document.currency}, but {source.number} in {source.currency}"
        problems.append(Problem("document", document.number, reason))
    for field, each in (("source", source), ("document", document)):
        if each.status != Booked.AUTHORISED:
            advice = "authorise it first" if each.status == Document.Status.DRAFT else "it is voided"
            problems.append(Problem(field, each.number, f"cannot be allocated; {advice}"))
    return problems


def _number(source: Document | Deposit, document: Document) -> str:
    """`CN-1 to INV-1`, counted on where that is taken."""
    name = f"{source.number[:40]} to {document.number[:40]}"
    taken = Allocation.objects.filter(organisation_id=document.organisation_id, number__startswith=name).count()
    return f"{name} ({taken + 1})" if taken else name
