"""Records for tests, made through Core's own operations, so that a test's data obeys the rules too.

In: what a test cares about. Out: stored records; everything else gets a sensible value, and codes and numbers count up.
Always: plain functions; the organisation is in New Zealand with base currency NZD unless a test says otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from tieout.core import operations
from tieout.core.fields import (
    ContactFields,
    DocumentFields,
    LineFields,
    OrganisationFields,
    PaymentFields,
    ProductFields,
    TaxRuleFields,
)
from tieout.core.models import Account, Contact, Document, Organisation, Product, Settlement, TaxRule

ACTOR = "mere"
DAY = date(2026, 3, 31)
_numbers = count(1)


def organisation(**values: Any) -> Organisation:
    number = next(_numbers)
    entered: dict[str, Any] = {
        "slug": f"company-{number}",
        "name": f"Company {number}",
        "base_currency": "NZD",
    } | values
    return operations.create_organisation(OrganisationFields(**entered), actor=ACTOR)


def account(owner: Organisation, code: str = "200", **values: Any) -> Account:
    """A ledger account as it would have been loaded from Xero."""
    entered: dict[str, Any] = {
        "name": f"Account {code}",
        "type": "BANK" if code == "090" else "REVENUE",
        "xero_id": uuid4(),
    } | values
    return Account.objects.create(organisation=owner, code=code, **entered)


def tax_rule(owner: Organisation, name: str = "15% GST on Income", rate: str = "15", **values: Any) -> TaxRule:
    return operations.create_tax_rule(owner, TaxRuleFields(name=name, rate=Decimal(rate), **values), actor=ACTOR)


def contact(owner: Organisation, **values: Any) -> Contact:
    """A customer, unless `is_supplier` is given."""
    number = next(_numbers)
    entered: dict[str, Any] = {
        "code": f"C{number}",
        "name": f"Contact {number}",
        "is_customer": "is_supplier" not in values,
    } | values
    return operations.create_contact(owner, ContactFields(**entered), actor=ACTOR)


def product(owner: Organisation, **values: Any) -> Product:
    number = next(_numbers)
    entered: dict[str, Any] = {
        "sku": f"P{number}",
        "name": f"Product {number}",
        "sale_price": Decimal("18.90"),
    } | values
    return operations.create_product(owner, ProductFields(**entered), actor=ACTOR)


def line(unit_price: str = "100.00", quantity: str = "1", discount: str = "0", **values: Any) -> LineFields:
    entered: dict[str, Any] = {"description": "Stoneware cup"} | values
    numbers: dict[str, Any] = {
        "unit_price": Decimal(unit_price),
        "quantity": Decimal(quantity),
        "discount": Decimal(discount),
    }
    return LineFields(**numbers, **entered)


def document_fields(owner: Organisation, *, lines: Sequence[LineFields] = (), **values: Any) -> DocumentFields:
    """What is entered for a document of one line of 100.00, unless told otherwise."""
    day = values.get("date", DAY)
    entered: dict[str, Any] = {
        "kind": "sale_invoice",
        "number": f"INV-{next(_numbers)}",
        "date": day,
        "due_date": day + timedelta(days=20),
        "currency": owner.base_currency,
    } | values
    if "contact_id" not in entered:
        entered["contact_id"] = contact(owner).id
    return DocumentFields(lines=tuple(lines) or (line(),), **entered)


def sale_invoice(
    owner: Organisation, *, lines: Sequence[LineFields] = (), authorised: bool = True, **values: Any
) -> Document:
    entered = document_fields(owner, lines=lines, **values)
    return operations.create_document(owner, entered, actor=ACTOR, authorise=authorised)


def bill(owner: Organisation, *, lines: Sequence[LineFields] = (), authorised: bool = True, **values: Any) -> Document:
    if "contact_id" not in values:
        values["contact_id"] = contact(owner, is_supplier=True).id
    entered = replace(document_fields(owner, lines=lines, **values), kind="bill")
    return operations.create_document(owner, entered, actor=ACTOR, authorise=authorised)


def payment(document: Document, amount: str = "10.00", **values: Any) -> Settlement:
    entered: dict[str, Any] = {
        "number": f"PAY-{next(_numbers)}",
        "account": "090",
        "date": document.date,
        "rate": document.rate,
    }
    return operations.record_payment(document, PaymentFields(amount=Decimal(amount), **(entered | values)), actor=ACTOR)
