"""Reading Core's records as frozen values, many at a time.

In: an organisation, a kind and ids. Out: the records by id; an id that is not the organisation's, or not of that kind,
is simply absent. Always: three queries at most however many ids; a document carries its lines in order and what was
paid, credited and used of it. Rows are read as raw tuples, because model instances would cost several times as much;
the SQL stands in `core.queries`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from tieout.core import queries
from tieout.core.due_dates import Term
from tieout.core.models.lookups import array
from tieout.core.records import (
    NOTHING,
    AllocationRecord,
    AttachmentRecord,
    ContactRecord,
    CoreRecord,
    DepositRecord,
    DocumentRecord,
    JournalLineRecord,
    JournalRecord,
    LineRecord,
    MoneyTaskRecord,
    ProductRecord,
    RecordKey,
    SettlementRecord,
)

EMPTY: Mapping[str, str] = {}
Records = dict[UUID, CoreRecord]


def load(organisation_id: UUID, kind: str, ids: Collection[UUID]) -> Records:
    """The named records of one kind, a word of `KINDS`.

    Raises KeyError for a kind that does not exist: that is a mistake in the calling code, not in the data.
    """
    reader = READERS[kind]
    return reader(organisation_id, kind, array(ids)) if ids else {}


def load_bytes(organisation_id: UUID, ids: Collection[UUID]) -> dict[UUID, bytes]:
    """The bytes of these attachments; a removed one has none and is absent. At most 10 MB each: ask for few."""
    return {key: bytes(data) for key, data in _rows(queries.ATTACHMENT_BYTES, organisation_id, array(ids))}


def _contacts(organisation_id: UUID, kind: str, ids: str) -> Records:
    records: Records = {}
    for key, *rest, texts, method, days in _rows(queries.CONTACTS, organisation_id, ids):
        values: list[Any] = [*rest, _texts(texts), Term(method, days) if method else None]
        records[key] = ContactRecord(RecordKey(kind, key), *values)
    return records


def _products(organisation_id: UUID, kind: str, ids: str) -> Records:
    records: Records = {}
    for key, *rest, texts, stock, sold, purchased in _rows(queries.PRODUCTS, organisation_id, ids):
        values: list[Any] = [*rest, _texts(texts), stock, sold, purchased]
        records[key] = ProductRecord(RecordKey(kind, key), *values)
    return records


def _documents(organisation_id: UUID, kind: str, ids: str) -> Records:
    rows = _rows(queries.DOCUMENTS, organisation_id, ids, kind)
    lines: dict[UUID, list[LineRecord]] = {row[0]: [] for row in rows}
    found = array(lines)
    for document_id, *line in _rows(queries.LINES, found):
        lines[document_id].append(LineRecord(*line))
    moved = {key: sums for key, *sums in _rows(queries.MOVED, found)}
    untouched = [NOTHING, NOTHING, NOTHING]
    records: Records = {}
    for key, texts, credits_kind, credits_id, *rest in rows:
        paid, *credit = moved.get(key, untouched)
        head, tail = rest[:14], rest[14:]
        credited = RecordKey(credits_kind, credits_id) if credits_id else None
        values: list[Any] = [*head, paid, tuple(lines[key]), *credit, credited, *tail, _texts(texts)]
        records[key] = DocumentRecord(RecordKey(kind, key), *values)
    return records


def _settlements(organisation_id: UUID, kind: str, ids: str) -> Records:
    records: Records = {}
    for key, number, document_kind, document_id, *rest, note_kind, note_id in _rows(
        queries.SETTLEMENTS, organisation_id, ids, kind
    ):
        document = RecordKey(document_kind, document_id)
        values: list[Any] = [*rest, RecordKey(note_kind, note_id) if note_id else None]
        records[key] = SettlementRecord(RecordKey(kind, key), number, document, *values)
    return records


def _deposits(organisation_id: UUID, kind: str, ids: str) -> Records:
    records: Records = {}
    for key, *head, document_kind, document_id, document_number, channel, payment_id in _rows(
        queries.DEPOSITS, organisation_id, ids, kind
    ):
        document = RecordKey(document_kind, document_id) if document_id else None
        payment = RecordKey("payment", payment_id) if payment_id else None
        values: list[Any] = [*head, document, document_number, payment, channel]
        records[key] = DepositRecord(RecordKey(kind, key), *values)
    return records


def _allocations(organisation_id: UUID, kind: str, ids: str) -> Records:
    records: Records = {}
    for key, number, source_kind, source_id, source_number, target_kind, target_id, *rest, note_kind, note_id in _rows(
        queries.ALLOCATIONS, organisation_id, ids
    ):
        source, target = RecordKey(source_kind, source_id), RecordKey(target_kind, target_id)
        values: list[Any] = [*rest, RecordKey(note_kind, note_id) if note_id else None]
        records[key] = AllocationRecord(RecordKey(kind, key), number, source, source_number, target, *values)
    return records


def _journals(organisation_id: UUID, kind: str, ids: str) -> Records:
    rows = _rows(queries.JOURNALS, organisation_id, ids)
    lines: dict[UUID, list[JournalLineRecord]] = defaultdict(list)
    for journal_id, *line, texts in _rows(queries.JOURNAL_LINES, array([row[0] for row in rows])):
        entered: list[Any] = [*line, _texts(texts)]
        lines[journal_id].append(JournalLineRecord(*entered))
    records: Records = {}
    for key, *head, document_kind, document_id, document_number, contact, channel in rows:
        document = RecordKey(document_kind, document_id) if document_id else None
        values: list[Any] = [*head, tuple(lines[key]), document, document_number, contact, channel]
        records[key] = JournalRecord(RecordKey(kind, key), *values)
    return records


def _money_tasks(organisation_id: UUID, kind: str, ids: str) -> Records:
    rows = _rows(queries.MONEY_TASKS, organisation_id, ids)
    lines: dict[UUID, list[LineRecord]] = defaultdict(list)
    for task_id, *line, texts in _rows(queries.MONEY_TASK_LINES, array([row[0] for row in rows])):
        entered: list[Any] = [*line, False, None, _texts(texts)]
        lines[task_id].append(LineRecord(*entered))
    records: Records = {}
    for key, *rest in rows:
        values: list[Any] = [*rest, tuple(lines[key])]
        records[key] = MoneyTaskRecord(RecordKey(kind, key), *values)
    return records


def _attachments(organisation_id: UUID, kind: str, ids: str) -> Records:
    return {
        key: AttachmentRecord(RecordKey(kind, key), RecordKey(target_kind, target_id), *rest)
        for key, target_kind, target_id, *rest in _rows(queries.ATTACHMENTS, organisation_id, ids)
    }


def balances(organisation_id: UUID, ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """What is still due of each document, or what a credit note still has to give; an unknown id is absent."""
    return dict(_rows(queries.BALANCES, organisation_id, array(ids))) if ids else {}


def _texts(stored: str | Mapping[str, str]) -> Mapping[str, str]:
    """Named texts as Django's connection hands them out: JSON as text. Most records have none."""
    if stored == "{}" or not stored:
        return EMPTY
    found: Mapping[str, str] = json.loads(stored) if isinstance(stored, str) else stored
    return found


def _rows(query: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


READERS: dict[str, Callable[[UUID, str, str], Records]] = {
    "contact": _contacts,
    "product": _products,
    "sale_invoice": _documents,
    "sale_credit_note": _documents,
    "bill": _documents,
    "purchase_credit_note": _documents,
    "purchase_order": _documents,
    "payment": _settlements,
    "refund": _settlements,
    "customer_credit": _deposits,
    "supplier_deposit": _deposits,
    "allocation": _allocations,
    "journal": _journals,
    "money_task": _money_tasks,
    "attachment": _attachments,
}
KINDS = tuple(READERS)
