"""The dry run in the console: same as the figures, filtered, in pages, with payloads on demand, and without a trace."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client

from tests import factories
from tests.console.conftest import Cast, signed_in
from tests.sync.small_company import small_company
from tests.sync.world import World, world
from tieout.console import dry_run
from tieout.console import ports as way_out
from tieout.people.models import Role
from tieout.sync.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> World:
    made = world()
    monkeypatch.setattr(way_out, "ports", lambda: made.ports)
    return made


@pytest.fixture
def viewer(place: World) -> Client:
    return signed_in("vera", place.organisation, Role.VIEWER)


def path(place: World, rest: str = "") -> str:
    return f"/o/{place.organisation.slug}/dry-run/{rest}"


def labels(page: str) -> list[str]:
    return re.findall(r'class="clip">([^<]+)</span></a>', page)


def test_every_member_sees_what_would_go_and_nothing_happens(place: World, viewer: Client) -> None:
    small = small_company(place.organisation)
    mark = len(place.twin.journal)
    page = viewer.get(path(place)).content.decode()
    assert labels(page) == ["Aroha Homeware", "MUG", small.sale_invoice.number, small.bill.number, small.payment.number]
    assert "after Contact Aroha Homeware" in page
    figures = viewer.get(path(place, "figures/")).content.decode()
    assert "5 open records" in figures
    assert "Under a minute." in figures
    assert len(place.twin.journal) == mark
    assert not Entry.objects.exists()


def test_a_stranger_finds_nothing(place: World) -> None:
    small = small_company(place.organisation)
    stranger = signed_in("stan", None)
    for rest in ("", "figures/", f"sale_invoice/{small.sale_invoice.pk}/"):
        assert stranger.get(path(place, rest)).status_code == 404


def test_filters_combine_and_nonsense_filters_nothing(place: World, viewer: Client) -> None:
    small = small_company(place.organisation)
    bad = factories.sale_invoice(place.organisation, currency="EUR", rate=Decimal("0.5"))
    page = viewer.get(path(place), {"verdict": "hold"}).content.decode()
    assert labels(page) == [bad.number]
    page = viewer.get(path(place), {"kind": "sale_invoice", "action": "create"}).content.decode()
    assert labels(page) == [small.sale_invoice.number]
    page = viewer.get(path(place), {"kind": "<x>", "action": "'", "after": "sale_invoice.q.99999999999999999999"})
    assert len(labels(page.content.decode())) == 7


def test_pages_follow_one_another_without_gap_or_repeat(
    place: World, viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = factories.contact(place.organisation)
    numbers = [factories.sale_invoice(place.organisation, contact_id=contact.pk).number for _ in range(9)]
    place.sync()
    for number in numbers[:4]:
        Entry.objects.filter(label=number).update(status="pending", touched=True)
    later = [factories.bill(place.organisation, contact_id=contact.pk).number for _ in range(3)]
    monkeypatch.setattr(dry_run, "PAGE", 2)
    monkeypatch.setattr(dry_run, "CHUNK", 3)
    seen: list[str] = []
    after = ""
    for _ in range(10):
        page = viewer.get(path(place), {"after": after, "action": "create"} if after else {"action": "create"})
        text = page.content.decode()
        seen += labels(text)
        found = re.search(r'href="\?[^"]*after=([\w.]+)[^"]*">Next', text)
        if not found:
            break
        after = found[1]
    assert seen == later


def test_a_search_that_finds_nothing_for_long_stops_and_says_so(
    place: World, viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_company(place.organisation)
    monkeypatch.setattr(dry_run, "LOOKED_AT", 2)
    text = viewer.get(path(place), {"action": "void"}).content.decode()
    assert "None among the 2 looked at here" in text
    assert "Next" in text


def test_one_record_shows_its_payload_and_who_names_its_accounts(place: World, viewer: Client) -> None:
    product = factories.product(place.organisation, name="=HYPERLINK(1)")
    lines = [factories.line(product_id=product.pk, account="260"), factories.line("5.00")]
    invoice = factories.sale_invoice(place.organisation, lines=lines, reference="<script>alert(1)</script>")
    text = viewer.get(path(place, f"sale_invoice/{invoice.pk}/")).content.decode()
    assert "PUT Invoices" in text
    assert "&quot;InvoiceNumber&quot;" in text
    assert "<script>alert(1)" not in text
    rows = text.split("who names them")[1]
    assert "260 Other Revenue" in rows and "<td>line</td>" in rows
    assert "200 Sales" in rows and "<td>mapping</td>" in rows
    drawer = viewer.get(path(place, f"sale_invoice/{invoice.pk}/"), headers={"HX-Request": "true"}).content.decode()
    assert "data-close" in drawer and "<html" not in drawer


def test_a_held_record_says_why_and_where_to_cure_it(place: World, viewer: Client) -> None:
    invoice = factories.sale_invoice(place.organisation, currency="EUR", rate=Decimal("0.5"))
    text = viewer.get(path(place, f"sale_invoice/{invoice.pk}/")).content.decode()
    assert "Xero does not have the currency EUR." in text
    assert "mapping/#currencies" in text


def test_figures_stop_counting_somewhere_and_say_so(
    place: World, viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_company(place.organisation)
    monkeypatch.setattr(dry_run, "COUNTED", 2)
    text = viewer.get(path(place, "figures/")).content.decode()
    assert "figures of the first 2 records" in text


def test_what_is_not_open_is_not_found(place: World, viewer: Client) -> None:
    small = small_company(place.organisation)
    place.sync()
    assert viewer.get(path(place, f"sale_invoice/{small.sale_invoice.pk}/")).status_code == 404
    assert viewer.get(path(place, f"nonsense/{small.sale_invoice.pk}/")).status_code == 404
    assert "The next sync would send nothing" in viewer.get(path(place)).content.decode()


def test_without_a_connection_it_says_what_to_do(cast: Cast) -> None:
    assert "Connect it first" in cast.viewer.get(cast.path("dry-run/")).content.decode()
    assert "Connect it first" in cast.viewer.get(cast.path("dry-run/figures/")).content.decode()
