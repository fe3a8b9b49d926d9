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
from uuid import UUID, uuid4

from tieout.core import operations
from tieout.core.fields import (
    AllocationFields,
    AttachmentFields,
    ContactFields,
    DepositFields,
    DocumentFields,
    JournalFields,
    JournalLineFields,
    LineFields,
    MoneyTaskFields,
    MoneyTaskLineFields,
    OrganisationFields,
    PaymentFields,
    PaymentTermFields,
    ProductFields,
    TaxRuleFields,
)
from tieout.core.models import (
    Account,
    Allocation,
    Attachment,
    Contact,
    Deposit,
    Document,
    Journal,
    MoneyTask,
    Organisation,
    PaymentTerm,
    Product,
    Settlement,
    TaxRule,
)

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


def untaxed(lines: Sequence[LineFields]) -> dict[str, str]:
    """Without tax, where no line names a rule: a document with tax needs one for each line."""
    return {} if any(line.tax_rule_id for line in lines) else {"tax_treatment": "NoTax"}


def document_fields(owner: Organisation, *, lines: Sequence[LineFields] = (), **values: Any) -> DocumentFields:
    """What is entered for a document of one line of 100.00, unless told otherwise."""
    day = values.get("date", DAY)
    entered: dict[str, Any] = {
        "kind": "sale_invoice",
        "number": f"INV-{next(_numbers)}",
        "date": day,
        "due_date": day + timedelta(days=20),
        "currency": owner.base_currency,
        **untaxed(lines),
    } | values
    if "contact_id" not in entered:
        entered["contact_id"] = contact(owner).id
    return DocumentFields(lines=tuple(lines) or (line(),), **entered)


def payment_term(owner: Organisation, name: str = "30 days", **values: Any) -> PaymentTerm:
    entered: dict[str, Any] = {"days": 30} | values
    return operations.create_payment_term(owner, PaymentTermFields(name=name, **entered), actor=ACTOR)


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


def payment(document: Document, amount: str = "10.00", *, split: bool = True, **values: Any) -> Settlement:
    entered: dict[str, Any] = {
        "number": f"PAY-{next(_numbers)}",
        "account": "090",
        "date": document.date,
        "rate": document.rate,
    }
    fields = PaymentFields(amount=Decimal(amount), **(entered | values))
    return operations.record_payment(document, fields, actor=ACTOR, split=split)


def credit_note(
    credited: Document, *, lines: Sequence[LineFields] = (), authorised: bool = True, **values: Any
) -> Document:
    """A credit note for an invoice or bill, of one line of 100.00 unless told otherwise."""
    entered: dict[str, Any] = {
        "kind": "sale_credit_note" if credited.kind == "sale_invoice" else "purchase_credit_note",
        "number": f"CN-{next(_numbers)}",
        "contact_id": credited.contact_id,
        "credits_id": credited.id,
        "date": credited.date,
        "currency": credited.currency,
        "rate": credited.rate,
        "lines": tuple(lines) or (line(),),
        **untaxed(lines),
    } | values
    return operations.create_document(
        credited.organisation, DocumentFields(**entered), actor=ACTOR, authorise=authorised
    )


def purchase_order(
    owner: Organisation, *, lines: Sequence[LineFields] = (), authorised: bool = True, **values: Any
) -> Document:
    entered: dict[str, Any] = {"kind": "purchase_order", "number": f"PO-{next(_numbers)}", "due_date": None} | values
    if "contact_id" not in entered:
        entered["contact_id"] = contact(owner, is_supplier=True).id
    fields = document_fields(owner, lines=lines, **entered)
    return operations.create_document(owner, fields, actor=ACTOR, authorise=authorised)


def refund(source: Document | Deposit, amount: str = "10.00", **values: Any) -> Settlement:
    entered: dict[str, Any] = {
        "number": f"REF-{next(_numbers)}",
        "account": "090",
        "date": source.date,
        "rate": source.rate,
    } | values
    return operations.record_refund(source, PaymentFields(amount=Decimal(amount), **entered), actor=ACTOR)


def deposit(owner: Organisation, amount: str = "100.00", **values: Any) -> Deposit:
    """A customer's prepayment, unless told otherwise."""
    entered: dict[str, Any] = {
        "kind": "customer_credit",
        "number": f"DEP-{next(_numbers)}",
        "account": "090",
        "date": DAY,
        "currency": owner.base_currency,
    } | values
    if "contact_id" not in entered:
        entered["contact_id"] = contact(owner).id
    return operations.record_deposit(owner, DepositFields(amount=Decimal(amount), **entered), actor=ACTOR)


def allocation(source: Document | Deposit, document: Document, amount: str = "10.00", **values: Any) -> Allocation:
    entered = AllocationFields(amount=Decimal(amount), **({"date": max(source.date, document.date)} | values))
    return operations.allocate(source, document, entered, actor=ACTOR)


def journal_line(account: str, amount: str, **values: Any) -> JournalLineFields:
    return JournalLineFields(account=account, amount=Decimal(amount), **values)


def journal(
    owner: Organisation, *, lines: Sequence[JournalLineFields] = (), authorised: bool = True, **values: Any
) -> Journal:
    """A manual journal of 100.00 from one account to another, unless told otherwise."""
    entered: dict[str, Any] = {
        "number": f"JR-{next(_numbers)}",
        "date": DAY,
        "narration": "Stock count of March",
        "lines": tuple(lines) or (journal_line("310", "100.00"), journal_line("630", "-100.00")),
    } | values
    return operations.create_journal(owner, JournalFields(**entered), actor=ACTOR, authorise=authorised)


def money_task(owner: Organisation, *, lines: Sequence[MoneyTaskLineFields] = (), **values: Any) -> MoneyTask:
    """Money spent, 100.00 in all, unless told otherwise; a transfer of 100.00 where that is asked for."""
    entered: dict[str, Any] = {
        "type": "spend",
        "number": f"MT-{next(_numbers)}",
        "account": "090",
        "date": DAY,
        "currency": owner.base_currency,
    } | values
    if entered["type"] == "transfer":
        entered = {"to_account": "091", "amount": Decimal("100.00")} | entered
    else:
        bought = MoneyTaskLineFields(description="Bank fees", unit_price=Decimal("100.00"), account="404")
        entered["lines"] = tuple(lines) or (bought,)
        if "contact_id" not in entered:
            entered["contact_id"] = contact(owner, is_supplier=True).id
    return operations.record_money_task(owner, MoneyTaskFields(**entered), actor=ACTOR)


def attachment(
    owner: Organisation, target_kind: str, target_id: UUID, content: bytes = b"%PDF-1.7 a scan", **values: Any
) -> Attachment:
    entered: dict[str, Any] = {"file_name": f"scan-{next(_numbers)}.pdf"} | values
    fields = AttachmentFields(target_kind=target_kind, target_id=target_id, **entered)
    return operations.attach(owner, fields, content, actor=ACTOR)
