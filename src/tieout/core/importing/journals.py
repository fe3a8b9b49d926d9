"""Journals and money tasks from files: one row per line, found again by their numbers."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from typing import Any
from uuid import UUID

from tieout.core import rules
from tieout.core.fields import JournalFields, JournalLineFields, MoneyTaskFields, MoneyTaskLineFields
from tieout.core.importing.columns import Column, as_date, as_number, attributes_column, one_of
from tieout.core.importing.document_columns import CURRENCY, RATE, STATUSES, TREATMENTS
from tieout.core.importing.grouped import GroupedSheet
from tieout.core.importing.sheet import Existing, Item, Parsed, ids_by
from tieout.core.models import Contact, Journal, MoneyTask, Product
from tieout.core.operations.documents import named_tax
from tieout.core.operations.journals import authorise_journal, create_journal, edit_journal, void_journal
from tieout.core.operations.money_tasks import edit_money_task, record_money_task, void_money_task
from tieout.core.operations.recording import journal_fields, money_task_fields
from tieout.core.rules import NamedTax, Problem, Refused

DRAFT, AUTHORISED, VOIDED = Journal.Status.values
TRACKING = attributes_column("Texts by what they tell, for tracking", "location=Nelson", name="tracking")


class JournalSheet(GroupedSheet[JournalFields]):
    """Manual journals. Those for the cost of goods sold follow from the documents' own costs."""

    record_kind = "journal"
    renamed = {"amount": "debit", "lines": ""}
    columns = (
        Column("number", "All rows of a journal carry it, one after another", "JR-1001", True),
        Column("date", "YYYY-MM-DD", "2026-03-31", True, as_date, None, on_first_row=True),
        Column("narration", "What the journal is for", "Stock count of March", on_first_row=True),
        Column(
            "status",
            "Draft, Authorised or Voided (of a journal that is in Core); empty: Authorised",
            "Authorised",
            read=STATUSES,
            missing=AUTHORISED,
            on_first_row=True,
        ),
        Column("account", "Account code", "630", True),
        Column("debit", "In base currency; either this or credit", "140.00", read=as_number, missing=Decimal(0)),
        Column("credit", "In base currency; either this or debit", "140.00", read=as_number, missing=Decimal(0)),
        Column("description", "", "Cups found"),
        Column("tax_rule", "Name of a tax rule; empty: no tax", "15% GST on Expenses"),
        TRACKING,
    )

    def match(self, item: Item[JournalFields]) -> Hashable:
        return item.fields.number if item.fields else ""

    key = match

    def look_up(self, items: list[Item[JournalFields]]) -> list[Item[JournalFields]]:
        for item in items:
            before = self.job.faults.total
            lines = tuple(self._line(row) for row in item.rows)
            if self.job.faults.total == before:
                first = item.first
                values = JournalFields(
                    number=first["number"], date=first["date"], narration=first["narration"], lines=lines
                )
                item.fields, item.status = rules.tidied(values), first["status"]
        return [item for item in items if item.fields]

    def _line(self, row: Parsed) -> JournalLineFields:
        values = row.values
        return JournalLineFields(
            account=values["account"],
            amount=values["debit"] - values["credit"],
            description=values["description"],
            tax_rule_id=self.named(row, "tax_rule", self.job.setup.tax_rule_ids, "a tax rule"),
            tracking=values["tracking"],
        )

    def existing(self, items: list[Item[JournalFields]]) -> dict[Hashable, Existing[JournalFields]]:
        numbers = {self.match(item) for item in items}
        stored = Journal.objects.filter(organisation=self.job.organisation, number__any=numbers)
        return {each.number: Existing(each, journal_fields(each), each.status) for each in stored}

    def problems(self, item: Item[JournalFields]) -> list[Problem]:
        assert item.fields
        problems = rules.check_journal(item.fields, self.job.setup, authorised=item.status != DRAFT)
        if item.status == VOIDED:
            problems.append(Problem("status", item.status, "is only for a journal that Core has; leave this one out"))
        return problems

    def create(self, items: list[Item[JournalFields]]) -> None:
        for item in items:
            assert item.fields
            create_journal(
                self.job.organisation,
                item.fields,
                actor=self.job.actor,
                authorise=item.status == AUTHORISED,
                setup=self.job.setup,
            )

    def change(self, item: Item[JournalFields], existing: Existing[JournalFields]) -> None:
        assert item.fields
        actor = self.job.actor
        journal = edit_journal(existing.id, item.fields, actor=actor, setup=self.job.setup)
        if existing.status != item.status:
            if item.status == DRAFT:
                reason = f"cannot follow {existing.status.lower()}; a journal does not become a draft again"
                raise Refused([Problem("status", item.status, reason)])
            (void_journal if item.status == VOIDED else authorise_journal)(journal, actor=actor)


