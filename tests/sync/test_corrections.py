"""A paid, credited or locked document that Core changed: the choice, its calls, and what stands in Xero afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.models import Document
from tieout.core.operations import document_fields
from tieout.reports.tie_out import tie_out
from tieout.sync import corrections
from tieout.sync.corrections import CannotCorrect, Offer
from tieout.sync.models import Batch, Correction, Entry, Status

pytestmark = pytest.mark.django_db

CREDIT_NOTE, REAPPLY, LEAVE = "credit-note", "reapply", "leave"


def offer(made: World, record: Any) -> Offer:
    made.connection.refresh_from_db()
    return corrections.offer(made.connection, made.entry(record), made.clock.now())


def choose(made: World, record: Any, way: str, reason: str = "Agreed with the customer.") -> None:
    entry = made.entry(record)
    made.connection.refresh_from_db()
    corrections.choose(made.connection, entry.pk, way, actor="mere", reason=reason, now=made.clock.now())


def settle(made: World) -> None:
    """What a worker's schedule does: go on as long as something has a time for its next try."""
    for _ in range(6):
        made.sync()
        left = Entry.objects.filter(organisation=made.organisation, status__in=["failed", "uncertain", "pending"])
        if not left.exists():
            return
        made.clock.advance(400)


def document(made: World, number: str) -> dict[str, Any]:
    everything = made.documents("Invoices") + made.documents("CreditNotes")
    (found,) = [each for each in everything if number in (each.get("InvoiceNumber"), each.get("CreditNoteNumber"))]
    return found


def amount(made: World, number: str, field: str) -> Decimal:
    return Decimal(str(document(made, number)[field]))


def live_payments(made: World) -> list[tuple[Decimal, str, str]]:
    return sorted(
        (Decimal(str(each["Amount"])), each["Reference"], each["Account"]["Code"]) for each in made.live("Payments")
    )


def edit(record: Document, unit_price: str, **more: Any) -> None:
    values = document_fields(record)
    lines = (replace(values.lines[0], unit_price=Decimal(unit_price)),)
    operations.edit_document(record, replace(values, lines=lines, **more), actor="mere")


def assert_proven(made: World) -> None:
    """Every entry final, every kind at zero difference, nothing in the air, the books in balance."""
    left = Entry.objects.filter(organisation=made.organisation).exclude(status=Status.COMPLETED)
    assert list(left.values_list("kind", "label", "status", "reason")) == []
    proof = tie_out(made.organisation)
    assert proof.explanations == ()
    assert proof.agrees
    assert not Batch.objects.filter(state=Batch.State.INTENDED).exists()
    assert sum(made.twin.trial_balance(made.tenant_id).values()) == 0


@dataclass
class Paid:
    """A document that somebody settled in part in Xero by hand, twice the same, while Core changed it."""

    made: World
    record: Document


def pay_by_hand(made: World, record: Document) -> None:
    """Two payments that nothing tells apart, for invoices and bills; a use and a refund, for credit notes."""
    if record.kind.endswith("credit_note"):
        made.twin.edit(made.tenant_id, "allocate", credit_note=record.number, invoice=other_of(record), amount="10.00")
        return
    for _ in range(2):
        details = {"account": "090", "amount": "15.00", "date": "2026-05-04", "reference": "By hand"}
        made.twin.edit(made.tenant_id, "pay", invoice=record.number, **details)


def other_of(record: Document) -> str:
    return str(record.credits.number)


def build(made: World, kind: str, **values: Any) -> Document:
    if kind == "sale_invoice":
        return factories.sale_invoice(made.organisation, **values)
    if kind == "bill":
        return factories.bill(made.organisation, **values)
    line = factories.line("300.00")
    source = factories.sale_invoice if kind == "sale_credit_note" else factories.bill
    return factories.credit_note(source(made.organisation, lines=[line], **values))


KINDS = ("sale_invoice", "bill", "sale_credit_note", "purchase_credit_note")


