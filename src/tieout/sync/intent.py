"""The intent of a write: the batch and the entries that it takes, stored before it is sent.

In: a batch and what was planned of its entries. Out: rows, in the caller's transaction. Always: only entries that are
still Pending are taken; what was planned of them is written down by the same UPDATE, or by `leave` where they are not
sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
from msgspec import structs

from tieout.sync import bulk
from tieout.sync.life import Event, sources
from tieout.sync.models import Batch
from tieout.sync.planning import Planned

_CLAIMABLE = [str(status) for status in sources(Event.CLAIMED)]


def claim(
    batches: Sequence[tuple[Batch, Sequence[Planned]]], now: datetime, lease: timedelta
) -> psycopg.Cursor[tuple[int]]:
    """Move those that are still Pending to Sending; their ids."""
    rows = [
        _row(each, batch.action) | {"batch": batch.pk, "position": position}
        for batch, planned in batches
        for position, each in enumerate(planned)
    ]
    told = all(each.facts for _, planned in batches for each in planned)
    return bulk.run(_CLAIM if told else _CLAIM_AS_IT_IS, rows, lease=now + lease, now=now, claimable=_CLAIMABLE)


def store(batch: Batch) -> None:
    bulk.run(_INTEND, **_columns(batch))


def leave(planned: Sequence[Planned], action: str) -> None:
    """Write down what was planned of entries that are not sent any more."""
    if rows := [_row(each, action) for each in planned if each.facts]:
        bulk.run(_LEAVE, rows, claimable=_CLAIMABLE)


def manifest_line(each: Planned) -> list[object]:
    write = each.write
    computed, moves = ({name: str(value) for name, value in some.items()} for some in (write.computed, write.moves))
    line: list[object] = [each.entry_id, str(each.key.id), write.fingerprint, write.xero_id, computed, moves]
    return [*line, write.step] if write.step else line


def _row(each: Planned, action: str) -> dict[str, Any]:
    told = structs.asdict(each.facts) if each.facts else {}
    return {"id": each.entry_id, "action": action, "difference": each.difference, **told}


def _columns(batch: Batch) -> dict[str, Any]:
    named = ("id", "kind", "action", "method", "path", "content_type", "idempotency_key", "digest", "elements")
    return {
        **{name: getattr(batch, name) for name in named},
        "connection": batch.connection_id,
        "run": batch.run_id,
        "body": bytes(batch.body),
        "manifest": msgspec.json.encode(batch.manifest).decode(),
        "intended_at": batch.intended_at,
    }


# The batch is stored right after; the constraint between the two is checked at the commit.
_CLAIMED = """
    status = 'sending', action = v.action, batch_id = v.batch, position = v.position, leased_until = %(lease)s,
    updated_at = %(now)s"""
_AS_PLANNED = """
    touched = false, local = false, reason_code = '', reason = '', advice = '', blocked_kind = '', blocked_id = null,
    label = v.label, party = v.party, date = v.date, amount = v.amount, currency = v.currency, channel = v.channel,
    difference = coalesce(v.difference, e.difference)"""


def _update(columns: str) -> str:
    return f"""
        update sync_entry e set {columns}
          from json_to_recordset(%(rows)s) as v(id bigint, action text, batch uuid, position int, label text,
               party text, date date, amount numeric, currency text, channel text, difference jsonb)
         where e.id = v.id and e.status = any(%(claimable)s) returning e.id"""  # noqa: S608 - text of this module


_CLAIM = _update(f"{_CLAIMED}, {_AS_PLANNED}")
_CLAIM_AS_IT_IS = _update(_CLAIMED)  # a step of a correction, whose entry tells of it already
_LEAVE = _update(f"action = v.action, {_AS_PLANNED}")
_INTEND = """
    insert into sync_batch (id, connection_id, run_id, kind, action, method, path, content_type, idempotency_key, body,
                            digest, elements, manifest, intended_at, state, sends, correlation_id, message)
    values (%(id)s, %(connection)s, %(run)s, %(kind)s, %(action)s, %(method)s, %(path)s, %(content_type)s,
            %(idempotency_key)s, %(body)b, %(digest)s, %(elements)s, %(manifest)s::jsonb, %(intended_at)s,
            'intended', 0, '', '')"""
