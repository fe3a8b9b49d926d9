"""The cost of goods sold: booked when goods leave, kept in step with the document, corrected when a cost changes."""

from __future__ import annotations

import argparse
import io
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import factories
from tieout.commands import book_costs
from tieout.core import costs, operations, store
from tieout.core.fields import DocumentFields, OrganisationChoices, ProductFields
from tieout.core.importing import ImportRefused, import_file
from tieout.core.importing.costs import CostSheet
from tieout.core.models import Document, Journal, Organisation, Product, Touch
from tieout.core.operations import CostDating, Refused, document_fields
from tieout.core.records import JournalRecord
from tieout.people.models import Event

pytestmark = pytest.mark.django_db
MERE = "mere"
SHIPPED, LATER = date(2026, 4, 2), date(2026, 5, 20)


def refused(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refusal:
        call()
    return [problem.field for problem in refusal.value.problems]


def by_hand(owner: Organisation, *, dating: str = "on_change", book: bool = False) -> None:
    """The organisation books the cost of shipped goods by `post_cost_of_goods` only, unless `book`."""
    choices = OrganisationChoices(use_credit_by_order=True, book_costs=book, cost_dating=dating, lock_date=None)
    operations.set_choices(owner, choices, actor=MERE)


@pytest.fixture
def owner() -> Organisation:
    return factories.organisation()


@pytest.fixture
def cup(owner: Organisation) -> Product:
    return factories.product(owner, sku="CUP", brand="Kiln")


@pytest.fixture
def invoice(owner: Organisation, cup: Product) -> Document:
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    return factories.sale_invoice(owner, number="INV-1", lines=lines, shipped_on=SHIPPED)


def posted(document: Document) -> list[tuple[str, date, Decimal]]:
    """Number, date and debit of each live cost-of-goods journal."""
    found = []
    for journal in Journal.objects.filter(document=document, status="AUTHORISED").order_by("created_at"):
        record = store.load(document.organisation_id, "journal", [journal.id])[journal.id]
        assert isinstance(record, JournalRecord)
        assert sum(each.amount for each in record.lines) == 0
        cost = sum(each.amount for each in record.lines if each.role == costs.COST)
        found.append((record.number, record.date, Decimal(cost)))
    return found


def file_of(*rows: str, head: str = "number,contact,date,due_date,shipped_on,sku,quantity,unit_price,unit_cost") -> str:
    return "\n".join((head, *rows)) + "\n"


def load(owner: Organisation, text: str, kind: str = "sale-invoices") -> tuple[int, int, int]:
    result = import_file(owner, kind, io.BytesIO(text.encode()), actor=MERE)
    return result.created, result.changed, result.unchanged


@pytest.fixture
def importing(owner: Organisation, cup: Product) -> Organisation:
    """A customer, a product in stock and a service, so that files of sales can be loaded."""
    factories.tax_rule(owner, "Exempt", "0", default_for_sales=True)
    factories.contact(owner, code="ACME")
    factories.product(owner, sku="ENGRAVING", type="SERVICE")
    return owner


def of(owner: Organisation, number: str) -> Document:
    return Document.objects.get(organisation=owner, number=number, kind="sale_invoice")


def test_what_is_authorised_and_shipped_is_booked_at_once(owner: Organisation, invoice: Document) -> None:
    assert posted(invoice) == [("COGS-INV-1", SHIPPED, Decimal(30))]
    journal = Journal.objects.get(document=invoice)
    event = Event.objects.get(organisation=owner, record_id=journal.pk)
    assert (event.action, event.label) == ("created", "COGS-INV-1")
    assert event.detail == {"by_rule": "The cost of shipped goods is booked by itself"}
    assert Touch.objects.filter(kind="journal", record_id=journal.pk).count() == 1
    assert (journal.narration, journal.kind) == ("Cost of goods sold: INV-1", "cost_of_goods")


def test_a_draft_is_booked_once_it_is_authorised(owner: Organisation, cup: Product) -> None:
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    draft = factories.sale_invoice(owner, number="INV-2", lines=lines, shipped_on=SHIPPED, authorised=False)
    assert not posted(draft)
    operations.authorise_document(draft, actor=MERE)
    assert posted(draft) == [("COGS-INV-2", SHIPPED, Decimal(30))]


def test_what_is_shipped_after_it_was_authorised_is_booked_then(owner: Organisation, cup: Product) -> None:
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    waiting = factories.sale_invoice(owner, number="INV-2", lines=lines)
    assert not posted(waiting)
    shipped = operations.edit_document(waiting, replace(document_fields(waiting), shipped_on=LATER), actor=MERE)
    assert posted(waiting) == [("COGS-INV-2", LATER, Decimal(30))]
    operations.edit_document(shipped, replace(document_fields(shipped), shipped_on=None), actor=MERE)
    assert not posted(waiting)
    operations.edit_document(shipped, replace(document_fields(shipped), shipped_on=SHIPPED), actor=MERE)
    assert posted(waiting) == [("COGS-INV-2-2", SHIPPED, Decimal(30))]


def test_goods_that_come_back_are_booked_the_other_way(owner: Organisation, invoice: Document, cup: Product) -> None:
    lines = [factories.line("20.00", "1", product_id=cup.id, unit_cost=Decimal("7.50"))]
    note = factories.credit_note(invoice, number="INV-1", lines=lines, shipped_on=LATER)
    assert posted(note) == [("COGS-INV-1-2", LATER, Decimal("-7.50"))]


def test_where_the_organisation_books_costs_itself_nothing_is_booked(owner: Organisation, cup: Product) -> None:
    by_hand(owner)
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    invoice = factories.sale_invoice(owner, number="INV-1", lines=lines, shipped_on=SHIPPED)
    assert not posted(invoice)
    operations.change_costs(invoice, {0: Decimal(9)}, on=LATER, actor=MERE)
    assert not posted(invoice)
    operations.post_cost_of_goods(invoice, actor=MERE)
    more = replace(document_fields(invoice).lines[0], quantity=Decimal(5))
    operations.edit_document(invoice, replace(document_fields(invoice), lines=(more,)), actor=MERE)
    assert posted(invoice) == [("COGS-INV-1", SHIPPED, Decimal(45))], "what is booked follows in any case"


def test_companies_that_were_there_already_go_on_booking_costs_themselves() -> None:
    assert Organisation.objects.get(pk=factories.organisation().pk).book_costs
    from importlib import import_module

    steps = import_module("tieout.core.migrations.0004_book_costs").Migration.operations
    assert [each.field.default for each in steps] == [False, True]


def test_a_file_of_sales_books_what_was_shipped(importing: Organisation) -> None:
    text = file_of(
        "INV-1,ACME,2026-04-01,2026-05-01,2026-04-02,CUP,4,20,7.50",
        "INV-1,,,,,ENGRAVING,1,30,5",
        "INV-2,ACME,2026-04-01,2026-05-01,,CUP,1,20,7.50",
        "INV-3,ACME,2026-04-01,2026-05-01,2026-04-03,CUP,1,20,",
        "INV-4,ACME,2026-04-01,2026-05-01,2026-04-03,CUP,2,20,7.3333",
    )
    assert load(importing, text) == (4, 0, 0)
    assert load(importing, text) == (0, 0, 4)
    journals = Journal.objects.filter(organisation=importing).order_by("number")
    assert [(each.number, each.date) for each in journals] == [
        ("COGS-INV-1", SHIPPED),
        ("COGS-INV-4", date(2026, 4, 3)),
    ]
    assert posted(of(importing, "INV-4"))[0][2] == Decimal("14.67")
    told = Event.objects.filter(organisation=importing, kind="journal").values_list("label", flat=True)
    assert sorted(told) == ["COGS-INV-1", "COGS-INV-4"]


def test_a_file_that_is_refused_books_nothing(importing: Organisation) -> None:
    good, bad = (f"{number},ACME,2026-04-01,2026-05-01,2026-04-02,{sku},4,20,7.50" for number, sku in
                 (("INV-1", "CUP"), ("INV-2", "NONE")))  # fmt: skip
    with pytest.raises(ImportRefused):
        load(importing, file_of(good, bad))
    assert not Journal.objects.filter(organisation=importing).exists()


def test_a_file_with_other_costs_makes_journals_of_their_own(importing: Organisation) -> None:
    row = "INV-1,ACME,2026-04-01,2026-05-01,2026-04-02,CUP,4,20,{}"
    load(importing, file_of(row.format("7.50")))
    invoice = of(importing, "INV-1")
    Touch.objects.all().delete()
    assert load(importing, file_of(row.format("8"))) == (0, 1, 0)
    today = timezone.localdate()
    assert posted(invoice) == [("COGS-INV-1", SHIPPED, Decimal(30)), ("COGS-INV-1-2", today, Decimal(2))]
    assert list(Touch.objects.values_list("kind", flat=True)) == ["journal"], "Xero's invoice has no costs"
    assert load(importing, file_of(row.format("8"))) == (0, 0, 1)
    assert load(importing, file_of(row.format("8").replace(",4,", ",6,"))) == (0, 1, 0)
    assert posted(invoice) == [("COGS-INV-1", SHIPPED, Decimal(46)), ("COGS-INV-1-2", today, Decimal(2))]
    assert load(importing, file_of(row.format("9").replace(",4,", ",5,"))) == (0, 1, 0)
    assert [cost for _, _, cost in posted(invoice)] == [Decimal(37), Decimal(2), Decimal(6)]


def test_costs_that_a_file_brings_later_are_booked_on_the_day_of_shipping(importing: Organisation) -> None:
    row = "INV-1,ACME,2026-04-01,2026-05-01,2026-04-02,CUP,4,20,{}"
    load(importing, file_of(row.format("")))
    assert not posted(of(importing, "INV-1"))
    load(importing, file_of(row.format("7.50")))
    assert posted(of(importing, "INV-1")) == [("COGS-INV-1", SHIPPED, Decimal(30))]


def test_a_file_changes_costs_in_a_locked_period_and_nothing_else(importing: Organisation) -> None:
    row = "INV-1,ACME,2026-04-01,2026-05-01,2026-04-02,CUP,4,20,{}"
    load(importing, file_of(row.format("7.50")))
    by_hand(importing, dating="first_open_day", book=True)
    operations.set_lock_date(importing, date(2026, 4, 30), actor=MERE)
    assert load(importing, file_of(row.format("8"))) == (0, 1, 0)
    assert posted(of(importing, "INV-1"))[1] == ("COGS-INV-1-2", date(2026, 5, 1), Decimal(2))
    with pytest.raises(ImportRefused) as refusal:
        load(importing, file_of(row.format("9").replace(",20,", ",21,")))
    assert [(each.line, each.column) for each in refusal.value.rows] == [(2, "date")]
    assert len(posted(of(importing, "INV-1"))) == 2, "all of it or nothing"


@pytest.mark.parametrize(
    "rows",
    [
        ("MUG,1,20", "CUP,4,20"),
        ("ENGRAVING,1,5", "CUP,4,20", "MUG,1,20"),
        ("CUP,3,20", "MUG,1,20", "CUP,1,20"),
    ],
    ids=["another order", "one more line", "a line in two"],
)
def test_a_file_without_costs_leaves_each_with_its_product(importing: Organisation, rows: tuple[str, ...]) -> None:
    factories.product(importing, sku="MUG")
    first = "INV-1,ACME,2026-04-01,2026-05-01,2026-04-02,"
    load(importing, file_of(f"{first}CUP,4,20,7.50", "INV-1,,,,,MUG,1,20,3"))
    head = "number,contact,date,due_date,shipped_on,sku,quantity,unit_price"
    load(importing, file_of(first + rows[0], *(f"INV-1,,,,,{row}" for row in rows[1:]), head=head))
    assert posted(of(importing, "INV-1")) == [("COGS-INV-1", SHIPPED, Decimal(33))]


def test_costs_of_a_file_go_to_no_line_that_was_moved_meanwhile(
    importing: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.product(importing, sku="MUG")
    load(importing, file_of("INV-1,ACME,2026-04-01,2026-05-01,2026-04-02,CUP,4,20,7.50", "INV-1,,,,,MUG,1,20,3"))
    change = CostSheet.change

    def after_an_edit(*arguments: Any) -> None:
        values = document_fields(of(importing, "INV-1"))
        operations.edit_document(of(importing, "INV-1"), replace(values, lines=values.lines[::-1]), actor=MERE)
        change(*arguments)

    monkeypatch.setattr(CostSheet, "change", after_an_edit)
    with pytest.raises(ImportRefused, match="no longer current"):
        load(importing, "number,sku,unit_cost\nINV-1,CUP,8\n", kind="costs")


def test_a_sale_is_voided_with_its_cost(importing: Organisation) -> None:
    row = "INV-1,ACME,2026-04-01,2026-05-01,2026-04-02,CUP,4,20,{},{}"
    head = "number,contact,date,due_date,shipped_on,sku,quantity,unit_price,unit_cost,status"
    load(importing, file_of(row.format("7.50", "Authorised"), head=head))
    load(importing, file_of(row.format("8", "Authorised"), head=head))
    Touch.objects.all().delete()
    load(importing, file_of(row.format("8", "Voided"), head=head))
    assert not posted(of(importing, "INV-1"))
    assert set(Journal.objects.values_list("status", flat=True)) == {"VOIDED"}
    assert sorted(Touch.objects.values_list("kind", flat=True)) == ["journal", "journal", "sale_invoice"]


def test_a_cost_that_is_locked_is_taken_back_on_the_first_open_day(owner: Organisation, cup: Product) -> None:
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    early, late = date(2026, 4, 2), date(2026, 5, 10)
    dates = {"date": late, "due_date": late, "shipped_on": early}
    invoice = factories.sale_invoice(owner, number="INV-1", lines=lines, **dates)
    operations.set_lock_date(owner, date(2026, 4, 30), actor=MERE)
    more = replace(document_fields(invoice).lines[0], quantity=Decimal(6))
    operations.edit_document(invoice, replace(document_fields(invoice), lines=(more,)), actor=MERE)
    opened = date(2026, 5, 1)
    assert posted(invoice) == [("COGS-INV-1", early, Decimal(30)), ("COGS-INV-1-2", opened, Decimal(15))]
    operations.void_document(invoice, actor=MERE)
    assert posted(invoice) == [("COGS-INV-1", early, Decimal(30)), ("COGS-INV-1-3", opened, Decimal(-30))]


def test_goods_that_left_in_a_locked_period_are_booked_on_the_first_open_day(owner: Organisation, cup: Product) -> None:
    operations.set_lock_date(owner, date(2026, 4, 30), actor=MERE)
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    dates = {"date": LATER, "due_date": LATER, "shipped_on": SHIPPED}
    invoice = factories.sale_invoice(owner, number="INV-1", lines=lines, **dates)
    assert posted(invoice) == [("COGS-INV-1", date(2026, 5, 1), Decimal(30))]
    assert Journal.objects.get(document=invoice).narration == "Cost of goods sold: INV-1 (of 2026-04-02)"


def test_an_edit_of_something_else_leaves_the_cost_alone(owner: Organisation, cup: Product, invoice: Document) -> None:
    values = replace(operations.fields_of(ProductFields, cup), cost_account="310")
    operations.edit_product(cup, values, actor=MERE)
    operations.edit_document(invoice, replace(document_fields(invoice), reference="PO 7"), actor=MERE)
    journal = Journal.objects.get(document=invoice)
    assert (journal.version, journal.lines.first().account) == (1, "")  # type: ignore[union-attr]


def test_a_cost_that_no_journal_can_hold_is_refused_at_its_column(importing: Organisation) -> None:
    row = "INV-1,ACME,2026-04-01,2026-05-01,2026-04-02,CUP,1000000,0.01,999999999"
    with pytest.raises(ImportRefused) as refusal:
        load(importing, file_of(row))
    assert [(each.line, each.column) for each in refusal.value.rows] == [(2, "unit_cost")]


def test_an_archived_account_of_the_cost_is_said_of_the_cost(owner: Organisation, cup: Product) -> None:
    account = factories.account(owner, code="310", type="DIRECTCOSTS")
    factories.account(owner, code="200", type="REVENUE")
    values = replace(operations.fields_of(ProductFields, cup), cost_account="310")
    operations.edit_product(cup, values, actor=MERE)
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    invoice = factories.sale_invoice(owner, number="INV-1", lines=lines, shipped_on=SHIPPED)
    account.status = "ARCHIVED"
    account.save()
    assert refused(lambda: operations.change_costs(invoice, {0: Decimal(9)}, on=LATER, actor=MERE)) == ["unit_cost"]
    assert posted(invoice) == [("COGS-INV-1", SHIPPED, Decimal(30))]


def test_what_was_never_booked_is_booked_by_one_command(
    importing: Organisation, capsys: pytest.CaptureFixture[str]
) -> None:
    by_hand(importing)
    rows = [f"INV-{day},ACME,2026-04-01,2026-05-01,2026-04-{day:02},CUP,4,20,7.50" for day in range(1, 8)]
    load(importing, file_of(*rows))
    taken_back = operations.post_cost_of_goods(of(importing, "INV-7"), actor=MERE)
    assert taken_back
    operations.void_journal(taken_back, actor=MERE)

    def told(*arguments: str) -> Any:
        parser = argparse.ArgumentParser()
        parser.add_argument("--json", action="store_true")
        book_costs.add_arguments(parser)
        assert book_costs.run(parser.parse_args([importing.slug, *arguments, "--json"])) == 0
        return json.loads(capsys.readouterr().out)

    assert told("--dry-run") == {"found": 6, "booked": 0}
    assert told("--from", "2026-04-05") == {"found": 2, "booked": 2}
    assert told() == {"found": 4, "booked": 4}
    assert told() == {"found": 0, "booked": 0}
    assert posted(of(importing, "INV-3")) == [("COGS-INV-3", date(2026, 4, 3), Decimal(30))]
    assert not posted(of(importing, "INV-7")), "what was taken back stays taken back"


@pytest.mark.django_db(transaction=True)
def test_two_people_who_book_at_once_book_once() -> None:
    owner = factories.organisation()
    cup = factories.product(owner)
    by_hand(owner)
    line = factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))
    invoice = factories.sale_invoice(owner, lines=[line], shipped_on=SHIPPED)
    booked: list[int] = []

    def book_what_is_missing() -> None:
        try:
            booked.append(operations.book_unbooked(owner, actor="ben"))
        finally:
            connection.close()

    thread = threading.Thread(target=book_what_is_missing)
    with transaction.atomic():
        operations.post_cost_of_goods(invoice, actor=MERE)
        thread.start()
        thread.join(0.5)
        assert not booked, "it waits for whoever holds the sale"
    thread.join(10)
    assert booked == [0]
    assert len(posted(invoice)) == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("cost"), st.sampled_from(["0", "1.3333", "7.5", ""])),
        st.tuples(st.just("quantity"), st.sampled_from(["1", "2.5", "10"])),
        st.tuples(st.just("shipped"), st.sampled_from(["", "2026-04-02", "2026-04-20", "2026-05-05"])),
        st.tuples(st.just("place"), st.sampled_from(["Nelson", "Auckland"])),
        st.tuples(st.just("lock"), st.sampled_from(["", "2026-03-31", "2026-04-10", "2026-04-30"])),
        st.tuples(st.just("void"), st.just("")),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(STEPS)
