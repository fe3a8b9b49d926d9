"""Tax rules from a file, found again by their name, whatever its case.

Always: a rule that was loaded from Xero stays as it is there; an empty tax_type keeps the code that Core knows.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import astuple, replace

from tieout.core import rules
from tieout.core.copying import Created, announce, copy_rows
from tieout.core.fields import TaxRuleFields
from tieout.core.importing.columns import Column, as_number, one_of
from tieout.core.importing.sheet import Existing, Item, Job, Sheet
from tieout.core.models import TaxRule
from tieout.core.operations.organisations import edit_tax_rule, only_default
from tieout.core.operations.recording import fields_of
from tieout.core.rules import Problem, Refused

SIDES = ("sales", "purchases")
FLAGS = tuple(f"default_for_{name}" for name in SIDES)


class TaxRuleSheet(Sheet[TaxRuleFields]):
    record_kind = "tax_rule"

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._defaults: dict[str, int] = {}

    columns = (
        Column("name", "As in Xero, so that the two are matched by name", "15% GST on Income", True),
        Column("rate", "Percent, all components together, at most 4 decimals", "15", True, as_number),
        Column("tax_type", "Xero’s code for it, if known", "OUTPUT2"),
        Column(
            "default_for",
            "Sales, Purchases or Both: the rule where line, product, document and contact name none; empty: neither",
            "Sales",
            read=one_of({"Sales": "sales", "Purchases": "purchases", "Both": "both"}),
        ),
    )

    def key(self, item: Item[TaxRuleFields]) -> Hashable:
        return item.fields.name.lower() if item.fields else ""

    match = key

    def look_up(self, items: list[Item[TaxRuleFields]]) -> list[Item[TaxRuleFields]]:
        for item in items:
            entered = dict(item.first)
            chosen = entered.pop("default_for")
            sides = [name for name in SIDES if chosen in (name, "both")]
            entered |= {f"default_for_{name}": True for name in sides}
            item.fields = rules.tidied(TaxRuleFields(**entered))
            for name in sides:
                before = self._defaults.setdefault(name, item.rows[0].line)
                if before != item.rows[0].line:
                    reason = f"names a second default for {name}; line {before} is one already"
                    self.fault(item.rows[0], "default_for", reason)
        return items

    def _keep_unnamed(self, item: Item[TaxRuleFields], existing: Existing[TaxRuleFields]) -> None:
        super()._keep_unnamed(item, existing)
        if "default_for" not in item.rows[0].raw and item.fields:
            kept = {name: getattr(existing.fields, name) for name in FLAGS}
            item.fields = replace(item.fields, **kept)

    def existing(self, items: list[Item[TaxRuleFields]]) -> dict[Hashable, Existing[TaxRuleFields]]:
        stored = TaxRule.objects.filter(organisation=self.job.organisation)
        known: dict[Hashable, Existing[TaxRuleFields]] = {
            rule.name.lower(): Existing(rule, fields_of(TaxRuleFields, rule)) for rule in stored
        }
        for item in items:
            before = known.get(self.match(item))
            if before is not None and item.fields and not item.fields.tax_type:
                item.fields = replace(item.fields, tax_type=before.fields.tax_type)
        return known

    def problems(self, item: Item[TaxRuleFields]) -> list[Problem]:
        assert item.fields
        return rules.check_tax_rule(item.fields)

    def create(self, items: list[Item[TaxRuleFields]]) -> None:
        job = self.job
        columns = (
            "organisation_id", "name", "rate", "tax_type", "default_for_sales", "default_for_purchases", "status",
            "applies_to", "from_xero", "xero_name",
        )  # fmt: skip
        new = [item.fields for item in items if item.fields]
        for values in new:
            only_default(job.organisation, values)
        stored = ((job.organisation.pk, *astuple(it), "ACTIVE", "[]", False, "") for it in new)
        copy_rows("core_taxrule", columns, stored)
        created = [Created("tax_rule", None, it.name, touch=False) for it in new]
        announce(job.organisation.pk, job.actor, job.at, job.detail, created)

    def change(self, item: Item[TaxRuleFields], existing: Existing[TaxRuleFields]) -> None:
        assert item.fields
        flags = {name: getattr(item.fields, name) for name in FLAGS}
        if existing.id.from_xero and replace(existing.fields, **flags) != item.fields:
            raise Refused([Problem("name", item.fields.name, "was loaded from Xero; change it there, not by a file")])
        edit_tax_rule(existing.id, item.fields, actor=self.job.actor)
