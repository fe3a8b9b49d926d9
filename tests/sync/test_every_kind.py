"""Every kind of record reaches Xero as the document that fits it, once, and to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.sync.every_kind import EveryKind, every_kind
from tests.sync.world import World
from tieout.core import operations
from tieout.core.operations import document_fields, journal_fields, money_task_fields
from tieout.kinds.registry import KINDS
from tieout.reports.history import next_action
from tieout.reports.status import figures
from tieout.reports.tie_out import tie_out
from tieout.sync.models import Batch, Connection, Entry, Status

pytestmark = pytest.mark.django_db

# What the path of its writes looks like, how many such calls go before it, where its documents are and how many.
WRITES = {
    "sale_credit_note": ("/CreditNotes$", 0, "CreditNotes", 2),
    "purchase_credit_note": ("/CreditNotes$", 1, "CreditNotes", 2),
    "customer_credit": ("/BankTransactions$", 0, "Prepayments", 2),
    "supplier_deposit": ("/BankTransactions$", 1, "Prepayments", 2),
    "purchase_order": ("/PurchaseOrders$", 0, "PurchaseOrders", 1),
    "journal": ("/ManualJournals$", 0, "ManualJournals", 1),
    "money_task": ("/BankTransactions$", 2, "BankTransactions", 6),
    "transfer": ("/BankTransfers$", 0, "BankTransfers", 1),
    "allocation": ("/CreditNotes/.*/Allocations$", 0, "CreditNotes", 2),
    "refund": ("/Payments$", 1, "Payments", 3),
    "attachment": ("/Attachments/", 0, "Invoices", 2),
}
VOIDS: dict[str, Callable[..., Any]] = {
    "purchase_order": operations.void_document,
    "purchase_credit_note": operations.void_document,
    "journal": operations.void_journal,
    "money_task": operations.void_money_task,
    "transfer": operations.void_money_task,
    "allocation": operations.void_allocation,
    "use_of_credit": operations.void_allocation,
    "refund": operations.void_payment,
}


def allocations(world: World) -> int:
    return len(world.twin.organisations[world.tenant_id].allocations.slice(0))


def assert_all_agree(world: World) -> None:
    left = Entry.objects.filter(organisation=world.organisation).exclude(status=Status.COMPLETED)
    assert list(left.values_list("kind", "label", "status", "reason")) == []
    unverified = Entry.objects.filter(organisation=world.organisation, verified=False)
    assert list(unverified.values_list("kind", "reason")) == []
    assert not Batch.objects.filter(state=Batch.State.INTENDED).exists()
    proof = tie_out(world.organisation)
    assert proof.explanations == ()
    assert proof.agrees
    assert sum(world.twin.trial_balance(world.tenant_id).values()) == 0


def settle(world: World) -> None:
    """What a worker's schedule does: go on as long as something has a time for its next try."""
    for _ in range(4):
        world.sync()
        open_ones = Entry.objects.filter(organisation=world.organisation, status__in=["failed", "uncertain", "pending"])
        if not open_ones.exists():
            return
        world.clock.advance(400)


def test_every_kind_reaches_xero_once_and_to_the_cent(connected: World) -> None:
    company = every_kind(connected)
    connected.sync()
    assert_all_agree(connected)
    proof = tie_out(connected.organisation)
    assert {line.kind for line in proof.lines} == {name for name, kind in KINDS.items() if not kind.carries}
    assert all(not line.difference for line in proof.lines)
    assert {resource: len(connected.live(resource)) for _, _, resource, _ in WRITES.values()} == {
        resource: count for _, _, resource, count in WRITES.values()
    }
    assert allocations(connected) == 4
    number = company["sale_invoice"].number
    (invoice,) = [each for each in connected.documents("Invoices") if each["InvoiceNumber"] == number]
    assert Decimal(str(invoice["AmountDue"])) == Decimal("500.00") - Decimal("55.00")


def test_a_second_sync_of_every_kind_sends_nothing(connected: World) -> None:
    every_kind(connected)
    connected.sync()
    mark = len(connected.twin.journal)
    connected.clock.advance(3600)
    connected.sync()
    assert {call.method for call in connected.twin.journal[mark:] if call.resource != "token"} == {"GET"}
    assert_all_agree(connected)


def test_a_company_without_such_records_does_not_ask_for_them(connected: World) -> None:
    factories.sale_invoice(connected.organisation)
    connected.sync()
    asked = {call.resource for call in connected.twin.journal}
    assert not asked & {"CreditNotes", "BankTransactions", "Prepayments", "Overpayments", "ManualJournals"}
    always = {name for name, kind in KINDS.items() if kind.always}
    assert {line.kind for line in tie_out(connected.organisation).lines} == always
    assert "journal" not in figures(connected.organisation)["records"]