def test_whatever_happens_the_journals_add_up_to_the_cost_and_locked_ones_stay(steps: list[tuple[str, str]]) -> None:
    owner = factories.organisation()
    cup = factories.product(owner)
    day = date(2026, 5, 10)
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    invoice = factories.sale_invoice(owner, lines=lines, date=day, due_date=day, shipped_on=SHIPPED)
    for what, value in steps:
        owner.refresh_from_db()
        journals = Journal.objects.filter(document=invoice)
        locked = list(journals.filter(date__lte=owner.lock_date or date.min).order_by("pk").values())
        values = document_fields(invoice)
        if what == "lock":
            operations.set_lock_date(owner, date.fromisoformat(value) if value else None, actor=MERE)
        elif what == "void":
            operations.void_document(invoice, actor=MERE)
        else:
            operations.edit_document(invoice, changed(values, what, value), actor=MERE)
        assert list(journals.filter(pk__in=[each["id"] for each in locked]).order_by("pk").values()) == locked
        invoice.refresh_from_db()
        now = document_fields(invoice)
        live = invoice.status == "AUTHORISED" and now.shipped_on is not None
        cost = costs.cost_of(now.lines[0].quantity, now.lines[0].unit_cost or Decimal(0)) if live else Decimal(0)
        assert sum(each for _, _, each in posted(invoice)) == cost
        if invoice.status == "VOIDED":
            break


