"""Contacts that people made in Xero become customers and suppliers: those on loaded documents, others by the setting.

In: kept contents of contacts that are bound to nothing. Out: Core's contact for each, made or matched; a reason where
there is none. Always: matched before made, by ContactNumber (Core's own id), then by name without regard to case; never
a second one of a name; what is matched is sent to Xero by the ordinary plan, which links the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models.functions import Lower

from tieout.core import operations
from tieout.core.fields import ContactFields
from tieout.core.models import Contact, Touch
from tieout.core.operations.taking import take_contacts
from tieout.core.rules import Refused
from tieout.kinds.contact import name_key
from tieout.sync.incoming import contents
from tieout.sync.incoming.taking import ACTOR, Taking, Untaken
from tieout.sync.incoming.translation import contact_fields, own_code
from tieout.sync.ledger import Bond
from tieout.sync.models import Binding, XeroContent, XeroRecord
from tieout.xero import types

CUSTOMER, SUPPLIER = "customer", "supplier"
Sides = frozenset[str]

_NEW = f"""
    select c.id, c.xero_id::text, c.content from sync_xerocontent c
      join sync_xerorecord x on x.connection_id = c.connection_id and x.xero_id = c.xero_id
     where c.connection_id = %(connection)s and c.kind = 'contact' and c.id > %(after)s
       and {contents.UNKNOWN} and {contents.IS_CONTACT}
     order by c.id limit %(chunk)s"""  # noqa: S608 - conditions of that module
_MERGED = """
    select b.record_id, c.xero_id::text, x.number, c.content from sync_xerocontent c
      join sync_binding b on b.connection_id = c.connection_id and b.xero_id = c.xero_id
      join sync_xerorecord x on x.connection_id = c.connection_id and x.xero_id = c.xero_id
     where c.connection_id = %(connection)s and c.kind = 'contact' and x.status = 'ARCHIVED' and not b.gone"""


@dataclass(frozen=True, slots=True)
class Known:
    """A contact of Core's. `bound`: it stands for another contact in Xero."""

    contact: Contact
    bound: bool


