"""Money as Xero computes it: worked figures, and properties that hold for all amounts."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.core import money

D = Decimal
quantities = st.decimals(min_value=0, max_value=100_000, places=4)
prices = st.decimals(min_value=-100_000, max_value=100_000, places=4)
discounts = st.decimals(min_value=0, max_value=100, places=2)
rates = st.sampled_from([D(0), D(5), D(10), D("12.5"), D(15), D("17.5"), D(20)])
amounts = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=2)


def test_a_half_cent_goes_away_from_zero() -> None:
    assert money.to_cents(D("2.165")) == D("2.17")
    assert money.to_cents(D("-2.165")) == D("-2.17")
    assert money.to_unit_price(D("0.00005")) == D("0.0001")


def test_tax_is_rounded_per_line_and_then_summed() -> None:
    lines = [money.line(D(1), D(price), D(0), D(15), "Exclusive") for price in ("25.06", "25.61", "25.63")]
    assert [line.tax for line in lines] == [D("3.76"), D("3.84"), D("3.84")]
    assert money.totals(lines, "Exclusive") == money.Totals(D("76.30"), D("11.44"), D("87.74"))


@pytest.mark.parametrize(
    ("total", "tax", "subtotal"),
    [("541.25", "70.60", "470.65"), ("500.00", "65.22", "434.78"), ("89.00", "11.61", "77.39")],
)
def test_inclusive_tax_is_taken_out_of_the_total(total: str, tax: str, subtotal: str) -> None:
    line = money.line(D(1), D(total), D(0), D(15), "Inclusive")
    assert money.totals([line], "Inclusive") == money.Totals(D(subtotal), D(tax), D(total))


def test_the_unit_price_is_rounded_to_four_decimals_before_it_is_multiplied() -> None:
    assert money.line_amount(D(1000), D("0.12345")) == D("123.50")


def test_a_discount_is_a_percentage_of_the_line() -> None:
    assert money.line_amount(D(3), D("9.99"), D("12.5")) == D("26.22")
    assert money.line_amount(D(3), D("9.99"), D(100)) == 0


def test_a_base_amount_is_the_amount_divided_by_the_rate() -> None:
    assert money.in_base_currency(D("100.00"), D("0.915")) == D("109.29")


def test_a_document_without_tax_has_none_whatever_its_rules_say() -> None:
    assert money.line(D(1), D("100"), D(0), D(15), "NoTax").tax == 0


@given(quantities, prices, discounts)
def test_a_line_is_within_half_a_cent_of_the_exact_product(quantity: D, price: D, discount: D) -> None:
    exact = quantity * price * (100 - discount) / 100
    assert abs(money.line_amount(quantity, price, discount) - exact) <= D("0.005")


@given(st.lists(st.tuples(amounts, rates), max_size=20), st.sampled_from(["Exclusive", "Inclusive", "NoTax"]))
def test_the_total_is_always_subtotal_plus_tax(lines: list[tuple[D, D]], treatment: str) -> None:
    priced = [money.line(D(1), amount, D(0), rate, treatment) for amount, rate in lines]
    totals = money.totals(priced, treatment)
    assert totals.subtotal + totals.tax == totals.total
    whole = totals.total if treatment == "Inclusive" else totals.subtotal
    assert whole == sum((line.amount for line in priced), D(0))


@given(amounts, rates)
def test_tax_has_the_sign_of_its_line_and_mirrors_it(amount: D, rate: D) -> None:
    for treatment in ("Exclusive", "Inclusive"):
        tax = money.line_tax(amount, rate, treatment)
        assert tax * amount >= 0
        assert money.line_tax(-amount, rate, treatment) == -tax


@given(amounts, rates)
def test_inclusive_tax_added_to_the_net_gives_the_gross_again(amount: D, rate: D) -> None:
    tax = money.line_tax(amount, rate, "Inclusive")
    net = amount - tax
    exact = (net * rate / 100).quantize(D("0.01"), rounding=ROUND_HALF_UP)
    assert abs(exact - tax) <= D("0.01")


@pytest.mark.parametrize(
    ("amount", "text"),
    [(D("1658.34"), "1,658.34"), (D("-20"), "−20.00"), (D("1234567.5"), "1,234,567.50"), (None, "0.00")],
)
def test_an_amount_is_said_with_thousands_and_cents(amount: Decimal | None, text: str) -> None:
    assert money.said(amount) == text
