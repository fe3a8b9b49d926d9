"""Lines as they are sent: what is by the book is read in one go, and comes to the same as field by field."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xero_twin.errors import Refusal
from xero_twin.fields import nested_list, struct_list
from xero_twin.resources import document_lines
from xero_twin.resources.document_lines import SentLine

FIELDS = document_lines.FIELDS
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


def outcome(convert: Any, sent: object) -> object:
    try:
        return convert(sent, "")
    except Refusal as refusal:
        return refusal.status


@example([{"Quantity": "sNaN"}])
@given(st.lists(lines | st.sampled_from([None, 7, "x"]), max_size=3) | st.sampled_from([None, "x", {}]))
def test_lines_read_in_one_go_are_those_read_field_by_field(sent: object) -> None:
    one_by_one = nested_list(FIELDS)
    assert outcome(document_lines.LINES, sent) == outcome(
        lambda value, path: [SentLine(**each) for each in one_by_one(value, path)], sent
    )


def test_what_is_by_the_book_is_not_read_field_by_field() -> None:
    def never(value: object, path: str) -> Any:
        pytest.fail(f"{value} was read at {path}")

    convert = struct_list(SentLine, {"description": ("description", never)}, lambda _: True)
    assert convert([{"Description": "Tea", "Quantity": 3}], "") == [SentLine(description="Tea", quantity=Decimal(3))]
