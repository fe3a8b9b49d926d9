"""Money exactly as Xero computes it, so that Core's totals equal Xero's before anything is sent.

In: quantities, unit prices, discounts and tax rates as Decimal. Out: line amounts and document totals, each rounded
to the cent. Always: halves go away from zero; a unit price is rounded to 4 decimals first (Xero's `unitdp=4`); the
line amount is rounded to 2; tax is computed and rounded *per line* and then summed; a base amount is the document's
amount divided by the rate (foreign units per one base unit).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

CENT = Decimal("0.01")
UNIT = Decimal("0.0001")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """A line's amount (tax included or not, as the document's treatment says) and its tax, both to the cent."""

    amount: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    subtotal: Decimal
    tax: Decimal
    total: Decimal


def to_cents(value: Decimal) -> Decimal:
    """Two decimals, halves away from zero (Decimal's ROUND_HALF_UP)."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def to_unit_price(value: Decimal) -> Decimal:
    """Four decimals, halves away from zero."""
    return value.quantize(UNIT, rounding=ROUND_HALF_UP)


def said(amount: Decimal | None) -> str:
    """An amount as sentences and columns write it: `1,658.34`, `−20.00`; None is nothing."""
    return f"{amount or Decimal(0):,.2f}".replace("-", "−")


def line_amount(quantity: Decimal, unit_price: Decimal, discount: Decimal = Decimal(0)) -> Decimal:
    """`quantity × unit price × (100 − discount) / 100` to the cent; `discount` is a percentage."""
    with localcontext() as context:
        context.prec = 50
        return to_cents(quantity * to_unit_price(unit_price) * (HUNDRED - discount) / HUNDRED)


def line_tax(amount: Decimal, rate: Decimal, treatment: str) -> Decimal:
    """Tax of one line to the cent. `rate` in percent; `treatment` is Exclusive, Inclusive or NoTax."""
    if treatment == "NoTax" or not rate:
        return Decimal("0.00")
    with localcontext() as context:
        context.prec = 50
        divisor = HUNDRED + rate if treatment == "Inclusive" else HUNDRED
        return to_cents(amount * rate / divisor)


@lru_cache(maxsize=8192)
def line(quantity: Decimal, unit_price: Decimal, discount: Decimal, tax_rate: Decimal, treatment: str) -> LineAmounts:
    """Both amounts of one line. Remembered: a file's lines are checked first and stored then."""
    amount = line_amount(quantity, unit_price, discount)
    return LineAmounts(amount, line_tax(amount, tax_rate, treatment))


def totals(lines: Iterable[LineAmounts], treatment: str) -> Totals:
    """A document's totals. Inclusive: the lines add up to the total; otherwise they add up to the subtotal."""
    amount = tax = Decimal("0.00")
    for each in lines:
        amount += each.amount
        tax += each.tax
    if treatment == "Inclusive":
        return Totals(amount - tax, tax, amount)
    return Totals(amount, tax, amount + tax)


def in_base_currency(amount: Decimal, rate: Decimal) -> Decimal:
    """The amount in base currency, to the cent. `rate`: foreign units per one base unit, above zero."""
    with localcontext() as context:
        context.prec = 50
        return to_cents(amount / rate)
