"""Consolidation as such, without a database: what goes in comes out, to the cent, however it comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieout.core import money
from tieout.core.records import RecordKey
from tieout.kinds.consolidation.documents import Head, record
from tieout.kinds.consolidation.figures import Figures, Piece, total_of
from tieout.kinds.consolidation.lines import Line, difference, dump, merged, read, sums
from tieout.kinds.consolidation.register import Part, Parts, Placement, Row, changes, keys_of
from tieout.kinds.consolidation.terms import (
    GROUPINGS,
    OPPOSITE,
    TEMPLATE,
    Policy,
    number,
    period,
    reference,
    series,
    terms_of,
)

CHANNEL = uuid4()
CUSTOMERS = (uuid4(), uuid4())
PRODUCTS = (uuid4(), uuid4(), None)
RATES = {1: Decimal(15), 2: Decimal("9.5"), None: Decimal(0)}
_numbers = count(1)


def line(amount: str = "100.00", tax: str = "15.00", account: str = "200", rule: int | None = 1, **values: Any) -> Line:
    return Line(account, rule, Decimal(amount), Decimal(tax), "Sales", **values)


def order(*lines: Line, **values: Any) -> Figures:
    """A web order of one line of 100.00 and its tax, unless told otherwise."""
    number_ = values.pop("number", f"WEB-{next(_numbers)}")
    entered: dict[str, Any] = {
        "key": RecordKey("sale_invoice", uuid4()),
        "number": number_,
        "party": "Aroha",
        "contact_id": CUSTOMERS[0],
        "channel": "Shopify",
        "day": date(2026, 4, 26),
        "due": date(2026, 4, 26),
        "currency": "NZD",
        "rate": Decimal(1),
        "treatment": "Exclusive",
        "pieces": tuple(Piece(each, "Stoneware cup") for each in lines or (line(),)),
    } | values
    return Figures(**entered)


def policy(**values: Any) -> Policy:
    return Policy(**{"what": "invoices", "mode": "daily", "contact_id": CHANNEL, **values})


@dataclass
class Shelf:
    """Documents and rows in memory, carried out as the engine does it: one record after another, then a close."""

    policy: Policy
    rows: list[Row] = field(default_factory=list)
    documents: dict[UUID, tuple[Any, int, UUID | None]] = field(default_factory=dict)
    closed: set[UUID] = field(default_factory=set)
    _ids: Any = field(default_factory=lambda: count(1))

    def run(self, records: Sequence[tuple[UUID, Figures | None]]) -> int:
        """How many rows it moved."""
        moved = 0
        parts = Parts(self._load, self._make)
        for key, figures in records:
            own = [replace(row, open=row.document_id not in self.closed) for row in self.rows if self.of(row) == key]
            wanted = terms_of(figures, self.policy) if figures and self.policy.consolidates else None
            change = changes("sale_invoice", figures, wanted, own)
            leaving = {row.id for row in change.leaves}
            released = {row.id for row in change.released}
            self.rows = [
                replace(row, current=row.current and row.id not in released)
                for row in self.rows
                if row.id not in leaving
            ]
            for placement in change.placements:
                part = parts.place(placement)
                self._add(key, part, placement)
            moved += len(leaving) + len(change.placements)
        return moved

    def close(self) -> None:
        self.closed |= set(self.documents)

    def of(self, row: Row) -> UUID:
        return self.owner[row.id]

    owner: dict[int, UUID] = field(default_factory=dict)

    def _add(self, key: UUID, part: Part, placement: Placement) -> None:
        row = Row(
            next(self._ids), part.id, part.terms, placement.terms.first, placement.terms.last, True,
            placement.current, placement.counted, placement.lines, placement.adjusts,
        )  # fmt: skip
        self.owner[row.id] = key
        self.rows.append(row)

    def _load(self, terms: Any, adjusts: UUID | None) -> list[Part]:
        found = []
        for id_, (its, sign, adjusted) in self.documents.items():
            if its == terms and adjusted == adjusts and id_ not in self.closed:
                keys = set()
                for row in self.rows:
                    if row.document_id == id_:
                        keys |= keys_of(row.lines, sign, its.kind)
                found.append(Part(id_, its, self.policy.line_limit, adjusts, keys))
        return found

    def _make(self, placement: Placement) -> Part:
        part = Part(uuid4(), placement.terms, self.policy.line_limit, placement.adjusts)
        self.documents[part.id] = (placement.terms, placement.sign, placement.adjusts)
        return part

    def records(self) -> list[Any]:
        """The documents as they would be mapped; an empty one is none."""
        made = []
        for id_, (terms, sign, _) in self.documents.items():
            lines = [
                each if sign > 0 else each.negated()
                for row in self.rows
                if row.document_id == id_
                for each in row.lines
            ]
            if lines:
                head = Head(id_, "N-1", "N", terms, terms.last, terms.last, "AUTHORISED", "NZD", "Shop")
                made.append((sign, record(head, lines)))
        return made


def totals_of(figures: Sequence[Figures]) -> dict[Any, tuple[Decimal, Decimal]]:
    """Per currency, rate, treatment, account and tax: amount and tax."""
    found: dict[Any, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for each in figures:
        for piece in each.pieces:
            _count(found, (each.currency, each.rate, each.treatment), piece.line, 1)
    return {key: both for key, both in found.items() if any(both)}


def totals_in(shelf: Shelf) -> dict[Any, tuple[Decimal, Decimal]]:
    """The same of the documents; a credit note counts as what it takes back."""
    found: dict[Any, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for sign, made in shelf.records():
        for each in made.lines:
            _count(found, (made.currency, made.rate, made.tax_treatment), each, sign)
    return {key: both for key, both in found.items() if any(both)}


def _count(found: dict[Any, tuple[Decimal, Decimal]], document: tuple[Any, ...], line: Any, sign: int) -> None:
    key = (*document, line.account, line.tax_rule_id)
    amount, tax = found[key]
    found[key] = (amount + sign * line.amount, tax + sign * line.tax)


# -- properties ----------------------------------------------------------------------------------------------------


@st.composite
def orders(draw: st.DrawFn) -> Figures:
    treatment = draw(st.sampled_from(["Exclusive", "Inclusive"]))
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        rule = draw(st.sampled_from([1, 2, None]))
        amount = draw(st.decimals("0.01", "999.99", places=2))
        tax = money.line_tax(amount, RATES[rule], treatment)
        product = draw(st.sampled_from(PRODUCTS))
        account = draw(st.sampled_from(["200", "260"]))
        pieces.append(Piece(Line(account, rule, amount, tax, "Sales", product_id=product, quantity=Decimal(1)), "Cup"))
    currency, rate = draw(st.sampled_from([("NZD", "1"), ("USD", "0.61"), ("USD", "0.62")]))
    return replace(
        order(),
        day=draw(st.dates(date(2026, 4, 24), date(2026, 4, 28))),
        currency=currency,
        rate=Decimal(rate),
        treatment=treatment,
        contact_id=draw(st.sampled_from(CUSTOMERS)),
        pieces=tuple(pieces),
    )


policies = st.builds(
    policy,
    mode=st.sampled_from(["daily", "monthly"]),
    grouping=st.sampled_from(GROUPINGS),
    line_limit=st.integers(1, 6),
)


@settings(max_examples=150)
@given(st.lists(orders(), max_size=12), policies, st.integers(1, 4), st.randoms(use_true_random=False))
def test_any_set_in_any_order_and_any_number_of_runs_gives_the_same_totals(
    members: list[Figures], how: Policy, runs: int, shuffled: Random
) -> None:
    shelf = Shelf(how)
    shuffled.shuffle(members)
    for start in range(runs):
        shelf.run([(each.key.id, each) for each in members[start::runs]])
        if shuffled.random() < 0.5:
            shelf.close()
    assert totals_in(shelf) == totals_of(members)
    held = [shelf.of(row) for row in shelf.rows]
    assert sorted(held) == sorted(each.key.id for each in members)


@settings(max_examples=100)
@given(st.lists(orders(), max_size=10), policies, st.randoms(use_true_random=False))
def test_documents_that_were_never_closed_do_not_depend_on_the_order(
    members: list[Figures], how: Policy, shuffled: Random
) -> None:
    how = replace(how, line_limit=10_000)
    once, again = Shelf(how), Shelf(how)
    once.run([(each.key.id, each) for each in members])
    shuffled.shuffle(members)
    for each in members:
        again.run([(each.key.id, each)])
    contents = [
        sorted((made.date, made.currency, made.rate, str(made.contact_id), made.tax_treatment, made.lines)
               for _, made in shelf.records())
        for shelf in (once, again)
    ]  # fmt: skip
    assert contents[0] == contents[1]


@settings(max_examples=100)
@given(st.lists(orders(), min_size=1, max_size=8), policies, st.data())
def test_edits_and_voids_before_and_after_closing_leave_what_core_holds(
    members: list[Figures], how: Policy, data: st.DataObject
) -> None:
    shelf = Shelf(how)
    now: dict[UUID, Figures | None] = {each.key.id: each for each in members}
    shelf.run(list(now.items()))
    for _ in range(data.draw(st.integers(1, 4))):
        if data.draw(st.booleans()):
            shelf.close()
        key = data.draw(st.sampled_from(sorted(now)))
        if data.draw(st.booleans()):
            now[key] = None
        else:
            now[key] = replace(data.draw(orders()), key=RecordKey("sale_invoice", key), number=f"WEB-{key.hex[:6]}")
        shelf.run([(key, now[key])])
    assert totals_in(shelf) == totals_of([each for each in now.values() if each])
    assert shelf.run(list(now.items())) == 0
    assert all(made.total >= 0 for _, made in shelf.records())
    current = [shelf.of(row) for row in shelf.rows if row.current]
    assert len(current) == len(set(current))


@settings(max_examples=100)
@given(st.lists(orders(), min_size=1, max_size=30), policies)
def test_no_part_is_longer_than_the_limit_but_for_one_long_order(members: list[Figures], how: Policy) -> None:
    shelf = Shelf(how)
    shelf.run([(each.key.id, each) for each in members])
    for id_, (terms, _, _) in shelf.documents.items():
        rows = [row for row in shelf.rows if row.document_id == id_]
        length = len(merged(each for row in rows for each in row.lines))
        assert length <= how.line_limit or len(rows) == 1, terms


lines_ = st.builds(
    lambda account, rule, amount, alone: line(
        str(amount), str(money.line_tax(amount, RATES[rule], "Exclusive")), account, rule, alone=alone
    ),
    st.sampled_from(["200", "260"]),
    st.sampled_from([1, None]),
    st.decimals("-500", "500", places=2),
    st.booleans(),
)


@given(st.lists(lines_, max_size=8), st.lists(lines_, max_size=8))
def test_what_is_booked_and_the_difference_make_what_is_wanted(now: list[Line], booked: list[Line]) -> None:
    assert sums([*booked, *difference(now, booked)]) == sums(now)
    assert difference(now, now) == ()


@given(st.lists(lines_, max_size=8), st.booleans())
def test_merging_keeps_the_sums_and_does_not_mind_the_order(lines: list[Line], by_side: bool) -> None:
    assert sums(merged(lines, by_side=by_side)) == sums(lines)
    assert merged(lines, by_side=by_side) == merged(lines[::-1], by_side=by_side)
    assert read(dump(lines)) == tuple(lines)


# -- by example ----------------------------------------------------------------------------------------------------


def test_tax_is_added_up_not_computed_anew() -> None:
    shelf = Shelf(policy())
    three = [order(line(amount, tax)) for amount, tax in (("25.06", "3.76"), ("25.61", "3.84"), ("25.63", "3.84"))]
    shelf.run([(each.key.id, each) for each in three])
    ((_, made),) = shelf.records()
    assert (made.subtotal, made.tax) == (Decimal("76.30"), Decimal("11.44"))  # 15% of 76.30 would be 11.45
    assert len(made.lines) == 1


def test_inclusive_and_exclusive_orders_stand_in_documents_of_their_own() -> None:
    shelf = Shelf(policy())
    both = [order(treatment="Inclusive"), order(treatment="Exclusive")]
    shelf.run([(each.key.id, each) for each in both])
    assert sorted(made.tax_treatment for _, made in shelf.records()) == ["Exclusive", "Inclusive"]


def test_510_lines_make_a_document_of_500_and_one_of_10() -> None:
    shelf = Shelf(policy(grouping="order"))
    shelf.run([(each.key.id, each) for each in (order() for _ in range(510))])
    assert sorted(len(made.lines) for _, made in shelf.records()) == [10, 500]


@pytest.mark.parametrize(("grouping", "documents", "lines"), [
    ("account", 1, 2), ("tax", 1, 2), ("product", 1, 3), ("customer", 2, 3), ("order", 1, 3),
])  # fmt: skip
def test_what_a_grouping_keeps_apart(grouping: str, documents: int, lines: int) -> None:
    cup, bowl = PRODUCTS[:2]
    first = order(line(product_id=cup, quantity=Decimal(2)), line(product_id=bowl))
    second = order(line(product_id=cup), line("5.00", "0.00", "260", None), contact_id=CUSTOMERS[1])
    shelf = Shelf(policy(grouping=grouping))
    shelf.run([(each.key.id, each) for each in (first, second)])
    made = [each for _, each in shelf.records()]
    assert (len(made), sum(len(each.lines) for each in made)) == (documents, lines)


def test_a_product_keeps_its_quantity_where_that_fits_the_amount() -> None:
    shelf = Shelf(policy(grouping="product"))
    cups = [order(line("30.00", "4.50", product_id=PRODUCTS[0], quantity=Decimal(3))) for _ in range(2)]
    shelf.run([(each.key.id, each) for each in cups])
    ((_, made),) = shelf.records()
    assert [(each.quantity, each.unit_price, each.amount) for each in made.lines] == [(6, 10, 60)]


def test_an_order_that_shrank_after_closing_is_taken_back_by_a_credit_note() -> None:
    shelf = Shelf(policy())
    one = order(line("100.00", "15.00"))
    shelf.run([(one.key.id, one)])
    shelf.close()
    less = replace(one, pieces=(Piece(line("80.00", "12.00"), "Cup"),))
    shelf.run([(one.key.id, less)])
    (_, invoice), (sign, note) = shelf.records()
    assert (invoice.total, note.total, note.key.kind, sign) == (115, 23, OPPOSITE[invoice.key.kind], -1)


def test_an_order_that_moved_to_another_day_after_closing_leaves_and_joins() -> None:
    shelf = Shelf(policy())
    one = order()
    shelf.run([(one.key.id, one)])
    shelf.close()
    moved = replace(one, day=date(2026, 4, 28))
    shelf.run([(one.key.id, moved)])
    assert [(made.key.kind, made.date.day, made.total) for _, made in shelf.records()] == [
        ("consolidated_invoice", 26, 115),
        ("consolidated_credit_note", 26, 115),
        ("consolidated_invoice", 28, 115),
    ]
    assert [row.terms.last.day for row in shelf.rows if row.current] == [28]


def test_numbers_name_day_or_month_and_channel() -> None:
    terms = terms_of(order(), policy())
    assert number(series(TEMPLATE, terms, "Shopify(MyShop)"), 1) == "SO-2026/04/26-Shopify(MyShop)-1"
    monthly = terms_of(order(), policy(mode="monthly"))
    assert number(series(TEMPLATE, monthly, "Shopify"), 3) == "SO-2026/04-Shopify-3"
    assert reference(series(TEMPLATE, terms, "Shopify"), terms, "NZD") == "SO-2026/04/26-Shopify"
    foreign = terms_of(order(currency="USD", rate=Decimal("0.6100")), policy())
    assert reference(series(TEMPLATE, foreign, "Shopify"), foreign, "NZD").endswith(" USD at 0.61")


@given(st.text(max_size=400))
def test_a_number_always_fits_and_shows_no_formula_marks(channel: str) -> None:
    made = number(series(TEMPLATE, terms_of(order(), policy()), channel), 12345)
    assert len(made) <= 255
    assert made.endswith("-12345")


def test_a_month_ends_with_its_last_day() -> None:
    assert period(date(2028, 2, 7), "monthly") == (date(2028, 2, 1), date(2028, 2, 29))


def test_a_journal_counts_its_debits() -> None:
    sides = (line("50.00", "0.00", "310", None), line("-50.00", "0.00", "640", None))
    assert total_of("journal", sides, "") == Decimal("50.00")
