"""Lists: pages, filters, order, If-Modified-Since."""

from datetime import timedelta
from typing import Any

import pytest

from tests.xero_twin.conftest import Xero
from xero_twin import ManualClock


@pytest.fixture
def books(xero: Xero, clock: ManualClock) -> Xero:
    """Twelve sales invoices S-01 … S-12 of 1 to 12 dollars, one a minute, S-11 voided, S-12 a draft."""
    xero.contact("Ann Example", EmailAddress="ann@example.com")
    for number in range(1, 13):
        clock.advance(60)
        line = {"Description": "x", "UnitAmount": number, "AccountCode": "200", "TaxType": "NONE"}
        xero.invoice(
            InvoiceNumber=f"S-{number:02d}",
            Reference=f"Order {number}",
            Date=f"2026-10-{number:02d}",
            Status="DRAFT" if number == 12 else "AUTHORISED",
            LineItems=[line],
        )
    xero.post("Invoices", {"InvoiceNumber": "S-11", "Status": "VOIDED"})
    return xero


def numbers(body: dict[str, Any]) -> list[str]:
    return [one["InvoiceNumber"] for one in body["Invoices"]]


def test_a_page_tells_where_it_is(books: Xero) -> None:
    body = books.get("Invoices", page="2", pageSize="5")
    assert list(body)[:5] == ["Id", "Status", "ProviderName", "DateTimeUTC", "pagination"]
    assert body["pagination"] == {"page": 2, "pageSize": 5, "pageCount": 3, "itemCount": 12}
    assert numbers(body) == ["S-06", "S-07", "S-08", "S-09", "S-10"]


@pytest.mark.parametrize(("asked", "size"), [("0", 1), ("-5", 1), ("5000", 1000)])
def test_a_page_size_is_adjusted_not_refused(books: Xero, asked: str, size: int) -> None:
    assert books.get("Invoices", page="1", pageSize=asked)["pagination"]["pageSize"] == size


def test_a_page_past_the_end_is_empty(books: Xero) -> None:
    body = books.get("Invoices", page="9")
    assert (body["Invoices"], body["pagination"]["itemCount"]) == ([], 12)


def test_without_a_page_everything_comes_without_lines(books: Xero) -> None:
    body = books.get("Invoices")
    assert "pagination" not in body
    assert len(body["Invoices"]) == 12
    assert "LineItems" not in body["Invoices"][0]


def test_the_default_order_is_by_last_change(books: Xero, clock: ManualClock) -> None:
    clock.advance(60)
    books.post("Invoices", {"InvoiceNumber": "S-03", "Reference": "changed"})
    found = numbers(books.get("Invoices", page="1"))
    assert (found[0], found[1], found[2], found[-1]) == ("S-01", "S-02", "S-04", "S-03")


@pytest.mark.parametrize(
    ("order", "first"),
    [("Date DESC", "S-12"), ("InvoiceNumber", "S-01"), ("Total desc", "S-12"), ("Status ASC, Date DESC", "S-10")],
)
def test_an_order_is_followed(books: Xero, order: str, first: str) -> None:
    assert numbers(books.get("Invoices", page="1", order=order))[0] == first


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('InvoiceNumber=="s-03"', ["S-03"]),
        ('Status=="VOIDED"', ["S-11"]),
        ('Type=="ACCREC" AND Date>=DateTime(2026,10,09) AND Date<DateTime(2026,10,11)', ["S-09", "S-10"]),
        ('Contact.Name=="ANN EXAMPLE" AND Total>11', ["S-12"]),
        ('Reference.StartsWith("order 1") AND Total<11', ["S-01", "S-10"]),
        ("AmountDue==3 OR AmountDue==4", ["S-03", "S-04"]),
        ('InvoiceNumber=="S-01" OR InvoiceNumber=="S-02"', ["S-01", "S-02"]),
        ('Contact.ContactID==guid("5d5b5d5b-0000-4000-a000-500500500500")', []),
    ],
)
def test_where_picks_its_records(books: Xero, where: str, found: list[str]) -> None:
    body = books.get("Invoices", page="1", where=where)
    assert sorted(numbers(body)) == found
    assert body["pagination"]["itemCount"] == len(found)


def test_where_by_id_and_by_contact(books: Xero) -> None:
    first = books.get("Invoices", page="1")["Invoices"][0]
    where = f'InvoiceID==guid("{first["InvoiceID"].upper()}")'
    assert numbers(books.get("Invoices", where=where)) == ["S-01"]
    where = f'Contact.ContactID==guid("{first["Contact"]["ContactID"]}") AND Total==2'
    assert numbers(books.get("Invoices", where=where)) == ["S-02"]


