"""The rules of payments, refunds, deposits, uses of credit and money tasks.

In: what was entered and the organisation's set-up. Out: a list of problems. Always: pure; whether a balance suffices is
for the operations, which hold the lock on it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tieout.core import money
from tieout.core.fields import AllocationFields, DepositFields, MoneyTaskFields, MoneyTaskLineFields, PaymentFields
from tieout.core.rules.checks import (
    LARGEST_AMOUNT,
    Problem,
    account_code,
    amount_of_money,
    check_lock,
    choice,
    currency_code,
    exchange_rate,
    known_tax,
    number,
    paying_account,
    texts_of,
)
from tieout.core.rules.documents import TREATMENTS
from tieout.core.rules.taxes import Applied
from tieout.core.setup import Setup

DEPOSIT_KINDS = ("customer_credit", "supplier_deposit")
ORIGINS = ("prepayment", "overpayment", "store_credit", "credit_note")
WITHOUT_MONEY = ("store_credit", "credit_note")
TASK_TYPES = ("spend", "receive", "transfer")


def check_payment(values: PaymentFields, currency: str, setup: Setup) -> list[Problem]:
    """The rules of a payment or refund in `currency`. It may be above what is due: that is for the operations."""
    problems = amount_of_money("amount", values.amount) + texts_of(values)
    problems += exchange_rate(values.rate, currency, setup) + check_lock("date", values.date, setup)
    return problems + paying_account("account", values.account, setup)


def check_deposit(values: DepositFields, setup: Setup) -> list[Problem]:
    """The rules of a deposit by itself. Store credit is for customers; money that came in names its account."""
    problems = texts_of(values) + choice("kind", values.kind, DEPOSIT_KINDS) + choice("origin", values.origin, ORIGINS)
    problems += amount_of_money("amount", values.amount) + currency_code("currency", values.currency)
    problems += exchange_rate(values.rate, values.currency, setup) + check_lock("date", values.date, setup)
    if values.origin == "store_credit" and values.kind == "supplier_deposit":
        problems.append(Problem("origin", values.origin, "is for customers only"))
    if values.origin in ("overpayment", "credit_note") and values.document_id is None:
        problems.append(Problem("document", "", "is missing; name the document that it comes from"))
    if not values.account and values.origin not in WITHOUT_MONEY:
        problems.append(Problem("account", "", "is missing; it must be given"))
    return problems + paying_account("account", values.account, setup)


def check_allocation(values: AllocationFields, setup: Setup) -> list[Problem]:
    problems = amount_of_money("amount", values.amount) + texts_of(values)
    return problems + check_lock("date", values.date, setup)


def check_money_task(values: MoneyTaskFields, applied: Applied, setup: Setup) -> list[Problem]:
    """The rules of a money task: a transfer moves one amount, the others have a contact and lines above zero."""
    problems = texts_of(values) + choice("type", values.type, TASK_TYPES)
    problems += choice("tax_treatment", values.tax_treatment, TREATMENTS)
    problems += currency_code("currency", values.currency) + exchange_rate(values.rate, values.currency, setup)
    problems += check_lock("date", values.date, setup) + _bank("account", values.account, setup)
    if values.type == "transfer":
        return problems + _transfer(values, setup)
    if values.to_account or values.amount is not None:
        problems.append(Problem("to_account", values.to_account, "and an amount are for transfers only"))
    if values.contact_id is None:
        problems.append(Problem("contact", "", "is missing; say who was paid, or who paid"))
    if not values.lines:
        problems.append(Problem("lines", "", "are missing; give at least one line"))
    broken = [each for index, line in enumerate(values.lines) for each in _task_line(index, line, setup)]
    if values.lines and not broken and values.tax_treatment in TREATMENTS:
        broken = _task_total(values, applied, setup)
    return problems + broken


def priced_task(
    values: MoneyTaskFields, applied: Applied, setup: Setup
) -> tuple[list[money.LineAmounts], money.Totals]:
    """Each line's amount and tax, and the task's totals, in its currency. A transfer's total is its amount."""
    nothing = Decimal(0)
    if values.type == "transfer":
        amount = values.amount or nothing
        return [], money.Totals(amount, Decimal("0.00"), amount)
    lines = [
        money.line(
            line.quantity,
            line.unit_price,
            nothing,
            setup.tax_rates[rule] if rule is not None else nothing,
            values.tax_treatment,
        )
        for line, rule in zip(values.lines, applied, strict=True)
    ]
    return lines, money.totals(lines, values.tax_treatment)


def _bank(field: str, code: str, setup: Setup) -> list[Problem]:
    """Xero: spending, receiving and moving money takes a bank account."""
    refused = account_code(field, code, setup)
    known = setup.accounts.get(code)
    if not refused and known is not None and not known.is_bank:
        return [Problem(field, code, f"({known.name}) is not a bank account; choose one")]
    return refused


def _transfer(values: MoneyTaskFields, setup: Setup) -> list[Problem]:
    problems = _bank("to_account", values.to_account, setup)
    if not values.to_account:
        problems.append(Problem("to_account", "", "is missing; say where the money goes"))
    elif values.to_account == values.account:
        problems.append(Problem("to_account", values.to_account, "is the account that the money comes from"))
    if values.amount is None:
        problems.append(Problem("amount", "", "is missing; it must be given"))
    else:
        problems += amount_of_money("amount", values.amount)
    if values.lines:
        problems.append(Problem("lines", "", "are not for transfers; leave them out"))
    return problems


def _task_line(index: int, line: MoneyTaskLineFields, setup: Setup) -> list[Problem]:
    """Xero: a quantity above zero, a unit amount other than zero."""
    problems = texts_of(line)
    if not line.description:
        problems.append(Problem("description", "", "is missing; say what the money was for"))
    problems += number("quantity", line.quantity, decimals=4, low=None, below=Decimal(10) ** 11)
    if line.quantity.is_finite() and line.quantity <= 0:
        problems.append(Problem("quantity", str(line.quantity), "must be above zero"))
    problems += number("unit_price", line.unit_price, decimals=4, low=None, below=Decimal(10) ** 12)
    if line.unit_price == 0:
        problems.append(Problem("unit_price", str(line.unit_price), "must not be zero"))
    problems += account_code("account", line.account, setup) + known_tax("tax_rule", line.tax_rule_id, setup)
    return [replace(each, line=index) for each in problems] if problems else problems


def _task_total(values: MoneyTaskFields, applied: Applied, setup: Setup) -> list[Problem]:
    _, totals = priced_task(values, applied, setup)
    if totals.total <= 0:
        return [Problem("lines", str(totals.total), "must add up to more than zero")]
    if totals.total >= LARGEST_AMOUNT:
        return [Problem("lines", str(totals.total), f"add up to too much; stay below {LARGEST_AMOUNT:,}")]
    return []
