"""The lines of a document: which account and which tax each one gets, and what Xero would refuse in them.

Precedence of accounts and tax rules, strongest first: line → product → contact → the default of the mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from tieout.core.records import LineRecord
from tieout.kinds.books import Books, TaxView
from tieout.kinds.problems import Problem
from tieout.xero import types

# Xero keeps these for itself: no line may be coded to them.
_CONTROL_ACCOUNTS = {"DEBTORS", "CREDITORS"}
_NO_TAX = "NONE"


class Lined(Protocol):
    """A record with lines: a document or a money task."""

    @property
    def contact_id(self) -> UUID | None: ...
    @property
    def tax_treatment(self) -> str: ...
    @property
    def lines(self) -> tuple[LineRecord, ...]: ...


def line_account(line: LineRecord, document: Lined, books: Books, side: str) -> str:
    """The account code of a line; empty where nothing names one. `side` is "sale" or "purchase"."""
    if line.account:
        return line.account
    if product := books.products.get(line.product_id) if line.product_id else None:
        account = product.sale_account if side == "sale" else product.purchase_account
        if account:
            return account
    if line.is_charge and (charges := books.role(f"{side}-charges")):
        return charges
    contact = books.contacts.get(document.contact_id) if document.contact_id else None
    if contact:
        account = contact.sale_account if side == "sale" else contact.purchase_account
        if account:
            return account
    return books.role("sales" if side == "sale" else "purchases")


def line_tax_rule(line: LineRecord, document: Lined, books: Books, side: str) -> TaxView | None:
    """The tax rule of a line, or None where nothing names one."""
    candidates = [line.tax_rule_id]
    if product := books.products.get(line.product_id) if line.product_id else None:
        candidates.append(product.sale_tax_rule_id if side == "sale" else product.purchase_tax_rule_id)
    if contact := books.contacts.get(document.contact_id) if document.contact_id else None:
        candidates.append(contact.tax_rule_id)
    for rule_id in candidates:
        if rule_id is not None and rule_id in books.tax_rules:
            return books.tax_rules[rule_id]
    return None


def account_problem(code: str, books: Books) -> Problem | None:
    """Why no line may be coded to this account."""
    account = books.accounts.get(code)
    if account is None:
        return Problem(
            "account-unknown",
            f"Account {code} does not exist in Xero.",
            "Create it in Xero or choose another account in Core, then sync again.",
        )
    if not account.active:
        return Problem(
            "account-archived",
            f"Account {code} {account.name} is archived in Xero.",
            "Restore it in Xero or choose another account in Core, then sync again.",
        )
    if account.system_account in _CONTROL_ACCOUNTS or account.type == "BANK":
        return Problem(
            "account-unfit",
            f"Account {code} {account.name} cannot stand on a document line in Xero.",
            "Choose an income, expense, asset or liability account in Core, then sync again.",
        )
    return None


def lines_problem(document: Lined, books: Books, side: str) -> Problem | None:
    """The first reason why Xero would refuse the lines."""
    for number, line in enumerate(document.lines, 1):
        if problem := _line_problem(line, document, books, side):
            return Problem(problem.code, f"Line {number}: {problem.text}", problem.advice)
    return None


def _line_problem(line: LineRecord, document: Lined, books: Books, side: str) -> Problem | None:
    code = line_account(line, document, books, side)
    if not code:
        return Problem(
            "account-missing",
            "no account is given, and no default is mapped.",
            "Map the default account in the connection's settings, or give the line or product an account.",
        )
    if problem := account_problem(code, books):
        return problem
    return _tax_problem(line, document, books, side, code)


def _tax_problem(line: LineRecord, document: Lined, books: Books, side: str, code: str) -> Problem | None:
    rule = line_tax_rule(line, document, books, side)
    if document.tax_treatment == "NoTax" or (rule is None and not line.tax):
        return None
    if rule is None:
        return Problem(
            "tax-missing", f"tax of {line.tax} is charged without a tax rule.", "Give the line a tax rule in Core."
        )
    if not rule.tax_type:
        return Problem(
            "tax-unmapped",
            f"the tax rule “{rule.name}” is not mapped to a tax rate in Xero.",
            "Map it in the connection's settings, then sync again.",
        )
    if not rule.active:
        return Problem(
            "tax-archived",
            f"the tax rate “{rule.name}” is no longer active in Xero.",
            "Choose another tax rule in Core, then sync again.",
        )
    account_class = books.accounts[code].account_class
    if rule.applies_to and account_class not in rule.applies_to:
        return Problem(
            "tax-unfit",
            f"the tax rate “{rule.name}” cannot be used with account {code}.",
            "Choose a tax rule that fits the account, or another account, then sync again.",
        )
    return None


def line_items(document: Lined, books: Books, side: str, *, discounts: bool) -> Iterator[types.LineItem]:
    """Xero's lines. Amounts and tax are sent as Core computed them, so that a difference is refused, not hidden.

    `discounts`: Xero knows a discount on such a document.
    """
    for line in document.lines:
        quantity, unit_price, discount, description = _priced(line, discounts=discounts)
        product = books.products.get(line.product_id) if line.product_id else None
        rule = line_tax_rule(line, document, books, side)
        taxed = document.tax_treatment != "NoTax"
        yield types.LineItem(
            description=description,
            quantity=quantity,
            unit_amount=unit_price,
            discount_rate=discount or None,
            line_amount=line.amount,
            item_code=product.sku if product else None,
            account_code=line_account(line, document, books, side),
            tax_type=(rule.tax_type if rule else _NO_TAX) if taxed else _NO_TAX,
            tax_amount=line.tax if taxed else None,
            tracking=tags(line.tracking, books) or None,
        )


def tags(tracking: Mapping[str, str], books: Books) -> list[types.Tracking]:
    """The tracking tags of a line: those of its texts that the settings map to a category."""
    return [
        types.Tracking(name=category, option=tracking[told])
        for told, category in sorted(books.settings.tracking.items())
        if tracking.get(told)
    ]


def _priced(line: LineRecord, *, discounts: bool) -> tuple[Decimal, Decimal, Decimal, str]:
    """Where Xero knows no discount, a discounted line goes as one of its net amount, and says so."""
    if discounts or not line.discount:
        return line.quantity, line.unit_price, line.discount, line.description
    note = f"{line.quantity.normalize():f} × {line.unit_price.normalize():f} less {line.discount.normalize():f}%"
    return Decimal(1), line.amount, Decimal(0), f"{line.description} ({note})"[:4000]