class ContactsIn:
    """What one run takes over."""

    def __init__(self, taking: Taking) -> None:
        self._taking = taking
        self._made = 0

    def take_over(self) -> int:
        """Tell what was merged; take over the others where the setting wants all. How many became contacts."""
        self._tell_merged()
        mode = self._taking.connection.load_contacts
        after = 0
        while mode != "documents":
            rows = self._taking.run(_NEW, **contents.values(self._taking.connection), after=after)
            if not rows:
                break
            after = rows[-1][0]
            with transaction.atomic():
                sides = {xero_id: _sides(_contact(content), mode) for _, xero_id, content in rows}
                found = self.ensure(sides)
                self._taking.tell("contact", _untaken(found, {row[1]: _contact(row[2]) for row in rows}))
        return self._made

    def ensure(self, wanted: Mapping[str, Sides]) -> dict[str, UUID | str]:
        """Core's contact for each of these of Xero's, made where there is none, or why there cannot be one; the reason
        is empty for what the next run will know."""
        found: dict[str, UUID | str] = {}
        bound = Binding.objects.filter(
            connection=self._taking.connection, kind="contact", xero_id__in=list(wanted)
        ).values_list("xero_id", "record_id")
        found |= {str(theirs): record_id for theirs, record_id in bound}
        found |= self._from_contents({key: sides for key, sides in wanted.items() if key not in found})
        found |= self._why_not([xero_id for xero_id in wanted if xero_id not in found])
        self._take_sides({key: wanted[xero_id] for xero_id, key in found.items() if isinstance(key, UUID)})
        return found

    def _from_contents(self, wanted: Mapping[str, Sides]) -> dict[str, UUID | str]:
        kept = XeroContent.objects.filter(
            connection=self._taking.connection, kind="contact", xero_id__in=list(wanted)
        ).values_list("xero_id", "content")
        theirs = {str(xero_id): _contact(content) for xero_id, content in kept}
        theirs = {key: each for key, each in theirs.items() if each.contact_status in (None, "ACTIVE")}
        by_id, by_name = self._known(theirs.values())
        found: dict[str, UUID | str] = {}
        new: dict[str, types.Contact] = {}
        for xero_id, contact in theirs.items():
            own = by_id.get(contact.contact_number or "")
            matches = [own] if own else by_name.get(name_key(contact.name or ""), [])
            if matches:
                found[xero_id] = self._match(xero_id, matches)
            else:
                new[xero_id] = contact
        return found | self._make(new, wanted)

    def _known(self, theirs: Collection[types.Contact]) -> tuple[dict[str, Known], dict[str, list[Known]]]:
        """Core's contacts that could be these: by id, and by name."""
        names = {name_key(each.name or "").removeprefix("name:") for each in theirs}
        ids = [UUID(each.contact_number) for each in theirs if each.contact_number and _is_id(each.contact_number)]
        contacts = Contact.objects.filter(organisation=self._taking.organisation)
        same = contacts.alias(lower=Lower("name")).filter(lower__in=names).values_list("pk", flat=True)
        rows = list(contacts.filter(pk__in=[*same, *ids]))
        bound = set(
            Binding.objects.filter(
                connection=self._taking.connection, kind="contact", record_id__in=[each.pk for each in rows]
            ).values_list("record_id", flat=True)
        )
        by_name: dict[str, list[Known]] = defaultdict(list)
        everyone = {each.pk: Known(each, each.pk in bound) for each in rows}
        for each in everyone.values():
            by_name[name_key(each.contact.name)].append(each)
        return {str(key): each for key, each in everyone.items()}, by_name

    def _match(self, xero_id: str, matches: list[Known]) -> UUID | str:
        """Bind the one that it is, for the planner to bring Xero's up to date; or why it is none."""
        active = [each for each in matches if each.contact.status == "ACTIVE"]
        name = matches[0].contact.name
        if not active:
            return f"Core's contact “{name}” is deprecated. Make it active again, or rename one of the two."
        if len(active) > 1:
            return f"Core has {len(active)} contacts called “{name}”. Rename or deprecate all but one."
        if active[0].bound:
            return f"Core's contact “{name}” stands for another contact in Xero. Rename or merge one of the two."
        key = active[0].contact.pk
        self._taking.ledger.bind([Bond("contact", key, xero_id, "", b"{}", gone=False)], self._taking.now)
        Touch.objects.create(organisation=self._taking.organisation, kind="contact", record_id=key)
        return key

    def _make(self, new: Mapping[str, types.Contact], sides: Mapping[str, Sides]) -> dict[str, UUID | str]:
        codes = self._codes(new)
        wanted: dict[str, ContactFields] = {
            xero_id: contact_fields(
                contact,
                codes[xero_id],
                self._taking.setup.terms,
                customer=CUSTOMER in sides[xero_id],
                supplier=SUPPLIER in sides[xero_id],
            )
            for xero_id, contact in new.items()
        }
        taken, refused = take_contacts(self._taking.organisation, wanted, actor=ACTOR, setup=self._taking.setup)
        self._taking.bind("contact", {contact.pk: xero_id for xero_id, contact in taken.items()}, theirs=False)
        self._made += len(taken)
        return {xero_id: contact.pk for xero_id, contact in taken.items()} | dict(refused)

    def _codes(self, new: Mapping[str, types.Contact]) -> dict[str, str]:
        """Xero's account number where it is free in Core; otherwise one that follows from Xero's id."""
        asked = [each.account_number for each in new.values() if each.account_number]
        contacts = Contact.objects.filter(organisation=self._taking.organisation, code__in=asked)
        taken = set(contacts.values_list("code", flat=True))
        codes = {}
        for xero_id, contact in new.items():
            code = " ".join((contact.account_number or "").split())
            codes[xero_id] = code if code and code not in taken else own_code(xero_id)
            taken.add(codes[xero_id])
        return codes

    def _take_sides(self, wanted: Mapping[UUID, Sides]) -> None:
        """A supplier that stands on a loaded invoice is a customer too, and the other way round."""
        for contact in Contact.objects.filter(pk__in=wanted):
            customer = contact.is_customer or CUSTOMER in wanted[contact.pk]
            supplier = contact.is_supplier or SUPPLIER in wanted[contact.pk]
            if (customer, supplier) != (contact.is_customer, contact.is_supplier):
                fields = operations.fields_of(ContactFields, contact)
                changed = replace(fields, is_customer=customer, is_supplier=supplier)
                try:
                    operations.edit_contact(contact, changed, actor=ACTOR)
                except Refused:  # something else about it is wrong by now; its documents are right all the same
                    continue

    def _why_not(self, xero_ids: Collection[str]) -> dict[str, UUID | str]:
        if not xero_ids:
            return {}
        archived = XeroRecord.objects.filter(connection=self._taking.connection, xero_id__in=xero_ids)
        names = dict(archived.exclude(status="ACTIVE").values_list("xero_id", "number"))
        return {
            xero_id: f"its contact “{name}” is archived in Xero. Restore it there (Contacts → Archived), then sync."
            if (name := names.get(UUID(xero_id)))
            else ""  # made while the lists were read: the next run has it
            for xero_id in xero_ids
        }

    def _tell_merged(self) -> None:
        told = []
        for record_id, xero_id, name, content in self._taking.run(_MERGED):
            winner = _contact(content).merged_to_contact_id or xero_id
            into = XeroRecord.objects.filter(connection=self._taking.connection, xero_id=winner).first()
            other = f"“{into.number}”" if into else "another contact"
            text = (
                f"“{name}” was merged into {other} in Xero, and its documents with it. Deprecate it in Core, and use "
                f"{other} for new documents."
            )
            told.append(Untaken(xero_id, name, text, record_id))
        self._taking.tell("contact", told)


def _contact(content: Any) -> types.Contact:
    return msgspec.json.decode(bytes(content), type=types.Contact)


def _is_id(text: str) -> bool:
    """Core's ids as ContactNumber; other systems have numbers of their own."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _sides(contact: types.Contact, mode: str) -> Sides:
    """What a contact becomes that no loaded document decides."""
    alone = mode == "kinds" and contact.is_supplier and not contact.is_customer
    both = mode == "kinds" and contact.is_supplier and contact.is_customer
    return frozenset({CUSTOMER, SUPPLIER} if both else {SUPPLIER} if alone else {CUSTOMER})


def _untaken(found: Mapping[str, UUID | str], theirs: Mapping[str, types.Contact]) -> list[Untaken]:
    return [
        Untaken(
            xero_id,
            theirs[xero_id].name or "",
            f"The contact “{theirs[xero_id].name}” was made in Xero and cannot be taken over into Core: {why}",
        )
        for xero_id, why in found.items()
        if isinstance(why, str) and why
    ]
