"""The twin's read-only books on a phone, in a real browser: a wide list scrolls in its own box, the page never does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.browser.test_walk import ARGUMENTS, CHROMIUM, WIDTHS, playwright
from tests.xero_twin.conftest import START, Xero
from xero_twin import ManualClock, Twin, TwinServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="This machine has no Chromium."),
]


@pytest.fixture
def xero() -> Iterator[Xero]:
    """Books with a bit of everything, and with names that have no place to break."""
    twin = Twin(clock=ManualClock(START), limits=None)
    org = twin.add_organisation("Whangārei" * 12, currencies=("USD",))
    with httpx2.Client(transport=twin.transport()) as client:
        made = Xero(twin, org, client)
        made.sign_in()
        long = "W" * 200
        made.contact(long, EmailAddress=f"{long}@example.com")
        made.pay(made.invoice(Contact={"Name": long}, InvoiceNumber=long, Reference=long), 15)
        assert all((made.item(), made.order(), made.journal(Narration=long), made.credit_note()))
        yield made


@pytest.fixture
def page() -> Iterator[Any]:
    across, down = WIDTHS["phone"]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser.new_page(viewport={"width": across, "height": down})
        browser.close()


def addresses(xero: Xero) -> list[str]:
    """The first page, the organisation, and every list with its newest record."""
    from xero_twin.resources import RESOURCES

    found = ["", f"/{xero.org.tenant_id}"]
    for resource in RESOURCES.values():
        found.append(f"{found[1]}/{resource.name}")
        found += [f"{found[1]}/{resource.name}/{record.id}" for record in resource.table(xero.org).slice(0, 1)]
    return found


def test_no_page_of_the_books_scrolls_sideways_on_a_phone(xero: Xero, page: Any) -> None:
    wide_lists, boxes = 0, "[...document.querySelectorAll('.wide')]"
    with TwinServer(xero.twin) as server:
        for address in addresses(xero):
            page.goto(f"{server.url}/twin/books{address}")
            root = "document.documentElement"
            assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0, address
            wide_lists += page.evaluate(f"{boxes}.some(box => box.scrollWidth > box.clientWidth)")
    assert wide_lists, "some list is wider than a phone and scrolls in its own box"
