"""What all rules are made of: problems, refusals, and the checks of a text, a number, a currency or an account.

In: one value. Out: a list of problems, empty when all is well. Always: pure; the reason is a sentence that says what to
do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from tieout.core.currencies import CURRENCIES
from tieout.core.setup import Setup

F = TypeVar("F")
LARGEST_AMOUNT = Decimal(10) ** 14
MOST_NAMED_TEXTS = 10


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


@cache
def _texts(kind: Any) -> tuple[_Text, ...]:
    """The text fields of a class, looked up once, because a file asks for them at every line."""
    return tuple(
        _Text(each.name, *(each.metadata[fact] for fact in ("limit", "required", "name", "multiline")))
        for each in fields(kind)
        if "limit" in each.metadata
    )


@cache
def _mappings(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if "named_texts" in each.metadata)


def tidied(values: F) -> F:
    """The same fields with texts trimmed and, save in descriptions, runs of white space made one space."""
    changes: dict[str, Any] = {}
    kind: Any = type(values)
    for each in _texts(kind):
        old: str = getattr(values, each.name)
        if old:
            new = old.strip() if each.multiline else " ".join(old.split())
            if new != old:
                changes[each.name] = new
    for name in _mappings(kind):
        texts: Mapping[str, str] = getattr(values, name)
        if texts:
            changes[name] = {" ".join(key.split()): " ".join(text.split()) for key, text in texts.items()}
    lines: tuple[Any, ...] = getattr(values, "lines", ())
    if lines:
        tidy = tuple(tidied(line) for line in lines)
        if tidy != lines:
            changes["lines"] = tidy
    return replace(values, **changes) if changes else values  # type: ignore[type-var]


def named_texts(field: str, values: Mapping[str, str]) -> list[Problem]:
    """Up to ten texts, each under a name. Xero: a tracking option has at most 100 characters."""
    problems = []
    if len(values) > MOST_NAMED_TEXTS:
        problems.append(Problem(field, str(len(values)), f"are too many; keep at most {MOST_NAMED_TEXTS}"))
    for name, value in values.items():
        if not name or not value:
            problems.append(Problem(field, f"{name}={value}", "is incomplete; give both a name and a text"))
        elif len(name) > 50 or len(value) > 100:
            reason = "is too long; shorten the name to 50 characters and the text to 100"
            problems.append(Problem(field, f"{name}={value}"[:60], reason))
        elif not (name + value).isprintable():
            problems.append(Problem(field, f"{name}={value}", "holds a control character; remove it"))
    return problems


def texts_of(values: Any) -> list[Problem]:
    problems = []
    for each in _texts(values.__class__):
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
    for name in _mappings(values.__class__):
        problems += named_texts(name, getattr(values, name))
    return problems


def _readable(value: str, multiline: bool) -> bool:
    allowed = "\n\r\t" if multiline else ""
    return all(letter in allowed or unicodedata.category(letter) not in ("Cc", "Cs") for letter in value)


def choice(field: str, value: str, choices: tuple[str, ...]) -> list[Problem]:
    return [] if value in choices else [Problem(field, value, f"is not one of {', '.join(choices)}")]


def currency_code(field: str, value: str) -> list[Problem]:
    if value in CURRENCIES or not value:
        return []
    return [Problem(field, value, "is not a currency; use the three-letter ISO code, such as NZD")]


def exchange_rate(rate: Decimal, currency: str, setup: Setup) -> list[Problem]:
    problems = number("rate", rate, decimals=10, low=None, below=Decimal(10) ** 10)
    if problems:
        return problems
    if currency == setup.base_currency and rate != 1:
        return [Problem("rate", str(rate), f"must be 1, because {currency} is the base currency")]
    if rate <= 0:
        return [Problem("rate", str(rate), f"must be above zero: units of {currency} per one {setup.base_currency}")]
    return []


def number(field: str, value: Decimal, *, decimals: int, low: Decimal | None, below: Decimal) -> list[Problem]:
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


def account_code(field: str, code: str, setup: Setup) -> list[Problem]:
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


def known_tax(field: str, tax_rule_id: int | None, setup: Setup) -> list[Problem]:
    if tax_rule_id is None or tax_rule_id in setup.tax_rates:
        return []
    return [Problem(field, str(tax_rule_id), "is not a tax rule of this organisation")]


def check_lock(field: str, when: date, setup: Setup) -> list[Problem]:
    """Nothing dated on or before Core's lock date changes."""
    if setup.lock_date is None or when > setup.lock_date:
        return []
    reason = f"is in a locked period; use a date after {setup.lock_date}, or move the lock date"
    return [Problem(field, str(when), reason)]


def amount_of_money(field: str, value: Decimal) -> list[Problem]:
    """Above zero, in whole cents."""
    problems = number(field, value, decimals=2, low=None, below=LARGEST_AMOUNT)
    if not problems and value <= 0:
        problems.append(Problem(field, str(value), "must be above zero"))
    return problems


def paying_account(field: str, code: str, setup: Setup) -> list[Problem]:
    """An account that money may go through: a bank account, or one with payments enabled."""
    refused = account_code(field, code, setup)
    known = setup.accounts.get(code)
    if not refused and known is not None and not known.takes_payments:
        reason = f"({known.name}) takes no payments; choose a bank account or enable payments to it in Xero"
        refused = [Problem(field, code, reason)]
    return refused
