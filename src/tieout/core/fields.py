"""What a person or a file enters for a record, as plain frozen values.

In: nothing. Out: one class per record, with the fields that may be entered (never ids, versions or computed amounts).
Always: references are ids; money is Decimal; two values that are equal mean the same record content, which is how an
edit that changes nothing is told from one that does. A text's `limit` is the width of its column.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID


def text(limit: int, *, required: bool = False, name: bool = False, multiline: bool = False) -> Any:
    """A text of at most `limit` characters; a `name` also refuses `<` and `>`, as Xero does in names."""
    metadata = {"limit": limit, "required": required, "name": name, "multiline": multiline}
    return field(default="", metadata=metadata)


def named_texts() -> Any:
    """A mapping of names to texts."""
    return field(default_factory=dict, metadata={"named_texts": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFields:
    code: str = text(50, required=True)
    name: str = text(255, required=True, name=True)
    is_customer: bool = False
    is_supplier: bool = False
    status: str = "ACTIVE"
    first_name: str = text(255)
    last_name: str = text(255)
    email: str = text(255)
    phone: str = text(50)
    mobile: str = text(50)
    fax: str = text(50)
    address_line1: str = text(500)
    address_line2: str = text(500)
    city: str = text(255)
    region: str = text(255)
    postal_code: str = text(50)
    country: str = text(50)
    tax_number: str = text(50)
    currency: str = text(3)
    term_id: int | None = None
    sale_account: str = text(10)
    purchase_account: str = text(10)
    tax_rule_id: int | None = None
    attributes: Mapping[str, str] = named_texts()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFields:
    """Prices are in base currency, tax left out, at most 4 decimals."""

    sku: str = text(50, required=True)
    name: str = text(256, required=True, name=True)
    description: str = text(4000, multiline=True)
    purchase_description: str = text(4000, multiline=True)
    status: str = "ACTIVE"
    type: str = "STOCK"
    sale_price: Decimal | None = None
    purchase_price: Decimal | None = None
    sale_account: str = text(10)
    purchase_account: str = text(10)
    sale_tax_rule_id: int | None = None
    purchase_tax_rule_id: int | None = None
    category: str = text(100)
    brand: str = text(100)
    family: str = text(100)
    cost_account: str = text(10)
    inventory_account: str = text(10)
    is_sold: bool = True
    is_purchased: bool = True
    attributes: Mapping[str, str] = named_texts()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFields:
    """One line. `discount` is a percentage; `unit_price` is in the document's currency, `unit_cost` in base currency
    (None while it is not known), both with at most 4 decimals."""

    description: str = text(4000, multiline=True)
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    product_id: UUID | None = None
    account: str = text(10)
    tax_rule_id: int | None = None
    is_charge: bool = False
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFields:
    """A document of any kind. `rate`: units of `currency` per one unit of the base currency.

    `due_date` is for invoices and bills only, `delivery_date` for purchase orders, `credits_id` for credit notes.
    """

    kind: str
    contact_id: UUID
    date: datetime.date
    due_date: datetime.date | None = None
    currency: str = text(3, required=True)
    number: str = text(255, required=True)
    rate: Decimal = Decimal(1)
    tax_treatment: str = "Exclusive"
    channel: str = text(100)
    reference: str = text(255)
    credits_id: UUID | None = None
    shipped_on: datetime.date | None = None
    delivery_date: datetime.date | None = None
    sales_rep: str = text(100)
    location: str = text(100)
    job: str = text(100)
    attributes: Mapping[str, str] = named_texts()
    service: bool = False
    default_account: str = text(10)
    default_tax_rule_id: int | None = None
    lines: tuple[LineFields, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFields:
    """A payment of one document, or a refund of a credit note or deposit, in its currency."""

    account: str = text(10, required=True)
    date: datetime.date
    amount: Decimal
    number: str = text(100, required=True)
    rate: Decimal = Decimal(1)
    reference: str = text(150)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositFields:
    """Money in hand. `kind`: customer_credit or supplier_deposit; `document_id`: what it was taken for;
    `order_number`: the quote or order that it was taken for, where Core holds none.

    `account` may be empty for what brought no money in (store credit, a credit note turned into credit).
    """

    kind: str
    contact_id: UUID
    number: str = text(100, required=True)
    origin: str = "prepayment"
    document_id: UUID | None = None
    order_number: str = text(100)
    account: str = text(10)
    date: datetime.date
    amount: Decimal
    currency: str = text(3, required=True)
    rate: Decimal = Decimal(1)
    reference: str = text(150)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationFields:
    """How much credit counts towards a document, and when. An empty `number` is made from the two documents' own."""

    number: str = text(100)
    date: datetime.date
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLineFields:
    """`amount` in base currency, debit positive, tax included; `role` names the mapping's account where `account` is
    empty; `tracking`: texts by what they tell."""

    account: str = text(10)
    amount: Decimal
    description: str = text(4000, multiline=True)
    tax_rule_id: int | None = None
    tracking: Mapping[str, str] = named_texts()
    role: str = text(30)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFields:
    """`document_id`: what a journal of kind cost_of_goods is about."""

    number: str = text(255, required=True)
    kind: str = "manual"
    date: datetime.date
    narration: str = text(4000, multiline=True)
    document_id: UUID | None = None
    lines: tuple[JournalLineFields, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTaskLineFields:
    """`unit_price` is in the task's currency, at most 4 decimals."""

    description: str = text(4000, multiline=True)
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    product_id: UUID | None = None
    account: str = text(10)
    tax_rule_id: int | None = None
    tracking: Mapping[str, str] = named_texts()


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTaskFields:
    """Spend, receive or transfer. A transfer has `to_account` and `amount`, the others a contact and lines."""

    type: str
    number: str = text(100, required=True)
    account: str = text(10, required=True)
    to_account: str = text(10)
    contact_id: UUID | None = None
    date: datetime.date
    currency: str = text(3, required=True)
    rate: Decimal = Decimal(1)
    tax_treatment: str = "Inclusive"
    reference: str = text(150)
    amount: Decimal | None = None
    lines: tuple[MoneyTaskLineFields, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFields:
    """A file for a record. `online`: shown with the online invoice (sales invoices and sale credit notes only)."""

    target_kind: str
    target_id: UUID
    file_name: str = text(255, required=True)
    online: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRuleFields:
    """`rate` in percent, all components together; `tax_type` is Xero's code, empty until it is known. At most one rule
    of an organisation is the default for sales, one for purchases."""

    name: str = text(50, required=True, name=True)
    rate: Decimal
    tax_type: str = text(50)
    default_for_sales: bool = False
    default_for_purchases: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTermFields:
    name: str = text(100, required=True, name=True)
    days: int = 0
    method: str = "DAYSAFTERBILLDATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationFields:
    slug: str = text(50, required=True)
    name: str = text(255, required=True, name=True)
    base_currency: str = text(3, required=True)
    country: str = text(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationChoices:
    """How Core keeps the books of an organisation, where both ways are right. `cost_dating`: a word of `CostDating`;
    `lock_date`: the last day of what is closed."""

    use_credit_by_order: bool
    book_costs: bool
    cost_dating: str
    lock_date: datetime.date | None
