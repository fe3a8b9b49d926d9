"""The drawing of an entry's life, arrow by arrow."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.core.records import RecordKey
from tieout.kinds.books import Seen
from tieout.kinds.kind import Route
from tieout.kinds.problems import Problem
from tieout.sync.life import CHOICES, TRANSITIONS, Event, Impossible, after, sources
from tieout.sync.models import Status
from tieout.sync.plan import Adopt, InAgreement, LeaveOut, Unfit, Wait, Write
from tieout.sync.planning import status_after

SEEN = Seen("contact", str(uuid4()), "", "", "", "ACTIVE", None)
DECISIONS = (
    Write("create", Route("PUT", "Contacts"), b"{}", "f"),
    Adopt(SEEN, b"{}", "f"),
    Adopt(SEEN, b"{}", "f", then=Write("update", Route("PUT", "Contacts"), b"{}", "f", SEEN.xero_id)),
    InAgreement(),
    Wait(RecordKey("contact", uuid4())),
    Unfit(Problem("found-twice", "", "")),
    Unfit(Problem("lock-date", "", "")),
    LeaveOut("not-ready", ""),
)
PLANNABLE = (Status.PENDING, Status.COMPLETED, Status.FAILED, Status.WARNING, Status.UNCERTAIN)


def test_every_status_can_be_left_except_by_nobody() -> None:
    for status in Status:
        assert any(source is status for source, _ in TRANSITIONS), status


def test_pending_is_reachable_from_every_status() -> None:
    """Nothing is stuck: some chain of events brings every entry back to where it is sent."""
    for status in Status:
        reached, edge = {status}, {status}
        while edge:
            edge = {to for (source, _), to in TRANSITIONS.items() if source in edge} - reached
            reached |= edge
        assert {Status.PENDING, Status.COMPLETED} <= reached, status


@given(st.sampled_from(list(Status)), st.lists(st.sampled_from(list(Event)), max_size=20))
def test_any_events_leave_a_status_or_are_impossible(status: Status, events: list[Event]) -> None:
    for event in events:
        try:
            status = after(status, event)
        except Impossible:
            assert status not in sources(event)
        else:
            assert status in Status


def test_nothing_that_was_sent_goes_back_to_pending_without_being_looked_up() -> None:
    back = {event for (source, event), to in TRANSITIONS.items() if source is Status.SENDING and to is Status.PENDING}
    assert back == set()
    looked_up = {
        event for (source, event), to in TRANSITIONS.items() if source is Status.UNCERTAIN and to is Status.PENDING
    }
    assert looked_up == {Event.ABSENT}


@pytest.mark.parametrize("status", PLANNABLE)
@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: type(decision).__name__)
def test_every_decision_leads_every_plannable_entry_somewhere(status: Status, decision: object) -> None:
    to = status_after(status, decision)  # type: ignore[arg-type]
    expected = {
        Write: {Status.PENDING},
        Wait: {Status.PENDING},
        InAgreement: {Status.COMPLETED},
        Adopt: {Status.COMPLETED, Status.PENDING},
        Unfit: {Status.WARNING},
        LeaveOut: {Status.SKIPPED},
    }[type(decision)]
    assert to in expected


def test_a_person_can_only_choose_arrows_that_exist() -> None:
    for status, choices in CHOICES.items():
        for to, event in choices.items():
            assert after(status, event) is to
