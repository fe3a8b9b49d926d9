"""Which tax rule each line is charged by.

In: what was entered, the rules that its products and contact name, the organisation's set-up. Out: one rule per line,
None where nothing names one. Always: pure; the first that names one counts:

    line → product → document → contact → the organisation's default for that side

A document without tax charges by no rule. A money task has no document level and takes no default: most of what a bank
books by itself, such as its fees, bears no tax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tieout.core.fields import DocumentFields, MoneyTaskFields
from tieout.core.rules.checks import Problem
from tieout.core.setup import Setup

SOLD = ("sale_invoice", "sale_credit_note")
Applied = tuple[int | None, ...]
Sides = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class NamedTax:
    """The rules that stand around a record: those of products for (sale, purchase), that of a contact, by id."""

    products: Mapping[UUID, Sides] = field(default_factory=dict)
    contacts: Mapping[UUID, int | None] = field(default_factory=dict)


def applied_rules(values: DocumentFields, named: NamedTax, setup: Setup) -> Applied:
    """The rule of each line of a document."""
    if values.tax_treatment == "NoTax":
        return (None,) * len(values.lines)
    side = 0 if values.kind in SOLD else 1
    default = (setup.default_sale_tax, setup.default_purchase_tax)[side]
    below = (values.default_tax_rule_id, named.contacts.get(values.contact_id), default)
    return tuple(_first(line.tax_rule_id, _of_product(line.product_id, side, named), *below) for line in values.lines)


def as_entered(values: DocumentFields) -> Applied:
    """The rules that the lines themselves name, for a document that was charged elsewhere already."""
    return tuple(line.tax_rule_id for line in values.lines)


def applied_to_task(values: MoneyTaskFields, named: NamedTax) -> Applied:
    """The rule of each line of a money task."""
    if values.tax_treatment == "NoTax":
        return (None,) * len(values.lines)
    side = 0 if values.type == "receive" else 1
    contact = named.contacts.get(values.contact_id) if values.contact_id else None
    return tuple(_first(line.tax_rule_id, _of_product(line.product_id, side, named), contact) for line in values.lines)


def taxed_by(values: DocumentFields | MoneyTaskFields) -> tuple[object, ...]:
    """What the choice of rules depends on. An edit that leaves it alone leaves the rules alone, whatever the products
    and the contact name by now."""
    lines = tuple((line.tax_rule_id, line.product_id) for line in values.lines)
    named = values.default_tax_rule_id if isinstance(values, DocumentFields) else None
    return (values.contact_id, values.tax_treatment, named, lines)


def check_applied(values: DocumentFields, applied: Sequence[int | None]) -> list[Problem]:
    """No line of a booked document is left without a rule, unless the document is without tax."""
    if values.tax_treatment == "NoTax":
        return []
    reason = (
        "is missing: neither the line nor its product, the document or its contact names one, and the organisation has "
        f"no default tax rule for {'sales' if values.kind in SOLD else 'purchases'}; give the line a tax rule, choose "
        "the default on the page Mapping, or make the document one without tax"
    )
    return [Problem("tax_rule", "", reason, index) for index, rule in enumerate(applied) if rule is None]


def _of_product(product_id: UUID | None, side: int, named: NamedTax) -> int | None:
    return named.products.get(product_id, (None, None))[side] if product_id is not None else None


def _first(*rules: int | None) -> int | None:
    return next((rule for rule in rules if rule is not None), None)
