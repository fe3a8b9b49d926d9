"""The contact inside a document: found by id, number or name, and made when only a new name is given.

In: the `Contact` of a sent document. Out: the contact's id, or why there is none. Sending more than what
identifies a contact updates it and drops its contact persons; a new name creates a contact even when the
document then fails.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Raw

from xero_twin import wire
from xero_twin.errors import not_found
from xero_twin.fields import Sent
from xero_twin.records import Contact
from xero_twin.resource import Call, Shape
from xero_twin.resources import attachments, contacts

# sent, these are taken as a change without a closer look
_CHANGES = ("addresses", "phones", "persons", "sales_tracking", "purchases_tracking", "branding_theme")
_ID_ALONE = {"id"}
MOST_KEPT = 4096  # contacts of an organisation as they are written, some 5 MB
NO_CONTACT = "A Contact must be specified for this type of transaction"
NOT_IDENTIFIED = (
    "The Contact must contain at least 1 of the following elements to identify the contact "
    "Name, ContactID, ContactNumber"
)


def check(call: Call, elements: Sequence[Sent]) -> None:
    """A ContactID that is not there turns the whole call into a 404."""
    for sent in elements:
        contact = sent.get("contact")
        if contact and "id" in contact and call.org.contacts.get(contact["id"]) is None:
            raise not_found()


def resolve(call: Call, sent: Sent) -> tuple[Contact | None, list[str]]:
    """The contact that a document is for, made or updated if need be, with what is wrong with it."""
    if not sent:
        return None, [NOT_IDENTIFIED]
    found = contacts.match(call, sent)
    if found is None:
        if not sent.get("name"):
            return None, [NOT_IDENTIFIED]
        return _written(call, sent, None)
    if found.status == "ARCHIVED":
        return found, [contacts.ARCHIVED]
    if _changes(found, sent):
        return _written(call, {**sent, "persons": []}, found)
    return found, []


def _changes(contact: Contact, sent: Sent) -> bool:
    """Whether anything beyond identification was sent that differs from what the contact has."""
    return sent.keys() != _ID_ALONE and any(
        name in _CHANGES or getattr(contact, name) != value for name, value in sent.items() if name != "id"
    )


def _written(call: Call, sent: Sent, existing: Contact | None) -> tuple[Contact | None, list[str]]:
    outcome = contacts.write(call, sent, existing)
    if outcome.errors:
        return existing, outcome.errors
    written: Contact = outcome.record
    touched = call.line.created if outcome.created else call.line.updated
    touched.append(("Contacts", written.id, contacts.RESOURCE.number(written)))
    return written, []


def brief(contact: Contact | None) -> dict[str, Any]:
    """The contact of a document in a paged list: id, name and empty lists."""
    if contact is None:
        return {}
    return {
        "ContactID": contact.id,
        "Name": contact.name,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def show(call: Call, contact_id: str | None, shape: Shape) -> dict[str, Any]:
    """The contact of a document: in full after a write and in a single read, else in short."""
    contact = call.org.contacts.get(contact_id or "")
    if contact is not None and shape in (Shape.WRITE, Shape.ONE):
        return contacts.show(call, contact, Shape.WRITE)
    return brief(contact)


def written(call: Call, contact_id: str | None, shape: Shape) -> Any:
    """The same, ready for the wire: in full it is written once, for as long as neither it nor its having files
    changes."""
    org = call.org
    contact = org.contacts.get(contact_id or "")
    if contact is None or shape not in (Shape.WRITE, Shape.ONE):
        return brief(contact)
    changes = org.changes[0]
    at, before, raw = org.written_contacts.get(contact.id, (None, None, None))
    if raw is not None and at == changes:
        return raw
    now = (contact, attachments.has_any(org, "Contacts", contact.id))
    if raw is None or before != now:
        raw = Raw(wire.encode(contacts.show(call, contact, Shape.WRITE)))
        if len(org.written_contacts) >= MOST_KEPT:
            org.written_contacts.clear()
    org.written_contacts[contact.id] = (changes, now, raw)
    return raw


def column(name: str) -> Callable[[Call, Any], Any]:
    """A column of `where` and `order` that is a field of the document's contact."""

    def value(call: Call, document: Any) -> Any:
        contact = call.org.contacts.get(document.contact_id or "")
        return None if contact is None else getattr(contact, name)

    return value
