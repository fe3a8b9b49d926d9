"""The demo company's other records: credit, deposits, orders, journals, bank entries and files.

In: the company's sales and bills and who paid what. Out: rows per kind of file, and what no file holds (`finish`).
Always: the same seed gives the same rows; each is sound in Core and can stand in Xero; amounts are in New Zealand
dollars.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tieout.core import money, operations
from tieout.core.fields import AttachmentFields
from tieout.core.models import Document, Organisation
from tieout.embedded import company_words as words
from tieout.embedded.company_files import (
    BANK,
    EXPENSES,
    NO_GST,
    PURCHASES,
    Cells,
    Written,
    line,
    rows_of,
)

SAVINGS, COST, STOCK, BANK_FEES, INTEREST = "091", "310", "640", "404", "270"
MONTH = timedelta(days=30)
MOST_SHIPPED = 60
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"


@dataclass(slots=True)
class Rest:
    """Rows per kind of file, the numbers of its records, and which sales carry a file."""

    files: dict[str, list[Cells]] = field(default_factory=dict)
    payments: list[Cells] = field(default_factory=list)
    with_files: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many records each file holds; a supplier's own numbers count with the supplier."""
        return {kind: len({(row["number"], row.get("kind", "")) for row in rows}) for kind, rows in self.files.items()}


def rest_of(
    chance: random.Random,
    today: date,
    sales: Sequence[Written],
    bills: Sequence[Written],
    *,
    paid: Mapping[str, Decimal],
    products: Sequence[Cells],
) -> Rest:
    """The other records of a company. `paid` is by payment number (PAY-… of sales, OUT-… of bills)."""
    unpaid = [each for each in sales[8:] if each.currency == "NZD" and f"PAY-{each.number}" not in paid]
    settled = [each for each in sales[8:] if each.currency == "NZD" and paid.get(f"PAY-{each.number}") == each.total]
    owed = [
        bill
        for index, bill in enumerate(bills)
        if bill.currency == "NZD" and f"OUT-{index + 1:05}" not in paid and bill.contact != "FREIGHT"
    ]
    writer = _Rest(chance, today, Rest())
    writer.ship(sales[8:], products)
    writer.credit(unpaid[:3], settled[:2], owed[:1])
    writer.deposits(unpaid[3:5], owed[1:2], products)
    writer.overpay(unpaid[5:6])
    writer.ledger()
    writer.rest.with_files = tuple(each.number for each in unpaid[:2])
    return writer.rest


def finish(organisation: Organisation, rest: Rest, *, actor: str) -> None:
    """What no file holds: two attachments."""
    names = ("delivery note.pdf", "packing list.csv")
    contents = (PDF, b"sku,quantity\nESP-SET-6,2\n")
    for number, name, content in zip(rest.with_files, names, contents, strict=False):
        invoice = Document.objects.get(organisation=organisation, kind="sale_invoice", number=number)
        entered = AttachmentFields(target_kind="sale_invoice", target_id=invoice.pk, file_name=name, online=True)
        operations.attach(organisation, entered, content, actor=actor)


