"""What an organisation holds: one small record per thing in its books.

Each record has Xero's `id` (a GUID in lower case) and `updated` (milliseconds since 1970). Amounts are
Decimals in the document's currency with two decimals; quantities and unit amounts have four. Records are
replaced, never changed in place once they are stored, so that an answer being written cannot change under
way. Lines and payments are tuples for the same reason.
"""

import datetime
from decimal import Decimal

import msgspec

NOTHING_GUID = "00000000-0000-0000-0000-000000000000"
ZERO = Decimal("0.00")


class Account(msgspec.Struct, gc=False, kw_only=True):
    id: str = NOTHING_GUID
    code: str | None = None
    name: str = ""
    type: str = ""
    status: str = "ACTIVE"
    description: str | None = None
    tax_type: str | None = None
    bank_account_number: str | None = None
    bank_account_type: str | None = None
    currency: str | None = None
    system_account: str | None = None
    enable_payments: bool = False
    show_in_expense_claims: bool = False
    add_to_watchlist: bool = False
    reporting_code: str | None = None
    updated: int = 0


class TaxComponent(msgspec.Struct, gc=False, frozen=True):
    name: str
    rate: Decimal
    is_compound: bool = False
    is_non_recoverable: bool = False


class TaxRate(msgspec.Struct, gc=False, kw_only=True):
    """`applies_to` holds the classes of accounts: letters of A assets, Q equity, E expenses, L liabilities,
    R revenue."""

    id: str = ""  # the tax type: tax rates have no GUID
    name: str = ""
    components: tuple[TaxComponent, ...] = ()
    status: str = "ACTIVE"
    report_tax_type: str | None = None
    applies_to: str = "AQELR"
    system: bool = False
    effective: Decimal = ZERO  # per cent, four decimals
    updated: int = 0


class Currency(msgspec.Struct, gc=False, kw_only=True):
    id: str  # the ISO code
    description: str = ""
    updated: int = 0


class TrackingOption(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    id: str
    name: str
    status: str = "ACTIVE"


class TrackingCategory(msgspec.Struct, gc=False, kw_only=True):
    id: str = NOTHING_GUID
    name: str = ""
    status: str = "ACTIVE"
    options: tuple[TrackingOption, ...] = ()
    updated: int = 0


class Contact(msgspec.Struct, gc=False, kw_only=True):
    """`addresses` and `phones` hold what was sent, by type; answers always show the fixed slots."""

    id: str = NOTHING_GUID
    name: str = ""
    contact_number: str | None = None
    account_number: str | None = None
    company_number: str | None = None
    status: str = "ACTIVE"
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    bank_account_details: str | None = None
    tax_number: str | None = None
    receivable_tax_type: str | None = None
    payable_tax_type: str | None = None
    default_currency: str | None = None
    sales_account: str | None = None
    purchases_account: str | None = None
    sales_basis: str | None = None
    purchases_basis: str | None = None
    payment_terms: dict[str, dict[str, object]] | None = None
    addresses: dict[str, dict[str, str]] = {}
    phones: dict[str, dict[str, str]] = {}
    persons: tuple[dict[str, object], ...] = ()
    sales_tracking: tuple[dict[str, str], ...] = ()
    purchases_tracking: tuple[dict[str, str], ...] = ()
    is_supplier: bool = False
    is_customer: bool = False
    merged_to: str | None = None
    updated: int = 0


class Item(msgspec.Struct, gc=False, kw_only=True):
    id: str = NOTHING_GUID
    code: str = ""
    name: str | None = None
    description: str | None = None
    purchase_description: str | None = None
    is_sold: bool = True
    is_purchased: bool = True
    sales_price: Decimal | None = None
    sales_account: str | None = None
    sales_tax_type: str | None = None
    purchase_price: Decimal | None = None
    purchase_account: str | None = None
    cogs_account: str | None = None
    purchase_tax_type: str | None = None
    inventory_account: str | None = None
    quantity_on_hand: Decimal = Decimal("0.0000")
    cost_pool: Decimal = ZERO
    updated: int = 0

    @property
    def is_tracked(self) -> bool:
        return self.inventory_account is not None


class Tracking(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    category_id: str
    option_id: str
    name: str
    option: str


class Line(msgspec.Struct, gc=False, kw_only=True):
    """A line with only a description has no `line_amount`."""

    id: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    item_code: str | None = None
    item_id: str | None = None
    account_code: str | None = None
    account_id: str | None = None
    tax_type: str | None = None
    tax_amount: Decimal | None = None
    line_amount: Decimal | None = None
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    discount: Decimal = ZERO  # the money taken off, by rate or by amount
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
        return self.total - self.amount_paid - self.amount_credited

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


class Attachment(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """A file on a record; `owner` is (resource, id)."""

    id: str
    owner: tuple[str, str]
    file_name: str
    mime_type: str
    content: bytes
    include_online: bool = False
    updated: int = 0


class Note(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """One history record; `owner` is (resource, id)."""

    id: str
    owner: tuple[str, str]
    changes: str
    details: str
    user: str
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


class ContactGroup(msgspec.Struct, gc=False, kw_only=True):
    """`members` are contacts' ids, in the order they were added."""

    id: str = NOTHING_GUID
    name: str = ""
    status: str = "ACTIVE"
    members: tuple[str, ...] = ()
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


class StockMovement(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """What one document did to one tracked item: quantity in (positive) or out, and its cost in base currency. The
    cost of goods sold is posted from here; what was bought is posted by the document's own lines."""

    id: str
    document: tuple[str, str]  # resource, id
    item_id: str
    quantity: Decimal
    cost: Decimal
    date: datetime.date
    accounts: tuple[str, str] | None = None  # inventory and cost of goods sold, where the cost is posted from here
    updated: int = 0


Document = Invoice | Credit | PurchaseOrder | BankTransaction  # what has lines with quantities and totals
