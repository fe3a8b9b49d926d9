"""Xero's documents as typed values, the same type for what is sent and what comes back.

Always: a field that is None is not sent; unknown keys are ignored; words that Xero may add to (statuses, types,
classes) are plain text, so that a new word never costs a page. Money is Decimal. Dates are text: `YYYY-MM-DD` on
the way out, Xero's own forms on the way in (`wire.as_date` reads both).
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

_UPPER = {"id": "ID", "utc": "UTC"}


def _xero_name(field: str) -> str:
    return "".join(_UPPER.get(word, word.capitalize()) for word in field.split("_"))


class Wire(msgspec.Struct, rename=_xero_name, omit_defaults=True, kw_only=True, gc=False):
    """Base of all: PascalCase on the wire, None left out."""


class Message(Wire):
    message: str = ""


class Element(Wire):
    """What every element of an answer may carry beside its own fields."""

    status_attribute_string: str | None = None
    has_errors: bool | None = None
    has_validation_errors: bool | None = None
    validation_errors: list[Message] | None = None
    warnings: list[Message] | None = None
    updated_date_utc: str | None = None


class Phone(Wire):
    phone_type: str | None = None
    phone_number: str | None = None
    phone_area_code: str | None = None
    phone_country_code: str | None = None


class Address(Wire):
    address_type: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Term(Wire):
    day: int | None = None
    type: str | None = None


class PaymentTerms(Wire):
    bills: Term | None = None
    sales: Term | None = None


class Contact(Element):
    contact_id: str | None = None
    contact_number: str | None = None
    account_number: str | None = None
    contact_status: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    tax_number: str | None = None
    default_currency: str | None = None
    addresses: list[Address] | None = None
    phones: list[Phone] | None = None
    is_customer: bool | None = None
    is_supplier: bool | None = None
    payment_terms: PaymentTerms | None = None
    merged_to_contact_id: str | None = None


class PriceDetails(Wire):
    unit_price: Decimal | None = None
    account_code: str | None = None
    tax_type: str | None = None


class Item(Element):
    item_id: str | None = None
    code: str | None = None
    name: str | None = None
    description: str | None = None
    purchase_description: str | None = None
    is_sold: bool | None = None
    is_purchased: bool | None = None
    is_tracked_as_inventory: bool | None = None
    purchase_details: PriceDetails | None = None
    sales_details: PriceDetails | None = None


class Tracking(Wire):
    """A tag on a line: a tracking category and one of its options, by name."""

    name: str | None = None
    option: str | None = None


class LineItem(Wire):
    line_item_id: str | None = None
    description: str | None = None
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    item_code: str | None = None
    account_code: str | None = None
    account_id: str | None = None
    tax_type: str | None = None
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    line_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    tracking: list[Tracking] | None = None
    validation_errors: list[Message] | None = None


class AccountRef(Wire):
    account_id: str | None = None
    code: str | None = None


class PaymentRef(Wire):
    payment_id: str | None = None
    date: str | None = None
    amount: Decimal | None = None
    reference: str | None = None


class ContactRef(Wire):
    """What is sent, and looked at, of a document's contact; Xero shows all of it."""

    contact_id: str | None = None
    name: str | None = None


class InvoiceRef(Wire):
    """What is sent, and looked at, of an invoice that something settles."""

    invoice_id: str | None = None
    currency_code: str | None = None


class Invoice(Element):
    invoice_id: str | None = None
    type: str | None = None
    invoice_number: str | None = None
    reference: str | None = None
    contact: ContactRef | None = None
    date: str | None = None
    due_date: str | None = None
    status: str | None = None
    line_amount_types: str | None = None
    currency_code: str | None = None
    currency_rate: Decimal | None = None
    line_items: list[LineItem] | None = None
    sub_total: Decimal | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None
    amount_due: Decimal | None = None
    amount_paid: Decimal | None = None
    amount_credited: Decimal | None = None
    payments: list[PaymentRef] | None = None


class Allocation(Element):
    allocation_id: str | None = None
    amount: Decimal | None = None
    date: str | None = None
    invoice: InvoiceRef | None = None


class Credit(Element):
    """What credit notes, prepayments and overpayments share."""

    type: str | None = None
    reference: str | None = None
    contact: ContactRef | None = None
    date: str | None = None
    status: str | None = None
    line_amount_types: str | None = None
    currency_code: str | None = None
    currency_rate: Decimal | None = None
    line_items: list[LineItem] | None = None
    sub_total: Decimal | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None
    remaining_credit: Decimal | None = None
    allocations: list[Allocation] | None = None


