"""The companies of the table test: for each kind one record, with what it needs, at home and abroad.

Abroad: in US dollars, with a bank account in that currency; and where a kind has tracking of its own, with that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import httpx2
import msgspec

from tests import factories
from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.fields import ContactFields, JournalLineFields, MoneyTaskLineFields, ProductFields
from tieout.core.operations import document_fields, fields_of, journal_fields, money_task_fields
from tieout.sync import connect, vault
from tieout.sync.models import Connection
from tieout.sync.run import app

HOME, ABROAD = "home", "abroad"
RATE = Decimal("0.5870")
TAGS = {"location": "North"}


@dataclass
class Case:
    """One record of a kind in a company of its own. `others`: records that it needs."""

    made: World
    kind: str
    record: Any
    others: dict[str, Any]
    foreign: bool


def company(where: str) -> World:
    """Connected; abroad Xero knows US dollars, a dollar account 095 and a tracking category."""
    if where == HOME:
        made = world()
    else:
        made = world(currencies=("USD",))
        put(made, "Accounts", {"Code": "095", "Name": "Dollars", "Type": "BANK", "CurrencyCode": "USD",
                               "BankAccountNumber": "01-0001-0000001-00"})  # fmt: skip
        put(made, "Accounts", {"Code": "096", "Name": "More dollars", "Type": "BANK", "CurrencyCode": "USD",
                               "BankAccountNumber": "01-0001-0000002-00"})  # fmt: skip
        region = put(made, "TrackingCategories", {"Name": "Region"})["TrackingCategories"][0]
        put(made, f"TrackingCategories/{region['TrackingCategoryID']}/Options", {"Options": [{"Name": "North"}]})
        made.clock.advance(3600)
        connect.load(made.connection, actor="mere", ports=made.ports)
    connections = Connection.objects.filter(organisation=made.organisation)
    wanted = {"export_purchase_orders": True, "export_attachments": True}
    connections.update(tracking={"location": "Region"} if where == ABROAD else {}, **wanted)
    return made


def put(made: World, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the company's own people set up in Xero, here through its API."""
    grant = made.connection.grant
    assert grant is not None
    headers = {
        "Authorization": f"Bearer {vault.unseal(grant.tokens)[0]}",
        "xero-tenant-id": made.tenant_id,
        "Accept": "application/json",
    }
    with httpx2.Client(transport=made.twin.transport()) as http:
        address = f"{app().api_url}/api.xro/2.0/{path}"
        answer = http.put(address, headers=headers, content=msgspec.json.encode(body))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def case(kind: str, where: str = HOME) -> Case:
    """A record of that kind, not sent yet."""
    made = company(where)
    foreign = where == ABROAD
    return BUILD[kind](made, foreign)


def _money(foreign: bool) -> dict[str, Any]:
    return {"currency": "USD", "rate": RATE} if foreign else {}


def _bank(foreign: bool) -> dict[str, Any]:
    return _money(foreign) | ({"account": "095"} if foreign else {})


def _contact(made: World, foreign: bool) -> Case:
    return Case(made, "contact", factories.contact(made.organisation), {}, foreign)


def _product(made: World, foreign: bool) -> Case:
    return Case(made, "product", factories.product(made.organisation), {}, foreign)


def _invoice(made: World, foreign: bool) -> Case:
    lines = [factories.line("100.00", "3")]
    record = factories.sale_invoice(made.organisation, lines=lines, **_money(foreign))
    return Case(made, "sale_invoice", record, {}, foreign)


def _bill(made: World, foreign: bool) -> Case:
    lines = [factories.line("100.00", "3")]
    return Case(made, "bill", factories.bill(made.organisation, lines=lines, **_money(foreign)), {}, foreign)


def _sale_credit_note(made: World, foreign: bool) -> Case:
    invoice = _invoice(made, foreign).record
    return Case(made, "sale_credit_note", factories.credit_note(invoice), {"document": invoice}, foreign)


def _purchase_credit_note(made: World, foreign: bool) -> Case:
    bill = _bill(made, foreign).record
    return Case(made, "purchase_credit_note", factories.credit_note(bill), {"document": bill}, foreign)


def _purchase_order(made: World, foreign: bool) -> Case:
    return Case(made, "purchase_order", factories.purchase_order(made.organisation, **_money(foreign)), {}, foreign)


def _customer_credit(made: World, foreign: bool) -> Case:
    invoice = _invoice(made, foreign).record
    record = factories.deposit(made.organisation, contact_id=invoice.contact_id, **_bank(foreign))
    return Case(made, "customer_credit", record, {"document": invoice}, foreign)


def _supplier_deposit(made: World, foreign: bool) -> Case:
    bill = _bill(made, foreign).record
    more = {"kind": "supplier_deposit", "contact_id": bill.contact_id}
    record = factories.deposit(made.organisation, **more, **_bank(foreign))
    return Case(made, "supplier_deposit", record, {"document": bill}, foreign)


