"""Reading what changed in Xero: nothing is missed, whatever the clocks say and whatever moves meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx2
import msgspec
import pytest

from tests import factories
from tests.sync.small_company import assert_once_and_final, small_company
from tests.sync.world import World
from tieout.sync.models import Cursor, Entry, Finding, Status, XeroRecord

pytestmark = pytest.mark.django_db


class Off:
    """A clock of our own that is wrong by so much."""

    def __init__(self, right: World, by: timedelta) -> None:
        self._clock, self._by = right.clock, by

    def now(self) -> datetime:
        return self._clock.now() + self._by

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


class Between(httpx2.BaseTransport):
    """The twin, with something that happens to each answer on its way."""

    def __init__(self, world: World, then: Callable[[httpx2.Request, httpx2.Response], httpx2.Response]) -> None:
        self._twin, self._then = world.twin.transport(), then

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._then(request, self._twin.handle_request(request))


@pytest.mark.parametrize("by", [timedelta(hours=-3), timedelta(minutes=30), timedelta(hours=3)], ids=str)
@pytest.mark.parametrize("path", ["Invoices", "Payments"])
def test_a_lost_answer_is_found_though_our_clock_is_wrong(connected: World, path: str, by: timedelta) -> None:
    connected.ports.clock = Off(connected, by)
    connected.sync()
    connected.clock.advance(3600)
    small_company(connected.organisation)
    connected.twin.faults.add("drop_after", method="PUT", path=path, times=3)
    connected.sync()
    connected.twin.faults.clear()
    connected.clock.advance(600)  # the key is too old: it must be looked up
    connected.sync()
    assert_once_and_final(connected)


def test_the_cursor_stands_at_xeros_time(connected: World) -> None:
    connected.ports.clock = Off(connected, timedelta(hours=5))
    connected.sync()
    cursor = Cursor.objects.get(resource="Contacts")
    assert abs(cursor.since - connected.clock.now()) < timedelta(minutes=2)
    assert cursor.read_at - cursor.since > timedelta(hours=4)


def many_contacts(world: World, count: int) -> None:
    """Xero holds so many contacts, and we know none of them."""
    for number in range(count):
        factories.contact(world.organisation, name=f"Contact {number:04}")
    world.sync()
    world.clock.advance(600)
    Cursor.objects.all().delete()
    XeroRecord.objects.all().delete()


def is_page(request: httpx2.Request, number: int) -> bool:
    return request.method == "GET" and request.url.path.endswith("/Contacts") and f"page={number}" in str(request.url)


def test_a_list_that_moves_while_its_pages_are_read_is_read_again(connected: World) -> None:
    many_contacts(connected, 1_100)
    first = min(connected.documents("Contacts"), key=lambda each: each["UpdatedDateUTC"])
    moved: list[str] = []

    def move_once(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        if is_page(request, 1) and not moved:
            connected.clock.advance(1)
            connected.twin.edit(connected.tenant_id, "archive_contact", contact=first["Name"])
            moved.append(first["ContactID"])
        return answer

    connected.ports.transport = Between(connected, move_once)
    connected.sync()
    assert moved
    assert XeroRecord.objects.filter(kind="contact").count() == 1_100
    assert Cursor.objects.filter(resource="Contacts").exists()


def test_a_list_that_never_stands_still_is_read_from_the_same_time_again(connected: World) -> None:
    many_contacts(connected, 1_002)

    def move(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        if is_page(request, 1):
            connected.clock.advance(1)
            first = min(connected.documents("Contacts"), key=lambda each: each["UpdatedDateUTC"])
            connected.twin.edit(connected.tenant_id, "archive_contact", contact=first["Name"])
        return answer

    connected.ports.transport = Between(connected, move)
    connected.sync()
    assert not Cursor.objects.filter(resource="Contacts").exists()
    connected.ports.transport = connected.twin.transport()
    connected.sync()
    assert XeroRecord.objects.filter(kind="contact").count() == 1_002
    assert Cursor.objects.filter(resource="Contacts").exists()


def with_an_odd_element(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
    """The first payment of a list comes in a form that nobody knows."""
    if request.method != "GET" or not request.url.path.endswith("/Payments"):
        return answer
    body = msgspec.json.decode(answer.content)
    if body["Payments"]:
        body["Payments"][0]["Amount"] = {"a": "surprise"}
    return httpx2.Response(answer.status_code, content=msgspec.json.encode(body), request=request)


def test_what_cannot_be_read_is_told_and_never_taken_for_absent(connected: World) -> None:
    small_company(connected.organisation)
    connected.twin.faults.add("drop_after", method="PUT", path="Payments", times=3)
    connected.ports.transport = Between(connected, with_an_odd_element)
    connected.sync()
    connected.twin.faults.clear()
    connected.clock.advance(600)
    connected.sync()
    assert len(connected.live("Payments")) == 1
    assert Entry.objects.get(kind="payment").status == Status.UNCERTAIN
    finding = Finding.objects.get(code="unreadable", closed_at=None)
    assert "1 element of Xero's list of Payments" in finding.text

    connected.ports.transport = connected.twin.transport()
    connected.clock.advance(600)
    connected.sync()
    assert_once_and_final(connected)
    finding.refresh_from_db()
    assert finding.closed_at is not None
