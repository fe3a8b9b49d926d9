"""Tax rules from a file, found again by their name, whatever its case.

Always: a rule that was loaded from Xero stays as it is there; an empty tax_type keeps the code that Core knows.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from tieout.core import rules
from tieout.core.fields import TaxRuleFields
from tieout.core.importing.columns import Column, as_number
from tieout.core.importing.copying import Created, announce, copy_rows
from tieout.core.importing.sheet import Existing, Item, Sheet
from tieout.core.models import TaxRule
from tieout.core.operations.organisations import edit_tax_rule
from tieout.core.operations.recording import fields_of
from tieout.core.rules import Problem, Refused


class TaxRuleSheet(Sheet[TaxRuleFields]):
    record_kind = "tax_rule"
    columns = (
        Column("name", "As in Xero, so that the two are matched by name", "15% GST on Income", True),
        Column("rate", "Percent, all components together, at most 4 decimals", "15", True, as_number),
        Column("tax_type", "Xero’s code for it, if known", "OUTPUT2"),
    )

    def key(self, item: Item[TaxRuleFields]) -> Hashable:
        return item.fields.name.lower() if item.fields else ""

    match = key

    def look_up(self, items: list[Item[TaxRuleFields]]) -> list[Item[TaxRuleFields]]:
        for item in items:
            item.fields = rules.tidied(TaxRuleFields(**item.first))
        return items

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
        columns = ("organisation_id", "name", "rate", "tax_type", "status", "applies_to", "from_xero", "xero_name")
        new = [item.fields for item in items if item.fields]
        stored = ((job.organisation.pk, it.name, it.rate, it.tax_type, "ACTIVE", "[]", False, "") for it in new)
        copy_rows("core_taxrule", columns, stored)
        created = [Created("tax_rule", None, it.name, touch=False) for it in new]
        announce(job.organisation.pk, job.actor, job.at, job.detail, created)

    def change(self, item: Item[TaxRuleFields], existing: Existing[TaxRuleFields]) -> None:
        assert item.fields
        if existing.id.from_xero:
            raise Refused([Problem("name", item.fields.name, "was loaded from Xero; change it there, not by a file")])
        edit_tax_rule(existing.id, item.fields, actor=self.job.actor)