def _journal(made: World, foreign: bool) -> Case:
    tags = TAGS if foreign else {}
    lines = [
        JournalLineFields(account="310", amount=Decimal("50.00"), tracking=tags),
        JournalLineFields(account="640", amount=Decimal("-50.00")),
    ]
    return Case(made, "journal", factories.journal(made.organisation, lines=lines), {}, foreign)


def _money_task(made: World, foreign: bool) -> Case:
    tags = TAGS if foreign else {}
    line = MoneyTaskLineFields(description="Fees", unit_price=Decimal("100.00"), account="404", tracking=tags)
    record = factories.money_task(made.organisation, lines=[line], **_bank(foreign))
    return Case(made, "money_task", record, {}, foreign)


def _transfer(made: World, foreign: bool) -> Case:
    more = {"to_account": "096"} if foreign else {}
    record = factories.money_task(made.organisation, type="transfer", **_bank(foreign), **more)
    return Case(made, "transfer", record, {}, foreign)


def _payment(made: World, foreign: bool) -> Case:
    invoice = _invoice(made, foreign).record
    return Case(made, "payment", factories.payment(invoice, "40.00"), {"document": invoice}, foreign)


def _refund(made: World, foreign: bool) -> Case:
    note = _sale_credit_note(made, foreign)
    record = factories.refund(note.record, "40.00")
    return Case(made, "refund", record, note.others | {"source": note.record}, foreign)


def _allocation(made: World, foreign: bool) -> Case:
    note = _sale_credit_note(made, foreign)
    record = factories.allocation(note.record, note.others["document"], "40.00")
    return Case(made, "allocation", record, note.others | {"source": note.record}, foreign)


def _attachment(made: World, foreign: bool) -> Case:
    invoice = _invoice(made, foreign).record
    record = factories.attachment(made.organisation, "sale_invoice", invoice.pk)
    return Case(made, "attachment", record, {"document": invoice}, foreign)


BUILD: dict[str, Callable[[World, bool], Case]] = {
    "contact": _contact,
    "product": _product,
    "sale_invoice": _invoice,
    "bill": _bill,
    "sale_credit_note": _sale_credit_note,
    "purchase_credit_note": _purchase_credit_note,
    "purchase_order": _purchase_order,
    "customer_credit": _customer_credit,
    "supplier_deposit": _supplier_deposit,
    "journal": _journal,
    "money_task": _money_task,
    "transfer": _transfer,
    "payment": _payment,
    "refund": _refund,
    "allocation": _allocation,
    "attachment": _attachment,
}


def edit(one: Case) -> None:
    """Something that Xero must be told of."""
    record = one.record
    if one.kind == "contact":
        values = replace(fields_of(ContactFields, record), email="new@example.com")
        operations.edit_contact(record, values, actor="mere", version=record.version)
    elif one.kind == "product":
        entered = replace(fields_of(ProductFields, record), description="Glazed twice")
        operations.edit_product(record, entered, actor="mere", version=record.version)
    elif one.kind == "journal":
        operations.edit_journal(record, replace(journal_fields(record), narration="Counted anew"), actor="mere")
    elif one.kind in ("money_task", "transfer"):
        task = money_task_fields(record)
        if one.kind == "transfer":
            task = replace(task, amount=Decimal("120.00"))
        else:
            task = replace(task, lines=(replace(task.lines[0], unit_price=Decimal("120.00")),))
        operations.edit_money_task(record, task, actor="mere")
    else:
        document = document_fields(record)
        more = (replace(document.lines[0], unit_price=Decimal("90.00")),)
        operations.edit_document(record, replace(document, lines=more), actor="mere")


def void(one: Case) -> None:
    """Take it out of Core's books."""
    by_kind: dict[str, Callable[..., Any]] = {
        "contact": operations.deprecate_contact,
        "product": operations.deprecate_product,
        "customer_credit": operations.void_deposit,
        "supplier_deposit": operations.void_deposit,
        "journal": operations.void_journal,
        "money_task": operations.void_money_task,
        "transfer": operations.void_money_task,
        "payment": operations.void_payment,
        "refund": operations.void_payment,
        "allocation": operations.void_allocation,
        "attachment": operations.remove_attachment,
    }
    by_kind.get(one.kind, operations.void_document)(one.record, actor="mere")


def pay(one: Case) -> Any:
    """Money for a document, or money back from a credit."""
    account = {"account": "095"} if one.foreign and one.kind in ("customer_credit", "supplier_deposit") else {}
    if one.kind in ("sale_invoice", "bill"):
        return factories.payment(one.record, "30.00")
    return factories.refund(one.record, "30.00", **account)


def allocate(one: Case) -> Any:
    """Credit towards a document: from a note of its own, or from this one."""
    if one.kind in ("sale_invoice", "bill"):
        note = factories.credit_note(one.record)
        return factories.allocation(note, one.record, "30.00")
    return factories.allocation(one.record, one.others["document"], "30.00")
