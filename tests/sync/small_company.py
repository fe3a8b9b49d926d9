"""One record of each kind that depends on the one before: the least company in which a write of any kind happens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests import factories
from tests.sync.world import World
from tieout.core.models import Contact, Document, Organisation, Product, Settlement
from tieout.reports.tie_out import tie_out
from tieout.sync.models import Batch, Entry

# The kinds in the order in which their writes go; each takes one call.
KINDS = ("contact", "product", "sale_invoice", "bill", "payment")
RESOURCES = {
    "contact": "Contacts",
    "product": "Items",
    "sale_invoice": "Invoices",
    "bill": "Invoices",
    "payment": "Payments",
}
_NATURAL_KEYS = {
    "Contacts": lambda each: each["ContactNumber"],
    "Items": lambda each: each["Code"],
    "Invoices": lambda each: (each["Type"], each["InvoiceNumber"]),
    "Payments": lambda each: (each["Invoice"]["InvoiceID"], str(each["Amount"]), each["Reference"]),
}


@dataclass
class SmallCompany:
    contact: Contact
    product: Product
    sale_invoice: Document
    bill: Document
    payment: Settlement

    def record(self, kind: str) -> Any:
        return getattr(self, kind)


def small_company(organisation: Organisation) -> SmallCompany:
    contact = factories.contact(organisation, name="Aroha Homeware", is_customer=True, is_supplier=True)
    product = factories.product(organisation, sku="MUG")
    line = factories.line("40.00", "3", product_id=product.pk)
    invoice = factories.sale_invoice(organisation, contact_id=contact.pk, lines=[line])
    bill = factories.bill(organisation, contact_id=contact.pk, lines=[factories.line("7.1234", "10")])
    return SmallCompany(contact, product, invoice, bill, factories.payment(invoice, "20.00"))


def assert_once_and_final(world: World) -> None:
    """Nothing twice, nothing lost: each document once in Xero, every entry final, no batch left in the air."""
    for resource, key_of in _NATURAL_KEYS.items():
        keys = Counter(key_of(each) for each in world.live(resource))
        assert all(count == 1 for count in keys.values()), f"{resource} twice: {keys}"
    assert {len(world.live("Contacts")), len(world.live("Items")), len(world.live("Payments"))} == {1}
    assert len(world.live("Invoices")) == 2
    left = list(
        Entry.objects.filter(organisation=world.organisation)
        .exclude(status="completed")
        .values_list("label", "status", "reason")
    )
    assert left == []
    assert not Batch.objects.filter(state=Batch.State.INTENDED).exists()
    assert tie_out(world.organisation).explanations == ()