@pytest.mark.parametrize("wait", [timedelta(seconds=1), timedelta(minutes=10)], ids=["soon", "later"])
@pytest.mark.parametrize("what", ["drop_after", "drop_before"])
@pytest.mark.parametrize("kind", WRITES)
def test_a_lost_answer_is_found_out(connected: World, kind: str, what: str, wait: timedelta) -> None:
    every_kind(connected)
    path, before, resource, count = WRITES[kind]
    connected.twin.faults.add(what, method="PUT", path=path, times=3, after=before)
    connected.sync()
    connected.twin.faults.clear()
    connected.clock.advance(wait.total_seconds())
    settle(connected)
    assert len(connected.live(resource)) == count
    assert allocations(connected) == 4
    assert_all_agree(connected)


@pytest.mark.parametrize("kind", VOIDS)
def test_what_is_voided_in_core_goes_in_xero(connected: World, kind: str) -> None:
    company = every_kind(connected)
    connected.sync()
    VOIDS[kind](company[kind], actor="mere")
    connected.sync()
    assert_all_agree(connected)


@pytest.mark.parametrize("what", ["drop_after", "drop_before"])
def test_a_lost_answer_to_a_removed_allocation_is_found_out(connected: World, what: str) -> None:
    company = every_kind(connected)
    connected.sync()
    operations.void_allocation(company["allocation"], actor="mere")
    connected.twin.faults.add(what, method="DELETE", times=3)
    connected.sync()
    connected.twin.faults.clear()
    connected.clock.advance(600)
    settle(connected)
    assert allocations(connected) == 3
    assert_all_agree(connected)


def test_a_removed_file_says_what_a_person_has_to_do_in_xero(connected: World) -> None:
    scan = every_kind(connected)["attachment"]
    connected.sync()
    mark = len(connected.twin.journal)
    operations.remove_attachment(scan, actor="mere")
    settle(connected)
    entry = connected.entry(scan)
    assert (entry.status, entry.label) == (Status.WARNING, scan.file_name)
    assert entry.reason == f"Xero lets no other system take a file away ({scan.file_name})."
    assert next_action(entry) == "Remove it in Xero, then skip this."
    assert [line.method for line in connected.twin.journal[mark:] if line.method != "GET"] == []


def test_a_credit_note_is_voided_after_what_holds_it_in_one_run(connected: World) -> None:
    company = every_kind(connected)
    connected.sync()
    for name in ("allocation", "same_again"):
        operations.void_allocation(company[name], actor="mere")
    operations.void_payment(company["refund"], actor="mere")
    operations.void_document(company["sale_credit_note"], actor="mere")
    connected.sync()
    assert_all_agree(connected)
    (note,) = [each for each in connected.documents("CreditNotes") if each["Type"] == "ACCRECCREDIT"]
    assert note["Status"] == "VOIDED"


def test_a_deleted_order_lets_go_of_its_number(connected: World) -> None:
    company = every_kind(connected)
    connected.sync()
    operations.void_document(company["purchase_order"], actor="mere")
    connected.sync()
    (order,) = connected.documents("PurchaseOrders")
    assert order["Status"] == "DELETED"
    assert order["PurchaseOrderNumber"] != company["purchase_order"].number


def edit(company: EveryKind, kind: str) -> None:
    record = company[kind]
    if kind == "journal":
        operations.edit_journal(record, replace(journal_fields(record), narration="Count of April"), actor="mere")
    elif kind == "money_task":
        entered = money_task_fields(record)
        lines = (replace(entered.lines[0], unit_price=Decimal("120.00")),)
        operations.edit_money_task(record, replace(entered, lines=lines), actor="mere")
    else:
        values = document_fields(record)
        more = (replace(values.lines[0], quantity=Decimal(2)),)
        operations.edit_document(record, replace(values, lines=more), actor="mere")


@pytest.mark.parametrize("kind", ["purchase_credit_note", "purchase_order", "journal", "money_task"])
def test_what_is_edited_in_core_is_edited_in_xero(connected: World, kind: str) -> None:
    company = every_kind(connected)
    connected.sync()
    mark = len(connected.twin.journal)
    edit(company, kind)
    connected.sync()
    writes = [
        call.method for call in connected.twin.journal[mark:] if call.method != "GET" and call.resource != "token"
    ]
    assert writes == ["POST"]
    assert_all_agree(connected)


LOCKED = ("sale_credit_note", "purchase_credit_note", "customer_credit", "supplier_deposit", "journal", "money_task")


