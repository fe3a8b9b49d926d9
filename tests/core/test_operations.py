"""Core's operations, with a fixed cast: Mere keeps the books, Rewi sells, and Acme buys."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from tests import factories
from tieout.core import operations
from tieout.core.fields import ContactFields, OrganisationFields, PaymentTermFields, ProductFields, TaxRuleFields
from tieout.core.models import Contact, Document, Organisation, Touch
from tieout.core.operations import Refused, Stale, document_fields, fields_of
from tieout.people.models import Event

pytestmark = pytest.mark.django_db
MERE, REWI = "mere", "rewi"


@pytest.fixture
def owner() -> Organisation:
    return factories.organisation()


@pytest.fixture
def acme(owner: Organisation) -> Contact:
    return factories.contact(owner, code="ACME", name="Acme Ltd")


@pytest.fixture
def invoice(owner: Organisation, acme: Contact) -> Document:
    return factories.sale_invoice(owner, contact_id=acme.id, number="INV-1")


def told(owner: Organisation) -> list[tuple[str, str, str, str]]:
    """The audit trail, oldest first."""
    events = Event.objects.filter(organisation=owner).order_by("id")
    return [(each.actor, each.action, each.kind, each.label) for each in events]


def touched(owner: Organisation) -> list[str]:
    return list(Touch.objects.filter(organisation=owner).order_by("id").values_list("kind", flat=True))


def refused(call: Callable[[], object]) -> list[str]:
    """The fields that a refusal names."""
    with pytest.raises(Refused) as refusal:
        call()
    return [problem.field for problem in refusal.value.problems]


def test_a_new_contact_is_told_and_touched(owner: Organisation) -> None:
    values = ContactFields(code="ACME", name=" Acme  Ltd ", is_customer=True)
    contact = operations.create_contact(owner, values, actor=REWI)
    assert contact.name == "Acme Ltd"
    assert told(owner)[-1] == (REWI, "created", "contact", "Acme Ltd")
    assert touched(owner) == ["contact"]


def test_two_contacts_may_share_a_name_but_not_a_code(owner: Organisation, acme: Contact) -> None:
    twin = factories.contact(owner, code="ACME2", name="ACME LTD")
    assert twin.pk != acme.pk
    assert refused(lambda: factories.contact(owner, code="ACME")) == ["code"]
    assert factories.contact(factories.organisation(), code="ACME").code == "ACME"


def test_an_edit_counts_the_version_and_keeps_old_and_new(owner: Organisation, acme: Contact) -> None:
    values = replace(fields_of(ContactFields, acme), email="a@acme.example")
    edited = operations.edit_contact(acme, values, actor=MERE, version=1)
    assert edited.version == 2
    event = Event.objects.filter(organisation=owner).first()
    assert event is not None
    assert (event.action, event.detail) == ("edited", {"email": ["", "a@acme.example"]})


def test_an_edit_that_changes_nothing_leaves_no_trace(owner: Organisation, acme: Contact) -> None:
    before = (told(owner), touched(owner))
    same = operations.edit_contact(acme, fields_of(ContactFields, acme), actor=MERE)
    assert same.version == 1
    assert (told(owner), touched(owner)) == before


def test_an_edit_of_an_old_version_is_stale(acme: Contact) -> None:
    first = replace(fields_of(ContactFields, acme), city="Nelson")
    operations.edit_contact(acme, first, actor=MERE, version=1)
    with pytest.raises(Stale, match="load the record again"):
        operations.edit_contact(acme, replace(first, city="Napier"), actor=REWI, version=1)
    acme.refresh_from_db()
    assert acme.city == "Nelson"


def test_a_contact_can_be_deprecated_and_made_active_again(owner: Organisation, acme: Contact) -> None:
    assert operations.deprecate_contact(acme, actor=MERE).status == "DEPRECATED"
    assert operations.reactivate_contact(acme, actor=MERE).status == "ACTIVE"
    assert [action for _, action, _, _ in told(owner)][-2:] == ["deprecated", "reactivated"]
    assert touched(owner) == ["contact"] * 3


def test_a_product_lives_like_a_contact(owner: Organisation) -> None:
    cup = factories.product(owner, sku="CUP")
    dearer = replace(fields_of(ProductFields, cup), sale_price=Decimal("19.90"))
    assert operations.edit_product(cup, dearer, actor=MERE).version == 2
    assert operations.deprecate_product(cup, actor=MERE).status == "DEPRECATED"
    assert operations.reactivate_product(cup, actor=MERE).version == 4
    assert touched(owner) == ["product"] * 4
    assert refused(lambda: factories.product(owner, sku="CUP")) == ["sku"]


def test_a_draft_is_cores_alone_until_it_is_authorised(owner: Organisation, acme: Contact) -> None:
    draft = factories.sale_invoice(owner, contact_id=acme.id, authorised=False)
    operations.edit_document(draft, replace(document_fields(draft), reference="PO 1"), actor=REWI)
    assert "sale_invoice" not in touched(owner)
    assert operations.authorise_document(draft, actor=MERE).status == "AUTHORISED"
    assert touched(owner)[-1] == "sale_invoice"
    assert told(owner)[-1][:2] == (MERE, "authorised")


def test_a_document_is_authorised_once(invoice: Document) -> None:
    assert refused(lambda: operations.authorise_document(invoice, actor=MERE)) == ["status"]


def test_totals_are_computed_as_xero_computes_them(owner: Organisation) -> None:
    rule = factories.tax_rule(owner)
    lines = [factories.line(price, tax_rule_id=rule.id) for price in ("25.06", "25.61", "25.63")]
    invoice = factories.sale_invoice(owner, lines=lines)
    assert (invoice.subtotal, invoice.tax, invoice.total) == (Decimal("76.30"), Decimal("11.44"), Decimal("87.74"))


def test_an_edited_document_is_computed_anew(owner: Organisation, invoice: Document) -> None:
    values = replace(document_fields(invoice), lines=(factories.line("7.50", "3"), factories.line("1.00")))
    edited = operations.edit_document(invoice, values, actor=MERE, version=1)
    assert (edited.total, edited.version) == (Decimal("23.50"), 2)
    assert [each.amount for each in edited.lines.all()] == [Decimal("22.50"), Decimal("1.00")]
    assert told(owner)[-1] == (MERE, "edited", "sale_invoice", "INV-1")


def test_a_line_without_a_description_takes_its_products_name(owner: Organisation) -> None:
    cup = factories.product(owner, name="Stoneware cup 250 ml")
    invoice = factories.sale_invoice(owner, lines=[factories.line(description="", product_id=cup.id)])
    assert invoice.lines.get().description == "Stoneware cup 250 ml"


def test_a_sale_number_is_used_once_and_a_bill_number_once_per_supplier(owner: Organisation, invoice: Document) -> None:
    assert refused(lambda: factories.sale_invoice(owner, number="INV-1")) == ["number"]
    first = factories.bill(owner, number="4471")
    assert factories.bill(owner, number="4471").total == first.total
    assert refused(lambda: factories.bill(owner, number="4471", contact_id=first.contact_id)) == ["number"]


def test_what_belongs_to_another_organisation_cannot_be_used(owner: Organisation) -> None:
    stranger = factories.organisation()
    theirs = factories.product(stranger)
    line = factories.line(product_id=theirs.id, tax_rule_id=factories.tax_rule(stranger).id)
    contact = factories.contact(stranger)
    call = lambda: factories.sale_invoice(owner, lines=[line], contact_id=contact.id)  # noqa: E731
    assert sorted(refused(call)) == ["contact", "product", "tax_rule"]


def test_a_voided_invoice_keeps_its_number_and_never_changes_again(owner: Organisation, invoice: Document) -> None:
    voided = operations.void_document(invoice, actor=MERE)
    assert (voided.status, voided.number, voided.version) == ("VOIDED", "INV-1", 2)
    assert touched(owner).count("sale_invoice") == 2
    changed = replace(document_fields(invoice), reference="x")
    assert refused(lambda: operations.edit_document(invoice, changed, actor=MERE)) == ["status"]
    assert refused(lambda: operations.void_document(invoice, actor=MERE)) == ["status"]
    assert refused(lambda: factories.payment(invoice)) == ["document"]


def test_a_paid_document_keeps_its_money_but_not_its_reference(invoice: Document) -> None:
    paid = factories.payment(invoice, "10.00")
    now = document_fields(invoice)
    dearer = replace(now, lines=(factories.line("120.00"),))
    assert refused(lambda: operations.edit_document(invoice, dearer, actor=MERE)) == ["number"]
    assert refused(lambda: operations.void_document(invoice, actor=MERE)) == ["number"]
    assert operations.edit_document(invoice, replace(now, reference="PO 2"), actor=MERE).reference == "PO 2"
    operations.void_payment(paid, actor=MERE)
    assert operations.edit_document(invoice, dearer, actor=MERE).total == Decimal("120.00")


def test_a_payment_touches_itself_and_not_its_document(owner: Organisation, invoice: Document) -> None:
    before = touched(owner)
    payment = factories.payment(invoice, "60.00", number="PAY-1")
    operations.void_payment(payment, actor=MERE)
    assert touched(owner) == [*before, "payment", "payment"]
    assert refused(lambda: operations.void_payment(payment, actor=MERE)) == ["status"]


def test_a_payment_above_what_is_due_is_taken_whole_only_when_asked_to(invoice: Document) -> None:
    assert factories.payment(invoice, "100.01", split=False).amount > invoice.total


def test_a_draft_takes_no_payment(owner: Organisation) -> None:
    draft = factories.sale_invoice(owner, authorised=False)
    assert refused(lambda: factories.payment(draft)) == ["document"]


def test_a_payment_goes_to_an_account_that_takes_payments(owner: Organisation, invoice: Document) -> None:
    factories.account(owner, "090")
    factories.account(owner, "200")
    factories.account(owner, "201", enable_payments=True)
    assert refused(lambda: factories.payment(invoice, account="200")) == ["account"]
    assert factories.payment(invoice, account="201").account == "201"
    assert factories.payment(invoice, account="090").account == "090"


def test_nothing_dated_on_or_before_the_lock_date_changes(owner: Organisation, invoice: Document) -> None:
    paid = factories.payment(invoice)
    draft = factories.sale_invoice(owner, authorised=False)
    operations.set_lock_date(owner, factories.DAY, actor=MERE)
    later = replace(document_fields(draft), date=date(2026, 4, 1))
    assert "date" in refused(lambda: factories.sale_invoice(owner))
    assert "date" in refused(lambda: operations.edit_document(draft, later, actor=MERE))
    assert "date" in refused(lambda: operations.authorise_document(draft, actor=MERE))
    assert "date" in refused(lambda: operations.void_document(draft, actor=MERE))
    assert refused(lambda: operations.void_payment(paid, actor=MERE)) == ["date"]
    assert refused(lambda: factories.payment(invoice)) == ["date"]
    operations.set_lock_date(owner, None, actor=MERE)
    assert operations.void_payment(paid, actor=MERE).status == "VOIDED"
    assert [action for _, action, _, _ in told(owner)].count("setting_changed") == 2


def test_a_refused_change_writes_nothing(owner: Organisation, acme: Contact) -> None:
    before = (told(owner), touched(owner))
    with pytest.raises(Refused) as refusal:
        factories.sale_invoice(owner, contact_id=acme.id, currency="XXX", lines=[factories.line(quantity="-1")])
    assert len(refusal.value.problems) == 2
    assert (told(owner), touched(owner)) == before
    assert not Document.objects.filter(organisation=owner).exists()


def test_setting_up_a_company_refuses_what_is_taken_or_wrong(owner: Organisation) -> None:
    values = OrganisationFields(slug=owner.slug, name="Copy", base_currency="NZD")
    assert refused(lambda: operations.create_organisation(values, actor=MERE)) == ["slug"]
    bad = replace(values, slug="not a slug", base_currency="NZ")
    assert refused(lambda: operations.create_organisation(bad, actor=MERE)) == ["slug", "base_currency"]
    rule = factories.tax_rule(owner, "GST")
    assert refused(lambda: factories.tax_rule(owner, "gst")) == ["name"]
    edited = operations.edit_tax_rule(rule, TaxRuleFields(name="GST", rate=Decimal("12.5")), actor=MERE)
    assert edited.rate == Decimal("12.5")
    term = PaymentTermFields(name="30 days", days=30)
    assert operations.create_payment_term(owner, term, actor=MERE).days == 30
    assert refused(lambda: operations.create_payment_term(owner, term, actor=MERE)) == ["name"]


@pytest.mark.django_db(transaction=True)
def test_of_a_payment_and_a_void_at_the_same_moment_only_one_succeeds() -> None:
    invoice = factories.sale_invoice(factories.organisation())
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def attempt(name: str, call: Callable[[], object]) -> None:
        together.wait()
        try:
            call()
            outcomes.append(name)
        except Refused:
            outcomes.append(f"{name} refused")
        finally:
            connection.close()

    calls: dict[str, Callable[[], object]] = {
        "paid": lambda: factories.payment(invoice, "10.00"),
        "voided": lambda: operations.void_document(invoice, actor=MERE),
    }
    threads = [threading.Thread(target=attempt, args=each) for each in calls.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) in (["paid", "voided refused"], ["paid refused", "voided"])
