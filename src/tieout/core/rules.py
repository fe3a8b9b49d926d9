"""Core's rules, in one place for people, the REST API and imported files alike.

In: what was entered (`core.fields`) and the organisation's set-up. Out: a list of `Problem`s, empty when all is well.
Always: pure (no database, no clock); every problem of a record is found at once; a reason is a sentence that says what
to do. Uniqueness is not here: only the database can promise it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from tieout.core import money
from tieout.core.currencies import CURRENCIES
from tieout.core.fields import (
    ContactFields,
    DocumentFields,
    LineFields,
    OrganisationFields,
    PaymentFields,
    PaymentTermFields,
    ProductFields,
    TaxRuleFields,
)
from tieout.core.setup import Setup

F = TypeVar("F")
LARGEST_AMOUNT = Decimal(10) ** 14
TERM_METHODS = ("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH")
TREATMENTS = ("Exclusive", "Inclusive", "NoTax")


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. `line` counts a document's lines from 0; None means the record itself."""

    field: str
    value: str
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.field if self.line is None else f"line {self.line + 1}, {self.field}"
        return f"{where} “{self.value}” {self.reason}" if self.value else f"{where} {self.reason}"


class Refused(Exception):
    """Core refuses a change; `problems` holds every reason, nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class Stale(Refused):
    """The record has changed since the caller read it."""


@dataclass(frozen=True, slots=True)
class _Text:
    name: str
    limit: int
    required: bool
    is_name: bool
    multiline: bool


def _texts(kind: Any) -> tuple[_Text, ...]:
    return tuple(
        _Text(each.name, *(each.metadata[fact] for fact in ("limit", "required", "name", "multiline")))
        for each in fields(kind)
        if "limit" in each.metadata
    )


# Looked up once per class, because a file asks for it at every line.
TEXTS: dict[Any, tuple[_Text, ...]] = {
    kind: _texts(kind)
    for kind in (
        ContactFields,
        DocumentFields,
        LineFields,
        OrganisationFields,
        PaymentFields,
        PaymentTermFields,
        ProductFields,
        TaxRuleFields,
    )
}


def tidied(values: F) -> F:
    """The same fields with texts trimmed and, save in descriptions, runs of white space made one space."""
    changes: dict[str, Any] = {}
    for each in TEXTS[type(values)]:
        old: str = getattr(values, each.name)
        if old:
            new = old.strip() if each.multiline else " ".join(old.split())
            if new != old:
                changes[each.name] = new
    if isinstance(values, DocumentFields):
        lines = tuple(tidied(line) for line in values.lines)
        if lines != values.lines:
            changes["lines"] = lines
    return replace(values, **changes) if changes else values  # type: ignore[type-var]


def check_organisation(values: OrganisationFields) -> list[Problem]:
    problems = _texts_of(values)
    if values.slug and not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in values.slug):
        problems.append(Problem("slug", values.slug, "may hold only letters a–z, digits, hyphens and underscores"))
    problems += _currency("base_currency", values.base_currency)
    return problems


def check_tax_rule(values: TaxRuleFields) -> list[Problem]:
    problems = _texts_of(values)
    problems += _number("rate", values.rate, decimals=4, low=Decimal(0), below=Decimal(1000))
    return problems


def check_payment_term(values: PaymentTermFields) -> list[Problem]:
    problems = _texts_of(values) + _choice("method", values.method, TERM_METHODS)
    if not 0 <= values.days <= 3650:
        problems.append(Problem("days", str(values.days), "must be between 0 and 3650"))
    return problems


def check_contact(values: ContactFields, setup: Setup) -> list[Problem]:
    problems = _texts_of(values) + _choice("status", values.status, ("ACTIVE", "DEPRECATED"))
    if not (values.is_customer or values.is_supplier):
        problems.append(Problem("is_customer", "", "and is_supplier are both no; say which of them the contact is"))
    if values.currency:
        problems += _currency("currency", values.currency)
    problems += _account("sale_account", values.sale_account, setup)
    problems += _account("purchase_account", values.purchase_account, setup)
    problems += _known_tax("tax_rule", values.tax_rule_id, setup)
    if values.term_id is not None and values.term_id not in setup.term_ids.values():
        problems.append(Problem("term", str(values.term_id), "is not a payment term of this organisation"))
    return problems


def check_product(values: ProductFields, setup: Setup) -> list[Problem]:
    problems = _texts_of(values)
    problems += _choice("status", values.status, ("ACTIVE", "DEPRECATED", "SET_UP_REQUIRED"))
    problems += _choice("type", values.type, ("STOCK", "SERVICE", "NON_INVENTORY"))
    for name, price in (("sale_price", values.sale_price), ("purchase_price", values.purchase_price)):
        if price is not None:
            problems += _number(name, price, decimals=4, low=Decimal(0), below=Decimal(10) ** 10)
    problems += _account("sale_account", values.sale_account, setup)
    problems += _account("purchase_account", values.purchase_account, setup)
    problems += _known_tax("sale_tax_rule", values.sale_tax_rule_id, setup)
    problems += _known_tax("purchase_tax_rule", values.purchase_tax_rule_id, setup)
    return problems


def check_document(values: DocumentFields, setup: Setup, *, authorised: bool) -> list[Problem]:
    """The rules of a sale invoice or a bill. An authorised one must also have lines, each with a description."""
    problems = _texts_of(values) + _choice("kind", values.kind, ("sale_invoice", "bill"))
    problems += _choice("tax_treatment", values.tax_treatment, TREATMENTS)
    problems += _currency("currency", values.currency) + _rate(values.rate, values.currency, setup)
    problems += check_lock("date", values.date, setup)
    if values.due_date < values.date:
        problems.append(Problem("due_date", str(values.due_date), f"is before the document's date, {values.date}"))
    broken = [each for index, line in enumerate(values.lines) for each in _line(index, line, setup, authorised)]
    if authorised and not values.lines:
        problems.append(Problem("lines", "", "are missing; give at least one line, or keep the document as a draft"))
    if not broken and values.tax_treatment in TREATMENTS:
        broken = _total(values, setup)
    return problems + broken


def check_payment(values: PaymentFields, currency: str, setup: Setup) -> list[Problem]:
    """The rules of a payment of a document in `currency`. It may be above what is due: that is for the ledger."""
    problems = _number("amount", values.amount, decimals=2, low=None, below=LARGEST_AMOUNT)
    if not problems and values.amount <= 0:
        problems.append(Problem("amount", str(values.amount), "must be above zero"))
    problems += _texts_of(values) + _rate(values.rate, currency, setup) + check_lock("date", values.date, setup)
    refused = _account("account", values.account, setup)
    known = setup.accounts.get(values.account)
    if not refused and known is not None and not known.takes_payments:
        reason = f"({known.name}) takes no payments; choose a bank account or enable payments to it in Xero"
        refused = [Problem("account", values.account, reason)]
    return problems + refused


def check_lock(field: str, when: date, setup: Setup) -> list[Problem]:
    """Nothing dated on or before Core's lock date changes."""
    if setup.lock_date is None or when > setup.lock_date:
        return []
    reason = f"is in a locked period; use a date after {setup.lock_date}, or move the lock date"
    return [Problem(field, str(when), reason)]


