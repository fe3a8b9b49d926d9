"""Items, contacts, invoices and bills made in Xero come into Core where the settings say so; once, and to the cent."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.sync.chart import make_category
from tests.sync.made_in_xero import bill, contact, fields_of_invoice, invoice, item, line, make
from tests.sync.test_corrections import assert_proven
from tests.sync.test_payments_direction import by_hand, writes_since
from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.fields import ProductFields
from tieout.core.models import Account, Contact, Document, Product, Settlement, TaxRule, Touch
from tieout.people.models import Event
from tieout.reports.tie_out import tie_out
from tieout.sync import corrections
from tieout.sync.dry_run import dry_run
from tieout.sync.incoming import contents, taking
from tieout.sync.models import Binding, Connection, Entry, Finding, Status, XeroContent

pytestmark = pytest.mark.django_db


def loading(made: World, **settings: Any) -> None:
    wanted = {"load_items": True, "load_invoices": True} | settings
    Connection.objects.filter(organisation=made.organisation).update(**wanted)


@pytest.fixture
def taking_over(connected: World) -> World:
    loading(connected)
    return connected


def twice(made: World) -> None:
    """Sync, and again later: whatever is not stable shows in the second."""
    for _ in range(2):
        made.sync()
        made.clock.advance(600)


def finding() -> str:
    (found,) = Finding.objects.filter(closed_at=None)
    return found.text


# -- items -------------------------------------------------------------------------------------------------------------


def test_an_item_becomes_a_product_to_be_set_up(taking_over: World) -> None:
    item(
        taking_over,
        "MUG-1",
        Name="Stoneware mug",
        Description="Mug, glazed",
        SalesDetails={"UnitPrice": "18.9050", "AccountCode": "200", "TaxType": "OUTPUT2"},
        PurchaseDetails={"UnitPrice": "7.25", "AccountCode": "310"},
    )
    mark = len(taking_over.twin.journal)
    twice(taking_over)
    (product,) = Product.objects.all()
    assert (product.sku, product.name, product.description) == ("MUG-1", "Stoneware mug", "Mug, glazed")
    assert (product.status, product.type) == ("SET_UP_REQUIRED", "STOCK")
    assert (product.sale_price, product.purchase_price) == (Decimal("18.905"), Decimal("7.25"))
    assert (product.sale_account, product.purchase_account) == ("200", "310")
    assert product.sale_tax_rule and product.sale_tax_rule.tax_type == "OUTPUT2"
    assert product.purchase_tax_rule and product.purchase_tax_rule.tax_type == "INPUT2", "that of its account"
    assert writes_since(taking_over, mark) == []
    entry = taking_over.entry(product)
    assert (entry.status, entry.reason_code) == (Status.COMPLETED, "from-xero")
    assert Event.objects.filter(kind="product", actor="xero", label="MUG-1").count() == 1
    assert not Touch.objects.exists()
    assert not XeroContent.objects.exists()


def test_a_product_that_is_completed_is_sent_only_where_it_differs(taking_over: World) -> None:
    item(taking_over, "MUG-1")
    twice(taking_over)
    (product,) = Product.objects.all()
    operations.reactivate_product(product, actor="mere")
    mark = len(taking_over.twin.journal)
    taking_over.sync()
    assert writes_since(taking_over, mark) == []
    product.refresh_from_db()
    fields = operations.fields_of(ProductFields, product)
    operations.edit_product(product, type(fields)(sku="MUG-1", name="Mug, large"), actor="mere")
    taking_over.sync()
    assert writes_since(taking_over, mark) == ["POST Items"]
    (shown,) = taking_over.documents("Items")
    assert shown["Name"] == "Mug, large"


def test_an_item_that_core_has_is_adopted_not_doubled(taking_over: World) -> None:
    item(taking_over, "MUG-1")
    product = factories.product(taking_over.organisation, sku="MUG-1")
    twice(taking_over)
    assert Product.objects.get() == product
    assert len(taking_over.documents("Items")) == 1
    assert taking_over.entry(product).status == Status.COMPLETED
    assert not Finding.objects.exists()


def test_an_item_that_xero_tracks_stays_there_with_the_reason_until_it_is_untracked(taking_over: World) -> None:
    tracked = {"UnitPrice": "7.00", "COGSAccountCode": "310"}
    item(taking_over, "MUG-1", InventoryAssetAccountCode="630", PurchaseDetails=tracked)
    twice(taking_over)
    assert not Product.objects.exists()
    assert "tracks the item MUG-1 as inventory" in finding()
    factories.product(taking_over.organisation, sku="MUG-1")  # told by its own entry from now on
    taking_over.sync()
    assert Entry.objects.get(kind="product").reason_code == "tracked-in-xero"
    assert not Finding.objects.filter(closed_at=None).exists()


# -- contacts ----------------------------------------------------------------------------------------------------------


def test_a_contact_on_an_invoice_is_a_customer_and_on_a_bill_a_supplier(taking_over: World) -> None:
    cafe, clay, both = (contact(taking_over, name) for name in ("Pounamu Cafe", "Clay & Co", "Kiln Ltd"))
    invoice(taking_over, cafe)
    bill(taking_over, clay)
    invoice(taking_over, both)
    bill(taking_over, both)
    twice(taking_over)
    sides = {each.name: (each.is_customer, each.is_supplier) for each in Contact.objects.all()}
    assert sides == {"Pounamu Cafe": (True, False), "Clay & Co": (False, True), "Kiln Ltd": (True, True)}
    assert_proven(taking_over)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("documents", {}),
        ("customers", {"Cafe": (True, False), "Clay": (True, False), "Nobody": (True, False)}),
        ("kinds", {"Cafe": (True, False), "Clay": (False, True), "Nobody": (True, False)}),
    ],
)
def test_other_contacts_come_as_the_setting_says(
    connected: World, mode: str, expected: dict[str, tuple[bool, bool]]
) -> None:
    loading(connected, load_invoices=False, load_contacts=mode)
    invoice(connected, contact(connected, "Cafe"))
    bill(connected, contact(connected, "Clay"))
    contact(connected, "Nobody")
    connected.twin.edit(connected.tenant_id, "archive_contact", contact=contact(connected, "Long gone"))
    mark = len(connected.twin.journal)
    twice(connected)
    assert {each.name: (each.is_customer, each.is_supplier) for each in Contact.objects.all()} == expected
    assert not Document.objects.exists()
    assert writes_since(connected, mark) == []


def test_a_contact_of_the_same_name_is_matched_and_linked(taking_over: World) -> None:
    theirs = contact(taking_over, "POUNAMU  cafe".replace("  ", " "))
    invoice(taking_over, theirs)
    ours = factories.contact(taking_over.organisation, name="Pounamu Cafe", is_supplier=True, is_customer=False)
    twice(taking_over)
    (kept,) = Contact.objects.all()
    assert kept == ours and kept.is_customer
    assert Document.objects.get().contact == ours
    (shown,) = taking_over.documents("Contacts")
    assert (shown["ContactID"], shown["ContactNumber"]) == (theirs, str(ours.pk))
    assert_proven(taking_over)


def test_a_contact_that_carries_cores_id_is_that_one_whatever_its_name(taking_over: World) -> None:
    ours = factories.contact(taking_over.organisation, name="Pounamu Cafe")
    invoice(taking_over, contact(taking_over, "Greenstone Cafe", ContactNumber=str(ours.pk)))
    twice(taking_over)
    assert Contact.objects.get() == ours
    assert Document.objects.get().contact == ours


@pytest.mark.parametrize("trouble", ["deprecated", "bound to another"])
def test_a_contact_that_cannot_be_matched_is_a_finding(taking_over: World, trouble: str) -> None:
    ours = factories.contact(taking_over.organisation, name="Pounamu Cafe")
    if trouble == "deprecated":
        operations.deprecate_contact(ours, actor="mere")
    if trouble == "bound to another":
        taking_over.sync()
        (shown,) = taking_over.documents("Contacts")
        taking_over.twin.edit(taking_over.tenant_id, "archive_contact", contact=shown["ContactID"])
    before = Contact.objects.count()
    invoice(taking_over, contact(taking_over, "Pounamu Cafe"))
    twice(taking_over)
    assert not Document.objects.exists()
    assert Contact.objects.count() == before
    assert "Pounamu Cafe" in finding()


def test_of_two_contacts_of_one_name_the_one_that_stands_in_xero_gets_the_documents(taking_over: World) -> None:
    for name in ("Pounamu Cafe", "pounamu cafe"):
        factories.contact(taking_over.organisation, name=name)
    invoice(taking_over, contact(taking_over, "Pounamu Cafe"))
    taking_over.sync()
    assert "Core has 2 contacts called “Pounamu Cafe”" in finding()
    reasons = Entry.objects.filter(kind="contact").values_list("status", "reason_code")
    assert sorted(reasons) == [("completed", ""), ("warning", "contact-name-in-use")]
    taking_over.clock.advance(600)
    taking_over.sync()
    assert Binding.objects.get(kind="contact").record_id == Document.objects.get().contact_id
    assert Contact.objects.count() == 2
    assert not Finding.objects.filter(closed_at=None).exists()


def test_an_invoice_on_an_archived_contact_waits_until_it_is_restored(taking_over: World) -> None:
    theirs = contact(taking_over)
    invoice(taking_over, theirs)
    taking_over.twin.edit(taking_over.tenant_id, "archive_contact", contact=theirs)
    twice(taking_over)
    assert not Document.objects.exists() and not Contact.objects.exists()
    assert "is archived in Xero" in finding()
    taking_over.twin.edit(taking_over.tenant_id, "restore_contact", contact=theirs)
    twice(taking_over)
    assert Document.objects.get().contact.name == "Pounamu Cafe"
    assert not Finding.objects.filter(closed_at=None).exists()


def test_a_contact_that_was_merged_in_xero_is_told(taking_over: World) -> None:
    ours = factories.contact(taking_over.organisation, name="Old Cafe")
    taking_over.sync()
    (shown,) = taking_over.documents("Contacts")
    winner = contact(taking_over, "New Cafe")
    organisation = taking_over.twin.organisations[taking_over.tenant_id]
    held = organisation.contacts.get(shown["ContactID"])
    assert held
    merged = copy.copy(held)
    taking_over.clock.advance(600)
    merged.merged_to, merged.status, merged.updated = winner, "ARCHIVED", organisation.now_ms()
    organisation.contacts.put(merged)
    twice(taking_over)
    assert "was merged into “New Cafe”" in finding()
    operations.deprecate_contact(ours, actor="mere")
    twice(taking_over)
    assert not Finding.objects.filter(closed_at=None).exists()


# -- invoices and bills ------------------------------------------------------------------------------------------------

DOCUMENTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "inclusive": {"LineAmountTypes": "Inclusive", "lines": [line("25.06"), line("25.61"), line("25.63")]},
    "no tax": {"LineAmountTypes": "NoTax", "lines": [line("80.00", TaxType="NONE")]},
    "discount rate": {"lines": [line("33.33", Quantity="3", DiscountRate="12.5")]},
    "discount amount": {"lines": [line("33.33", Quantity="3", DiscountAmount="9.99")]},
    "four decimals": {"lines": [line("0.1235", Quantity="1234.5678")]},
    "tax by line": {"lines": [line("25.06"), line("25.61"), line("25.63"), line("10.00", TaxType="NONE")]},
    "only words": {"lines": [line(), {"Description": "Thank you"}]},
    "negative line": {"lines": [line("100.00"), line("-15.55")]},
    "with reference": {"Reference": "PO 7", "InvoiceNumber": "WEB 77"},
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_invoice_comes_in_to_the_cent_and_stays(taking_over: World, name: str) -> None:
    details = dict(DOCUMENTS[name])
    lines = details.pop("lines", ())
    invoice(taking_over, contact(taking_over), lines, **details)
    mark = len(taking_over.twin.journal)
    twice(taking_over)
    (document,) = Document.objects.all()
    (shown,) = taking_over.documents("Invoices")
    assert [str(each) for each in (document.subtotal, document.tax, document.total)] == [
        f"{Decimal(str(shown[field])):.2f}" for field in ("SubTotal", "TotalTax", "Total")
    ]
    assert (document.status, document.reference) == ("AUTHORISED", details.get("Reference", ""))
    assert document.number == shown["InvoiceNumber"]
    assert document.lines.get(position=0).account == "200"
    assert writes_since(taking_over, mark) == []
    assert (taking_over.entry(document).status, taking_over.entry(document).reason_code) == ("completed", "from-xero")
    assert Event.objects.filter(kind="sale_invoice", actor="xero").count() == 1
    assert not XeroContent.objects.exists()
    assert_proven(taking_over)


@pytest.mark.parametrize("make", [invoice, bill])
def test_a_foreign_document_keeps_its_rate(make: Any) -> None:
    abroad = world(currencies=("USD",))
    loading(abroad)
    make(abroad, contact(abroad), CurrencyCode="USD", CurrencyRate="0.5870")
    twice(abroad)
    (document,) = Document.objects.all()
    assert (document.currency, document.rate) == ("USD", Decimal("0.587"))
    assert_proven(abroad)


def test_a_line_names_its_product(taking_over: World) -> None:
    item(taking_over, "MUG-1")
    invoice(taking_over, contact(taking_over), [line(ItemCode="MUG-1")])
    twice(taking_over)
    assert Document.objects.get().lines.get().product == Product.objects.get(sku="MUG-1")
    assert_proven(taking_over)


def test_without_loading_items_a_line_stands_without_a_product(connected: World) -> None:
    loading(connected, load_items=False)
    item(connected, "MUG-1")
    invoice(connected, contact(connected), [line(ItemCode="MUG-1")])
    twice(connected)
    assert not Product.objects.exists()
    assert Document.objects.get().lines.get().product is None
    assert {each.kind for each in tie_out(connected.organisation).explanations} == {"product"}


def test_tracking_that_all_lines_share_is_kept_where_the_head_has_a_place(taking_over: World) -> None:
    make_category(taking_over, "Region", ["North", "South"])
    Connection.objects.update(tracking={"location": "Region"}, loaded_at=None)
    north = [{"Name": "Region", "Option": "North"}]
    both = contact(taking_over)
    words = {"Description": "Thank you"}
    invoice(taking_over, both, [line(Tracking=north), line(Tracking=north), words], InvoiceNumber="SAME")
    invoice(taking_over, both, [line(Tracking=north), line()], InvoiceNumber="OTHER")
    twice(taking_over)
    assert dict(Document.objects.values_list("number", "location")) == {"SAME": "North", "OTHER": ""}


def test_a_bill_without_a_number_gets_one_of_its_own(taking_over: World) -> None:
    theirs = bill(taking_over, contact(taking_over), InvoiceNumber="")
    twice(taking_over)
    (document,) = Document.objects.all()
    assert document.number == f"XERO-{theirs.replace('-', '')[:12].upper()}"
    assert_proven(taking_over)


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED"])
def test_what_is_not_approved_stays_in_xero_until_it_is(taking_over: World, status: str) -> None:
    theirs = invoice(taking_over, contact(taking_over), Status=status)
    twice(taking_over)
    assert not Document.objects.exists() and not Finding.objects.exists()
    taking_over.twin.edit(
        taking_over.tenant_id, "change", resource="Invoices", key=theirs, fields={"Status": "AUTHORISED"}
    )
    twice(taking_over)
    assert Document.objects.count() == 1


def test_tax_that_somebody_typed_over_is_a_finding_until_it_is_right(taking_over: World) -> None:
    theirs = invoice(taking_over, contact(taking_over), [line(TaxAmount="15.01")], InvoiceNumber="INV-T")
    twice(taking_over)
    assert not Document.objects.exists()
    assert "the tax of line 1 is 15.01 in Xero, where its rate gives 15.00" in finding()
    lines = [line()]
    taking_over.twin.edit(taking_over.tenant_id, "edit_lines", resource="Invoices", key=theirs, lines=lines)
    twice(taking_over)
    assert Document.objects.get().total == Decimal("115.00")
    assert not Finding.objects.filter(closed_at=None).exists()
    assert_proven(taking_over)


def test_an_unknown_tax_is_a_finding(taking_over: World) -> None:
    invoice(taking_over, contact(taking_over))
    TaxRule.objects.filter(tax_type="OUTPUT2").update(tax_type="")
    Connection.objects.update(loaded_at=taking_over.clock.now())  # so that the chart is not read again meanwhile
    taking_over.sync()
    assert "tax type OUTPUT2" in finding()
    assert not Document.objects.exists()


def test_an_archived_account_is_a_finding(taking_over: World) -> None:
    invoice(taking_over, contact(taking_over), [line(AccountCode="260")])
    taking_over.twin.edit(taking_over.tenant_id, "archive_account", account="260")
    taking_over.clock.advance(600)
    twice(taking_over)
    assert "archived" in finding()
    assert not Document.objects.exists()


def test_an_account_without_a_code_is_a_finding(taking_over: World) -> None:
    invoice(taking_over, contact(taking_over), [line(AccountCode="260")])
    Connection.objects.update(loaded_at=taking_over.clock.now())
    content = Account.objects.filter(code="260")
    content.update(code="")
    taking_over.sync()
    assert not Document.objects.exists()
    assert "260" in finding()


def test_a_locked_period_of_core_is_a_finding(taking_over: World) -> None:
    invoice(taking_over, contact(taking_over))
    operations.set_lock_date(taking_over.organisation, factories.DAY.replace(month=5, day=31), actor="mere")
    twice(taking_over)
    assert "locked period" in finding()


def test_a_number_that_core_gave_to_something_else_is_a_finding(taking_over: World) -> None:
    factories.sale_invoice(taking_over.organisation, authorised=False, number="INV-9")
    invoice(taking_over, contact(taking_over), InvoiceNumber="INV-9")
    twice(taking_over)
    assert Document.objects.count() == 1
    assert "Core has another document with the number INV-9" in finding()


def test_two_bills_of_one_number_and_supplier_are_one_and_a_finding(taking_over: World) -> None:
    supplier = contact(taking_over)
    bill(taking_over, supplier)
    bill(taking_over, supplier)
    twice(taking_over)
    assert Document.objects.count() == 1
    assert "Core has another document with the number B-1" in finding()


def test_cores_own_invoice_is_left_to_the_planner(taking_over: World) -> None:
    ours = factories.sale_invoice(taking_over.organisation, number="INV-9", lines=[factories.line(account="200")])
    cafe = contact(taking_over, ours.contact.name)
    invoice(taking_over, cafe, [line(TaxType="NONE")], InvoiceNumber="INV-9", Date="2026-03-31", DueDate="2026-04-20")
    twice(taking_over)
    assert Document.objects.get() == ours
    assert len(taking_over.documents("Invoices")) == 1
    assert taking_over.entry(ours).status == Status.COMPLETED
    assert not Finding.objects.exists()


@pytest.mark.parametrize("what", ["drop_after", "drop_before"])
def test_cores_own_invoice_whose_answer_was_lost_is_not_taken_for_xeros(taking_over: World, what: str) -> None:
    ours = factories.sale_invoice(taking_over.organisation, number="INV-9")
    taking_over.twin.faults.add(what, method="PUT", path="Invoices", times=3)
    taking_over.sync()
    taking_over.twin.faults.clear()
    for _ in range(2):
        taking_over.clock.advance(400)
        taking_over.sync()
    assert Document.objects.get() == ours
    assert len(taking_over.live("Invoices")) == 1
    assert_proven(taking_over)


@pytest.mark.parametrize("what", ["drop_after", "drop_before"])
@pytest.mark.parametrize("resource", ["Contacts", "Items"])
def test_cores_own_contact_or_product_whose_answer_was_lost_is_not_doubled(
    taking_over: World, what: str, resource: str
) -> None:
    loading(taking_over, load_contacts="customers")
    product = factories.product(taking_over.organisation)
    factories.sale_invoice(taking_over.organisation, lines=[factories.line(product_id=product.pk)])
    taking_over.twin.faults.add(what, method="PUT", path=resource, times=3)
    taking_over.sync()
    taking_over.twin.faults.clear()
    for _ in range(3):
        taking_over.clock.advance(400)
        taking_over.sync()
    assert (Contact.objects.count(), Product.objects.count(), Document.objects.count()) == (1, 1, 1)
    assert len(taking_over.documents(resource)) == 1
    assert_proven(taking_over)


def test_a_document_over_a_difference_is_not_taken_over(taking_over: World) -> None:
    """The correcting document of a correction under way is Core's own, though no record stands for it."""
    invoice(taking_over, contact(taking_over), InvoiceNumber="INV-1-C2")
    ours = factories.sale_invoice(taking_over.organisation, number="INV-1")
    Connection.objects.update(load_invoices=False)
    taking_over.sync()
    corrections.Correction.objects.create(
        connection=taking_over.connection,
        entry=taking_over.entry(ours),
        way="additional",
        steps=[{"number": "INV-1-C2"}],
        summary="",
        actor="mere",
        chosen_at=taking_over.clock.now(),
    )
    Connection.objects.update(load_invoices=True)
    taking_over.connection.refresh_from_db()
    assert contents.known(taking_over.connection) == {}


