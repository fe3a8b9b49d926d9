"""The lines of a document: which account and which tax each one gets, and what Xero would refuse in them.

Precedence of accounts, strongest first: line → product → document → contact → the default of the mapping. A charge
(freight, a fee) that neither line nor product gives an account goes to the mapping's account for charges, where there
is one: the documents' and contacts' accounts are for what is sold or bought. The tax rule of a line was settled in Core
when its tax was computed (line → product → document → contact → default), and is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from tieout.core.costs import tracking_of
from tieout.core.records import DocumentRecord, LineRecord, MoneyTaskRecord
from tieout.kinds.books import Books, TaxView
from tieout.kinds.problems import Problem
from tieout.xero import types

# Xero keeps these for itself: no line may be coded to them.
_CONTROL_ACCOUNTS = {"DEBTORS", "CREDITORS"}
_NO_TAX = "NONE"


Lined = DocumentRecord | MoneyTaskRecord


def account_candidates(line: LineRecord, document: Lined, books: Books, side: str) -> Iterator[tuple[str, str]]:
    """What may name a line's account, the strongest first: (who names it, code or empty). `side`: sale or purchase."""
    yield "line", line.account
    if product := books.products.get(line.product_id) if line.product_id else None:
        yield "product", product.sale_account if side == "sale" else product.purchase_account
    if line.is_charge:
        yield "mapping for charges", books.role(f"{side}-charges")
    if isinstance(document, DocumentRecord):
        yield "document", document.default_account
    if contact := books.contacts.get(document.contact_id) if document.contact_id else None:
        yield "contact", contact.sale_account if side == "sale" else contact.purchase_account
    yield "mapping", books.role("sales" if side == "sale" else "purchases")


def line_account(line: LineRecord, document: Lined, books: Books, side: str) -> str:
    """The account code of a line; empty where nothing names one."""
    return line.account or next((code for _, code in account_candidates(line, document, books, side) if code), "")


def line_tax_rule(line: LineRecord, books: Books) -> TaxView | None:
    """The tax rule that a line's tax was computed by, or None where it bears none."""
    return books.tax_rules.get(line.tax_rule_id) if line.tax_rule_id is not None else None


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
            "Map the default account on the page Mapping, or give the line or product an account.",
        )
    return (
        account_problem(code, books)
        or _tax_problem(line, document, books, code)
        or tracking_problem(line_tracking(line, document, books), books)
    )


def line_tracking(line: LineRecord, document: Lined, books: Books) -> Mapping[str, str]:
    """The texts of a line that tracking may be mapped to: a money task's own, a document's from its head, product and
    contact. Nothing where the settings map none, which spares looking."""
    if not books.settings.tracking:
        return {}
    if isinstance(document, MoneyTaskRecord):
        return line.tracking
    product = books.products.get(line.product_id) if line.product_id else None
    return tracking_of(document, product, books.contacts.get(document.contact_id))


def tracking_problem(tracking: Mapping[str, str], books: Books) -> Problem | None:
    """Why Xero would refuse the tags: it has no such category, or no such option."""
    known = books.settings.tracking_options
    for tag in tags(tracking, books) if known else ():
        options = known.get(tag.name or "")
        if options is None:
            return Problem(
                "tracking-missing",
                f"Xero has no active tracking category “{tag.name}”.",
                "Make it in Xero and load from Xero again, or choose another one in the settings.",
            )
        if (tag.option or "").casefold() not in {option.casefold() for option in options}:
            return Problem(
                "tracking-missing",
                f"the tracking category “{tag.name}” has no option “{tag.option}” in Xero.",
                "Add it on the page Mapping, then sync again.",
            )
    return None


def rate_problem(rule: TaxView) -> Problem | None:
    """Why Xero has no rate for a tax rule that a document could use."""
    if not rule.tax_type:
        return Problem(
            "tax-unmapped",
            f"the tax rule “{rule.name}” is not mapped to a tax rate in Xero.",
            "Map it on the page Mapping, then sync again.",
        )
    if not rule.active:
        return Problem(
            "tax-archived",
            f"the tax rate “{rule.name}” is no longer active in Xero.",
            "Choose another tax rule in Core, then sync again.",
        )
    if rule.xero_rate is not None and rule.xero_rate != rule.rate:
        return Problem(
            "tax-rate-differs",
            f"the tax rule “{rule.name}” is {rule.rate.normalize():f}% in Core, but Xero charges "
            f"{rule.xero_rate.normalize():f}% for it.",
            "Map the rule to a rate of the same percentage on the page Mapping, or use another rule.",
        )
    return None


def _tax_problem(line: LineRecord, document: Lined, books: Books, code: str) -> Problem | None:
    rule = line_tax_rule(line, books)
    if document.tax_treatment == "NoTax" or (rule is None and not line.tax):
        return None
    if rule is None:
        return Problem(
            "tax-missing", f"tax of {line.tax} is charged without a tax rule.", "Give the line a tax rule in Core."
        )
    if problem := rate_problem(rule):
        return problem
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
        rule = line_tax_rule(line, books)
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
            tracking=tags(line_tracking(line, document, books), books) or None,
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
