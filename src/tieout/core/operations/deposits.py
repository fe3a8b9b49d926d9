"""Deposits: customer credit and supplier deposits, recorded and taken back.

Always: a deposit is never edited, it is voided and entered anew; one that names an order is used by itself on what is
open of that order (`credit_for_orders`); a deposit made from a credit note is never above what the note had.
"""

from __future__ import annotations

from dataclasses import asdict

from tieout.core import rules
from tieout.core.fields import DepositFields
from tieout.core.models import Booked, Contact, Deposit, Document, Organisation
from tieout.core.operations.allocations import SIDE
from tieout.core.operations.balances import document_balance, enough, free_deposit
from tieout.core.operations.credit_for_orders import use_credit
from tieout.core.operations.recording import locked, note, one_change, refuse_if, set_status
from tieout.core.rules import Problem
from tieout.core.setup import Setup, read_setup
from tieout.people.models import Action


def record_deposit(
    organisation: Organisation, values: DepositFields, *, actor: str, setup: Setup | None = None
) -> Deposit:
    """Record money in hand. With origin `credit_note` the credit note that it names gives the amount. Taken for an
    order, it is used at once on what is open of that order."""
    setup = setup or read_setup(organisation)
    values = rules.tidied(values)
    with one_change(values):
        document = None
        if values.document_id is not None:
            stored = Document.objects.select_for_update().filter(organisation=organisation, pk=values.document_id)
            document = stored.first()
        problems = rules.check_deposit(values, setup) + _taken_for(values, document)
        if not Contact.objects.filter(organisation=organisation, pk=values.contact_id).exists():
            problems.append(Problem("contact", str(values.contact_id), "is not a contact of this organisation"))
        refuse_if(problems)
        if document is not None and values.origin == "credit_note":
            left = document_balance(document)
            refuse_if(enough(values.amount, left, document.number, document.currency))
        deposit = Deposit.objects.create(organisation=organisation, **asdict(values))
        detail = {"amount": str(deposit.amount), "currency": deposit.currency, "origin": deposit.origin}
        note(deposit, deposit.kind, deposit.number, Action.CREATED, actor, detail=detail)
        use_credit(organisation.pk, deposit.kind, [deposit.pk], actor=actor, setup=setup)
    return deposit


def void_deposit(deposit: Deposit, *, actor: str, version: int | None = None) -> Deposit:
    """Take a deposit back. One that was used or refunded cannot go before that is voided; one that was split from a
    payment goes with its payment."""
    setup = read_setup(deposit.organisation)
    with one_change(deposit):
        current = locked(Deposit, deposit.pk, version)
        problems = rules.check_lock("date", current.date, setup) + free_deposit(current)
        if current.status == Booked.VOIDED:
            problems.append(Problem("status", "VOIDED", "is final; record a new deposit instead"))
        elif current.payment is not None:
            reason = f"was split from payment {current.payment.number}; void that payment, and this goes with it"
            problems.append(Problem("number", current.number, reason))
        refuse_if(problems)
        set_status(current, Booked.VOIDED)
        note(current, current.kind, current.number, Action.VOIDED, actor)
    return current


def _taken_for(values: DepositFields, document: Document | None) -> list[Problem]:
    """The document that a deposit names belongs to its contact, side and currency, and fits its origin."""
    if values.document_id is None:
        return []
    if document is None:
        return [Problem("document", str(values.document_id), "is not a document of this organisation")]
    problems = []
    if SIDE[document.kind] != SIDE.get(values.kind):
        problems.append(Problem("document", document.number, "is on the other side: sales go with customer credit"))
    if document.contact_id != values.contact_id:
        problems.append(Problem("document", document.number, "is of another contact"))
    if document.currency != values.currency:
        problems.append(Problem("currency", values.currency, f"differs from {document.number}, in {document.currency}"))
    if (values.origin == "credit_note") != (document.kind in rules.CREDITING):
        problems.append(Problem("document", document.number, f"does not go with the origin {values.origin}"))
    if document.status == Document.Status.VOIDED:
        problems.append(Problem("document", document.number, "is voided; choose another one"))
    elif values.origin != "prepayment" and document.status != Document.Status.AUTHORISED:
        problems.append(Problem("document", document.number, "is a draft; authorise it first"))
    return problems
