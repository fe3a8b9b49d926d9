"""Core's records as plain frozen values: what planning, mapping and comparing work on, without a database.

In: nothing. Out: one value class per record. Always: immutable, money Decimal in the named currency, `rate` in
foreign units per one base unit, ids are Core's own.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID


class RecordKey(NamedTuple):
    """Which record: its kind ("contact", "product", "sale_invoice", "bill", "payment") and Core's id."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """`in_use`: an authorised document names it."""

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


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """`in_use`: a line of an authorised document names it. `ready`: not waiting to be set up."""

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


@dataclass(frozen=True, slots=True)
class LineRecord:
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


@dataclass(frozen=True, slots=True)
class DocumentRecord:
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


@dataclass(frozen=True, slots=True)
class SettlementRecord:
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


CoreRecord = ContactRecord | ProductRecord | DocumentRecord | SettlementRecord
