"""The Consolidation page: policies by channel, documents, the way down to records and back, and who may change what."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests import factories
from tests.console.conftest import Cast, signed_in
from tests.sync.web_shop import SHOP, TODAY, policy, tomorrow, web_order
from tests.sync.world import World, world
from tieout.console import ports as way_out
from tieout.people.models import Event, Role
from tieout.sync.models import ConsolidatedDocument, ConsolidationPolicy, Entry

pytestmark = pytest.mark.django_db
FIELDS = {
    "mode": "daily", "contact_name": "Shopify customers", "grouping": "account", "line_limit": "500",
    "late": "second", "closes_after": "0", "delivery": "close", "template": "{type}-{date}-{channel}-{n}",
}  # fmt: skip


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = world()
    monkeypatch.setattr(way_out, "ports", lambda: made.ports)
    yield made


@pytest.fixture
def people(shop: World) -> Cast:
    company = shop.organisation
    return Cast(
        company,
        signed_in("aroha", company, Role.OWNER),
        signed_in("ben", company, Role.BOOKKEEPER),
        signed_in("vera", company, Role.VIEWER),
        signed_in("stan", None),
    )


ADDRESS = f"consolidation/policy/?what=invoices&channel={SHOP}"


def test_a_policy_is_set_and_shown_and_told_in_the_audit_trail(shop: World, people: Cast) -> None:
    web_order(shop)
    assert SHOP in people.viewer.get(people.path("consolidation/")).content.decode()
    answer = people.bookkeeper.post(people.path(ADDRESS), FIELDS)
    assert answer.status_code == 302
    stored = ConsolidationPolicy.objects.get()
    assert (stored.mode, stored.changed_by, str(stored.contact)) == ("daily", "ben", "Shopify customers")
    assert not stored.export_customers
    told = Event.objects.filter(action="setting_changed").latest("id")
    assert told.detail["mode"] == ["individual", "daily"]
    assert "By account" in people.viewer.get(people.path("consolidation/")).content.decode()


def test_what_is_not_right_is_told_at_its_field_and_nothing_is_stored(shop: World, people: Cast) -> None:
    answer = people.bookkeeper.post(people.path(ADDRESS), FIELDS | {"line_limit": "none", "template": "SO"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The line limit must be a whole number" in page
    assert "Write {n} exactly once" in page
    assert 'value="none"' in page
    assert not ConsolidationPolicy.objects.exists()


def test_from_a_document_to_its_records_and_back(shop: World, people: Cast) -> None:
    policy(shop)
    orders = [web_order(shop) for _ in range(3)]
    shop.sync()
    made = ConsolidatedDocument.objects.get()
    listed = people.viewer.get(people.path("consolidation/?show=sent")).content.decode()
    assert made.number in listed
    assert "345.00" in listed
    page = people.viewer.get(people.path(f"consolidation/{made.pk}/")).content.decode()
    assert all(order.number in page for order in orders)
    entry = Entry.objects.get(record_id=orders[0].pk)
    assert f"consolidation/{made.pk}/" in people.viewer.get(people.path(f"history/{entry.pk}/")).content.decode()
    of_document = Entry.objects.get(record_id=made.pk)
    assert orders[1].number in people.viewer.get(people.path(f"history/{of_document.pk}/")).content.decode()


def test_what_gathers_can_be_closed_by_those_who_may(shop: World, people: Cast) -> None:
    policy(shop)
    web_order(shop, date=TODAY)
    shop.sync()
    made = ConsolidatedDocument.objects.get()
    assert people.viewer.post(people.path(f"consolidation/{made.pk}/close/")).status_code == 403
    people.bookkeeper.post(people.path(f"consolidation/{made.pk}/close/"))
    made.refresh_from_db()
    assert (made.state, made.closed_by) == ("closed", "ben")


def test_the_next_sync_is_shown_and_nothing_is_changed_by_looking(shop: World, people: Cast) -> None:
    policy(shop)
    web_order(shop)
    page = people.viewer.get(people.path("consolidation/?show=preview")).content.decode()
    assert f"SO-2026/05/31-{SHOP}-1" in page
    assert not ConsolidatedDocument.objects.exists()
    tomorrow(shop)


def test_a_channel_named_like_markup_is_shown_as_text(shop: World, people: Cast) -> None:
    web_order(shop, channel="<script>alert(1)</script>")
    page = people.viewer.get(people.path("consolidation/")).content.decode()
    assert "<script>alert(1)" not in page


def test_strangers_and_other_companies_see_nothing(shop: World, people: Cast) -> None:
    policy(shop)
    web_order(shop)
    shop.sync()
    made = ConsolidatedDocument.objects.get()
    for address in ("consolidation/", f"consolidation/{made.pk}/", ADDRESS):
        assert people.stranger.get(people.path(address)).status_code == 404
    other = factories.organisation()
    outsider = signed_in("olga", other, Role.OWNER)
    assert outsider.get(f"/o/{other.slug}/consolidation/{made.pk}/").status_code == 404
    assert people.viewer.get(people.path(ADDRESS)).status_code == 403
    assert people.owner.get(people.path(f"consolidation/policy/?what=bills&supplier={uuid4()}")).status_code == 404
    assert people.owner.get(people.path("consolidation/policy/?what=weather")).status_code == 404
    assert people.owner.get(people.path("consolidation/?start=9999999999999&show=nonsense")).status_code == 200


def test_before_connecting_the_page_says_what_is_missing(cast: Cast) -> None:
    assert "Not connected to Xero yet" in cast.viewer.get(cast.path("consolidation/")).content.decode()
