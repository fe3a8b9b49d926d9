"""The language of `where` and `order`."""

import contextlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_twin.where import QuerySyntaxError, parse_order, parse_where

ROW = {
    "name": "Apple & Sons (NZ)",
    "total": Decimal("12.50"),
    "date": date(2026, 9, 1),
    "contact.contactid": "0361524c-2cc0-4859-aa65-24ab713b7e05",
    "paid": True,
    "email": None,
    "updateddateutc": datetime(2026, 9, 1, 10, 30, tzinfo=UTC),
}


def passes(text: str) -> bool:
    return parse_where(text, ROW).test(lambda column: ROW[column])


@pytest.mark.parametrize(
    "text",
    [
        'Name=="apple & sons (nz)"',
        'Name = "Apple & Sons (NZ)"',
        'Name!="Pear"',
        "Total>12 AND Total<=12.50",
        "Total > 100 OR Paid==true",
        "(Total > 100 || Paid) && Total >= 12.5",
        "Date==DateTime(2026,09,01)",
        "Date>=DateTime(2026, 9, 1) and Date<DateTime(2026,9,2)",
        "UpdatedDateUTC>DateTime(2026,9,1,10,29,59)",
        'Contact.ContactID==guid("0361524C-2CC0-4859-AA65-24AB713B7E05")',
        'Name.Contains("SONS")',
        'Name.StartsWith("app") AND Name.EndsWith("(nz)")',
        'Name.Contains("sons")==true',
        "Email==null",
        "Name!=null",
        "Email==null AND (Total==12.5 OR Total==13)",
    ],
)
def test_an_expression_that_holds(text: str) -> None:
    assert passes(text)


@pytest.mark.parametrize(
    "text",
    [
        'Name=="Pear"',
        "Total<12.5",
        "Date<DateTime(2026,9,1)",
        "Paid==false",
        'Email=="x"',
        "Email!=null",
        'Email.Contains("x")',
        "Email > 3",
        'Paid AND Name=="Pear" OR Total==1',
    ],
)
def test_an_expression_that_does_not_hold(text: str) -> None:
    assert not passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "Name==",
        'Name=="open',
        "Nonsense==1",
        "(Total==1",
        "Total==1)",
        "Total 1",
        "Total==1 Paid",
        "Date==DateTime(2026,13,40)",
        "Date==DateTime(2026)",
        'Contact.ContactID==guid("x"',
        "Name=={}",
        'Total=="text" AND AND',
    ],
)
def test_a_broken_expression_is_a_syntax_error(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        passes(text)


def test_values_of_different_kinds_cannot_be_ordered() -> None:
    with pytest.raises(QuerySyntaxError):
        passes('Total>"text"')


def test_equalities_that_must_hold_are_told_so_that_an_index_can_be_used() -> None:
    found = parse_where('Name=="A" AND Total>1 AND (Contact.ContactID==guid("X") OR Contact.ContactID=="y")', ROW)
    assert found.equals == {"name": ["A"], "contact.contactid": ["x", "y"]}


def test_an_either_or_over_different_columns_promises_nothing() -> None:
    assert parse_where('Name=="A" OR Total==1', ROW).equals == {}


def test_an_order_names_columns_and_directions() -> None:
    assert parse_order("Date DESC, name", ROW) == [("date", True), ("name", False)]


@pytest.mark.parametrize("text", ["Date SIDEWAYS", "Nonsense", "Date DESC ASC", ","])
def test_a_broken_order_is_a_syntax_error(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        parse_order(text, ROW)


@given(st.text(max_size=40))
def test_any_text_is_either_read_or_refused_as_a_syntax_error(text: str) -> None:
    with contextlib.suppress(QuerySyntaxError):
        parse_where(text, ROW)


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=20))
def test_a_quoted_text_finds_itself(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    row: dict[str, Any] = {"name": name}
    assert parse_where(f'Name=="{quoted}"', row).test(lambda column: row[column])