def changed(values: DocumentFields, what: str, value: str) -> DocumentFields:
    line = values.lines[0]
    if what == "cost":
        return replace(values, lines=(replace(line, unit_cost=Decimal(value) if value else None),))
    if what == "quantity":
        return replace(values, lines=(replace(line, quantity=Decimal(value)),))
    if what == "shipped":
        return replace(values, shipped_on=date.fromisoformat(value) if value else None)
    return replace(values, location=value)


def test_cost_of_goods_is_posted_on_the_day_of_shipping_and_only_once(invoice: Document) -> None:
    first = operations.post_cost_of_goods(invoice, actor=MERE)
    assert first is not None
    assert posted(invoice) == [("COGS-INV-1", SHIPPED, Decimal(30))]
    again = operations.post_cost_of_goods(invoice, actor=MERE)
    assert again is not None
    assert (again.id, again.version) == (first.id, first.version)
    operations.edit_document(invoice, replace(document_fields(invoice), shipped_on=LATER), actor=MERE)
    operations.post_cost_of_goods(invoice, actor=MERE)
    assert posted(invoice) == [("COGS-INV-1", LATER, Decimal(30))]


def test_a_later_cost_change_makes_a_journal_of_its_own(owner: Organisation, invoice: Document) -> None:
    operations.post_cost_of_goods(invoice, actor=MERE)
    operations.change_costs(invoice, {0: Decimal("8.00")}, on=LATER, actor=MERE)
    assert posted(invoice) == [("COGS-INV-1", SHIPPED, Decimal(30)), ("COGS-INV-1-2", LATER, Decimal(2))]
    operations.change_costs(invoice, {0: Decimal("6.00")}, on=LATER, actor=MERE, dating=CostDating.ON_SHIPMENT)
    assert posted(invoice)[2] == ("COGS-INV-1-3", SHIPPED, Decimal(-8))
    operations.set_lock_date(owner, date(2026, 4, 30), actor=MERE)
    operations.change_costs(invoice, {0: Decimal("7.00")}, on=LATER, actor=MERE, dating=CostDating.ON_SHIPMENT)
    assert posted(invoice)[3] == ("COGS-INV-1-4", LATER, Decimal(4))
    assert operations.change_costs(invoice, {0: Decimal("7.00")}, on=LATER, actor=MERE) is None
    assert sum(cost for _, _, cost in posted(invoice)) == 28
    assert operations.post_cost_of_goods(invoice, actor=MERE) is None
    assert len(posted(invoice)) == 4


