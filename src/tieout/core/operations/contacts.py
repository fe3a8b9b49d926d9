"""Customers and suppliers: create, edit, deprecate, make active again.

Always: two contacts may share a name as long as their codes differ; Xero allows only one of them to be active, which is
for the engine to show, not for Core to forbid.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from uuid import UUID

from tieout.core import rules
from tieout.core.fields import ContactFields
from tieout.core.models import Contact, Organisation
from tieout.core.operations.recording import difference, fields_of, locked, note, one_change, refuse_if
from tieout.core.setup import read_setup
from tieout.people.models import Action


def create_contact(organisation: Organisation, values: ContactFields, *, actor: str) -> Contact:
    values = rules.tidied(values)
    refuse_if(rules.check_contact(values, read_setup(organisation)))
    with one_change(values):
        contact = Contact.objects.create(organisation=organisation, **asdict(values))
        note(contact, "contact", contact.name, Action.CREATED, actor)
    return contact


def edit_contact(contact: Contact, values: ContactFields, *, actor: str, version: int | None = None) -> Contact:
    """Replace what is entered in the contact. The same values again change nothing. May raise Refused, Stale."""
    values = rules.tidied(values)
    refuse_if(rules.check_contact(values, read_setup(contact.organisation)))
    return store_contact(contact.pk, values, Action.EDITED, actor, version)


def deprecate_contact(contact: Contact, *, actor: str, version: int | None = None) -> Contact:
    """Out of use; its documents stay. Xero: archived."""
    return _set_status(contact, "DEPRECATED", Action.DEPRECATED, actor, version)


def reactivate_contact(contact: Contact, *, actor: str, version: int | None = None) -> Contact:
    return _set_status(contact, "ACTIVE", Action.REACTIVATED, actor, version)


def _set_status(contact: Contact, status: str, action: Action, actor: str, version: int | None) -> Contact:
    contact.refresh_from_db()
    values = replace(fields_of(ContactFields, contact), status=status)
    return store_contact(contact.pk, values, action, actor, version)


def store_contact(key: UUID, values: ContactFields, action: Action, actor: str, version: int | None = None) -> Contact:
    """The edit itself, for values that obey the rules."""
    with one_change(values):
        current = locked(Contact, key, version)
        changed = difference(fields_of(ContactFields, current), values)
        if changed:
            for name, value in asdict(values).items():
                setattr(current, name, value)
            current.version += 1
            current.save()
            note(current, "contact", current.name, action, actor, detail=changed)
    return current
