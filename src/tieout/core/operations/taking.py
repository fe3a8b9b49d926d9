"""Contacts, products and documents that another system made already, many at once.

In: what that system holds, as fields, each under a name of the caller's. Out: the stored records by that name, and of
the others why Core's rules refuse them. Always: the same rules as for what a person enters; nothing is marked as
touched, since that system has it; a few statements however many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from tieout.core import rules
from tieout.core.fields import ContactFields, DocumentFields, ProductFields
from tieout.core.models import Contact, Document, DocumentLine, Organisation, Product
from tieout.core.operations.documents import AUTHORISED, completed, filled
from tieout.core.rules import Refused
from tieout.core.setup import Setup
from tieout.people.audit import record_events
from tieout.people.models import Action

R = TypeVar("R")
Taken = tuple[dict[str, R], dict[str, str]]


@transaction.atomic
def take_contacts(
    organisation: Organisation, wanted: Mapping[str, ContactFields], *, actor: str, setup: Setup
) -> Taken[Contact]:
    """New contacts. The caller has seen to it that their codes are free."""
    made, refused = {}, {}
    for name, entered in wanted.items():
        values = rules.tidied(entered)
        if problems := rules.check_contact(values, setup):
            refused[name] = str(Refused(problems))
            continue
        made[name] = Contact(organisation=organisation, **asdict(values))
    Contact.objects.bulk_create(made.values())
    _tell(organisation, actor, [("contact", each.pk, each.name, {}) for each in made.values()])
    return made, refused


@transaction.atomic
def take_products(
    organisation: Organisation, wanted: Mapping[str, ProductFields], *, actor: str, setup: Setup
) -> Taken[Product]:
    """New products. The caller has seen to it that their SKUs are free."""
    made, refused = {}, {}
    for name, entered in wanted.items():
        values = rules.tidied(entered)
        if problems := rules.check_product(values, setup):
            refused[name] = str(Refused(problems))
            continue
        made[name] = Product(organisation=organisation, **asdict(values))
    Product.objects.bulk_create(made.values())
    _tell(organisation, actor, [("product", each.pk, each.sku, {}) for each in made.values()])
    return made, refused


@transaction.atomic
def take_documents(
    organisation: Organisation, wanted: Mapping[str, DocumentFields], *, actor: str, setup: Setup
) -> Taken[Document]:
    """New authorised documents, for contacts and products of the organisation, taxed by just the rules that their lines
    name. The caller has seen to it that their numbers are free."""
    made: dict[str, Document] = {}
    lines: list[DocumentLine] = []
    refused = {}
    names = _product_names(organisation, wanted)
    for name, entered in wanted.items():
        values = completed(rules.tidied(entered), names)
        applied = rules.as_entered(values)
        if problems := rules.check_document(values, applied, setup, authorised=True):
            refused[name] = str(Refused(problems))
            continue
        made[name] = Document(organisation=organisation, status=AUTHORISED)
        lines += filled(made[name], values, applied, setup)
    Document.objects.bulk_create(made.values())
    DocumentLine.objects.bulk_create(lines)
    _tell(organisation, actor, [(each.kind, each.pk, each.number, {}) for each in made.values()])
    return made, refused


def _product_names(organisation: Organisation, wanted: Mapping[str, DocumentFields]) -> dict[UUID, str]:
    ids = {line.product_id for values in wanted.values() for line in values.lines if line.product_id}
    return dict(Product.objects.filter(organisation=organisation, pk__in=ids).values_list("pk", "name"))


def _tell(organisation: Organisation, actor: str, records: list[tuple[str, UUID, str, Mapping[str, Any]]]) -> None:
    record_events(organisation.pk, actor, Action.CREATED, records)
