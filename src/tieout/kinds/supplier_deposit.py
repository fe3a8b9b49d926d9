"""Supplier deposit → money spent ahead of a bill: a SPEND-PREPAYMENT or SPEND-OVERPAYMENT."""

from __future__ import annotations

from tieout.kinds.deposit import DepositKind


class SupplierDepositKind(DepositKind):
    name = "supplier_deposit"
    title = "Supplier deposit"
    plural = "Supplier deposits"
    verb = "SPEND"
    ledger = "AP"
    role = "supplier-deposits"
