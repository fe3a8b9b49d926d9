"""Payments: amounts, status, and the way back."""

from decimal import Decimal

import pytest

from tests.xero_twin.conftest import Xero, messages
from xero_twin import ManualClock

TOO_MUCH = "Payment amount exceeds the amount outstanding on this document"


def test_a_part_payment_leaves_the_rest_due(xero: Xero) -> None:
    invoice = xero.invoice()
    xero.pay(invoice, "15.00")
    held = xero.reread(invoice)
    assert (held["Status"], held["AmountDue"], held["AmountPaid"]) == ("AUTHORISED", Decimal(100), Decimal(15))
    assert "FullyPaidOnDate" not in held


def test_the_last_payment_turns_the_document_paid(xero: Xero) -> None:
    invoice = xero.invoice()
    xero.pay(invoice, 15)
    payment = xero.pay(invoice, 100, Date="2026-11-05", Reference="second")
    held = xero.reread(invoice)
    assert (held["Status"], held["AmountDue"]) == ("PAID", 0)
    assert held["FullyPaidOnDate"] == "/Date(1793836800000+0000)/"
    assert held["Payments"][1] == {
        "PaymentID": payment["PaymentID"],
        "Date": "/Date(1793836800000+0000)/",
        "Amount": Decimal(100),
        "Reference": "second",
        "CurrencyRate": Decimal(1),
        "HasAccount": False,
        "HasValidationErrors": False,
    }


def test_deleting_a_payment_turns_the_document_back(xero: Xero, clock: ManualClock) -> None:
    invoice = xero.invoice()
    payment = xero.pay(invoice)
    clock.advance(60)
    answer = xero.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
    assert answer["Payments"][0]["Status"] == "DELETED"
    held = xero.reread(invoice)
    assert (held["Status"], held["AmountDue"], held["AmountPaid"]) == ("AUTHORISED", Decimal(115), 0)
    assert "Payments" not in held
    assert held["UpdatedDateUTC"] > invoice["UpdatedDateUTC"]
    assert [one["Status"] for one in xero.get("Payments")["Payments"]] == ["DELETED"]
    assert messages(
        xero.read(xero.call("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"}), 400)["Elements"][0]
    )


def test_nothing_but_deleting_can_be_done_to_a_payment(xero: Xero) -> None:
    payment = xero.pay(xero.invoice())
    answer = xero.post(f"Payments/{payment['PaymentID']}", {"Reference": "x"}, summarizeErrors="false")
    assert messages(answer["Payments"][0])


@pytest.mark.parametrize("amount", ["115.01", "1000"])
def test_more_than_is_due_is_refused(xero: Xero, amount: str) -> None:
    assert messages(xero.pay(xero.invoice(), amount)) == [TOO_MUCH]


def test_two_payments_in_one_call_cannot_exceed_what_is_due(xero: Xero) -> None:
    invoice = xero.invoice()
    one = {
        "Invoice": {"InvoiceID": invoice["InvoiceID"]},
        "Account": {"Code": "090"},
        "Date": "2026-11-03",
        "Amount": 60,
    }
    found = xero.put("Payments", {"Payments": [one, one]}, summarizeErrors="false")["Payments"]
    assert [one["StatusAttributeString"] for one in found] == ["OK", "ERROR"]
    assert messages(found[1]) == [TOO_MUCH]


@pytest.mark.parametrize("amount", [0, -5])
def test_an_amount_is_more_than_zero(xero: Xero, amount: int) -> None:
    assert messages(xero.pay(xero.invoice(), amount))


def test_only_authorised_documents_can_be_paid(xero: Xero) -> None:
    draft = xero.invoice(Status="DRAFT")
    assert messages(xero.pay(draft)) == ["Payments can only be made against Authorised documents"]


@pytest.mark.parametrize(
    ("account", "fits"),
    [
        ({"Code": "090"}, True),
        ({"Code": "835"}, True),  # payments to it are enabled
        ({"Code": "200"}, False),
        ({"Code": "nope"}, False),
        ({}, False),
    ],
)
def test_the_account_is_a_bank_account_or_takes_payments(xero: Xero, account: dict[str, str], fits: bool) -> None:
    assert bool(messages(xero.pay(xero.invoice(), 1, Account=account))) is not fits


def test_a_document_can_be_named_by_its_number(xero: Xero) -> None:
    xero.invoice(InvoiceNumber="S-1")
    paid = xero.pay({"InvoiceID": "", "AmountDue": 5}, Invoice={"InvoiceNumber": "s-1"})
    assert paid["Invoice"]["InvoiceNumber"] == "S-1"
    missing = xero.pay({"InvoiceID": "", "AmountDue": 5}, Invoice={"InvoiceNumber": "S-9"})
    assert messages(missing) == ["Invoice with invoice number S-9 does not exist for this organisation"]


def test_a_payment_shows_its_account_and_a_short_invoice(xero: Xero) -> None:
    payment = xero.pay(xero.invoice(Type="ACCPAY", InvoiceNumber="B-1"))
    shown = xero.get(f"Payments/{payment['PaymentID']}")["Payments"][0]
    assert (shown["PaymentType"], shown["Status"], shown["HasAccount"]) == ("ACCPAYPAYMENT", "AUTHORISED", True)
    assert shown["Account"]["Code"] == "090"
    assert (shown["Invoice"]["InvoiceNumber"], shown["Invoice"]["LineItems"]) == ("B-1", [])


def test_payments_are_found_by_their_invoice(xero: Xero) -> None:
    first, second = xero.invoice(), xero.invoice()
    xero.pay(first, 1, Reference="one")
    xero.pay(second, 2, Reference="two")
    where = f'Invoice.InvoiceID==guid("{second["InvoiceID"]}") AND Status=="AUTHORISED"'
    found = xero.get("Payments", where=where)["Payments"]
    assert [(one["Reference"], one["Amount"]) for one in found] == [("two", Decimal(2))]


def test_post_creates_only_the_first(xero: Xero) -> None:
    invoice = xero.invoice()
    body = {
        "Invoice": {"InvoiceID": invoice["InvoiceID"]},
        "Account": {"Code": "090"},
        "Date": "2026-11-03",
        "Amount": 1,
    }
    xero.post("Payments", {"Payments": [body, body]})
    assert xero.reread(invoice)["AmountPaid"] == 1


def test_a_payment_needs_a_date_outside_a_locked_period(xero: Xero) -> None:
    from datetime import date

    invoice = xero.invoice()
    assert messages(xero.pay(invoice, 1, Date=None))
    xero.org.period_lock_date = date(2026, 10, 31)
    assert "period lock date" in messages(xero.pay(invoice, 1, Date="2026-10-31"))[0]
    assert not messages(xero.pay(invoice, 1, Date="2026-11-01"))


def test_a_foreign_payment_takes_the_rate_of_its_document(xero: Xero) -> None:
    payment = xero.pay(xero.invoice(CurrencyCode="USD", CurrencyRate="0.61"), 10)
    assert str(payment["CurrencyRate"]) == "0.6100000000"
