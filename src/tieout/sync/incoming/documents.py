"""Invoices and bills that people made in Xero come into Core, with the contacts on them.

In: kept contents of approved and paid ones that are bound to nothing. Out: authorised documents in Core that come to
the same amounts to the cent, line by line; a finding for what Core cannot hold. Always: a document that Core has under
the same number is left to the planner; nothing is taken while an answer about such a document is still missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from tieout.core.fields import DocumentFields
from tieout.core.models import Document, Product
from tieout.core.money import said
from tieout.core.operations.taking import take_documents
from tieout.kinds.registry import KINDS
from tieout.sync.incoming import contents
from tieout.sync.incoming.contacts import CUSTOMER, SUPPLIER, ContactsIn
from tieout.sync.incoming.contents import DOCUMENTS
from tieout.sync.incoming.taking import ACTOR, Taking, Untaken
from tieout.sync.incoming.translation import Chart, Unfit, amounts_differ, document_fields
from tieout.sync.models import Binding, Connection, Entry, Status
from tieout.xero import types

_NEW = f"""
    select c.id, c.kind, c.xero_id::text, c.content from sync_xerocontent c
      join sync_xerorecord x on x.connection_id = c.connection_id and x.xero_id = c.xero_id
     where c.connection_id = %(connection)s and c.kind in ('sale_invoice', 'bill') and c.id > %(after)s
       and {contents.UNKNOWN} and {contents.IS_DOCUMENT}
     order by c.id limit %(chunk)s"""  # noqa: S608 - conditions of that module
Number = tuple[str, str, UUID | None]


@dataclass(frozen=True, slots=True)
class Theirs:
    """One of Xero's. `kind`: Core's word for it."""

    kind: str
    xero_id: str
    invoice: types.Invoice

    @property
    def contact(self) -> str:
        return (self.invoice.contact.contact_id if self.invoice.contact else "") or ""

    def untaken(self, why: str) -> Untaken:
        label = self.invoice.invoice_number or ""
        title = KINDS[self.kind].title.lower()
        party = (self.invoice.contact.name if self.invoice.contact else "") or "its contact"
        amount = f"{said(self.invoice.total)} {self.invoice.currency_code}"
        text = (
            f"The {title} {label} of {party} over {amount} was made in Xero and cannot be taken over into Core: {why}"
        )
        return Untaken(self.xero_id, label, text)


class DocumentsIn:
    """What one run takes over."""

    def __init__(self, taking: Taking, contacts: ContactsIn) -> None:
        self._taking, self._contacts = taking, contacts
        self._chart = Chart.of(taking.organisation, taking.connection.tracking)

    def take_over(self) -> int:
        """How many came into Core."""
        made, after = 0, 0
        while rows := self._taking.run(_NEW, **contents.values(self._taking.connection), after=after):
            after = rows[-1][0]
            found = [
                Theirs(kind, xero_id, msgspec.json.decode(bytes(content), type=types.Invoice))
                for _, kind, xero_id, content in rows
            ]
            with transaction.atomic():
                made += self._take(found)
        return made

    def _take(self, found: list[Theirs]) -> int:
        untaken: dict[str, list[Untaken]] = defaultdict(list)
        wanted: dict[str, DocumentFields] = {}
        by_id = {each.xero_id: each for each in found}
        for each, values in self._fields(found, untaken):
            wanted[each.xero_id] = values
        for xero_id, why in self._numbers_taken(wanted).items():
            del wanted[xero_id]
            if why:
                untaken[by_id[xero_id].kind].append(by_id[xero_id].untaken(why))
        taken, refused = take_documents(self._taking.organisation, wanted, actor=ACTOR, setup=self._taking.setup)
        for xero_id, why in refused.items():
            untaken[by_id[xero_id].kind].append(by_id[xero_id].untaken(f"{why}."))
        for kind in DOCUMENTS:
            made = {document.pk: xero_id for xero_id, document in taken.items() if document.kind == kind}
            self._taking.bind(kind, made, theirs=True)
            self._taking.tell(kind, untaken[kind])
        return len(taken)

    def _fields(self, found: list[Theirs], untaken: dict[str, list[Untaken]]) -> list[tuple[Theirs, DocumentFields]]:
        """What would be entered for each, amounts compared; the others are told."""
        sides: dict[str, set[str]] = defaultdict(set)
        for each in found:
            sides[each.contact].add(CUSTOMER if each.kind == "sale_invoice" else SUPPLIER)
        contacts = self._contacts.ensure({contact: frozenset(each) for contact, each in sides.items() if contact})
        products = self._products(found)
        fit = []
        for each in found:
            contact = contacts.get(each.contact, "it has no contact.")
            if isinstance(contact, UUID):
                try:
                    fit.append((each, self._checked(each, contact, products)))
                except Unfit as reason:
                    untaken[each.kind].append(each.untaken(str(reason)))
            elif contact:
                untaken[each.kind].append(each.untaken(contact))
        return fit

    def _checked(self, each: Theirs, contact: UUID, products: Mapping[str, UUID]) -> DocumentFields:
        values = document_fields(each.invoice, each.kind, contact, self._chart, products)
        if why := amounts_differ(each.invoice, values, self._taking.setup):
            raise Unfit(why)
        return values

    def _products(self, found: list[Theirs]) -> dict[str, UUID]:
        codes = {line.item_code for each in found for line in each.invoice.line_items or () if line.item_code}
        products = Product.objects.filter(organisation=self._taking.organisation, sku__in=codes)
        return dict(products.values_list("sku", "pk"))

    def _numbers_taken(self, wanted: Mapping[str, DocumentFields]) -> dict[str, str]:
        """Of those whose number Core has, why they cannot come in; an empty text: the planner looks after it."""
        numbers = {values.number for values in wanted.values()}
        held: dict[Number, tuple[UUID, str]] = {}
        documents = Document.objects.filter(
            organisation=self._taking.organisation, kind__in=DOCUMENTS, number__in=numbers
        )
        for key, kind, number, contact, status in documents.values_list("pk", "kind", "number", "contact_id", "status"):
            held[_number(kind, number, contact)] = (key, status)
        going = self._going([key for key, status in held.values() if status == "AUTHORISED"])
        answers: dict[str, str] = {}
        claimed: set[Number] = set()
        for xero_id, values in wanted.items():
            name = _number(values.kind, values.number, values.contact_id)
            if name in held:
                answers[xero_id] = "" if held[name][0] in going else _taken(values)
            elif name in claimed:
                answers[xero_id] = _taken(values)
            claimed.add(name)
        return answers

    def _going(self, keys: list[Any]) -> set[UUID]:
        """Of these documents of Core's, those that the planner is about to send or to find in Xero."""
        connection = self._taking.connection
        bound = Binding.objects.filter(connection=connection, kind__in=DOCUMENTS, record_id__in=keys)
        skipped = Entry.objects.filter(
            organisation=self._taking.organisation, record_id__in=keys, status=Status.SKIPPED
        )
        out = {*bound.values_list("record_id", flat=True), *skipped.values_list("record_id", flat=True)}
        return set(keys) - out


def answers_missing(connection: Connection) -> bool:
    """One of Core's own documents may stand in Xero without Core knowing its id yet."""
    entries = Entry.objects.filter(organisation=connection.organisation_id, status=Status.UNCERTAIN)
    return entries.exclude(kind__in=("payment", "refund", "allocation", "attachment")).exists()


def _number(kind: str, number: str, contact: UUID) -> Number:
    """What Core takes only once: a sale's number; a bill's with its supplier."""
    return kind, number, contact if kind == "bill" else None


def _taken(values: DocumentFields) -> str:
    return (
        f"Core has another document with the number {values.number}. Renumber one of the two, or void the one in Xero "
        f"if both are the same sale or purchase."
    )
