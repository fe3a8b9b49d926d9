"""From an invoice to the journals of its cost and back, in a real browser, at two widths, in light and dark."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from tests import factories
from tests.browser.test_walk import PASSWORD, Walk, walk
from tests.sync.world import World, world
from tieout.console import ports as way_out
from tieout.core import operations
from tieout.people.models import Membership, Role
from tieout.sync.models import Connection

__all__ = ["walk"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = "INV-2026-04-0000000000017-Auckland"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> World:
    """An invoice with a long number, its cost posted and changed twice; the last change has not been synced."""
    one = world()
    monkeypatch.setattr(way_out, "ports", lambda: one.ports)
    Connection.objects.filter(organisation=one.organisation).update(short_code="!abc12")
    user = User.objects.create_user("aroha", password=PASSWORD)
    Membership.objects.create(user=user, organisation=one.organisation, role=Role.OWNER)
    cup = factories.product(one.organisation, sku="CUP")
    line = factories.line("18.90", "4", product_id=cup.id, unit_cost=Decimal("7.50"))
    day = date(2026, 4, 2)
    invoice = factories.sale_invoice(one.organisation, number=NUMBER, shipped_on=day, lines=[line])
    operations.post_cost_of_goods(invoice, actor="mere")
    operations.change_costs(invoice, {0: Decimal("8.00")}, on=day, actor="mere")
    one.sync()
    operations.change_costs(invoice, {0: Decimal("9.00")}, on=day, actor="mere")
    return one


def test_from_an_invoice_to_its_cost_and_back(made: World, walk: Walk) -> None:
    page = walk.page
    base = f"/o/{made.organisation.slug}/history/"
    walk.sign_in(f"{base}?kind=sale_invoice")
    page.get_by_role("link", name=NUMBER).first.click()
    page.locator("#drawer").get_by_role("heading", name="Cost of goods").wait_for()
    walk.look("60-cost-drawer", whole=False)
    page.locator("#drawer").get_by_role("link", name=f"COGS-{NUMBER}", exact=True).click()
    page.locator("#drawer").get_by_text("Cost of goods of").wait_for()
    walk.look("61-journal-drawer", whole=False)
    page.locator("#drawer").get_by_role("link", name=NUMBER, exact=True).click()
    page.locator("#drawer").get_by_role("heading", name="Cost of goods").wait_for()
    page.get_by_role("link", name="Own page").click()
    page.get_by_text("Back to Sync History").wait_for()
    walk.look("62-cost-page")
    assert not walk.complaints
