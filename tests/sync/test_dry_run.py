"""A dry run against what the next sync really does to the twin: the same actions, the same calls."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.sync.every_kind import every_kind
from tests.sync.small_company import small_company
from tests.sync.world import World
from tieout.core import operations
from tieout.core.models import Touch
from tieout.sync.dry_run import DryRun, dry_run, time_for
from tieout.sync.entries import change_status
from tieout.sync.models import Attempt, Budget, Connection, Entry, Status
from tieout.sync.preview import Line, Verdict

pytestmark = pytest.mark.django_db


def look_ahead(world: World) -> tuple[DryRun, dict[Any, Line]]:
    """The figures, and each line by its record."""
    lines: dict[Any, Line] = {}

    def heard(kind: Any, found: Any) -> None:
        lines.update({each.key.id: each for each in found})

    return dry_run(world.organisation, world.clock, heard), lines


def done_since(world: World, mark: int) -> Counter[tuple[str, str]]:
    """Kind and action of every attempt after that one, where Xero took it."""
    made = Attempt.objects.filter(pk__gt=mark, outcome__in=["completed", "adopted"])
    return Counter(made.values_list("entry__kind", "action"))


def foreseen(lines: dict[Any, Line]) -> Counter[tuple[str, str]]:
    return Counter((each.key.kind, each.action) for each in lines.values() if each.goes)


def calls_of_the_next_sync(world: World) -> int:
    mark = len(world.twin.journal)
    world.sync()
    return sum(1 for each in world.twin.journal[mark:] if each.path.startswith("/api.xro"))


def test_nothing_is_written_and_no_call_is_made(connected: World) -> None:
    small_company(connected.organisation)
    mark, touches = len(connected.twin.journal), Touch.objects.count()
    look_ahead(connected)
    assert len(connected.twin.journal) == mark
    assert Touch.objects.count() == touches
    assert not Entry.objects.exists()


def test_the_first_sync_of_every_kind_does_what_was_foreseen(connected: World) -> None:
    every_kind(connected)
    found, lines = look_ahead(connected)
    assert {each.verdict for each in lines.values()} == {Verdict.ACCEPT}
    mark = Attempt.objects.count()
    assert calls_of_the_next_sync(connected) == found.calls
    assert done_since(connected, mark) == foreseen(lines)


def test_a_second_day_with_edits_voids_and_trouble_is_foreseen_too(connected: World) -> None:
    small = small_company(connected.organisation)
    connected.sync()
    connected.clock.advance(3600)
    operations.void_payment(small.payment, actor="mere")
    operations.edit_contact(small.contact, _renamed(small.contact), actor="mere")
    factories.sale_invoice(connected.organisation, currency="EUR", rate=Decimal("0.5"))
    other = factories.sale_invoice(connected.organisation)
    factories.payment(other, "30.00")
    found, lines = look_ahead(connected)
    assert lines[other.pk].after.startswith("Contact ")
    mark = Attempt.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    assert calls_of_the_next_sync(connected) == found.calls
    assert done_since(connected, mark) == foreseen(lines)
    assert found.counted("actions")["warn"] == Entry.objects.filter(status=Status.WARNING).count() == 1


def _renamed(contact: Any) -> Any:
    from dataclasses import replace

    from tieout.core.fields import ContactFields
    from tieout.core.operations.recording import fields_of

    contact.refresh_from_db()
    return replace(fields_of(ContactFields, contact), email="new@example.test")


def test_a_payload_names_what_goes_before_it(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    _, lines = look_ahead(connected)
    line = lines[invoice.pk]
    assert line.write is not None
    payload = json.loads(line.write.body)
    assert payload["InvoiceNumber"] == invoice.number
    assert payload["Contact"]["ContactID"].startswith("‹Contact ")
    assert line.after == f"Contact {invoice.contact.name}"


def test_what_hangs_on_a_held_record_is_held_with_its_reason(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation, currency="EUR", rate=Decimal("0.5"))
    payment = factories.payment(invoice, "5.00")
    _, lines = look_ahead(connected)
    assert (lines[invoice.pk].verdict, lines[invoice.pk].code) == (Verdict.HOLD, "currency-missing")
    assert lines[payment.pk].action == "wait"
    assert f"Sale invoice {invoice.number}" in lines[payment.pk].why


def test_what_xero_refused_is_told_so_until_somebody_tries_again(connected: World) -> None:
    small = small_company(connected.organisation)
    connected.sync()
    Entry.objects.filter(record_id=small.bill.pk).update(
        status=Status.WARNING, local=False, reason_code="refused", reason="Xero said no."
    )
    _, lines = look_ahead(connected)
    assert (lines[small.bill.pk].verdict, lines[small.bill.pk].why) == (Verdict.REFUSE, "Xero said no.")
    chosen = Entry.objects.filter(record_id=small.bill.pk)
    now = connected.clock.now()
    change_status(connected.organisation, chosen, Status.PENDING, actor="mere", reason="", now=now)
    _, lines = look_ahead(connected)
    assert lines[small.bill.pk].verdict is Verdict.NOTHING


def test_a_payment_is_held_where_its_invoice_would_go_as_a_draft(connected: World) -> None:
    Connection.objects.update(invoice_status="DRAFT")
    small = small_company(connected.organisation)
    _, lines = look_ahead(connected)
    assert (lines[small.payment.pk].verdict, lines[small.payment.pk].code) == (Verdict.HOLD, "document-not-authorised")
    connected.sync()
    assert connected.entry(small.payment).reason_code == "document-not-authorised"


@pytest.mark.parametrize(
    ("calls", "left", "minutes", "days"),
    [(0, 5000, 0, 0), (60, 5000, 0, 0), (61, 5000, 1, 0), (600, 100, 9, 1), (10_000, 103, 166, 2)],
)
def test_time_follows_from_the_limits(connected: World, calls: int, left: int, minutes: int, days: int) -> None:
    now = connected.clock.now()
    Budget.objects.update_or_create(
        connection=connected.connection, defaults={"day_remaining": left, "day_started_at": now}
    )
    found = time_for(calls, connected.connection, now)
    assert (found.minutes, found.days) == (minutes, days)


def test_a_thousand_and_more_records_are_looked_at_in_chunks(connected: World) -> None:
    contact = factories.contact(connected.organisation)
    for _ in range(60):
        factories.sale_invoice(connected.organisation, contact_id=contact.pk)
    found, _ = look_ahead(connected)
    assert found.counted("actions")["create"] == 61
    assert calls_of_the_next_sync(connected) == found.calls


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [(Status.SENDING, "on-its-way", "just now"), (Status.UNCERTAIN, "answer-lost", "looks it up first")],
)
def test_what_is_on_its_way_and_what_got_no_answer_are_told_apart(
    connected: World, status: Status, code: str, why: str
) -> None:
    small = small_company(connected.organisation)
    connected.sync()
    Entry.objects.filter(record_id=small.contact.pk).update(status=status)
    _, lines = look_ahead(connected)
    assert lines[small.contact.pk].code == code
    assert why in lines[small.contact.pk].why
