"""A company with a record of every kind, each in the way of the next as it would be in life."""

from __future__ import annotations

from typing import Any

from tests import factories
from tests.sync.world import World
from tieout.sync.models import Connection

EveryKind = dict[str, Any]


def every_kind(world: World, **settings: Any) -> EveryKind:
    """Files and purchase orders are wanted in Xero; `settings` are further ones of the connection."""
    wanted = {"export_purchase_orders": True, "export_attachments": True} | settings
    Connection.objects.filter(organisation=world.organisation).update(**wanted)
    owner = world.organisation
    contact = factories.contact(owner, name="Aroha Homeware", is_customer=True, is_supplier=True)
    product = factories.product(owner, sku="MUG")
    line = factories.line("100.00", "5", product_id=product.pk)
    invoice = factories.sale_invoice(owner, contact_id=contact.pk, lines=[line])
    bill = factories.bill(owner, contact_id=contact.pk, lines=[factories.line("40.1234", "10")])
    note = factories.credit_note(invoice, lines=[factories.line("100.00", "1", "7.5")])
    credit = factories.deposit(owner, contact_id=contact.pk)
    deposit = factories.deposit(owner, kind="supplier_deposit", contact_id=contact.pk)
    journal_lines = [factories.journal_line("310", "100.00"), factories.journal_line("640", "-100.00")]
    return {
        "contact": contact,
        "product": product,
        "sale_invoice": invoice,
        "bill": bill,
        "sale_credit_note": note,
        "purchase_credit_note": factories.credit_note(bill),
        "customer_credit": credit,
        "supplier_deposit": deposit,
        "purchase_order": factories.purchase_order(owner, contact_id=contact.pk),
        "journal": factories.journal(owner, lines=journal_lines),
        "money_task": factories.money_task(owner, contact_id=contact.pk),
        "received": factories.money_task(owner, type="receive", contact_id=contact.pk),
        "transfer": factories.money_task(owner, type="transfer"),
        "payment": factories.payment(invoice, "20.00"),
        "allocation": factories.allocation(note, invoice, "10.00"),
        "same_again": factories.allocation(note, invoice, "10.00"),
        "use_of_credit": factories.allocation(credit, invoice, "15.00"),
        "use_of_deposit": factories.allocation(deposit, bill, "25.00"),
        "refund": factories.refund(note, "5.00"),
        "refund_of_credit": factories.refund(credit, "7.00"),
        "attachment": factories.attachment(owner, "sale_invoice", invoice.pk),
    }