# -- money, changes and removal afterwards -----------------------------------------------------------------------------


def test_payments_of_a_loaded_invoice_come_with_it(taking_over: World) -> None:
    Connection.objects.update(payments="both")
    invoice(taking_over, contact(taking_over), InvoiceNumber="INV-P")
    taking_over.twin.edit(
        taking_over.tenant_id, "pay", invoice="INV-P", account="090", amount="115.00", date="2026-05-06"
    )
    mark = len(taking_over.twin.journal)
    twice(taking_over)
    assert Settlement.objects.get().amount == Decimal("115.00")
    assert writes_since(taking_over, mark) == []
    assert_proven(taking_over)


def test_a_loaded_invoice_is_paid_from_core_like_any_other(taking_over: World) -> None:
    invoice(taking_over, contact(taking_over))
    taking_over.sync()
    factories.payment(Document.objects.get(), "40.00")
    taking_over.sync()
    assert len(taking_over.live("Payments")) == 1
    assert_proven(taking_over)


def test_a_change_in_core_goes_to_xero_by_the_ordinary_plan(taking_over: World) -> None:
    theirs = invoice(taking_over, contact(taking_over), Reference="PO 7")
    twice(taking_over)
    (document,) = Document.objects.all()
    fields = operations.document_fields(document)
    mark = len(taking_over.twin.journal)
    operations.edit_document(document, replace(fields, reference="PO 8"), actor="mere")
    twice(taking_over)
    assert writes_since(taking_over, mark) == ["POST Invoices"]
    (shown,) = taking_over.documents("Invoices")
    assert (shown["InvoiceID"], shown["Reference"]) == (theirs, "PO 8")
    assert_proven(taking_over)


