"""How fast a file of sale invoices is imported, against creating the same records one by one through Django.

In: nothing (a fresh organisation in the database of the settings, removed at the end). Out: seconds and peak memory of
importing 50,000 invoice lines, of importing the same file again, and the ratio to a plain `create()` per row, measured
on 2,000 lines in the same run and scaled. Run it with `python benchmarks/import_lines.py [LINES]`.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
import uuid
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tieout.settings")

LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
PER_INVOICE = 5 / 2
BASELINE = 2_000


def main() -> None:
    import django

    django.setup()
    from django.db import transaction

    from tieout.core.fields import ContactFields, OrganisationFields, ProductFields, TaxRuleFields
    from tieout.core.importing import import_file
    from tieout.core.models import Contact, Document, DocumentLine
    from tieout.core.operations import create_contact, create_organisation, create_product, create_tax_rule

    slug = f"bench-{uuid.uuid4().hex[:8]}"
    organisation = create_organisation(OrganisationFields(slug=slug, name="Bench", base_currency="NZD"), actor="bench")
    create_tax_rule(organisation, TaxRuleFields(name="15% GST on Income", rate=Decimal(15)), actor="bench")
    for index in range(200):
        contact = ContactFields(code=f"C{index}", name=f"Customer {index}", is_customer=True)
        create_contact(organisation, contact, actor="bench")
        create_product(organisation, ProductFields(sku=f"P{index}", name=f"Product {index}"), actor="bench")
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "invoices.csv"
            write_invoices(path, LINES)
            print(f"{LINES:,} lines, {path.stat().st_size / 1e6:.1f} MB")
            for name in ("import", "import again"):
                result = import_file(organisation, "sale-invoices", path, actor="bench")
                print(f"{name}: {result.seconds:.2f} s, {result.rows / result.seconds:,.0f} lines/s, {result}")
                if name == "import":
                    imported = result.seconds
        print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        customer = Contact.objects.filter(organisation=organisation).first()
        with transaction.atomic():
            began = time.perf_counter()
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
            baseline = (time.perf_counter() - began) * LINES / BASELINE
        print(f"plain create() per row, {BASELINE:,} lines scaled: {baseline:.1f} s; ratio {baseline / imported:.1f}")
    finally:
        remove(organisation)


def write_invoices(path: Path, lines: int) -> None:
    header = (
        "number,contact,date,due_date,currency,tax_treatment,channel,reference,sku,description,quantity,unit_price,"
    )
    written = invoice = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(header + "discount,account,tax_rule\n")
        while written < lines:
            day = date(2026, 1, 1) + timedelta(days=invoice % 300)
            head = f"INV-{invoice},C{invoice % 200},{day},{day + timedelta(days=20)},NZD,Exclusive,Shopify,PO {invoice}"
            for line in range(min(2 + invoice % 2, lines - written)):
                price = f"{(invoice * 7 + line) % 900 / 100 + 1:.4f}"
                sku = f"P{(invoice + line) % 200}"
                file.write(f"{head},{sku},A thing {line},{1 + line},{price},{invoice % 4 * 5},200,15% GST on Income\n")
                written += 1
            invoice += 1


def remove(organisation: object) -> None:
    from django.db import connection

    key = organisation.pk  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from core_documentline where document_id in"
            " (select id from core_document where organisation_id = %s)",
            [key],
        )
        tables = ("core_document", "core_contact", "core_product", "core_taxrule", "core_touch", "people_event")
        for table in tables:
            cursor.execute(f"delete from {table} where organisation_id = %s", [key])
        cursor.execute("delete from core_organisation where id = %s", [key])


if __name__ == "__main__":
    main()
