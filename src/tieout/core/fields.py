"""What a person or a file enters for a record, as plain frozen values.

In: nothing. Out: one class per record, with the fields that may be entered (never ids, versions or computed amounts).
Always: references are ids; money is Decimal; two values that are equal mean the same record content, which is how an
edit that changes nothing is told from one that does. A text's `limit` is the width of its column.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID


def text(limit: int, *, required: bool = False, name: bool = False, multiline: bool = False) -> Any:
    """A text of at most `limit` characters; a `name` also refuses `<` and `>`, as Xero does in names."""
    metadata = {"limit": limit, "required": required, "name": name, "multiline": multiline}
    return field(default="", metadata=metadata)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFields:
    """One line. `discount` is a percentage; `unit_price` is in the document's currency, at most 4 decimals."""

    description: str = text(4000, multiline=True)
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    product_id: UUID | None = None
    account: str = text(10)
    tax_rule_id: int | None = None
    is_charge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFields:
    """A sale invoice or a bill. `rate`: units of `currency` per one unit of the base currency."""

    kind: str
    contact_id: UUID
    date: datetime.date
    due_date: datetime.date
    currency: str = text(3, required=True)
    number: str = text(255, required=True)
    rate: Decimal = Decimal(1)
    tax_treatment: str = "Exclusive"
    channel: str = text(100)
    reference: str = text(255)
    lines: tuple[LineFields, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFields:
    """A payment of one document, in the document's currency."""

    account: str = text(10, required=True)
    date: datetime.date
    amount: Decimal
    number: str = text(100, required=True)
    rate: Decimal = Decimal(1)
    reference: str = text(150)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRuleFields:
    """`rate` in percent, all components together; `tax_type` is Xero's code, empty until it is known."""

    name: str = text(50, required=True, name=True)
    rate: Decimal
    tax_type: str = text(50)


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
