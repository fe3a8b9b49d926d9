"""Payments of documents and refunds of credit: record and void. Neither is edited: it is voided and entered anew.

Always: only authorised documents take payments. Money above what is due is split by itself: what is due pays the
document, the rest becomes a deposit with the same account, date and reference. `split=False` takes the payment as it
is: Core keeps what happened, and that the ledger refuses it is for the engine to show. A refund is never above what the
credit note or deposit has left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from tieout.core import rules, store
from tieout.core.fields import PaymentFields
from tieout.core.models import Booked, Deposit, Document, Organisation, Settlement
from tieout.core.operations.balances import document_balance, enough, free_deposit, left_of_deposit
from tieout.core.operations.recording import locked, note, one_change, refuse_if, set_status
from tieout.core.rules import Problem, Refused
from tieout.core.setup import Setup, read_setup
from tieout.people.audit import record_events
from tieout.people.models import Action

DEPOSIT_OF = {"sale_invoice": "customer_credit", "bill": "supplier_deposit"}
SUFFIX = "-OVER"
REFUNDABLE = tuple(rules.CREDITING)


def record_payment(
    document: Document, values: PaymentFields, *, actor: str, split: bool = True, setup: Setup | None = None
) -> Settlement:
    """Record money paid for an invoice or bill, in its currency. The rest of what is above what is due becomes a
    deposit (`payment.deposits`). Where nothing is due at all, it is refused."""
    setup = setup or read_setup(document.organisation)
    values = rules.tidied(values)
    with one_change(values):
        current = locked(Document, document.pk)  # so that nobody voids it, pays it or credits it meanwhile
        problems = rules.check_payment(values, current.currency, setup)
        problems += takes_payment(current.kind, current.number, current.status)
        refuse_if(problems)
        due = document_balance(current) if split else values.amount
        refuse_if(payable(current.number, due))
        paid, rest = divided(values.amount, due)
        payment = Settlement.objects.create(
            organisation_id=current.organisation_id, document=current, **asdict(replace(values, amount=paid))
        )
        detail = {"document": current.number, "amount": str(paid), "currency": current.currency}
        note(payment, "payment", payment.number, Action.CREATED, actor, detail=detail)
        if rest:
            deposit = Deposit.objects.create(
                organisation_id=current.organisation_id,
                payment=payment,
                **overpayment(values, rest, vars(current)),
            )
            detail = {"payment": payment.number, "amount": str(rest), "currency": current.currency}
            note(deposit, deposit.kind, deposit.number, Action.CREATED, actor, detail=detail)
    return payment


def take_payments(
    organisation: Organisation, wanted: Sequence[tuple[UUID, PaymentFields]], *, actor: str, setup: Setup
) -> tuple[list[Settlement], dict[str, str]]:
    """Payments that another system made already, many at once: recorded where Core's rules allow, and of the others, by
    number, why not. They are not marked as touched: that system has them. Never split: they are what was made there."""
    refused: dict[str, str] = {}
    with transaction.atomic():
        ids = {document_id for document_id, _ in wanted}
        stored = Document.objects.filter(organisation=organisation, pk__in=ids).select_for_update().order_by("id")
        documents = {document.pk: document for document in stored}
        due = store.balances(organisation.pk, list(documents))
        payments = []
        for document_id, entered in wanted:
            values = rules.tidied(entered)
            document = documents[document_id]
            problems = rules.check_payment(values, document.currency, setup)
            problems += takes_payment(document.kind, document.number, document.status)
            problems += enough(values.amount, due[document_id], document.number, document.currency)
            if problems:
                refused[entered.number] = str(Refused(problems))
                continue
            due[document_id] -= values.amount
            payments.append(Settlement(organisation=organisation, document=document, **asdict(values)))
        Settlement.objects.bulk_create(payments)
        record_events(
            organisation.pk,
            actor,
            Action.CREATED,
            [("payment", each.pk, each.number, _taken_detail(each)) for each in payments],
        )
    return payments, refused


def _taken_detail(payment: Settlement) -> dict[str, str]:
    assert payment.document is not None
    return {
        "document": payment.document.number,
        "amount": str(payment.amount),
        "currency": payment.document.currency,
    }


def void_payment(payment: Settlement, *, actor: str, version: int | None = None) -> Settlement:
    """Take a payment or refund back; what it settled is open again. A deposit split from it goes with it, unless that
    was used."""
    setup = read_setup(payment.organisation)
    with one_change(payment):
        current = locked(Settlement, payment.pk, version)
        problems = rules.check_lock("date", current.date, setup)
        if current.status == Booked.VOIDED:
            problems.append(Problem("status", "VOIDED", "is final; record a new payment instead"))
        split = list(Deposit.objects.select_for_update().filter(payment=current, status=Booked.AUTHORISED))
        for deposit in split:
            problems += free_deposit(deposit)
        refuse_if(problems)
        for deposit in split:
            set_status(deposit, Booked.VOIDED)
            note(deposit, deposit.kind, deposit.number, Action.VOIDED, actor)
        set_status(current, Booked.VOIDED)
        note(current, current.kind, current.number, Action.VOIDED, actor)
    return current


def record_refund(
    source: Document | Deposit, values: PaymentFields, *, actor: str, setup: Setup | None = None
) -> Settlement:
    """Record money paid back from a credit note or a deposit, in its currency and not above what it has left."""
    setup = setup or read_setup(source.organisation)
    values = rules.tidied(values)
    with one_change(values):
        current = locked(type(source), source.pk)
        problems = rules.check_payment(values, current.currency, setup)
        if isinstance(current, Document):
            problems += takes_refund(current.kind, current.number, current.status)
            left, of = document_balance(current), {"document_id": current.pk}
        else:
            if current.status != Booked.AUTHORISED:
                problems.append(Problem("document", current.number, "takes no refund; it is voided"))
            left, of = left_of_deposit(current), {"deposit_id": current.pk}
        refuse_if(problems or enough(values.amount, left, current.number, current.currency))
        refund = Settlement.objects.create(
            organisation_id=current.organisation_id, kind=Settlement.Kind.REFUND, **of, **asdict(values)
        )
        detail = {"document": current.number, "amount": str(refund.amount), "currency": current.currency}
        note(refund, "refund", refund.number, Action.CREATED, actor, detail=detail)
    return refund


def takes_payment(kind: str, number: str, status: str) -> list[Problem]:
    """Only an authorised invoice or bill can be paid."""
    if kind in REFUNDABLE:
        return [Problem("document", number, "is a credit note; record a refund instead")]
    if kind not in rules.FALLING_DUE:
        return [Problem("document", number, "is an order; record a deposit, or pay its bill")]
    return _authorised(number, status, "payments")


def takes_refund(kind: str, number: str, status: str) -> list[Problem]:
    """Only an authorised credit note can be refunded."""
    if kind not in REFUNDABLE:
        return [Problem("document", number, "is not a credit note; only credit notes and deposits are refunded")]
    return _authorised(number, status, "refund")


def _authorised(number: str, status: str, what: str) -> list[Problem]:
    if status == Document.Status.AUTHORISED:
        return []
    advice = "authorise it first" if status == Document.Status.DRAFT else "it is voided"
    return [Problem("document", number, f"takes no {what}; {advice}")]


def payable(number: str, due: Decimal) -> list[Problem]:
    """Where nothing is due, money that came in may be a mistake: a person says what it is."""
    if due > 0:
        return []
    reason = "is paid in full; check for a payment entered twice, or record the money as a deposit"
    return [Problem("document", number, reason)]


def divided(amount: Decimal, due: Decimal) -> tuple[Decimal, Decimal]:
    """What of an amount pays what is due (above zero), and the rest. Both add up to the amount."""
    paid = min(amount, due)
    return paid, amount - paid


def overpayment(values: PaymentFields, rest: Decimal, document: Mapping[str, Any]) -> dict[str, Any]:
    """The deposit that holds what was paid above what was due of a document (its id, kind, contact and currency)."""
    return {
        "kind": DEPOSIT_OF[document["kind"]],
        "number": overpayment_number(values.number),
        "contact_id": document["contact_id"],
        "document_id": document["id"],
        "origin": Deposit.Origin.OVERPAYMENT,
        "account": values.account,
        "date": values.date,
        "amount": rest,
        "currency": document["currency"],
        "rate": values.rate,
        "reference": values.reference,
    }


def overpayment_number(payment_number: str) -> str:
    return payment_number[: 100 - len(SUFFIX)] + SUFFIX
