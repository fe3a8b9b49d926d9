"""Sale invoices and bills from a file: one row per line, the rows of a document one after another.

Always: what belongs to the document as a whole is on its first row; further rows may repeat it or leave it empty, but
not contradict it. A sale invoice is found again by its number, a bill by its supplier and number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from tieout.core import rules
from tieout.core.fields import DocumentFields, LineFields
from tieout.core.importing.columns import Column, as_currency, as_date, as_number, as_yes_no, one_of
from tieout.core.importing.copying import Created, announce, copy_rows
from tieout.core.importing.reading import Row
from tieout.core.importing.sheet import Existing, Item, Parsed, Sheet, ids_by
from tieout.core.models import Contact, Document, DocumentLine, Product
from tieout.core.operations.documents import authorise_document, completed, replace_content, void_document
from tieout.core.operations.recording import locked, one_change
from tieout.core.rules import Problem, Refused

HEAD = tuple(each.name for each in fields(DocumentFields) if each.name != "lines")
LINE = tuple(each.name for each in fields(LineFields))
DRAFT, AUTHORISED, VOIDED = Document.Status.values
STATUSES = one_of({"Draft": DRAFT, "Authorised": AUTHORISED, "Voided": VOIDED})
TREATMENTS = one_of(
    {"Exclusive": "Exclusive", "Inclusive": "Inclusive", "NoTax": "NoTax"}
    | {"Tax exclusive": "Exclusive", "Tax inclusive": "Inclusive"}
)
ONE = Decimal(1)


def columns_for(number: str, contact: str, account: str, tax_rule: str) -> tuple[Column, ...]:
    """The same columns for sales and purchases, with fitting examples."""
    return (
        Column("number", "All rows of a document carry it, one after another", number, True),
        Column("contact", "The contact’s code", contact, True, on_first_row=True),
        Column("date", "YYYY-MM-DD", "2026-03-31", True, as_date, None, on_first_row=True),
        Column("due_date", "YYYY-MM-DD, not before the date", "2026-04-20", True, as_date, None, on_first_row=True),
        Column("currency", "ISO code; empty: the base currency", "NZD", read=as_currency, on_first_row=True),
        Column(
            "rate",
            "Units of the currency per one unit of the base currency; empty: 1, only for the base currency",
            "0.92",
            read=as_number,
            missing=None,
            on_first_row=True,
        ),
        Column(
            "tax_treatment",
            "Exclusive, Inclusive or NoTax; empty: Exclusive",
            "Exclusive",
            read=TREATMENTS,
            missing="Exclusive",
            on_first_row=True,
        ),
        Column("channel", "Where it was sold", "Shopify", on_first_row=True),
        Column("reference", "The other side’s order number or the like", "PO 4471", on_first_row=True),
        Column(
            "status",
            "Draft, Authorised or Voided (of a document that is in Core); empty: Authorised",
            "Authorised",
            read=STATUSES,
            missing=AUTHORISED,
            on_first_row=True,
        ),
        Column("sku", "A product’s SKU; may be empty for a line without a product", "CUP-250-WHT"),
        Column("description", "Empty: the product’s name", "Stoneware cup 250 ml, white"),
        Column("quantity", "Not negative, at most 4 decimals", "24", True, as_number),
        Column(
            "unit_price", "In the document’s currency, at most 4 decimals; may be negative", "18.9", True, as_number
        ),
        Column("discount", "Percent, 0 to 100; empty: 0", "12.5", read=as_number, missing=Decimal(0)),
        Column("account", "Account code; empty: what the product or the mapping says", account),
        Column("tax_rule", "Name of a tax rule; empty: no tax", tax_rule),
        Column("is_charge", "yes for freight and other charges; empty: no", "no", read=as_yes_no, missing=False),
    )


class DocumentSheet(Sheet[DocumentFields]):
    renamed = {"product": "sku", "lines": ""}

    def items(self, rows: Iterator[Row]) -> Iterator[Item[DocumentFields]]:
        """Group the rows. A group with an unreadable row is reported and left out as a whole."""
        group: Item[DocumentFields] | None = None
        sound = True
        for row in rows:
            later = group is not None and self._belongs(row, group)
            parsed = self.parse(row, later=later)
            if not later:
                if group is not None and sound:
                    yield group
                group = Item([parsed or Parsed(row.line, {}, row.cells)])
                sound = parsed is not None
            elif parsed is None:
                sound = False
            elif group is not None:
                sound = self._agrees(parsed, group.rows[0]) and sound
                group.rows.append(parsed)
        if group is not None and sound:
            yield group

    def _belongs(self, row: Row, group: Item[DocumentFields]) -> bool:
        return row.cells.get("number") == group.rows[0].raw.get("number")

    def _agrees(self, row: Parsed, first: Parsed) -> bool:
        agrees = True
        for column in self.columns:
            if column.on_first_row and row.raw.get(column.name):
                name = column.name
                if first.values and row.values[name] != first.values[name]:
                    there = first.raw.get(name, "")
                    self.fault(row, name, f"contradicts “{there}” on line {first.line}, the document’s first row")
                    agrees = False
        return agrees

    def repeated(self, before: int) -> str:
        return f"begins on line {before} already; keep the rows of one document together"

    def look_up(self, items: list[Item[DocumentFields]]) -> list[Item[DocumentFields]]:
        organisation = self.job.organisation
        contacts = ids_by(Contact.objects, organisation, "code", {item.first["contact"] for item in items})
        skus = {row.values["sku"] for item in items for row in item.rows if row.values["sku"]}
        products = Product.objects.filter(organisation=organisation, sku__in=skus).values_list("sku", "id", "name")
        ids = {sku: key for sku, key, _ in products}
        names = {key: name for _, key, name in products}
        for item in items:
            before = self.job.faults.total
            contact = contacts.get(item.first["contact"])
            if contact is None:
                self.fault(
                    item.rows[0], "contact", "is not the code of a contact; import the contact first or correct it"
                )
            lines = tuple(self._line(row, ids) for row in item.rows)
            if contact is not None and self.job.faults.total == before:
                item.fields = completed(rules.tidied(self._fields(item.first, contact, lines)), names)
                item.status = item.first["status"]
        return [item for item in items if item.fields]

    def _fields(self, first: dict[str, Any], contact: UUID, lines: tuple[LineFields, ...]) -> DocumentFields:
        base = self.job.setup.base_currency
        currency = first["currency"] or base
        missing = ONE if currency == base else Decimal(0)  # zero is refused with the right sentence
        return DocumentFields(
            kind=self.record_kind,
            number=first["number"],
            contact_id=contact,
            date=first["date"],
            due_date=first["due_date"],
            currency=currency,
            rate=missing if first["rate"] is None else first["rate"],
            tax_treatment=first["tax_treatment"],
            channel=first["channel"],
            reference=first["reference"],
            lines=lines,
        )

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
        )

    def existing(self, items: list[Item[DocumentFields]]) -> dict[Hashable, Existing[DocumentFields]]:
        numbers = {item.fields.number for item in items if item.fields}
        stored = Document.objects.filter(
            organisation=self.job.organisation, kind=self.record_kind, number__in=numbers
        ).values_list("id", "status", "version", *HEAD)
        heads = {
            key: (status, version, dict(zip(HEAD, values, strict=True))) for key, status, version, *values in stored
        }
        lines: defaultdict[UUID, list[LineFields]] = defaultdict(list)
        found = DocumentLine.objects.filter(document__in=list(heads)).order_by("document", "position")
        for document, *values in found.values_list("document_id", *LINE) if heads else ():
            lines[document].append(LineFields(**dict(zip(LINE, values, strict=True))))
        known: dict[Hashable, Existing[DocumentFields]] = {}
        for key, (status, version, head) in heads.items():
            current = DocumentFields(**head, lines=tuple(lines[key]))
            known[self.identity(current)] = Existing(key, current, status, {"version": version})
        return known

    def identity(self, values: DocumentFields) -> Hashable:
        """What tells a document from all others of its kind."""
        return values.number

    def key(self, item: Item[DocumentFields]) -> Hashable:
        assert item.fields
        return self.identity(item.fields)

    match = key

    def problems(self, item: Item[DocumentFields]) -> list[Problem]:
        assert item.fields
        problems = rules.check_document(item.fields, self.job.setup, authorised=item.status != DRAFT)
        if item.status == VOIDED:
            problems.append(Problem("status", item.status, "is only for a document that Core has; leave this one out"))
        return problems

    def create(self, items: list[Item[DocumentFields]]) -> None:
        job = self.job
        heads, lines, created = [], [], []
        for item in items:
            values = item.fields
            assert values
            key = uuid4()
            amounts, totals = rules.priced(values, job.setup)
            head = (getattr(values, name) for name in HEAD)
            owner = (key, job.organisation.pk, 1, job.at, item.status)
            heads.append((*owner, totals.subtotal, totals.tax, totals.total, *head))
            for position, (line, amount) in enumerate(zip(values.lines, amounts, strict=True)):
                entered = (getattr(line, name) for name in LINE)
                lines.append((key, position, amount.amount, amount.tax, *entered))
            created.append(Created(values.kind, key, values.number, touch=item.status == AUTHORISED))
        owner_columns = ("id", "organisation_id", "version", "changed_at", "status", "subtotal", "tax", "total")
        copy_rows("core_document", (*owner_columns, *HEAD), heads)
        copy_rows("core_documentline", ("document_id", "position", "amount", "tax", *LINE), lines)
        announce(job.organisation.pk, job.actor, job.at, job.detail, created)

    def change(self, item: Item[DocumentFields], existing: Existing[DocumentFields]) -> None:
        assert item.fields
        actor = self.job.actor
        with one_change(item.fields):  # the version shows that nobody has changed it since `existing` read it
            document = locked(Document, existing.id, existing.found["version"])
            replace_content(document, existing.fields, item.fields, self.job.setup, problems=[], actor=actor)
        if existing.status != item.status:
            if item.status == DRAFT:
                reason = f"cannot follow {existing.status.lower()}; a document does not become a draft again"
                raise Refused([Problem("status", item.status, reason)])
            (void_document if item.status == VOIDED else authorise_document)(document, actor=actor)


class SaleInvoiceSheet(DocumentSheet):
    record_kind = "sale_invoice"
    columns = columns_for("INV-1001", "CAFE01", "200", "15% GST on Income")


class BillSheet(DocumentSheet):
    record_kind = "bill"
    columns = columns_for("4471-B", "POTTERY", "300", "15% GST on Expenses")

    def _belongs(self, row: Row, group: Item[DocumentFields]) -> bool:
        first = group.rows[0].raw
        same_contact = row.cells.get("contact") in ("", None, first.get("contact"))
        return same_contact and super()._belongs(row, group)

    def identity(self, values: DocumentFields) -> Hashable:
        return (values.contact_id, values.number)
