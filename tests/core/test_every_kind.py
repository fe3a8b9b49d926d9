"""Every kind of record can be made, loaded as a frozen value, and leaves its event and its touch."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import factories
from tieout.core import operations, store
from tieout.core.models import Touch
from tieout.core.records import (
    AllocationRecord,
    AttachmentRecord,
    DepositRecord,
    DocumentRecord,
    JournalRecord,
    MoneyTaskRecord,
    SettlementRecord,
)
from tieout.people.models import Event

pytestmark = pytest.mark.django_db


def test_every_kind_is_told_touched_and_loaded() -> None:
    owner = factories.organisation()
    invoice = factories.sale_invoice(owner)
    bill = factories.bill(owner)
    credit = factories.deposit(owner, contact_id=invoice.contact_id)
    note = factories.credit_note(invoice)
    made = {
        "sale_invoice": invoice,
        "bill": bill,
        "sale_credit_note": note,
        "purchase_credit_note": factories.credit_note(bill),
        "purchase_order": factories.purchase_order(owner),
        "payment": factories.payment(bill),
        "refund": factories.refund(note),
        "customer_credit": credit,
        "supplier_deposit": factories.deposit(owner, kind="supplier_deposit", contact_id=bill.contact_id),
        "allocation": factories.allocation(credit, invoice, "30.00"),
        "journal": factories.journal(owner),
        "money_task": factories.money_task(owner),
        "attachment": factories.attachment(owner, "sale_invoice", invoice.id),
        "contact": invoice.contact,
        "product": factories.product(owner),
    }
    assert set(made) == set(store.KINDS)
    for kind, row in made.items():
        record = store.load(owner.id, kind, [row.pk])[row.pk]
        assert record.key == (kind, row.pk)
        assert Touch.objects.filter(organisation=owner, kind=kind, record_id=row.pk).exists()
        assert Event.objects.filter(organisation=owner, kind=kind, record_id=row.pk, action="created").exists()
        assert store.load(factories.organisation().id, kind, [row.pk]) == {}


def test_a_document_record_says_what_was_paid_credited_and_used() -> None:
    owner = factories.organisation()
    invoice = factories.sale_invoice(owner, sales_rep="Rewi", attributes={"Season": "Winter"})
    note = factories.credit_note(invoice)
    factories.allocation(note, invoice, "30.00")
    factories.payment(invoice, "20.00")
    factories.refund(note, "5.00")
    due = store.load(owner.id, "sale_invoice", [invoice.id])[invoice.id]
    left = store.load(owner.id, "sale_credit_note", [note.id])[note.id]
    assert isinstance(due, DocumentRecord)
    assert isinstance(left, DocumentRecord)
    assert (due.paid, due.credited, due.used, due.balance) == (20, 30, 0, 50)
    assert (due.sales_rep, due.attributes) == ("Rewi", {"Season": "Winter"})
    assert (left.paid, left.credited, left.used, left.balance) == (5, 0, 30, 65)
    assert (left.credits, left.credits_number, left.due_date) == (due.key, invoice.number, note.date)
    assert store.balances(owner.id, [invoice.id, note.id]) == {invoice.id: 50, note.id: 65}


def test_money_records_name_both_ends() -> None:
    owner = factories.organisation()
    invoice = factories.sale_invoice(owner, channel="B2B")
    credit = factories.deposit(owner, contact_id=invoice.contact_id, document_id=invoice.id)
    used = factories.allocation(credit, invoice, "30.00")
    back = factories.refund(credit, "50.00")
    deposit = store.load(owner.id, "customer_credit", [credit.id])[credit.id]
    allocation = store.load(owner.id, "allocation", [used.id])[used.id]
    refund = store.load(owner.id, "refund", [back.id])[back.id]
    assert isinstance(deposit, DepositRecord)
    assert isinstance(allocation, AllocationRecord)
    assert isinstance(refund, SettlementRecord)
    assert (deposit.used, deposit.refunded, deposit.balance, deposit.channel) == (30, 50, 20, "B2B")
    assert deposit.document == ("sale_invoice", invoice.id)
    assert (allocation.source, allocation.target) == (deposit.key, ("sale_invoice", invoice.id))
    assert (allocation.source_number, allocation.target_number) == (credit.number, invoice.number)
    assert allocation.number == f"{credit.number} to {invoice.number}"
    assert (refund.document, refund.document_number, refund.document_total) == (deposit.key, credit.number, 100)
    assert store.load(owner.id, "payment", [back.id]) == {}


def test_journals_and_money_tasks_come_with_their_lines_and_attachments_without_their_bytes() -> None:
    owner = factories.organisation()
    lines = [
        factories.journal_line("310", "40.00", tracking={"location": "Nelson"}),
        factories.journal_line("630", "-40"),
    ]
    journal = factories.journal(owner, lines=lines)
    task = factories.money_task(owner)
    moved = factories.money_task(owner, type="transfer")
    scan = factories.attachment(owner, "journal", journal.id)
    record = store.load(owner.id, "journal", [journal.id])[journal.id]
    tasks = store.load(owner.id, "money_task", [task.id, moved.id])
    spent, transferred = tasks[task.id], tasks[moved.id]
    attached = store.load(owner.id, "attachment", [scan.id])[scan.id]
    assert isinstance(record, JournalRecord)
    assert isinstance(spent, MoneyTaskRecord)
    assert isinstance(transferred, MoneyTaskRecord)
    assert isinstance(attached, AttachmentRecord)
    assert [(each.account, each.amount, each.tracking) for each in record.lines] == [
        ("310", Decimal("40.00"), {"location": "Nelson"}),
        ("630", Decimal("-40.00"), {}),
    ]
    assert (record.debit, record.currency, record.purpose) == (40, "NZD", "manual")
    assert (spent.total, len(spent.lines), spent.lines[0].description) == (100, 1, "Bank fees")
    assert (transferred.total, transferred.lines, transferred.to_account) == (100, (), "091")
    assert (attached.target, attached.size, attached.attached) == (record.key, 15, True)
    assert store.load_bytes(owner.id, [scan.id]) == {scan.id: b"%PDF-1.7 a scan"}
    operations.remove_attachment(scan, actor="mere")
    assert store.load_bytes(owner.id, [scan.id]) == {}
