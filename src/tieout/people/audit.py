"""Writing the audit trail.

In: who acted, what they did (a word of `Action`), to which record. Out: one `Event` row. Always: called inside the
transaction of the change it tells of, so that neither exists without the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from tieout.people.models import Action, Event

LABEL_LIMIT = 300


def record_event(
    organisation_id: UUID | None,
    actor: str,
    action: Action,
    *,
    kind: str = "",
    record_id: UUID | None = None,
    label: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Write one line of the audit trail. `detail` must be plain JSON; `label` is cut at 300 characters."""
    return Event.objects.create(
        organisation_id=organisation_id,
        actor=actor,
        action=action,
        kind=kind,
        record_id=record_id,
        label=label[:LABEL_LIMIT],
        detail=dict(detail or {}),
    )


def record_events(
    organisation_id: UUID, actor: str, action: Action, records: Iterable[tuple[str, UUID, str, Mapping[str, Any]]]
) -> None:
    """A line for each of many records (kind, id, label, detail) that one act changed."""
    Event.objects.bulk_create(
        Event(
            organisation_id=organisation_id,
            actor=actor,
            action=action,
            kind=kind,
            record_id=record_id,
            label=label[:LABEL_LIMIT],
            detail=dict(detail),
        )
        for kind, record_id, label, detail in records
    )