def test_a_loaded_invoice_voided_in_xero_is_voided_in_core_with_its_payments(taking_over: World) -> None:
    Connection.objects.update(payments="pull")
    invoice(taking_over, contact(taking_over), InvoiceNumber="INV-V")
    taking_over.sync()
    by_hand(taking_over, Document.objects.get())
    taking_over.clock.advance(600)
    taking_over.sync()
    taking_over.twin.edit(taking_over.tenant_id, "void", invoice="INV-V")
    taking_over.clock.advance(600)
    twice(taking_over)
    assert Document.objects.get().status == "VOIDED"
    assert Settlement.objects.get().status == "VOIDED"
    assert_proven(taking_over)


def test_a_loaded_invoice_that_core_changed_since_is_not_voided_with_xeros(taking_over: World) -> None:
    invoice(taking_over, contact(taking_over), InvoiceNumber="INV-V")
    twice(taking_over)
    (document,) = Document.objects.all()
    taking_over.twin.edit(taking_over.tenant_id, "void", invoice="INV-V")
    changed = replace(operations.document_fields(document), reference="PO 8")
    operations.edit_document(document, changed, actor="mere")
    twice(taking_over)
    document.refresh_from_db()
    assert document.status == "AUTHORISED"
    assert taking_over.entry(document).reason_code == "gone-in-xero"


