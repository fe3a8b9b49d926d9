"""A walk through the console in a real browser, with the twin behind real sockets: wizard, history, detail, bulk skip
and undo, report, at two widths, in light and dark. Screenshots go to `TIEOUT_SCREENSHOTS`, where that is set."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.contrib.auth.models import User
from django.db import connections

from tests import factories
from tieout.core.importing import import_file
from tieout.core.models import Organisation
from tieout.embedded.company import IMPORT_ORDER, write_company
from tieout.people.models import Membership, Role
from tieout.sync import tasks
from tieout.sync.models import Entry, Status
from tieout.sync.run import sync
from xero_twin import Twin, TwinServer

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = {"wide": (1280, 860), "phone": (390, 844)}
T = TypeVar("T")
PASSWORD = "seven-herons-over-the-estuary"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="This machine has no Chromium."),
]


@pytest.fixture
def twin(settings: Any) -> Iterator[Twin]:
    twin = Twin(limits=None)
    with TwinServer(twin) as server:
        settings.TIEOUT_XERO = replace(
            settings.TIEOUT_XERO, api_url=server.url, login_url=server.url, identity_url=server.url
        )
        yield twin


@pytest.fixture
def company(transactional_db: None, tmp_path: Path) -> Organisation:
    user = User.objects.create_user("aroha", password=PASSWORD, first_name="Aroha", last_name="Ngata")
    made = factories.organisation(name="Harakeke Homeware & Coffee Ltd", slug="harakeke")
    Membership.objects.create(user=user, organisation=made, role=Role.OWNER)
    write_company(tmp_path, 160, today=date(2026, 11, 22))
    for kind in IMPORT_ORDER:
        import_file(made, kind, tmp_path / f"{kind}.csv", actor="aroha")
    return made


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Stands in for a worker process: a sync that is asked for runs in a thread of its own. Called, it waits for the
    end of that many syncs."""
    threads: list[threading.Thread] = []

    def ask(organisation: Organisation, actor: str) -> bool:
        def work() -> None:
            try:
                sync(organisation, actor=actor)
            finally:
                connections.close_all()

        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return True

    def ended(many: int) -> None:
        deadline = time.monotonic() + 120
        while len(threads) < many or any(thread.is_alive() for thread in threads):
            assert time.monotonic() < deadline, f"{len(threads)} syncs were asked for, and some of them run"
            time.sleep(0.05)

    monkeypatch.setattr(tasks, "request_sync", ask)
    yield ended
    for thread in threads:
        thread.join(60)


def ask(question: Callable[[], T]) -> T:
    """Ask the database from a thread of its own: the browser's driver runs a loop in this one."""

    def answer() -> T:
        try:
            return question()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(answer).result()


def count(status: str) -> int:
    return ask(Entry.objects.filter(status=status).count)


class Walk:
    """One browser, taking pictures where somebody wants them and noting every complaint of the page."""

    def __init__(self, page: Any, base: str, folder: Path | None) -> None:
        self.page, self.base, self.folder = page, base, folder
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning") and "favicon" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def sign_in(self, path: str) -> None:
        """Come to a page from outside."""
        self.go(path)
        self.page.get_by_label("User name or e-mail").fill("aroha")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def look(self, name: str, *, whole: bool = True) -> None:
        """Look at the page at both widths, light and dark; it must never scroll sideways."""
        self.page.wait_for_function("window.Alpine && document.readyState == 'complete'")
        for scheme in ("light", "dark"):
            self.page.evaluate("scheme => Alpine.$data(document.documentElement).switchTheme(scheme)", scheme)
            for width, (across, down) in WIDTHS.items():
                self.page.set_viewport_size({"width": across, "height": down})
                self.page.wait_for_timeout(120)
                wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if self.folder:
                    self.page.screenshot(path=str(self.folder / f"{name}-{width}-{scheme}.png"), full_page=whole)
                assert wide <= 0, f"{name} scrolls sideways by {wide} px at {across} px"
        self.page.evaluate("Alpine.$data(document.documentElement).switchTheme('light')")
        self.page.set_viewport_size({"width": 1280, "height": 860})
        self.page.wait_for_timeout(60)


@pytest.fixture
def walk(live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)  # so that no session outlives its request
    folder = Path(os.environ["TIEOUT_SCREENSHOTS"]) if os.environ.get("TIEOUT_SCREENSHOTS") else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 860}, timezone_id="Pacific/Auckland")
        page.set_default_timeout(30_000)
        yield Walk(page, live_server.url, folder)
        browser.close()


