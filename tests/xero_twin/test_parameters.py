"""A filter that cannot be judged is refused, never left out quietly."""

import pytest

from tests.xero_twin.conftest import Xero

REFUSED = [
    ("Invoices", {"Statuses": "AUTHORISED,OPEN"}, "'OPEN' is no status of Invoices."),
    ("Invoices", {"IDs": "INV-0001"}, "The parameter ids takes ids"),
    ("Invoices", {"ContactIDs": "zzz"}, "takes ids"),
    ("Invoices", {"page": "first"}, "a whole number"),
    ("Invoices", {"pageSize": "many"}, "a whole number"),
    ("Invoices", {"unitdp": "3"}, "2 or 4"),
    ("Invoices", {"summaryOnly": "perhaps"}, "true or false"),
    ("Contacts", {"Statuses": "ACTIVE"}, "The list of Contacts does not take the parameter statuses."),
    ("PurchaseOrders", {"Status": "OPEN"}, "no status of PurchaseOrders"),
    ("PurchaseOrders", {"where": 'Status=="DRAFT"'}, "does not take the parameter where"),
    ("PurchaseOrders", {"DateFrom": "yesterday"}, "a day such as"),
    ("LinkedTransactions", {"Status": "OPEN"}, "no status of LinkedTransactions"),
]


@pytest.mark.parametrize(("resource", "params", "words"), REFUSED)
def test_a_list_is_never_longer_than_what_was_asked_for(
    xero: Xero, resource: str, params: dict[str, str], words: str
) -> None:
    body = xero.read(xero.call("GET", resource, params=params), 400)
    assert (body["ErrorNumber"], body["Type"]) == (16, "QueryParseException")
    assert words in body["Message"]
    assert xero.twin.journal[-1].status == 400


def test_a_moment_that_cannot_be_read_is_refused(xero: Xero) -> None:
    body = xero.read(xero.call("GET", "Invoices", headers={"If-Modified-Since": "yesterday"}), 400)
    assert "If-Modified-Since takes a moment" in body["Message"]


def test_a_write_says_true_or_false(xero: Xero) -> None:
    xero.read(xero.call("PUT", "Contacts", {"Name": "Ann"}, params={"summarizeErrors": "maybe"}), 400)
    assert xero.get("Contacts")["Contacts"] == []
