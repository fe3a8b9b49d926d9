"""Loading from Xero in a real browser: settings, preview, overview, findings and a loaded document, at two widths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests import factories
from tests.browser.test_walk import CHROMIUM, PASSWORD, Walk, ask, sign_in, twin, walk, worker
from tests.sync.made_in_xero import bill, contact, invoice, item, line
from tests.sync.world import World
from tests.sync.world import sign_in as go_through_wizard
from tieout.core.models import Organisation, Product
from tieout.people.models import Membership, Role
from tieout.sync.clock import DatabaseClock
from tieout.sync.models import Entry
from tieout.sync.run import Ports, sync
from xero_twin import Twin

__all__ = ["twin", "walk", "worker"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="This machine has no Chromium."),
]


def books_in_xero(twin: Twin) -> Organisation:
    """A company whose people have worked in Xero alone so far."""
    organisation = factories.organisation(name="Harakeke Homeware & Coffee Ltd", slug="harakeke")
    user = User.objects.create_user("aroha", password=PASSWORD, first_name="Aroha", last_name="Ngata")
    Membership.objects.create(user=user, organisation=organisation, role=Role.OWNER)
    tenant = twin.add_organisation("Harakeke in Xero", country="NZ", base_currency="NZD")
    made = World(organisation, twin, DatabaseClock(), Ports(), tenant.tenant_id)  # type: ignore[arg-type]
    go_through_wizard(made)
    cafe, clay = contact(made, "Pounamu Cafe & Roastery"), contact(made, "Clay & Co")
    for number in range(12):
        item(made, f"MUG-{number}", SalesDetails={"UnitPrice": "18.90", "AccountCode": "200"})
        invoice(made, cafe, InvoiceNumber=f"WEB-{number}", Date="2016-05-04" if number == 0 else "2026-05-04")
    item(made, "KILN", InventoryAssetAccountCode="630", PurchaseDetails={"UnitPrice": "7", "COGSAccountCode": "310"})
    bill(made, clay)
    invoice(made, cafe, [line(TaxAmount="15.01")], InvoiceNumber="TYPED-OVER")
    sync(organisation, actor="aroha")
    return organisation


def test_loading_from_xero(twin: Twin, worker: None, walk: Walk) -> None:
    page: Any = walk.page
    organisation = ask(lambda: books_in_xero(twin))
    sign_in(walk)
    walk.go("/o/harakeke/settings/")
    page.get_by_label("Load items from Xero").select_option("yes")
    page.get_by_label("Load invoices from Xero").select_option("yes")
    page.get_by_label("Load contacts from Xero").select_option("customers")
    walk.look("60-loading-settings")
    page.get_by_role("button", name="See what would change").click()
    page.get_by_text("What comes into Core").wait_for()
    walk.look("61-loading-preview")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("3 settings saved.").wait_for()
    ask(lambda: sync(organisation, actor="aroha"))
    assert ask(Product.objects.count) == 12
    walk.go("/o/harakeke/")
    page.get_by_text("Products to set up").wait_for()
    walk.look("62-loading-overview")
    walk.go("/o/harakeke/findings/")
    page.get_by_text("tracks the item KILN as inventory").wait_for()
    walk.look("63-loading-findings")
    walk.go("/o/harakeke/history/")
    walk.look("64-loading-history", whole=False)
    number = ask(lambda: Entry.objects.get(kind="sale_invoice", label="WEB-3").pk)
    walk.go(f"/o/harakeke/history/{number}/")
    walk.look("65-loading-entry")
    assert walk.complaints == []
