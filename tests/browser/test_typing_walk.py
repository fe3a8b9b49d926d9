"""A day that is typed with the keyboard filters once it is whole, not with the first digit of its year; an answer that
does not come is told where it is seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.browser.test_import_walk import company
from tests.browser.test_walk import Walk, ask, walk
from tieout.core.models import Organisation
from tieout.sync.models import Entry, Status

__all__ = ["company", "walk"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def history_of(walk: Walk) -> Any:
    page = walk.page
    walk.sign_in("/o/harakeke/history/")
    page.get_by_role("heading", name="Sync History").wait_for()
    return page


def test_a_typed_day_filters_when_it_is_left_or_entered(company: Organisation, walk: Walk) -> None:
    page = history_of(walk)
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))

    page.get_by_label("Dated from").focus()
    for key in "08012026":
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    page.keyboard.press("Tab")  # to the button of the calendar
    page.keyboard.press("Tab")
    assert page.get_by_label("Dated to").evaluate("field => field === document.activeElement")
    for key in "08312026":
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    assert visited == [], "nothing is asked for while a day is being typed"
    page.keyboard.press("Enter")
    page.wait_for_url("**from=2026-08-01&to=2026-08-31")
    assert len(visited) == 1

    page.get_by_label("Dated to").focus()
    for key in "07012026":
        page.keyboard.press(key)
    page.get_by_role("heading", name="Sync History").click()
    page.wait_for_url("**to=2026-07-01")
    page.get_by_text("“Dated to” is a day before “Dated from”.").wait_for()

    page.get_by_label("Dated to").fill("2026-09-30")  # as the calendar does
    page.wait_for_url("**to=2026-09-30")
    assert walk.complaints == []


def test_an_answer_that_does_not_come_is_told_in_the_drawer_too(company: Organisation, walk: Walk) -> None:
    now = datetime.now(UTC)
    values = {"kind": "contact", "record_id": uuid4(), "status": Status.WARNING, "label": "ACME"}
    ask(lambda: Entry.objects.create(organisation=company, queued_at=now, updated_at=now, **values))
    page = history_of(walk)
    said = page.get_by_text("the server did not answer as expected")
    page.route("**/history/*/", lambda route: route.abort())
    page.get_by_role("link", name="ACME").click()
    said.wait_for()
    page.unroute("**/history/*/")
    page.reload()
    page.get_by_role("link", name="ACME").click()
    page.locator("#drawer[open]").wait_for()
    page.route("**/history/change/", lambda route: route.abort())
    for _ in range(2):
        page.locator("#drawer").get_by_role("button", name="Skip…").click()
        page.locator("#drawer").get_by_text("the server did not answer as expected").wait_for()
    assert said.count() == 2, "one that is hidden behind the drawer, and one in it"
    page.keyboard.press("Escape")
    page.locator("#drawer[open]").wait_for(state="detached")
