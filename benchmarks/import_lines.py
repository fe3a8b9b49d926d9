"""How fast a file of sale invoices is imported, against creating the same records one by one through Django.

In: how many lines. Out: seconds and peak memory of importing 50,000 invoice lines, of importing the same file again, of
as many lines that were shipped at a cost (each invoice gets a cost-of-goods journal then), and the ratio to a plain
`create()` per row, measured on 2,000 lines in the same run and scaled.
"""

from __future__ import annotations

import resource
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.setting import database

PER_INVOICE = 5 / 2
BASELINE = 2_000


def main(lines: int = 50_000) -> None:
    with database(), tempfile.TemporaryDirectory() as folder:
        from tieout.core.importing import import_file

        organisation = _company()
        path, shipped = Path(folder) / "invoices.csv", Path(folder) / "shipped.csv"
        write_invoices(path, lines)
        write_invoices(shipped, lines, shipped=True)
        print(f"file        {lines:,} lines, {path.stat().st_size / 1e6:.1f} MB")
        seconds = []
        for name, each in (("import", path), ("again", path), ("with costs", shipped)):
            result = import_file(organisation, "sale-invoices", each, actor="bench")
            seconds.append(result.seconds)
            print(f"{name:<11} {result.seconds:.2f} s, {result.rows / result.seconds:,.0f} lines/s, {result}")
        print(f"memory      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")
        baseline = _one_by_one(organisation) * lines / BASELINE
        print(f"create()    {baseline:.1f} s, scaled from {BASELINE:,} lines, one row at a time")
        print(f"ratio       {baseline / seconds[0]:.1f} times as fast")


def _company() -> Any:
    from tieout.core import operations
    from tieout.core.fields import ContactFields, OrganisationFields, ProductFields, TaxRuleFields

    fields = OrganisationFields(slug="bench", name="Bench", base_currency="NZD")
    organisation = operations.create_organisation(fields, actor="bench")
    rule = TaxRuleFields(name="15% GST on Income", rate=Decimal(15))
    operations.create_tax_rule(organisation, rule, actor="bench")
    for index in range(200):
        contact = ContactFields(code=f"C{index}", name=f"Customer {index}", is_customer=True)
        operations.create_contact(organisation, contact, actor="bench")
        product = ProductFields(sku=f"P{index}", name=f"Product {index}")
        operations.create_product(organisation, product, actor="bench")
    return organisation


def _one_by_one(organisation: Any) -> float:
    """Seconds for BASELINE lines, as a script would store them."""
    from django.db import transaction

    from tieout.core.models import Contact, Document, DocumentLine

    customer = Contact.objects.filter(organisation=organisation).first()
    began = time.perf_counter()
    with transaction.atomic():
        for index in range(int(BASELINE / PER_INVOICE)):
            document = Document.objects.create(
                organisation=organisation,
                kind="sale_invoice",
                number=f"B{index}",
                contact=customer,
                date=date(2026, 1, 1),
                due_date=date(2026, 1, 31),
                currency="NZD",
            )
            for position in range(2 + index % 2):
                DocumentLine.objects.create(
                    document=document,
                    position=position,
                    description="x",
                    quantity=Decimal(1),
                    unit_price=Decimal(1),
                )
    return time.perf_counter() - began


def write_invoices(path: Path, lines: int, *, shipped: bool = False) -> None:
    """A file of that many lines; `shipped`: of other invoices, which left on their day at a known cost."""
    prefix, more = ("SHP", ",shipped_on,unit_cost") if shipped else ("INV", "")
    header = "number,contact,date,due_date,currency,tax_treatment,channel,reference,sku,description,quantity,unit_price"
    written = invoice = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{header},discount,account,tax_rule{more}\n")
        while written < lines:
            day = date(2026, 1, 1) + timedelta(days=invoice % 300)
            due = day + timedelta(days=20)
            head = f"{prefix}-{invoice},C{invoice % 200},{day},{due},NZD,Exclusive,Shopify,PO {invoice}"
            for line in range(min(2 + invoice % 2, lines - written)):
                price = f"{(invoice * 7 + line) % 900 / 100 + 1:.4f}"
                sku = f"P{(invoice + line) % 200}"
                tail = f"{invoice % 4 * 5},200,15% GST on Income" + (f",{day},{price}" if shipped else "")
                file.write(f"{head},{sku},A thing {line},{1 + line},{price},{tail}\n")
                written += 1
            invoice += 1
