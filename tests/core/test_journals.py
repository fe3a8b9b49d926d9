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
from msgspec import structs

from tests import factories
from tieout.core import costs, operations
from tieout.core.models import Organisation
from tieout.core.operations import Refused, journal_fields
from tieout.core.records import DocumentRecord, LineRecord, ProductRecord, RecordKey

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
    service = structs.replace(PRODUCTS[CUP], stock=False)
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