@pytest.mark.parametrize(
    ("dating", "while_open", "once_locked"),
    [("on_change", LATER, LATER), ("on_shipment", SHIPPED, LATER), ("first_open_day", SHIPPED, date(2026, 5, 1))],
)
def test_a_later_cost_change_is_dated_as_the_organisation_chose(
    owner: Organisation, invoice: Document, dating: str, while_open: date, once_locked: date
) -> None:
    by_hand(owner, dating=dating)
    open_one = operations.change_costs(invoice, {0: Decimal("8.00")}, on=LATER, actor=MERE)
    operations.set_lock_date(owner, date(2026, 4, 30), actor=MERE)
    locked_one = operations.change_costs(invoice, {0: Decimal("9.00")}, on=LATER, actor=MERE)
    assert open_one and locked_one
    assert (open_one.date, locked_one.date) == (while_open, once_locked)


def test_costs_changed_before_shipping_are_posted_as_they_are_then(owner: Organisation, cup: Product) -> None:
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    invoice = factories.sale_invoice(owner, number="INV-1", lines=lines)
    assert operations.change_costs(invoice, {0: Decimal("9.00")}, on=LATER, actor=MERE) is None
    operations.edit_document(invoice, replace(document_fields(invoice), shipped_on=SHIPPED), actor=MERE)
    assert posted(invoice) == [("COGS-INV-1", SHIPPED, Decimal(36))]
    assert refused(lambda: operations.change_costs(invoice, {1: Decimal(1)}, on=LATER, actor=MERE)) == ["lines"]
    assert refused(lambda: operations.change_costs(invoice, {0: Decimal(-1)}, on=LATER, actor=MERE)) == ["unit_cost"]


