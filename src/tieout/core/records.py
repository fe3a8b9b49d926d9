"""Core's records as plain frozen values: what planning, mapping and comparing work on, without a database.

In: nothing. Out: one value class per record; structs, for they are made by the thousand. Always: immutable, money
Decimal in the named currency, `rate` in foreign units per one base unit, ids are Core's own.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from tieout.core.due_dates import Term

NOTHING = Decimal("0.00")


class RecordKey(NamedTuple):
    """Which record: its kind (a word of `store.KINDS`) and Core's id."""

    kind: str
    id: UUID


class ContactRecord(msgspec.Struct, frozen=True, gc=False):
    """`in_use`: an authorised document, deposit or money task names it."""

    key: RecordKey
    code: str
    name: str
    is_customer: bool
    is_supplier: bool
    active: bool
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    fax: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    tax_number: str = ""
    currency: str = ""
    sale_account: str = ""
    purchase_account: str = ""
    tax_rule_id: int | None = None
    in_use: bool = False
    attributes: Mapping[str, str] = msgspec.field(default_factory=dict)
    term: Term | None = None


class ProductRecord(msgspec.Struct, frozen=True, gc=False):
    """`in_use`: a line of an authorised document or money task names it. `ready`: not waiting to be set up.

    Empty `cost_account` and `inventory_account`: those of the mapping.
    """

    key: RecordKey
    sku: str
    name: str
    description: str
    purchase_description: str
    active: bool
    ready: bool
    sale_price: Decimal | None
    purchase_price: Decimal | None
    sale_account: str = ""
    purchase_account: str = ""
    sale_tax_rule_id: int | None = None
    purchase_tax_rule_id: int | None = None
    in_use: bool = False
    category: str = ""
    brand: str = ""
    family: str = ""
    cost_account: str = ""
    inventory_account: str = ""
    attributes: Mapping[str, str] = msgspec.field(default_factory=dict)
    stock: bool = True
    is_sold: bool = True
    is_purchased: bool = True