@pytest.mark.parametrize("kind", [*LOCKED, "transfer"])
def test_a_locked_period_is_told_without_asking(connected: World, kind: str) -> None:
    connected.twin.edit(connected.tenant_id, "lock_dates", period="2026-04-30", end_of_year=None)
    company = every_kind(connected)
    connected.clock.advance(3600)
    connected.sync()
    entry = connected.entry(company[kind])
    assert (entry.status, entry.reason_code) == (Status.WARNING, "lock-date")
    assert connected.entry(company["purchase_order"]).status == Status.COMPLETED
    connected.twin.edit(connected.tenant_id, "lock_dates", period=None, end_of_year=None)
    connected.clock.advance(3600)
    connected.sync()
    assert_all_agree(connected)


@pytest.mark.parametrize(
    ("kind", "account"),
    [("journal", "310"), ("money_task", "404"), ("customer_credit", "835"), ("supplier_deposit", "620")],
)
def test_an_archived_account_is_told_without_asking(connected: World, kind: str, account: str) -> None:
    company = every_kind(connected)
    connected.twin.edit(connected.tenant_id, "archive_account", account=account)
    connected.clock.advance(3600)
    connected.sync()
    entry = connected.entry(company[kind])
    assert (entry.status, entry.reason_code) == (Status.WARNING, "account-archived")


def test_a_prepayment_cannot_be_voided_from_outside_and_says_so(connected: World) -> None:
    credit = factories.deposit(connected.organisation)
    connected.sync()
    operations.void_deposit(credit, actor="mere")
    connected.sync()
    entry = connected.entry(credit)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "void-by-hand")


def test_deposits_can_go_as_plain_money_and_be_voided(connected: World) -> None:
    Connection.objects.filter(organisation=connected.organisation).update(deposits_as="money")
    credit = factories.deposit(connected.organisation)
    connected.sync()
    (made,) = connected.documents("BankTransactions")
    assert (made["Type"], made["LineItems"][0]["AccountCode"]) == ("RECEIVE", "835")
    assert_all_agree(connected)
    operations.void_deposit(credit, actor="mere")
    connected.sync()
    assert [each["Status"] for each in connected.documents("BankTransactions")] == ["DELETED"]
    assert_all_agree(connected)


def test_what_is_overpaid_goes_as_an_overpayment(connected: World) -> None:
    factories.payment(factories.sale_invoice(connected.organisation), "130.00")
    connected.sync()
    (over,) = connected.documents("Overpayments")
    assert Decimal(str(over["RemainingCredit"])) == Decimal("30.00")
    assert_all_agree(connected)


def test_a_credit_note_turned_into_credit_gives_as_that_credit_note(connected: World) -> None:
    owner = connected.organisation
    invoice = factories.sale_invoice(owner, lines=[factories.line("300.00")])
    note = factories.credit_note(invoice)
    credit = factories.deposit(
        owner, "60.00", contact_id=invoice.contact_id, origin="credit_note", document_id=note.pk, account=""
    )
    factories.allocation(credit, invoice, "40.00")
    connected.sync()
    assert connected.entry(credit).reason_code == "held-as-credit-note"
    (held,) = connected.documents("CreditNotes")
    assert Decimal(str(held["RemainingCredit"])) == Decimal("60.00")
    assert tie_out(owner).agrees


def test_orders_and_files_stay_in_core_until_they_are_wanted(connected: World) -> None:
    every_kind(connected, export_purchase_orders=False, export_attachments=False)
    connected.sync()
    left = Entry.objects.filter(organisation=connected.organisation, status=Status.SKIPPED)
    told = {("purchase_order", "not-exported"), ("attachment", "not-exported")}
    assert set(left.values_list("kind", "reason_code")) == told
    assert tie_out(connected.organisation).agrees
    connections = Connection.objects.filter(organisation=connected.organisation)
    connections.update(export_purchase_orders=True, export_attachments=True)
    connected.sync()
    assert_all_agree(connected)


@pytest.mark.parametrize("account", ["090", "610", "630", "960"])
def test_a_journal_on_an_account_that_xero_bars_is_told_without_asking(connected: World, account: str) -> None:
    lines = [factories.journal_line("310", "50.00"), factories.journal_line(account, "-50.00")]
    journal = factories.journal(connected.organisation, lines=lines, authorised=True)
    connected.sync()
    assert connected.entry(journal).reason_code == "account-unfit"
    assert not connected.documents("ManualJournals")


def test_cost_of_goods_takes_its_accounts_from_the_mapping(connected: World) -> None:
    lines = [
        factories.journal_line("", "50.00", role="cost-of-goods"),
        factories.journal_line("", "-50.00", role="inventory"),
    ]
    factories.journal(connected.organisation, lines=lines)
    connected.sync()
    (made,) = connected.documents("ManualJournals")
    assert [line["AccountCode"] for line in made["JournalLines"]] == ["310", "640"]
    assert_all_agree(connected)
