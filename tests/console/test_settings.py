"""The settings page: who may read and change, errors at the field, nothing by halves, the effect before saving."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.console.conftest import Cast, signed_in
from tests.sync.test_settings import BAD
from tests.sync.world import World, world
from tieout.console import ports as way_out
from tieout.core.models import Organisation
from tieout.people.models import Event, Role
from tieout.sync import company_settings, tasks
from tieout.sync.models import Connection, Entry, Status
from tieout.sync.settings import CATALOGUE

pytestmark = pytest.mark.django_db
NASTY = "=HYPERLINK(\"http://x\")<script>alert('x')</script>"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> World:
    made = world()
    monkeypatch.setattr(way_out, "ports", lambda: made.ports)
    return made


@pytest.fixture
def bookkeeper(place: World) -> Client:
    return signed_in("ben", place.organisation, Role.BOOKKEEPER)


def path(owner: Organisation, rest: str = "") -> str:
    return f"/o/{owner.slug}/settings/{rest}"


def stored(place: World) -> dict[str, str]:
    return company_settings.current(Connection.objects.get(organisation=place.organisation)).texts


def test_every_setting_stands_on_the_page_with_its_sentence(place: World, bookkeeper: Client) -> None:
    text = bookkeeper.get(path(place.organisation)).content.decode()
    for each in CATALOGUE:
        assert f'id="{each.key}"' in text
        assert each.title in text
    assert "<fieldset disabled" not in text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATIONS])
def test_others_read_but_cannot_change(place: World, role: str) -> None:
    client = signed_in("vera", place.organisation, role)
    text = client.get(path(place.organisation)).content.decode()
    assert "<fieldset disabled" in text
    assert "See what would change" not in text
    for step in ("preview/", "save/"):
        assert client.post(path(place.organisation, step), {"payments": "both"}).status_code == 403
    assert stored(place)["payments"] == "push"


def test_to_a_stranger_the_page_does_not_exist(place: World) -> None:
    stranger = signed_in("stan", None)
    for step in ("", "preview/", "save/"):
        assert stranger.post(path(place.organisation, step), {"payments": "both"}).status_code == 404
    assert Client().get(path(place.organisation))["Location"].startswith("/sign-in/")


def test_without_a_connection_it_says_what_to_do(cast: Cast) -> None:
    page = cast.owner.get(path(cast.organisation))
    assert "There is nothing to set yet" in page.content.decode()
    assert cast.owner.post(path(cast.organisation, "save/"), {"payments": "both"}).status_code == 302


@pytest.mark.parametrize("key", list(BAD))
def test_a_mistake_stands_at_its_field_and_nothing_is_saved(place: World, bookkeeper: Client, key: str) -> None:
    before = stored(place)
    form = {"lock_date_policy": "first_open_day", key: BAD[key][0][0]}
    if key == "status_by_channel":
        form = {"lock_date_policy": "first_open_day", f"{key}-name": "Etsy", f"{key}-value": "DRAFT"}
    for step in ("preview/", "save/"):
        page = bookkeeper.post(path(place.organisation, step), form)
        text = page.content.decode()
        assert page.status_code == 422
        row = text.split(f'id="{key}-row"')[1].split('class="map-row')[0]
        assert "errorlist" in row, "the sentence does not stand at its field"
        assert "nothing was saved" in text
    assert stored(place) == before
    assert not Event.objects.filter(action="setting_changed").exists()


def test_what_was_typed_is_still_there_beside_the_mistake(place: World, bookkeeper: Client) -> None:
    form = {"alert_emails": NASTY, "day_limit": "1234"}
    text = bookkeeper.post(path(place.organisation, "preview/"), form).content.decode()
    assert 'value="1234"' in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_a_channel_with_a_nasty_name_is_text_and_can_be_set(place: World, bookkeeper: Client) -> None:
    factories.sale_invoice(place.organisation, channel="=1+1 <b>;x")
    text = bookkeeper.get(path(place.organisation)).content.decode()
    assert "=1+1 &lt;b&gt;;x" in text
    form = {"status_by_channel-name": "=1+1 <b>;x", "status_by_channel-value": "DRAFT"}
    page = bookkeeper.post(path(place.organisation, "save/"), form, follow=True)
    assert "1 setting saved." in page.content.decode()
    assert Connection.objects.get().status_by_channel == {"=1+1 <b>;x": "DRAFT"}


def test_the_effect_is_shown_before_anything_is_saved(place: World, bookkeeper: Client) -> None:
    invoice = factories.sale_invoice(place.organisation)
    factories.payment(invoice, "5.00")
    text = bookkeeper.post(path(place.organisation, "preview/"), {"invoice_status": "DRAFT"}).content.decode()
    assert "Approved" in text and "Draft" in text
    assert "would be held" in text
    assert "only approved documents can be paid" in text
    assert stored(place)["invoice_status"] == "AUTHORISED"


def test_what_core_has_booked_already_is_said_to_stay_and_the_choice_reaches_core(
    place: World, bookkeeper: Client
) -> None:
    bookkeeper.post(path(place.organisation, "save/"), {"use_credit_by_order": "no"})
    invoice = factories.sale_invoice(place.organisation, reference="SO-1")
    factories.deposit(place.organisation, contact_id=invoice.contact_id, order_number="SO-1")
    assert not invoice.allocations.exists()
    form = {"use_credit_by_order": "yes"}
    text = bookkeeper.post(path(place.organisation, "preview/"), form).content.decode()
    assert "1 credit and its document are booked already and not joined." in text
    page = bookkeeper.post(path(place.organisation, "save/"), form, follow=True).content.decode()
    told = page.split("Who changed what")[1]
    assert told.count("Credit taken for an order is used by itself") == 2, "once off, once on"
    factories.deposit(place.organisation, "30.00", contact_id=invoice.contact_id, order_number="SO-1")
    assert [each.amount for each in invoice.allocations.all()] == [Decimal("30.00")]


def test_saving_tells_what_was_freed_and_keeps_the_history(
    place: World, bookkeeper: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(tasks, "request_sync", lambda organisation, actor: asked.append(actor) or True)
    order = factories.purchase_order(place.organisation)
    place.sync()
    entry = place.entry(order)
    assert (entry.status, entry.reason_code) == (Status.SKIPPED, "not-exported")
    preview = bookkeeper.post(path(place.organisation, "preview/"), {"export_purchase_orders": "yes"})
    assert "Save, free and sync now" in preview.content.decode()
    form = {"export_purchase_orders": "yes", "then": "sync"}
    page = bookkeeper.post(path(place.organisation, "save/"), form, follow=True).content.decode()
    assert "1 setting saved. 1 entry is set to Pending and go" in page or "1 entry is set to Pending" in page
    assert asked == ["ben"]
    entry.refresh_from_db()
    assert (entry.status, entry.acted_by) == (Status.PENDING, "ben")
    assert "Who changed what" in page
    assert "Purchase orders" in page.split("Who changed what")[1]
    place.clock.advance(600)
    place.sync()
    assert place.entry(order).status == Status.COMPLETED


def test_two_people_at_once_do_not_overwrite_each_other(place: World, bookkeeper: Client) -> None:
    owner = signed_in("aroha", place.organisation, Role.OWNER)
    version = company_settings.current(Connection.objects.get()).version
    owner.post(path(place.organisation, "save/"), {"payments": "both", "version": version})
    page = bookkeeper.post(path(place.organisation, "save/"), {"day_limit": "900", "version": version})
    assert "aroha changed “Payments are” meanwhile" in page.content.decode()
    assert (stored(place)["payments"], stored(place)["day_limit"]) == ("both", "5000")


def test_a_form_without_changes_saves_nothing(place: World, bookkeeper: Client) -> None:
    page = bookkeeper.post(path(place.organisation, "preview/"), stored(place), follow=True)
    assert "Nothing is changed yet." in page.content.decode()
    assert not Event.objects.filter(action="setting_changed").exists()


def test_going_back_keeps_what_was_typed(place: World, bookkeeper: Client) -> None:
    text = bookkeeper.post(path(place.organisation), {"day_limit": "777"}).content.decode()
    assert 'value="777"' in text
    assert stored(place)["day_limit"] == "5000"


def test_preview_and_next_sync_agree_on_the_numbers(place: World, bookkeeper: Client) -> None:
    for _ in range(4):
        factories.sale_invoice(place.organisation, currency="EUR", rate=Decimal("0.5"))
        factories.purchase_order(place.organisation)
    place.sync()
    text = bookkeeper.post(path(place.organisation, "preview/"), {"export_purchase_orders": "yes"}).content.decode()
    assert "are freed: they go with the next sync" in text
    before = Entry.objects.filter(status=Status.COMPLETED).count()
    bookkeeper.post(path(place.organisation, "save/"), {"export_purchase_orders": "yes"})
    place.clock.advance(600)
    place.sync()
    assert Entry.objects.filter(status=Status.COMPLETED).count() == before + 4
