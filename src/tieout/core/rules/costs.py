"""The rules of what goods cost, and what an edit means for it.

In: a document's values before and after. Out: problems; the costs that changed. Always: pure; costs are in base
currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from tieout.core import costs
from tieout.core.fields import DocumentFields
from tieout.core.rules.checks import LARGEST_AMOUNT, Problem, number


def check_unit_cost(cost: Decimal, line: int) -> list[Problem]:
    """A cost in base currency, not negative, at most 4 decimals."""
    problems = number("unit_cost", cost, decimals=4, low=Decimal(0), below=Decimal(10) ** 12)
    return [replace(each, line=line) for each in problems]


def check_cost_total(lines: Iterable[tuple[Decimal, Decimal | None]]) -> list[Problem]:
    """Quantities and unit costs: the goods cost no more together than a journal can hold."""
    total = sum((costs.cost_of(quantity, cost) for quantity, cost in lines if cost is not None), Decimal(0))
    if total < LARGEST_AMOUNT:
        return []
    return [Problem("unit_cost", str(total), f"adds up to too much; stay below {LARGEST_AMOUNT:,}")]


def costed_by(values: DocumentFields) -> tuple[object, ...]:
    """What the cost of goods depends on. An edit that leaves it alone leaves its journals alone, whatever the accounts
    of the products are by now."""
    lines = tuple((line.product_id, line.quantity, line.unit_cost) for line in values.lines)
    told = (values.sales_rep, values.location, values.job, values.attributes)
    return (values.number, values.shipped_on, values.contact_id, told, lines)


def changed_costs(old: DocumentFields, new: DocumentFields) -> dict[int, Decimal | None]:
    """The unit costs that an edit changes, by line position from 0; none where it changes which products there are."""
    if [line.product_id for line in old.lines] != [line.product_id for line in new.lines]:
        return {}
    pairs = enumerate(zip(old.lines, new.lines, strict=True))
    return {index: after.unit_cost for index, (before, after) in pairs if before.unit_cost != after.unit_cost}


def with_costs(values: DocumentFields, unit_costs: Mapping[int, Decimal | None]) -> DocumentFields:
    """The document with these unit costs, by line position from 0."""
    lines = tuple(
        replace(line, unit_cost=unit_costs[index]) if index in unit_costs else line
        for index, line in enumerate(values.lines)
    )
    return replace(values, lines=lines)
