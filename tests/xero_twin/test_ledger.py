"""The ledger: what each document posts, that it always balances, and the trial balance in Xero's shape."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xero_twin.conftest import SCOPES, Xero
from xero_twin import ManualClock, Twin

D = Decimal


def balance(xero: Xero, day: date | None = None) -> dict[str, Decimal]:
    return xero.twin.trial_balance(xero.org.tenant_id, day)


def allocate(xero: Xero, resource: str, credit: dict[str, Any], invoice: dict[str, Any], amount: object) -> Any:
    body = {"Amount": amount, "Invoice": {"InvoiceID": invoice["InvoiceID"]}}
    answer = xero.put(f"{resource}/{credit['ID']}/Allocations", body, summarizeErrors="false")
    return answer["Allocations"][0]


def deposit(xero: Xero, kind: str, **fields: Any) -> dict[str, Any]:
    made = xero.bank(kind, **fields)
    resource, key = ("Overpayments", "OverpaymentID") if "OVER" in kind else ("Prepayments", "PrepaymentID")
    return xero.get(f"{resource}/{made[key]}")[resource][0]


def test_a_sales_invoice_and_its_payment(xero: Xero) -> None:
    invoice = xero.invoice()
    assert balance(xero) == {"610": D(115), "200": D(-100), "820": D(-15)}
    payment = xero.pay(invoice)
    assert balance(xero) == {"090": D(115), "200": D(-100), "820": D(-15)}
    assert balance(xero, date(2026, 11, 2)) == {"610": D(115), "200": D(-100), "820": D(-15)}
    assert balance(xero, date(2026, 11, 1)) == {}
    xero.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
    xero.post(f"Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"})
    assert balance(xero) == {}


def test_drafts_and_orders_post_nothing(xero: Xero) -> None:
    xero.invoice(Status="DRAFT")
    xero.invoice(Status="SUBMITTED")
    xero.credit_note(Status="DRAFT")
    xero.journal(Status="DRAFT")
    xero.order(Status="BILLED")
    assert balance(xero) == {}


def test_a_bill_of_inclusive_lines(xero: Xero) -> None:
    xero.invoice(Type="ACCPAY", LineAmountTypes="Inclusive")
    assert balance(xero) == {"800": D(-100), "300": D("86.96"), "820": D("13.04")}


def test_a_credit_note_set_off_leaves_what_was_not_credited(xero: Xero) -> None:
    invoice, note = xero.invoice(), xero.credit_note()
    assert balance(xero) == {}
    allocate(xero, "CreditNotes", note, invoice, 15)
    assert balance(xero) == {}
    xero.pay(invoice, 100)
    xero.pay(invoice, 100, Invoice=None, CreditNote={"CreditNoteID": note["ID"]})
    assert balance(xero) == {}


def test_a_foreign_payment_realises_the_gain(xero: Xero) -> None:
    invoice = xero.invoice(CurrencyCode="USD", CurrencyRate="0.50")
    assert balance(xero) == {"610": D(230), "200": D(-200), "820": D(-30)}
    xero.pay(invoice, 115, CurrencyRate="0.40")
    assert balance(xero) == {"090": D("287.50"), "200": D(-200), "820": D(-30), "499": D("-57.50")}


def test_a_bill_paid_with_a_bank_amount_realises_the_loss(xero: Xero) -> None:
    bill = xero.invoice(Type="ACCPAY", CurrencyCode="USD", CurrencyRate="0.50")
    xero.pay(bill, 115, BankAmount=240)
    assert balance(xero) == {"090": D(-240), "300": D(200), "820": D(30), "499": D(10)}


def test_part_payments_of_odd_rates_leave_no_cent_behind(xero: Xero) -> None:
    invoice = xero.invoice(CurrencyCode="USD", CurrencyRate="0.61")
    for amount in ("33.33", "33.33", "33.33", "15.01"):
        xero.pay(invoice, amount)
    assert xero.reread(invoice)["Status"] == "PAID"
    assert "610" not in balance(xero)


def test_an_allocation_between_two_rates_realises_the_gain(xero: Xero) -> None:
    invoice = xero.invoice(CurrencyCode="USD", CurrencyRate="0.50")
    note = xero.credit_note(CurrencyCode="USD", CurrencyRate="0.40")
    allocate(xero, "CreditNotes", note, invoice, 115)
    found = balance(xero)
    assert "610" not in found
    assert found["499"] == D("-57.50")  # a debt of 287.50 is settled with 230.00


def test_a_prepayment_goes_back_from_its_account_as_it_is_used(xero: Xero) -> None:
    line = {"Description": "x", "Quantity": 1, "UnitAmount": 230, "AccountCode": "835", "TaxType": "OUTPUT2"}
    held = deposit(xero, "RECEIVE-PREPAYMENT", LineItems=[line])
    assert balance(xero) == {"090": D(230), "835": D(-200), "820": D(-30)}
    allocate(xero, "Prepayments", held, xero.invoice(), 115)
    assert balance(xero) == {"090": D(230), "835": D(-100), "820": D(-30), "200": D(-100)}
    xero.pay({"InvoiceID": "", "AmountDue": 0}, 115, Invoice=None, Prepayment={"PrepaymentID": held["ID"]})
    assert balance(xero) == {"090": D(115), "820": D(-15), "200": D(-100)}


def test_overpayments_bank_transactions_transfers_and_journals(xero: Xero) -> None:
    held = deposit(xero, "SPEND-OVERPAYMENT")
    assert balance(xero) == {"090": D(-115), "800": D(115)}
    allocate(xero, "Overpayments", held, xero.invoice(Type="ACCPAY"), 115)
    assert balance(xero) == {"090": D(-115), "300": D(100), "820": D(15)}
    spent = xero.bank("SPEND")
    xero.journal()
    transfer = {"FromBankAccount": {"Code": "090"}, "ToBankAccount": {"Code": "091"}, "Amount": 70}
    made = xero.put("BankTransfers", transfer)["BankTransfers"][0]
    after = {"300": D(200), "820": D(30), "310": D(50), "640": D(-50)}
    assert balance(xero) == {**after, "090": D(-300), "091": D(70)}
    xero.post(f"BankTransfers/{made['BankTransferID']}", {"Status": "DELETED"})
    xero.post(f"BankTransactions/{spent['BankTransactionID']}", {"Status": "DELETED"})
    assert balance(xero) == {"090": D(-115), "300": D(100), "820": D(15), "310": D(50), "640": D(-50)}


def test_a_rounding_goes_to_the_rounding_account(xero: Xero) -> None:
    figures = {"RoundingAmount": "0.05", "SubTotal": 100, "TotalTax": 15, "Total": "115.05"}
    xero.invoice(**figures)
    assert balance(xero) == {"610": D("115.05"), "200": D(-100), "820": D(-15), "860": D("-0.05")}


# always zero

DEEDS = ("invoice", "bill", "note", "deposit", "over", "pay", "refund", "allocate", "release", "unpay", "void")
DEEDS += ("journal", "bank", "delete", "edit")
steps = st.lists(
    st.tuples(
        st.sampled_from(DEEDS),
        st.integers(0, 5),
        st.decimals(D("0.01"), 140, places=2),
        st.booleans(),
    ),
    max_size=25,
)
MONEY = {"CurrencyCode": "USD", "CurrencyRate": "0.61"}


class _Business:
    """Somebody who does things in any order and does not mind refusals."""

    def __init__(self, xero: Xero) -> None:
        self.xero = xero
        contact = {"ContactID": xero.contact(f"Someone {len(xero.org.contacts)}")["ContactID"]}
        self.contact = contact
        self.made: dict[str, list[Any]] = {"Invoices": [], "CreditNotes": [], "Prepayments": [], "Overpayments": []}
        self.payments: list[Any] = []
        self.allocations: list[tuple[str, str, Any]] = []

    def do(self, step: tuple[str, int, Decimal, bool], foreign: bool) -> None:
        what, at, amount, abroad = step
        getattr(self, f"_{what}")(at, amount, MONEY if foreign and abroad else {})

    def _line(self, amount: Decimal, account: str) -> list[dict[str, Any]]:
        return [{"Description": "x", "Quantity": 3, "UnitAmount": amount, "AccountCode": account}]

    def _invoice(self, _at: int, amount: Decimal, money: Any) -> None:
        lines = self._line(amount, "200")
        self.made["Invoices"].append(self.xero.invoice(Contact=self.contact, LineItems=lines, **money))

    def _bill(self, _at: int, amount: Decimal, money: Any) -> None:
        lines = self._line(amount, "300")
        self.made["Invoices"].append(self.xero.invoice(Type="ACCPAY", Contact=self.contact, LineItems=lines, **money))

    def _note(self, _at: int, amount: Decimal, money: Any) -> None:
        money = {**money, "CurrencyRate": "0.57"} if money else {}
        lines = self._line(amount, "200")
        self.made["CreditNotes"].append(self.xero.credit_note(Contact=self.contact, LineItems=lines, **money))

    def _deposit(self, _at: int, amount: Decimal, _money: Any) -> None:
        made = deposit(self.xero, "RECEIVE-PREPAYMENT", Contact=self.contact, LineItems=self._line(amount, "835"))
        self.made["Prepayments"].append(made)

    def _over(self, _at: int, amount: Decimal, money: Any) -> None:
        lines = self._line(amount, "800")
        made = deposit(self.xero, "SPEND-OVERPAYMENT", Contact=self.contact, LineItems=lines, **money)
        self.made["Overpayments"].append(made)

    def _pay(self, at: int, amount: Decimal, money: Any) -> None:
        if at < len(self.made["Invoices"]):
            rate = {"CurrencyRate": "0.59"} if money else {}
            self.payments.append(self.xero.pay(self.made["Invoices"][at], amount, **rate))

    def _any_credit(self, at: int) -> tuple[str, Any] | None:
        found = [(kind, one) for kind in list(self.made)[1:] for one in self.made[kind]]
        return found[at] if at < len(found) else None

    def _refund(self, at: int, amount: Decimal, _money: Any) -> None:
        if found := self._any_credit(at):
            kind = found[0][:-1]
            named = {kind: {f"{kind}ID": found[1]["ID"]}}
            self.payments.append(self.xero.pay({"InvoiceID": "", "AmountDue": 0}, amount, Invoice=None, **named))

    def _allocate(self, at: int, amount: Decimal, _money: Any) -> None:
        for invoice in self.made["Invoices"]:
            if found := self._any_credit(at):
                made = allocate(self.xero, found[0], found[1], invoice, amount)
                if made["StatusAttributeString"] == "OK":
                    self.allocations.append((found[0], found[1]["ID"], made["AllocationID"]))
                    return

    def _release(self, _at: int, _amount: Decimal, _money: Any) -> None:
        if self.allocations:
            kind, credit, allocation = self.allocations.pop()
            assert self.xero.call("DELETE", f"{kind}/{credit}/Allocations/{allocation}").status_code == 200

    def _unpay(self, _at: int, _amount: Decimal, _money: Any) -> None:
        if self.payments:
            self.xero.call("POST", f"Payments/{self.payments.pop()['PaymentID']}", {"Status": "DELETED"})

    def _void(self, at: int, _amount: Decimal, money: Any) -> None:
        resource, key = ("CreditNotes", "CreditNoteID") if money else ("Invoices", "InvoiceID")
        if at < len(self.made[resource]):
            self.xero.call("POST", f"{resource}/{self.made[resource][at][key]}", {"Status": "VOIDED"})

    def _edit(self, at: int, amount: Decimal, _money: Any) -> None:
        if at < len(self.made["Invoices"]):
            path = f"Invoices/{self.made['Invoices'][at]['InvoiceID']}"
            self.xero.call("POST", path, {"LineItems": self._line(amount, "260")})

    def _journal(self, _at: int, amount: Decimal, _money: Any) -> None:
        lines = [{"LineAmount": amount, "AccountCode": "310"}, {"LineAmount": -amount, "AccountCode": "640"}]
        self.xero.journal(JournalLines=lines)

    def _bank(self, _at: int, amount: Decimal, _money: Any) -> None:
        self.xero.bank(LineItems=self._line(amount, "425"), Contact=self.contact)

    def _delete(self, _at: int, _amount: Decimal, _money: Any) -> None:
        for one in self.xero.get("BankTransactions")["BankTransactions"][:1]:
            self.xero.call("POST", f"BankTransactions/{one['BankTransactionID']}", {"Status": "DELETED"})


@contextmanager
def fresh() -> Iterator[Xero]:
    twin = Twin(clock=ManualClock(datetime(2026, 11, 2, 9, tzinfo=UTC)), limits=None)
    org = twin.add_organisation("Demo Company", currencies=("USD",))
    with httpx2.Client(transport=twin.transport()) as http:
        xero = Xero(twin, org, http)
        xero.sign_in()
        yield xero


@settings(deadline=None, max_examples=40)
@given(steps, st.booleans())
def test_the_trial_balance_sums_to_zero_whatever_is_done(
    done: list[tuple[str, int, Decimal, bool]], foreign: bool
) -> None:
    with fresh() as xero:
        business = _Business(xero)
        for step in done:
            business.do(step, foreign)
        for day in (None, date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)):
            assert sum(balance(xero, day).values(), D(0)) == 0
        if not foreign:
            assert balance(xero).get("610", D(0)) == open_receivables(xero)


def open_receivables(xero: Xero) -> Decimal:
    """Receivables as the documents themselves say: what is due less what is left of credit notes."""
    live = ("AUTHORISED", "PAID")
    due = sum((one.amount_due for one in xero.org.invoices if one.type == "ACCREC" and one.status in live), D(0))
    return due - sum((one.remaining for one in xero.org.credit_notes if one.status in live), D(0))


# the report


def rows(xero: Xero, **params: str) -> dict[str, list[str]]:
    """The accounts' rows of the report by their name; the totals under `Total`."""
    report = xero.get("Reports/TrialBalance", **params)["Reports"][0]
    assert report["Rows"][0]["Cells"][3]["Value"] == "YTD Debit"
    found = {}
    for section in report["Rows"][1:]:
        for row in section["Rows"]:
            texts = [cell["Value"] for cell in row["Cells"]]
            found[texts[0]] = texts[1:]
    return found