def test_voided_in_core_it_asks_for_the_same_in_xero(taking_over: World) -> None:
    invoice(taking_over, contact(taking_over))
    twice(taking_over)
    (document,) = Document.objects.all()
    operations.void_document(document, actor="mere")
    mark = len(taking_over.twin.journal)
    twice(taking_over)
    assert taking_over.entry(document).reason_code == "made-in-xero"
    assert writes_since(taking_over, mark) == []


def test_a_loaded_invoice_edited_in_xero_shows_in_the_tie_out(taking_over: World) -> None:
    theirs = invoice(taking_over, contact(taking_over))
    twice(taking_over)
    taking_over.twin.edit(taking_over.tenant_id, "edit_lines", resource="Invoices", key=theirs, lines=[line("200.00")])
    twice(taking_over)
    assert Document.objects.get().total == Decimal("115.00")
    (told,) = tie_out(taking_over.organisation).explanations
    assert "The amounts differ" in told.why


# -- when, how often, how many -----------------------------------------------------------------------------------------


def test_while_the_settings_are_off_nothing_comes_in_and_nothing_is_kept(connected: World) -> None:
    item(connected)
    invoice(connected, contact(connected))
    twice(connected)
    assert not any(model.objects.exists() for model in (Product, Contact, Document, XeroContent, Finding))


