"""Journals, and the cost of goods sold: it always sums to zero and always adds up to what the goods cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tieout.core import costs, operations, store
from tieout.core.fields import OrganisationChoices
from tieout.core.models import Document, Journal, Organisation, Product
from tieout.core.operations import CostDating, Refused, document_fields, journal_fields
from tieout.core.records import DocumentRecord, JournalRecord, LineRecord, ProductRecord, RecordKey

MERE = "mere"
SHIPPED, LATER = date(2026, 4, 2), date(2026, 5, 20)
CUP, JUG = uuid4(), uuid4()
PRODUCTS = {
    CUP: ProductRecord(RecordKey("product", CUP), "CUP", "Cup", "", "", True, True, None, None, brand="Kiln"),
    JUG: ProductRecord(
        RecordKey("product", JUG), "JUG", "Jug", "", "", True, True, None, None, cost_account="310", category="Jugs"
    ),
}


def refused(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refusal:
        call()
    return [problem.field for problem in refusal.value.problems]


def sold(*lines: LineRecord, kind: str = "sale_invoice", **values: Any) -> DocumentRecord:
    nothing = Decimal(0)
    return DocumentRecord(
        RecordKey(kind, uuid4()), "INV-1", uuid4(), "Acme", "", "", SHIPPED, SHIPPED, "NZD", Decimal(1), "Exclusive",
        "AUTHORISED", nothing, nothing, nothing, nothing, lines, **values,
    )  # fmt: skip


def line(product: Any, quantity: str, unit_cost: str | None) -> LineRecord:
    nothing = Decimal(0)
    cost = None if unit_cost is None else Decimal(unit_cost)
    return LineRecord("x", Decimal(quantity), nothing, nothing, nothing, nothing, product, unit_cost=cost)


def test_cost_is_debited_and_inventory_credited_by_account_and_tracking() -> None:
    document = sold(line(CUP, "3", "7.4125"), line(CUP, "1", "7.4125"), line(JUG, "2", "10"), location="Nelson")
    found = [
        (each.role, each.account, each.amount, dict(each.tracking)) for each in costs.cost_of_goods(document, PRODUCTS)
    ]
    kiln, jugs = {"brand": "Kiln", "location": "Nelson"}, {"category": "Jugs", "location": "Nelson"}
    assert found == [
        (costs.COST, "", Decimal("29.65"), kiln),
        (costs.INVENTORY, "", Decimal("-29.65"), kiln),
        (costs.COST, "310", Decimal("20.00"), jugs),
        (costs.INVENTORY, "", Decimal("-20.00"), jugs),
    ]


def test_goods_that_came_back_go_the_other_way() -> None:
    returned = costs.cost_of_goods(sold(line(JUG, "1", "10"), kind="sale_credit_note"), PRODUCTS)
    assert [(each.role, each.amount) for each in returned] == [(costs.COST, -10), (costs.INVENTORY, 10)]


def test_what_has_no_stock_or_no_known_cost_gives_nothing() -> None:
    service = replace(PRODUCTS[CUP], stock=False)
    assert costs.cost_of_goods(sold(line(CUP, "1", "5")), {CUP: service}) == ()
    assert costs.cost_of_goods(sold(line(CUP, "1", None), line(None, "1", "5"), line(CUP, "1", "0")), PRODUCTS) == ()


NUMBERS = st.decimals(min_value=0, max_value=100000, places=4)
LINES = st.lists(st.tuples(st.sampled_from([CUP, JUG]), NUMBERS, st.none() | NUMBERS), max_size=8)


@given(LINES, LINES)
def test_costs_and_their_differences_sum_to_zero(before: Any, after: Any) -> None:
    def journal(entered: Any) -> Any:
        return costs.cost_of_goods(
            sold(*(line(p, str(q), c if c is None else str(c)) for p, q, c in entered)), PRODUCTS
        )

    def by_side(lines: Any) -> dict[Any, Decimal]:
        sums: dict[Any, Decimal] = {}
        for each in lines:
            side = (each.account, each.role, tuple(sorted(each.tracking.items())))
            sums[side] = sums.get(side, Decimal(0)) + each.amount
        return {side: amount for side, amount in sums.items() if amount}

    old, new = journal(before), journal(after)
    correction = costs.difference(new, old, "x")
    for lines in (old, new, correction):
        assert sum(each.amount for each in lines) == 0
    assert by_side([*old, *correction]) == by_side(new)


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


@pytest.mark.django_db
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


@pytest.mark.django_db
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
    assert operations.post_cost_of_goods(invoice, actor=MERE)
    assert len(posted(invoice)) == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dating", "while_open", "once_locked"),
    [("on_change", LATER, LATER), ("on_shipment", SHIPPED, LATER), ("first_open_day", SHIPPED, date(2026, 5, 1))],
)
def test_a_later_cost_change_is_dated_as_the_organisation_chose(
    owner: Organisation, invoice: Document, dating: str, while_open: date, once_locked: date
) -> None:
    operations.post_cost_of_goods(invoice, actor=MERE)
    choices = OrganisationChoices(use_credit_by_order=True, cost_dating=dating)
    operations.set_choices(owner, choices, actor=MERE)
    open_one = operations.change_costs(invoice, {0: Decimal("8.00")}, on=LATER, actor=MERE)
    operations.set_lock_date(owner, date(2026, 4, 30), actor=MERE)
    locked_one = operations.change_costs(invoice, {0: Decimal("9.00")}, on=LATER, actor=MERE)
    assert open_one and locked_one
    assert (open_one.date, locked_one.date) == (while_open, once_locked)


@pytest.mark.django_db
def test_costs_changed_before_shipping_are_posted_as_they_are_then(owner: Organisation, invoice: Document) -> None:
    assert operations.change_costs(invoice, {0: Decimal("9.00")}, on=LATER, actor=MERE) is None
    operations.post_cost_of_goods(invoice, actor=MERE)
    assert posted(invoice) == [("COGS-INV-1", SHIPPED, Decimal(36))]
    assert refused(lambda: operations.change_costs(invoice, {1: Decimal(1)}, on=LATER, actor=MERE)) == ["lines"]
    assert refused(lambda: operations.change_costs(invoice, {0: Decimal(-1)}, on=LATER, actor=MERE)) == ["unit_cost"]


@pytest.mark.django_db
def test_a_document_with_cost_journals_is_voided_after_them(owner: Organisation, invoice: Document) -> None:
    journal = operations.post_cost_of_goods(invoice, actor=MERE)
    assert journal is not None
    assert refused(lambda: operations.void_document(invoice, actor=MERE)) == ["number"]
    operations.void_journal(journal, actor=MERE)
    assert operations.post_cost_of_goods(invoice, actor=MERE)
    assert [number for number, _, _ in posted(invoice)] == ["COGS-INV-1-2"]


@pytest.mark.django_db
def test_only_shipped_sales_have_a_cost_of_goods(owner: Organisation, cup: Product) -> None:
    assert refused(lambda: operations.post_cost_of_goods(factories.bill(owner), actor=MERE)) == ["kind", "shipped_on"]
    unshipped = factories.sale_invoice(owner)
    assert refused(lambda: operations.post_cost_of_goods(unshipped, actor=MERE)) == ["shipped_on"]
    free = factories.sale_invoice(owner, shipped_on=SHIPPED)
    assert operations.post_cost_of_goods(free, actor=MERE) is None


@pytest.mark.django_db
def test_a_journal_lives_like_a_document(owner: Organisation) -> None:
    journal = factories.journal(owner, number="JR-1", authorised=False)
    edited = operations.edit_journal(
        journal, replace(journal_fields(journal), narration="Stock"), actor=MERE, version=1
    )
    assert (edited.version, edited.narration) == (2, "Stock")
    assert operations.authorise_journal(journal, actor=MERE).status == "AUTHORISED"
    assert refused(lambda: operations.authorise_journal(journal, actor=MERE)) == ["status"]
    assert refused(lambda: factories.journal(owner, number="JR-1")) == ["number"]
    assert operations.void_journal(journal, actor=MERE).status == "VOIDED"
    assert refused(lambda: operations.void_journal(journal, actor=MERE)) == ["status"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"narration": ""}, "narration"),
        ({"lines": (factories.journal_line("310", "1.00"),)}, "lines"),
        ({"lines": (factories.journal_line("310", "1.00"), factories.journal_line("630", "-0.99"))}, "lines"),
        ({"lines": (factories.journal_line("310", "0"), factories.journal_line("630", "0.001"))}, "amount"),
        ({"lines": (factories.journal_line("", "1"), factories.journal_line("630", "-1"))}, "account"),
        ({"kind": "cost_of_goods"}, "document"),
        ({"kind": "other"}, "kind"),
    ],
)
def test_each_rule_of_a_journal_names_its_field(owner: Organisation, values: dict[str, Any], field: str) -> None:
    assert set(refused(lambda: factories.journal(owner, **values))) == {field}
