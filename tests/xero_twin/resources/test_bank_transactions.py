"""Money spent and received, and the prepayments, overpayments and transfers made of it."""

from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages
from xero_twin import Organisation

LINE = {"Description": "x", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200"}


def edit(xero: Xero, found: dict[str, Any], **fields: object) -> dict[str, Any]:
    path = f"BankTransactions/{found['BankTransactionID']}"
    return xero.post(path, fields, summarizeErrors="false")["BankTransactions"][0]


def deposit(xero: Xero, kind: str = "RECEIVE-PREPAYMENT", **fields: Any) -> dict[str, Any]:
    """The prepayment or overpayment that a bank transaction made."""
    resource, key = ("Overpayments", "OverpaymentID") if "OVER" in kind else ("Prepayments", "PrepaymentID")
    made = xero.bank(kind, **fields)
    assert key in made, made
    return xero.get(f"{resource}/{made[key]}")[resource][0]


def test_amounts_include_tax_unless_said_otherwise(xero: Xero) -> None:
    found = xero.bank()
    assert (found["LineAmountTypes"], found["Status"], found["IsReconciled"]) == ("Inclusive", "AUTHORISED", False)
    assert (found["SubTotal"], found["TotalTax"], found["Total"]) == (100, 15, 115)
    assert str(xero.bank(LineAmountTypes="Exclusive")["TotalTax"]) == "17.25"


@pytest.mark.parametrize(
    "wrong",
    [
        {"BankAccount": {"Code": "200"}},
        {"BankAccount": {"Code": "nope"}},
        {"BankAccount": None},
        {"Contact": None},
        {"LineItems": []},
        {"LineItems": [{**LINE, "UnitAmount": 0}]},
        {"LineItems": [{**LINE, "Quantity": 0}]},
        {"LineItems": [{**LINE, "UnitAmount": -1}]},
        {"LineItems": [{**LINE, "TaxAmount": 3}]},
        {"Status": "DELETED"},
        {"Type": "SPEND-TRANSFER"},
    ],
)
def test_what_cannot_be_a_bank_transaction_is_refused(xero: Xero, wrong: dict[str, Any]) -> None:
    assert messages(xero.bank(**wrong))
    assert xero.get("BankTransactions")["BankTransactions"] == []


def test_deleting_is_final_and_lists_still_show_it(xero: Xero) -> None:
    found = xero.bank(Reference="R-1")
    assert edit(xero, found, Reference="R-2")["Reference"] == "R-2"
    assert edit(xero, found, Status="DELETED")["StatusAttributeString"] == "OK"
    assert messages(edit(xero, found, Reference="R-3"))
    listed = xero.get("BankTransactions", where='Reference=="r-2"', page="1")["BankTransactions"]
    assert [one["Status"] for one in listed] == ["DELETED"]


def test_a_reconciled_one_says_deleted_but_is_not(xero: Xero) -> None:
    found = xero.bank(IsReconciled=True)
    failed = edit(xero, found, Status="DELETED")
    assert (failed["Status"], failed["StatusAttributeString"]) == ("DELETED", "ERROR")
    assert messages(failed)[0].endswith("cannot be edited as it has been reconciled with a Bank Statement")
    read = xero.get(f"BankTransactions/{found['BankTransactionID']}")["BankTransactions"][0]
    assert read["Status"] == "AUTHORISED"


def test_a_prepayment_is_set_off_and_refunded(xero: Xero) -> None:
    held, invoice = deposit(xero, Reference="D-1"), xero.invoice()
    assert (held["Status"], held["RemainingCredit"], held["Type"]) == ("AUTHORISED", 115, "RECEIVE-PREPAYMENT")
    path = f"Prepayments/{held['PrepaymentID']}/Allocations"
    body = {"Amount": 15, "Invoice": {"InvoiceID": invoice["InvoiceID"]}}
    made = xero.put(path, body)["Allocations"][0]
    assert xero.reread(invoice)["Prepayments"][0]["AppliedAmount"] == 15
    paid = xero.pay(invoice, 100, Invoice=None, Prepayment={"PrepaymentID": held["PrepaymentID"]})
    assert paid["PaymentType"] == "ARPREPAYMENTPAYMENT"
    assert xero.get("Prepayments", References="d-1")["Prepayments"][0]["Status"] == "PAID"
    assert xero.get("Prepayments", References="d-2")["Prepayments"] == []
    assert xero.read(xero.call("DELETE", f"{path}/{made['AllocationID']}"))["IsDeleted"] is True
    assert xero.get(f"Prepayments/{held['PrepaymentID']}")["Prepayments"][0]["RemainingCredit"] == 15
    assert xero.reread(invoice)["Prepayments"] == []


@pytest.mark.parametrize(
    ("kind", "account", "refund"),
    [
        ("RECEIVE-OVERPAYMENT", "610", "AROVERPAYMENTPAYMENT"),
        ("SPEND-OVERPAYMENT", "800", "APOVERPAYMENTPAYMENT"),
    ],
)
def test_an_overpayment_lies_on_the_control_account_without_tax(
    xero: Xero, kind: str, account: str, refund: str
) -> None:
    held = deposit(xero, kind)
    assert (held["LineItems"][0]["AccountCode"], held["TotalTax"], held["Total"]) == (account, 0, 115)
    paid = xero.pay({"AmountDue": 1, "InvoiceID": ""}, 5, Invoice=None, Overpayment={"OverpaymentID": held["ID"]})
    assert (paid["PaymentType"], paid["Overpayment"]["OverpaymentID"]) == (refund, held["ID"])
    assert messages(xero.bank(kind, LineItems=[LINE, LINE]))


def test_what_made_a_prepayment_cannot_be_edited_as_a_bank_transaction(xero: Xero) -> None:
    assert messages(edit(xero, xero.bank("SPEND-PREPAYMENT"), Status="DELETED"))
    assert xero.call("PUT", "Prepayments", {"Type": "RECEIVE-PREPAYMENT"}).status_code == 501


def test_a_supplier_prepayment_goes_with_bills_only(xero: Xero) -> None:
    held = deposit(xero, "SPEND-PREPAYMENT")
    path = f"Prepayments/{held['ID']}/Allocations"
    for invoice, fits in ((xero.invoice(), False), (xero.invoice(Type="ACCPAY"), True)):
        body = {"Amount": 1, "Invoice": {"InvoiceID": invoice["InvoiceID"]}}
        assert bool(messages(xero.put(path, body, summarizeErrors="false")["Allocations"][0])) is not fits


def transfer(xero: Xero, **fields: Any) -> dict[str, Any]:
    body = {"FromBankAccount": {"Code": "090"}, "ToBankAccount": {"Code": "091"}, "Amount": 50, **fields}
    return xero.put("BankTransfers", body, summarizeErrors="false")["BankTransfers"][0]


def test_a_transfer_has_its_two_bank_transactions_which_go_with_it(xero: Xero) -> None:
    made = transfer(xero, Reference="T-1", Date="2026-11-02")
    halves = {one["Type"]: one for one in xero.get("BankTransactions", page="1")["BankTransactions"]}
    assert halves["SPEND-TRANSFER"]["BankTransactionID"] == made["FromBankTransactionID"]
    assert halves["RECEIVE-TRANSFER"]["BankAccount"]["Code"] == "091"
    assert messages(edit(xero, halves["SPEND-TRANSFER"], Status="DELETED"))
    gone = xero.post("BankTransfers", {"BankTransferID": made["BankTransferID"], "Status": "DELETED"})
    assert gone["BankTransfers"][0]["Status"] == "DELETED"
    assert xero.get("BankTransfers")["BankTransfers"] == []
    assert [one["Amount"] for one in xero.get("BankTransfers", includeDeleted="true")["BankTransfers"]] == [50]
    assert {one["Status"] for one in xero.get("BankTransactions")["BankTransactions"]} == {"DELETED"}


@pytest.mark.parametrize(
    "wrong",
    [{"Amount": 0}, {"Amount": None}, {"ToBankAccount": {"Code": "090"}}, {"ToBankAccount": {"Code": "200"}}],
)
def test_a_transfer_needs_an_amount_and_two_bank_accounts(xero: Xero, wrong: dict[str, Any]) -> None:
    assert messages(transfer(xero, **wrong))


def test_a_transfer_stays_within_one_currency_and_only_goes_away(xero: Xero, org: Organisation) -> None:
    account = {"Name": "Dollars", "Type": "BANK", "BankAccountNumber": "1", "CurrencyCode": "USD", "Code": "099"}
    xero.put("Accounts", account)
    assert messages(transfer(xero, ToBankAccount={"Code": "099"}))
    made = transfer(xero)
    path = f"BankTransfers/{made['BankTransferID']}"
    assert messages(xero.post(path, {"Amount": 60}, summarizeErrors="false")["BankTransfers"][0])
    assert not messages(xero.post(path, {"Status": "DELETED"}, summarizeErrors="false")["BankTransfers"][0])
    assert messages(xero.post(path, {"Status": "DELETED"}, summarizeErrors="false")["BankTransfers"][0])
