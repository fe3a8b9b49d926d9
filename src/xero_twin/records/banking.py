"""Money on bank accounts: transactions, transfers, payments."""

import datetime
from decimal import Decimal

import msgspec

from xero_twin.money import ZERO
from xero_twin.records.documents import Line, Tracking
from xero_twin.records.guid import NOTHING_GUID


class BankTransaction(msgspec.Struct, gc=False, kw_only=True):
    """Money spent or received. One that makes a prepayment or overpayment has its id in `credit_id`, one that is
    half of a transfer has no lines."""

    id: str = NOTHING_GUID
    type: str = ""
    account_id: str | None = None
    contact_id: str | None = None
    reference: str | None = None
    date: datetime.date | None = None
    status: str = "AUTHORISED"
    basis: str = "Inclusive"
    lines: tuple[Line, ...] = ()
    currency: str = ""
    currency_rate: Decimal = Decimal("1.0000000000")
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    is_reconciled: bool = False
    url: str | None = None
    credit_id: str | None = None
    transfer_id: str | None = None
    updated: int = 0

    @property
    def receives(self) -> bool:
        return self.type.startswith("RECEIVE")


class BankTransfer(msgspec.Struct, gc=False, kw_only=True):
    id: str = NOTHING_GUID
    from_account_id: str | None = None
    to_account_id: str | None = None
    amount: Decimal = ZERO
    currency_rate: Decimal = Decimal("1.0000000000")
    date: datetime.date | None = None
    reference: str | None = None
    from_transaction_id: str | None = None
    to_transaction_id: str | None = None
    from_reconciled: bool = False
    to_reconciled: bool = False
    from_tracking: tuple[Tracking, ...] = ()
    to_tracking: tuple[Tracking, ...] = ()
    status: str = "AUTHORISED"
    created: int = 0
    updated: int = 0


class Payment(msgspec.Struct, gc=False, kw_only=True):
    """A payment of an invoice or a bill, or the refund of a credit (then `credit_kind` is the credit's resource);
    `amount` is in the document's currency, `bank_amount` in the bank account's."""

    id: str = NOTHING_GUID
    invoice_id: str | None = None
    credit_id: str | None = None
    credit_kind: str | None = None
    account_id: str | None = None
    date: datetime.date | None = None
    amount: Decimal = ZERO
    bank_amount: Decimal = ZERO
    reference: str | None = None
    currency_rate: Decimal = Decimal("1.0000000000")
    type: str = ""
    status: str = "AUTHORISED"
    is_reconciled: bool = False
    particulars: str | None = None
    code: str | None = None
    details: str | None = None
    batch_id: str | None = None
    updated: int = 0


class BatchPayment(msgspec.Struct, gc=False, kw_only=True):
    """Several payments from or to one account on one day; each is a Payment of its own too."""

    id: str = NOTHING_GUID
    type: str = ""
    account_id: str | None = None
    date: datetime.date | None = None
    reference: str | None = None
    particulars: str | None = None
    code: str | None = None
    details: str | None = None
    narrative: str | None = None
    payments: tuple[str, ...] = ()
    total: Decimal = ZERO
    status: str = "AUTHORISED"
    is_reconciled: bool = False
    updated: int = 0
