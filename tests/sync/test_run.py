"""A whole run against the twin."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import factories
from tests.sync.world import World
from tieout.sync.models import Entry, Run

pytestmark = pytest.mark.django_db


def test_a_first_run_brings_everything_into_xero(connected: World) -> None:
    customer = factories.contact(connected.organisation, name="Aroha Homeware")
    product = factories.product(connected.organisation, sku="MUG")
    line = factories.line("40.00", "3", product_id=product.pk)
    invoice = factories.sale_invoice(connected.organisation, contact_id=customer.pk, lines=[line])
    factories.payment(invoice)

    run = connected.sync()

    assert (run.state, run.message) == (Run.State.FINISHED, "")
    assert connected.statuses() == {"completed": Entry.objects.count()}
    assert [each["Name"] for each in connected.documents("Contacts")] == ["Aroha Homeware"]
    assert [each["Code"] for each in connected.documents("Items")] == [product.sku]
    (sent,) = connected.documents("Invoices")
    assert sent["InvoiceNumber"] == invoice.number
    assert Decimal(str(sent["Total"])) == invoice.total
    assert len(connected.documents("Payments")) == 1
