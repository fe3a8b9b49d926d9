"""Products that wait to be set up, in the columns of the products file: to be completed in a spreadsheet and read back.

In: an organisation. Out: columns and rows. Always: what the import of products takes, so that a row that nobody touched
changes nothing; the tax rules by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F, QuerySet

from tieout.core.models import Organisation, Product
from tieout.reports.synchronization import Column

NAMES = (
    "sku", "name", "status", "type", "sale_price", "purchase_price", "sale_account", "purchase_account",
    "sale_tax_rule", "purchase_tax_rule", "category", "brand", "family", "cost_account", "inventory_account",
)  # fmt: skip
COLUMNS = tuple(Column(name, name) for name in NAMES)
_TAX = ("sale_tax_rule", "purchase_tax_rule")


class Row:
    """One product; its values as attributes."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


def waiting(organisation: Organisation) -> QuerySet[Product]:
    return Product.objects.filter(organisation=organisation, status=Product.Status.SET_UP_REQUIRED)


def rows(organisation: Organisation) -> Iterator[Row]:
    found = waiting(organisation).annotate(sale_tax=F("sale_tax_rule__name"), purchase_tax=F("purchase_tax_rule__name"))
    for product in found.order_by("sku").iterator():
        values = {name: getattr(product, name) for name in NAMES if name not in _TAX}
        values |= {
            "status": product.get_status_display(),
            "type": product.get_type_display(),
            "sale_tax_rule": product.sale_tax,
            "purchase_tax_rule": product.purchase_tax,
        }
        yield Row(values)