@pytest.fixture
def paid(connected: World) -> Callable[[str], Paid]:
    def build_one(kind: str) -> Paid:
        record = build(connected, kind)
        connected.sync()
        pay_by_hand(connected, record)
        return Paid(connected, record)

    return build_one


PaidBuilder = Callable[[str], Paid]
RESULT = {  # by kind: what the lowering document is called in Xero
    "sale_invoice": "CreditNotes",
    "bill": "CreditNotes",
    "sale_credit_note": "Invoices",
    "purchase_credit_note": "Invoices",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_choice_is_offered_with_every_call_and_nothing_is_sent_before(paid: PaidBuilder, kind: str) -> None:
    one = paid(kind)
    edit(one.record, "80.00")
    one.made.sync()
    entry = one.made.entry(one.record)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "paid-in-xero")
    mark = len(one.made.twin.journal)
    found = offer(one.made, one.record)
    assert {way.name: way.obstacle for way in found.ways} == {CREDIT_NOTE: "", REAPPLY: "", LEAVE: ""}
    assert found.difference == Decimal("-20.00")
    by_document = found.ways[0]
    assert [step.method for step in by_document.steps] == ["PUT", "PUT"]
    assert "20.00" in by_document.steps[0].text
    held = 1 if kind.endswith("credit_note") else 2
    assert found.ways[1].calls == 2 * held + 1
    assert len(one.made.twin.journal) == mark


@pytest.mark.parametrize("kind", KINDS)
def test_a_lower_total_is_corrected_by_a_document_over_the_difference(paid: PaidBuilder, kind: str) -> None:
    one = paid(kind)
    edit(one.record, "80.00")
    one.made.sync()
    choose(one.made, one.record, CREDIT_NOTE)
    one.made.sync()
    number = f"{one.record.number}-C1"
    assert amount(one.made, number, "Total") == Decimal("20.00")
    assert amount(one.made, one.record.number, "Total") == Decimal("100.00")
    entry = one.made.entry(one.record)
    assert (entry.status, entry.reason_code) == (Status.COMPLETED, "corrected")
    assert number in entry.reason
    if kind in ("sale_invoice", "bill"):
        assert amount(one.made, one.record.number, "AmountDue") == Decimal("50.00")
        assert tie_out_of(one.made, kind) == 0
        assert tie_out_of(one.made, RESULT_KIND[kind]) in (0, None)
    else:
        assert tie_out_of(one.made, kind) == 0


RESULT_KIND = {"sale_invoice": "sale_credit_note", "bill": "purchase_credit_note"}


