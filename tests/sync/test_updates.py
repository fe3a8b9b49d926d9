"""What happens after the first sync: edits, voids, people in Xero, people in Sync History."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from unittest import mock

import pytest

from tests import factories
from tests.sync.small_company import assert_once_and_final, small_company
from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.fields import ContactFields
from tieout.core.models import Document
from tieout.core.operations import document_fields, fields_of
from tieout.kinds.comparison import Difference
from tieout.kinds.registry import KINDS
from tieout.reports.tie_out import tie_out
from tieout.sync.dry_run import dry_run
from tieout.sync.entries import NotAllowed, change_status, counts, undo
from tieout.sync.models import Connection, Entry, Finding, Run, Status

pytestmark = pytest.mark.django_db


def calls_since(world: World, mark: int) -> list[tuple[str, str]]:
    return [(call.method, call.resource) for call in world.twin.journal[mark:] if call.method != "GET"]


def test_touching_a_record_without_changing_it_sends_nothing(connected: World) -> None:
    small = small_company(connected.organisation)
    connected.sync()
    mark = len(connected.twin.journal)
    operations.deprecate_contact(small.contact, actor="mere")
    operations.reactivate_contact(small.contact, actor="mere")
    connected.sync()
    assert calls_since(connected, mark) == []
    assert_once_and_final(connected)


def test_an_edited_contact_is_updated_and_says_what_changed(connected: World) -> None:
    small = small_company(connected.organisation)
    connected.sync()
    mark = len(connected.twin.journal)
    edited = replace(fields_of(ContactFields, small.contact), email="new@example.com")
    operations.edit_contact(small.contact, edited, actor="mere", version=small.contact.version)
    connected.sync()
    assert calls_since(connected, mark) == [("POST", "Contacts")]
    entry = connected.entry(small.contact)
    assert [(each["field"], each["core"]) for each in entry.difference] == [("email_address", "new@example.com")]
    assert connected.documents("Contacts")[0]["EmailAddress"] == "new@example.com"
    assert_once_and_final(connected)


def test_a_voided_payment_is_deleted_in_xero_and_the_document_is_due_again(connected: World) -> None:
    small = small_company(connected.organisation)
    connected.sync()
    operations.void_payment(small.payment, actor="mere")
    connected.sync()
    assert [each["Status"] for each in connected.documents("Payments")] == ["DELETED"]
    assert connected.statuses() == {"completed": 5}
    assert tie_out(connected.organisation).agrees


def test_a_paid_document_is_never_hit_blindly(connected: World) -> None:
    small = small_company(connected.organisation)
    connected.sync()
    connected.twin.edit(
        connected.tenant_id, "pay", invoice=small.bill.number, account="090", amount="5.00", date="2026-06-01"
    )
    operations.void_document(small.bill, actor="mere")
    mark = len(connected.twin.journal)
    connected.sync()
    assert calls_since(connected, mark) == []
    entry = connected.entry(small.bill)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "paid-in-xero")
    assert "5.00 NZD" in entry.reason


def test_a_warning_is_cured_when_xero_changes(connected: World) -> None:
    connected.twin.edit(connected.tenant_id, "lock_dates", period="2026-04-30", end_of_year=None)
    small = small_company(connected.organisation)
    connected.clock.advance(3600)
    connected.sync()
    entry = connected.entry(small.sale_invoice)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "lock-date")
    payment = connected.entry(small.payment)
    assert (payment.status, payment.blocked_id) == (Status.PENDING, small.sale_invoice.pk)
    connected.twin.edit(connected.tenant_id, "lock_dates", period=None, end_of_year=None)
    connected.clock.advance(3600)
    connected.sync()
    assert_once_and_final(connected)


def test_the_same_refused_content_is_not_sent_twice_unless_a_person_asks(connected: World) -> None:
    other = factories.contact(connected.organisation, name="Aroha Homeware")
    connected.sync()
    twin_name = factories.contact(connected.organisation, name="aroha  homeware", code="OTHER")
    connected.sync()
    entry = connected.entry(twin_name)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "contact-name-in-use")
    assert connected.entry(other).status == Status.COMPLETED
    assert len(connected.documents("Contacts")) == 1


def test_many_entries_are_skipped_at_once_with_a_reason_and_put_back_by_one_undo(connected: World) -> None:
    connected.twin.edit(connected.tenant_id, "archive_account", account="200")
    for _ in range(3):
        factories.sale_invoice(connected.organisation)
    connected.clock.advance(3600)
    connected.sync()
    warned = Entry.objects.filter(status=Status.WARNING)
    assert warned.count() == 3
    now = connected.clock.now()
    with pytest.raises(NotAllowed, match="Say why"):
        change_status(connected.organisation, warned, Status.SKIPPED, actor="mere", reason=" ", now=now)
    done = change_status(
        connected.organisation, Entry.objects.all(), Status.SKIPPED, actor="mere", reason="Entered by hand", now=now
    )
    assert done.change is not None
    assert (done.moved, counts(connected.organisation)["skipped"]) == (3, 3)
    assert done.stayed == Entry.objects.filter(status=Status.COMPLETED).count()
    undone = undo(done.change, actor="mere", now=connected.clock.now())
    assert (undone.moved, undone.stayed) == (3, 0)
    assert set(Entry.objects.filter(kind="sale_invoice").values_list("status", "reason_code")) == {
        ("warning", "account-archived")
    }
    with pytest.raises(NotAllowed, match="undone already"):
        undo(done.change, actor="mere", now=connected.clock.now())


def test_an_undo_leaves_alone_what_moved_on_meanwhile(connected: World) -> None:
    connected.twin.edit(connected.tenant_id, "archive_account", account="200")
    invoice = factories.sale_invoice(connected.organisation)
    connected.clock.advance(3600)
    connected.sync()
    retried = change_status(
        connected.organisation,
        Entry.objects.filter(record_id=invoice.pk),
        Status.PENDING,
        actor="mere",
        reason="",
        now=connected.clock.now(),
    )
    connected.clock.advance(60)
    connected.sync()
    assert retried.change is not None
    undone = undo(retried.change, actor="mere", now=connected.clock.now())
    assert (undone.moved, undone.stayed) == (0, 1)


def test_a_write_that_xero_accepts_but_does_not_apply_is_a_finding(connected: World) -> None:
    small = small_company(connected.organisation)
    connected.sync()
    operations.edit_contact(
        small.contact,
        replace(fields_of(ContactFields, small.contact), email="new@example.com"),
        actor="mere",
        version=small.contact.version,
    )
    kind = KINDS["contact"]
    with mock.patch.object(type(kind), "compare", return_value=[Difference("email_address", "new@example.com", "")]):
        connected.sync()
    entry = connected.entry(small.contact)
    assert (entry.status, entry.verified, entry.reason_code) == (Status.COMPLETED, False, "not-verified")
    finding = Finding.objects.get(closed_at=None)
    assert (finding.record_id, finding.detail[0]["field"]) == (small.contact.pk, "email_address")


def test_a_revoked_access_stops_the_run_and_asks_to_reconnect(connected: World) -> None:
    small_company(connected.organisation)
    connection = Connection.objects.get(organisation=connected.organisation)
    connected.clock.advance(60 * 24 * 3600 + 1)  # the refresh token dies after 60 days
    run = connected.sync()
    connection.refresh_from_db()
    assert run.state == Run.State.STOPPED
    assert "Connect the organisation to Xero again" in run.message
    assert connection.step == Connection.Step.RECONNECT


def test_xero_down_stops_the_run_and_says_when_it_goes_on(connected: World) -> None:
    small_company(connected.organisation)
    connected.twin.faults.add("503", times=1000)
    run = connected.sync()
    assert run.state == Run.State.STOPPED
    assert run.resume_at is not None
    assert run.resume_at > connected.clock.now()
    connected.twin.faults.clear()
    connected.sync()
    assert_once_and_final(connected)


def test_a_foreign_document_keeps_its_rate() -> None:
    abroad = world(currencies=("USD",))
    invoice = factories.sale_invoice(abroad.organisation, currency="USD", rate=Decimal("0.5870"))
    factories.payment(invoice, "100.00")
    abroad.sync()
    assert abroad.statuses() == {"completed": 3}
    (sent,) = abroad.documents("Invoices")
    assert Decimal(str(sent["CurrencyRate"])) == Decimal("0.5870")
    assert tie_out(abroad.organisation).agrees


def test_a_document_in_a_currency_that_xero_lacks_waits_for_a_person(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation, currency="EUR", rate=Decimal("0.5"))
    connected.sync()
    entry = connected.entry(invoice)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "currency-missing")


def priced(record: Document, unit_price: str) -> None:
    values = document_fields(record)
    lines = (replace(values.lines[0], unit_price=Decimal(unit_price)),)
    operations.edit_document(record, replace(values, lines=lines), actor="mere")


@pytest.mark.parametrize("make", [factories.sale_invoice, factories.bill])
def test_a_document_of_nothing_is_paid_in_xero_at_once_and_stays_as_agreed(
    connected: World, make: Callable[..., Document]
) -> None:
    record = make(connected.organisation, lines=[factories.line("0.00")])
    connected.sync()
    assert [each["Status"] for each in connected.documents("Invoices")] == ["PAID"]
    mark = len(connected.twin.journal)
    connected.clock.advance(600)
    connected.sync()
    assert calls_since(connected, mark) == []
    assert connected.statuses() == {"completed": 2}  # its contact, and itself
    priced(record, "40.00")
    connected.sync()
    (owed,) = connected.documents("Invoices")
    assert (owed["Status"], owed["AmountDue"]) == ("AUTHORISED", Decimal(40))
    priced(record, "0.00")
    connected.sync()
    assert [each["Status"] for each in connected.documents("Invoices")] == ["PAID"]
    operations.void_document(record, actor="mere")
    connected.sync()
    assert [each["Status"] for each in connected.documents("Invoices")] == ["VOIDED"]
    assert connected.statuses() == {"completed": 2}  # its contact, and itself
    assert tie_out(connected.organisation).agrees


def test_a_credit_note_of_nothing_too(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation, lines=[factories.line("90.00")])
    note = factories.credit_note(invoice, lines=[factories.line("0.00")])
    connected.sync()
    assert [each["Status"] for each in connected.documents("CreditNotes")] == ["PAID"]
    mark = len(connected.twin.journal)
    connected.clock.advance(600)
    connected.sync()
    assert calls_since(connected, mark) == []
    for price, status in (("40.00", "AUTHORISED"), ("0.00", "PAID")):
        priced(note, price)
        connected.sync()
        assert [each["Status"] for each in connected.documents("CreditNotes")] == [status]
    operations.void_document(note, actor="mere")
    connected.sync()
    assert [each["Status"] for each in connected.documents("CreditNotes")] == ["VOIDED"]
    assert connected.statuses() == {"completed": 3}
    assert tie_out(connected.organisation).agrees


def test_what_was_skipped_while_it_waited_goes_when_it_is_put_back_later(connected: World) -> None:
    contact = factories.contact(connected.organisation)
    invoice = factories.sale_invoice(connected.organisation, contact_id=contact.pk)
    connected.twin.faults.add("503", method="PUT", path="Contacts")
    connected.sync()
    assert connected.entry(invoice).blocked_id == contact.pk
    chosen = Entry.objects.filter(record_id=invoice.pk)
    done = change_status(
        connected.organisation, chosen, Status.SKIPPED, actor="mere", reason="Later", now=connected.clock.now()
    )
    connected.clock.advance(600)
    connected.sync()
    assert connected.entry(contact).status == Status.COMPLETED
    assert done.change
    undo(done.change, actor="mere", now=connected.clock.now())
    connected.sync()
    assert connected.entry(invoice).status == Status.COMPLETED


def test_what_a_rule_left_out_is_judged_anew_when_it_changes(connected: World) -> None:
    contact = factories.contact(connected.organisation)
    operations.deprecate_contact(contact, actor="mere")
    Connection.objects.update(sync_from=date(2026, 5, 1))
    invoice = factories.sale_invoice(connected.organisation, date=date(2026, 4, 30))
    connected.sync()
    left_out = {connected.entry(each).reason_code for each in (contact, invoice)}
    assert left_out == {"gone-before-sync", "before-start"}
    operations.reactivate_contact(contact, actor="mere")
    values = replace(document_fields(invoice), date=date(2026, 5, 1))
    operations.edit_document(invoice, values, actor="mere")
    assert dry_run(connected.organisation, connected.clock).counted("actions")["create"] == 2
    connected.sync()
    assert {connected.entry(each).status for each in (contact, invoice)} == {Status.COMPLETED}


def test_what_a_person_skipped_stays_skipped_when_it_changes(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    connected.twin.faults.add("503", method="PUT", path="Invoices")
    connected.sync()
    chosen = Entry.objects.filter(record_id=invoice.pk)
    change_status(
        connected.organisation, chosen, Status.SKIPPED, actor="mere", reason="Paper", now=connected.clock.now()
    )
    operations.edit_document(invoice, replace(document_fields(invoice), reference="PO 7"), actor="mere")
    connected.sync()
    assert (connected.entry(invoice).status, connected.entry(invoice).reason) == (Status.SKIPPED, "Paper")


def test_what_was_deprecated_before_it_went_goes_once_a_document_needs_it(connected: World) -> None:
    contact = factories.contact(connected.organisation)
    product = factories.product(connected.organisation, sku="MUG")
    line = factories.line("10.00", product_id=product.pk)
    draft = factories.sale_invoice(connected.organisation, contact_id=contact.pk, lines=[line], authorised=False)
    operations.deprecate_contact(contact, actor="mere")
    operations.deprecate_product(product, actor="mere")
    connected.sync()
    assert connected.statuses() == {"skipped": 2}
    operations.authorise_document(draft, actor="mere")
    connected.sync()
    assert connected.statuses() == {"completed": 3}
