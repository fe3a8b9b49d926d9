"""Files on records: attach and remove.

Always: the same content twice on one record is one attachment; a record has at most ten; the record is locked while one
is added, so that two people cannot both add the tenth. A removed attachment keeps its row but not its bytes.
"""

from __future__ import annotations

import hashlib
from typing import Any

from tieout.core import rules
from tieout.core.fields import AttachmentFields
from tieout.core.models import (
    Attachment,
    AttachmentContent,
    Contact,
    Deposit,
    Document,
    Journal,
    MoneyTask,
    Organisation,
    Product,
    Settlement,
)
from tieout.core.operations.recording import locked, note, one_change, refuse_if, set_status
from tieout.core.rules import Problem
from tieout.people.models import Action

# Where the records of a kind are stored; those that share a table are told apart by its `kind`.
SHARED: dict[str, Any] = dict.fromkeys(rules.DOCUMENT_KINDS, Document)
SHARED |= dict.fromkeys(("payment", "refund"), Settlement) | dict.fromkeys(rules.DEPOSIT_KINDS, Deposit)
ALONE: dict[str, Any] = {"contact": Contact, "product": Product, "journal": Journal, "money_task": MoneyTask}


def attach(organisation: Organisation, values: AttachmentFields, content: bytes, *, actor: str) -> Attachment:
    """Attach a file to a record. Content that the record has already comes back as the attachment that holds it."""
    values = rules.tidied(values)
    refuse_if(rules.check_attachment(values, content))
    digest = hashlib.sha256(content).hexdigest()
    with one_change(values):
        refuse_if(_target(organisation, values))
        there = Attachment.objects.filter(
            target_kind=values.target_kind, target_id=values.target_id, status=Attachment.Status.ATTACHED
        )
        same = there.filter(sha256=digest).first()
        if same is not None:
            return same
        if there.count() >= rules.MOST_FILES:
            reason = f"has {rules.MOST_FILES} files already, which is as many as Xero takes; remove one first"
            refuse_if([Problem("target_id", str(values.target_id), reason)])
        attachment = Attachment.objects.create(
            organisation=organisation,
            target_kind=values.target_kind,
            target_id=values.target_id,
            file_name=values.file_name,
            online=values.online,
            content_type=rules.content_type(values.file_name),
            size=len(content),
            sha256=digest,
        )
        AttachmentContent.objects.create(attachment=attachment, data=content)
        detail = {"on": values.target_kind, "record": str(values.target_id), "bytes": len(content)}
        note(attachment, "attachment", values.file_name, Action.CREATED, actor, detail=detail)
    return attachment


def remove_attachment(attachment: Attachment, *, actor: str, version: int | None = None) -> Attachment:
    """Take a file off its record. Xero's API cannot delete one: whoever looks there is told by the engine."""
    with one_change(attachment):
        current = locked(Attachment, attachment.pk, version)
        if current.status == Attachment.Status.REMOVED:
            refuse_if([Problem("status", "REMOVED", "is final; attach the file anew instead")])
        set_status(current, Attachment.Status.REMOVED)
        AttachmentContent.objects.filter(attachment=current).delete()
        note(current, "attachment", current.file_name, Action.VOIDED, actor, detail={"on": current.target_kind})
    return current


def _target(organisation: Organisation, values: AttachmentFields) -> list[Problem]:
    """Lock the record that the file is for; a problem where there is none."""
    kind = values.target_kind
    rows = (SHARED.get(kind) or ALONE[kind]).objects.filter(organisation=organisation, pk=values.target_id)
    if kind in SHARED:
        rows = rows.filter(kind=kind)
    if rows.select_for_update(no_key=True).first() is not None:
        return []
    what = kind.replace("_", " ")
    return [Problem("target_id", str(values.target_id), f"is not a {what} of this organisation")]
