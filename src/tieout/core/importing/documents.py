"""Documents from a file: one row per line, the rows of a document one after another.

Always: a document is found again by its number; what suppliers number (bills, their credit notes) by supplier and
number.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from tieout.core import rules
from tieout.core.copying import Created, announce, copy_rows
from tieout.core.fields import DocumentFields, LineFields
from tieout.core.importing.document_columns import columns_for
from tieout.core.importing.grouped import GroupedSheet
from tieout.core.importing.reading import Row
from tieout.core.importing.sheet import Existing, Item, Parsed
from tieout.core.models import Contact, Document, DocumentLine, Product
from tieout.core.operations.credit_for_orders import use_credit
from tieout.core.operations.documents import (
    authorise_document,
    completed,
    falling_due,
    named_tax,
    replace_content,
    void_document,
)
from tieout.core.operations.goods import book_costs
from tieout.core.operations.recording import locked, one_change
from tieout.core.rules import NamedTax, Problem, Refused

HEAD = tuple(each.name for each in fields(DocumentFields) if each.name != "lines")
LINE = tuple(each.name for each in fields(LineFields))
DRAFT, AUTHORISED, VOIDED = Document.Status.values
ONE = Decimal(1)


class DocumentSheet(GroupedSheet[DocumentFields]):
    renamed = {"product": "sku", "lines": ""}
    per_contact = False
    """Whether each contact counts numbers of its own."""
    _named = NamedTax()
    """The tax rules around the portion that is being loaded."""

    def look_up(self, items: list[Item[DocumentFields]]) -> list[Item[DocumentFields]]:
        organisation = self.job.organisation
        rows = Contact.objects.filter(organisation=organisation, code__any={item.first["contact"] for item in items})
        contacts = {code: (key, term) for code, key, term in rows.values_list("code", "id", "term")}
        skus = {row.values["sku"] for item in items for row in item.rows if row.values["sku"]}
        products = Product.objects.filter(organisation=organisation, sku__any=skus).values_list("sku", "id", "name")
        ids = {sku: key for sku, key, _ in products}
        names = {key: name for _, key, name in products}
        for item in items:
            before = self.job.faults.total
            contact, term = contacts.get(item.first["contact"], (None, None))
            if contact is None:
                self.fault(
                    item.rows[0], "contact", "is not the code of a contact; import the contact first or correct it"
                )
            default = self.named(item.rows[0], "default_tax_rule", self.job.setup.tax_rule_ids, "a tax rule")
            lines = tuple(self._line(row, ids) for row in item.rows)
            if contact is not None and self.job.faults.total == before:
                entered = replace(self._fields(item.first, contact, lines), default_tax_rule_id=default)
                item.fields = falling_due(completed(rules.tidied(entered), names), term, self.job.setup)
                item.status = item.first["status"]
        found = [item for item in items if item.fields]
        self._named = named_tax(organisation.pk, [item.fields for item in found if item.fields])
        return found

    def kind_of(self, first: dict[str, Any]) -> str:
        return self.record_kind

    def _fields(self, first: dict[str, Any], contact: UUID, lines: tuple[LineFields, ...]) -> DocumentFields:
        """The columns of a kind are fields by the same name, save those that need looking up."""
        base = self.job.setup.base_currency
        currency = first["currency"] or base
        missing = ONE if currency == base else Decimal(0)  # zero is refused with the right sentence
        entered = {name: first[name] for name in HEAD if name in first}
        entered |= {
            "kind": self.kind_of(first),
            "contact_id": contact,
            "currency": currency,
            "rate": missing if first["rate"] is None else first["rate"],
        }
        return DocumentFields(**entered, lines=lines)

    def _line(self, row: Parsed, products: dict[str, UUID]) -> LineFields:
        values = row.values
        product = products.get(values["sku"])
        if values["sku"] and product is None:
            self.fault(row, "sku", "is not the SKU of a product; import the product first or correct it")
        return LineFields(
            description=values["description"],
            quantity=values["quantity"],
            unit_price=values["unit_price"],
            discount=values["discount"],
            product_id=product,
            account=values["account"],
            tax_rule_id=self.named(row, "tax_rule", self.job.setup.tax_rule_ids, "a tax rule"),
            is_charge=values["is_charge"],
            unit_cost=values["unit_cost"],
        )

    def existing(self, items: list[Item[DocumentFields]]) -> dict[Hashable, Existing[DocumentFields]]:
        numbers = {item.fields.number for item in items if item.fields}
        stored = Document.objects.filter(
            organisation=self.job.organisation, kind__in=self.kinds, number__any=numbers
        ).values_list("id", "status", "version", *HEAD)
        heads = {
            key: (status, version, dict(zip(HEAD, values, strict=True))) for key, status, version, *values in stored
        }
        lines: defaultdict[UUID, list[LineFields]] = defaultdict(list)
        found = DocumentLine.objects.filter(document__any=list(heads)).order_by("document", "position")
        for document, *values in found.values_list("document_id", *LINE) if heads else ():
            lines[document].append(LineFields(**dict(zip(LINE, values, strict=True))))
        known: dict[Hashable, Existing[DocumentFields]] = {}
        for key, (status, version, head) in heads.items():
            current = DocumentFields(**head, lines=tuple(lines[key]))
            known[self.identity(current)] = Existing(key, current, status, {"version": version})
        return known

    @property
    def kinds(self) -> tuple[str, ...]:
        """The document kinds that a file of this sort holds."""
        return (self.record_kind,)

    def identity(self, values: DocumentFields) -> Hashable:
        """What tells a document from all others of these kinds."""
        return (values.contact_id, values.number) if self.per_contact else values.number

    def _belongs(self, row: Row, group: Item[DocumentFields]) -> bool:
        first = group.rows[0].raw
        same_contact = not self.per_contact or row.cells.get("contact") in ("", None, first.get("contact"))
        return same_contact and super()._belongs(row, group)

    def _keep_unnamed(self, item: Item[DocumentFields], existing: Existing[DocumentFields]) -> None:
        """Costs that the file has no column for stay with the products that they are of; a due date that followed from
        the contact's term stays too, whatever the term is by now."""
        super()._keep_unnamed(item, existing)
        assert item.fields
        same = (item.fields.date, item.fields.contact_id) == (existing.fields.date, existing.fields.contact_id)
        if item.first.get("due_date") is None and same:
            item.fields = replace(item.fields, due_date=existing.fields.due_date)
        if "unit_cost" not in item.rows[0].raw:
            costs: defaultdict[UUID | None, deque[Decimal | None]] = defaultdict(deque)
            for line in existing.fields.lines:
                costs[line.product_id].append(line.unit_cost)
            kept = tuple(replace(line, unit_cost=_next(costs[line.product_id])) for line in item.fields.lines)
            item.fields = replace(item.fields, lines=kept)

    def key(self, item: Item[DocumentFields]) -> Hashable:
        assert item.fields
        return self.identity(item.fields)

    match = key

    def problems(self, item: Item[DocumentFields]) -> list[Problem]:
        assert item.fields
        applied = rules.applied_rules(item.fields, self._named, self.job.setup)
        problems = rules.check_document(item.fields, applied, self.job.setup, authorised=item.status != DRAFT)
        if item.status == VOIDED:
            problems.append(Problem("status", item.status, "is only for a document that Core has; leave this one out"))
        return problems

    def look_problems(self, item: Item[DocumentFields]) -> list[Problem]:
        """Problems of what was looked up for it."""
        return []

    def create(self, items: list[Item[DocumentFields]]) -> None:
        job = self.job
        heads, lines, created = [], [], []
        for item in items:
            values = item.fields
            assert values
            key = uuid4()
            applied = rules.applied_rules(values, self._named, job.setup)
            amounts, totals = rules.priced(values, applied, job.setup)
            head = (getattr(values, name) for name in HEAD)
            owner = (key, job.organisation.pk, 1, job.at, item.status)
            heads.append((*owner, totals.subtotal, totals.tax, totals.total, *head))
            for position, (line, rule, amount) in enumerate(zip(values.lines, applied, amounts, strict=True)):
                entered = (getattr(line, name) for name in LINE)
                lines.append((key, position, amount.amount, amount.tax, rule, *entered))
            created.append(Created(values.kind, key, values.number, touch=item.status == AUTHORISED))
        owner_columns = ("id", "organisation_id", "version", "changed_at", "status", "subtotal", "tax", "total")
        copy_rows("core_document", (*owner_columns, *HEAD), heads)
        copy_rows("core_documentline", ("document_id", "position", "amount", "tax", "applied_rule_id", *LINE), lines)
        announce(job.organisation.pk, job.actor, job.at, job.detail, created)
        for kind in {each.kind for each in created}:
            booked = [each.id for each in created if each.kind == kind and each.touch and each.id is not None]
            book_costs(job.organisation.pk, kind, booked, actor=job.actor, setup=job.setup, at=job.at)
            use_credit(job.organisation.pk, kind, booked, actor=job.actor, setup=job.setup)

    def change(self, item: Item[DocumentFields], existing: Existing[DocumentFields]) -> None:
        assert item.fields
        actor, found = self.job.actor, self.look_problems(item)
        with one_change(item.fields):  # the version shows that nobody has changed it since `existing` read it
            document = locked(Document, existing.id, existing.found["version"])
            replace_content(
                document, existing.fields, item.fields, self._named, self.job.setup, problems=found, actor=actor
            )
        if existing.status != item.status:
            if item.status == DRAFT:
                reason = f"cannot follow {existing.status.lower()}; a document does not become a draft again"
                raise Refused([Problem("status", item.status, reason)])
            (void_document if item.status == VOIDED else authorise_document)(document, actor=actor)


