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
    branding_theme_id: str | None = None
    url: str | None = None
    sent_to_contact: bool | None = None
    payments: tuple[str, ...] = ()
    app: str | None = None
    updated: int = 0

    @property
    def amount_due(self) -> Decimal:
        return self.total - self.amount_paid - self.amount_credited

    @property
    def has_settlements(self) -> bool:
        return bool(self.amount_paid or self.amount_credited)


class Payment(msgspec.Struct, gc=False, kw_only=True):
    """A payment of an invoice or a bill; `amount` is in the document's currency, `bank_amount` in the bank
    account's."""

    id: str = NOTHING_GUID
    invoice_id: str | None = None
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
    updated: int = 0
