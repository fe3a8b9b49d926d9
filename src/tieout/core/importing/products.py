"""Products from a file, found again by their SKU."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import astuple, fields
from uuid import uuid4

from tieout.core import rules
from tieout.core.copying import Created, announce, copy_rows
from tieout.core.fields import ProductFields
from tieout.core.importing.columns import Column, as_kept_text, as_number, as_yes_no, attributes_column, one_of
from tieout.core.importing.sheet import Existing, Item, Sheet
from tieout.core.models import Product
from tieout.core.operations.products import store_product
from tieout.core.operations.recording import refuse_if
from tieout.core.rules import Problem
from tieout.people.models import Action

NAMES = tuple(each.name for each in fields(ProductFields))
SAME = tuple(name for name in NAMES if name not in ("sale_tax_rule_id", "purchase_tax_rule_id"))


class ProductSheet(Sheet[ProductFields]):
    record_kind = "product"
    columns = (
        Column(
            "sku", "The product’s code; a row with a known SKU changes that product", "CUP-250-WHT", True, as_kept_text
        ),
        Column("name", "No < or >", "Stoneware cup 250 ml, white", True, as_kept_text),
        Column("description", "On sales documents; empty: the name", "Stoneware cup, glazed, 250 ml"),
        Column("purchase_description", "On purchase documents", "Cup 250 white"),
        Column(
            "status",
            "Active, Deprecated or Set Up Required; empty: Active",
            "Active",
            read=one_of({"Active": "ACTIVE", "Deprecated": "DEPRECATED", "Set Up Required": "SET_UP_REQUIRED"}),
            missing="ACTIVE",
        ),
        Column(
            "type",
            "Stock, Service or Non-inventory; empty: Stock",
            "Stock",
            read=one_of({"Stock": "STOCK", "Service": "SERVICE", "Non-inventory": "NON_INVENTORY"}),
            missing="STOCK",
        ),
        Column("sale_price", "In base currency, at most 4 decimals", "18.90", read=as_number, missing=None),
        Column("purchase_price", "In base currency, at most 4 decimals", "7.4125", read=as_number, missing=None),
        Column("sale_account", "Account code for sales", "200"),
        Column("purchase_account", "Account code for purchases", "300"),
        Column("sale_tax_rule", "Name of the tax rule for sales", "15% GST on Income"),
        Column("purchase_tax_rule", "Name of the tax rule for purchases", "15% GST on Expenses"),
        Column("category", "", "Cups", read=as_kept_text),
        Column("brand", "", "Kiln & Co", read=as_kept_text),
        Column("family", "", "Stoneware", read=as_kept_text),
        Column("cost_account", "Account code for cost of goods sold; empty: the mapping’s", "310"),
        Column("inventory_account", "Account code for stock; empty: the mapping’s", "630"),
        Column("is_sold", "no for what is only bought; empty: yes", "yes", read=as_yes_no, missing=True),
        Column("is_purchased", "no for what is only sold; empty: yes", "yes", read=as_yes_no, missing=True),
        attributes_column("Up to ten named texts, for tracking", "Colour=White; Season=Winter"),
    )

    def key(self, item: Item[ProductFields]) -> Hashable:
        return item.fields.sku if item.fields else ""

    match = key

    def look_up(self, items: list[Item[ProductFields]]) -> list[Item[ProductFields]]:
        known = self.job.setup.tax_rule_ids
        for item in items:
            row, values = item.rows[0], item.first
            before = self.job.faults.total
            sale = self.named(row, "sale_tax_rule", known, "a tax rule")
            purchase = self.named(row, "purchase_tax_rule", known, "a tax rule")
            if self.job.faults.total == before:
                same = {name: values[name] for name in SAME}
                item.fields = rules.tidied(ProductFields(**same, sale_tax_rule_id=sale, purchase_tax_rule_id=purchase))
        return [item for item in items if item.fields]

    def existing(self, items: list[Item[ProductFields]]) -> dict[Hashable, Existing[ProductFields]]:
        skus = {self.key(item) for item in items}
        stored = Product.objects.filter(organisation=self.job.organisation, sku__any=skus)
        found: dict[Hashable, Existing[ProductFields]] = {}
        for key, *values in stored.values_list("id", *NAMES):
            current = ProductFields(**dict(zip(NAMES, values, strict=True)))
            found[current.sku] = Existing(key, current)
        return found

    def problems(self, item: Item[ProductFields]) -> list[Problem]:
        assert item.fields
        return rules.check_product(item.fields, self.job.setup)

    def create(self, items: list[Item[ProductFields]]) -> None:
        job = self.job
        new = [(uuid4(), item.fields) for item in items if item.fields]
        columns = ("id", "organisation_id", "version", "changed_at", *NAMES)
        copy_rows("core_product", columns, ((key, job.organisation.pk, 1, job.at, *astuple(it)) for key, it in new))
        announce(job.organisation.pk, job.actor, job.at, job.detail, [Created("product", k, it.sku) for k, it in new])

    def change(self, item: Item[ProductFields], existing: Existing[ProductFields]) -> None:
        assert item.fields
        refuse_if(self.problems(item))
        store_product(existing.id, item.fields, Action.EDITED, self.job.actor)
