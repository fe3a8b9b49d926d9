"""Importing files: what a sound file does, what a second time does, and what a changed row does."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from tests import factories
from tieout.core import operations
from tieout.core.fields import PaymentTermFields
from tieout.core.importing import KINDS, ImportRefused, ImportResult, columns_of, import_file
from tieout.core.importing.documents import SaleInvoiceSheet
from tieout.core.models import Contact, Document, Organisation, Product, Settlement, TaxRule, Touch
from tieout.people.models import Event

pytestmark = pytest.mark.django_db

INVOICES = """number,contact,date,due_date,sku,description,quantity,unit_price,discount,tax_rule,is_charge
INV-1,ACME,2026-03-31,2026-04-20,CUP,,24,18.9,12.5,15% gst on income,
INV-1,,,,,Freight,1,14.90,,15% GST on Income,yes
INV-2,ACME,2026-04-01,2026-04-20,,Repair,0.5,80,,,
"""


@pytest.fixture
def owner() -> Organisation:
    owner = factories.organisation()
    factories.contact(owner, code="ACME", name="Acme Ltd")
    factories.product(owner, sku="CUP", name="Stoneware cup")
    factories.tax_rule(owner)
    factories.tax_rule(owner, "Exempt", "0", default_for_sales=True, default_for_purchases=True)
    return owner


def load(owner: Organisation, kind: str, text: str) -> ImportResult:
    return import_file(owner, kind, io.BytesIO(text.encode()), actor="mere")


def counts(result: ImportResult) -> tuple[int, int, int]:
    return result.created, result.changed, result.unchanged


def refused(owner: Organisation, kind: str, text: str) -> list[tuple[int, str]]:
    """Line and column of each fault."""
    with pytest.raises(ImportRefused) as refusal:
        load(owner, kind, text)
    return [(row.line, row.column) for row in refusal.value.rows]


def traces(owner: Organisation) -> tuple[int, int]:
    return Event.objects.filter(organisation=owner).count(), Touch.objects.filter(organisation=owner).count()


def test_rows_of_one_number_become_one_document(owner: Organisation) -> None:
    assert counts(load(owner, "sale-invoices", INVOICES)) == (2, 0, 0)
    invoice = Document.objects.get(organisation=owner, number="INV-1")
    assert (invoice.status, invoice.subtotal, invoice.total) == ("AUTHORISED", Decimal("411.80"), Decimal("473.58"))
    lines = invoice.lines.order_by("position")
    assert [each.description for each in lines] == ["Stoneware cup", "Freight"]
    assert [each.is_charge for each in lines] == [False, True]


@pytest.mark.parametrize("kind_of_row", ["new", "changed"])
def test_a_dry_run_counts_as_a_load_would_and_leaves_no_trace(owner: Organisation, kind_of_row: str) -> None:
    text = INVOICES
    if kind_of_row == "changed":
        load(owner, "sale-invoices", INVOICES)
        text = INVOICES.replace(",80,", ",81,")
    before, totals = traces(owner), list(Document.objects.order_by("pk").values_list("total", "version"))
    tried = import_file(owner, "sale-invoices", io.BytesIO(text.encode()), actor="mere", dry_run=True)
    assert traces(owner) == before
    assert list(Document.objects.order_by("pk").values_list("total", "version")) == totals
    assert counts(tried) == counts(load(owner, "sale-invoices", text))


def test_an_imported_document_equals_one_entered_by_hand(owner: Organisation) -> None:
    load(owner, "sale-invoices", INVOICES)
    imported = Document.objects.get(organisation=owner, number="INV-1")
    by_hand = operations.document_fields(imported)
    operations.void_document(imported, actor="mere")
    twin = factories.sale_invoice(owner, lines=by_hand.lines, contact_id=by_hand.contact_id, date=by_hand.date)
    for name in ("subtotal", "tax", "total", "rate", "currency", "tax_treatment", "status"):
        assert getattr(twin, name) == getattr(imported, name)
    assert list(twin.lines.values_list("amount", "tax")) == list(imported.lines.values_list("amount", "tax"))


def test_every_new_record_is_told_and_touched_and_the_file_too(owner: Organisation) -> None:
    events, touches = traces(owner)
    load(owner, "sale-invoices", INVOICES)
    assert traces(owner) == (events + 3, touches + 2)
    event = Event.objects.filter(organisation=owner).first()
    assert event is not None
    assert (event.action, event.label) == ("imported", "a file: 2 new, 0 changed, 0 unchanged")


def test_the_same_file_again_leaves_one_event_and_nothing_else(owner: Organisation) -> None:
    load(owner, "sale-invoices", INVOICES)
    events, touches = traces(owner)
    versions = list(Document.objects.values_list("id", "version", "changed_at"))
    assert counts(load(owner, "sale-invoices", INVOICES)) == (0, 0, 2)
    assert traces(owner) == (events + 1, touches)
    assert list(Document.objects.values_list("id", "version", "changed_at")) == versions


def test_the_same_file_again_is_fine_in_a_locked_period_too(owner: Organisation) -> None:
    load(owner, "sale-invoices", INVOICES)
    operations.set_lock_date(owner, factories.DAY.replace(month=12), actor="mere")
    assert counts(load(owner, "sale-invoices", INVOICES)) == (0, 0, 2)
    assert refused(owner, "sale-invoices", INVOICES.replace("Repair", "Repairs")) == [(4, "date")]


def test_a_changed_row_edits_its_document_alone(owner: Organisation) -> None:
    load(owner, "sale-invoices", INVOICES)
    assert counts(load(owner, "sale-invoices", INVOICES.replace(",80,", ",90,"))) == (0, 1, 1)
    changed = Document.objects.get(organisation=owner, number="INV-2")
    assert (changed.total, changed.version) == (Decimal("45.00"), 2)


def test_a_changed_row_of_a_paid_document_is_refused(owner: Organisation) -> None:
    load(owner, "sale-invoices", INVOICES)
    factories.payment(Document.objects.get(organisation=owner, number="INV-2"))
    assert refused(owner, "sale-invoices", INVOICES.replace(",80,", ",90,")) == [(4, "number")]


def test_a_status_in_the_file_authorises_and_voids_but_never_unbooks(owner: Organisation) -> None:
    def with_status(status: str) -> str:
        head = "number,contact,date,due_date,quantity,unit_price,description,status\n"
        return f"{head}A,ACME,2026-03-01,2026-03-01,1,5,x,{status}\n"

    assert refused(owner, "sale-invoices", with_status("Voided")) == [(2, "status")]
    assert counts(load(owner, "sale-invoices", with_status("Draft"))) == (1, 0, 0)
    assert counts(load(owner, "sale-invoices", with_status("Authorised"))) == (0, 1, 0)
    assert refused(owner, "sale-invoices", with_status("draft")) == [(2, "status")]
    assert counts(load(owner, "sale-invoices", with_status("Voided"))) == (0, 1, 0)
    assert counts(load(owner, "sale-invoices", with_status("Voided"))) == (0, 0, 1)
    assert refused(owner, "sale-invoices", with_status("")) == [(2, "status")]


def test_one_bad_row_loads_nothing_and_every_bad_row_is_listed(owner: Organisation) -> None:
    text = INVOICES + 'INV-3,ACME,2026-04-02,2026-04-01,,x,-1,1,,,\nINV-4,NOBODY,31/03/2026,2026-04-01,,x,1,"1,5",,,\n'
    before = traces(owner)
    assert refused(owner, "sale-invoices", text) == [
        (5, "due_date"),
        (5, "quantity"),
        (6, "date"),
        (6, "unit_price"),
    ]
    assert not Document.objects.exists()
    assert traces(owner) == before


def test_rows_of_a_document_that_are_apart_name_both_lines(owner: Organisation) -> None:
    text = INVOICES + "INV-1,ACME,2026-03-31,2026-04-20,,x,1,1,,,\n"
    with pytest.raises(ImportRefused, match=r"line 5, number: “INV-1” begins on line 2 already"):
        load(owner, "sale-invoices", text)


def test_a_later_row_may_repeat_the_head_but_not_contradict_it(owner: Organisation) -> None:
    factories.contact(owner, code="OTHER")
    repeated = INVOICES.replace("INV-1,,,,", "INV-1,ACME,2026-03-31,2026-04-20,")
    assert counts(load(owner, "sale-invoices", repeated)) == (2, 0, 0)
    contradicting = INVOICES.replace("INV-1,,,,", "INV-1,OTHER,2026-04-01,,")
    with pytest.raises(ImportRefused, match="contradicts “ACME” on line 2") as refusal:
        load(owner, "sale-invoices", contradicting)
    assert [(row.line, row.column) for row in refusal.value.rows] == [(3, "contact"), (3, "date")]


def test_two_suppliers_may_use_one_bill_number_one_after_the_other(owner: Organisation) -> None:
    for code in ("KILN", "HUIA"):
        factories.contact(owner, code=code, is_supplier=True)
    rows = "".join(f"7001,{code},2026-03-01,2026-03-31,cups,2,{price}\n" for code, price in (("KILN", 5), ("HUIA", 6)))
    text = "number,contact,date,due_date,description,quantity,unit_price\n" + rows + "7001,HUIA,,,jugs,1,1\n"
    assert counts(load(owner, "bills", text)) == (2, 0, 0)
    assert counts(load(owner, "bills", text)) == (0, 0, 2)
    assert sorted(Document.objects.values_list("total", flat=True)) == [Decimal("10.00"), Decimal("13.00")]
    payment = "number,document_kind,document,account,date,amount\nP,bill,7001,090,2026-03-02,1\n"
    assert refused(owner, "payments", payment) == [(2, "document")]
    named = "number,document_kind,document,contact,account,date,amount\nP,bill,7001,HUIA,090,2026-03-02,1\n"
    assert counts(load(owner, "payments", named)) == (1, 0, 0)


def test_a_foreign_document_needs_its_rate_and_its_payment_takes_it_over(owner: Organisation) -> None:
    head = "number,contact,date,due_date,description,quantity,unit_price,currency,rate\n"
    assert refused(owner, "sale-invoices", head + "A,ACME,2026-03-01,2026-03-01,x,1,5,aud,\n") == [(2, "rate")]
    assert counts(load(owner, "sale-invoices", head + "A,ACME,2026-03-01,2026-03-01,x,1,5,aud,0.915\n")) == (1, 0, 0)
    load(owner, "payments", "number,document,account,date,amount\nP,A,090,2026-03-02,5\n")
    assert Settlement.objects.get(number="P", organisation=owner).rate == Decimal("0.915")


def test_a_payment_is_never_changed_by_a_file_only_voided(owner: Organisation) -> None:
    load(owner, "sale-invoices", INVOICES)
    head = "number,document,account,date,amount,status\n"
    assert counts(load(owner, "payments", head + "P,INV-1,090,2026-04-02,9999,\n")) == (1, 0, 0)
    assert counts(load(owner, "payments", head + "P,INV-1,090,2026-04-02,9999.00,Authorised\n")) == (0, 0, 1)
    assert refused(owner, "payments", head + "P,INV-1,090,2026-04-02,10,\n") == [(2, "number")]
    assert refused(owner, "payments", head + "P,INV-2,090,2026-04-02,9999,\n") == [(2, "number")]
    assert counts(load(owner, "payments", head + "P,INV-1,090,2026-04-02,9999,voided\n")) == (0, 1, 0)
    assert refused(owner, "payments", head + "P,INV-1,090,2026-04-02,9999,\n") == [(2, "number")]
    assert refused(owner, "payments", head + "Q,INV-9,090,2026-04-02,1,\n") == [(2, "document")]


def test_a_draft_takes_no_payment_from_a_file_either(owner: Organisation) -> None:
    factories.sale_invoice(owner, number="D", authorised=False)
    assert refused(owner, "payments", "number,document,account,date,amount\nP,D,090,2026-04-02,1\n") == [
        (2, "document")
    ]


def test_contacts_are_created_changed_and_deprecated_by_their_code(owner: Organisation) -> None:
    operations.create_payment_term(owner, PaymentTermFields(name="30 days", days=30), actor="mere")
    head = "Code;Name;TYPE;Status;Tax-Rule;term\n"
    result = load(owner, "contacts", head + "ACME; Acme  Ltd;customer;;;\nKILN;Kiln;Both;;15% GST on Income;30 DAYS\n")
    assert counts(result) == (1, 0, 1)
    kiln = Contact.objects.get(organisation=owner, code="KILN")
    assert (kiln.is_customer, kiln.is_supplier, kiln.term_id is None, kiln.tax_rule_id is None) == (
        True,
        True,
        False,
        False,
    )
    assert counts(load(owner, "contacts", head + "KILN;Kiln;Both;deprecated;15% GST on Income;30 days\n")) == (0, 1, 0)
    kiln.refresh_from_db()
    assert (kiln.status, kiln.version) == ("DEPRECATED", 2)
    unknown = head + "X;X;Both;;GST of old;\nY;<Y>;Neither;;;\n"
    assert refused(owner, "contacts", unknown) == [(2, "tax_rule"), (3, "type")]


def test_what_the_file_has_no_column_for_stays_as_it_is(owner: Organisation) -> None:
    head = "code,name,type,email,city"
    load(owner, "contacts", f"{head}\nKILN,Kiln,Supplier,a@kiln.example,Nelson\n")
    assert counts(load(owner, "contacts", "code,name,type\nKILN,Kiln,Supplier\n")) == (0, 0, 1)
    assert counts(load(owner, "contacts", "code,name,type,city\nKILN,Kiln,Supplier,\n")) == (0, 1, 0)
    kiln = Contact.objects.get(organisation=owner, code="KILN")
    assert (kiln.email, kiln.city) == ("a@kiln.example", "")


def test_a_file_without_a_status_says_nothing_of_what_was_voided_since(owner: Organisation) -> None:
    load(owner, "sale-invoices", INVOICES)
    operations.void_document(Document.objects.get(organisation=owner, number="INV-2"), actor="mere")
    assert counts(load(owner, "sale-invoices", INVOICES)) == (0, 0, 2)


def test_products_are_created_and_changed_by_their_sku(owner: Organisation) -> None:
    head = "sku\tname\tsale_price\tstatus\ttype\n"
    text = head + 'CUP\tStoneware cup\t18.90\t\t\nJUG\tMilk jug "600 ml"\t24.9\tSet Up Required\tnon-inventory\n'
    assert counts(load(owner, "products", text.replace('"', ""))) == (1, 0, 1)
    jug = Product.objects.get(organisation=owner, sku="JUG")
    assert (jug.status, jug.type, jug.sale_price) == ("SET_UP_REQUIRED", "NON_INVENTORY", Decimal("24.9"))
    assert counts(load(owner, "products", head + "CUP\tStoneware cup\t19.90\t\t\n")) == (0, 1, 0)
    assert refused(owner, "products", head + "CUP\tCup\t-1\t\t\nCUP\tCup\t1\t\t\n") == [(2, "sale_price"), (3, "sku")]


def test_tax_rules_are_found_by_name_and_keep_the_code_they_have(owner: Organisation) -> None:
    factories.tax_rule(owner, "Zero Rated", "0", tax_type="ZERORATED")
    text = "name,rate\nzero rated,0\nNo GST,0\n15% GST on Income,15.0000\n"
    assert counts(load(owner, "tax-rules", text.replace("zero rated", "Zero Rated"))) == (1, 0, 2)
    assert TaxRule.objects.get(organisation=owner, name="Zero Rated").tax_type == "ZERORATED"
    TaxRule.objects.filter(organisation=owner, name="No GST").update(from_xero=True)
    assert refused(owner, "tax-rules", "name,rate\nNo GST,5\n") == [(2, "name")]
    assert counts(load(owner, "tax-rules", "name,rate\nZero Rated,1\n")) == (0, 1, 0)


def test_other_organisations_records_are_out_of_reach(owner: Organisation) -> None:
    load(owner, "sale-invoices", INVOICES)
    stranger = factories.organisation()
    faults = refused(stranger, "sale-invoices", INVOICES)
    assert {column for _, column in faults} == {"contact", "sku", "tax_rule"}


def test_a_number_taken_by_somebody_else_meanwhile_refuses_the_file(
    owner: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(owner, "sale-invoices", INVOICES)
    monkeypatch.setattr(SaleInvoiceSheet, "existing", lambda sheet, items: {})  # as if it had looked a moment before
    with pytest.raises(ImportRefused, match="entered by somebody else meanwhile; import it again"):
        load(owner, "sale-invoices", INVOICES)
    assert Document.objects.filter(organisation=owner).count() == 2


def test_progress_ends_at_the_files_size(owner: Organisation) -> None:
    seen: list[tuple[int, int]] = []
    data = INVOICES.encode()
    import_file(owner, "sale-invoices", io.BytesIO(data), actor="mere", progress=lambda *step: seen.append(step))
    assert seen[-1] == (len(data), len(data))


def test_only_a_thousand_faults_are_kept_but_all_are_counted(owner: Organisation) -> None:
    rows = "".join(f"C{index},Name,Nobody\n" for index in range(1500))
    with pytest.raises(ImportRefused, match="1,500 faults, so nothing was loaded") as refusal:
        load(owner, "contacts", "code,name,type\n" + rows)
    assert (len(refusal.value.rows), refusal.value.total) == (1000, 1500)


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_the_documentation_can_be_read(kind: str) -> None:
    for column in columns_of(kind):
        if column.example:
            column.read(column.example)
