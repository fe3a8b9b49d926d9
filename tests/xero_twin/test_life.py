"""Any life of the books: documents made, edited, paid, credited, voided in any order. After every step the trial
balance sums to zero, what is due is the total less what was paid and credited, and each status was reached only as it
is drawn.
"""

from decimal import Decimal
from typing import Any

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.xero_twin.conftest import START, Xero, messages
from xero_twin import ManualClock, Twin
from xero_twin.records import Invoice

# what is drawn in Xero's documentation; PAID comes and goes with what settles the document
DRAWN = {
    "DRAFT": {"SUBMITTED", "AUTHORISED", "DELETED", "PAID"},
    "SUBMITTED": {"DRAFT", "AUTHORISED", "DELETED", "PAID"},
    "AUTHORISED": {"VOIDED", "PAID"},
    "PAID": {"AUTHORISED"},
    "VOIDED": set(),
    "DELETED": set(),
}
amounts = st.decimals(Decimal("0.01"), 400, places=2)
statuses = st.sampled_from(["DRAFT", "SUBMITTED", "AUTHORISED", "VOIDED", "DELETED"])
bases = st.sampled_from(["Exclusive", "Inclusive", "NoTax"])
currencies = st.sampled_from(["NZD", "NZD", "USD"])
some = st.integers(0, 10**6)


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.twin = Twin(clock=ManualClock(START), limits=None)
        org = self.twin.add_organisation("Demo Company", currencies=("USD",))
        self.xero = Xero(self.twin, org, httpx2.Client(transport=self.twin.transport()))
        self.seen: dict[str, str] = {}

    @initialize()
    def begin(self) -> None:
        self.xero.sign_in()
        asset = {"InventoryAssetAccountCode": "630", "PurchaseDetails": {"COGSAccountCode": "310"}}
        self.xero.item("STOCK", **asset, SalesDetails={"AccountCode": "200", "UnitPrice": 7})

    def teardown(self) -> None:
        self.xero.http.close()

    def _pick(self, table: Any, at: int) -> Any:
        found = list(table)
        return found[at % len(found)] if found else None

    def _line(self, kind: str, amount: Decimal, stock: bool) -> dict[str, Any]:
        if stock:
            return {"ItemCode": "STOCK", "Description": "x", "Quantity": 2, "UnitAmount": amount}
        account = "200" if kind == "ACCREC" else "300"
        return {"Description": "x", "Quantity": 1, "UnitAmount": amount, "AccountCode": account}

    @rule(
        kinds=st.tuples(st.sampled_from(["ACCREC", "ACCPAY"]), st.booleans()),
        status=st.sampled_from(["DRAFT", "AUTHORISED", "AUTHORISED"]),
        basis=bases,
        prices=st.lists(st.tuples(amounts, st.booleans()), min_size=1, max_size=3),
        currency=currencies,
    )
    def make(self, kinds: tuple[str, bool], status: str, basis: str, prices: list[Any], currency: str) -> None:
        kind, credit = kinds
        lines = [self._line(kind, *one) for one in prices]
        fields = {"Status": status, "LineAmountTypes": basis, "LineItems": lines, "CurrencyCode": currency}
        if credit:
            self.xero.credit_note(Type=f"{kind}CREDIT", **fields)
        else:
            self.xero.invoice(Type=kind, **fields)

    @rule(at=some, status=statuses, credit=st.booleans())
    def turn(self, at: int, status: str, credit: bool) -> None:
        table, name = (self.xero.org.credit_notes, "CreditNotes") if credit else (self.xero.org.invoices, "Invoices")
        if held := self._pick(table, at):
            self.xero.post(f"{name}/{held.id}", {"Status": status}, summarizeErrors="false")

    @rule(at=some, amount=amounts, basis=bases, stock=st.booleans())
    def edit(self, at: int, amount: Decimal, basis: str, stock: bool) -> None:
        if held := self._pick(self.xero.org.invoices, at):
            sent = {"LineItems": [self._line(held.type, amount, stock)], "LineAmountTypes": basis}
            self.xero.post(f"Invoices/{held.id}", sent, summarizeErrors="false")

    @rule(at=some, amount=amounts, whole=st.booleans())
    def pay(self, at: int, amount: Decimal, whole: bool) -> None:
        if held := self._pick(self.xero.org.invoices, at):
            self.xero.pay({"InvoiceID": held.id}, max(held.amount_due, Decimal(1)) if whole else amount)

    @rule(at=some)
    def take_back(self, at: int) -> None:
        if held := self._pick(self.xero.org.payments, at):
            self.xero.post(f"Payments/{held.id}", {"Status": "DELETED"}, summarizeErrors="false")

    @rule(at=some, to=some, amount=amounts)
    def allocate(self, at: int, to: int, amount: Decimal) -> None:
        note, owed = self._pick(self.xero.org.credit_notes, at), self._pick(self.xero.org.invoices, to)
        if note and owed:
            sent = {"Amount": amount, "Invoice": {"InvoiceID": owed.id}}
            self.xero.call("PUT", f"CreditNotes/{note.id}/Allocations", sent)

    @rule(at=some)
    def unallocate(self, at: int) -> None:
        if held := self._pick(self.xero.org.allocations, at):
            self.xero.call("DELETE", f"CreditNotes/{held.credit_id}/Allocations/{held.id}")

    @rule(amount=amounts, kind=st.sampled_from(["SPEND", "RECEIVE", "RECEIVE-PREPAYMENT", "SPEND-OVERPAYMENT"]))
    def bank(self, amount: Decimal, kind: str) -> None:
        line = self._line("ACCPAY" if kind.startswith("SPEND") else "ACCREC", amount, False)
        if kind == "SPEND-OVERPAYMENT":
            line["AccountCode"] = "800"
        assert messages(self.xero.bank(kind, LineItems=[line])) == []

    @rule(parts=st.lists(st.tuples(some, amounts), min_size=1, max_size=3))
    def batch(self, parts: list[Any]) -> None:
        picked = [(self._pick(self.xero.org.invoices, at), amount) for at, amount in parts]
        payments = [{"Invoice": {"InvoiceID": held.id}, "Amount": amount} for held, amount in picked if held]
        sent = {"Account": {"Code": "090"}, "Date": "2026-11-02", "Payments": payments}
        self.xero.put("BatchPayments", sent, summarizeErrors="false")

    @invariant()
    def the_books_balance(self) -> None:
        assert sum(self.twin.trial_balance(self.xero.org.tenant_id).values(), Decimal(0)) == 0

    @invariant()
    def what_is_due_adds_up(self) -> None:
        org = self.xero.org
        for invoice in org.invoices:
            paid = sum(
                (one.amount for one in org.payments.find("invoice", invoice.id) if one.status == "AUTHORISED"),
                Decimal(0),
            )
            credited = sum((one.amount for one in org.allocations.find("invoice", invoice.id)), Decimal(0))
            assert (invoice.amount_paid, invoice.amount_credited) == (paid, credited)
            assert invoice.amount_due == invoice.total - paid - credited >= 0
            assert (invoice.status == "PAID") == _settled(invoice)
        for note in org.credit_notes:
            assert note.remaining >= 0

    @invariant()
    def stock_is_what_its_movements_come_to(self) -> None:
        org = self.xero.org
        for item in org.items:
            moved = org.stock_movements.find("item", item.id)
            assert item.quantity_on_hand == sum((one.quantity for one in moved), Decimal(0)) >= 0
            assert item.cost_pool == sum((one.cost for one in moved), Decimal(0))

    @invariant()
    def statuses_move_as_drawn(self) -> None:
        for document in (*self.xero.org.invoices, *self.xero.org.credit_notes):
            before = self.seen.get(document.id, document.status)
            assert document.status == before or document.status in DRAWN[before], f"{before} to {document.status}"
            self.seen[document.id] = document.status


def _settled(invoice: Invoice) -> bool:
    return invoice.amount_due == 0 and invoice.has_settlements


Life.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLife = Life.TestCase
