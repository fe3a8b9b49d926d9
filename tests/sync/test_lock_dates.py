"""What is dated in a locked period: held, or booked on the first open day with its own day in the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.sync.test_corrections import assert_proven, document, edit
from tests.sync.world import World
from tieout.core import operations
from tieout.core.models import Document
from tieout.core.operations import document_fields, journal_fields
from tieout.reports.tie_out import tie_out
from tieout.sync.models import Connection, Entry, Status

pytestmark = pytest.mark.django_db

DATED = "(dated 31 Mar 2026)"


@pytest.fixture
def first_open_day(connected: World) -> World:
    """Locked up to the end of April; new documents go on 1 May."""
    Connection.objects.filter(organisation=connected.organisation).update(lock_date_policy="first_open_day")
    lock(connected, "2026-04-30")
    return connected


def lock(made: World, day: str | None) -> None:
    made.twin.edit(made.tenant_id, "lock_dates", period=day, end_of_year=None)
    made.clock.advance(3600)


Build = Callable[[World], Any]
BUILD: dict[str, Build] = {
    "sale_invoice": lambda made: factories.sale_invoice(made.organisation, reference="Order 7"),
    "bill": lambda made: factories.bill(made.organisation),
    "sale_credit_note": lambda made: factories.credit_note(factories.sale_invoice(made.organisation)),
    "purchase_credit_note": lambda made: factories.credit_note(factories.bill(made.organisation)),
}


def told(made: World, number: str) -> str:
    found = document(made, number)
    return str(found.get("Reference") or found["LineItems"][0]["Description"])


@pytest.mark.parametrize("kind", BUILD)
def test_a_new_document_goes_on_the_first_open_day_and_says_its_own(first_open_day: World, kind: str) -> None:
    record = BUILD[kind](first_open_day)
    first_open_day.sync()
    assert document(first_open_day, record.number)["DateString"].startswith("2026-05-01")
    assert DATED in told(first_open_day, record.number)
    assert_proven(first_open_day)


def test_a_journal_goes_on_the_first_open_day_and_says_its_own(first_open_day: World) -> None:
    lines = [factories.journal_line("310", "50.00"), factories.journal_line("640", "-50.00")]
    journal = factories.journal(first_open_day.organisation, lines=lines)
    first_open_day.sync()
    (made,) = first_open_day.documents("ManualJournals")
    assert made["Narration"].endswith(DATED)
    operations.edit_journal(journal, replace(journal_fields(journal), narration="Counted"), actor="mere")
    first_open_day.sync()
    (made,) = first_open_day.documents("ManualJournals")
    assert made["Narration"] == f"{journal.number}: Counted {DATED}"
    assert_proven(first_open_day)


@pytest.mark.parametrize("kind", BUILD)
def test_what_was_booked_there_stays_on_its_day_whatever_the_lock_date_does(first_open_day: World, kind: str) -> None:
    record = BUILD[kind](first_open_day)
    first_open_day.sync()
    edit(record, "80.00")
    first_open_day.sync()
    assert document(first_open_day, record.number)["DateString"].startswith("2026-05-01")
    lock(first_open_day, "2026-05-31")
    first_open_day.sync()
    record.refresh_from_db()
    edit(record, "70.00")
    first_open_day.sync()
    entry = first_open_day.entry(record)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "lock-date")
    assert Decimal(str(document(first_open_day, record.number)["Total"])) == Decimal("80.00")


@pytest.mark.parametrize("what", ["drop_after", "drop_before"])
def test_a_lost_answer_does_not_make_a_second_one(first_open_day: World, what: str) -> None:
    invoice = BUILD["sale_invoice"](first_open_day)
    lines = [factories.journal_line("310", "50.00"), factories.journal_line("640", "-50.00")]
    factories.journal(first_open_day.organisation, lines=lines)
    for path in ("Invoices", "ManualJournals"):
        first_open_day.twin.faults.add(what, method="PUT", path=path, times=3)
    first_open_day.sync()
    first_open_day.twin.faults.clear()
    first_open_day.clock.advance(600)
    first_open_day.sync()
    assert len(first_open_day.documents("ManualJournals")) == 1
    assert len(first_open_day.documents("Invoices")) == 1
    assert DATED in told(first_open_day, invoice.number)
    assert_proven(first_open_day)


def test_a_document_inside_the_locked_period_is_held(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    connected.sync()
    Connection.objects.filter(organisation=connected.organisation).update(lock_date_policy="first_open_day")
    lock(connected, "2026-04-30")
    edit(invoice, "80.00")
    connected.sync()
    assert connected.entry(invoice).reason_code == "lock-date"
    operations.void_document(invoice, actor="mere")
    connected.sync()
    assert connected.entry(invoice).reason_code == "lock-date"


def test_money_keeps_the_day_that_the_bank_says(first_open_day: World) -> None:
    invoice = BUILD["sale_invoice"](first_open_day)
    payment = factories.payment(invoice, "20.00")
    credit = factories.deposit(first_open_day.organisation)
    first_open_day.sync()
    for record in (payment, credit):
        entry = first_open_day.entry(record)
        assert (entry.status, entry.reason_code) == (Status.WARNING, "lock-date")


def test_what_was_held_goes_once_the_policy_is_changed(connected: World) -> None:
    lock(connected, "2026-04-30")
    invoice = factories.sale_invoice(connected.organisation)
    connected.sync()
    assert connected.entry(invoice).reason_code == "lock-date"
    Connection.objects.filter(organisation=connected.organisation).update(lock_date_policy="first_open_day")
    connected.sync()
    assert not Entry.objects.exclude(status=Status.COMPLETED).exists()


def test_the_tie_out_of_the_locked_month_says_that_it_stands_on_another_day(first_open_day: World) -> None:
    BUILD["sale_invoice"](first_open_day)
    first_open_day.sync()
    (why,) = [each.why for each in tie_out(first_open_day.organisation, last=date(2026, 4, 30)).explanations]
    assert "stands on another day" in why
    (why,) = [each.why for each in tie_out(first_open_day.organisation, date(2026, 5, 1)).explanations]
    assert "outside of this period" in why


def moved_back(world: World, day: date) -> tuple[Document, str]:
    """An invoice of 20 May that went to Xero and is dated 31 March now."""
    invoice = factories.sale_invoice(world.organisation, date=day)
    world.sync()
    values = document_fields(invoice)
    operations.edit_document(invoice, replace(values, date=date(2026, 3, 31)), actor="mere")
    return invoice, invoice.number


def test_a_date_moved_back_into_the_locked_period_goes_on_the_first_open_day(first_open_day: World) -> None:
    _, number = moved_back(first_open_day, date(2026, 5, 20))
    first_open_day.sync()
    assert document(first_open_day, number)["DateString"].startswith("2026-05-01")
    assert DATED in told(first_open_day, number)
    assert_proven(first_open_day)
    mark = len(first_open_day.twin.journal)
    first_open_day.clock.advance(3600)
    first_open_day.sync()
    assert not [
        call for call in first_open_day.twin.journal[mark:] if call.method == "POST" and call.resource != "token"
    ]


def test_moved_back_it_asks_a_person_where_xero_has_locked_its_own_day(first_open_day: World) -> None:
    invoice, number = moved_back(first_open_day, date(2026, 5, 20))
    lock(first_open_day, "2026-05-31")
    first_open_day.sync()
    entry = first_open_day.entry(invoice)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "lock-date")
    assert document(first_open_day, number)["DateString"].startswith("2026-05-20")


def test_moved_back_under_the_policy_hold_it_waits_for_a_person(connected: World) -> None:
    lock(connected, "2026-04-30")
    invoice, number = moved_back(connected, date(2026, 5, 20))
    connected.sync()
    entry = connected.entry(invoice)
    assert (entry.status, entry.reason_code) == (Status.WARNING, "lock-date")
    assert document(connected, number)["DateString"].startswith("2026-05-20")
