"""A person's hand on many entries at once: what moves, what stays, and back again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from tests import factories
from tieout.core.models import Organisation
from tieout.sync import entries
from tieout.sync.models import Entry, Status, StatusBefore

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def many(owner: Organisation, count: int, status: Status) -> None:
    """Entries of one status, each with a reason and a next try of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into sync_entry (organisation_id, kind, record_id, status, touched, reason_code, reason, advice,
                   local, blocked_kind, tries, refused_fingerprint, action, difference, position, label, party,
                   currency, channel, acted_by, next_try_at, queued_at, updated_at)
               select %s, 'sale_invoice', gen_random_uuid(), %s, false, 'offline', 'Try ' || n, 'Wait.', n %% 2 = 0, '',
                      0, '', '', '[]', 0, 'INV-' || n, '', 'NZD', '', '', %s + n * interval '1 minute', %s, %s
                 from generate_series(1, %s) n""",
            [owner.pk, status, NOW, NOW, NOW, count],
        )


def as_they_are(owner: Organisation) -> list[tuple[object, ...]]:
    columns = ("pk", "status", "reason_code", "reason", "advice", "local", "next_try_at", "blocked_kind", "blocked_id")
    return list(Entry.objects.filter(organisation=owner).order_by("pk").values_list(*columns))


@pytest.mark.django_db
def test_tens_of_thousands_are_skipped_and_put_back_as_they_were() -> None:
    owner, other = factories.organisation(), factories.organisation(slug="other")
    many(owner, 30_000, Status.FAILED)
    many(owner, 5, Status.COMPLETED)
    many(other, 3, Status.FAILED)
    before, of_others = as_they_are(owner), as_they_are(other)
    done = entries.change_status(owner, Entry.objects.all(), Status.SKIPPED, actor="ben", reason="By hand", now=NOW)
    assert (done.moved, done.stayed) == (30_000, 5)
    assert entries.counts(owner) == {"pending": 0, "completed": 5, "failed": 0, "warning": 0, "skipped": 30_000}
    assert as_they_are(other) == of_others

    moved_on = Entry.objects.filter(organisation=owner, status=Status.SKIPPED).first()
    assert moved_on is not None and done.change is not None
    entries.change_status(owner, Entry.objects.filter(pk=moved_on.pk), Status.PENDING, actor="eve", reason="", now=NOW)
    undone = entries.undo(done.change, actor="ben", now=NOW + timedelta(minutes=1))
    assert (undone.moved, undone.stayed) == (29_999, 1)
    assert [row for row in as_they_are(owner) if row[0] != moved_on.pk] == [
        row for row in before if row[0] != moved_on.pk
    ]


@pytest.mark.django_db
def test_a_change_that_moves_nothing_leaves_no_trace() -> None:
    owner = factories.organisation()
    many(owner, 2, Status.COMPLETED)
    done = entries.change_status(owner, Entry.objects.all(), Status.PENDING, actor="ben", reason="", now=NOW)
    assert (done.change, done.moved, done.stayed) == (None, 0, 2)
    assert not StatusBefore.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_began_to_be_sent_while_the_person_clicked_is_left_alone() -> None:
    owner = factories.organisation()
    many(owner, 2, Status.PENDING)
    first = Entry.objects.order_by("pk")[0]
    done: list[entries.Changed] = []

    def click() -> None:
        try:
            done.append(
                entries.change_status(owner, Entry.objects.all(), Status.SKIPPED, actor="ben", reason="Late", now=NOW)
            )
        finally:
            connection.close()

    clicking = threading.Thread(target=click)
    with transaction.atomic():
        Entry.objects.filter(pk=first.pk).update(status=Status.SENDING)
        clicking.start()
        clicking.join(0.5)
        assert clicking.is_alive()  # it waits for the row that is being claimed
    clicking.join(10)
    first.refresh_from_db()
    assert first.status == Status.SENDING
    assert done[0].moved == 1
