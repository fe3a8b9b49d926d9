"""From a file of shipped sales to their cost in Xero: booked once, changed, taken back, alone or gathered."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest

from tests import factories
from tests.sync.web_shop import SHOP, TODAY, assert_all_agree, policy
from tests.sync.world import World
from tieout.core.importing import import_file
from tieout.core.models import Document, TaxRule
from tieout.core.operations import change_costs
from tieout.sync.models import Connection, Entry, Status

pytestmark = pytest.mark.django_db
HEAD = "number,contact,date,due_date,channel,shipped_on,sku,quantity,unit_price,unit_cost,status\n"
ROW = "SO-{},ACME,2026-05-31,2026-06-30,{},2026-05-31,CUP,4,20,{},{}\n"


@pytest.fixture
def shop(connected: World) -> World:
    TaxRule.objects.filter(organisation=connected.organisation, name="15% GST on Income").update(default_for_sales=True)
    factories.contact(connected.organisation, code="ACME")
    factories.product(connected.organisation, sku="CUP")
    return connected


def load(world: World, *orders: tuple[int, str, str], channel: str = "") -> None:
    """Orders by number, unit cost and status."""
    text = HEAD + "".join(ROW.format(number, channel, cost, status) for number, cost, status in orders)
    import_file(world.organisation, "sale-invoices", io.BytesIO(text.encode()), actor="mere")


def cost_in_xero(world: World) -> Decimal:
    """What live manual journals debit to the account of cost of goods sold."""
    lines = (line for each in world.live("ManualJournals") for line in each["JournalLines"])
    return sum((Decimal(str(line["LineAmount"])) for line in lines if line["AccountCode"] == "310"), Decimal(0))


def balance(world: World, code: str) -> Decimal:
    (account,) = [each for each in world.documents("Accounts") if each.get("Code") == code]
    return world.twin.trial_balance(world.tenant_id)[account["AccountID"]]


def test_the_cost_of_imported_sales_reaches_xero_and_follows_them(shop: World) -> None:
    load(shop, (1, "7.50", "Authorised"), (2, "7.3333", "Authorised"))
    shop.sync()
    assert cost_in_xero(shop) == Decimal("59.33")
    assert_all_agree(shop)
    load(shop, (1, "8", "Authorised"), (2, "7.3333", "Authorised"))
    mark = len(shop.twin.journal)
    shop.sync()
    written = [call.resource for call in shop.twin.journal[mark:] if call.method != "GET" and call.resource != "token"]
    assert written == ["ManualJournals"], "the change goes by itself; Xero's invoice is not touched"
    assert len(shop.live("ManualJournals")) == 3
    assert cost_in_xero(shop) == Decimal("61.33")
    assert_all_agree(shop)
    load(shop, (1, "8", "Voided"))
    shop.sync()
    assert cost_in_xero(shop) == Decimal("29.33")
    assert_all_agree(shop)


@pytest.mark.parametrize("what", ["drop_after", "drop_before"])
def test_a_cost_whose_answer_was_lost_is_in_xero_once(shop: World, what: str) -> None:
    load(shop, (1, "7.50", "Authorised"))
    shop.twin.faults.add(what, method="PUT", path="/ManualJournals$", times=3)
    shop.sync()
    shop.twin.faults.clear()
    for _ in range(3):
        shop.clock.advance(400)
        shop.sync()
    assert len(shop.live("ManualJournals")) == 1
    assert_all_agree(shop)


def test_costs_of_a_channel_are_gathered_and_a_late_change_too(shop: World) -> None:
    policy(shop)
    policy(shop, "costs")
    load(shop, *((number, "7.50", "Authorised") for number in range(1, 6)), channel=SHOP)
    shop.sync()
    assert [len(shop.live(each)) for each in ("Invoices", "ManualJournals")] == [1, 1]
    assert cost_in_xero(shop) == Decimal(150)
    order = Document.objects.get(organisation=shop.organisation, number="SO-3")
    change_costs(order, {0: Decimal(9)}, on=TODAY, actor="mere")
    shop.clock.advance(timedelta(days=1).total_seconds())
    shop.sync()
    assert cost_in_xero(shop) == Decimal(156)
    load(shop, (3, "9", "Voided"), channel=SHOP)
    shop.sync()
    assert cost_in_xero(shop) == Decimal(120)
    assert_all_agree(shop)


def test_a_mapping_without_an_account_for_costs_holds_the_journal_and_not_the_sale(shop: World) -> None:
    load(shop, (1, "7.50", "Authorised"))
    roles = {role: code for role, code in shop.connection.roles.items() if role != "cost-of-goods"}
    Connection.objects.filter(pk=shop.connection.pk).update(roles=roles)
    shop.sync()
    order = Document.objects.get(organisation=shop.organisation, number="SO-1")
    assert shop.entry(order).status == Status.COMPLETED
    held = Entry.objects.get(organisation=shop.organisation, kind="journal")
    assert held.status == Status.WARNING
    assert "no account is mapped for “Cost of goods sold”" in held.reason
