"""Stock of tracked items: quantities and average cost, moved by documents, and posted as cost of goods sold."""

from decimal import Decimal
from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages


@pytest.fixture
def apple(xero: Xero) -> dict[str, Any]:
    """A tracked item, with ten bought at 2.00 each."""
    item = xero.item(
        InventoryAssetAccountCode="630",
        PurchaseDetails={"COGSAccountCode": "310", "UnitPrice": 2, "TaxType": "NONE"},
        SalesDetails={"UnitPrice": 5, "AccountCode": "200", "TaxType": "NONE"},
    )
    buy(xero, 10, 2)
    return item


def buy(xero: Xero, quantity: object, price: object, **fields: object) -> dict[str, Any]:
    return xero.invoice(Type="ACCPAY", LineItems=[line(quantity, UnitAmount=price)], **fields)


def sell(xero: Xero, quantity: object, **fields: object) -> dict[str, Any]:
    return xero.invoice(LineItems=[line(quantity)], **fields)


def line(quantity: object, **fields: object) -> dict[str, Any]:
    return {"ItemCode": "APPLE", "Description": "Apples", "Quantity": quantity, **fields}


def held(xero: Xero) -> tuple[Decimal, Decimal]:
    item = xero.get("Items/APPLE")["Items"][0]
    return item["QuantityOnHand"], item["TotalCostPool"]


def on(xero: Xero, account: str) -> Decimal:
    return xero.twin.trial_balance(xero.org.tenant_id).get(account, Decimal(0))


def test_bills_bring_stock_in_and_sales_take_it_out_at_average_cost(xero: Xero, apple: dict[str, Any]) -> None:
    buy(xero, 10, 4)
    assert held(xero) == (20, Decimal("60.00"))
    sell(xero, 5)
    assert held(xero) == (15, Decimal("45.00"))
    assert (on(xero, "310"), on(xero, "630")) == (Decimal("15.00"), Decimal("45.00"))
    assert sum(xero.twin.trial_balance(xero.org.tenant_id).values()) == 0


def test_the_last_one_out_takes_what_is_left_of_the_pool(xero: Xero, apple: dict[str, Any]) -> None:
    buy(xero, 1, "0.01")
    for _ in range(11):
        assert sell(xero, 1)["StatusAttributeString"] == "OK"
    assert held(xero) == (0, Decimal("0.00"))
    assert on(xero, "310") == Decimal("20.01")


def test_drafts_move_nothing_and_a_void_gives_everything_back(xero: Xero, apple: dict[str, Any]) -> None:
    sell(xero, 4, Status="DRAFT")
    assert held(xero) == (10, Decimal("20.00"))
    sold = sell(xero, 4)
    assert held(xero) == (6, Decimal("12.00"))
    xero.post(f"Invoices/{sold['InvoiceID']}", {"Status": "VOIDED"})
    assert held(xero) == (10, Decimal("20.00"))
    assert on(xero, "310") == 0


def test_an_edit_moves_only_the_difference(xero: Xero, apple: dict[str, Any]) -> None:
    sold = sell(xero, 4)
    xero.post(f"Invoices/{sold['InvoiceID']}", {"LineItems": [line(3)]})
    assert held(xero) == (7, Decimal("14.00"))
    xero.pay(xero.reread(sold))
    assert held(xero) == (7, Decimal("14.00"))


def test_stock_does_not_go_below_zero_unless_backorders_are_allowed(xero: Xero, apple: dict[str, Any]) -> None:
    refused = sell(xero, 11)
    assert messages(refused) == ["There is not enough stock of item 'APPLE': 10.0000 on hand."]
    assert held(xero) == (10, Decimal("20.00"))
    body = xero.invoice_body(LineItems=[line(11)])
    xero.put("Invoices", body, allowBackorders="true")
    item = xero.get("Items/APPLE")["Items"][0]
    assert (item["QuantityOnHand"], item["QuantityOnBackOrder"], item["QuantityAvailable"]) == (0, 1, -1)
    assert item["TotalCostPool"] == 0


def test_a_bill_whose_stock_was_sold_cannot_be_voided(xero: Xero, apple: dict[str, Any]) -> None:
    bill = buy(xero, 5, 2, InvoiceNumber="B")
    sell(xero, 12)
    answer = xero.post(f"Invoices/{bill['InvoiceID']}", {"Status": "VOIDED"}, summarizeErrors="false")
    assert answer["Invoices"][0]["StatusAttributeString"] == "ERROR"
    assert xero.reread(bill)["Status"] == "AUTHORISED"


def test_credit_notes_go_the_other_way_round(xero: Xero, apple: dict[str, Any]) -> None:
    sell(xero, 4)
    assert xero.credit_note(LineItems=[line(1)])["StatusAttributeString"] == "OK"
    assert held(xero) == (7, Decimal("14.00"))
    back = line(2, UnitAmount=2)
    assert xero.credit_note(Type="ACCPAYCREDIT", LineItems=[back])["StatusAttributeString"] == "OK"
    assert held(xero) == (5, Decimal("10.00"))


def test_money_spent_and_received_moves_stock_too(xero: Xero, apple: dict[str, Any]) -> None:
    spent = xero.bank("SPEND", LineItems=[line(5, UnitAmount=3, TaxType="NONE")])
    assert held(xero) == (15, Decimal("35.00"))
    xero.bank("RECEIVE", LineItems=[line(3, UnitAmount=9, TaxType="NONE")])
    assert held(xero) == (12, Decimal("28.00"))
    xero.post(f"BankTransactions/{spent['BankTransactionID']}", {"Status": "DELETED"})
    assert held(xero) == (7, Decimal("13.00"))


def test_a_purchase_of_a_tracked_item_lies_on_its_inventory_account(xero: Xero, apple: dict[str, Any]) -> None:
    wrong = xero.invoice(Type="ACCPAY", LineItems=[line(1, UnitAmount=2, AccountCode="300")])
    assert messages(wrong) == ["The line of tracked item 'APPLE' must be coded to its inventory account '630'."]


def test_a_foreign_purchase_costs_base_currency(xero: Xero, apple: dict[str, Any]) -> None:
    buy(xero, 10, 2, CurrencyCode="USD", CurrencyRate="0.5")
    assert held(xero) == (20, Decimal("60.00"))


def test_untracked_items_have_no_quantities(xero: Xero, apple: dict[str, Any]) -> None:
    xero.item("PEAR")
    assert not {"QuantityOnHand", "TotalCostPool"} & set(xero.get("Items/PEAR")["Items"][0])
