"""Xero's arithmetic: the worked figures that are known, and what holds for all others."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_twin.money import (
    LineSent,
    LineTotalMismatchError,
    cents,
    line_figures,
    tax_on,
    ten_thousandths,
    totals,
    unit,
)

D = Decimal
amounts = st.decimals(min_value=-100_000, max_value=100_000, places=4)
positive = st.decimals(min_value=D("0.01"), max_value=100_000, places=4)
rates = st.sampled_from([D(0), D(5), D(10), D("12.5"), D(15), D(20)])


@pytest.mark.parametrize(("price", "rounded"), [("2.165", "2.17"), ("-2.165", "-2.17"), ("2.1649", "2.16")])
def test_unit_amounts_round_halves_away_from_zero(price: str, rounded: str) -> None:
    assert unit(D(price), 2) == D(rounded)


def test_unit_amounts_keep_four_decimals_with_unitdp() -> None:
    assert str(unit(D("2.16505"), 4)) == "2.1651"


def test_tax_is_rounded_per_line_and_then_summed() -> None:
    lines = [D("25.06"), D("25.61"), D("25.63")]
    taxes = [tax_on(line, D(15), "Exclusive") for line in lines]
    assert taxes == [D("3.76"), D("3.84"), D("3.84")]
    assert totals(sum(lines), sum(taxes), "Exclusive") == (D("76.30"), D("11.44"), D("87.74"))
    assert cents(sum(lines) * D("0.15")) == D("11.45")  # what rounding the sum would have given


@pytest.mark.parametrize(
    ("total", "tax", "sub_total"),
    [("541.25", "70.60", "470.65"), ("500.00", "65.22", "434.78"), ("89.00", "11.61", "77.39")],
)
def test_an_inclusive_total_is_split_into_tax_and_subtotal(total: str, tax: str, sub_total: str) -> None:
    found = totals(D(total), tax_on(D(total), D(15), "Inclusive"), "Inclusive")
    assert found == (D(sub_total), D(tax), D(total))


def test_a_discount_rate_comes_off_the_line() -> None:
    found = line_figures(LineSent(D(3), D("9.99"), discount_rate=D(10)), D(15), "Exclusive")
    assert (found.line_amount, found.tax_amount, found.discount) == (D("26.97"), D("4.05"), D("3.00"))


def test_a_discount_amount_comes_off_the_line() -> None:
    found = line_figures(LineSent(D(3), D("9.99"), discount_amount=D("1.97")), D(15), "Exclusive")
    assert (found.line_amount, found.discount) == (D("28.00"), D("1.97"))


def test_a_line_amount_that_disagrees_is_refused_with_both_figures() -> None:
    with pytest.raises(LineTotalMismatchError) as caught:
        line_figures(LineSent(D(2), D(10), D("19.99")), D(15), "Exclusive")
    assert str(caught.value) == "The line total 19.99 does not match the expected line total 20.00"


def test_a_missing_unit_amount_is_derived() -> None:
    assert line_figures(LineSent(D(4), None, D(10)), D(0), "Exclusive").unit_amount == D("2.50")


def test_a_missing_quantity_is_derived() -> None:
    assert line_figures(LineSent(None, D("2.50"), D(10)), D(0), "Exclusive").quantity == D(4)


def test_tax_that_was_sent_overrides_the_computed_tax() -> None:
    assert line_figures(LineSent(D(1), D(100), tax_amount=D("14.99")), D(15), "Exclusive").tax_amount == D("14.99")


def test_a_document_without_tax_has_none_even_when_it_is_sent() -> None:
    assert line_figures(LineSent(D(1), D(100), tax_amount=D("14.99")), D(15), "NoTax").tax_amount == 0


def test_document_rounding_is_added_to_the_total_only() -> None:
    assert totals(D(100), D(15), "Exclusive", D("0.02")) == (D(100), D(15), D("115.02"))


def test_nothing_is_ever_minus_zero() -> None:
    assert str(cents(D("-0.001"))) == "0.00"
    assert str(ten_thousandths(D("-0.00001"))) == "0.0000"


@given(amounts)
def test_cents_are_the_nearest_and_symmetric(value: Decimal) -> None:
    rounded = cents(value)
    assert abs(rounded - value) <= D("0.005")
    assert cents(-value) == -rounded
    assert rounded.as_tuple().exponent == -2


@given(positive, positive, rates, st.sampled_from(["Exclusive", "Inclusive", "NoTax"]))
def test_what_xero_computed_is_accepted_when_sent_back(
    quantity: Decimal, price: Decimal, rate: Decimal, basis: str
) -> None:
    first = line_figures(LineSent(quantity, price), rate, basis, 4)
    again = line_figures(LineSent(first.quantity, first.unit_amount, first.line_amount), rate, basis, 4)
    assert again == first


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=6), rates)
def test_exclusive_and_inclusive_totals_both_add_up(lines: list[tuple[Decimal, Decimal]], rate: Decimal) -> None:
    for basis in ("Exclusive", "Inclusive"):
        figures = [line_figures(LineSent(quantity, price), rate, basis, 4) for quantity, price in lines]
        amount, tax = sum(one.line_amount for one in figures), sum(one.tax_amount for one in figures)
        sub_total, total_tax, total = totals(amount, tax, basis)
        assert sub_total + total_tax == total
        assert total_tax == tax


@given(positive, st.decimals(min_value=0, max_value=100, places=2))
def test_a_discount_and_what_is_left_make_the_full_price(price: Decimal, discount: Decimal) -> None:
    found = line_figures(LineSent(D(1), price, discount_rate=discount), D(0), "Exclusive", 4)
    if discount:
        assert found.discount + found.line_amount == cents(price)
    assert 0 <= found.line_amount <= cents(price)


whole_cents = st.integers(-(10**12), 10**12)


@given(whole_cents, whole_cents, st.integers(-10, 10), st.sampled_from(["Exclusive", "Inclusive", "NoTax"]))
def test_totals_of_decimals_are_those_of_whole_cents(amount: int, tax: int, rounding: int, basis: str) -> None:
    expected = {
        "Exclusive": (amount, tax, amount + tax + rounding),
        "Inclusive": (amount - tax, tax, amount + rounding),
        "NoTax": (amount, 0, amount + rounding),
    }[basis]
    found = totals(D(amount).scaleb(-2), D(tax).scaleb(-2), basis, D(rounding).scaleb(-2))
    assert [str(one) for one in found] == [f"{D(one).scaleb(-2):.2f}" for one in expected]
