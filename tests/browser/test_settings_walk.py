"""Settings, mapping and the dry run in a real browser: at two widths, light and dark."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests import factories
from tests.browser.test_walk import CHROMIUM, Walk, ask, company, sign_in, twin, walk, worker
from tests.sync.chart import make_account_without_code, make_category
from tests.sync.world import World
from tieout.core import operations
from tieout.core.fields import PaymentTermFields
from tieout.core.models import Organisation
from tieout.people.models import Membership
from tieout.sync.clock import DatabaseClock
from tieout.sync.models import Connection
from tieout.sync.run import Ports, sync
from xero_twin import Twin

__all__ = ["company", "twin", "walk", "worker"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="This machine has no Chromium."),
]


def connected(organisation: Organisation, twin: Twin) -> Connection:
    """Through the wizard by hand, synced once, with something of every sort left open."""
    tenant = twin.add_organisation("Harakeke in Xero", country="NZ", base_currency="NZD", currencies=("AUD",))
    made = World(organisation, twin, DatabaseClock(), Ports(), tenant.tenant_id)  # type: ignore[arg-type]
    from tests.sync.world import sign_in as go_through_wizard

    make_category(made, "Region", ["Auckland", "Nelson"])
    make_account_without_code(made, "Petty cash at the fair")
    connection = go_through_wizard(made)
    sync(organisation, actor="aroha")
    factories.tax_rule(organisation, name="Old GST & levy", rate="12.5")
    zero = factories.tax_rule(organisation, name="No tax at all", rate="0")
    for _ in range(3):
        factories.sale_invoice(organisation, channel="Trade fair", lines=[factories.line(tax_rule_id=zero.pk)])
    factories.sale_invoice(organisation, currency="EUR", rate=Decimal("0.55"), location="Bluff")
    factories.sale_invoice(organisation, date=date(2026, 11, 1), location="Nelson")
    factories.purchase_order(organisation)
    sync(organisation, actor="aroha")
    factories.sale_invoice(organisation, channel="Shopify", location="Nelson")
    connection.refresh_from_db()
    connection.tracking = {"location": "Region"}
    connection.roles.pop("supplier-deposits")
    connection.save()
    operations.create_payment_term(
        organisation, PaymentTermFields(name="20th after", days=20, method="OFFOLLOWINGMONTH"), actor="aroha"
    )
    return connection


def test_settings_mapping_and_dry_run(company: Organisation, twin: Twin, worker: None, walk: Walk) -> None:
    page: Any = walk.page
    ask(lambda: connected(company, twin))
    sign_in(walk)
    for name, path in {"40-settings": "settings/", "41-mapping": "mapping/"}.items():
        walk.go(f"/o/harakeke/{path}")
        walk.look(name)
    walk.go("/o/harakeke/dry-run/")
    page.get_by_text("calls to Xero", exact=False).first.wait_for()
    page.wait_for_timeout(1500)
    walk.look("42-dry-run")
    page.locator(".what a").first.click()
    page.locator("#drawer[open]").wait_for()
    walk.look("43-dry-run-drawer", whole=False)
    walk.go("/o/harakeke/settings/")
    page.get_by_label("Calls a day").fill("9")
    page.get_by_label("Tell of errors by e-mail").fill("=cmd|x")
    page.get_by_role("button", name="See what would change").click()
    page.get_by_text("nothing was saved").wait_for()
    walk.look("44-settings-mistake")
    walk.go("/o/harakeke/settings/")
    page.get_by_label("Purchase orders", exact=True).select_option("yes")
    page.get_by_label("Documents go as").select_option("DRAFT")
    page.get_by_role("button", name="See what would change").click()
    page.get_by_text("What it does to what is open").wait_for()
    walk.look("45-settings-preview")
    page.get_by_role("button", name="Save and free", exact=True).click()
    page.get_by_text("2 settings saved.").wait_for()
    walk.look("46-settings-saved", whole=False)
    walk.go("/o/harakeke/mapping/")
    page.get_by_label("No tax at all", exact=True).select_option("NONE")
    page.get_by_role("button", name="See what it frees").click()
    page.get_by_text("are freed").wait_for()
    walk.look("47-mapping-preview")
    page.get_by_role("button", name="Save and free", exact=True).click()
    page.get_by_text("The mapping was changed").wait_for()
    page.get_by_role("button", name="Add it in Xero…").first.click()
    walk.look("48-consent")
    page.get_by_role("button", name="Do it in Xero").click()
    page.get_by_text("done: Xero shows it", exact=False).wait_for()
    page.get_by_label("Amounts of the lines of one document").fill("25.06 25.61 25.63")
    page.get_by_role("button", name="Work it out").click()
    page.get_by_text("rounded line by line").wait_for()
    page.get_by_role("button", name="Another account…").click()
    walk.look("49-new-account")

    def as_viewer() -> None:
        Membership.objects.filter(user=User.objects.get(username="aroha")).update(role="viewer")

    ask(as_viewer)
    walk.go("/o/harakeke/settings/")
    walk.look("50-settings-viewer", whole=False)
    assert [each for each in walk.complaints if "422" not in each] == []
