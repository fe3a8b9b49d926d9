"""Deposits, credit notes and their uses: nothing gives more than it has, and everything can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import factories
from tieout.core import operations, store
from tieout.core.models import Deposit, Document, Organisation
from tieout.core.operations import Refused, document_fields
from tieout.core.operations.payments import divided, overpayment_number
from tieout.core.records import DepositRecord

pytestmark = pytest.mark.django_db
MERE = "mere"
AMOUNTS = st.decimals(min_value="0.01", max_value="1000000", places=2)


@pytest.fixture
def owner() -> Organisation:
    return factories.organisation()


@pytest.fixture
def invoice(owner: Organisation) -> Document:
    return factories.sale_invoice(owner, number="INV-1")


@pytest.fixture
def credit(owner: Organisation, invoice: Document) -> Deposit:
    return factories.deposit(owner, "80.00", contact_id=invoice.contact_id, number="D-1")


def refused(call: Callable[[], object]) -> list[str]:
    """The fields that a refusal names."""
    with pytest.raises(Refused) as refusal:
        call()
    return [problem.field for problem in refusal.value.problems]


def due(document: Document) -> Decimal:
    return store.balances(document.organisation_id, [document.id])[document.id]


def left(deposit: Deposit) -> Decimal:
    record = store.load(deposit.organisation_id, deposit.kind, [deposit.id])[deposit.id]
    assert isinstance(record, DepositRecord)
    return record.balance


@given(AMOUNTS, AMOUNTS)
def test_a_split_loses_nothing_and_pays_no_more_than_is_due(amount: Decimal, owed: Decimal) -> None:
    paid, rest = divided(amount, owed)
    assert paid + rest == amount
    assert 0 < paid <= owed
    assert rest >= 0


def test_what_is_paid_above_what_is_due_becomes_a_deposit(owner: Organisation, invoice: Document) -> None:
    factories.payment(invoice, "30.00")
    payment = factories.payment(invoice, "90.00", number="PAY-2", reference="DC 4")
    rest = payment.deposits.get()
    assert (payment.amount, rest.amount, due(invoice)) == (Decimal("70.00"), Decimal("20.00"), 0)
    assert (rest.number, rest.kind, rest.origin) == ("PAY-2-OVER", "customer_credit", "overpayment")
    assert (rest.account, rest.date, rest.reference) == (payment.account, payment.date, "DC 4")
    assert (rest.contact_id, rest.document_id) == (invoice.contact_id, invoice.id)
    assert refused(lambda: factories.payment(invoice, "0.01")) == ["document"]
    assert overpayment_number("x" * 100) == "x" * 95 + "-OVER"


def test_a_bill_paid_twice_over_leaves_a_supplier_deposit(owner: Organisation) -> None:
    bill = factories.bill(owner)
    payment = factories.payment(bill, "150.00")
    assert [each.kind for each in payment.deposits.all()] == ["supplier_deposit"]


def test_a_voided_payment_takes_its_split_along_unless_that_was_used(owner: Organisation, invoice: Document) -> None:
    payment = factories.payment(invoice, "150.00")
    rest = payment.deposits.get()
    assert refused(lambda: operations.void_deposit(rest, actor=MERE)) == ["number"]
    other = factories.sale_invoice(owner, contact_id=invoice.contact_id)
    use = factories.allocation(rest, other, "50.00")
    assert refused(lambda: operations.void_payment(payment, actor=MERE)) == ["number"]
    operations.void_allocation(use, actor=MERE)
    operations.void_payment(payment, actor=MERE)
    rest.refresh_from_db()
    assert (rest.status, due(invoice), due(other)) == ("VOIDED", 100, 100)


def test_a_refund_is_never_above_what_is_left(invoice: Document, credit: Deposit) -> None:
    note = factories.credit_note(invoice)
    factories.refund(note, "60.00")
    assert refused(lambda: factories.refund(note, "40.01")) == ["amount"]
    factories.refund(credit, "80.00")
    assert refused(lambda: factories.refund(credit, "0.01")) == ["amount"]
    assert refused(lambda: factories.refund(invoice, "1.00")) == ["document"]
    assert (due(note), left(credit)) == (40, 0)


def test_an_order_and_a_credit_note_take_no_payment(owner: Organisation, invoice: Document) -> None:
    assert refused(lambda: factories.payment(factories.purchase_order(owner))) == ["document"]
    assert refused(lambda: factories.payment(factories.credit_note(invoice))) == ["document"]


def test_an_allocation_moves_credit_and_voiding_it_moves_it_back(invoice: Document, credit: Deposit) -> None:
    use = factories.allocation(credit, invoice, "30.00")
    assert (due(invoice), left(credit)) == (70, 50)
    again = factories.allocation(credit, invoice, "10.00")
    assert [use.number, again.number] == ["D-1 to INV-1", "D-1 to INV-1 (2)"]
    operations.void_allocation(use, actor=MERE)
    assert (due(invoice), left(credit)) == (90, 70)
    assert refused(lambda: operations.void_allocation(use, actor=MERE)) == ["status"]


@pytest.mark.parametrize(
    ("prepare", "field"),
    [
        (lambda owner, invoice: factories.sale_invoice(owner), "document"),
        (lambda owner, invoice: factories.bill(owner, contact_id=invoice.contact_id), "document"),
        (
            lambda owner, invoice: factories.sale_invoice(owner, contact_id=invoice.contact_id, authorised=False),
            "document",
        ),
        (
            lambda owner, invoice: factories.sale_invoice(
                owner, contact_id=invoice.contact_id, currency="AUD", rate=Decimal("0.9")
            ),
            "document",
        ),
    ],
    ids=["another contact", "the other side", "a draft", "another currency"],
)
def test_credit_goes_only_where_it_fits(
    owner: Organisation, invoice: Document, credit: Deposit, prepare: Any, field: str
) -> None:
    target = prepare(owner, invoice)
    assert refused(lambda: factories.allocation(credit, target, "1.00")) == [field]


def test_an_allocation_is_above_neither_end(owner: Organisation, invoice: Document, credit: Deposit) -> None:
    assert refused(lambda: factories.allocation(credit, invoice, "80.01")) == ["amount"]
    factories.payment(invoice, "50.00")
    assert refused(lambda: factories.allocation(credit, invoice, "50.01")) == ["amount"]
    assert refused(lambda: factories.allocation(invoice, invoice, "1.00")) == ["source"]


def test_a_credit_note_turned_into_a_deposit_gives_it_away(owner: Organisation, invoice: Document) -> None:
    note = factories.credit_note(invoice)
    entered = {"origin": "credit_note", "document_id": note.id, "contact_id": note.contact_id, "account": ""}
    made = factories.deposit(owner, "70.00", **entered)
    assert (due(note), left(made)) == (30, 70)
    assert refused(lambda: factories.deposit(owner, "30.01", **entered)) == ["amount"]
    assert refused(lambda: factories.allocation(note, invoice, "31.00")) == ["amount"]
    assert refused(lambda: operations.void_document(note, actor=MERE)) == ["number"]
    operations.void_deposit(made, actor=MERE)
    assert operations.void_document(note, actor=MERE).status == "VOIDED"


def test_what_was_paid_or_credited_keeps_its_amounts_and_cannot_be_voided(invoice: Document, credit: Deposit) -> None:
    note = factories.credit_note(invoice)
    factories.allocation(note, invoice, "20.00")
    factories.allocation(credit, invoice, "20.00")
    dearer = (factories.line("120.00"),)
    for document in (note, invoice):
        values = replace(document_fields(document), lines=dearer)
        assert refused(lambda: operations.void_document(document, actor=MERE)) == ["number"]  # noqa: B023
        assert refused(lambda: operations.edit_document(document, values, actor=MERE)) == ["number"]  # noqa: B023
    assert refused(lambda: operations.void_deposit(credit, actor=MERE)) == ["number"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"origin": "gift"}, "origin"),
        ({"account": ""}, "account"),
        ({"currency": "AUD"}, None),
        ({"currency": "XXX"}, "currency"),
        ({"origin": "overpayment"}, "document"),
        ({"kind": "supplier_deposit", "origin": "store_credit"}, "origin"),
    ],
)
def test_each_rule_of_a_deposit_names_its_field(owner: Organisation, change: dict[str, Any], field: str | None) -> None:
    entered: dict[str, Any] = {"amount": Decimal(10)} | change
    amount = str(entered.pop("amount"))
    if field is None:
        assert factories.deposit(owner, amount, **entered).currency == "AUD"
    else:
        assert refused(lambda: factories.deposit(owner, amount, **entered)) == [field]


def test_a_deposit_is_for_a_document_of_its_contact_and_side(owner: Organisation, invoice: Document) -> None:
    assert refused(lambda: factories.deposit(owner, document_id=invoice.id)) == ["document"]
    bill = factories.bill(owner)
    taken = {"document_id": bill.id, "contact_id": bill.contact_id}
    assert refused(lambda: factories.deposit(owner, **taken)) == ["document"]
    order = factories.purchase_order(owner)
    taken = {"document_id": order.id, "contact_id": order.contact_id}
    assert factories.deposit(owner, kind="supplier_deposit", **taken).document == order


def test_a_credit_note_credits_a_document_of_its_own_contact_and_side(owner: Organisation, invoice: Document) -> None:
    bill = factories.bill(owner)
    other = factories.sale_invoice(owner)
    assert refused(lambda: factories.credit_note(invoice, credits_id=bill.id)) == ["credits"]
    assert refused(lambda: factories.credit_note(invoice, credits_id=other.id)) == ["credits"]
    assert refused(lambda: factories.credit_note(invoice, due_date=factories.DAY)) == ["due_date"]
    assert refused(lambda: factories.sale_invoice(owner, credits_id=invoice.id)) == ["credits"]
    assert refused(lambda: factories.sale_invoice(owner, delivery_date=factories.DAY)) == ["delivery_date"]
    assert factories.credit_note(invoice, credits_id=None).credits is None


def test_numbers_are_used_once_where_we_count_and_once_per_supplier_where_they_do(
    owner: Organisation, invoice: Document
) -> None:
    bill, other = factories.bill(owner), factories.bill(owner)
    factories.credit_note(invoice, number="N")
    factories.credit_note(bill, number="N")
    factories.credit_note(other, number="N")
    factories.purchase_order(owner, number="N")
    assert refused(lambda: factories.credit_note(invoice, number="N")) == ["number"]
    assert refused(lambda: factories.credit_note(bill, number="N")) == ["number"]
    assert refused(lambda: factories.purchase_order(owner, number="N")) == ["number"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "refund", "refund credit", "use note", "use credit", "void"]),
        st.decimals(min_value="0.01", max_value="90", places=2),
        st.integers(0, 20),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(STEPS)
def test_whatever_is_done_no_balance_falls_below_zero(steps: list[tuple[str, Decimal, int]]) -> None:
    owner = factories.organisation()
    invoice = factories.sale_invoice(owner)
    note = factories.credit_note(invoice)
    credit = factories.deposit(owner, "80.00", contact_id=invoice.contact_id)
    done: list[Any] = []
    do: dict[str, Callable[[str], Any]] = {
        "pay": lambda amount: factories.payment(invoice, amount),
        "refund": lambda amount: factories.refund(note, amount),
        "refund credit": lambda amount: factories.refund(credit, amount),
        "use note": lambda amount: factories.allocation(note, invoice, amount),
        "use credit": lambda amount: factories.allocation(credit, invoice, amount),
    }
    for what, amount, which in steps:
        try:
            if what != "void":
                done.append(do[what](str(amount)))
            elif done:
                chosen = done[which % len(done)]
                take_back = operations.void_payment if hasattr(chosen, "deposits") else operations.void_allocation
                take_back(chosen, actor=MERE)
        except Refused:
            continue
    assert 0 <= due(invoice) <= 100
    assert 0 <= due(note) <= 100
    assert 0 <= left(credit) <= 80
