"""An adjusting credit note is used on the invoice that it corrects: once, as far as both have something left."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.sync.test_killed_worker import POINTS, go_on, run_until_killed, served
from tests.sync.test_lost_answers import OFTEN_AND_LONG, TROUBLES, until_nothing_is_due
from tests.sync.web_shop import SHOP, TODAY, assert_all_agree, document, policy, reprice, tomorrow, web_order
from tests.sync.world import World, world
from tieout.core import operations
from tieout.sync import company_settings
from tieout.sync.dry_run import dry_run
from tieout.sync.models import ConsolidatedDocument, Entry, Finding, Status

__all__ = ["served"]
FIRST = f"SO-2026/05/31-{SHOP}-1"
CREDIT = f"CN-2026/05/31-{SHOP}-1"


@pytest.fixture
def shop(db: None) -> World:
    return world(currencies=("USD",))


def allocations(shop: World) -> list[tuple[str, str, Decimal]]:
    """Credit, what it is used on, how much."""
    by_id = {each["InvoiceID"]: each["InvoiceNumber"] for each in shop.documents("Invoices")}
    return [
        (note["CreditNoteNumber"], by_id[each["Invoice"]["InvoiceID"]], Decimal(str(each["Amount"])))
        for note in shop.live("CreditNotes")
        for each in note.get("Allocations", [])
    ]


def due(shop: World, number: str) -> Decimal:
    return Decimal(str(document(shop, number)["AmountDue"]))


def cheaper(shop: World) -> Any:
    """Two orders of 115.00 went together; then one of them became cheaper by 23.00."""
    policy(shop)
    order, _ = web_order(shop), web_order(shop)
    shop.sync()
    reprice(order, "80.00")
    return order


@pytest.mark.django_db
def test_the_credit_is_used_on_the_invoice_in_the_same_sync(shop: World) -> None:
    cheaper(shop)
    shop.sync()
    assert allocations(shop) == [(CREDIT, FIRST, Decimal("23.00"))]
    assert due(shop, FIRST) == Decimal("207.00")
    entry = Entry.objects.get(kind="consolidated_allocation")
    assert (entry.status, entry.label, entry.amount) == (Status.COMPLETED, f"{CREDIT} → {FIRST}", Decimal("23.00"))
    assert_all_agree(shop)
    mark = len(shop.twin.journal)
    for _ in range(2):
        shop.clock.advance(3600)
        shop.sync()
    assert not [call for call in shop.twin.journal[mark:] if call.method == "PUT"]
    assert allocations(shop) == [(CREDIT, FIRST, Decimal("23.00"))]
    assert not Finding.objects.filter(closed_at=None).exists()


@pytest.mark.django_db
def test_the_payments_of_what_is_left_still_fit(shop: World) -> None:
    order = cheaper(shop)
    shop.sync()
    factories.payment(order, "92.00", date=TODAY)
    shop.sync()
    assert due(shop, FIRST) == Decimal("115.00")
    assert_all_agree(shop)


@pytest.mark.django_db
def test_no_more_is_used_than_is_due(shop: World) -> None:
    cheaper(shop)
    shop.twin.edit(shop.tenant_id, "pay", invoice=FIRST, account="090", amount="220.00")
    shop.clock.advance(3600)
    shop.sync()
    assert allocations(shop) == [(CREDIT, FIRST, Decimal("10.00"))]
    assert due(shop, FIRST) == 0


@pytest.mark.django_db
def test_an_invoice_that_is_paid_in_full_gets_nothing_until_a_payment_goes(shop: World) -> None:
    cheaper(shop)
    shop.twin.edit(shop.tenant_id, "pay", invoice=FIRST, account="090", amount="230.00")
    shop.clock.advance(3600)
    shop.sync()
    assert allocations(shop) == []
    assert not Entry.objects.filter(kind="consolidated_allocation").exists()
    (payment,) = shop.live("Payments")
    shop.twin.edit(shop.tenant_id, "delete_payment", payment=payment["PaymentID"])
    shop.clock.advance(3600)
    shop.sync()
    shop.sync()
    assert allocations(shop) == [(CREDIT, FIRST, Decimal("23.00"))]


@pytest.mark.django_db
def test_drafts_wait_until_somebody_approves_them(shop: World) -> None:
    company_settings.change(shop.connection, {"invoice_status": "draft"}, actor="ben")
    shop.connection.refresh_from_db()
    cheaper(shop)
    shop.sync()
    assert allocations(shop) == []


@pytest.mark.django_db
def test_a_voided_order_and_a_bill_of_a_supplier_are_credited_too(shop: World) -> None:
    supplier = factories.contact(shop.organisation, name="Potters", is_supplier=True)
    policy(shop, "bills", supplier_id=supplier.pk, contact_name="Potters")
    policy(shop)
    order, _ = web_order(shop), web_order(shop)
    day = order.date
    bills = [factories.bill(shop.organisation, contact_id=supplier.pk, date=day) for _ in range(2)]
    shop.sync()
    operations.void_document(order, actor="mere")
    operations.void_document(bills[0], actor="mere")
    shop.sync()
    assert sorted(amount for _, _, amount in allocations(shop)) == [Decimal("100.00"), Decimal("115.00")]
    assert_all_agree(shop)


@pytest.mark.django_db
def test_a_look_ahead_foresees_the_credit_and_its_use(shop: World) -> None:
    cheaper(shop)
    told = {each.kind: each for each in dry_run(shop.organisation, shop.clock).kinds}
    assert told["consolidated_allocation"].sent == 1
    assert not Entry.objects.filter(kind="consolidated_allocation").exists()
    assert not ConsolidatedDocument.objects.exclude(allocated=None).exists()
    foreseen = dry_run(shop.organisation, shop.clock).calls
    mark = len(shop.twin.journal)
    shop.sync()
    made = [call for call in shop.twin.journal[mark:] if call.path.startswith("/api.xro")]
    assert len(made) == foreseen


@pytest.mark.django_db
@pytest.mark.parametrize("payments", ["push", "both"])
@OFTEN_AND_LONG
@pytest.mark.parametrize("what", TROUBLES)
def test_a_use_in_trouble_is_done_once(shop: World, what: str, times: int, wait: timedelta, payments: str) -> None:
    company_settings.change(shop.connection, {"payments": payments}, actor="ben")
    shop.connection.refresh_from_db()
    cheaper(shop)
    shop.twin.faults.add(what, method="PUT", path="Allocations", times=times)
    shop.sync()
    shop.twin.faults.clear()
    shop.clock.advance(wait.total_seconds())
    until_nothing_is_due(shop)
    assert allocations(shop) == [(CREDIT, FIRST, Decimal("23.00"))]
    assert_all_agree(shop)
    assert not Finding.objects.filter(closed_at=None).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [timedelta(seconds=1), timedelta(minutes=10)], ids=["soon", "later"])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_while_using_the_credit(served: tuple[World, str], point: str, after: timedelta) -> None:
    made, url = served
    cheaper(made)
    run_until_killed(made, url, point, 2)  # the first write is that of the credit note
    go_on(made, after)
    assert allocations(made) == [(CREDIT, FIRST, Decimal("23.00"))]
    assert_all_agree(made)


@pytest.mark.django_db
def test_refused_for_good_it_is_settled_anew_by_what_is_left(shop: World) -> None:
    cheaper(shop)
    shop.twin.faults.add("drop_before", method="PUT", path="Allocations", times=50)
    shop.sync()
    shop.twin.faults.clear()
    shop.twin.edit(shop.tenant_id, "pay", invoice=FIRST, account="090", amount="220.00")
    shop.clock.advance(3600)
    for _ in range(3):
        shop.sync()
        tomorrow(shop)
    assert allocations(shop) == [(CREDIT, FIRST, Decimal("10.00"))]