def test_turned_on_late_it_loads_what_stands_there_already(connected: World) -> None:
    for count in range(3):
        item(connected, f"MUG-{count}")
        invoice(connected, contact(connected, f"Cafe {count}"))
    twice(connected)
    loading(connected)
    mark = len(connected.twin.journal)
    foreseen = dry_run(connected.organisation, connected.clock).reads
    assert [foreseen.count(name) for name in ("Items", "Invoices", "Contacts")] == [2, 2, 2]
    connected.sync()
    assert (Product.objects.count(), Contact.objects.count(), Document.objects.count()) == (3, 3, 3)
    reads = [call.resource for call in connected.twin.journal[mark:] if call.method == "GET"]
    assert [reads.count(name) for name in ("Items", "Invoices", "Contacts")] == [2, 2, 2], "one more of each"
    connected.clock.advance(600)
    mark = len(connected.twin.journal)
    connected.sync()
    reads = [call.resource for call in connected.twin.journal[mark:] if call.method == "GET"]
    assert [reads.count(name) for name in ("Items", "Invoices", "Contacts")] == [1, 1, 1]
    assert_proven(connected)


def test_an_item_that_was_deleted_in_xero_is_asked_for_once(connected: World) -> None:
    kept, deleted = item(connected, "MUG-1"), item(connected, "MUG-2")
    connected.sync()
    connected.twin.organisations[connected.tenant_id].items.remove(deleted)
    loading(connected)
    reads = []
    for _ in range(2):
        connected.clock.advance(600)
        mark = len(connected.twin.journal)
        connected.sync()
        reads.append([call.resource for call in connected.twin.journal[mark:]].count("Items"))
    assert reads == [2, 1]
    assert [str(each) for each in Binding.objects.filter(kind="product").values_list("xero_id", flat=True)] == [kept]
    assert not Finding.objects.exists()


