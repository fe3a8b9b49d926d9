"""Contacts from a file, found again by their code."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import astuple, fields
from uuid import uuid4

from tieout.core import rules
from tieout.core.copying import Created, announce, copy_rows
from tieout.core.fields import ContactFields
from tieout.core.importing.columns import Column, as_currency, attributes_column, one_of
from tieout.core.importing.sheet import Existing, Item, Sheet
from tieout.core.models import Contact
from tieout.core.operations.contacts import store_contact
from tieout.core.operations.recording import refuse_if
from tieout.core.rules import Problem
from tieout.people.models import Action

NAMES = tuple(each.name for each in fields(ContactFields))
OWN = ("is_customer", "is_supplier", "term_id", "tax_rule_id")
SAME = tuple(name for name in NAMES if name not in OWN)


class ContactSheet(Sheet[ContactFields]):
    record_kind = "contact"
    renamed = {"is_customer": "type"}
    columns = (
        Column("code", "Core’s own short identifier; a row with a known code changes that contact", "CAFE01", True),
        Column("name", "The name on documents; no < or >", "Harbour Café Ltd", True),
        Column(
            "type",
            "Customer, Supplier or Both",
            "Customer",
            True,
            one_of({"Customer": "customer", "Supplier": "supplier", "Both": "both"}),
        ),
        Column(
            "status",
            "Active or Deprecated; empty: Active",
            "Active",
            read=one_of({"Active": "ACTIVE", "Deprecated": "DEPRECATED"}),
            missing="ACTIVE",
        ),
        Column("first_name", "Of the person to speak to", "Mere"),
        Column("last_name", "Of the person to speak to", "Tamati"),
        Column("email", "One address", "accounts@harbourcafe.example"),
        Column("phone", "", "+64 9 555 0101"),
        Column("mobile", "", "+64 21 555 010"),
        Column("fax", "", "+64 9 555 0102"),
        Column("address_line1", "", "12 Quay Street"),
        Column("address_line2", "", "Level 2"),
        Column("city", "", "Auckland"),
        Column("region", "", "Auckland"),
        Column("postal_code", "", "1010"),
        Column("country", "", "New Zealand"),
        Column("tax_number", "GST, VAT or other tax number", "123-456-789"),
        Column("currency", "ISO code; empty: the base currency", "NZD", read=as_currency),
        Column("term", "Name of a payment term of the organisation", "30 days"),
        Column("sale_account", "Default account code for sales", "200"),
        Column("purchase_account", "Default account code for purchases", "300"),
        Column("tax_rule", "Name of the default tax rule", "15% GST on Income"),
        attributes_column("Up to ten named texts, for tracking", "Region=North; Grade=A"),
    )

    def key(self, item: Item[ContactFields]) -> Hashable:
        return item.fields.code if item.fields else ""

    match = key

    def look_up(self, items: list[Item[ContactFields]]) -> list[Item[ContactFields]]:
        setup = self.job.setup
        for item in items:
            row, values = item.rows[0], item.first
            before = self.job.faults.total
            term = self.named(row, "term", setup.term_ids, "a payment term")
            tax_rule = self.named(row, "tax_rule", setup.tax_rule_ids, "a tax rule")
            if self.job.faults.total == before:
                item.fields = rules.tidied(
                    ContactFields(
                        **{name: values[name] for name in SAME},
                        is_customer=values["type"] != "supplier",
                        is_supplier=values["type"] != "customer",
                        term_id=term,
                        tax_rule_id=tax_rule,
                    )
                )
        return [item for item in items if item.fields]

    def existing(self, items: list[Item[ContactFields]]) -> dict[Hashable, Existing[ContactFields]]:
        codes = {self.key(item) for item in items}
        stored = Contact.objects.filter(organisation=self.job.organisation, code__any=codes)
        found: dict[Hashable, Existing[ContactFields]] = {}
        for key, *values in stored.values_list("id", *NAMES):
            current = ContactFields(**dict(zip(NAMES, values, strict=True)))
            found[current.code] = Existing(key, current)
        return found

    def problems(self, item: Item[ContactFields]) -> list[Problem]:
        assert item.fields
        return rules.check_contact(item.fields, self.job.setup)

    def create(self, items: list[Item[ContactFields]]) -> None:
        job = self.job
        new = [(uuid4(), item.fields) for item in items if item.fields]
        columns = ("id", "organisation_id", "version", "changed_at", *NAMES)
        copy_rows("core_contact", columns, ((key, job.organisation.pk, 1, job.at, *astuple(it)) for key, it in new))
        announce(job.organisation.pk, job.actor, job.at, job.detail, [Created("contact", k, it.name) for k, it in new])

    def change(self, item: Item[ContactFields], existing: Existing[ContactFields]) -> None:
        assert item.fields
        refuse_if(self.problems(item))
        store_contact(existing.id, item.fields, Action.EDITED, self.job.actor)
