"""“Correct…” in the console: who is asked, what is shown, what a choice does."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories
from tests.console.conftest import signed_in
from tests.sync.test_corrections import edit
from tests.sync.world import World, world
from tieout.core.models import Document
from tieout.people.models import Role
from tieout.sync.models import Correction, Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected(db: None) -> World:
    return world()


@pytest.fixture
def owner(connected: World) -> Client:
    return signed_in("aroha", connected.organisation, Role.OWNER)


@pytest.fixture
def paid(connected: World) -> Document:
    """Paid in Xero by hand, then made cheaper in Core."""
    invoice = factories.sale_invoice(connected.organisation)
    connected.sync()
    connected.twin.edit(connected.tenant_id, "pay", invoice=invoice.number, amount="15.00", date="2026-05-04")
    edit(invoice, "80.00")
    connected.sync()
    return invoice


def address(connected: World, record: Document, rest: str = "correct/") -> str:
    return f"/o/{connected.organisation.slug}/history/{connected.entry(record).pk}/{rest}"


def test_an_entry_in_warning_offers_to_be_corrected(connected: World, owner: Client, paid: Document) -> None:
    assert "Correct…" in owner.get(address(connected, paid, "")).content.decode()
    viewer = signed_in("vera", connected.organisation, Role.VIEWER)
    assert "Correct…" not in viewer.get(address(connected, paid, "")).content.decode()


def test_every_way_shows_its_calls_in_order(connected: World, owner: Client, paid: Document) -> None:
    page = owner.get(address(connected, paid)).content.decode()
    assert "2 calls to Xero, in this order" in page
    assert "3 calls to Xero, in this order" in page
    assert f"Create the credit note {paid.number}-C1 over 20.00 NZD" in page
    assert "PUT CreditNotes/{new document}/Allocations" in page
    assert "No call to Xero." in page
    dialog = owner.get(address(connected, paid), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in dialog
    assert "Own page" in dialog


def test_a_choice_is_stored_and_sent_by_the_next_sync_only(connected: World, owner: Client, paid: Document) -> None:
    mark = len(connected.twin.journal)
    answer = owner.post(address(connected, paid), {"way": "credit-note", "why": "Broken in transit."})
    assert answer.status_code == 302
    entry = connected.entry(paid)
    assert (entry.status, entry.reason_code, entry.acted_by) == (Status.PENDING, "correcting", "aroha")
    assert len(connected.twin.journal) == mark
    connected.sync()
    assert "Broken in transit." in connected.entry(paid).reason


def test_leaving_it_needs_a_reason_and_says_so(connected: World, owner: Client, paid: Document) -> None:
    page = owner.post(address(connected, paid), {"way": "leave", "why": ""}).content.decode()
    assert "Say why it is skipped" in page
    assert connected.entry(paid).status == Status.WARNING
    owner.post(address(connected, paid), {"way": "leave", "why": "Settled by telephone."})
    assert connected.entry(paid).status == Status.SKIPPED


@pytest.mark.parametrize("way", ["", "burn-it", "put-back"])
def test_what_is_not_offered_is_refused(connected: World, owner: Client, paid: Document, way: str) -> None:
    page = owner.post(address(connected, paid), {"way": way, "why": "x"}).content.decode()
    assert "cannot be corrected in that way" in page
    assert not Correction.objects.exists()


def test_what_needs_no_correction_says_so(connected: World, owner: Client) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    connected.sync()
    answer = owner.get(address(connected, invoice), follow=True)
    assert "needs no correction" in answer.content.decode()


def test_a_stranger_finds_nothing(connected: World, paid: Document) -> None:
    stranger = signed_in("stan", None)
    assert stranger.post(address(connected, paid), {"way": "leave", "why": "x"}).status_code == 404
    assert connected.entry(paid).status == Status.WARNING