class MoneyTaskSheet(GroupedSheet[MoneyTaskFields]):
    """Money spent, received and moved between bank accounts."""

    record_kind = "money_task"
    renamed = {"lines": "", "product": "sku"}
    _named = NamedTax()
    """The tax rules around the portion that is being loaded."""
    columns = (
        Column("number", "All rows of a task carry it, one after another", "MT-1001", True),
        Column(
            "type",
            "Spend, Receive or Transfer",
            "Spend",
            True,
            one_of({"Spend": "spend", "Receive": "receive", "Transfer": "transfer"}),
            on_first_row=True,
        ),
        Column("account", "Code of the bank account; of a transfer: its source", "090", True, on_first_row=True),
        Column("to_account", "Of a transfer: code of the bank account where it goes", "091", on_first_row=True),
        Column("amount", "Of a transfer: what is moved", "500.00", read=as_number, missing=None, on_first_row=True),
        Column("contact", "The contact’s code; not of a transfer", "POTTERY", on_first_row=True),
        Column("date", "YYYY-MM-DD", "2026-03-31", True, as_date, None, on_first_row=True),
        Column(CURRENCY.name, CURRENCY.meaning, CURRENCY.example, read=CURRENCY.read, on_first_row=True),
        Column(RATE.name, RATE.meaning, RATE.example, read=RATE.read, missing=None, on_first_row=True),
        Column(
            "tax_treatment",
            "Exclusive, Inclusive or NoTax; empty: Inclusive",
            "Inclusive",
            read=TREATMENTS,
            missing="Inclusive",
            on_first_row=True,
        ),
        Column("reference", "", "Statement of March", on_first_row=True),
        Column(
            "status",
            "Authorised, or Voided (of a task that is in Core); empty: Authorised",
            "Authorised",
            read=one_of({"Authorised": AUTHORISED, "Voided": VOIDED}),
            missing=AUTHORISED,
            on_first_row=True,
        ),
        Column("sku", "A product’s SKU; may be empty", "CUP-250-WHT"),
        Column("description", "What the money was for; empty for a transfer", "Bank fees"),
        Column("quantity", "Above zero, at most 4 decimals; empty: 1", "1", read=as_number, missing=Decimal(1)),
        Column("unit_price", "At most 4 decimals; empty for a transfer", "12.50", read=as_number, missing=None),
        Column("line_account", "Account code of the line", "404"),
        Column("tax_rule", "Name of a tax rule; empty: that of product or contact, else no tax", "15% GST on Expenses"),
        TRACKING,
    )

    def match(self, item: Item[MoneyTaskFields]) -> Hashable:
        return item.fields.number if item.fields else ""

    key = match

    def look_up(self, items: list[Item[MoneyTaskFields]]) -> list[Item[MoneyTaskFields]]:
        organisation = self.job.organisation
        contacts = ids_by(Contact.objects, organisation, "code", {item.first["contact"] for item in items})
        skus = {row.values["sku"] for item in items for row in item.rows if row.values["sku"]}
        products = ids_by(Product.objects, organisation, "sku", skus)
        for item in items:
            before, first = self.job.faults.total, item.first
            contact = contacts.get(first["contact"])
            if first["contact"] and contact is None:
                reason = "is not the code of a contact; import the contact first or correct it"
                self.fault(item.rows[0], "contact", reason)
            lines = tuple(self._line(row, products) for row in item.rows if row.values["unit_price"] is not None)
            if self.job.faults.total == before:
                item.fields, item.status = rules.tidied(self._fields(first, contact, lines)), first["status"]
        found = [item for item in items if item.fields]
        self._named = named_tax(organisation.pk, [item.fields for item in found if item.fields])
        return found

    def _fields(
        self, first: dict[str, Any], contact: UUID | None, lines: tuple[MoneyTaskLineFields, ...]
    ) -> MoneyTaskFields:
        base = self.job.setup.base_currency
        currency = first["currency"] or base
        same = ("number", "type", "account", "to_account", "amount", "date", "tax_treatment", "reference")
        rate = first["rate"]
        if rate is None:
            rate = Decimal(1) if currency == base else Decimal(0)  # zero is refused with the right sentence
        entered = {name: first[name] for name in same}
        return MoneyTaskFields(**entered, currency=currency, rate=rate, contact_id=contact, lines=lines)

    def _line(self, row: Parsed, products: dict[str, UUID]) -> MoneyTaskLineFields:
        values = row.values
        product = products.get(values["sku"])
        if values["sku"] and product is None:
            self.fault(row, "sku", "is not the SKU of a product; import the product first or correct it")
        return MoneyTaskLineFields(
            description=values["description"],
            quantity=values["quantity"],
            unit_price=values["unit_price"],
            product_id=product,
            account=values["line_account"],
            tax_rule_id=self.named(row, "tax_rule", self.job.setup.tax_rule_ids, "a tax rule"),
            tracking=values["tracking"],
        )

    def existing(self, items: list[Item[MoneyTaskFields]]) -> dict[Hashable, Existing[MoneyTaskFields]]:
        numbers = {self.match(item) for item in items}
        stored = MoneyTask.objects.filter(organisation=self.job.organisation, number__any=numbers)
        return {each.number: Existing(each, money_task_fields(each), each.status) for each in stored}

    def problems(self, item: Item[MoneyTaskFields]) -> list[Problem]:
        assert item.fields
        applied = rules.applied_to_task(item.fields, self._named)
        problems = rules.check_money_task(item.fields, applied, self.job.setup)
        if item.status == VOIDED:
            problems.append(Problem("status", item.status, "is only for a task that Core has; leave this one out"))
        return problems

    def create(self, items: list[Item[MoneyTaskFields]]) -> None:
        for item in items:
            assert item.fields
            record_money_task(self.job.organisation, item.fields, actor=self.job.actor, setup=self.job.setup)

    def change(self, item: Item[MoneyTaskFields], existing: Existing[MoneyTaskFields]) -> None:
        assert item.fields
        actor = self.job.actor
        task = edit_money_task(existing.id, item.fields, actor=actor, setup=self.job.setup)
        if existing.status != item.status:
            if item.status == AUTHORISED:
                raise Refused([Problem("status", item.status, "cannot follow voided; use a new number")])
            void_money_task(task, actor=actor)
