"""History: notes on a record. PUT adds, GET lists the newest first; nothing is ever changed or deleted.

Only what was added through the API is kept here: Xero's own lines ("Created", "Paid", …) are not imitated. A payment's
can be read but, as Xero did for years, a note on one is refused with the sentence for a record that is not known
there; a bank transfer's is written through its two bank transactions and read as theirs.
"""

from typing import Any

from xero_twin import wire
from xero_twin.errors import invalid, not_found, plain_text
from xero_twin.fields import Sent, declare, text
from xero_twin.reading import envelope
from xero_twin.records import NOTHING_GUID, Note
from xero_twin.resource import Call, Outcome, Resource, Shape
from xero_twin.wire import Response
from xero_twin.writing import answer, elements

LONGEST = 2500
ENDPOINTS = frozenset(
    (
        "BankTransactions",
        "BatchPayments",
        "Contacts",
        "CreditNotes",
        "Invoices",
        "Items",
        "ManualJournals",
        "Overpayments",
        "Prepayments",
        "PurchaseOrders",
    )
)
READ_ONLY = frozenset(("Payments", "BankTransfers"))
UNKNOWN = "The document with the supplied id was not found for this endpoint."


def serve(call: Call, resource: Resource, owner: Any, rest: list[str]) -> Response:
    """GET and PUT on `/{Resource}/{id}/History`."""
    if owner is None:
        raise not_found()
    method = call.request.method
    if resource.name not in ENDPOINTS and not (method == "GET" and resource.name in READ_ONLY):
        raise invalid(UNKNOWN)
    if rest or method not in ("GET", "PUT"):
        raise plain_text(501, "The Api Method called is not implemented")
    key = (resource.name, owner.id)
    if method == "GET":
        notes = _notes(call, resource, owner)
        call.line.elements = len(notes)
        shown = [_show(call, note, Shape.LIST) for note in reversed(notes)]
        return wire.json_response(200, {**envelope(call), "HistoryRecords": shown})
    return answer(call, _RESOURCE, [_add(call, key, sent) for sent in elements(call, _RESOURCE)])


def _notes(call: Call, resource: Resource, owner: Any) -> list[Note]:
    """The notes on a record, oldest first; a transfer's are those on its bank transactions."""
    if resource.name != "BankTransfers":
        return call.org.notes.find("owner", (resource.name, owner.id))
    halves = (owner.from_transaction_id, owner.to_transaction_id)
    found = [note for half in halves for note in call.org.notes.find("owner", ("BankTransactions", half))]
    return sorted(found, key=lambda note: note.updated)


def _add(call: Call, owner: tuple[str, str], sent: Sent) -> Outcome:
    details = sent.get("details", "")
    errors = []
    if not details:
        errors.append("Details must be specified")  # wording invented
    if len(details) > LONGEST:
        errors.append(f"Details must be at most {LONGEST} characters.")  # wording invented
    note = Note(
        id=NOTHING_GUID if errors else call.org.new_id(),
        owner=owner,
        changes="Note",
        details=details,
        user=f"System Generated ({call.app.name})",
        updated=call.now,
    )
    if not errors:
        call.org.notes.put(note)
    return Outcome(note, errors, created=True)


def _show(_call: Call, note: Note, shape: Shape) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "DateUTCString": wire.instant_string(note.updated).rstrip("Z"),
        "DateUTC": wire.instant(note.updated),
        "Details": note.details,
    }
    if shape is Shape.WRITE:
        return {**shown, "ValidationErrors": []}
    return {"Changes": note.changes, **shown, "User": note.user}


_RESOURCE = Resource(
    name="HistoryRecords",
    element="HistoryRecord",
    id_key="",
    scopes=(),
    table=lambda org: org.notes,
    show=_show,
    find=lambda org, key: org.notes.get(key),
    fields=declare({"Details": ("details", text)}),
)
