"""Documents with their lines: invoices, credits and where they were used, orders, journals, costs billed on."""

import datetime
from decimal import Decimal

import msgspec

from xero_twin.money import ZERO
from xero_twin.records.guid import NOTHING_GUID


class Tracking(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    category_id: str
    option_id: str
    name: str
    option: str


class Posting(msgspec.Struct, gc=False, frozen=True):
    """What a line comes to and where that is posted. Lines that say the same share one; one with only a description has
    no `line_amount`."""

    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    account_code: str | None = None
    account_id: str | None = None
    tax_type: str | None = None
    tax_amount: Decimal | None = None
    line_amount: Decimal | None = None
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    discount: Decimal = ZERO  # the money taken off, by rate or by amount

    @property
    def can_be_shared(self) -> bool:
        """Equal ones look the same but for discounts, which are shown with the digits that they were sent with."""
        return self.discount_rate is None and self.discount_amount is None


class Line(msgspec.Struct, gc=False):
    id: str | None
    description: str | None
    posting: Posting
    item_code: str | None = None
    item_id: str | None = None
    tracking: tuple[Tracking, ...] = ()


class Invoice(msgspec.Struct, gc=False, kw_only=True):
    """A sales invoice (type ACCREC) or a bill (ACCPAY)."""

    id: str = NOTHING_GUID
    type: str = ""
    number: str | None = None
    reference: str | None = None
    contact_id: str | None = None
    date: datetime.date | None = None
    due_date: datetime.date | None = None
    expected_payment_date: datetime.date | None = None
    planned_payment_date: datetime.date | None = None
    status: str = "DRAFT"
    basis: str = "Exclusive"
    lines: tuple[Line, ...] = ()
    currency: str = ""
    currency_rate: Decimal = Decimal("1.0000000000")
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    total_discount: Decimal = ZERO
    rounding_amount: Decimal | None = None
    entered_total: Decimal | None = None
    amount_paid: Decimal = ZERO
    amount_credited: Decimal = ZERO
    fully_paid_on: datetime.date | None = None
    url: str | None = None
    sent_to_contact: bool | None = None
    payments: tuple[str, ...] = ()
    app: str | None = None
    from_expenses: bool = False  # made by Xero Expenses, which the API may not change
    updated: int = 0

    @property
    def amount_due(self) -> Decimal:
        if self.amount_paid or self.amount_credited:
            return self.total - self.amount_paid - self.amount_credited
        return self.total

    @property
    def has_settlements(self) -> bool:
        return bool(self.amount_paid or self.amount_credited)


class Credit(msgspec.Struct, gc=False, kw_only=True):
    """What can be set off against invoices or refunded: a credit note (ACCRECCREDIT, ACCPAYCREDIT), or a prepayment
    or overpayment, which has the type of the bank transaction that made it. `applied` is what allocations
    took, `refunded` what payments took; both in the credit's currency."""

    id: str = NOTHING_GUID
    type: str = ""
    number: str | None = None
    reference: str | None = None
    contact_id: str | None = None
    date: datetime.date | None = None
    status: str = "DRAFT"
    basis: str = "Exclusive"
    lines: tuple[Line, ...] = ()
    currency: str = ""
    currency_rate: Decimal = Decimal("1.0000000000")
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    applied: Decimal = ZERO
    refunded: Decimal = ZERO
    fully_paid_on: datetime.date | None = None
    bank_transaction_id: str | None = None
    updated: int = 0

    @property
    def remaining(self) -> Decimal:
        return self.total - self.applied - self.refunded

    @property
    def has_settlements(self) -> bool:
        return bool(self.applied or self.refunded)

    @property
    def of_customer(self) -> bool:
        """Whether it goes with sales invoices; else it goes with bills."""
        return self.type.startswith(("ACCREC", "RECEIVE"))


class Allocation(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """A part of a credit set off against an invoice. `kind` is the resource of the credit, e.g. `CreditNotes`."""

    id: str
    kind: str
    credit_id: str
    invoice_id: str
    amount: Decimal
    date: datetime.date
    updated: int = 0


class PurchaseOrder(msgspec.Struct, gc=False, kw_only=True):
    id: str = NOTHING_GUID
    number: str | None = None
    reference: str | None = None
    contact_id: str | None = None
    date: datetime.date | None = None
    delivery_date: datetime.date | None = None
    expected_arrival_date: datetime.date | None = None
    delivery_address: str | None = None
    attention_to: str | None = None
    telephone: str | None = None
    delivery_instructions: str | None = None
    sent_to_contact: bool | None = None
    status: str = "DRAFT"
    basis: str = "Exclusive"
    lines: tuple[Line, ...] = ()
    currency: str = ""
    currency_rate: Decimal = Decimal("1.0000000000")
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    total_discount: Decimal = ZERO
    updated: int = 0


class ManualJournal(msgspec.Struct, gc=False, kw_only=True):
    """Debits are positive line amounts. Its lines are `Line`s without quantities, in base currency."""

    id: str = NOTHING_GUID
    narration: str = ""
    date: datetime.date | None = None
    status: str = "DRAFT"
    basis: str = "NoTax"
    lines: tuple[Line, ...] = ()
    url: str | None = None
    on_cash_basis: bool = True
    updated: int = 0


class LinkedTransaction(msgspec.Struct, gc=False, kw_only=True):
    """A cost that is to be billed on: a line of a bill or of money spent, for a customer, on a line of an invoice."""

    id: str = NOTHING_GUID
    source_id: str = NOTHING_GUID
    source_line_id: str = NOTHING_GUID
    source_type: str = ""
    contact_id: str | None = None
    target_id: str | None = None
    target_line_id: str | None = None
    updated: int = 0