class _Rest:
    def __init__(self, chance: random.Random, today: date, rest: Rest) -> None:
        self.chance = chance
        self.today = today
        self.rest = rest

    def ship(self, sales: Iterable[Written], products: Sequence[Cells]) -> None:
        """Goods that left in the last month: when, from where, who sold them and what they cost."""
        costs = {product["sku"]: product["purchase_price"] for product in products}
        recent = [each for each in sales if each.day > self.today - MONTH]
        for sale in recent[:MOST_SHIPPED]:
            sale.more = {
                "shipped_on": sale.day,
                "location": self.chance.choice(("Auckland", "Nelson")),
                "sales_rep": self.chance.choice(words.PEOPLE),
            }
            for each in sale.lines:
                if each["sku"]:
                    each["unit_cost"] = costs[each["sku"]]

    def credit(self, unpaid: Sequence[Written], settled: Sequence[Written], owed: Sequence[Written]) -> None:
        """Credit notes: used on the document they credit, or refunded where that was paid."""
        notes, uses = [], []
        for number, document in enumerate([*unpaid, *settled, *owed], 1):
            note = self._note(document, f"CN-{2000 + number}", "Purchase" if document in owed else "Sale")
            notes.append(note)
            kind = f"{note.more['kind']} credit note"
            if document in settled:
                self.rest.payments.append(self._refund(note, kind))
            else:
                uses.append(self._use(f"AL-{2000 + number}", kind, note.number, document, note.total))
        self.rest.files["credit-notes"] = list(rows_of(notes, due=""))
        self.rest.files["allocations"] = uses

    def _note(self, document: Written, number: str, kind: str) -> Written:
        """One unit of the first line comes back."""
        first = document.lines[0]
        note = Written(
            number=number,
            contact=document.contact,
            currency=document.currency,
            rate=document.rate,
            day=min(document.day + timedelta(days=2), self.today),
            due=document.day,
            treatment=document.treatment,
            channel=document.channel,
            more={"kind": kind, "credits": document.number},
        )
        note.lines.append(first | {"quantity": "1", "description": f"Returned: {first['description']}"})
        note.lines[0].pop("unit_cost", None)
        return note

    def _refund(self, note: Written, kind: str) -> Cells:
        return {
            "number": f"REF-{note.number}",
            "document_kind": kind,
            "document": note.number,
            "account": BANK,
            "date": note.day,
            "amount": note.total,
            "reference": f"Refund {note.number}",
        }

    def _use(self, number: str, kind: str, source: str, document: Written, amount: Decimal) -> Cells:
        return {
            "number": number,
            "source_kind": kind,
            "source": source,
            "document": document.number,
            "contact": document.contact,
            "date": min(document.day + timedelta(days=2), self.today),
            "amount": amount,
        }

    def deposits(self, unpaid: Sequence[Written], owed: Sequence[Written], products: Sequence[Cells]) -> None:
        """Customers who paid ahead, a deposit with a supplier, and the orders it was for."""
        rows = []
        for number, sale in enumerate(unpaid, 1):
            half = money.to_cents(sale.total / 2)
            rows.append(self._deposit(f"PRE-{100 + number}", "Customer credit", sale, half))
            use = self._use(f"AL-{2100 + number}", "Customer credit", f"PRE-{100 + number}", sale, half)
            self.rest.files["allocations"].append(use)
        orders = [self._order(number, products) for number in range(1, 5)]
        for bill in owed:
            orders[0].contact = bill.contact
            quarter = money.to_cents(bill.total / 4)
            rows.append(self._deposit("SUP-101", "Supplier deposit", bill, quarter) | {"document": orders[0].number})
            self.rest.files["allocations"].append(
                self._use("AL-2201", "Supplier deposit", "SUP-101", bill, money.to_cents(quarter / 2))
            )
        self.rest.files["deposits"] = rows
        self.rest.files["purchase-orders"] = list(rows_of(orders, due="delivery_date"))

    def _deposit(self, number: str, kind: str, document: Written, amount: Decimal) -> Cells:
        return {
            "number": number,
            "kind": kind,
            "contact": document.contact,
            "document": document.number,
            "account": BANK,
            "date": document.day - timedelta(days=3),
            "amount": amount,
            "reference": f"Ahead of {document.number}",
        }

    def _order(self, number: int, products: Sequence[Cells]) -> Written:
        supplier = words.SUPPLIERS[number]
        day = self.today - timedelta(days=self.chance.randrange(2, 20))
        order = Written(f"PO-{3000 + number}", supplier[0], "NZD", Decimal(1), day, day + MONTH, "Exclusive", "")
        for product in self.chance.sample(list(products), 2):
            price = str(product["purchase_price"])
            order.lines.append(line(product["sku"], product["name"], "24", price, account=PURCHASES, tax_rule=EXPENSES))
        return order

    def overpay(self, unpaid: Sequence[Written]) -> None:
        """A customer who rounds up: what is above the invoice becomes credit."""
        for sale in unpaid:
            self.rest.payments.append(
                {
                    "number": f"PAY-{sale.number}",
                    "document_kind": "Sale invoice",
                    "document": sale.number,
                    "account": BANK,
                    "date": min(sale.day + timedelta(days=9), self.today),
                    "amount": sale.total + Decimal("50.00"),
                    "reference": "Rounded up",
                }
            )

    def ledger(self) -> None:
        """A stock count by hand, and what the bank did."""
        end = self.today.replace(day=1) - timedelta(days=1)
        counted = {"number": "JR-0001", "date": end, "narration": f"Stock count of {end:%B %Y}"}
        self.rest.files["journals"] = [
            counted | {"account": STOCK, "credit": "186.40", "description": "Cups broken"},
            {"number": "JR-0001", "account": COST, "debit": "186.40", "tracking": "location=Auckland"},
        ]
        head = {"account": BANK, "date": end, "tax_treatment": "Inclusive"}
        fee = {"description": "Account and card fees", "unit_price": "38.50", "line_account": BANK_FEES}
        interest = {"description": "Interest", "unit_price": "12.75", "line_account": INTEREST}
        self.rest.files["money-tasks"] = [
            {"number": "MT-0001", "type": "Spend", "contact": "PACK", **head, **fee, "tax_rule": NO_GST},
            {"number": "MT-0002", "type": "Receive", "contact": "PACK", **head, **interest, "tax_rule": NO_GST},
            {"number": "MT-0003", "type": "Transfer", **head, "to_account": SAVINGS, "amount": "1000.00"},
        ]