def test_a_number_that_was_used_is_not_used_again(owner: Organisation, invoice: Document) -> None:
    operations.void_journal(Journal.objects.get(document=invoice), actor=MERE)
    assert operations.post_cost_of_goods(invoice, actor=MERE)
    assert [number for number, _, _ in posted(invoice)] == ["COGS-INV-1-2"]


def test_only_shipped_sales_have_a_cost_of_goods(owner: Organisation, cup: Product) -> None:
    assert refused(lambda: operations.post_cost_of_goods(factories.bill(owner), actor=MERE)) == ["kind", "shipped_on"]
    unshipped = factories.sale_invoice(owner)
    assert refused(lambda: operations.post_cost_of_goods(unshipped, actor=MERE)) == ["shipped_on"]
    free = factories.sale_invoice(owner, shipped_on=SHIPPED)
    assert operations.post_cost_of_goods(free, actor=MERE) is None


def test_a_cost_that_changes_while_the_goods_are_here_again_books_nothing(owner: Organisation, cup: Product) -> None:
    day = date(2026, 5, 10)
    lines = [factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))]
    invoice = factories.sale_invoice(owner, lines=lines, date=day, due_date=day, shipped_on=SHIPPED)
    operations.set_lock_date(owner, date(2026, 4, 30), actor=MERE)
    back = operations.edit_document(invoice, replace(document_fields(invoice), shipped_on=None), actor=MERE)
    assert sum(cost for _, _, cost in posted(invoice)) == 0
    operations.change_costs(back, {0: Decimal(9)}, on=LATER, actor=MERE)
    assert sum(cost for _, _, cost in posted(invoice)) == 0
    operations.edit_document(invoice, replace(document_fields(invoice), shipped_on=LATER), actor=MERE)
    assert sum(cost for _, _, cost in posted(invoice)) == 36