@pytest.mark.parametrize("params", [{"where": "Nonsense==1"}, {"where": 'Status=="'}, {"order": "Nonsense"}])
def test_a_broken_query_is_number_16(books: Xero, params: dict[str, str]) -> None:
    body = books.read(books.call("GET", "Invoices", params=params), 400)
    assert (body["ErrorNumber"], body["Type"]) == (16, "QueryParseException")


def test_lists_of_ids_numbers_contacts_and_statuses(books: Xero) -> None:
    every = {one["InvoiceNumber"]: one["InvoiceID"] for one in books.get("Invoices")["Invoices"]}
    ids = f"{every['S-02']},{every['S-04']},5d5b5d5b-0000-4000-a000-500500500500"
    assert sorted(numbers(books.get("Invoices", IDs=ids))) == ["S-02", "S-04"]
    assert sorted(numbers(books.get("Invoices", InvoiceNumbers="S-02,s-11"))) == ["S-02", "S-11"]
    contact = books.get("Contacts")["Contacts"][0]["ContactID"]
    assert len(books.get("Invoices", ContactIDs=contact)["Invoices"]) == 12
    body = books.get("Invoices", Statuses="VOIDED,DRAFT")
    assert sorted(numbers(body)) == ["S-11", "S-12"]
    assert "pagination" in body  # Statuses forces paging, and so brings the lines
    assert "LineItems" in body["Invoices"][0]


def test_parameters_are_combined(books: Xero) -> None:
    found = books.get("Invoices", InvoiceNumbers="S-02,S-11", Statuses="VOIDED", where="Total>1")
    assert numbers(found) == ["S-11"]


def test_a_search_term_looks_at_number_and_reference(books: Xero) -> None:
    assert sorted(numbers(books.get("Invoices", page="1", searchTerm="ORDER 1"))) == ["S-01", "S-10", "S-11", "S-12"]
    assert numbers(books.get("Invoices", page="1", searchTerm="s-07")) == ["S-07"]


def test_a_summary_is_short_and_paged(books: Xero) -> None:
    body = books.get("Invoices", summaryOnly="True")
    assert "pagination" in body
    assert not {"LineItems", "Payments", "HasAttachments"} & set(body["Invoices"][0])


def test_if_modified_since_takes_whole_seconds_with_or_without_offset(books: Xero, clock: ManualClock) -> None:
    edge = clock.now() - timedelta(minutes=2)
    for text in (edge.strftime("%Y-%m-%dT%H:%M:%S"), edge.isoformat()):
        answer = books.call("GET", "Invoices?page=1", headers={"If-Modified-Since": text})
        body = books.read(answer)
        assert sorted(numbers(body)) == ["S-10", "S-11", "S-12"]
        assert body["pagination"]["itemCount"] == 3


def test_if_modified_since_goes_with_filters(books: Xero, clock: ManualClock) -> None:
    headers = {"If-Modified-Since": (clock.now() - timedelta(minutes=2)).isoformat()}
    body = books.read(books.call("GET", "Invoices?page=1&where=Total>10", headers=headers))
    assert sorted(numbers(body)) == ["S-11", "S-12"]


def test_nothing_modified_is_an_empty_list(books: Xero, clock: ManualClock) -> None:
    headers = {"If-Modified-Since": (clock.now() + timedelta(minutes=1)).isoformat()}
    assert books.read(books.call("GET", "Invoices", headers=headers))["Invoices"] == []


def test_tax_rates_do_not_take_if_modified_since(books: Xero, clock: ManualClock) -> None:
    headers = {"If-Modified-Since": (clock.now() + timedelta(days=1)).isoformat()}
    assert books.read(books.call("GET", "TaxRates", headers=headers))["TaxRates"]


def test_a_list_of_more_than_100000_records_needs_paging(books: Xero, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xero_twin.reading.LARGEST_LIST", 11)
    assert books.call("GET", "Invoices").status_code == 400
    assert books.call("GET", "Invoices?where=Total>0").status_code == 400
    assert books.call("GET", "Invoices?page=1").status_code == 200


def test_documents_created_by_the_app_can_be_asked_for(books: Xero) -> None:
    assert len(books.get("Invoices", page="1", createdByMyApp="true")["Invoices"]) == 12


def test_a_loop_over_pages_sees_every_record_once(books: Xero) -> None:
    seen = [one for page in range(1, 5) for one in numbers(books.get("Invoices", page=str(page), pageSize="4"))]
    assert sorted(seen) == [f"S-{number:02d}" for number in range(1, 13)]
