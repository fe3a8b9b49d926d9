"""LinkedTransactions: costs to be billed on to a customer (billable expenses).

A line of a bill or of money spent is the source, a line of a sales invoice the target. PUT creates one, POST on an id
changes it while its target is still a draft, DELETE removes it (204). The status follows the documents: DRAFT while
the source is a draft, APPROVED when it is approved, ONDRAFT or BILLED with a target that is a draft or approved, VOIDED
with a voided source. Lists always have pages of a hundred; they take parameters of their own and no `where`.
"""

import copy
from collections.abc import Callable
from typing import Any

from xero_twin import wire
from xero_twin.errors import invalid
from xero_twin.fields import Sent, as_guid, declare, guid
from xero_twin.organisation import Organisation
from xero_twin.records import BankTransaction, Invoice, LinkedTransaction
from xero_twin.resource import Call, Filters, Outcome, Resource, Shape, record_id
from xero_twin.wire import Response

SOURCE_MISMATCH = "The SourceLineItemID and SourceTransactionID do not match"
CONTACT_MISMATCH = "The ContactID and the TargetTransaction ContactID do not match"
PAGE = 100

FIELDS = declare(
    {
        "LinkedTransactionID": ("id", guid),
        "SourceTransactionID": ("source_id", guid),
        "SourceLineItemID": ("source_line_id", guid),
        "ContactID": ("contact_id", guid),
        "TargetTransactionID": ("target_id", guid),
        "TargetLineItemID": ("target_line_id", guid),
    }
)


def show(call: Call, linked: LinkedTransaction, _shape: Shape) -> dict[str, Any]:
    return wire.without_nulls(
        {
            "LinkedTransactionID": record_id(linked),
            "SourceTransactionID": linked.source_id,
            "SourceLineItemID": linked.source_line_id,
            "ContactID": linked.contact_id,
            "TargetTransactionID": linked.target_id,
            "TargetLineItemID": linked.target_line_id,
            "Status": status(call.org, linked),
            "Type": "BILLABLEEXPENSE",
            "UpdatedDateUTC": wire.instant(linked.updated),
            "SourceTransactionTypeCode": linked.source_type or None,
        }
    )


def status(org: Organisation, linked: LinkedTransaction) -> str:
    """What the documents make of it."""
    source = _source(org, linked.source_id)
    if source is not None and source.status in ("VOIDED", "DELETED"):
        return "VOIDED"
    target = org.invoices.get(linked.target_id or "")
    if target is not None and target.status not in ("VOIDED", "DELETED"):
        return "BILLED" if target.status in ("AUTHORISED", "PAID") else "ONDRAFT"
    return "APPROVED" if source is not None and source.status in ("AUTHORISED", "PAID") else "DRAFT"


def _source(org: Organisation, source_id: str) -> Invoice | BankTransaction | None:
    found = org.invoices.get(source_id) or org.bank_transactions.get(source_id)
    return found if found is not None and found.type in ("ACCPAY", "SPEND") else None


def write(call: Call, sent: Sent, existing: LinkedTransaction | None) -> Outcome:
    linked = LinkedTransaction() if existing is None else copy.copy(existing)
    errors = _held_errors(call.org, existing)
    for name, value in sent.items():
        if name != "id":
            setattr(linked, name, value)
    errors += _source_errors(call.org, linked) + _target_errors(call.org, linked)
    if not errors:
        linked.id = call.org.new_id() if existing is None else existing.id
        linked.updated = call.now
        call.org.linked_transactions.put(linked)
    return Outcome(linked, errors, created=existing is None)


def _held_errors(org: Organisation, held: LinkedTransaction | None) -> list[str]:
    """The sentence is invented; the rule is that an update ends with the target's approval."""
    if held is None or status(org, held) not in ("BILLED", "VOIDED"):
        return []
    return ["A linked transaction can only be changed while its target is a draft."]


def _source_errors(org: Organisation, linked: LinkedTransaction) -> list[str]:
    source = _source(org, linked.source_id)
    if source is None or linked.source_line_id not in {line.id for line in source.lines}:
        return [SOURCE_MISMATCH]
    linked.source_type = source.type
    if source.status in ("VOIDED", "DELETED"):  # wording invented
        return ["The source transaction was voided or deleted."]
    return []


def _target_errors(org: Organisation, linked: LinkedTransaction) -> list[str]:
    """The sentences but the second are invented."""
    if linked.contact_id is not None and org.contacts.get(linked.contact_id) is None:
        return ["The contact of the linked transaction could not be found"]
    if linked.target_id is None:
        return ["A TargetLineItemID needs a TargetTransactionID"] if linked.target_line_id is not None else []
    target = org.invoices.get(linked.target_id)
    if target is None or target.type != "ACCREC" or target.status not in ("DRAFT", "SUBMITTED"):
        return ["The target transaction must be a draft sales invoice"]
    linked.contact_id = linked.contact_id or target.contact_id
    if linked.contact_id != target.contact_id:
        return [CONTACT_MISMATCH]
    if linked.target_line_id is not None and linked.target_line_id not in {line.id for line in target.lines}:
        return ["The TargetLineItemID and TargetTransactionID do not match"]
    return []


def delete(call: Call, linked: LinkedTransaction) -> Response:
    if status(call.org, linked) == "BILLED":  # rule by analogy with changing it, sentence invented
        raise invalid("A linked transaction that was billed cannot be deleted.")
    call.org.linked_transactions.remove(linked.id)
    call.line.updated.append(("LinkedTransactions", linked.id, None))
    return Response(204, {}, b"")


_Value = Callable[[Organisation, LinkedTransaction], str | None]
_PARAMETERS: dict[str, _Value] = {
    "linkedtransactionid": lambda _, linked: linked.id,
    "sourcetransactionid": lambda _, linked: linked.source_id,
    "targettransactionid": lambda _, linked: linked.target_id,
    "contactid": lambda _, linked: linked.contact_id,
    "status": status,
}


def filters(call: Call) -> Filters:
    chosen = Filters(forces_paging=True, page_size=PAGE)
    for name, value in _PARAMETERS.items():
        if wanted := call.params.get(name):
            sought = as_guid(wanted) or wanted.upper()
            chosen.tests.append(_passes(call.org, value, sought))
    return chosen


def _passes(org: Organisation, value: _Value, sought: str) -> Callable[[Any], bool]:
    return lambda linked: value(org, linked) == sought


RESOURCE = Resource(
    name="LinkedTransactions",
    element="LinkedTransaction",
    id_key="LinkedTransactionID",
    scopes=("accounting.invoices",),
    table=lambda org: org.linked_transactions,
    show=show,
    find=lambda org, key: org.linked_transactions.get(key),
    paged=True,
    takes_where=False,
    modified_since=False,
    filters=filters,
    fields=FIELDS,
    put="one",
    post_one=True,
    write=write,
    delete=delete,
)
