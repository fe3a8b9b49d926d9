"""CreditNotes: to customers (ACCRECCREDIT) and from suppliers (ACCPAYCREDIT).

A customer credit note's number is unique, made when it is missing, and stays taken when the note is voided or deleted;
a supplier's is free text. Statuses are those of invoices; PAID comes and goes with allocations and refunds, and while
there is one nothing but the reference may change. Lines take no discounts.
"""

import copy

from xero_twin import money, wire
from xero_twin.fields import InOneGo, Sent, day, declare, guid, nested, number, one_of, text
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, Credit
from xero_twin.resource import Call, Outcome, Resource
from xero_twin.resources import (
    allocations,
    branding,
    contacts,
    credit_shapes,
    document_contact,
    document_figures,
    document_lines,
    renderings,
    stock,
)
from xero_twin.resources.document_figures import LineRules
from xero_twin.resources.settlement import CREDIT_NOTE, settle_nothing, standing

STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
SETTLED = "This document cannot be edited as it has a payment or credit note allocated to it."
NOT_FOUND = "An existing Credit Note with the specified CreditNoteID could not be found"
# by analogy with the sentences of invoices
NOT_MODIFIABLE = "Credit Note not of valid status for modification"
NOT_CREATABLE = "Credit Note not of valid status for creation"
NO_TYPE = "Credit Note not of valid type for creation"
NOT_UNIQUE = "Credit Note # must be unique."

_NEXT = {
    "DRAFT": ("DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"),
    "SUBMITTED": ("SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"),
    "AUTHORISED": ("AUTHORISED", "VOIDED"),
    "PAID": ("PAID",),
}
_FREE_WHEN_SETTLED = {"id", "type", "status", "reference", "branding_theme_id"}

FIELDS = declare(
    {
        "CreditNoteID": ("id", guid),
        "Type": ("type", one_of("ACCRECCREDIT", "ACCPAYCREDIT", kind="CreditNoteType")),
        "CreditNoteNumber": ("number", text),
        "Reference": ("reference", text),
        "Contact": ("contact", nested(contacts.FIELDS)),
        "Date": ("date", day),
        "Status": ("status", one_of(*STATUSES, kind="CreditNoteStatus")),
        "LineAmountTypes": ("basis", one_of(*money.BASES, kind="LineAmountType")),
        "LineItems": ("lines", document_lines.LINES),
        "CurrencyCode": ("currency", text),
        "CurrencyRate": ("currency_rate", number),
        "BrandingThemeID": ("branding_theme_id", guid),
    }
)


def match(call: Call, sent: Sent) -> Credit | None:
    """By CreditNoteID, else by number: a customer's whatever its status, a supplier's of the same contact
    (inferred)."""
    notes = call.org.credit_notes
    if "id" in sent:
        return notes.get(sent["id"])
    wanted = sent.get("number", "").casefold()
    if not wanted:
        return None
    if sent.get("type") != "ACCPAYCREDIT":
        return notes.first("sales_number", wanted)
    contact = contacts.match(call, sent.get("contact", {}))
    own = [
        note
        for note in notes.find("number", wanted)
        if not note.of_customer and contact is not None and note.contact_id == contact.id
    ]
    return own[-1] if own else None


def write(call: Call, sent: Sent, existing: Credit | None) -> Outcome:
    if existing is None:
        return _create(call, sent)
    return _update(call, sent, existing)


def _create(call: Call, sent: Sent) -> Outcome:
    note = Credit(type=sent.get("type", ""), currency=call.org.base_currency)
    errors = [] if note.type else [NO_TYPE]
    if sent.get("id", NOTHING_GUID) != NOTHING_GUID and call.request.method == "POST":
        errors.append(NOT_FOUND)
    if sent.get("status", "DRAFT") not in ("DRAFT", "SUBMITTED", "AUTHORISED"):
        errors.append(NOT_CREATABLE)
    if "contact" not in sent:
        errors.append(document_contact.NO_CONTACT)
    errors += branding.errors(sent.get("branding_theme_id"))
    errors += _fill(call, note, sent, None)
    errors += _approval_errors(call.org, note)
    errors += stock.errors(call, "CreditNotes", note)
    if not errors:
        if note.type == "ACCRECCREDIT" and not note.number:
            note.number = call.org.next_number("CN-", call.org.credit_notes, "sales_number")
        _store(call, note)
    return Outcome(note, errors, created=True)


def _update(call: Call, sent: Sent, held: Credit) -> Outcome:
    """Lay what was sent over the note. A refused update echoes the merged note, the stored one stays."""
    note = copy.copy(held)
    errors = _change_errors(call.org, held, sent)
    if errors:
        _fill(call, note, {name: value for name, value in sent.items() if name != "contact"}, held)
        return Outcome(note, errors)
    errors += branding.errors(sent.get("branding_theme_id"))
    if held.has_settlements:
        note.reference = sent.get("reference", note.reference) if note.of_customer else None
    else:
        note.status = standing(held)
        changes = {name: value for name, value in sent.items() if (name, value) != ("status", "PAID")}
        errors += _fill(call, note, changes, held)
        if note.status not in ("VOIDED", "DELETED"):
            errors += _approval_errors(call.org, note)
        errors += stock.errors(call, "CreditNotes", note)
    if not errors:
        _store(call, note)
    return Outcome(note, errors)


