"""Documents as they are sent: what is by the book is read in one go, and comes to the same as field by field."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xero_twin import wire
from xero_twin.errors import Refusal
from xero_twin.fields import InOneGo, read
from xero_twin.resources import invoices
from xero_twin.resources.document_lines import SentLine

GUID = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
NUMBERS = ("Quantity", "UnitAmount", "LineAmount", "TaxAmount", "DiscountRate", "DiscountAmount")
TEXTS = ("Description", "ItemCode", "AccountCode", "TaxType")

numbers = st.one_of(
    st.integers(-(10**13), 10**13),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from(["1.5", " 2 ", "1_0", "NaN", "Infinity", "sNaN", "-0", "x", "", True, None, [], {}]),
    st.sampled_from([Decimal("999999999999.99"), Decimal("1000000000000"), Decimal("1E+11"), Decimal("-1E+12")]),
)
texts = st.one_of(st.text(max_size=5), st.none(), st.integers(), st.booleans(), st.just(["a"]))
others = st.fixed_dictionaries(
    {},
    optional={
        "LineItemID": st.sampled_from(["no", "3A5F8F60-1B2C-4D3E-9F00-AABBCCDDEEFF", None]),
        "AccountID": st.sampled_from(["3a5f8f601b2c4d3e9f00aabbccddeeff", 7]),
        "Tracking": st.sampled_from([[], [{"Name": "Region", "Option": "North"}], None, "x"]),
        "unitamount": numbers,
        "Unknown": st.none() | st.integers(),
        "Item": st.just({"ItemID": "x"}),
    },
)
lines = st.builds(
    lambda *parts: {name: value for part in parts for name, value in part.items()},
    st.dictionaries(st.sampled_from(NUMBERS), numbers),
    st.dictionaries(st.sampled_from(TEXTS), texts),
    others,
)


def outcome(read: Any) -> object:
    try:
        return read()
    except Refusal as refusal:
        return refusal.status


INVOICES = InOneGo("Invoices", invoices.FIELDS)
documents = st.builds(
    lambda document, sent: {**document, "LineItems": sent},
    st.fixed_dictionaries(
        {},
        optional={
            "Type": st.sampled_from(["ACCREC", "accpay", "x", 7]),
            "InvoiceNumber": texts,
            "Date": st.sampled_from(["2026-11-01", "x", None, 5]),
            "CurrencyRate": numbers,
            "duedate": st.just("2026-11-02"),
            "Contact": st.sampled_from([{"Name": "Ann"}, {"contactid": "x"}, [], None]),
        },
    ),
    st.lists(lines | st.sampled_from([None, 7, "x"]), max_size=3) | st.sampled_from([None, "x", {}]),
)


@example({"LineItems": [{"Quantity": "sNaN"}]})
@example({"LineItems": [{"Quantity": True}, {"Quantity": 1}, {"DiscountRate": 10}]})
@given(documents)
def test_documents_read_in_one_go_are_those_read_field_by_field(document: dict[str, Any]) -> None:
    body = wire.encode({"Invoices": [document, document]})
    one_by_one = outcome(lambda: [read(one, invoices.FIELDS, "") for one in wire.decode(body)["Invoices"]])
    in_one_go = INVOICES.read(body)
    assert in_one_go is None or in_one_go == one_by_one


def test_what_is_by_the_book_is_read_in_one_go() -> None:
    line = {"Description": "Tea", "Quantity": 3, "UnitAmount": Decimal("1.50"), "LineItemID": 32 * "A"}
    found = INVOICES.read(wire.encode({"Invoices": [{"Type": "ACCREC", "LineItems": [line]}]}))
    sent = SentLine(id=GUID, description="Tea", quantity=Decimal(3), unit_amount=Decimal("1.50"))
    assert found == [{"type": "ACCREC", "lines": [sent]}]


@pytest.mark.parametrize("body", [b"{}", b'{"Invoices":null}', b'{"invoices":[]}', b"[{}]", b"x", b'"\xff"'])
def test_other_bodies_are_left_to_reading_field_by_field(body: bytes) -> None:
    assert INVOICES.read(body) is None
