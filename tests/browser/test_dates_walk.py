"""A day that is typed with the keyboard filters once it is whole, not with the first digit of its year."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests import factories
from tests.browser.test_walk import PASSWORD, Walk, walk
from tieout.core.models import Organisation
from tieout.people.models import Membership, Role

__all__ = ["walk"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company() -> Organisation:
    made = factories.organisation(name="Harakeke Ltd", slug="harakeke")
    user = User.objects.create_user("aroha", password=PASSWORD)
    Membership.objects.create(user=user, organisation=made, role=Role.BOOKKEEPER)
    return made


def test_a_typed_day_filters_when_it_is_left_or_entered(company: Organisation, walk: Walk) -> None:
    page = walk.page
    walk.go("/o/harakeke/history/")
    page.get_by_label("User name or e-mail").fill("aroha")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Sync History").wait_for()
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
