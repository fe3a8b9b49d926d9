"""Items: codes, prices, the two sides, and marking tracked ones."""

from decimal import Decimal

import pytest

from tests.xero_twin.conftest import Xero, messages

SALES = {"UnitPrice": "2.5551", "AccountCode": "200", "TaxType": "OUTPUT2"}
TRACKED = {"InventoryAssetAccountCode": "630", "PurchaseDetails": {"UnitPrice": 1, "COGSAccountCode": "310"}}


def refused(xero: Xero, **fields: object) -> list[str]:
    return messages(xero.put("Items", {"Code": "X", **fields}, summarizeErrors="false")["Items"][0])


def test_prices_have_two_decimals_and_four_when_asked(xero: Xero) -> None:
    assert str(xero.item("A", SalesDetails=SALES)["SalesDetails"]["UnitPrice"]) == "2.5551"
    assert str(xero.get("Items/A")["Items"][0]["SalesDetails"]["UnitPrice"]) == "2.56"
    rounded = xero.put("Items", {"Code": "B", "SalesDetails": SALES})["Items"][0]
    assert str(rounded["SalesDetails"]["UnitPrice"]) == "2.56"
    assert str(xero.get("Items/B", unitdp="4")["Items"][0]["SalesDetails"]["UnitPrice"]) == "2.5600"


def test_the_answer_to_a_write_has_its_time_without_offset(xero: Xero) -> None:
    item = xero.item("A")
    assert item["UpdatedDateUTC"] == "/Date(1793610000000)/"
    assert item["ValidationErrors"] == []
    assert xero.get("Items/A")["Items"][0]["UpdatedDateUTC"] == "/Date(1793610000000+0000)/"


def test_codes_are_unique_and_keep_their_case(xero: Xero) -> None:
    assert xero.item("Ab")["Code"] == "Ab"
    assert refused(xero, Code="Ab") == ["Price List Item with Code 'Ab' already exists"]


def test_post_updates_by_id_or_code(xero: Xero) -> None:
    item = xero.item("A", SalesDetails=SALES)
    by_code = xero.post("Items", {"Code": "A", "Name": "New"})["Items"][0]
    by_id = xero.post("Items", {"ItemID": item["ItemID"], "Code": "B"})["Items"][0]
    by_path = xero.post("Items/B", {"Description": "D"}, unitdp="4")["Items"][0]
    assert {by_code["ItemID"], by_id["ItemID"], by_path["ItemID"]} == {item["ItemID"]}
    assert (by_path["Code"], by_path["Name"], by_path["Description"]) == ("B", "New", "D")
    assert by_path["SalesDetails"]["UnitPrice"] == Decimal("2.5551")


def test_a_side_that_is_switched_off_loses_its_details(xero: Xero) -> None:
    item = xero.item("A", SalesDetails=SALES, IsSold=False, Description="gone")
    assert (item["SalesDetails"], item["IsSold"]) == ({}, False)
    assert "Description" not in item


@pytest.mark.parametrize(
    "fields",
    [
        {"Code": ""},
        {"Code": "x" * 31},
        {"Name": "x" * 51},
        {"SalesDetails": {"AccountCode": "nope"}},
        {"SalesDetails": {"TaxType": "nope"}},
        {"InventoryAssetAccountCode": "200", "PurchaseDetails": {"COGSAccountCode": "310"}},
        {"InventoryAssetAccountCode": "630"},
        {"PurchaseDetails": {"COGSAccountCode": "310"}},
    ],
)
def test_an_item_against_the_rules_is_refused(xero: Xero, fields: dict[str, object]) -> None:
    assert refused(xero, **fields)


def test_two_inventory_accounts_make_a_tracked_item_with_quantities(xero: Xero) -> None:
    item = xero.item("T", **TRACKED)
    assert item["IsTrackedAsInventory"] is True
    assert str(item["QuantityOnHand"]) == "0.0000"
    assert "QuantityOnHand" not in xero.item("U")


def test_a_used_item_cannot_become_tracked(xero: Xero) -> None:
    xero.item("A", SalesDetails=SALES)
    xero.invoice(LineItems=[{"ItemCode": "A", "Quantity": 1}])
    answer = xero.post("Items", {"Code": "A", **TRACKED}, summarizeErrors="false")["Items"][0]
    assert messages(answer)


def test_deleting_answers_204(xero: Xero) -> None:
    item = xero.item("A")
    answer = xero.call("DELETE", f"Items/{item['ItemID']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert xero.call("GET", "Items/A").status_code == 404


def test_more_than_500_in_one_call_are_refused(xero: Xero) -> None:
    sent = {"Items": [{"Code": f"I{number}"} for number in range(501)]}
    xero.put("Items", sent, 400)
    assert xero.get("Items")["Items"] == []


def test_where_and_lists(xero: Xero) -> None:
    xero.item("A", IsSold=False)
    xero.item("B")
    assert [one["Code"] for one in xero.get("Items", where="IsSold==true")["Items"]] == ["B"]
    assert [one["Code"] for one in xero.get("Items", where='Code=="a"')["Items"]] == ["A"]
