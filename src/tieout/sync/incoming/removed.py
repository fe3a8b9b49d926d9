"""What came from Xero and is gone there is voided in Core too.

In: bindings of what was made in Xero, beside the last-seen views. Out: voided records in Core; a finding where Core's
rules keep one. Always: money goes before the document that it settles; a document that somebody changed in Core since
is left to the planner, who asks a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from tieout.core import operations
from tieout.core.models import Allocation, Document, Settlement, Touch
from tieout.core.rules import Refused
from tieout.sync.incoming.taking import ACTOR, TAKEN, Taking, Untaken
from tieout.sync.models import Binding, Entry, Status

_GONE = """
    select b.id, b.kind, b.record_id, x.xero_id::text, x.number
      from sync_binding b join sync_xerorecord x on x.connection_id = b.connection_id and x.xero_id = b.xero_id
     where b.connection_id = %(connection)s and b.from_xero and not b.gone and x.status in ('DELETED', 'VOIDED')
       and b.record_id <> all(%(held)s::uuid[]) and b.kind = any(%(kinds)s)
       and (b.kind not in ('sale_invoice', 'bill')
            or not exists (select from core_touch t
                            where t.organisation_id = %(organisation)s and t.record_id = b.record_id)
           and not exists (select from sync_entry e
                            where e.organisation_id = %(organisation)s and e.record_id = b.record_id
                              and (e.touched or e.status not in ('completed', 'skipped'))))
     order by b.kind in ('sale_invoice', 'bill'), b.id"""

_VOIDING: dict[str, tuple[Any, Callable[..., Any]]] = {
    "allocation": (Allocation, operations.void_allocation),
    "payment": (Settlement, operations.void_payment),
    "refund": (Settlement, operations.void_payment),
    "sale_invoice": (Document, operations.void_document),
    "bill": (Document, operations.void_document),
}


def follow(taking: Taking, kinds: Sequence[str]) -> int:
    """Void in Core what was removed in Xero. How many."""
    removed = 0
    for binding_id, kind, record_id, xero_id, reference in taking.run(_GONE, kinds=list(kinds)):
        with transaction.atomic():
            if why := _void(kind, record_id):
                text = f"It was removed in Xero, but cannot be voided in Core: {why}"
                taking.tell(kind, [Untaken(xero_id, reference, text, record_id)])
                continue
            Binding.objects.filter(pk=binding_id).update(gone=True)
            Touch.objects.filter(organisation=taking.organisation, kind=kind, record_id=record_id).delete()
            Entry.objects.filter(organisation=taking.organisation, kind=kind, record_id=record_id).update(
                status=Status.COMPLETED,
                touched=False,
                reason_code=TAKEN,
                reason="Removed in Xero, and voided in Core.",
                advice="",
                updated_at=taking.now,
            )
        removed += 1
    return removed


def _void(kind: str, record_id: UUID) -> str:
    """Why it could not be voided in Core, or nothing."""
    model, void = _VOIDING[kind]
    record = model.objects.get(pk=record_id)
    if record.status == "VOIDED":
        return ""
    try:
        void(record, actor=ACTOR)
    except Refused as refusal:
        return str(refusal)
    return ""