def tie_out_of(made: World, kind: str) -> Decimal | None:
    return next((line.difference for line in tie_out(made.organisation).lines if line.kind == kind), None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_higher_total_is_corrected_by_an_additional_document(paid: PaidBuilder, kind: str) -> None:
    one = paid(kind)
    edit(one.record, "130.00")
    one.made.sync()
    choose(one.made, one.record, CREDIT_NOTE)
    one.made.sync()
    extra = document(one.made, f"{one.record.number}-C1")
    assert Decimal(str(extra["Total"])) == Decimal("30.00")
    assert extra["Type"] == document(one.made, one.record.number)["Type"]
    assert tie_out_of(one.made, kind) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_holds_it_is_removed_and_made_again_around_the_update(paid: PaidBuilder, kind: str) -> None:
    one = paid(kind)
    edit(one.record, "80.00")
    one.made.sync()
    before = live_payments(one.made)
    choose(one.made, one.record, REAPPLY)
    one.made.sync()
    assert live_payments(one.made) == before
    assert amount(one.made, one.record.number, "Total") == Decimal("80.00")
    left = {"sale_invoice": "50.00", "bill": "50.00"}.get(kind, "70.00")
    open_ = "AmountDue" if kind in ("sale_invoice", "bill") else "RemainingCredit"
    assert amount(one.made, one.record.number, open_) == Decimal(left)
    assert one.made.entry(one.record).status == Status.COMPLETED
    assert tie_out_of(one.made, kind) == 0


def test_payments_of_cores_own_stay_bound_when_they_are_made_again(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    payment = factories.payment(invoice, "30.00")
    connected.sync()
    values = document_fields(invoice)
    operations.edit_document(invoice, replace(values, date=date(2026, 4, 2)), actor="mere")
    connected.sync()
    choose(connected, invoice, REAPPLY)
    connected.sync()
    assert_proven(connected)
    assert document(connected, invoice.number)["DateString"].startswith("2026-04-02")
    assert sorted(each["Status"] for each in connected.documents("Payments")) == ["AUTHORISED", "DELETED"]
    operations.void_payment(payment, actor="mere")
    connected.sync()
    assert not connected.live("Payments")
    assert_proven(connected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_paid_document_that_core_voided_is_credited_in_whole(paid: PaidBuilder, kind: str) -> None:
    one = paid(kind)
    operations.void_document(one.record, actor="mere")
    one.made.sync()
    choose(one.made, one.record, CREDIT_NOTE)
    one.made.sync()
    assert amount(one.made, f"{one.record.number}-C1", "Total") == Decimal("100.00")
    assert tie_out_of(one.made, kind) == 0
    mark = len(one.made.twin.journal)
    one.made.sync()
    assert {call.method for call in one.made.twin.journal[mark:] if call.resource != "token"} <= {"GET"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_paid_document_that_core_voided_is_freed_and_voided(paid: PaidBuilder, kind: str) -> None:
    one = paid(kind)
    operations.void_document(one.record, actor="mere")
    one.made.sync()
    choose(one.made, one.record, REAPPLY)
    one.made.sync()
    assert document(one.made, one.record.number)["Status"] == "VOIDED"
    assert not one.made.live("Payments")
    assert_proven(one.made)


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_left_as_it_is_with_the_difference_in_the_reports(paid: PaidBuilder, kind: str) -> None:
    one = paid(kind)
    edit(one.record, "80.00")
    one.made.sync()
    with pytest.raises(CannotCorrect, match="Say why"):
        choose(one.made, one.record, LEAVE, reason=" ")
    choose(one.made, one.record, LEAVE, reason="Settled by telephone.")
    one.made.sync()
    entry = one.made.entry(one.record)
    assert entry.status == Status.SKIPPED
    assert "Settled by telephone." in entry.reason
    assert "−20.00 NZD" in entry.reason
    (told,) = [each for each in tie_out(one.made.organisation).explanations if each.kind == kind]
    assert (told.core, told.xero) == (Decimal("80.00"), Decimal("100.00"))
    assert "Settled by telephone." in told.why


@pytest.mark.parametrize("kind", KINDS)
def test_a_locked_document_is_corrected_on_the_first_open_day_or_left(connected: World, kind: str) -> None:
    record = build(connected, kind)
    connected.sync()
    connected.twin.edit(connected.tenant_id, "lock_dates", period="2026-06-15", end_of_year=None)
    connected.clock.advance(3600)
    edit(record, "80.00")
    connected.sync()
    entry = connected.entry(record)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "lock-date")
    found = {way.name: way.obstacle for way in offer(connected, record).ways}
    assert "locked up to 15 Jun 2026" in found[REAPPLY]
    assert not found[CREDIT_NOTE]
    with pytest.raises(CannotCorrect, match="locked"):
        choose(connected, record, REAPPLY)
    choose(connected, record, CREDIT_NOTE)
    connected.sync()
    assert document(connected, f"{record.number}-C1")["DateString"].startswith("2026-06-16")
    assert tie_out_of(connected, kind) == 0


def test_what_was_corrected_is_corrected_further_and_never_updated_itself(paid: PaidBuilder) -> None:
    one = paid("sale_invoice")
    edit(one.record, "80.00")
    one.made.sync()
    choose(one.made, one.record, CREDIT_NOTE)
    one.made.sync()
    one.record.refresh_from_db()
    edit(one.record, "95.00")
    one.made.sync()
    assert one.made.entry(one.record).reason_code == "corrected-before"
    found = offer(one.made, one.record)
    assert found.difference == Decimal("15.00")
    assert "corrected by another document" in {way.name: way.obstacle for way in found.ways}[REAPPLY]
    choose(one.made, one.record, CREDIT_NOTE)
    one.made.sync()
    assert amount(one.made, f"{one.record.number}-C2", "Total") == Decimal("15.00")
    assert tie_out_of(one.made, "sale_invoice") == 0


def test_a_fully_paid_invoice_keeps_the_credit_for_its_customer(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    connected.sync()
    connected.twin.edit(connected.tenant_id, "pay", invoice=invoice.number, date="2026-05-04")
    edit(invoice, "80.00")
    connected.sync()
    found = offer(connected, invoice)
    assert [way.calls for way in found.ways] == [1, 0, 0]
    assert "more than its new total" in found.ways[1].obstacle
    choose(connected, invoice, CREDIT_NOTE)
    connected.sync()
    assert amount(connected, f"{invoice.number}-C1", "RemainingCredit") == Decimal("20.00")


def test_a_foreign_document_is_corrected_at_its_own_rate_with_tax_and_tracking() -> None:
    abroad = world(currencies=("USD",))
    invoice = factories.sale_invoice(abroad.organisation, currency="USD", rate=Decimal("0.5870"))
    abroad.sync()
    abroad.twin.edit(abroad.tenant_id, "pay", invoice=invoice.number, amount="40.00", date="2026-05-04")
    edit(invoice, "80.00")
    abroad.sync()
    choose(abroad, invoice, CREDIT_NOTE)
    abroad.sync()
    made = document(abroad, f"{invoice.number}-C1")
    assert (made["CurrencyCode"], Decimal(str(made["CurrencyRate"]))) == ("USD", Decimal("0.5870"))
    assert tie_out_of(abroad, "sale_invoice") == 0


# -- trouble on the way --------------------------------------------------------------------------------------------

REAPPLY_WRITES = [  # the calls of taking off, updating and putting on, for an invoice with two payments
    ("POST", "/Payments/", 0),
    ("POST", "/Payments/", 1),
    ("POST", "/Invoices$", 0),
    ("PUT", "/Payments$", 0),
    ("PUT", "/Payments$", 1),
]


@pytest.mark.parametrize("wait", [1, 600], ids=["soon", "later"])
@pytest.mark.parametrize("what", ["drop_after", "drop_before", "500", "503"])
@pytest.mark.parametrize("call", REAPPLY_WRITES, ids=lambda call: f"{call[0]}{call[1]}{call[2]}")
def test_a_lost_answer_on_the_way_of_reapplying(
    paid: PaidBuilder, call: tuple[str, str, int], what: str, wait: int
) -> None:
    one = paid("sale_invoice")
    edit(one.record, "80.00")
    one.made.sync()
    before = live_payments(one.made)
    choose(one.made, one.record, REAPPLY)
    method, path, nth = call
    one.made.twin.faults.add(what, method=method, path=path, times=3, after=nth)
    one.made.sync()
    one.made.twin.faults.clear()
    one.made.clock.advance(wait)
    settle(one.made)
    assert live_payments(one.made) == before
    assert amount(one.made, one.record.number, "AmountDue") == Decimal("50.00")
    assert one.made.entry(one.record).status == Status.COMPLETED
    assert tie_out_of(one.made, "sale_invoice") == 0


@pytest.mark.parametrize("wait", [1, 600], ids=["soon", "later"])
@pytest.mark.parametrize("what", ["drop_after", "drop_before", "500"])
@pytest.mark.parametrize("path", ["/CreditNotes$", "/Allocations$"])
def test_a_lost_answer_on_the_way_of_crediting(paid: PaidBuilder, path: str, what: str, wait: int) -> None:
    one = paid("sale_invoice")
    edit(one.record, "80.00")
    one.made.sync()
    choose(one.made, one.record, CREDIT_NOTE)
    one.made.twin.faults.add(what, method="PUT", path=path, times=3)
    one.made.sync()
    one.made.twin.faults.clear()
    one.made.clock.advance(wait)
    settle(one.made)
    assert len(one.made.live("CreditNotes")) == 1
    assert amount(one.made, one.record.number, "AmountDue") == Decimal("50.00")
    assert Correction.objects.get().state == Correction.State.DONE


def test_a_step_that_was_done_though_xero_said_500_is_looked_up_after_the_next_read(paid: PaidBuilder) -> None:
    one = paid("sale_invoice")
    edit(one.record, "80.00")
    one.made.sync()
    before = live_payments(one.made)
    choose(one.made, one.record, REAPPLY)
    one.made.twin.faults.add("500", method="PUT", path="/Payments$", done=True)
    one.made.sync()
    assert one.made.entry(one.record).status == Status.UNCERTAIN
    settle(one.made)
    assert live_payments(one.made) == before
    assert one.made.entry(one.record).status == Status.COMPLETED


def test_a_refused_step_stops_it_and_what_was_removed_is_put_back(paid: PaidBuilder) -> None:
    one = paid("sale_invoice")
    edit(one.record, "80.00")
    one.made.sync()
    before = live_payments(one.made)
    choose(one.made, one.record, REAPPLY)
    one.made.twin.faults.add("503", method="POST", path="/Invoices$", times=9)
    one.made.sync()
    one.made.twin.faults.clear()
    one.made.twin.edit(one.made.tenant_id, "lock_dates", period="2026-04-30", end_of_year=None)
    one.made.clock.advance(3600)
    one.made.sync()
    entry = one.made.entry(one.record)
    assert entry.status == Status.WARNING
    assert not one.made.live("Payments")
    found = offer(one.made, one.record)
    assert [(way.name, way.calls) for way in found.ways] == [(REAPPLY, 3), ("put-back", 2)]
    choose(one.made, one.record, "put-back")
    settle(one.made)
    assert live_payments(one.made) == before
    entry = one.made.entry(one.record)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "paid-in-xero")


def test_a_correction_that_is_chosen_while_a_sync_runs_goes_with_the_next(paid: PaidBuilder) -> None:
    one = paid("sale_invoice")
    edit(one.record, "80.00")
    one.made.sync()
    before = live_payments(one.made)
    begun: list[str] = []

    def told(phase: str, done: int, total: int) -> None:
        if phase == "push contacts" and not begun:
            begun.append(phase)
            choose(one.made, one.record, REAPPLY)

    one.made.ports.progress = told
    one.made.sync()
    entry = one.made.entry(one.record)
    assert (entry.status, entry.reason_code) == (Status.PENDING, "correcting")
    one.made.sync()
    assert one.made.entry(one.record).status == Status.COMPLETED
    assert live_payments(one.made) == before
    assert amount(one.made, one.record.number, "AmountDue") == Decimal("50.00")


def test_a_correction_under_way_is_touched_by_nothing_else(paid: PaidBuilder) -> None:
    one = paid("sale_invoice")
    edit(one.record, "80.00")
    one.made.sync()
    choose(one.made, one.record, REAPPLY)
    with pytest.raises(CannotCorrect, match="cannot be corrected in that way"):
        choose(one.made, one.record, CREDIT_NOTE)
    one.record.refresh_from_db()
    edit(one.record, "90.00")
    one.made.sync()
    assert amount(one.made, one.record.number, "Total") == Decimal("80.00")
    assert one.made.entry(one.record).reason_code == "paid-in-xero", "the later edit asks for a choice of its own"