@pytest.fixture
def reader(xero: Xero) -> Xero:
    xero.sign_in(SCOPES + " accounting.reports.trialbalance.read")
    return xero


def test_the_report_has_a_row_for_each_account_and_totals(reader: Xero) -> None:
    reader.invoice()
    found = rows(reader, date="2026-11-30")
    assert found["Sales (200)"] == ["", "100.00", "", "100.00"]
    assert found["Accounts Receivable (610)"] == ["115.00", "", "115.00", ""]
    assert found["Total"] == ["115.00"] * 4
    assert list(rows(reader, date="2026-11-01")) == ["Total"]
    reader.invoice(Date="2026-10-02", DueDate="2026-12-01")
    assert rows(reader)["Sales (200)"] == ["", "100.00", "", "200.00"]


def test_last_years_result_lies_in_retained_earnings(reader: Xero) -> None:
    reader.invoice(Date="2026-03-31")
    found = rows(reader)
    assert "Sales (200)" not in found
    assert found["Retained Earnings (960)"] == ["", "", "", "100.00"]
    assert rows(reader, date="2026-03-31")["Sales (200)"] == ["", "100.00", "", "100.00"]


def test_the_report_takes_a_day_and_nothing_else(reader: Xero) -> None:
    assert reader.get("Reports/TrialBalance", date="2026-11-02")["Reports"][0]["ReportDate"] == "2 November 2026"
    for name in ("paymentsOnly", "dat"):
        answer = reader.call("GET", "Reports/TrialBalance", params={name: "true"})
        assert (answer.status_code, answer.json()["ErrorNumber"]) == (400, 16)


def test_the_report_needs_its_scope(xero: Xero) -> None:
    assert xero.call("GET", "Reports/TrialBalance").status_code == 401
