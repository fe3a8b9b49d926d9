"""Northwind, the classic sample trading company, as files that `tieout import` reads.

In: a folder with Northwind's tables as CSV (customers, suppliers, products, orders, order_details). Out: contacts.csv,
products.csv, sale-invoices.csv and payments.csv in another folder. Always: one sale invoice per order, in USD, without
tax; a discount becomes a percentage; freight becomes an additional charge; an order that was shipped is paid in full.

    python examples/northwind/convert.py PATH/TO/northwind OUT
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tieout.core import money

Cells = Mapping[str, object]
SALES, PURCHASES, BANK = "200", "300", "090"


def convert(source: Path, target: Path) -> dict[str, int]:
    """Write the four files; returns how many rows each holds."""
    lines: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for line in _table(source, "order_details"):
        lines[line["order_id"]].append(line)
    orders = list(_table(source, "orders"))
    target.mkdir(parents=True, exist_ok=True)
    return {
        "contacts": _write(target / "contacts.csv", _contacts(source)),
        "products": _write(target / "products.csv", map(_product, _table(source, "products"))),
        "sale-invoices": _write(target / "sale-invoices.csv", _invoices(orders, lines)),
        "payments": _write(target / "payments.csv", _payments(orders, lines)),
    }


def _contacts(source: Path) -> Iterator[Cells]:
    """Customers keep their letters and suppliers their numbers as codes, so the two cannot meet."""
    for row in _table(source, "customers"):
        yield {"code": row["customer_id"], "type": "Customer", **_contact(row), "sale_account": SALES}
    for row in _table(source, "suppliers"):
        yield {"code": row["supplier_id"], "type": "Supplier", **_contact(row), "sale_account": ""}


def _contact(row: Mapping[str, str]) -> Cells:
    first, _, last = row["contact_name"].partition(" ")
    return {
        "name": row["company_name"],
        "first_name": first,
        "last_name": last,
        "phone": row["phone"],
        "fax": row["fax"],
        "address_line1": row["address"],
        "city": row["city"],
        "region": row["region"],
        "postal_code": row["postal_code"],
        "country": row["country"],
        "currency": "USD",
    }


def _product(row: Mapping[str, str]) -> Cells:
    return {
        "sku": _sku(row["product_id"]),
        "name": row["product_name"],
        "description": f"{row['product_name']}, {row['quantity_per_unit']}",
        "status": "Deprecated" if row["discontinued"] == "1" else "Active",
        "sale_price": row["unit_price"],
        "sale_account": SALES,
        "purchase_account": PURCHASES,
    }


def _invoices(orders: Iterable[Mapping[str, str]], lines: Mapping[str, list[dict[str, str]]]) -> Iterator[Cells]:
    for order in orders:
        day = date.fromisoformat(order["order_date"])
        required = date.fromisoformat(order["required_date"]) if order["required_date"] else None
        due = required if required is not None and required >= day else day + timedelta(days=30)
        head = {
            "number": _number(order),
            "contact": order["customer_id"],
            "date": day,
            "due_date": due,
            "currency": "USD",
            "tax_treatment": "NoTax",
            "reference": f"Order {order['order_id']}",
        }
        for line in lines[order["order_id"]]:
            yield {
                **head,
                "sku": _sku(line["product_id"]),
                "description": "",
                "quantity": line["quantity"],
                "unit_price": line["unit_price"],
                "discount": _percent(line),
                "account": SALES,
                "is_charge": "no",
            }
        if Decimal(order["freight"]):
            freight = {"quantity": "1", "unit_price": order["freight"], "discount": "0"}
            yield {**head, "sku": "", "description": "Freight", **freight, "account": SALES, "is_charge": "yes"}


def _payments(orders: Iterable[Mapping[str, str]], lines: Mapping[str, list[dict[str, str]]]) -> Iterator[Cells]:
    for order in orders:
        if order["shipped_date"]:
            goods = sum((_amount(line) for line in lines[order["order_id"]]), Decimal(0))
            yield {
                "number": f"PAY-{order['order_id']}",
                "document": _number(order),
                "account": BANK,
                "date": max(order["shipped_date"], order["order_date"]),
                "amount": goods + money.to_cents(Decimal(order["freight"])),
                "reference": f"Order {order['order_id']}",
            }


def _amount(line: Mapping[str, str]) -> Decimal:
    return money.line_amount(Decimal(line["quantity"]), Decimal(line["unit_price"]), _percent(line))


def _percent(line: Mapping[str, str]) -> Decimal:
    return Decimal(line["discount"]) * 100


def _number(order: Mapping[str, str]) -> str:
    return f"NW-{order['order_id']}"


def _sku(product_id: str) -> str:
    return f"NW-{product_id}"


def _table(source: Path, name: str) -> Iterator[dict[str, str]]:
    with (source / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _write(path: Path, rows: Iterable[Cells]) -> int:
    table = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    return len(table)


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("Usage: python examples/northwind/convert.py PATH/TO/northwind OUT", file=sys.stderr)
        return 2
    source, target = map(Path, arguments)
    if not (source / "orders.csv").is_file():
        print(f"{source} holds no orders.csv; name the folder with Northwind's tables as CSV.", file=sys.stderr)
        return 2
    for name, rows in convert(source, target).items():
        print(f"{target / name}.csv: {rows:,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