class LineRecord(msgspec.Struct, frozen=True, gc=False):
    """A line of a document or a money task. `tax_rule_id`: the rule that its tax was computed by, whoever named it.
    `unit_cost` in base currency, None while it is not known; `tracking` is a
    money task's own (a document's follows from its head, products and contact)."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    tax: Decimal
    product_id: UUID | None = None
    account: str = ""
    tax_rule_id: int | None = None
    is_charge: bool = False
    unit_cost: Decimal | None = None
    tracking: Mapping[str, str] = msgspec.field(default_factory=dict)


class DocumentRecord(msgspec.Struct, frozen=True, gc=False):
    """A document of any kind. `due_date` is its date where nothing falls due (credit notes, orders).

    `paid`: live payments, or a credit note's refunds. `credited`: what an invoice or bill got from credit notes and
    deposits. `used`: what a credit note gave to documents and to a deposit made from it. `credits`: the document that a
    credit note is for. `default_account`: for lines that name none, nor does their
    product.
    """

    key: RecordKey
    number: str
    contact_id: UUID
    contact_name: str
    channel: str
    reference: str
    date: datetime.date
    due_date: datetime.date
    currency: str
    rate: Decimal
    tax_treatment: str
    status: str
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    paid: Decimal
    lines: tuple[LineRecord, ...]
    credited: Decimal = NOTHING
    used: Decimal = NOTHING
    credits: RecordKey | None = None
    credits_number: str = ""
    shipped_on: datetime.date | None = None
    delivery_date: datetime.date | None = None
    sales_rep: str = ""
    location: str = ""
    job: str = ""
    service: bool = False
    default_account: str = ""
    attributes: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def balance(self) -> Decimal:
        """What is still due, or what a credit note still has to give; below zero where too much was paid."""
        return self.total - self.paid - self.credited - self.used


class SettlementRecord(msgspec.Struct, frozen=True, gc=False):
    """A payment or a refund. `document` is what it settles: for a refund a credit note, or a deposit whose number and
    amount stand in `document_number` and `document_total`. `held_as`: the credit note that such a deposit was made
    from."""

    key: RecordKey
    number: str
    document: RecordKey
    document_number: str
    document_total: Decimal
    account: str
    date: datetime.date
    amount: Decimal
    currency: str
    rate: Decimal
    reference: str
    status: str
    contact_name: str = ""
    held_as: RecordKey | None = None


class DepositRecord(msgspec.Struct, frozen=True, gc=False):
    """Money in hand (kind "customer_credit" or "supplier_deposit"). `used`: live allocations; `refunded`: live refunds.

    `document` is what it was taken for (an order, an invoice, the credit note that was turned into it); `payment` the
    payment that it was split from. `account` may be empty for what brought no money in.
    """

    key: RecordKey
    number: str
    contact_id: UUID
    contact_name: str
    origin: str
    account: str
    date: datetime.date
    amount: Decimal
    currency: str
    rate: Decimal
    reference: str
    status: str
    used: Decimal
    refunded: Decimal
    document: RecordKey | None = None
    document_number: str = ""
    payment: RecordKey | None = None
    channel: str = ""

    @property
    def balance(self) -> Decimal:
        return self.amount - self.used - self.refunded


class AllocationRecord(msgspec.Struct, frozen=True, gc=False):
    """Credit of `source` (a credit note or a deposit) that counts towards `target` (an invoice or bill). `held_as`: the
    credit note that the deposit was made from."""

    key: RecordKey
    number: str
    source: RecordKey
    source_number: str
    target: RecordKey
    target_number: str
    date: datetime.date
    amount: Decimal
    currency: str
    status: str
    contact_id: UUID
    contact_name: str
    channel: str = ""
    held_as: RecordKey | None = None


class JournalLineRecord(msgspec.Struct, frozen=True, gc=False):
    """`amount` in base currency, debit positive, tax included. Empty `account`: the mapping's for `role`."""

    account: str
    role: str
    amount: Decimal
    description: str
    tax_rule_id: int | None = None
    tracking: Mapping[str, str] = msgspec.field(default_factory=dict)


class JournalRecord(msgspec.Struct, frozen=True, gc=False):
    """`purpose`: manual or cost_of_goods; `document`: what a cost-of-goods journal is about. Lines sum to zero."""

    key: RecordKey
    number: str
    purpose: str
    date: datetime.date
    narration: str
    currency: str
    status: str
    lines: tuple[JournalLineRecord, ...]
    document: RecordKey | None = None
    document_number: str = ""
    contact_name: str = ""
    channel: str = ""

    @property
    def debit(self) -> Decimal:
        """The sum of the debits, which is also that of the credits."""
        return sum((line.amount for line in self.lines if line.amount > 0), NOTHING)


class MoneyTaskRecord(msgspec.Struct, frozen=True, gc=False):
    """`type`: spend, receive or transfer; a transfer has `to_account`, a `total` and no lines."""

    key: RecordKey
    number: str
    type: str
    account: str
    to_account: str
    contact_id: UUID | None
    contact_name: str
    date: datetime.date
    currency: str
    rate: Decimal
    tax_treatment: str
    reference: str
    status: str
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    lines: tuple[LineRecord, ...]


class AttachmentRecord(msgspec.Struct, frozen=True, gc=False):
    """A file without its bytes (`store.load_bytes` has those). `attached` is False once it was removed."""

    key: RecordKey
    target: RecordKey
    file_name: str
    content_type: str
    size: int
    sha256: str
    online: bool
    attached: bool


CoreRecord = (
    ContactRecord
    | ProductRecord
    | DocumentRecord
    | SettlementRecord
    | DepositRecord
    | AllocationRecord
    | JournalRecord
    | MoneyTaskRecord
    | AttachmentRecord
)