class CreditNote(Credit):
    credit_note_id: str | None = None
    credit_note_number: str | None = None


class Prepayment(Credit):
    prepayment_id: str | None = None


class Overpayment(Credit):
    overpayment_id: str | None = None


class Payment(Element):
    payment_id: str | None = None
    payment_type: str | None = None
    status: str | None = None
    date: str | None = None
    amount: Decimal | None = None
    currency_rate: Decimal | None = None
    reference: str | None = None
    account: AccountRef | None = None
    invoice: InvoiceRef | None = None
    credit_note: CreditNote | None = None
    prepayment: Prepayment | None = None
    overpayment: Overpayment | None = None


class BankTransaction(Element):
    bank_transaction_id: str | None = None
    prepayment_id: str | None = None
    overpayment_id: str | None = None
    type: str | None = None
    contact: ContactRef | None = None
    bank_account: AccountRef | None = None
    date: str | None = None
    reference: str | None = None
    status: str | None = None
    line_amount_types: str | None = None
    currency_code: str | None = None
    currency_rate: Decimal | None = None
    line_items: list[LineItem] | None = None
    sub_total: Decimal | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None


class BankTransfer(Element):
    bank_transfer_id: str | None = None
    from_bank_account: AccountRef | None = None
    to_bank_account: AccountRef | None = None
    amount: Decimal | None = None
    date: str | None = None
    reference: str | None = None
    status: str | None = None


class PurchaseOrder(Element):
    purchase_order_id: str | None = None
    purchase_order_number: str | None = None
    reference: str | None = None
    contact: ContactRef | None = None
    date: str | None = None
    delivery_date: str | None = None
    status: str | None = None
    line_amount_types: str | None = None
    currency_code: str | None = None
    currency_rate: Decimal | None = None
    line_items: list[LineItem] | None = None
    sub_total: Decimal | None = None
    total_tax: Decimal | None = None
    total: Decimal | None = None


class JournalLine(Wire):
    line_amount: Decimal | None = None
    account_code: str | None = None
    description: str | None = None
    tax_type: str | None = None
    tracking: list[Tracking] | None = None


class ManualJournal(Element):
    manual_journal_id: str | None = None
    narration: str | None = None
    date: str | None = None
    status: str | None = None
    line_amount_types: str | None = None
    show_on_cash_basis_reports: bool | None = None
    journal_lines: list[JournalLine] | None = None


class Attachment(Element):
    attachment_id: str | None = None
    file_name: str | None = None
    mime_type: str | None = None
    content_length: int | None = None


class Account(Element):
    account_id: str = ""
    name: str = ""
    code: str = ""
    type: str = ""
    class_: str = msgspec.field(default="", name="Class")
    status: str = "ACTIVE"
    tax_type: str = ""
    currency_code: str = ""
    enable_payments_to_account: bool = False
    system_account: str = ""


class TaxRate(Element):
    name: str = ""
    tax_type: str = ""
    status: str = "ACTIVE"
    effective_rate: Decimal = Decimal(0)
    can_apply_to_assets: bool = False
    can_apply_to_equity: bool = False
    can_apply_to_expenses: bool = False
    can_apply_to_liabilities: bool = False
    can_apply_to_revenue: bool = False


class Organisation(Element):
    name: str = ""
    base_currency: str = ""
    organisation_id: str = ""
    country_code: str = ""
    short_code: str = ""
    timezone: str = ""
    period_lock_date: str | None = None
    end_of_year_lock_date: str | None = None
    payment_terms: PaymentTerms | None = None


class Currency(Wire):
    code: str
    description: str = ""


class TrackingOption(Wire):
    tracking_option_id: str = ""
    name: str = ""
    status: str = "ACTIVE"


class TrackingCategory(Wire):
    tracking_category_id: str = ""
    name: str = ""
    status: str = "ACTIVE"
    options: list[TrackingOption] = msgspec.field(default_factory=list)


class Pagination(msgspec.Struct, rename="camel"):
    page: int = 1
    page_size: int = 100
    page_count: int = 0
    item_count: int = 0


class Tenant(msgspec.Struct, rename="camel"):
    """One connection of `/connections`. `id` is what a disconnect deletes; `tenant_id` is what calls name."""

    id: str
    tenant_id: str
    tenant_name: str = ""
    tenant_type: str = "ORGANISATION"
    auth_event_id: str = ""
