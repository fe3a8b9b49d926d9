"""Payments and refunds from a file, found again by their number.

Always: a payment above what is due is split as it is by hand (`core.operations.payments`), unless the row says
otherwise; a payment that was split counts as what came in, so that the same file again changes nothing.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import astuple, fields, replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from tieout.core import rules, store
from tieout.core.copying import Created, announce, copy_rows
from tieout.core.fields import PaymentFields
from tieout.core.importing.booked import AUTHORISED, ELSEWHERE, BookedSheet, status_column
from tieout.core.importing.columns import Column, as_date, as_number, as_yes_no, one_of
from tieout.core.importing.sheet import Existing, Item
from tieout.core.models import Deposit, Document, Settlement
from tieout.core.operations.payments import (
    divided,
    overpayment,
    payable,
    record_refund,
    takes_payment,
    takes_refund,
    void_payment,
)
from tieout.core.rules import Problem

NAMES = tuple(each.name for each in fields(PaymentFields))
REFUNDED = (*rules.CREDITING, *rules.DEPOSIT_KINDS)
KIND_WORDS = {
    "Sale invoice": "sale_invoice",
    "Bill": "bill",
    "Sale credit note": "sale_credit_note",
    "Purchase credit note": "purchase_credit_note",
    "Customer credit": "customer_credit",
    "Supplier deposit": "supplier_deposit",
}
WANTED = ("id", "kind", "number", "status", "currency", "rate", "contact_id", "contact__code")


class PaymentSheet(BookedSheet[PaymentFields]):
    record_kind = "payment"
    what = "a payment"
    columns = (
        Column("number", "The payment’s own number", "PAY-1001", True),
        Column(
            "document_kind",
            "Sale invoice or Bill; for a refund Sale credit note, Purchase credit note, Customer credit or Supplier"
            " deposit; empty: Sale invoice",
            "Sale invoice",
            read=one_of(KIND_WORDS),
            missing="sale_invoice",
        ),
        Column("document", "The number of the document that is paid or refunded", "INV-1001", True),
        Column("contact", "The contact’s code; needed only where two suppliers use the same number", "CAFE01"),
        Column("account", "Code of the bank or payment account", "090", True),
        Column("date", "YYYY-MM-DD", "2026-04-18", True, as_date),
        Column("amount", "In the document’s currency, above zero", "521.64", True, as_number),
        Column("rate", "As on documents; empty: the document’s rate", "0.92", read=as_number, missing=None),
        Column("reference", "", "Direct credit 18 April"),
        Column(
            "split",
            "yes: what is above what is due becomes a deposit; no: the payment is taken as it is; empty: yes",
            "yes",
            read=as_yes_no,
            missing=True,
        ),
        status_column("a payment"),
    )

    def match(self, item: Item[PaymentFields]) -> Hashable:
        return item.fields.number if item.fields else ""

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
                    reason = "is the number of several documents; give the supplier’s code in the column contact"
                self.fault(item.rows[0], "document", reason)
                continue
            entered: dict[str, Any] = {name: values[name] for name in NAMES}
            if entered["rate"] is None:
                entered["rate"] = found[0]["rate"]
            item.fields, item.status, item.found = rules.tidied(PaymentFields(**entered)), values["status"], found[0]
        paid = {item.found["id"] for item in items if item.fields and item.found["kind"] in rules.FALLING_DUE}
        self.due = store.balances(self.job.organisation.pk, paid)
        return [item for item in items if item.fields]

    def _documents(self, numbers: set[str]) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """What is paid or refunded, locked so that nobody voids it before the payments are in."""
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for model in (Document, Deposit):
            stored = model._default_manager.filter(organisation=self.job.organisation, number__any=numbers)
            for row in stored.select_for_update(of=("self",), no_key=True).order_by("id").values(*WANTED):
                found.setdefault((row["kind"], row["number"]), []).append(row)
        return found

    def existing(self, items: list[Item[PaymentFields]]) -> dict[Hashable, Existing[PaymentFields]]:
        numbers = {self.match(item) for item in items}
        stored = Settlement.objects.filter(organisation=self.job.organisation, number__any=numbers)
        rows = list(stored.values_list("id", "status", "document_id", "deposit_id", *NAMES))
        split: dict[UUID | None, Decimal] = dict(
            Deposit.objects.filter(payment__any=[row[0] for row in rows]).values_list("payment_id", "amount")
        )
        known: dict[Hashable, Existing[PaymentFields]] = {}
        for key, status, document, deposit, *values in rows:
            current = PaymentFields(**dict(zip(NAMES, values, strict=True)))
            current = replace(current, amount=current.amount + split.get(key, Decimal(0)))
            known[current.number] = Existing(key, current, status, {"id": document or deposit})
        for item in items:
            before = known.get(self.match(item))
            if before is not None and before.found["id"] != item.found["id"]:
                before.status = ELSEWHERE
        return known

    def problems(self, item: Item[PaymentFields]) -> list[Problem]:
        """The rules of a new one; a sound payment takes its part of what is due, so that the next row sees the rest."""
        assert item.fields
        found = item.found
        problems = rules.check_payment(item.fields, found["currency"], self.job.setup) + self.only_voided(item)
        if found["kind"] in REFUNDED:
            if found["kind"] in rules.CREDITING:
                problems += takes_refund(found["kind"], found["number"], found["status"])
            return problems
        problems += takes_payment(found["kind"], found["number"], found["status"])
        if not problems and item.first["split"]:
            problems = payable(found["number"], self.due[found["id"]])
        if not problems:
            due = self.due[found["id"]] if item.first["split"] else item.fields.amount
            paid, rest = divided(item.fields.amount, due)
            self.due[found["id"]] -= paid
            item.found = found | {"paid": paid, "rest": rest}
        return problems

    def create(self, items: list[Item[PaymentFields]]) -> None:
        """Payments, and what is split off them, as rows; refunds through their operation."""
        payments = [item for item in items if "paid" in item.found]
        super().create([item for item in items if "paid" not in item.found])
        job = self.job
        new = [
            (uuid4(), item.found, replace(item.fields, amount=item.found["paid"])) for item in payments if item.fields
        ]
        columns = ("id", "organisation_id", "version", "changed_at", "status", "kind", "document_id", *NAMES)
        head = (job.organisation.pk, 1, job.at, AUTHORISED, "payment")
        copy_rows("core_settlement", columns, ((key, *head, found["id"], *astuple(it)) for key, found, it in new))
        deposits = Deposit.objects.bulk_create(
            Deposit(
                organisation=job.organisation,
                payment_id=key,
                **overpayment(it, found["rest"], found),
            )
            for key, found, it in new
            if found["rest"]
        )
        created = [Created("payment", key, it.number) for key, _, it in new]
        created += [Created(each.kind, each.pk, each.number) for each in deposits]
        announce(job.organisation.pk, job.actor, job.at, job.detail, created)

    def book(self, item: Item[PaymentFields]) -> None:
        assert item.fields
        model: Any = Deposit if item.found["kind"] in rules.DEPOSIT_KINDS else Document
        source = model.objects.get(pk=item.found["id"])
        record_refund(source, item.fields, actor=self.job.actor, setup=self.job.setup)

    def void(self, key: UUID) -> None:
        payment = void_payment(Settlement.objects.get(pk=key), actor=self.job.actor)
        if payment.document_id in self.due:
            self.due[payment.document_id] += payment.amount
