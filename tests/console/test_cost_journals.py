"""An invoice's entry shows the journals of its cost, and a journal's entry the invoice that it belongs to."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.console.conftest import signed_in
from tests.sync.web_shop import YESTERDAY, gst, policy, web_order
from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.models import Document, Journal
from tieout.people.models import Role
from tieout.sync.models import Binding, Connection, Entry

pytestmark = pytest.mark.django_db
SHIPPED, LATER = date(2026, 4, 2), date(2026, 5, 20)


@pytest.fixture
def made() -> World:
    one = world()
    Connection.objects.filter(organisation=one.organisation).update(short_code="!abc12")
    return one


@pytest.fixture
def viewer(made: World) -> Client:
    return signed_in("vera", made.organisation, Role.VIEWER)


@pytest.fixture
def invoice(made: World) -> Document:
    """Shipped, its cost posted, in Xero; then the cost changed, which no sync has looked at."""
    cup = factories.product(made.organisation, sku="CUP")
    line = factories.line("18.90", "4", product_id=cup.id, unit_cost=Decimal("7.50"))
    invoice = factories.sale_invoice(made.organisation, number="INV-1", shipped_on=SHIPPED, lines=[line])
    operations.post_cost_of_goods(invoice, actor="mere")
    made.sync()
    operations.change_costs(invoice, {0: Decimal("8.00")}, on=LATER, actor="mere")
    return invoice


def page(made: World, client: Client, entry: Entry, **headers: str) -> str:
    answer = client.get(f"/o/{made.organisation.slug}/history/{entry.pk}/", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def costs(text: str) -> list[str]:
    """The rows of the section, as text."""
    section = re.search(r"<h3>Cost of goods</h3>(.*?)</section>", text, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", section.group(1), re.DOTALL)[1:] if section else []
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows]


def test_an_invoice_shows_its_cost_journals_with_status_and_place_in_xero(
    made: World, viewer: Client, invoice: Document
) -> None:
    first, later = costs(page(made, viewer, made.entry(invoice)))
    assert "COGS-INV-1 In Xero" in first
    assert first.startswith("COGS-INV-1 ")
    assert "02 Apr 2026" in first
    assert "Completed" in first
    assert first.endswith("30.00 NZD")
    assert later == "COGS-INV-1-2 20 May 2026 No sync has looked at it yet"
    made.sync()
    journal = Journal.objects.get(number="COGS-INV-1-2")
    text = page(made, viewer, made.entry(invoice))
    assert costs(text)[1].endswith("2.00 NZD")
    xero_id = Binding.objects.get(record_id=journal.pk).xero_id
    assert f"/Journal/View.aspx?InvoiceID={xero_id}" in text
    assert f'href="/o/{made.organisation.slug}/history/{made.entry(journal).pk}/"' in text


def test_a_journal_shows_its_invoice_and_the_way_back(made: World, viewer: Client, invoice: Document) -> None:
    text = page(made, viewer, made.entry(Journal.objects.get(number="COGS-INV-1")))
    fact = re.search(r"<dt>Cost of goods of</dt><dd>(.*?)</dd>", text, re.DOTALL)
    assert fact
    assert f'href="/o/{made.organisation.slug}/history/{made.entry(invoice).pk}/"' in fact.group(1)
    assert "/AccountsReceivable/View.aspx?InvoiceID=" in fact.group(1)
    assert "INV-1" in fact.group(1)
    assert "Sale invoice · Completed" in fact.group(1)
    assert costs(text) == []


def test_in_the_drawer_the_links_stay_in_the_drawer(made: World, viewer: Client, invoice: Document) -> None:
    entry, other = made.entry(invoice), made.entry(Journal.objects.get(number="COGS-INV-1"))
    inside = f'hx-get="/o/{made.organisation.slug}/history/{other.pk}/" hx-target="#drawer-in"'
    assert inside in page(made, viewer, entry, HX_Request="true")
    assert inside not in page(made, viewer, entry)


def test_a_voided_journal_is_shown_as_such(made: World, viewer: Client, invoice: Document) -> None:
    operations.void_journal(Journal.objects.get(number="COGS-INV-1-2"), actor="mere")
    made.sync()
    assert "COGS-INV-1-2 Voided in Core" in costs(page(made, viewer, made.entry(invoice)))[1]


def test_a_journal_that_a_consolidated_one_carries_says_which(made: World, viewer: Client) -> None:
    policy(made, "costs")
    policy(made)
    cup = factories.product(made.organisation, sku="CUP")
    line = factories.line("18.90", "4", product_id=cup.id, unit_cost=Decimal("7.50"), tax_rule_id=gst(made).pk)
    order = web_order(made, lines=[line], shipped_on=YESTERDAY)
    operations.post_cost_of_goods(order, actor="mere")
    made.sync()
    (row,) = costs(page(made, viewer, made.entry(order)))
    assert "Carried by " in row
    assert "Completed" in row


def test_what_has_no_cost_says_nothing_of_it(made: World, viewer: Client) -> None:
    bill = factories.bill(made.organisation)
    by_hand = factories.journal(made.organisation)
    made.sync()
    for record in (bill, by_hand):
        text = page(made, viewer, made.entry(record))
        assert "Cost of goods" not in text


def test_it_costs_the_same_few_queries_however_many_journals_there_are(
    made: World, viewer: Client, invoice: Document
) -> None:
    made.sync()
    page(made, viewer, made.entry(invoice))  # what is read once only
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(costs(page(made, viewer, made.entry(invoice)))) == 2
    for cost in range(9, 20):
        operations.change_costs(invoice, {0: Decimal(cost)}, on=LATER, actor="mere")
    made.sync()
    with CaptureQueriesContext(connection) as many:
        assert len(costs(page(made, viewer, made.entry(invoice)))) == 13
    assert len(many) == len(few)
