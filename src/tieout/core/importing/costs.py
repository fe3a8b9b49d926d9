"""Costs from a file: what goods turned out to cost after they were sold.

In: per row a sale, a product on it and what one unit cost. Out: the costs of the lines that sold that product. Always:
a cost that was booked is corrected by a journal of its own (`operations.goods`), in a locked period too; nothing else
of the sale changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from tieout.core import rules
from tieout.core.importing.columns import Column, as_date, as_number, one_of
from tieout.core.importing.grouped import GroupedSheet
from tieout.core.importing.sheet import Existing, Item
from tieout.core.models import Document, DocumentLine
from tieout.core.operations.goods import SHIPPED_KINDS, change_costs_of
from tieout.core.operations.recording import locked, one_change
from tieout.core.rules import Problem

KINDS = {"Sale invoice": "sale_invoice", "Sale credit note": "sale_credit_note"}


@dataclass(frozen=True, slots=True)
class Costs:
    """The unit costs of a document's lines, by position from 0. `date`: the day on which they changed."""

    kind: str
    number: str
    date: date
    unit_costs: tuple[tuple[int, Decimal | None], ...]


class CostSheet(GroupedSheet[Costs]):
    record_kind = "sale_invoice"
    columns = (
        Column("number", "The document’s number; all its rows one after another", "INV-1001", True),
        Column(
            "kind",
            "Sale invoice or Sale credit note; empty: Sale invoice",
            "Sale invoice",
            read=one_of(KINDS),
            missing="sale_invoice",
            on_first_row=True,
        ),
        Column("sku", "A product on the document; all its lines get the cost", "CUP-250-WHT", True),
        Column("unit_cost", "What one unit cost, in base currency, at most 4 decimals", "7.6", True, as_number),
        Column(
            "date",
            "YYYY-MM-DD, the day of the change; empty: today",
            "2026-05-20",
            read=as_date,
            missing=None,
            on_first_row=True,
        ),
    )

    def key(self, item: Item[Costs]) -> Hashable:
        return (item.first["kind"], item.first["number"])

    match = key

    def look_up(self, items: list[Item[Costs]]) -> list[Item[Costs]]:
        numbers = {item.first["number"] for item in items}
        stored = Document.objects.filter(
            organisation=self.job.organisation, kind__in=SHIPPED_KINDS, number__any=numbers
        ).values_list("kind", "number", "pk", "version")
        documents = {(kind, number): key for kind, number, key, _ in stored}
        versions = {key: version for _, _, key, version in stored}
        lines: defaultdict[tuple[UUID, str], list[tuple[int, Decimal | None]]] = defaultdict(list)
        sold = DocumentLine.objects.filter(document__any=list(documents.values()), product__isnull=False)
        for key, position, sku, cost in sold.values_list("document", "position", "product__sku", "unit_cost"):
            lines[key, sku].append((position, cost))
        for item in items:
            document = documents.get((item.first["kind"], item.first["number"]))
            if document is None:
                self.fault(item.rows[0], "number", "is not a sale of this kind; import it first or correct the number")
            else:
                item.found["version"] = versions[document]
                self._costs_of(item, document, lines)
        return [item for item in items if item.fields]

    def _costs_of(
        self, item: Item[Costs], document: UUID, lines: dict[tuple[UUID, str], list[tuple[int, Decimal | None]]]
    ) -> None:
        before = self.job.faults.total
        current: dict[int, Decimal | None] = {}
        wanted: dict[int, Decimal | None] = {}
        for index, row in enumerate(item.rows):
            self.accept(item, rules.check_unit_cost(row.values["unit_cost"], index))
            found = lines.get((document, row.values["sku"]), [])
            if not found:
                self.fault(row, "sku", "is on no line of this document; correct the SKU or the number")
            elif found[0][0] in wanted:
                self.fault(row, "sku", "has a cost on an earlier row of this document; keep one of the two rows")
            current |= dict(found)
            wanted |= {position: row.values["unit_cost"] for position, _ in found}
        if self.job.faults.total == before:
            day = item.first["date"] or timezone.localdate(self.job.at)
            fields = Costs(item.first["kind"], item.first["number"], day, tuple(wanted.items()))
            item.fields = fields
            item.found |= {"document": document, "costs": tuple(current.items())}

    def existing(self, items: list[Item[Costs]]) -> dict[Hashable, Existing[Costs]]:
        return {
            self.match(item): Existing(item.found["document"], replace(item.fields, unit_costs=item.found["costs"]))
            for item in items
            if item.fields
        }

    def problems(self, item: Item[Costs]) -> list[Problem]:
        return [Problem("number", item.first["number"], "is not a sale")]  # never asked: all belong to one

    def create(self, items: list[Item[Costs]]) -> None:
        """Nothing: costs are of documents that are there."""

    def change(self, item: Item[Costs], existing: Existing[Costs]) -> None:
        assert item.fields
        costs = dict(item.fields.unit_costs)
        with one_change(item.fields):  # the version shows that the lines still stand where they were looked up
            document = locked(Document, existing.id, item.found["version"])
            change_costs_of(document, costs, on=item.fields.date, actor=self.job.actor, setup=self.job.setup)
