"""What makes entries due: a touched record, changed books, a blocker that stands in Xero now.

In: the touches of an organisation. Out: one entry per touched record, marked as touched. Always: one statement takes
the touches away and marks the entries, so that none is lost between; a touch that comes later stays for the next run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection as database

from tieout.core.queries import IN_USE
from tieout.kinds.registry import KINDS
from tieout.sync import bulk
from tieout.sync.plan import GONE_BEFORE

MANY = 500
BY_HAND = "skipped"  # the reason's code where a person, and no rule, left it out


# By what a run looks rows up. Renewing what is known of every column takes four times as long.
_LOOKED_UP_BY = {
    "sync_entry": "id, organisation_id, kind, record_id, status, touched, blocked_id, batch_id",
    "sync_xerorecord": "connection_id, kind, key, other_key, xero_id",
}


def renew_statistics(table: str) -> None:
    """After many new rows at once: PostgreSQL's own renewal comes too late for the statements of the same run."""
    with database.cursor() as cursor:
        cursor.execute(f"analyze {table} ({_LOOKED_UP_BY[table]})")


def take(organisation_id: UUID, now: datetime, kinds: Sequence[str] = tuple(KINDS)) -> int:
    """Turn every touch of these kinds into a touched entry; what a rule left out is judged anew, what a person skipped
    is not. How many entries were marked."""
    with database.cursor() as cursor:
        cursor.execute(
            """with taken as (delete from core_touch where organisation_id = %(organisation)s and kind = any(%(kinds)s)
                              returning kind, record_id, id)
               insert into sync_entry (organisation_id, kind, record_id, status, touched, reason_code, reason, advice,
                                       local, blocked_kind, tries, refused_fingerprint, action, difference, position,
                                       label, party, currency, channel, acted_by, queued_at, updated_at)
               select %(organisation)s, kind, record_id, 'pending', true, '', '', '', false, '', 0, '', '', '[]'::jsonb,
                      0, '', '', '', '', '', %(now)s, %(now)s
                 from taken group by kind, record_id order by min(id)
               on conflict (organisation_id, kind, record_id) do update
                  set touched = true,
                      status = case when sync_entry.status = 'skipped' and sync_entry.reason_code <> %(by_hand)s
                                    then 'pending' else sync_entry.status end""",
            {"organisation": organisation_id, "now": now, "kinds": list(kinds), "by_hand": BY_HAND},
        )
        marked = int(cursor.rowcount)
    if marked >= MANY:
        renew_statistics("sync_entry")
    return marked


def touch_all(organisation_id: UUID) -> None:
    """Have everything planned anew that waits for no person: another Xero may have been kept in agreement until now."""
    plain = [name for name, kind in KINDS.items() if not kind.carries]
    with database.cursor() as cursor:
        cursor.execute(
            """update sync_entry set touched = true
                where organisation_id = %s and kind = any(%s) and status <> 'skipped' and (status <> 'warning' or local)
            """,
            [organisation_id, plain],
        )


def touch_local_warnings(organisation_id: UUID, code: str = "") -> int:
    """Have every warning that Tieout raised by itself (of this code, if one is named) planned anew: what it was
    mapped with has changed. How many."""
    with database.cursor() as cursor:
        cursor.execute(
            """update sync_entry set touched = true
                where organisation_id = %(organisation)s and status = 'warning' and local
                  and (%(code)s = '' or reason_code = %(code)s)""",
            {"organisation": organisation_id, "code": code},
        )
        return int(cursor.rowcount)


def take_back_left_out(organisation_id: UUID, code: str) -> int:
    """Have what a rule left out planned anew, after the settings changed. How many."""
    with database.cursor() as cursor:
        cursor.execute(
            """update sync_entry set status = 'pending', touched = true
                where organisation_id = %s and status = 'skipped' and reason_code = %s""",
            [organisation_id, code],
        )
        return int(cursor.rowcount)


def take_back_needed(organisation_id: UUID) -> None:
    """Have contacts and products that were gone before they ever went planned anew, once they are in use."""
    with database.cursor() as cursor:
        for kind, in_use in IN_USE.items():
            cursor.execute(
                f"""update sync_entry e set status = 'pending', touched = true from core_{kind}
                     where e.organisation_id = %s and e.kind = %s and e.status = 'skipped' and e.reason_code = %s
                       and core_{kind}.id = e.record_id and ({in_use})""",  # noqa: S608 - text of Core's own
                [organisation_id, kind, GONE_BEFORE],
            )


def release(record_ids: Sequence[UUID]) -> None:
    """What waited for these records is due now: they stand in Xero."""
    if not record_ids:
        return
    bulk.run(_RELEASE, [{"id": record_id} for record_id in record_ids])


_RELEASE = """
    update sync_entry e set blocked_id = null, blocked_kind = '', reason_code = '', reason = ''
      from json_to_recordset(%(rows)s) as v(id uuid) where e.blocked_id = v.id and e.blocked_id is not null"""
