"""Importing credit notes, orders, deposits, refunds, allocations, journals and money tasks."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest

from tests import factories
from tieout.core import operations
from tieout.core.importing import ImportRefused, ImportResult, import_file
from tieout.core.models import Allocation, Deposit, Document, Journal, MoneyTask, Organisation, Product, Settlement

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Organisation:
    """Acme buys, Kiln sells; one invoice and one bill of 100.00 are open."""
    owner = factories.organisation()
    factories.tax_rule(owner, "Exempt", "0", default_for_sales=True, default_for_purchases=True)
    acme = factories.contact(owner, code="ACME")
    kiln = factories.contact(owner, code="KILN", is_supplier=True)
    factories.product(owner, sku="CUP", name="Stoneware cup")
    factories.sale_invoice(owner, number="INV-1", contact_id=acme.id)
    factories.bill(owner, number="4471", contact_id=kiln.id)
    return owner


def load(owner: Organisation, kind: str, text: str) -> tuple[int, int, int]:
    result: ImportResult = import_file(owner, kind, io.BytesIO(text.encode()), actor="mere")
    return result.created, result.changed, result.unchanged


def refused(owner: Organisation, kind: str, text: str) -> list[tuple[int, str]]:
    with pytest.raises(ImportRefused) as refusal:
        load(owner, kind, text)
    return [(row.line, row.column) for row in refusal.value.rows]


NOTES = """number,kind,contact,date,credits,description,quantity,unit_price
CN-1,Sale,ACME,2026-04-02,INV-1,Cup broken,1,40
CN-1,,,,,Freight,1,5
CN-1,Purchase,KILN,2026-04-02,4471,Cups short,2,10
"""


def test_credit_notes_of_both_sides_come_in_one_file(owner: Organisation) -> None:
    assert load(owner, "credit-notes", NOTES) == (2, 0, 0)
    assert load(owner, "credit-notes", NOTES) == (0, 0, 2)
    ours, theirs = Document.objects.filter(organisation=owner, number="CN-1").order_by("-kind")
    assert (ours.kind, ours.total, ours.credits and ours.credits.number) == ("sale_credit_note", Decimal(45), "INV-1")
    assert (theirs.kind, theirs.total, theirs.due_date) == ("purchase_credit_note", Decimal(20), None)
    assert load(owner, "credit-notes", NOTES.replace(",40", ",41")) == (0, 1, 1)
    assert refused(owner, "credit-notes", NOTES.replace("INV-1", "4471")) == [(2, "credits")]


def test_purchase_orders_have_a_delivery_date_and_no_due_date(owner: Organisation) -> None:
    text = "number,contact,date,delivery_date,sku,quantity,unit_price\nPO-1,KILN,2026-04-02,2026-05-02,CUP,10,7.5\n"
    assert load(owner, "purchase-orders", text) == (1, 0, 0)
    assert load(owner, "purchase-orders", text) == (0, 0, 1)
    order = Document.objects.get(organisation=owner, kind="purchase_order")
    assert (str(order.delivery_date), order.due_date, order.lines.get().description) == (
        "2026-05-02",
        None,
        "Stoneware cup",
    )


def test_what_tracking_needs_comes_with_the_files(owner: Organisation) -> None:
    head = "number,contact,date,due_date,shipped_on,sales_rep,attributes,sku,quantity,unit_price,unit_cost\n"
    row = 'INV-2,ACME,2026-04-01,2026-04-01,2026-04-02,Rewi,"Season=Winter; Fair = Autumn",CUP,2,20,7.4125\n'
    assert load(owner, "sale-invoices", head + row) == (1, 0, 0)
    assert load(owner, "sale-invoices", head + row) == (0, 0, 1)
    invoice = Document.objects.get(organisation=owner, number="INV-2")
    assert invoice.attributes == {"Season": "Winter", "Fair": "Autumn"}
    assert invoice.lines.get().unit_cost == Decimal("7.4125")
    assert refused(owner, "sale-invoices", head + row.replace("Season=", "Season")) == [(2, "attributes")]
    short = "number,contact,date,due_date,sku,quantity,unit_price\nINV-2,ACME,2026-04-01,2026-04-01,CUP,3,20\n"
    assert load(owner, "sale-invoices", short) == (0, 1, 0)
    assert invoice.lines.get().unit_cost == Decimal("7.4125")
    assert load(owner, "products", "sku,name,family,attributes\nCUP,Cup,Stoneware,Colour=White\n") == (0, 1, 0)
    assert Product.objects.get(organisation=owner, sku="CUP").attributes == {"Colour": "White"}


def test_a_payment_above_what_is_due_is_split_and_the_same_file_changes_nothing(owner: Organisation) -> None:
    text = (
        "number,document,account,date,amount,reference\n"
        "P1,INV-1,090,2026-04-02,60,DC 2\n"
        "P2,INV-1,090,2026-04-03,90,DC 3\n"
    )
    assert load(owner, "payments", text) == (2, 0, 0)
    assert load(owner, "payments", text) == (0, 0, 2)
    amounts = dict(Settlement.objects.filter(organisation=owner).values_list("number", "amount"))
    assert amounts == {"P1": Decimal(60), "P2": Decimal(40)}
    rest = Deposit.objects.get(organisation=owner)
    assert (rest.number, rest.amount, rest.origin, rest.reference, rest.kind) == (
        "P2-OVER",
        Decimal(50),
        "overpayment",
        "DC 3",
        "customer_credit",
    )
    more = "number,document,account,date,amount\nP3,INV-1,090,2026-04-02,1\n"
    assert refused(owner, "payments", more) == [(2, "document")]
    voided = text.replace("reference\n", "reference,status\n").replace("DC 3", "DC 3,Voided").replace("DC 2", "DC 2,")
    assert load(owner, "payments", voided) == (0, 1, 1)
    rest.refresh_from_db()
    assert rest.status == "VOIDED"
    assert load(owner, "payments", more) == (1, 0, 0)


def test_a_payment_is_taken_whole_where_the_file_says_so(owner: Organisation) -> None:
    text = "number,document,account,date,amount,split\nP1,INV-1,090,2026-04-02,160,no\n"
    assert load(owner, "payments", text) == (1, 0, 0)
    assert not Deposit.objects.filter(organisation=owner).exists()
    assert Settlement.objects.get(organisation=owner).amount == Decimal(160)


def test_deposits_refunds_and_allocations_follow_one_another(owner: Organisation) -> None:
    load(owner, "credit-notes", NOTES)
    deposits = (
        "number,kind,contact,origin,document,account,date,amount\n"
        "D1,Customer credit,ACME,,INV-1,090,2026-03-12,70\n"
        "D1,Supplier deposit,KILN,,,090,2026-03-12,30\n"
        "D2,Customer credit,ACME,Credit note,CN-1,,2026-04-05,15\n"
    )
    assert load(owner, "deposits", deposits) == (3, 0, 0)
    assert load(owner, "deposits", deposits) == (0, 0, 3)
    assert refused(owner, "deposits", deposits.replace(",15", ",16")) == [(4, "number")]
    refunds = (
        "number,document_kind,document,account,date,amount\n"
        "R1,Sale credit note,CN-1,090,2026-04-06,10\n"
        "R2,Customer credit,D1,090,2026-04-06,20\n"
    )
    assert load(owner, "payments", refunds) == (2, 0, 0)
    assert load(owner, "payments", refunds) == (0, 0, 2)
    assert set(Settlement.objects.filter(organisation=owner).values_list("kind", flat=True)) == {"refund"}
    uses = (
        "number,source_kind,source,document,contact,date,amount\n"
        "A1,Sale credit note,CN-1,INV-1,ACME,2026-04-07,20\n"
        "A2,Customer credit,D1,INV-1,ACME,2026-04-07,50\n"
        "A3,Supplier deposit,D1,4471,KILN,2026-04-07,30\n"
    )
    assert load(owner, "allocations", uses) == (3, 0, 0)
    assert load(owner, "allocations", uses) == (0, 0, 3)
    assert refused(owner, "allocations", uses.replace(",50", ",51")) == [(3, "number")]
    more = uses.splitlines()[0] + "\nA4,Customer credit,D1,INV-1,ACME,2026-04-07,0.01\n"
    assert refused(owner, "allocations", more) == [(2, "amount")]
    other = uses.splitlines()[0] + "\nA4,Customer credit,D1,4471,ACME,2026-04-07,1\n"
    assert refused(owner, "allocations", other) == [(2, "document")]
    status = uses.replace("amount\n", "amount,status\n").replace(",50\n", ",50,Voided\n").replace(",20\n", ",20,\n")
    assert load(owner, "allocations", status.replace(",30\n", ",30,\n")) == (0, 1, 2)
    assert Allocation.objects.get(organisation=owner, number="A2").status == "VOIDED"


def test_journals_need_equal_debits_and_credits(owner: Organisation) -> None:
    text = (
        "number,date,narration,account,debit,credit,tracking\n"
        "JR-1,2026-03-31,Stock count,630,140,,location=Nelson\n"
        "JR-1,,,310,,140,\n"
    )
    assert load(owner, "journals", text) == (1, 0, 0)
    assert load(owner, "journals", text) == (0, 0, 1)
    journal = Journal.objects.get(organisation=owner)
    assert [each.amount for each in journal.lines.all()] == [Decimal(140), Decimal(-140)]
    assert refused(owner, "journals", text.replace(",140,\n", ",141,\n")) == [(2, "")]
    assert load(owner, "journals", text.replace("Stock count", "Stock taking")) == (0, 1, 0)
    status = (
        text.replace("tracking\n", "tracking,status\n").replace("Nelson", "Nelson,Voided").replace("140,\n", "140,,\n")
    )
    assert load(owner, "journals", status) == (0, 1, 0)
    assert operations.journal_fields(journal).lines[0].tracking == {"location": "Nelson"}


def test_money_is_spent_received_and_moved(owner: Organisation) -> None:
    text = (
        "number,type,account,to_account,amount,contact,date,description,unit_price,line_account\n"
        "MT-1,Spend,090,,,KILN,2026-04-02,Bank fees,12.50,404\n"
        "MT-1,,,,,,,Postage,7.50,425\n"
        "MT-2,Transfer,090,091,500,,2026-04-02,,,\n"
    )
    text = text.replace("MT-1,,,,,,,", "MT-1,Spend,090,,,KILN,2026-04-02,")
    assert load(owner, "money-tasks", text) == (2, 0, 0)
    assert load(owner, "money-tasks", text) == (0, 0, 2)
    totals = dict(MoneyTask.objects.filter(organisation=owner).values_list("number", "total"))
    assert totals == {"MT-1": Decimal(20), "MT-2": Decimal(500)}
    assert load(owner, "money-tasks", text.replace("12.50", "13.50")) == (0, 1, 1)
    assert refused(owner, "money-tasks", text.replace("500", "0")) == [(4, "amount")]
