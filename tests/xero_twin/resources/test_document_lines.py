"""Lines as they are kept and written: what is worked out once for many never shows."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.xero_twin.conftest import Xero, messages
from xero_twin import Twin, wire
from xero_twin.records import NOTHING_GUID, Line, Posting, Tracking
from xero_twin.resource import Shape
from xero_twin.resources import line_shapes

GUID = "3a5f8f60-1b2c-4d3e-9f00-aabbccddeeff"
money = st.decimals(-(10**9), 10**9, places=2)
fourfold = st.decimals(0, 10**6, places=4)
postings = st.builds(
    Posting,
    quantity=fourfold,
    unit_amount=st.none() | fourfold,
    account_code=st.none() | st.text(max_size=4),
    account_id=st.none() | st.just(GUID),
    tax_type=st.sampled_from([None, "OUTPUT2", 'a"b']),
    tax_amount=money,
    line_amount=st.none() | money,
    discount_rate=st.none() | st.decimals(0, 100, places=1),
    discount_amount=st.none() | money,
)
tags = st.just((Tracking(category_id=GUID, option_id=GUID, name="Region", option="North"),))
lines = st.builds(
    Line,
    st.sampled_from([None, NOTHING_GUID, GUID]),
    st.none() | st.text(max_size=20) | st.sampled_from(['"', "\\", "/", "\x00\x1f\x7f", "é\u2028", ""]),
    postings,
    item_code=st.none() | st.just("A"),
    item_id=st.none() | st.just(GUID),
    tracking=st.just(()) | tags,
)


@given(
    st.lists(lines, max_size=4),
    st.sampled_from([Shape.WRITE, Shape.ONE, Shape.LIST]),
    st.sampled_from([2, 4]),
)
def test_half_written_lines_read_like_shown_ones(found: list[Line], shape: Shape, unitdp: int) -> None:
    org = Twin().add_organisation("Demo")
    shown = wire.encode(line_shapes.show(found, shape, unitdp, org))
    for _ in range(2):  # worked out, and remembered
        assert wire.encode(line_shapes.write(found, shape, unitdp, org)) == shown


def only_line(xero: Xero, **fields: object) -> dict[str, Any]:
    """An invoice of one line, with what the line says beside what the invoice says."""
    lines = [{"Description": "Apples", "Quantity": 2, "UnitAmount": "1.50", "AccountCode": "260", **fields}]
    found = xero.invoice(LineItems=lines)
    return {**found["LineItems"][0], **found}


def test_lines_that_say_the_same_share_a_posting(xero: Xero) -> None:
    only_line(xero)
    only_line(xero, Description="Pears")
    one, other = (invoice.lines[0] for invoice in xero.org.invoices)
    assert one.posting is other.posting
    assert [one.description, other.description] == ["Apples", "Pears"]


def test_a_line_that_was_accepted_is_refused_once_its_account_is_archived(xero: Xero) -> None:
    assert not messages(only_line(xero))
    account = xero.org.accounts.first("code", "260")
    assert account is not None
    xero.post(f"Accounts/{account.id}", {"Code": "260", "Status": "ARCHIVED"})
    assert "archived" in messages(only_line(xero))[0]


def test_a_line_that_says_the_same_is_taxed_at_the_rate_of_the_day(xero: Xero) -> None:
    components = [{"Name": "GST", "Rate": 10}]
    rate = {"Name": "Ten", "ReportTaxType": "OUTPUT", "TaxComponents": components}
    made = xero.post("TaxRates", rate)["TaxRates"][0]["TaxType"]
    assert only_line(xero, TaxType=made)["TaxAmount"] == Decimal("0.30")
    xero.post("TaxRates", {**rate, "TaxType": made, "TaxComponents": [{"Name": "GST", "Rate": 20}]})
    assert only_line(xero, TaxType=made)["TaxAmount"] == Decimal("0.60")


@pytest.mark.parametrize("basis", ["Exclusive", "Inclusive", "NoTax"])
def test_each_document_has_the_tax_of_its_own_basis(xero: Xero, basis: str) -> None:
    line = {"Description": "Apples", "Quantity": 1, "UnitAmount": "1.15", "AccountCode": "260", "TaxType": "OUTPUT2"}
    for each in (basis, "Exclusive", "Inclusive", "NoTax", basis):
        found = xero.invoice(LineAmountTypes=each, LineItems=[line])["LineItems"][0]
        assert found["TaxAmount"] == {"Exclusive": Decimal("0.17"), "Inclusive": Decimal("0.15"), "NoTax": 0}[each]


def test_a_wrong_line_is_refused_each_time_in_its_own_words(xero: Xero) -> None:
    wrong = {"Description": "Apples", "Quantity": 2, "UnitAmount": 3, "AccountCode": "260"}
    for sent in ("7.00", "7", "7.0"):
        found = xero.invoice(LineItems=[{**wrong, "LineAmount": Decimal(sent)}])
        assert messages(found) == [f"The line total {sent} does not match the expected line total 6.00"]


def test_a_discount_is_shown_with_the_digits_it_was_sent_with(xero: Xero) -> None:
    for sent in ("10", "10.0", "10.00"):
        only_line(xero, DiscountRate=Decimal(sent))
        assert xero.last is not None
        assert f'"DiscountRate":{sent},' in xero.last.text


def test_yes_is_no_number_even_after_one_was_accepted(xero: Xero) -> None:
    assert not messages(only_line(xero, Quantity=1))
    lines = [{"Description": "Apples", "Quantity": True, "UnitAmount": "1.50", "AccountCode": "260"}]
    refused = xero.put("Invoices", xero.invoice_body(LineItems=lines), 400)
    assert refused["ErrorNumber"] == 14
