"""ContactGroups: named lists of contacts.

PUT creates one, POST on an id renames it or, with `Status: DELETED`, deletes it. PUT on `/{id}/Contacts` adds members,
DELETE there removes all of them, DELETE on `/{id}/Contacts/{ContactID}` one. Lists show the groups, a single read the
members too. At most a hundred groups are active.
"""

import copy
from typing import Any

from xero_twin import wire
from xero_twin.errors import invalid, not_found, plain_text
from xero_twin.fields import Sent, as_guid, declare, guid, one_of, text
from xero_twin.organisation import Organisation
from xero_twin.records import ContactGroup
from xero_twin.resource import Call, Filters, Outcome, Resource, Shape, record_id
from xero_twin.resources import document_contact
from xero_twin.wire import Response
from xero_twin.writing import answer, elements

MOST = 100
TOO_MANY = "You've reached the limit of 100 contact groups."


def show(call: Call, group: ContactGroup, shape: Shape) -> dict[str, Any]:
    shown: dict[str, Any] = {"ContactGroupID": record_id(group), "Name": group.name, "Status": group.status}
    if shape in (Shape.ONE, Shape.STORED):
        found = (call.org.contacts.get(one) for one in group.members)
        shown["Contacts"] = [document_contact.brief(contact) for contact in found if contact is not None]
    else:
        shown["Contacts"] = []
    return {**shown, "HasValidationErrors": False}


FIELDS = declare(
    {
        "ContactGroupID": ("id", guid),
        "Name": ("name", text),
        "Status": ("status", one_of("ACTIVE", "DELETED", kind="ContactGroupStatus")),
    }
)


def write(call: Call, sent: Sent, existing: ContactGroup | None) -> Outcome:
    group = ContactGroup() if existing is None else copy.copy(existing)
    group.name, group.status = sent.get("name", group.name), sent.get("status", group.status)
    errors = _errors(call.org, group, existing)
    if not errors:
        group.id = call.org.new_id() if existing is None else existing.id
        group.updated = call.now
        call.org.contact_groups.put(group)
    return Outcome(group, errors, created=existing is None)


def _errors(org: Organisation, group: ContactGroup, existing: ContactGroup | None) -> list[str]:
    """Only the sentence about the limit is Xero's, the others are invented."""
    if existing is not None and existing.status == "DELETED":
        return ["A deleted contact group cannot be changed."]
    errors = []
    if not group.name.strip():
        errors.append("Contact group name must be specified")
    holders = org.contact_groups.find("name", group.name.casefold())
    if any(one.id != group.id and one.status == "ACTIVE" for one in holders):
        errors.append("The contact group name must be unique.")
    if existing is None and sum(one.status == "ACTIVE" for one in org.contact_groups) >= MOST:
        errors.append(TOO_MANY)
    return errors


def serve_contacts(call: Call, _resource: Resource, group: ContactGroup | None, rest: list[str]) -> Response:
    """Everything under `/ContactGroups/{id}/Contacts`."""
    if group is None or group.status == "DELETED":
        raise not_found()
    method = call.request.method
    if method == "PUT" and not rest:
        return _add(call, group)
    if method == "DELETE" and not rest:
        return _with_members(call, group, ())
    if method == "DELETE" and len(rest) == 1:
        gone = as_guid(rest[0])
        if gone not in group.members:
            raise not_found()
        return _with_members(call, group, tuple(one for one in group.members if one != gone))
    raise plain_text(501, "The Api Method called is not implemented")


def _add(call: Call, group: ContactGroup) -> Response:
    """Contacts by their id; one that is not known refuses the whole call (how is not known: by analogy)."""
    sent = elements(call, _MEMBERS)
    contacts = [call.org.contacts.get(one.get("id", "")) for one in sent]
    if any(contact is None for contact in contacts):
        raise invalid(document_contact.NOT_IDENTIFIED)
    known = [contact for contact in contacts if contact is not None]
    _with_members(call, group, tuple(dict.fromkeys([*group.members, *(contact.id for contact in known)])))
    return answer(call, _MEMBERS, [Outcome(contact) for contact in known])


def _with_members(call: Call, group: ContactGroup, members: tuple[str, ...]) -> Response:
    changed = copy.copy(group)
    changed.members, changed.updated = members, call.now
    call.org.contact_groups.put(changed)
    call.line.updated.append(("ContactGroups", group.id, group.name))
    return Response(204, {}, b"")


_MEMBERS = Resource(
    name="Contacts",
    element="Contact",
    id_key="ContactID",
    scopes=(),
    table=lambda org: org.contacts,
    show=lambda _call, contact, _shape: document_contact.brief(contact),
    find=lambda org, key: org.contacts.get(key),
    fields=declare({"ContactID": ("id", guid)}),
)

RESOURCE = Resource(
    name="ContactGroups",
    element="ContactGroup",
    id_key="ContactGroupID",
    scopes=("accounting.contacts",),
    table=lambda org: org.contact_groups,
    show=show,
    find=lambda org, key: org.contact_groups.get(key),
    number=lambda group: group.name,
    columns={
        "contactgroupid": lambda _, group: group.id,
        "name": lambda _, group: group.name,
        "status": lambda _, group: group.status,
        "updateddateutc": lambda _, group: wire.moment(group.updated),
    },
    modified_since=False,
    filters=lambda _call: Filters(tests=[lambda group: group.status == "ACTIVE"]),
    fields=FIELDS,
    put="one",
    post_one=True,
    write=write,
    below={"contacts": serve_contacts},
)
