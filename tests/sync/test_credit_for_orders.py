"""Credit that Core used by itself reaches Xero like one by hand: once, tied out, and gone when taken back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.sync import made_in_xero, web_shop
from tests.sync.test_every_kind import allocations, assert_all_agree, settle
from tests.sync.web_shop import SHOP, YESTERDAY, policy, web_order
from tests.sync.world import World
from tieout.core import operations
from tieout.core.models import Allocation, Deposit, Document
from tieout.core.operations import document_fields
from tieout.reports.tie_out import tie_out
from tieout.sync import company_settings
from tieout.sync.models import Status

pytestmark = pytest.mark.django_db


def deposit(made: World, contact_id: Any, amount: str = "40.00", **values: Any) -> Deposit:
    return factories.deposit(made.organisation, amount, contact_id=contact_id, order_number="SO-1001", **values)


def due(made: World, number: str) -> Decimal:
    (found,) = [each for each in made.live("Invoices") if each["InvoiceNumber"] == number]
    return Decimal(str(found["AmountDue"]))


def left(made: World) -> list[Decimal]:
    return [Decimal(str(each["RemainingCredit"])) for each in made.live("Prepayments")]


def test_a_deposit_taken_at_the_order_is_allocated_in_xero_without_anybodys_help(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation, number="INV-1", reference="SO-1001", authorised=False)
    early = deposit(connected, invoice.contact_id)
    connected.sync()
    assert (left(connected), connected.entry(early).status) == ([Decimal("40.00")], Status.COMPLETED)
    operations.authorise_document(invoice, actor="mere")
    connected.sync()
    assert (due(connected, "INV-1"), left(connected), allocations(connected)) == (60, [0], 1)
    late = deposit(connected, invoice.contact_id, "70.00")
    settle(connected)
    assert (due(connected, "INV-1"), sorted(left(connected)), allocations(connected)) == (0, [0, 10], 2)
    assert connected.entry(late.uses.get()).status == Status.COMPLETED
    assert_all_agree(connected)


def test_a_supplier_deposit_meets_the_bill_of_its_order(connected: World) -> None:
    order = factories.purchase_order(connected.organisation, number="PO-7")
    factories.deposit(
        connected.organisation, "30.00", kind="supplier_deposit", contact_id=order.contact_id, document_id=order.pk
    )
    factories.bill(connected.organisation, number="4471", reference="PO-7", contact_id=order.contact_id)
    company_settings.change(connected.connection, {"export_purchase_orders": "yes"}, actor="ben")
    settle(connected)
    assert (due(connected, "4471"), left(connected)) == (70, [0])
    assert_all_agree(connected)


def test_what_a_person_took_back_is_taken_back_in_xero_and_stays_so(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation, number="INV-1", reference="SO-1001")
    deposit(connected, invoice.contact_id)
    connected.sync()
    operations.void_allocation(Allocation.objects.get(), actor="aroha")
    settle(connected)
    invoice.refresh_from_db()
    operations.edit_document(invoice, replace(document_fields(invoice), job="Fit-out 12"), actor="mere")
    settle(connected)
    assert (due(connected, "INV-1"), left(connected), allocations(connected)) == (100, [40], 0)
    assert_all_agree(connected)


def test_an_invoice_made_in_xero_is_left_to_what_it_was_paid_with_there(connected: World) -> None:
    company_settings.change(connected.connection, {"load_invoices": "yes"}, actor="ben")
    cafe = factories.contact(connected.organisation, name="Pounamu Cafe")
    credit = deposit(connected, cafe.pk)
    connected.sync()
    (shown,) = [each for each in connected.documents("Contacts") if each["Name"] == "Pounamu Cafe"]
    made_in_xero.invoice(connected, shown["ContactID"], InvoiceNumber="X-1", Reference="SO-1001")
    connected.clock.advance(600)
    connected.sync()
    assert Document.objects.get(number="X-1").contact_id == cafe.pk
    assert not credit.uses.exists()


# -- documents that are gathered -----------------------------------------------------------------------------------


def test_on_a_document_by_customer_it_goes_like_any_use_of_credit(connected: World) -> None:
    policy(connected, grouping="customer")
    order = web_order(connected, reference="SO-1001")
    credit = deposit(connected, order.contact_id, date=YESTERDAY)
    connected.sync()
    use = credit.uses.get()
    assert (use.document_id, connected.entry(use).status) == (order.pk, Status.COMPLETED)
    (made,) = connected.live("Invoices")
    assert made["InvoiceNumber"].startswith("SO-2026/05/31")
    assert Decimal(str(made["AmountDue"])) == Decimal("75.00")
    web_shop.assert_all_agree(connected)


def test_a_credit_note_that_is_gathered_too_is_used_between_the_gathered_documents(connected: World) -> None:
    policy(connected)
    first, order = web_order(connected), web_order(connected, reference="SO-1001")
    customer = {"contact_id": order.contact_id, "credits_id": None, "reference": "SO-1001"}
    note = factories.credit_note(first, channel=SHOP, lines=[factories.line("10.00")], **customer)
    assert note.uses.get().document == order
    connected.sync()
    assert connected.entry(note.uses.get()).status == Status.COMPLETED
    web_shop.assert_all_agree(connected)


def test_on_the_channels_document_it_waits_for_a_person_as_by_hand(connected: World) -> None:
    policy(connected)
    order = web_order(connected, reference="SO-1001")
    credit = deposit(connected, order.contact_id)
    connected.sync()
    entry = connected.entry(credit.uses.get())
    assert (entry.status, entry.reason_code) == (Status.WARNING, "contact-differs")
    assert "Group the channel by customer" in entry.advice
    operations.void_allocation(credit.uses.get(), actor="aroha")
    connected.sync()
    assert connected.entry(credit.uses.get()).status == Status.SKIPPED
    assert (left(connected), allocations(connected)) == ([Decimal("40.00")], 0)
    assert tie_out(connected.organisation).agrees
