"""How the demo company is written down: its documents on their way to CSV files.

In: documents and rows. Out: cells and files in the importer's columns. Always: one row per line; what belongs to the
document stands on its first row only.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tieout.core import money
from tieout.core.importing import columns_of

INCOME, EXPENSES, ZERO_RATED, NO_GST = "15% GST on Income", "15% GST on Expenses", "Zero Rated", "No GST"
TAX_RATES = {INCOME: Decimal(15), EXPENSES: Decimal(15), ZERO_RATED: Decimal(0), NO_GST: Decimal(0)}
TYPICAL_RATES = {"NZD": Decimal(1), "AUD": Decimal("0.9150"), "USD": Decimal("0.5870")}
BANK, SALES, OTHER_REVENUE, PURCHASES, FREIGHT = "090", "200", "260", "300", "425"
SPAN = 150

Cells = dict[str, Any]


@dataclass(slots=True)
class Written:
    """A document on its way to the file. `total` is in `currency`, `day` its date; `due`: when it falls due or arrives;
    `more` holds further cells of its first row."""

    number: str
    contact: str
    currency: str
    rate: Decimal
    day: date
    due: date
    treatment: str
    channel: str
    status: str = "Authorised"
    more: Cells = field(default_factory=dict)
    lines: list[Cells] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        lines = [
            money.line(
                Decimal(each["quantity"]),
                Decimal(each["unit_price"]),
                Decimal(each["discount"]),
                TAX_RATES[each["tax_rule"]],
                self.treatment,
            )
            for each in self.lines
        ]
        return money.totals(lines, self.treatment).total


def line(
    sku: str,
    description: str,
    quantity: str,
    unit_price: str,
    *,
    account: str,
    tax_rule: str,
    discount: str = "0",
    is_charge: bool = False,
) -> Cells:
    return {
        "sku": sku,
        "description": description,
        "quantity": quantity,
        "unit_price": unit_price,
        "discount": discount,
        "account": account,
        "tax_rule": tax_rule,
        "is_charge": "yes" if is_charge else "",
    }


def rows_of(documents: list[Written], due: str = "due_date") -> Iterable[Cells]:
    """One row per line; what belongs to the document stands on its first row only."""
    for document in documents:
        head: Cells = {
            "contact": document.contact,
            "date": document.day,
            "currency": document.currency,
            "rate": document.rate,
            "tax_treatment": document.treatment,
            "channel": document.channel,
            "reference": f"{document.channel} order" if document.channel else "",
            "status": document.status,
        } | document.more
        if due:
            head[due] = document.due
        for line in document.lines:
            yield {"number": document.number, **head, **line}
            head = {"contact": document.contact}


def write_rows(path: Path, kind: str, rows: Iterable[Cells]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in columns_of(kind)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
