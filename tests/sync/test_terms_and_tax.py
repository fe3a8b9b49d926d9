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
from tieout.core.models import PaymentTerm, TaxRule
from tieout.core.operations.recording import document_fields, fields_of
from tieout.core.rules.checks import Refused
from tieout.sync import connect
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


MONTHLY = {"Day": 20, "Type": "OFFOLLOWINGMONTH"}


def _reloaded(world: World, **terms: dict[str, object]) -> None:
    world.twin.edit(world.tenant_id, "payment_terms", **terms)
    connect.load(world.connection, actor="mere", ports=world.ports)


def _due(world: World, kind: str = "sale_invoice", **given: object) -> date | None:
    made = getattr(factories, kind)(world.organisation, date=date(2026, 5, 31), due_date=None, **given)
    return made.due_date  # type: ignore[no-any-return]


def test_without_a_term_of_the_contact_the_organisations_own_in_xero_counts(connected: World) -> None:
    _reloaded(connected, Sales=MONTHLY, Bills={"Day": 7, "Type": "DAYSAFTERBILLDATE"})
    assert _due(connected) == date(2026, 6, 20)
    assert _due(connected, "bill") == date(2026, 6, 7)
    term = factories.payment_term(connected.organisation, "Ours", days=3)
    acme = factories.contact(connected.organisation, term_id=term.pk)
    assert _due(connected, contact_id=acme.pk) == date(2026, 6, 3)
    connected.sync()
    assert set(connected.statuses()) == {"completed"}
    assert all("PaymentTerms" not in each for each in connected.documents("Contacts") if each["Name"] != acme.name)


def test_a_default_changed_in_xero_counts_for_what_comes_after(connected: World) -> None:
    _reloaded(connected, Sales=MONTHLY)
    before = factories.sale_invoice(connected.organisation, due_date=None)
    known = before.due_date
    _reloaded(connected, Sales={"Day": 5, "Type": "DAYSAFTERBILLMONTH"})
    before.refresh_from_db()
    assert (before.due_date, _due(connected)) == (known, date(2026, 6, 5))
    _reloaded(connected)
    with pytest.raises(Refused, match="give it, or give the contact a payment term"):
        _due(connected)


def test_a_default_is_one_of_cores_terms_where_one_counts_alike(connected: World) -> None:
    ours = factories.payment_term(connected.organisation, "20th", method="OFFOLLOWINGMONTH", days=20)
    _reloaded(connected, Sales=MONTHLY)
    _reloaded(connected, Sales=MONTHLY, Bills=MONTHLY)
    [term] = PaymentTerm.objects.filter(organisation=connected.organisation)
    assert (term.pk, term.default_for_sales, term.default_for_purchases) == (ours.pk, True, True)


@pytest.mark.parametrize(
    "unknown",
    [
        {"Day": 5, "Type": "BYTHEMOON"},
        {"Type": "DAYSAFTERBILLDATE"},
        {"Day": -1, "Type": "DAYSAFTERBILLDATE"},
        {"Day": 32, "Type": "OFCURRENTMONTH"},
        {},
    ],
)
def test_a_default_that_core_cannot_count_is_none(connected: World, unknown: dict[str, object]) -> None:
    _reloaded(connected, Sales=unknown)
    assert not PaymentTerm.objects.filter(organisation=connected.organisation).exists()


def test_a_new_default_takes_a_name_that_no_term_has(connected: World) -> None:
    words = "the 20th of the following month"
    factories.payment_term(connected.organisation, words, days=3)
    factories.payment_term(connected.organisation, f"{words} (2)", days=4)
    _reloaded(connected, Sales=MONTHLY)
    term = PaymentTerm.objects.get(organisation=connected.organisation, default_for_sales=True)
    assert (term.name, term.days) == (f"{words} (3)", 20)
