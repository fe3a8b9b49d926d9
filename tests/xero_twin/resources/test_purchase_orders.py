"""Purchase orders: numbers, statuses and lists."""

from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages

GONE = ["PurchaseOrder status change is invalid", "Deleted PurchaseOrders cannot be updated"]
NOTHING = "00000000-0000-0000-0000-000000000000"


def edit(xero: Xero, order: dict[str, Any], **fields: object) -> dict[str, Any]:
    path = f"PurchaseOrders/{order['PurchaseOrderID']}"
    return xero.post(path, fields, summarizeErrors="false")["PurchaseOrders"][0]


def test_an_order_gets_a_number_and_its_accounts_tax(xero: Xero) -> None:
    order = xero.order()
    assert (order["PurchaseOrderNumber"], order["Type"], order["Status"]) == ("PO-0001", "PURCHASEORDER", "DRAFT")
    assert (order["LineItems"][0]["TaxType"], order["TotalTax"], order["Total"]) == ("INPUT2", 15, 115)


def test_unit_amounts_have_four_decimals_without_asking(xero: Xero) -> None:
    line = {"Description": "x", "Quantity": 10, "UnitAmount": "1.2345", "AccountCode": "300"}
    order = xero.order(LineItems=[line])
    assert (str(order["LineItems"][0]["UnitAmount"]), str(order["SubTotal"])) == ("1.2345", "12.35")


def test_post_with_the_number_of_a_live_order_edits_it(xero: Xero) -> None:
    order = xero.order(PurchaseOrderNumber="P-1")
    again = xero.order("POST", PurchaseOrderNumber="p-1", Reference="second")
    assert again["PurchaseOrderID"] == order["PurchaseOrderID"]
    assert messages(xero.order("PUT", PurchaseOrderNumber="P-1")) == ["Order number must be unique"]


def test_a_deleted_order_holds_its_number(xero: Xero) -> None:
    order = xero.order(PurchaseOrderNumber="P-1", Status="BILLED")
    assert edit(xero, order, Status="DELETED")["StatusAttributeString"] == "OK"
    refused = xero.order("POST", PurchaseOrderNumber="P-1")
    assert messages(refused) == GONE
    assert (refused["PurchaseOrderID"], refused["PurchaseOrderNumber"]) == (NOTHING, "P-1")
    assert messages(edit(xero, order, Reference="x")) == GONE


def test_renaming_while_deleting_frees_the_number(xero: Xero) -> None:
    order = xero.order(PurchaseOrderNumber="P-1")
    edit(xero, order, Status="DELETED", PurchaseOrderNumber="P-1x")
    assert not messages(xero.order("POST", PurchaseOrderNumber="P-1"))
    assert xero.get("PurchaseOrders/P-1X")["PurchaseOrders"][0]["Status"] == "DELETED"


def test_no_contact_is_made(xero: Xero) -> None:
    assert messages(xero.order(Contact={"Name": "Nobody"}))
    xero.contact("Bo", ContactNumber="B-1")
    assert xero.order(Contact={"ContactNumber": "B-1"})["Contact"]["Name"] == "Bo"


@pytest.mark.parametrize(
    "wrong",
    [
        {"LineItems": []},
        {"LineItems": [{"Description": "x", "Quantity": 2, "AccountCode": "300"}]},
        {"SentToContact": True},
        {"DeliveryInstructions": "x" * 501},
        {"CurrencyCode": "EUR"},
    ],
)
def test_what_an_order_cannot_be(xero: Xero, wrong: dict[str, Any]) -> None:
    assert messages(xero.order(**wrong))


def test_lists_are_always_paged_and_filter_by_status_and_date(xero: Xero) -> None:
    xero.order(Date="2026-10-01", Reference="a")
    xero.order(Date="2026-10-02", Reference="b", Status="AUTHORISED")
    xero.order(Date="2026-10-03", Reference="c", Status="AUTHORISED")
    answer = xero.get("PurchaseOrders")
    assert answer["pagination"]["itemCount"] == 3

    def found(**params: str) -> list[str]:
        return [one["Reference"] for one in xero.get("PurchaseOrders", order="Date", **params)["PurchaseOrders"]]

    assert found(Status="AUTHORISED") == ["b", "c"]
    assert found(DateFrom="2026-10-02", DateTo="2026-10-02") == ["b"]
    xero.read(xero.call("GET", "PurchaseOrders", params={"where": 'Status=="DRAFT"'}), 400)


def test_the_contacts_time_is_ahead_by_the_organisations_offset(xero: Xero) -> None:
    shown = xero.order()["Contact"]["UpdatedDateUTC"]
    held = xero.get("Contacts")["Contacts"][0]["UpdatedDateUTC"]
    ahead = int(shown[6:19]) - int(held[6:19])
    assert ahead == 13 * 3_600_000  # New Zealand in November