def _store(call: Call, note: Credit) -> None:
    document_lines.give_ids(call.org, note)
    settle_nothing(note)
    note.updated = call.now
    call.org.credit_notes.put(note)
    stock.book(call, "CreditNotes", note)


def _change_errors(org: Organisation, held: Credit, sent: Sent) -> list[str]:
    if held.status in ("VOIDED", "DELETED"):
        return [NOT_MODIFIABLE]
    status = sent.get("status", held.status)
    if held.has_settlements and status not in (held.status, "PAID"):
        # for invoices the sentence is known, for credit notes it is by analogy
        return [
            f"The status {status} cannot be applied to the credit note because it has payments or credit notes "
            "allocated to it."
        ]
    if status != held.status and status not in _NEXT[standing(held)]:
        return [NOT_MODIFIABLE]
    if held.status in ("AUTHORISED", "PAID"):
        return _approved_errors(org, held, sent)
    return []


def _approved_errors(org: Organisation, held: Credit, sent: Sent) -> list[str]:
    if locked := org.lock_message(held.date):
        return [locked]
    if sent.get("type", held.type) != held.type:
        return ["Credit Note not of valid type for modification"]  # by analogy
    if held.has_settlements and any(_differs(held, name, value) for name, value in sent.items()):
        return [SETTLED]
    return []


def _differs(held: Credit, name: str, value: object) -> bool:
    if name in _FREE_WHEN_SETTLED:
        return False
    if name == "contact":
        return isinstance(value, dict) and value.get("id", held.contact_id) != held.contact_id
    return name == "lines" or getattr(held, name) != value


def _fill(call: Call, note: Credit, sent: Sent, held: Credit | None) -> list[str]:
    org = call.org
    errors = _number(org, note, sent)
    for name in ("type", "reference", "date", "status", "basis"):
        setattr(note, name, sent.get(name, getattr(note, name)))
    note.date = note.date or org.today()
    if not note.of_customer:
        note.reference = None  # references are for customer credit notes only
    if "contact" in sent:
        contact, wrong = document_contact.resolve(call, sent["contact"])
        note.contact_id = contact.id if contact is not None else None
        errors += wrong
    errors += document_figures.currency(org, note, sent, held)
    errors += document_figures.lines(call, note, sent, held, LineRules(sale=note.of_customer))
    document_figures.totals(note)
    return errors


def _number(org: Organisation, note: Credit, sent: Sent) -> list[str]:
    note.number = sent.get("number", note.number) or None
    if note.number is None:
        return []
    if len(note.number) > 255 or not (note.number.isascii() and note.number.isprintable()):
        return ["The credit note number must be at most 255 printable ASCII characters."]  # wording invented
    customers = sent.get("type", note.type) == "ACCRECCREDIT"
    holder = org.credit_notes.first("sales_number", note.number.casefold()) if customers else None
    return [NOT_UNIQUE] if holder is not None and holder.id != note.id else []


def _approval_errors(org: Organisation, note: Credit) -> list[str]:
    errors = []
    if not note.lines and note.status != "DRAFT":
        errors.append("One or more line items must be specified")
    if note.status == "AUTHORISED" and (locked := org.lock_message(note.date)):
        errors.append(locked)
    if note.total < 0:
        errors.append("The document total must not be less than zero.")  # wording invented
    return errors


def find(org: Organisation, key: str) -> Credit | None:
    """By id or by number; of several supplier credit notes with a number the newest."""
    found = org.credit_notes.get(key) or org.credit_notes.first("sales_number", key.casefold())
    if found is not None:
        return found
    others = org.credit_notes.find("number", key.casefold())
    return others[-1] if others else None


RESOURCE = Resource(
    name="CreditNotes",
    element="CreditNote",
    id_key="CreditNoteID",
    scopes=("accounting.invoices",),
    table=lambda org: org.credit_notes,
    show=lambda call, note, shape: credit_shapes.show(call, note, shape, CREDIT_NOTE),
    find=find,
    number=lambda note: note.number,
    columns={
        "creditnoteid": lambda _, note: note.id,
        "creditnotenumber": lambda _, note: note.number,
        "reference": lambda _, note: note.reference or "",
        "type": lambda _, note: note.type,
        "status": lambda _, note: note.status,
        "date": lambda _, note: note.date,
        "total": lambda _, note: note.total,
        "remainingcredit": lambda _, note: note.remaining,
        "currencycode": lambda _, note: note.currency,
        "fullypaidondate": lambda _, note: note.fully_paid_on,
        "updateddateutc": lambda _, note: wire.moment(note.updated),
        "contact.contactid": lambda _, note: note.contact_id,
        "contact.name": document_contact.column("name"),
        "contact.contactnumber": document_contact.column("contact_number"),
    },
    lookups={
        "creditnoteid": lambda org, value: [found] if (found := org.credit_notes.get(value.lower())) else [],
        "creditnotenumber": lambda org, value: org.credit_notes.find("number", value.casefold()),
        "contact.contactid": lambda org, value: org.credit_notes.find("contact", value.lower()),
    },
    paged=True,
    fields=FIELDS,
    in_one_go=InOneGo("CreditNotes", FIELDS),
    put="many",
    post="many",
    post_one=True,
    write=write,
    match=match,
    check=document_contact.check,
    error_flag="HasErrors",
    below={"allocations": allocations.serve, "pdf": renderings.serve_pdf},
)
