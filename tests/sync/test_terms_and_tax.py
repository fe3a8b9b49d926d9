"""Payment terms and default tax rules on their way to Xero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests import factories
from tests.sync.world import World
from tieout.core import operations
from tieout.core.fields import ContactFields, PaymentTermFields
from tieout.core.models import TaxRule
from tieout.core.operations.recording import document_fields, fields_of
from tieout.sync.models import Finding, Status

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"])
def test_a_contacts_term_stands_in_xero_and_is_verified(connected: World, method: str) -> None:
    term = factories.payment_term(connected.organisation, "Ours", days=20, method=method)
    acme = factories.contact(connected.organisation, is_customer=True, is_supplier=True, term_id=term.pk)
    invoice = factories.sale_invoice(connected.organisation, contact_id=acme.pk, due_date=None)
    connected.sync()
    [shown] = connected.documents("Contacts")
    assert shown["PaymentTerms"] == {"Bills": {"Day": 20, "Type": method}, "Sales": {"Day": 20, "Type": method}}
    [sent] = connected.documents("Invoices")
    assert date.fromisoformat(sent["DueDateString"][:10]) == invoice.due_date
    assert connected.entry(acme).status == Status.COMPLETED
    assert not Finding.objects.exists()


def test_another_term_goes_once_and_the_same_again_not_at_all(connected: World) -> None:
    term = factories.payment_term(connected.organisation)
    acme = factories.contact(connected.organisation, term_id=term.pk)
    connected.sync()
    calls = connected.sync().calls
    operations.edit_payment_term(term, PaymentTermFields(name="30 days", days=14), actor="mere")
    connected.sync()
    assert connected.documents("Contacts")[0]["PaymentTerms"]["Sales"] == {"Day": 14, "Type": "DAYSAFTERBILLDATE"}
    operations.edit_contact(acme, replace(fields_of(ContactFields, acme), fax="1"), actor="mere")
    operations.edit_contact(acme, fields_of(ContactFields, acme), actor="mere")
    assert connected.sync().calls == calls


def test_by_default_rule_the_tax_in_xero_is_that_of_core(connected: World) -> None:
    gst = TaxRule.objects.get(organisation=connected.organisation, tax_type="OUTPUT2")
    operations.choose_default_tax(connected.organisation, gst, None, actor="mere")
    plain = replace(factories.document_fields(connected.organisation), tax_treatment="Exclusive")
    invoice = operations.create_document(connected.organisation, plain, actor="mere", authorise=True)
    connected.sync()
    [sent] = connected.documents("Invoices")
    assert (sent["LineItems"][0]["TaxType"], Decimal(str(sent["TotalTax"]))) == ("OUTPUT2", Decimal("15.00"))
    assert connected.entry(invoice).status == Status.COMPLETED


def test_a_document_whose_rule_from_above_is_not_mapped_is_held(connected: World) -> None:
    own = factories.tax_rule(connected.organisation, "Our own", "7")
    acme = factories.contact(connected.organisation, tax_rule_id=own.pk)
    entered = replace(factories.document_fields(connected.organisation, contact_id=acme.pk), tax_treatment="Exclusive")
    invoice = operations.create_document(connected.organisation, entered, actor="mere", authorise=True)
    assert document_fields(invoice).lines[0].tax_rule_id is None
    connected.sync()
    entry = connected.entry(invoice)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "tax-unmapped")
    assert "Our own" in entry.reason