def _next(costs: deque[Decimal | None]) -> Decimal | None:
    """The cost of a product's next line; further lines have that of its last."""
    if not costs:
        return None
    return costs.popleft() if len(costs) > 1 else costs[0]


class SaleInvoiceSheet(DocumentSheet):
    record_kind = "sale_invoice"
    columns = columns_for("sale_invoice", "INV-1001", "CAFE01", "200", "15% GST on Income")


class BillSheet(DocumentSheet):
    record_kind = "bill"
    per_contact = True
    columns = columns_for("bill", "4471-B", "POTTERY", "300", "15% GST on Expenses")


class PurchaseOrderSheet(DocumentSheet):
    record_kind = "purchase_order"
    columns = columns_for("purchase_order", "PO-1001", "POTTERY", "300", "15% GST on Expenses")


class CreditNoteSheet(DocumentSheet):
    """Credit notes of both sides. Suppliers count their own, so those are told apart by their contact too."""

    record_kind = "sale_credit_note"
    per_contact = True
    columns = columns_for("credit_note", "CN-1001", "CAFE01", "200", "15% GST on Income")

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(rules.CREDITING)

    def kind_of(self, first: dict[str, Any]) -> str:
        return str(first["kind"])

    def identity(self, values: DocumentFields) -> Hashable:
        contact = values.contact_id if values.kind == "purchase_credit_note" else None
        return (values.kind, contact, values.number)

    def look_up(self, items: list[Item[DocumentFields]]) -> list[Item[DocumentFields]]:
        items = super().look_up(items)
        numbers = {item.first["credits"] for item in items if item.first["credits"]}
        stored = Document.objects.filter(organisation=self.job.organisation, number__any=numbers)
        rows = stored.values("id", "kind", "number", "contact_id", "currency")
        known = {(row["kind"], row["contact_id"], row["number"]): row for row in rows}
        for item in items:
            number, values = item.first["credits"], item.fields
            if not number or values is None:
                continue
            credited = known.get((rules.CREDITING[values.kind], values.contact_id, number))
            if credited is None:
                reason = "is not a document of this contact that can be credited; import it first or correct it"
                self.fault(item.rows[0], "credits", reason)
            else:
                item.fields, item.found = replace(values, credits_id=credited["id"]), {"credited": credited}
        return items

    def problems(self, item: Item[DocumentFields]) -> list[Problem]:
        return super().problems(item) + self.look_problems(item)

    def look_problems(self, item: Item[DocumentFields]) -> list[Problem]:
        credited = item.found.get("credited")
        return rules.check_credited(item.fields, credited) if credited and item.fields else []