def test_nothing_from_before_the_start_of_the_sync_is_loaded(taking_over: World) -> None:
    cafe = contact(taking_over)
    invoice(taking_over, cafe, Date="2026-04-30", InvoiceNumber="OLD")
    invoice(taking_over, cafe, Date="2026-05-01", InvoiceNumber="NEW")
    Connection.objects.update(sync_from="2026-05-01")
    twice(taking_over)
    assert [each.number for each in Document.objects.all()] == ["NEW"]
    Connection.objects.update(sync_from=None)
    twice(taking_over)
    assert {each.number for each in Document.objects.all()} == {"OLD", "NEW"}


def test_turned_off_the_findings_close_and_turned_on_again_they_come_back(taking_over: World) -> None:
    invoice(taking_over, contact(taking_over), [line(TaxAmount="15.01")])
    twice(taking_over)
    assert finding()
    loading(taking_over, load_invoices=False)
    twice(taking_over)
    assert not Finding.objects.filter(closed_at=None).exists()
    assert not XeroContent.objects.exists()
    loading(taking_over)
    twice(taking_over)
    assert finding()


def test_of_three_pages_none_is_lost_and_none_is_read_twice(taking_over: World) -> None:
    cafe = contact(taking_over)
    make(taking_over, "Invoices", *(fields_of_invoice(cafe) for _ in range(2500)))
    taking_over.clock.advance(600)
    mark = len(taking_over.twin.journal)
    taking_over.sync()
    reads = [call.resource for call in taking_over.twin.journal[mark:] if call.method == "GET"]
    assert reads.count("Invoices") == 3
    assert (Document.objects.count(), Entry.objects.filter(kind="sale_invoice").count()) == (2500, 2500)
    assert Contact.objects.count() == 1
    taking_over.clock.advance(600)
    mark = len(taking_over.twin.journal)
    taking_over.sync()
    assert [call.resource for call in taking_over.twin.journal[mark:]].count("Invoices") == 1
    assert Document.objects.count() == 2500
    assert_proven(taking_over)


