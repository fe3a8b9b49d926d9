"""The worker killed at each named point of a write, for each kind: the next run ends with each document once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection as database

from tests.sync.small_company import KINDS, SmallCompany, assert_once_and_final, small_company
from tests.sync.test_lost_answers import until_nothing_is_due
from tests.sync.world import World, world
from tieout.core import operations
from tieout.sync.models import Batch, Entry, Status
from tieout.sync.run import AlreadyRunning
from xero_twin import TwinServer

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = (
    "before intent",
    "intent committed",
    "before send",
    "answered",
    "answer in hand",
    "outcome written",
    "outcome committed",
)


@pytest.fixture
def served() -> Iterator[tuple[World, str]]:
    """A company whose Xero is reached over real sockets, as a process of its own must."""
    made = world(start=datetime.now(UTC))
    with TwinServer(made.twin) as server:
        yield made, server.url


def run_until_killed(made: World, url: str, point: str, nth: int) -> None:
    """Start a worker and see it die by its own SIGKILL."""
    wanted = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
    order = {
        "database": {key: database.settings_dict[key] for key in wanted},
        "organisation": made.organisation.slug,
        "point": point,
        "nth": nth,
    }
    environment = os.environ | {
        "TIEOUT_ENCRYPTION_KEYS": settings.TIEOUT_ENCRYPTION_KEYS[0],
        "TIEOUT_XERO_CLIENT_ID": "tieout-demo",
        "TIEOUT_XERO_CLIENT_SECRET": "tieout-demo-secret",
        **{f"TIEOUT_XERO_{part}_URL": url for part in ("API", "LOGIN", "IDENTITY")},
    }
    command = [sys.executable, "-m", "tests.sync.dying_worker", json.dumps(order)]
    root = Path(__file__).parents[2]
    died = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr


def go_on(made: World, after: timedelta) -> None:
    """The next run, by another worker, that much later."""
    made.clock.advance(after.total_seconds())
    for _ in range(100):  # on a busy machine PostgreSQL needs a moment to notice that its client is gone
        try:
            until_nothing_is_due(made)
        except AlreadyRunning:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the dead worker's lock was never let go")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_while_creating(served: tuple[World, str], point: str, kind: str) -> None:
    made, url = served
    small_company(made.organisation)
    run_until_killed(made, url, point, KINDS.index(kind) + 1)
    go_on(made, timedelta(seconds=1))
    assert_once_and_final(made)


@pytest.mark.deep
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_and_its_key_too_old(served: tuple[World, str], point: str, kind: str) -> None:
    made, url = served
    small_company(made.organisation)
    run_until_killed(made, url, point, KINDS.index(kind) + 1)
    go_on(made, timedelta(minutes=10))
    assert_once_and_final(made)


def change(small: SmallCompany, kind: str) -> None:
    """Something that Xero must be told of an existing record."""
    if kind == "payment":
        operations.void_payment(small.payment, actor="mere")
    else:
        operations.void_document(small.bill, actor="mere")


@pytest.mark.parametrize("kind", ["bill", "payment"])
@pytest.mark.parametrize("point", ["intent committed", "answered", "outcome written"])
def test_a_worker_killed_while_voiding(served: tuple[World, str], point: str, kind: str) -> None:
    made, url = served
    small = small_company(made.organisation)
    made.sync()
    change(small, kind)
    run_until_killed(made, url, point, 1)
    go_on(made, timedelta(minutes=10))
    assert made.statuses() == {"completed": 5}
    gone = {"bill": "Invoices", "payment": "Payments"}[kind]
    assert sum(each["Status"] in ("VOIDED", "DELETED") for each in made.documents(gone)) == 1


def test_between_death_and_the_next_run_the_record_shows_as_on_its_way(served: tuple[World, str]) -> None:
    made, url = served
    small = small_company(made.organisation)
    run_until_killed(made, url, "answered", 1)
    entry = made.entry(small.contact)
    assert (entry.status, entry.shown_status) == (Status.SENDING, Status.PENDING)
    assert entry.leased_until is not None
    assert Batch.objects.get(pk=entry.batch_id).state == Batch.State.INTENDED
    assert Entry.objects.filter(status=Status.COMPLETED).count() == 0


def test_what_was_sent_before_the_death_carries_the_same_key_afterwards(served: tuple[World, str]) -> None:
    made, url = served
    small_company(made.organisation)
    run_until_killed(made, url, "answered", 1)
    go_on(made, timedelta(seconds=1))
    sends = [call for call in made.twin.journal if call.resource == "Contacts" and call.method == "PUT"]
    assert len(sends) == 2
    assert len({call.key for call in sends}) == 1
    assert [call.replayed for call in sends] == [False, True]
