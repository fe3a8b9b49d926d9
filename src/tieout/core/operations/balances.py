"""What documents and deposits still owe or still have, read under the lock of whoever is about to change it.

In: a locked document or deposit. Out: amounts in its currency, problems in words. Always: only what is AUTHORISED
counts.
"""

from __future__ import annotations

from decimal import Decimal

from tieout.core import store
from tieout.core.models import Allocation, Booked, Deposit, Document, Settlement
from tieout.core.records import NOTHING, DepositRecord
from tieout.core.rules import Problem


def document_balance(document: Document) -> Decimal:
    """What is still due of an invoice or bill, or what a credit note still has to give. Below zero: paid too much."""
    return store.balances(document.organisation_id, [document.pk])[document.pk]


def left_of_deposit(deposit: Deposit) -> Decimal:
    """What a deposit still has to give."""
    record = store.load(deposit.organisation_id, deposit.kind, [deposit.pk])[deposit.pk]
    assert isinstance(record, DepositRecord)
    return record.balance


def enough(amount: Decimal, left: Decimal, number: str, currency: str) -> list[Problem]:
    """A source gives no more than it has."""
    if amount <= left:
        return []
    reason = f"is above what {number} still has, {max(left, NOTHING)} {currency}; use at most that"
    return [Problem("amount", str(amount), reason)]


def free_deposit(deposit: Deposit) -> list[Problem]:
    """A deposit that was used or refunded cannot be taken back."""
    live = {"deposit": deposit, "status": Booked.AUTHORISED}
    numbers = [
        *Allocation.objects.filter(**live).values_list("number", flat=True)[:5],
        *Settlement.objects.filter(**live).values_list("number", flat=True)[:5],
    ]
    if not numbers:
        return []
    reason = f"has been used or refunded ({', '.join(numbers)}), which must be voided first"
    return [Problem("number", deposit.number, reason)]
