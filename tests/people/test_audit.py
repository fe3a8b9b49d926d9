"""The audit trail."""

from __future__ import annotations

import pytest

from tests import factories
from tieout.people.audit import record_event
from tieout.people.models import Action

pytestmark = pytest.mark.django_db


def test_an_event_reads_as_a_sentence_and_its_label_is_cut_to_fit() -> None:
    owner = factories.organisation()
    event = record_event(owner.id, "mere", Action.VOIDED, kind="bill", label="x" * 400, detail={"why": "twice"})
    event.refresh_from_db()
    assert str(event).endswith("mere: Voided " + "x" * 300)
    assert event.detail == {"why": "twice"}
    assert list(owner.events.values_list("actor", flat=True)) == ["mere", factories.ACTOR]
