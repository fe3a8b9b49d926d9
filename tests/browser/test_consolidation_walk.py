"""The Consolidation pages in a real browser, at two widths, in light and dark."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests import factories
from tests.browser.test_walk import PASSWORD, Walk, walk
from tests.sync.web_shop import SHOP, TODAY, policy, reprice, web_order
from tests.sync.world import World, world
from tieout.console import ports as way_out
from tieout.people.models import Membership, Role

__all__ = ["walk"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> World:
    """A shop of three channels with documents of every state: closed, adjusted, gathering."""
    made = world(currencies=("USD",))
    monkeypatch.setattr(way_out, "ports", lambda: made.ports)
    user = User.objects.create_user("aroha", password=PASSWORD)
    Membership.objects.create(user=user, organisation=made.organisation, role=Role.OWNER)
    policy(made, delivery="draft")
    policy(made, "payments")
    policy(made, channel="Amazon", mode="monthly", grouping="product", contact_name="Amazon customers")
    policy(made, channel="Market stall", mode="none")
    orders = [web_order(made, f"{20 + n}.50") for n in range(12)]
    web_order(made, "75.00", channel="Amazon", currency="USD", rate="0.61")
    web_order(made, "5.00", channel="Market stall")
    web_order(made, "44.00", channel="Wholesale")
    web_order(made, "31.00", date=TODAY)
    factories.payment(orders[0], "20.00")
    made.sync()
    reprice(orders[3], "12.00")
    web_order(made, "18.00")
    made.sync()
    web_order(made, "61.00", date=TODAY)
    return made


def test_from_the_policies_to_a_document_and_its_records(shop: World, walk: Walk) -> None:
    page = walk.page
    base = f"/o/{shop.organisation.slug}/consolidation/"
    walk.sign_in(base)
    page.wait_for_url(f"**{base}")
    walk.look("20-consolidation")
    page.get_by_role("link", name="Next sync").click()
    walk.look("21-consolidation-next")
    page.get_by_role("link", name="Closed", exact=True).click()
    page.get_by_role("link", name=f"SO-2026/05/31-{SHOP}-1").click()
    walk.look("22-consolidation-document")
    page.get_by_role("link", name="Its entry in Sync History").click()
    page.locator("#drawer").get_by_text("Records in it").wait_for()
    walk.look("23-consolidation-drawer", whole=False)
    walk.go(base)
    page.get_by_label("Change sale invoices and credit notes of Amazon").click()
    page.get_by_label("Lines per document").fill("none")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("must be a whole number").wait_for()
    walk.look("24-consolidation-policy")
    page.get_by_label("Lines per document").fill("250")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    expected = "the server responded with a status of 422"
    assert [each for each in walk.complaints if expected not in each] == []