def priced(values: DocumentFields, setup: Setup) -> tuple[list[money.LineAmounts], money.Totals]:
    """Each line's amount and tax, and the document's totals, in its currency."""
    nothing = Decimal(0)
    lines = [
        money.line(
            line.quantity,
            line.unit_price,
            line.discount,
            setup.tax_rates[line.tax_rule_id] if line.tax_rule_id is not None else nothing,
            values.tax_treatment,
        )
        for line in values.lines
    ]
    return lines, money.totals(lines, values.tax_treatment)


def money_of(values: DocumentFields) -> tuple[object, ...]:
    """What may not change any more once a document has payments."""
    lines = tuple((each.quantity, each.unit_price, each.discount, each.tax_rule_id) for each in values.lines)
    return (values.contact_id, values.currency, values.rate, values.tax_treatment, lines)


def _texts_of(values: Any) -> list[Problem]:
    problems = []
    for each in TEXTS[type(values)]:
        value: str = getattr(values, each.name)
        if not value:
            if each.required:
                problems.append(Problem(each.name, "", "is missing; it must be given"))
            continue
        if len(value) > each.limit:
            reason = f"is {len(value)} characters long; shorten it to {each.limit}"
            problems.append(Problem(each.name, value[:60] + "…", reason))
        if not value.isprintable() and not _readable(value, each.multiline):
            problems.append(Problem(each.name, value[:60], "holds a control character; remove it"))
        if each.is_name and ("<" in value or ">" in value):
            problems.append(Problem(each.name, value[:60], "holds < or >, which Xero refuses in names; remove them"))
    return problems


