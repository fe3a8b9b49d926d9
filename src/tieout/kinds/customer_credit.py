"""Customer credit → money received ahead of an invoice: a RECEIVE-PREPAYMENT or RECEIVE-OVERPAYMENT."""

from __future__ import annotations

from tieout.kinds.deposit import DepositKind


class CustomerCreditKind(DepositKind):
    name = "customer_credit"
    title = "Customer credit"
    plural = "Customer credits"
    verb = "RECEIVE"
    ledger = "AR"
    role = "customer-credits"
