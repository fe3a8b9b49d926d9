"""What would be loaded from Xero is said before it is; what came as Set Up Required is completed by one file."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.test import Client

from tests import factories
from tests.console.conftest import Cast, signed_in
from tests.sync.made_in_xero import bill, contact, invoice, item
from tests.sync.world import World, world
from tieout.core.importing import ImportRefused, import_file
from tieout.core.models import Product
from tieout.people.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> World:
    return world()


@pytest.fixture
def bookkeeper(place: World) -> Client:
    return signed_in("ben", place.organisation, Role.BOOKKEEPER)


def preview(place: World, client: Client, **typed: str) -> str:
    return client.post(f"/o/{place.organisation.slug}/settings/preview/", typed).content.decode()


def test_the_preview_says_what_would_be_loaded_and_the_sync_loads_it(place: World, bookkeeper: Client) -> None:
    cafe = contact(place, "Pounamu Cafe")
    for day in ("2016-05-04", "2026-05-04"):
        invoice(place, cafe, Date=day, DueDate=day)
    bill(place, contact(place, "Clay & Co"))
    contact(place, "Nobody")
    item(place, "MUG-1")
    place.sync()
    text = preview(place, bookkeeper, load_invoices="yes", load_items="yes")
    assert (
        "the next sync would load 2 sale invoices, 1 bill, 2 contacts and 1 item, which takes about 3 more calls"
        in text
    )
    assert "“Sync from” is empty, so that nothing is too old: the first document is of 04 May 2016." in text
    text = preview(place, bookkeeper, load_invoices="yes", sync_from="2026-01-01", load_contacts="customers")
    assert "would load 1 sale invoice, 1 bill and 3 contacts" in text
    assert "Sync from” is empty" not in text
    bookkeeper.post(f"/o/{place.organisation.slug}/settings/save/", {"load_invoices": "yes", "load_items": "yes"})
    place.clock.advance(600)
    place.sync()
    assert "nothing would be loaded now" in preview(place, bookkeeper, sync_from="2026-01-01")


def test_a_change_of_other_settings_says_nothing_of_loading(place: World, bookkeeper: Client) -> None:
    assert "What comes into Core" not in preview(place, bookkeeper, payments="both")


def waiting(owner: Cast, count: int = 2, **values: str) -> list[Product]:
    made = {"status": "SET_UP_REQUIRED"} | values
    return [factories.product(owner.organisation, **made) for _ in range(count)]


def file_of(cast: Cast) -> str:
    answer = cast.viewer.get(cast.path("products/set-up.csv"))
    return b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def test_the_overview_tells_how_many_wait_and_how_to_complete_them(cast: Cast) -> None:
    assert "Products to set up" not in cast.viewer.get(cast.path()).content.decode()
    waiting(cast)
    factories.product(cast.organisation)
    text = cast.viewer.get(cast.path()).content.decode()
    assert "2 products are Set Up Required: made out of items in Xero" in text
    assert f"/o/{cast.organisation.slug}/import/?kind=products" in text


def test_their_file_read_back_changes_nothing_and_completed_makes_them_active(cast: Cast) -> None:
    rule = factories.tax_rule(cast.organisation)
    waiting(cast, sale_tax_rule_id=rule.pk, brand="Kiln & Co")
    waiting(cast, 1, sku="=1+1", name="@SUM(A1)")
    before = list(Product.objects.order_by("sku").values())
    text = file_of(cast)
    assert "'=1+1" in text
    import_file(cast.organisation, "products", io.BytesIO(text.encode()), actor="mere")
    assert list(Product.objects.order_by("sku").values()) == before
    completed = text.replace("Set Up Required", "Active").replace("18.9000", "20.00")
    import_file(cast.organisation, "products", io.BytesIO(completed.encode()), actor="mere")
    assert set(Product.objects.values_list("status", "sale_price")) == {("ACTIVE", Decimal("20.0000"))}
    assert file_of(cast).count("\n") == 1


def test_a_row_that_is_not_right_is_told_and_changes_nothing(cast: Cast) -> None:
    waiting(cast)
    text = file_of(cast).replace("Set Up Required", "Active").replace("18.9000", "a lot", 1)
    with pytest.raises(ImportRefused) as refusal:
        import_file(cast.organisation, "products", io.BytesIO(text.encode()), actor="mere")
    assert "is not a number" in str(refusal.value)
    assert set(Product.objects.values_list("status", flat=True)) == {"SET_UP_REQUIRED"}


def test_ten_thousand_products_are_one_file(cast: Cast) -> None:
    Product.objects.bulk_create(
        Product(organisation=cast.organisation, sku=f"P{number}", name="Mug", status="SET_UP_REQUIRED")
        for number in range(10_000)
    )
    assert file_of(cast).count("\n") == 10_001