def test_turned_on_late_among_many_it_goes_on_where_it_stopped(connected: World) -> None:
    cafe = contact(connected)
    for _ in range(5):  # Xero's list is in the order of changes
        make(connected, "Invoices", *(fields_of_invoice(cafe) for _ in range(500)))
        connected.clock.advance(300)
    connected.clock.advance(600)
    connected.sync()
    loading(connected)
    mark = len(connected.twin.journal)
    # the day's list of changes, then two of the three pages of what no page has shown
    connected.twin.faults.add("503", method="GET", path="Invoices", times=3, after=3)
    run = connected.sync()
    assert run.state == "stopped"
    assert Document.objects.count() == 0
    kept = XeroContent.objects.filter(kind="sale_invoice").count()
    assert kept == 2000
    connected.twin.faults.clear()
    connected.clock.advance(600)
    mark = len(connected.twin.journal)
    connected.sync()
    reads = [call.resource for call in connected.twin.journal[mark:] if call.method == "GET"]
    assert reads.count("Invoices") == 2, "what changed, and the page that was missing"
    assert Document.objects.count() == 2500
    assert_proven(connected)


class Killed(Exception):
    """Stands for the death of the worker."""


@pytest.mark.parametrize("place", ["bind", "_entry"])
def test_a_worker_that_dies_while_loading_leaves_all_or_nothing(
    taking_over: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    cafe = contact(taking_over)
    for _ in range(3):
        invoice(taking_over, cafe)

    def die(*args: object, **more: object) -> None:
        raise Killed

    with monkeypatch.context() as broken, pytest.raises(Killed):
        broken.setattr(taking.Taking, place, die)
        taking_over.sync()
    assert not Document.objects.exists() and not Contact.objects.exists() and not Binding.objects.exists()
    twice(taking_over)
    assert (Document.objects.count(), Contact.objects.count()) == (3, 1)
    assert_proven(taking_over)


def test_many_are_loaded_with_as_few_statements_as_one(taking_over: World) -> None:
    taken = []
    for count in (1, 40):
        for number in range(count):
            item(taking_over, f"MUG-{count}-{number}")
            invoice(taking_over, contact(taking_over, f"Cafe {count}-{number}"))
        taking_over.clock.advance(600)
        with CaptureQueriesContext(database) as statements:
            taking_over.sync()
        taken.append(len(statements))
    assert (Document.objects.count(), Contact.objects.count(), Product.objects.count()) == (41, 41, 41)
    assert taken[1] <= taken[0] + 5


def test_a_stranger_gets_nothing(taking_over: World) -> None:
    tenant = taking_over.twin.add_organisation("Stranger Ltd", country="NZ", base_currency="NZD")
    owner = factories.organisation(name="Stranger Ltd")
    other = World(owner, taking_over.twin, taking_over.clock, taking_over.ports, tenant.tenant_id)
    other.connect()
    invoice(taking_over, contact(taking_over))
    item(other, "MUG-1")
    invoice(other, contact(other))
    twice(other)
    twice(taking_over)
    assert Document.objects.get().organisation == taking_over.organisation
    assert not Product.objects.exists()


def test_a_formula_in_a_name_stays_a_text(taking_over: World) -> None:
    item(taking_over, "=1+1", Name="=cmd|' /C calc'!A0")
    invoice(taking_over, contact(taking_over, "=HYPERLINK(1)"), [line(Description="=1+1")], Reference="=2")
    twice(taking_over)
    assert Contact.objects.get().name == "=HYPERLINK(1)"
    assert Document.objects.get().lines.get().description == "=1+1"
    assert Product.objects.get().name.startswith("=cmd")
