"""Payments of documents: record and void. A payment is never edited: it is voided and entered anew, as in Xero.

Always: only authorised documents take payments. A payment above what is due is taken: Core keeps what happened, and
that the ledger refuses it is for the engine to show.
"""

from __future__ import annotations

from dataclasses import asdict

from django.utils import timezone

from tieout.core import rules
from tieout.core.fields import PaymentFields
from tieout.core.models import Document, Settlement
from tieout.core.operations.recording import locked, note, one_change, refuse_if
from tieout.core.rules import Problem
from tieout.core.setup import read_setup
from tieout.people.models import Action


def record_payment(document: Document, values: PaymentFields, *, actor: str) -> Settlement:
    """Record money paid for a document, in the document's currency."""
    setup = read_setup(document.organisation)
    values = rules.tidied(values)
    with one_change(values):
        current = locked(Document, document.pk)  # so that nobody voids it meanwhile
        problems = rules.check_payment(values, current.currency, setup) + takes_payment(current.number, current.status)
        refuse_if(problems)
        payment = Settlement.objects.create(organisation_id=current.organisation_id, document=current, **asdict(values))
        detail = {"document": current.number, "amount": str(payment.amount), "currency": current.currency}
        note(payment, "payment", payment.number, Action.CREATED, actor, detail=detail)
    return payment


def void_payment(payment: Settlement, *, actor: str, version: int | None = None) -> Settlement:
    """Take a payment back; what it paid is due again."""
    setup = read_setup(payment.organisation)
    with one_change(payment):
        current = locked(Settlement, payment.pk, version)
        problems = rules.check_lock("date", current.date, setup)
        if current.status == Settlement.Status.VOIDED:
            problems.append(Problem("status", "VOIDED", "is final; record a new payment instead"))
        refuse_if(problems)
        current.status = Settlement.Status.VOIDED
        current.version += 1
        current.changed_at = timezone.now()
        current.save(update_fields=["status", "version", "changed_at"])
        note(current, "payment", current.number, Action.VOIDED, actor)
    return current


def takes_payment(number: str, status: str) -> list[Problem]:
    """Only an authorised document can be paid."""
    if status == Document.Status.AUTHORISED:
        return []
    advice = "authorise it first" if status == Document.Status.DRAFT else "it is voided"
    return [Problem("document", number, f"takes no payments; {advice}")]
