"""The rules of documents, and their arithmetic.

In: what was entered and the organisation's set-up. Out: a list of problems; line amounts and totals. Always: pure; what
depends on other records (whose contact, what is paid) is for the operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tieout.core import money
from tieout.core.fields import DocumentFields, LineFields
from tieout.core.rules.checks import (
    LARGEST_AMOUNT,
    Problem,
    account_code,
    check_lock,
    choice,
    currency_code,
    exchange_rate,
    known_tax,
    number,
    texts_of,
)
from tieout.core.rules.costs import check_cost_total, check_unit_cost
from tieout.core.rules.taxes import Applied, check_applied
from tieout.core.setup import Setup

TREATMENTS = ("Exclusive", "Inclusive", "NoTax")
FALLING_DUE = ("sale_invoice", "bill")
CREDITING = {"sale_credit_note": "sale_invoice", "purchase_credit_note": "bill"}
DOCUMENT_KINDS = (*FALLING_DUE, *CREDITING, "purchase_order")


def check_document(values: DocumentFields, applied: Applied, setup: Setup, *, authorised: bool) -> list[Problem]:
    """The rules of a document. An authorised one must also have lines, each with a description and a tax rule."""
    problems = texts_of(values) + choice("kind", values.kind, DOCUMENT_KINDS)
    problems += choice("tax_treatment", values.tax_treatment, TREATMENTS)
    problems += currency_code("currency", values.currency) + exchange_rate(values.rate, values.currency, setup)
    problems += check_lock("date", values.date, setup)
    problems += account_code("default_account", values.default_account, setup)
    problems += known_tax("default_tax_rule", values.default_tax_rule_id, setup)
    problems += _dates(values)
    broken = [each for index, line in enumerate(values.lines) for each in _line(index, line, setup, authorised)]
    if authorised and not values.lines:
        problems.append(Problem("lines", "", "are missing; give at least one line, or keep the document as a draft"))
    if authorised:
        broken += check_applied(values, applied)
    if not broken and values.tax_treatment in TREATMENTS:
        broken = _total(values, applied, setup) + check_cost_total((x.quantity, x.unit_cost) for x in values.lines)
    return problems + broken


def check_credited(values: DocumentFields, credited: Mapping[str, Any] | None) -> list[Problem]:
    """A credit note credits an invoice or bill of its own side, contact and currency. `credited` is that row."""
    wanted = CREDITING[values.kind].replace("_", " ")
    if credited is None or credited["kind"] != CREDITING[values.kind]:
        return [Problem("credits", str(values.credits_id), f"is not a {wanted} of this organisation")]
    if credited["contact_id"] != values.contact_id:
        return [Problem("credits", credited["number"], f"is a {wanted} of another contact")]
    if credited["currency"] != values.currency:
        return [Problem("credits", credited["number"], f"is in {credited['currency']}; credit it in that currency")]
    return []


def priced(values: DocumentFields, applied: Applied, setup: Setup) -> tuple[list[money.LineAmounts], money.Totals]:
    """Each line's amount and tax by the rules applied to them, and the document's totals, in its currency."""
    nothing = Decimal(0)
    lines = [
        money.line(
            line.quantity,
            line.unit_price,
            line.discount,
            setup.tax_rates[rule] if rule is not None else nothing,
            values.tax_treatment,
        )
        for line, rule in zip(values.lines, applied, strict=True)
    ]
    return lines, money.totals(lines, values.tax_treatment)


def money_of(values: DocumentFields, applied: Applied) -> tuple[object, ...]:
    """What may not change any more once a document has payments."""
    lines = tuple(
        (each.quantity, each.unit_price, each.discount, rule) for each, rule in zip(values.lines, applied, strict=True)
    )
    return (values.contact_id, values.currency, values.rate, values.tax_treatment, lines)


def _dates(values: DocumentFields) -> list[Problem]:
    """Which dates and links belong to which kind."""
    kind = values.kind
    problems: list[Problem] = []
    if kind not in DOCUMENT_KINDS:
        return problems
    if kind in FALLING_DUE and values.due_date is None:
        reason = "is missing; give it, or give the contact a payment term (Xero may have a default one too)"
        problems.append(Problem("due_date", "", reason))
    elif kind in FALLING_DUE and values.due_date is not None and values.due_date < values.date:
        problems.append(Problem("due_date", str(values.due_date), f"is before the document's date, {values.date}"))
    elif kind not in FALLING_DUE and values.due_date is not None:
        problems.append(Problem("due_date", str(values.due_date), "is for invoices and bills only; leave it empty"))
    if values.delivery_date is not None and kind != "purchase_order":
        reason = "is for purchase orders only; leave it empty"
        problems.append(Problem("delivery_date", str(values.delivery_date), reason))
    if values.shipped_on is not None and kind == "purchase_order":
        problems.append(Problem("shipped_on", str(values.shipped_on), "is for invoices and credit notes only"))
    if values.credits_id is not None and kind not in CREDITING:
        problems.append(Problem("credits", str(values.credits_id), "is for credit notes only; leave it empty"))
    return problems


def _line(index: int, line: LineFields, setup: Setup, authorised: bool) -> list[Problem]:
    problems = texts_of(line)
    if authorised and not line.description:
        problems.append(Problem("description", "", "is missing; say what was sold or bought"))
    problems += number("quantity", line.quantity, decimals=4, low=Decimal(0), below=Decimal(10) ** 11)
    problems += number("unit_price", line.unit_price, decimals=4, low=None, below=Decimal(10) ** 12)
    problems += number("discount", line.discount, decimals=2, low=Decimal(0), below=Decimal(10) ** 4)
    if line.discount.is_finite() and line.discount > 100:
        problems.append(Problem("discount", str(line.discount), "must be between 0 and 100 percent"))
    if line.unit_cost is not None:
        problems += check_unit_cost(line.unit_cost, index)
    problems += account_code("account", line.account, setup)
    problems += known_tax("tax_rule", line.tax_rule_id, setup)
    return [replace(each, line=index) for each in problems] if problems else problems


def _total(values: DocumentFields, applied: Applied, setup: Setup) -> list[Problem]:
    lines, totals = priced(values, applied, setup)
    if totals.total < 0:
        instead = "an invoice or bill" if values.kind in CREDITING else "a credit note"
        return [Problem("lines", str(totals.total), f"add up to less than zero; use {instead} instead")]
    if totals.total >= LARGEST_AMOUNT or any(abs(each.amount) >= LARGEST_AMOUNT for each in lines):
        return [Problem("lines", str(totals.total), f"add up to too much; stay below {LARGEST_AMOUNT:,}")]
    return []