def sign_in(walk: Walk) -> None:
    walk.go("/")
    walk.look("01-sign-in")
    walk.sign_in("/")
    walk.page.wait_for_url("**/o/harakeke/")


def connect(walk: Walk) -> None:
    page = walk.page
    walk.look("02-overview-before")
    page.get_by_role("link", name="Connect to Xero").first.click()
    walk.look("03-wizard-welcome")
    page.get_by_role("button", name="Sign in to Xero").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Access was not given in Xero").wait_for()
    walk.look("04-wizard-said-no")
    page.get_by_role("button", name="Sign in to Xero").click()
    page.get_by_role("button", name="Allow access").click()
    page.get_by_role("heading", name="Choose the Xero organisation").wait_for()
    walk.look("05-wizard-choose")
    page.get_by_label("Harakeke in Xero").check()
    page.get_by_role("button", name="Choose").click()
    walk.look("06-wizard-load")
    page.get_by_role("button", name="Load from Xero").click()
    page.get_by_role("heading", name="Map accounts and tax").wait_for()
    for select in page.locator("select[name^=tax-]").all():
        if not select.input_value() and select.locator("option").count() > 1:
            select.select_option(index=1)  # a trouble of a real first day: mapped, but to a rate that may not fit
    walk.look("07-wizard-map")
    page.get_by_role("button", name="Save the mapping").click()
    page.get_by_role("button", name="Start the first sync").wait_for()
    walk.look("08-wizard-first-sync")
    page.get_by_role("button", name="Start the first sync").click()


def test_a_bookkeeper_walks_through_the_console(
    company: Organisation, twin: Twin, worker: Callable[[int], None], walk: Walk
) -> None:
    twin.add_organisation("Harakeke in Xero", country="NZ", base_currency="NZD", currencies=("AUD", "USD"))
    twin.add_organisation("Pohutukawa Trading", country="AU", base_currency="AUD")
    page = walk.page
    sign_in(walk)
    connect(walk)
    worker(1)
    walk.go("/o/harakeke/")
    walk.look("10-overview")
    page.locator("#xero-sign summary").click()
    walk.look("11-sign", whole=False)

    page.get_by_role("button", name="Sync now").click()
    worker(2)
    page.locator("#xero-sign [hx-trigger]").wait_for(state="detached")
    walk.go("/o/harakeke/history/")
    walk.look("12-history")
    walk.go("/o/harakeke/history/?status=warning")
    walk.look("13-history-warning")
    page.locator(".badge-menu summary").first.click()
    walk.look("14-history-menu", whole=False)
    page.keyboard.press("Escape")
    page.locator(".what a").first.click()
    page.locator("#drawer[open]").wait_for()
    page.locator("#drawer details.fold summary").first.click() if page.locator("#drawer details.fold").count() else None
    walk.look("15-drawer", whole=False)
    page.keyboard.press("Escape")

    waiting = count(Status.WARNING)
    assert waiting
    page.locator("#pick-all").check()
    if waiting > 50:
        page.get_by_label("that match").check()
    walk.look("16-bulk-bar", whole=False)
    page.get_by_role("button", name="Skip…").last.click()
    page.locator("#box[open]").wait_for()
    walk.look("17-bulk-preview", whole=False)
    page.locator("#box textarea").fill("Settled by hand in Xero in October")
    page.locator("#box").get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Undo").wait_for()
    assert count(Status.SKIPPED) == waiting
    walk.look("18-skipped")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone:").wait_for()
    assert count(Status.WARNING) == waiting
    walk.look("19-changes")

    for name, path in {
        "20-report": "reports/synchronization/",
        "21-report-warning": "reports/synchronization/?status=warning&period=this-year",
        "22-tie-out": "reports/tie-out/",
        "23-runs": "runs/",
        "24-findings": "findings/",
        "25-connection": "connection/",
        "26-mapping": "mapping/",
        "27-disconnect": "connection/disconnect/",
        "28-nothing-matches": "history/?q=no-such-number",
    }.items():
        walk.go(f"/o/harakeke/{path}")
        walk.look(name)
    done = ask(Entry.objects.filter(status=Status.COMPLETED, kind="sale_invoice").first)
    assert done
    walk.go(f"/o/harakeke/history/{done.pk}/")
    page.locator("details.fold summary").first.click()
    walk.look("29-entry")
    walk.go("/organisations/")
    walk.look("30-organisations")
    walk.go("/account/two-factor/")
    walk.look("31-two-factor")
    walk.go("/o/nobody/")
    walk.look("32-not-found")
    assert [each for each in walk.complaints if "404" not in each] == []
