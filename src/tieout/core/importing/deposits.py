"""Deposits and allocations from files, found again by their numbers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from tieout.core import rules
from tieout.core.fields import AllocationFields, DepositFields
from tieout.core.importing.booked import ELSEWHERE, BookedSheet, status_column
from tieout.core.importing.columns import Column, as_date, as_number, one_of
from tieout.core.importing.document_columns import CURRENCY, RATE
from tieout.core.importing.sheet import Existing, Item, ids_by
from tieout.core.models import Allocation, Contact, Deposit, Document
from tieout.core.operations.allocations import SIDE, allocate, void_allocation
from tieout.core.operations.deposits import record_deposit, void_deposit
from tieout.core.rules import Problem

DEPOSIT = tuple(each.name for each in fields(DepositFields))
ALLOCATION = tuple(each.name for each in fields(AllocationFields))
ORIGINS = one_of(
    {
        "Prepayment": "prepayment",
        "Overpayment": "overpayment",
        "Store credit": "store_credit",
        "Credit note": "credit_note",
    }
)
TAKEN_FOR = {
    "customer_credit": ("sale_invoice",),
    "supplier_deposit": ("purchase_order", "bill"),
}
CREDIT_NOTE_OF = {"customer_credit": "sale_credit_note", "supplier_deposit": "purchase_credit_note"}
OWED = {"sale": "sale_invoice", "purchase": "bill"}


class DepositSheet(BookedSheet[DepositFields]):
    record_kind = "customer_credit"
    what = "a deposit"
    columns = (
        Column("number", "The deposit’s own number", "DEP-1001", True),
        Column(
            "kind",
            "Customer credit or Supplier deposit; empty: Customer credit",
            "Customer credit",
            read=one_of({"Customer credit": "customer_credit", "Supplier deposit": "supplier_deposit"}),
            missing="customer_credit",
        ),
        Column("contact", "The contact’s code", "CAFE01", True),
        Column(
            "origin",
            "Prepayment, Overpayment, Store credit or Credit note; empty: Prepayment",
            "Prepayment",
            read=ORIGINS,
            missing="prepayment",
        ),
        Column("document", "The number of the order, invoice, bill or credit note that it was taken for", "INV-1001"),
        Column(
            "order_number", "The quote or order that it was taken for, as its invoice or bill will name it", "SO-1001"
        ),
        Column("account", "Code of the bank or payment account; empty only where no money came in", "090"),
        Column("date", "YYYY-MM-DD", "2026-03-12", True, as_date),
        Column("amount", "In the currency, above zero", "250.00", True, as_number),
        CURRENCY,
        RATE,
        Column("reference", "", "Deposit for the autumn fair"),
        status_column("a deposit"),
    )

    def match(self, item: Item[DepositFields]) -> Hashable:
        return (item.fields.kind, item.fields.number) if item.fields else ()

    def look_up(self, items: list[Item[DepositFields]]) -> list[Item[DepositFields]]:
        organisation, setup = self.job.organisation, self.job.setup
        contacts = ids_by(Contact.objects, organisation, "code", {item.first["contact"] for item in items})
        documents = _documents(self, {item.first["document"] for item in items if item.first["document"]})
        for item in items:
            values, row = item.first, item.rows[0]
            contact = contacts.get(values["contact"])
            if contact is None:
                self.fault(row, "contact", "is not the code of a contact; import the contact first or correct it")
                continue
            entered = {name: values[name] for name in DEPOSIT if name in values}
            entered["currency"] = values["currency"] or setup.base_currency
            if entered["rate"] is None:
                entered["rate"] = Decimal(1) if entered["currency"] == setup.base_currency else Decimal(0)
            if values["document"]:
                kinds = TAKEN_FOR[values["kind"]]
                if values["origin"] == "credit_note":
                    kinds = (CREDIT_NOTE_OF[values["kind"]],)
                found = [documents.get((kind, contact, values["document"])) for kind in kinds]
                entered["document_id"] = next(filter(None, found), None)
                if entered["document_id"] is None:
                    reason = "is not a document of this contact that fits; import it first or correct it"
                    self.fault(row, "document", reason)
                    continue
            item.fields = rules.tidied(DepositFields(contact_id=contact, **entered))
            item.status = values["status"]
        return [item for item in items if item.fields]

    def existing(self, items: list[Item[DepositFields]]) -> dict[Hashable, Existing[DepositFields]]:
        numbers = {item.fields.number for item in items if item.fields}
        stored = Deposit.objects.filter(organisation=self.job.organisation, number__any=numbers)
        known: dict[Hashable, Existing[DepositFields]] = {}
        for key, status, *values in stored.values_list("id", "status", *DEPOSIT):
            current = DepositFields(**dict(zip(DEPOSIT, values, strict=True)))
            known[current.kind, current.number] = Existing(key, current, status)
        return known

    def problems(self, item: Item[DepositFields]) -> list[Problem]:
        assert item.fields
        return rules.check_deposit(item.fields, self.job.setup) + self.only_voided(item)

    def book(self, item: Item[DepositFields]) -> None:
        assert item.fields
        record_deposit(self.job.organisation, item.fields, actor=self.job.actor, setup=self.job.setup)

    def void(self, key: UUID) -> None:
        void_deposit(Deposit.objects.get(pk=key), actor=self.job.actor)


class AllocationSheet(BookedSheet[AllocationFields]):
    record_kind = "allocation"
    what = "an allocation"
    columns = (
        Column("number", "The allocation’s own number", "AL-1001", True),
        Column(
            "source_kind",
            "Sale credit note, Purchase credit note, Customer credit or Supplier deposit; empty: Sale credit note",
            "Sale credit note",
            read=one_of(
                {
                    "Sale credit note": "sale_credit_note",
                    "Purchase credit note": "purchase_credit_note",
                    "Customer credit": "customer_credit",
                    "Supplier deposit": "supplier_deposit",
                }
            ),
            missing="sale_credit_note",
        ),
        Column("source", "The number of the credit note or deposit that gives", "CN-1001", True),
        Column("document", "The number of the invoice or bill that it counts towards", "INV-1001", True),
        Column("contact", "The contact’s code", "CAFE01", True),
        Column("date", "YYYY-MM-DD", "2026-04-18", True, as_date),
        Column("amount", "In the currency of both, above zero", "120.00", True, as_number),
        status_column("an allocation"),
    )

    def match(self, item: Item[AllocationFields]) -> Hashable:
        return item.fields.number if item.fields else ""

    def look_up(self, items: list[Item[AllocationFields]]) -> list[Item[AllocationFields]]:
        organisation = self.job.organisation
        contacts = ids_by(Contact.objects, organisation, "code", {item.first["contact"] for item in items})
        documents = _documents(self, {item.first[name] for item in items for name in ("source", "document")})
        numbers = {item.first["source"] for item in items}
        deposits = Deposit.objects.filter(organisation=organisation, number__any=numbers)
        sources = documents | {
            (kind, contact, number): key
            for key, kind, contact, number in deposits.values_list("id", "kind", "contact_id", "number")
        }
        for item in items:
            values, row = item.first, item.rows[0]
            contact = contacts.get(values["contact"])
            if contact is None:
                self.fault(row, "contact", "is not the code of a contact; import the contact first or correct it")
                continue
            source = sources.get((values["source_kind"], contact, values["source"]))
            target = documents.get((OWED[SIDE[values["source_kind"]]], contact, values["document"]))
            for name, key in (("source", source), ("document", target)):
                if key is None:
                    reason = "is not such a document of this contact; import it first or correct it"
                    self.fault(row, name, reason)
            if source is not None and target is not None:
                entered: dict[str, Any] = {name: values[name] for name in ALLOCATION}
                item.fields, item.status = rules.tidied(AllocationFields(**entered)), values["status"]
                item.found = {"source": source, "document": target}
        return [item for item in items if item.fields]

    def existing(self, items: list[Item[AllocationFields]]) -> dict[Hashable, Existing[AllocationFields]]:
        numbers = {self.match(item) for item in items}
        stored = Allocation.objects.filter(organisation=self.job.organisation, number__any=numbers)
        known: dict[Hashable, Existing[AllocationFields]] = {}
        ends = ("credit_note_id", "deposit_id", "document_id")
        for key, status, note, deposit, document, *values in stored.values_list("id", "status", *ends, *ALLOCATION):
            current = AllocationFields(**dict(zip(ALLOCATION, values, strict=True)))
            known[current.number] = Existing(key, current, status, {"source": note or deposit, "document": document})
        for item in items:
            before = known.get(self.match(item))
            if before is not None and before.found != item.found:
                before.status = ELSEWHERE
        return known

    def problems(self, item: Item[AllocationFields]) -> list[Problem]:
        assert item.fields
        return rules.check_allocation(item.fields, self.job.setup) + self.only_voided(item)

    def book(self, item: Item[AllocationFields]) -> None:
        assert item.fields
        model: Any = Document if item.first["source_kind"] in rules.CREDITING else Deposit
        source = model.objects.get(pk=item.found["source"])
        document = Document.objects.get(pk=item.found["document"])
        allocate(source, document, item.fields, actor=self.job.actor, setup=self.job.setup)

    def void(self, key: UUID) -> None:
        void_allocation(Allocation.objects.get(pk=key), actor=self.job.actor)


def _documents(sheet: Any, numbers: set[str]) -> dict[tuple[str, UUID, str], UUID]:
    """Ids by kind, contact and number."""
    stored = Document.objects.filter(organisation=sheet.job.organisation, number__any=numbers)
    rows = stored.values_list("id", "kind", "contact_id", "number")
    return {(kind, contact, number): key for key, kind, contact, number in rows}
