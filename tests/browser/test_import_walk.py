"""A file is chosen, refused, tried out and loaded in a real browser, and stays chosen in between."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from tests import factories
from tests.browser.test_walk import PASSWORD, Walk, ask, walk
from tieout.core.fields import OrganisationChoices
from tieout.core.models import Contact, Journal, Organisation
from tieout.core.operations import set_choices
from tieout.people.models import Membership, Role

__all__ = ["walk"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "The Combined Trustees of the Upper Waitaki and Lower Awarua Lands and the Descendants of Hēnare " * 3


@pytest.fixture
def company() -> Organisation:
    made = factories.organisation(name="Harakeke Ltd", slug="harakeke")
    user = User.objects.create_user("aroha", password=PASSWORD)
    Membership.objects.create(user=user, organisation=made, role=Role.BOOKKEEPER)
    return made


def test_a_bookkeeper_loads_a_file_without_a_shell(company: Organisation, walk: Walk, tmp_path: Path) -> None:
    page = walk.page
    walk.sign_in("/o/harakeke/import/")
    page.get_by_role("heading", name="A file of contacts").wait_for()
    walk.look("70-import")

    bad = tmp_path / "contacts of March.csv"
    rows = "".join(f"C{number},{LONG if number % 7 == 0 else 'Contact'},nobody\n" for number in range(300))
    bad.write_text(f"code,name,type\n{rows}", encoding="utf-8")
    page.get_by_label("CSV file").set_input_files(bad)
    page.get_by_role("button", name="Try it out").click()
    page.get_by_text("Nothing was loaded:").wait_for()
    walk.look("71-import-refused")

    good = tmp_path / f"{'a-very-long-name-of-a-file-' * 5}.csv"
    good.write_text("code,name,type\n" + "".join(f"C{n},Contact {n},Both\n" for n in range(300)), encoding="utf-8")
    page.get_by_label("CSV file").set_input_files(good)
    page.get_by_role("button", name="Try it out").click()
    page.get_by_text("The file is sound: 300 new").wait_for()
    assert not ask(Contact.objects.count)
    walk.look("72-import-tried", whole=False)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("300 new, 0 changed, 0 unchanged, of 300 rows").wait_for()
    page.locator("#imported").get_by_text("a-very-long-name").wait_for()
    walk.look("73-import-loaded")
    assert ask(Contact.objects.count) == 300
    page.get_by_role("link", name="Sale invoices").click()
    page.get_by_role("heading", name="A file of sale invoices").wait_for()
    walk.look("74-import-invoices")
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Choose a CSV file first.").wait_for()
    assert walk.complaints == []


def test_what_was_shipped_before_is_booked_without_a_shell(company: Organisation, walk: Walk) -> None:
    choices = OrganisationChoices(use_credit_by_order=False, book_costs=False, cost_dating="on_change", lock_date=None)

    def ship() -> None:
        set_choices(company, choices, actor="aroha")
        cup = factories.product(company)
        for day in (2, 9, 20):
            line = factories.line("20.00", "4", product_id=cup.id, unit_cost=Decimal("7.50"))
            factories.sale_invoice(company, lines=[line], shipped_on=date(2026, 4, day))

    ask(ship)
    page = walk.page
    walk.sign_in("/o/harakeke/import/?kind=costs")
    page.get_by_text("3 documents").wait_for()
    walk.look("75-import-unbooked")
    page.get_by_label("Shipped from").fill("1890-04-09")
    page.get_by_role("button", name="Book the cost").click()
    page.get_by_text("is too far away").wait_for()
    assert page.get_by_label("Shipped from").input_value() == "1890-04-09"
    walk.look("76-import-unbooked-wrong-day")
    page.get_by_label("Shipped from").fill("2026-04-09")
    page.get_by_role("button", name="Book the cost").click()
    page.get_by_text("2 journals were made.").wait_for()
    walk.look("77-import-unbooked-some")
    page.get_by_role("button", name="Book the cost").click()
    page.get_by_text("1 journal was made.").wait_for()
    assert not page.get_by_role("button", name="Book the cost").is_visible()
    assert ask(Journal.objects.count) == 3
    assert walk.complaints == []
