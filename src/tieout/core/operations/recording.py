"""What every operation does around its change: the transaction, the lock, the version, the event and the touch.

In: a record and what happened to it. Out: rows in the audit trail and the outbox. Always: used inside one transaction
with the change itself; a name that is taken comes back as `Refused`, also when two people take it at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from tieout.core.fields import (
    DocumentFields,
    JournalFields,
    JournalLineFields,
    LineFields,
    MoneyTaskFields,
    MoneyTaskLineFields,
)
from tieout.core.models import Document, Journal, MoneyTask, Touch
from tieout.core.rules import Problem, Refused, Stale
from tieout.people.audit import record_event
from tieout.people.models import Action

F = TypeVar("F")
R = TypeVar("R", bound=models.Model)

# Which field a broken constraint speaks of, and what to do about it.
TAKEN = {
    "contact_code_once": ("code", "belongs to another contact already; use another code or edit that contact"),
    "product_sku_once": ("sku", "belongs to another product already; use another SKU or edit that product"),
    "sale_number_once": ("number", "belongs to another sale invoice already; use another number"),
    "bill_number_once": ("number", "belongs to another bill of this supplier already; use another number"),
    "sale_credit_number_once": ("number", "belongs to another sale credit note already; use another number"),
    "purchase_credit_number_once": (
        "number",
        "belongs to another credit note of this supplier already; use another number",
    ),
    "order_number_once": ("number", "belongs to another purchase order already; use another number"),
    "settlement_number_once": ("number", "belongs to another payment or refund already; use another number"),
    "deposit_number_once": ("number", "belongs to another deposit already; use another number"),
    "allocation_number_once": ("number", "belongs to another allocation already; use another number"),
    "journal_number_once": ("number", "belongs to another journal already; use another number"),
    "money_task_number_once": ("number", "belongs to another money task already; use another number"),
    "attachment_name_once": ("file_name", "belongs to another file on this record already; rename the file"),
    "tax_rule_name_once": ("name", "belongs to another tax rule already; use another name"),
    "payment_term_once": ("name", "belongs to another payment term already; use another name"),
    "core_organisation_slug": ("slug", "belongs to another organisation already; use another short name"),
}


@contextmanager
def one_change(values: object) -> Iterator[None]:
    """A transaction in which a broken uniqueness constraint is refused in words instead of failing."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        for name, (field, reason) in TAKEN.items():
            if constraint.startswith(name):
                raise Refused([Problem(field, str(getattr(values, field)), reason)]) from error
        raise


def refuse_if(problems: list[Problem]) -> None:
    """Raise Refused with each problem once."""
    if problems:
        raise Refused(dict.fromkeys(problems))


def locked(model: type[R], key: UUID, version: int | None = None) -> R:
    """The row as it is now, locked until the transaction ends. Another version than the caller's is `Stale`."""
    row = model._default_manager.select_for_update().get(pk=key)
    current: int = row.version  # type: ignore[attr-defined]
    if version is not None and version != current:
        reason = f"is no longer current (it is {current} now); load the record again and repeat the change"
        raise Stale([Problem("version", str(version), reason)])
    return row


def set_status(record: Any, status: str) -> None:
    """Move a locked record on to another status."""
    record.status = status
    record.version += 1
    record.changed_at = timezone.now()
    record.save(update_fields=["status", "version", "changed_at"])


def note(
    record: models.Model,
    kind: str,
    label: str,
    action: Action,
    actor: str,
    *,
    detail: Mapping[str, Any] | None = None,
    touch: bool = True,
) -> None:
    """Tell the audit trail and, unless Xero has no interest in the record yet, the engine."""
    organisation_id: UUID = record.organisation_id  # type: ignore[attr-defined]
    record_event(organisation_id, actor, action, kind=kind, record_id=record.pk, label=label, detail=detail)
    if touch:
        Touch.objects.create(organisation_id=organisation_id, kind=kind, record_id=record.pk)


def fields_of(kind: type[F], record: models.Model) -> F:
    """What is entered in a record without lines as it stands (others: `document_fields` and its like)."""
    return kind(**{each.name: getattr(record, each.name) for each in fields(kind)})  # type: ignore[arg-type]


def document_fields(document: Document) -> DocumentFields:
    """What is entered in a document as it stands, its lines in order."""
    head = [each.name for each in fields(DocumentFields) if each.name != "lines"]
    lines = tuple(fields_of(LineFields, line) for line in document.lines.order_by("position"))
    return DocumentFields(**{name: getattr(document, name) for name in head}, lines=lines)


def journal_fields(journal: Journal) -> JournalFields:
    """What is entered in a journal as it stands, its lines in order."""
    head = [each.name for each in fields(JournalFields) if each.name != "lines"]
    lines = tuple(fields_of(JournalLineFields, line) for line in journal.lines.order_by("position"))
    return JournalFields(**{name: getattr(journal, name) for name in head}, lines=lines)


def money_task_fields(task: MoneyTask) -> MoneyTaskFields:
    """What is entered in a money task as it stands, its lines in order."""
    head = [each.name for each in fields(MoneyTaskFields) if each.name not in ("lines", "amount")]
    lines = tuple(fields_of(MoneyTaskLineFields, line) for line in task.lines.order_by("position"))
    amount = task.total if task.type == MoneyTask.Type.TRANSFER else None
    return MoneyTaskFields(**{name: getattr(task, name) for name in head}, amount=amount, lines=lines)


def difference(old: object, new: object) -> dict[str, list[str]]:
    """Field by field, the old and the new value as text; a document's lines are counted, not listed."""
    changed = {}
    for each in fields(old):  # type: ignore[arg-type]
        before, after = getattr(old, each.name), getattr(new, each.name)
        if before != after:
            if isinstance(before, tuple):
                before, after = f"{len(before)} lines", f"{len(after)} lines"
            changed[each.name] = ["" if value is None else str(value) for value in (before, after)]
    return changed
