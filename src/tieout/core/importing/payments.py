"""Payments from a file, found again by their number. A payment is never edited: it is voided and entered anew."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import astuple, fields
from typing import Any
from uuid import uuid4

from tieout.core import rules
from tieout.core.fields import PaymentFields
from tieout.core.importing.columns import Column, as_date, as_number, one_of
from tieout.core.importing.copying import Created, announce, copy_rows
from tieout.core.importing.sheet import Existing, Item, Sheet
from tieout.core.models import Document, Settlement
from tieout.core.operations.payments import takes_payment, void_payment
from tieout.core.rules import Problem, Refused

NAMES = tuple(each.name for each in fields(PaymentFields))
AUTHORISED, VOIDED = Settlement.Status.values


class PaymentSheet(Sheet[PaymentFields]):
    record_kind = "payment"
    columns = (
        Column("number", "The payment’s own number", "PAY-1001", True),
        Column(
            "document_kind",
            "Sale invoice or Bill; empty: Sale invoice",
            "Sale invoice",
            read=one_of({"Sale invoice": "sale_invoice", "Bill": "bill"}),
            missing="sale_invoice",
        ),
        Column("document", "The number of the document that is paid", "INV-1001", True),
        Column("contact", "The contact’s code; needed only where two suppliers use the same bill number", "CAFE01"),
        Column("account", "Code of the bank or payment account", "090", True),
        Column("date", "YYYY-MM-DD", "2026-04-18", True, as_date),
        Column("amount", "In the document’s currency, above zero", "521.64", True, as_number),
        Column("rate", "As on documents; empty: the document’s rate", "0.92", read=as_number, missing=None),
        Column("reference", "", "Direct credit 18 April"),
        Column(
            "status",
            "Authorised, or Voided (of a payment that is in Core); empty: Authorised",
            "Authorised",
            read=one_of({"Authorised": AUTHORISED, "Voided": VOIDED}),
            missing=AUTHORISED,
        ),
    )

    def key(self, item: Item[PaymentFields]) -> Hashable:
        return item.fields.number if item.fields else ""

    match = key

    def look_up(self, items: list[Item[PaymentFields]]) -> list[Item[PaymentFields]]:
        documents = self._documents({item.first["document"] for item in items})
        for item in items:
            values = item.first
            found = [
                each
                for each in documents.get((values["document_kind"], values["document"]), [])
                if values["contact"] in ("", each["contact__code"])
            ]
            if len(found) != 1:
                reason = "is not the number of such a document; import the document first or correct it"
                if found:
                    reason = "is the number of several bills; give the supplier’s code in the column contact"
                self.fault(item.rows[0], "document", reason)
                continue
            entered: dict[str, Any] = {name: values[name] for name in NAMES}
            if entered["rate"] is None:
                entered["rate"] = found[0]["rate"]
            item.fields, item.status, item.found = rules.tidied(PaymentFields(**entered)), values["status"], found[0]
        return [item for item in items if item.fields]

    def _documents(self, numbers: set[str]) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The documents that are paid, locked so that nobody voids them before the payments are in."""
        stored = Document.objects.filter(organisation=self.job.organisation, number__in=numbers)
        documents: dict[tuple[str, str], list[dict[str, Any]]] = {}
        wanted = ("id", "kind", "number", "status", "currency", "rate", "contact__code")
        for row in stored.select_for_update(of=("self",), no_key=True).order_by("id").values(*wanted):
            documents.setdefault((row["kind"], row["number"]), []).append(row)
        return documents

    def existing(self, items: list[Item[PaymentFields]]) -> dict[Hashable, Existing[PaymentFields]]:
        numbers = {self.key(item) for item in items}
        stored = Settlement.objects.filter(organisation=self.job.organisation, number__in=numbers)
        known: dict[Hashable, Existing[PaymentFields]] = {}
        for key, status, document, *values in stored.values_list("id", "status", "document_id", *NAMES):
            current = PaymentFields(**dict(zip(NAMES, values, strict=True)))
            known[current.number] = Existing(key, current, status, {"id": document})
        for item in items:
            before = known.get(self.key(item))
            if before is not None and before.found["id"] != item.found["id"]:
                before.status = "ELSEWHERE"  # so that it is not taken for unchanged
        return known

    def problems(self, item: Item[PaymentFields]) -> list[Problem]:
        assert item.fields
        found = item.found
        problems = rules.check_payment(item.fields, found["currency"], self.job.setup)
        if item.status == VOIDED:
            problems.append(Problem("status", item.status, "is only for a payment that Core has; leave this one out"))
        return problems + takes_payment(found["kind"], found["number"], found["status"])

    def create(self, items: list[Item[PaymentFields]]) -> None:
        job = self.job
        new = [(uuid4(), item.found["id"], item.fields) for item in items if item.fields]
        columns = ("id", "organisation_id", "version", "changed_at", "status", "kind", "document_id", *NAMES)
        stored = (
            (key, job.organisation.pk, 1, job.at, AUTHORISED, "payment", paid, *astuple(it)) for key, paid, it in new
        )
        copy_rows("core_settlement", columns, stored)
        created = [Created("payment", key, it.number) for key, _, it in new]
        announce(job.organisation.pk, job.actor, job.at, job.detail, created)

    def change(self, item: Item[PaymentFields], existing: Existing[PaymentFields]) -> None:
        if existing.fields == item.fields and existing.status == AUTHORISED and item.status == VOIDED:
            void_payment(Settlement.objects.get(pk=existing.id), actor=self.job.actor)
            return
        reason = "is a payment that Core has with other values; void that one and use a new number"
        if existing.status == VOIDED:
            reason = "is a payment that was voided in Core; leave it out, or enter it anew under another number"
        raise Refused([Problem("number", existing.fields.number, reason)])
