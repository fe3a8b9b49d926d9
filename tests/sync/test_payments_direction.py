"""Payments made in Xero come into Core, Core's own go to Xero, or both, as the settings say; never twice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.sync.test_corrections import assert_proven
from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.models import Account, Allocation, Document, Settlement, Touch
from tieout.people.models import Event
from tieout.reports.tie_out import tie_out
from tieout.sync.incoming import taking
from tieout.sync.models import Binding, Connection, Entry, Finding, Status

pytestmark = pytest.mark.django_db


def direction(made: World, payments: str) -> None:
    Connection.objects.filter(organisation=made.organisation).update(payments=payments)


@pytest.fixture(params=["pull", "both"])
def pulling(connected: World, request: pytest.FixtureRequest) -> World:
    direction(connected, request.param)
    return connected


def by_hand(made: World, document: Document, amount: str = "15.00", **more: str) -> str:
    details = {"account": "090", "amount": amount, "date": "2026-05-04", "reference": "By hand"} | more
    return made.twin.edit(made.tenant_id, "pay", invoice=document.number, **details).split()[1]


def writes_since(made: World, mark: int) -> list[str]:
    calls = made.twin.journal[mark:]
    return [f"{call.method} {call.resource}" for call in calls if call.method != "GET" and call.resource != "token"]


@pytest.mark.parametrize("kind", ["sale_invoice", "bill"])
def test_a_payment_made_in_xero_comes_into_core_once(pulling: World, kind: str) -> None:
    document = getattr(factories, kind)(pulling.organisation)
    pulling.sync()
    for _ in range(2):  # twice the same: two payments that nothing but their ids tells apart
        by_hand(pulling, document)
    mark = len(pulling.twin.journal)
    for _ in range(3):
        pulling.clock.advance(600)
        pulling.sync()
    taken = Settlement.objects.filter(document=document)
    assert [(each.amount, each.account, each.reference) for each in taken] == [(Decimal("15.00"), "090", "By hand")] * 2
    assert writes_since(pulling, mark) == []
    assert_proven(pulling)
    told = Event.objects.filter(organisation=pulling.organisation, kind="payment", actor="xero")
    assert set(told.values_list("label", flat=True)) == {each.number for each in taken}
    entry = pulling.entry(taken[0])
    assert (entry.status, entry.reason_code) == (Status.COMPLETED, "from-xero")
    assert not Touch.objects.filter(organisation=pulling.organisation).exists()


def test_with_push_alone_what_people_do_in_xero_stays_there(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    connected.sync()
    by_hand(connected, invoice)
    connected.sync()
    assert not Settlement.objects.exists()
    (told,) = tie_out(connected.organisation).explanations
    assert "In Xero only" in told.why


def test_a_payment_removed_in_xero_is_voided_in_core(pulling: World) -> None:
    invoice = factories.sale_invoice(pulling.organisation)
    pulling.sync()
    payment = by_hand(pulling, invoice)
    pulling.sync()
    pulling.twin.edit(pulling.tenant_id, "delete_payment", payment=payment)
    mark = len(pulling.twin.journal)
    for _ in range(2):
        pulling.clock.advance(600)
        pulling.sync()
    (taken,) = Settlement.objects.all()
    assert taken.status == "VOIDED"
    assert writes_since(pulling, mark) == []
    assert_proven(pulling)


def test_with_pull_cores_own_payments_stay_in_core_until_they_are_wanted(connected: World) -> None:
    direction(connected, "pull")
    payment = factories.payment(factories.sale_invoice(connected.organisation))
    connected.sync()
    entry = connected.entry(payment)
    assert (entry.status, entry.reason_code) == (Status.SKIPPED, "payments-from-xero")
    assert not connected.documents("Payments")
    direction(connected, "both")
    connected.sync()
    assert len(connected.live("Payments")) == 1
    assert_proven(connected)


def test_with_both_each_sides_own_go_across(connected: World) -> None:
    direction(connected, "both")
    invoice = factories.sale_invoice(connected.organisation)
    factories.payment(invoice, "20.00")
    connected.sync()
    by_hand(connected, invoice)
    factories.payment(invoice, "30.00")
    connected.sync()
    amounts = [Decimal("15.00"), Decimal("20.00"), Decimal("30.00")]
    assert sorted(Decimal(str(each["Amount"])) for each in connected.live("Payments")) == amounts
    assert sorted(Settlement.objects.values_list("amount", flat=True)) == amounts
    assert_proven(connected)


@pytest.mark.parametrize("what", ["drop_after", "drop_before"])
def test_cores_own_payment_whose_answer_was_lost_is_not_taken_for_xeros(connected: World, what: str) -> None:
    direction(connected, "both")
    invoice = factories.sale_invoice(connected.organisation)
    factories.payment(invoice, "20.00", reference="Direct credit")
    connected.twin.faults.add(what, method="PUT", path="Payments", times=3)
    connected.sync()
    connected.twin.faults.clear()
    for _ in range(2):
        connected.clock.advance(400)
        connected.sync()
    assert Settlement.objects.count() == 1
    assert len(connected.live("Payments")) == 1
    assert_proven(connected)


def test_what_is_more_than_core_has_due_is_a_finding_until_it_fits(connected: World) -> None:
    direction(connected, "pull")
    invoice = factories.sale_invoice(connected.organisation)
    connected.sync()
    own = factories.payment(invoice, "90.00")
    by_hand(connected, invoice)
    connected.sync()
    (finding,) = Finding.objects.filter(closed_at=None)
    assert "cannot be taken over" in finding.text
    assert "10.00" in finding.text
    operations.void_payment(own, actor="mere")
    connected.sync()
    assert Settlement.objects.filter(status="AUTHORISED").get().amount == Decimal("15.00")
    assert not Finding.objects.filter(closed_at=None).exists()


def test_an_account_that_core_does_not_have_is_a_finding(pulling: World) -> None:
    invoice = factories.sale_invoice(pulling.organisation)
    pulling.sync()
    by_hand(pulling, invoice)
    Account.objects.filter(organisation=pulling.organisation, code="090").update(code="")
    pulling.sync()
    (finding,) = Finding.objects.filter(closed_at=None)
    assert "090" in finding.text
    assert not Settlement.objects.exists()


def test_what_came_from_xero_and_is_voided_in_core_asks_for_the_same_in_xero(pulling: World) -> None:
    invoice = factories.sale_invoice(pulling.organisation)
    pulling.sync()
    payment = by_hand(pulling, invoice)
    pulling.sync()
    (taken,) = Settlement.objects.all()
    operations.void_payment(taken, actor="mere")
    mark = len(pulling.twin.journal)
    pulling.sync()
    assert pulling.entry(taken).reason_code == "made-in-xero"
    assert writes_since(pulling, mark) == []
    pulling.twin.edit(pulling.tenant_id, "delete_payment", payment=payment)
    pulling.sync()
    assert_proven(pulling)


def test_refunds_and_uses_of_credit_come_into_core_too(pulling: World) -> None:
    invoice = factories.sale_invoice(pulling.organisation, lines=[factories.line("300.00")])
    note = factories.credit_note(invoice)
    credit = factories.deposit(pulling.organisation, contact_id=invoice.contact_id)
    pulling.sync()
    pulling.twin.edit(pulling.tenant_id, "allocate", credit_note=note.number, invoice=invoice.number, amount="40.00")
    (prepaid,) = pulling.documents("Prepayments")
    pulling.twin.edit(
        pulling.tenant_id, "allocate", prepayment=prepaid["PrepaymentID"], invoice=invoice.number, amount="25.00"
    )
    for _ in range(2):
        pulling.clock.advance(600)
        pulling.sync()
    uses = Allocation.objects.filter(document=invoice).order_by("amount")
    assert [each.amount for each in uses] == [Decimal("25.00"), Decimal("40.00")]
    assert uses[0].deposit_id == credit.pk
    assert_proven(pulling)
    pulling.twin.edit(pulling.tenant_id, "unallocate", credit_note=note.number, invoice=invoice.number)
    pulling.clock.advance(600)
    pulling.sync()
    assert Allocation.objects.get(credit_note=note).status == "VOIDED"
    assert_proven(pulling)


def test_credit_that_core_does_not_have_is_a_finding(pulling: World) -> None:
    invoice = factories.sale_invoice(pulling.organisation)
    pulling.sync()
    by_person = factories.credit_note(invoice, number="CN-BY-HAND")
    pulling.sync()
    pulling.twin.edit(pulling.tenant_id, "allocate", credit_note="CN-BY-HAND", invoice=invoice.number, amount="5.00")
    Binding.objects.filter(record_id=by_person.pk).delete()  # as if somebody had made it in Xero
    Entry.objects.filter(record_id=by_person.pk).update(status=Status.SKIPPED)
    pulling.clock.advance(600)
    pulling.sync()
    (finding,) = Finding.objects.filter(closed_at=None)
    assert finding.kind == "allocation"
    assert "is not in Core" in finding.text


def test_a_foreign_payment_keeps_its_rate() -> None:
    abroad = world(currencies=("USD",))
    direction(abroad, "pull")
    invoice = factories.sale_invoice(abroad.organisation, currency="USD", rate=Decimal("0.5870"))
    abroad.sync()
    by_hand(abroad, invoice, "40.00")
    abroad.sync()
    assert Settlement.objects.get().rate > 0
    assert_proven(abroad)


class Killed(Exception):
    """Stands for the death of the worker."""


@pytest.mark.parametrize("place", ["bind", "_entry"])
def test_a_worker_that_dies_while_taking_over_leaves_all_or_nothing(
    connected: World, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    direction(connected, "pull")
    invoices = [factories.sale_invoice(connected.organisation) for _ in range(3)]
    connected.sync()
    for invoice in invoices:
        by_hand(connected, invoice)

    def die(*args: object, **more: object) -> None:
        raise Killed

    with monkeypatch.context() as broken, pytest.raises(Killed):
        broken.setattr(taking.Taking, place, die)
        connected.sync()
    assert not Settlement.objects.exists()
    connected.sync()
    assert Settlement.objects.count() == 3
    assert_proven(connected)


def test_many_are_taken_over_with_as_few_statements_as_one(connected: World) -> None:
    direction(connected, "pull")
    lines = [factories.line("20.00")]
    invoices = [factories.sale_invoice(connected.organisation, lines=lines) for _ in range(31)]
    connected.sync()
    taken = []
    for some in (invoices[:1], invoices[1:]):
        for invoice in some:
            by_hand(connected, invoice)
        with CaptureQueriesContext(database) as statements:
            connected.sync()
        taken.append(len(statements))
    assert Settlement.objects.count() == 31
    assert taken[1] <= taken[0] + 5