def _readable(value: str, multiline: bool) -> bool:
    allowed = "\n\r\t" if multiline else ""
    return all(letter in allowed or unicodedata.category(letter) not in ("Cc", "Cs") for letter in value)


def _choice(field: str, value: str, choices: tuple[str, ...]) -> list[Problem]:
    return [] if value in choices else [Problem(field, value, f"is not one of {', '.join(choices)}")]


def _currency(field: str, value: str) -> list[Problem]:
    if value in CURRENCIES or not value:
        return []
    return [Problem(field, value, "is not a currency; use the three-letter ISO code, such as NZD")]


def _rate(rate: Decimal, currency: str, setup: Setup) -> list[Problem]:
    problems = _number("rate", rate, decimals=10, low=None, below=Decimal(10) ** 10)
    if problems:
        return problems
    if currency == setup.base_currency and rate != 1:
        return [Problem("rate", str(rate), f"must be 1, because {currency} is the base currency")]
    if rate <= 0:
        return [Problem("rate", str(rate), f"must be above zero: units of {currency} per one {setup.base_currency}")]
    return []


def _number(field: str, value: Decimal, *, decimals: int, low: Decimal | None, below: Decimal) -> list[Problem]:
    if not value.is_finite():
        return [Problem(field, str(value), "is not a number")]
    if low is not None and value < low:
        return [Problem(field, str(value), f"must not be below {low}")]
    if abs(value) >= below:
        return [Problem(field, str(value), f"is too large; it must be below {below:,}")]
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -decimals and value != round(value, decimals):
        return [Problem(field, str(value), f"has too many decimals; round it to {decimals}")]
    return []


def _account(field: str, code: str, setup: Setup) -> list[Problem]:
    if not code or not setup.accounts:
        return []
    known = setup.accounts.get(code)
    if known is None:
        reason = "is not an account of this organisation; use another code, or load the accounts from Xero again"
        return [Problem(field, code, reason)]
    if not known.active:
        reason = f"({known.name}) is archived; use another account, or restore it in Xero and load the accounts again"
        return [Problem(field, code, reason)]
    return []


def _known_tax(field: str, tax_rule_id: int | None, setup: Setup) -> list[Problem]:
    if tax_rule_id is None or tax_rule_id in setup.tax_rates:
        return []
    return [Problem(field, str(tax_rule_id), "is not a tax rule of this organisation")]


def _line(index: int, line: LineFields, setup: Setup, authorised: bool) -> list[Problem]:
    problems = _texts_of(line)
    if authorised and not line.description:
        problems.append(Problem("description", "", "is missing; say what was sold or bought"))
    problems += _number("quantity", line.quantity, decimals=4, low=Decimal(0), below=Decimal(10) ** 11)
    problems += _number("unit_price", line.unit_price, decimals=4, low=None, below=Decimal(10) ** 12)
    problems += _number("discount", line.discount, decimals=2, low=Decimal(0), below=Decimal(10) ** 4)
    if line.discount.is_finite() and line.discount > 100:
        problems.append(Problem("discount", str(line.discount), "must be between 0 and 100 percent"))
    problems += _account("account", line.account, setup)
    problems += _known_tax("tax_rule", line.tax_rule_id, setup)
    return [replace(each, line=index) for each in problems] if problems else problems


def _total(values: DocumentFields, setup: Setup) -> list[Problem]:
    lines, totals = priced(values, setup)
    if totals.total < 0:
        return [Problem("lines", str(totals.total), "add up to less than zero; use a credit note instead")]
    if totals.total >= LARGEST_AMOUNT or any(abs(each.amount) >= LARGEST_AMOUNT for each in lines):
        return [Problem("lines", str(totals.total), f"add up to too much; stay below {LARGEST_AMOUNT:,}")]
    return []
