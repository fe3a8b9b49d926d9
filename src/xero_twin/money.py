"""Xero's arithmetic of lines and documents.

In: what a client sent for a line (quantities, amounts, discount), a tax rate in per cent and the document's
basis. Out: the line's figures and the document's totals in the document's currency. Halves round away from
zero; money has two decimals, quantities four, unit amounts two (four with `unitdp=4`). Tax is rounded per
line and then summed, never the other way round; on an inclusive document SubTotal = Total − TotalTax.
"""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import msgspec

ZERO = Decimal("0.00")
ONE = Decimal("1.0000")
NOUGHT = Decimal("0.0000")
_CENT = Decimal("0.01")
_TEN_THOUSANDTH = Decimal("0.0001")
_HUNDRED = Decimal(100)

EXCLUSIVE, INCLUSIVE, NO_TAX = "Exclusive", "Inclusive", "NoTax"
BASES = (EXCLUSIVE, INCLUSIVE, NO_TAX)


def cents(value: Decimal) -> Decimal:
    """Two decimals, halves away from zero."""
    return value.quantize(_CENT, ROUND_HALF_UP) or ZERO  # never minus zero


def ten_thousandths(value: Decimal) -> Decimal:
    """Four decimals, halves away from zero."""
    return value.quantize(_TEN_THOUSANDTH, ROUND_HALF_UP) or NOUGHT


def unit(value: Decimal, unitdp: int) -> Decimal:
    """A unit amount as held: rounded to 2 or 4 decimals, always written with four."""
    rounded = value if unitdp == 4 else value.quantize(_CENT, ROUND_HALF_UP)
    return rounded.quantize(_TEN_THOUSANDTH, ROUND_HALF_UP) or NOUGHT


class LineTotalMismatchError(ValueError):
    """A LineAmount was sent that is not what quantity, unit amount and discount come to."""

    def __init__(self, sent: Decimal, expected: Decimal) -> None:
        super().__init__(f"The line total {sent} does not match the expected line total {expected}")


class LineSent(msgspec.Struct, frozen=True, gc=False):
    """What came in for one line; None is "not sent". Discount rate in per cent, discount amount in money."""

    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    line_amount: Decimal | None = None
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    tax_amount: Decimal | None = None


class LineFigures(msgspec.Struct, frozen=True, gc=False):
    """What Xero holds for one line. `discount` is the money taken off by rate or amount."""

    quantity: Decimal
    unit_amount: Decimal
    line_amount: Decimal
    tax_amount: Decimal
    discount: Decimal


Totals = tuple[Decimal, Decimal, Decimal]  # SubTotal, TotalTax, Total


def line_figures(sent: LineSent, rate: Decimal, basis: str, unitdp: int = 2) -> LineFigures:
    """The figures of one line. Raises LineTotalMismatchError when the LineAmount sent disagrees by a cent
    or more.

    A missing quantity or unit amount is derived from the other two. With only one of them known the
    quantity counts as 1 (invented: Xero does not say).
    """
    discounted = sent.discount_rate or sent.discount_amount
    share = (_HUNDRED - sent.discount_rate) / _HUNDRED if sent.discount_rate else ONE
    off = sent.discount_amount or ZERO
    quantity, unit_amount = _quantity_and_unit(sent, share, off, unitdp)
    gross = quantity * unit_amount
    line_amount = expected = cents(gross * share - off if discounted else gross)
    if sent.line_amount is not None and sent.line_amount != expected:
        line_amount = cents(sent.line_amount)
        both_sent = sent.quantity is not None and sent.unit_amount is not None
        if both_sent and line_amount != expected:
            raise LineTotalMismatchError(sent.line_amount, expected)
    if basis == NO_TAX:
        tax = ZERO
    else:
        tax = tax_on(line_amount, rate, basis) if sent.tax_amount is None else cents(sent.tax_amount)
    discount = cents(cents(gross) - line_amount) if discounted else ZERO
    return LineFigures(quantity, unit_amount, line_amount, tax, discount)


_quantity = lru_cache(maxsize=4096)(ten_thousandths)  # most are one of a few


def _quantity_and_unit(sent: LineSent, share: Decimal, off: Decimal, unitdp: int) -> tuple[Decimal, Decimal]:
    quantity = None if sent.quantity is None else _quantity(sent.quantity)
    price = None if sent.unit_amount is None else unit(sent.unit_amount, unitdp)
    if quantity is not None and price is not None:
        return quantity, price
    if sent.line_amount is not None and price is None:
        quantity = ONE if quantity is None else quantity
        divisor = quantity * share
        price = unit((sent.line_amount + off) / divisor, unitdp) if divisor else NOUGHT
    elif sent.line_amount is not None and quantity is None and price:
        divisor = price * share
        quantity = ten_thousandths((sent.line_amount + off) / divisor) if divisor else ONE
    return (
        ONE if quantity is None else quantity,
        NOUGHT if price is None else price,
    )


def tax_on(line_amount: Decimal, rate: Decimal, basis: str) -> Decimal:
    """The tax of one line amount at a rate in per cent, rounded to the cent."""
    if basis == EXCLUSIVE:
        return cents(line_amount * rate / _HUNDRED)
    if basis == INCLUSIVE:
        return cents(line_amount * rate / (_HUNDRED + rate))
    return ZERO


def totals(amount: Decimal, tax: Decimal, basis: str, rounding: Decimal = ZERO) -> Totals:
    """A document's totals from the sums of its lines' amounts and taxes; `rounding` is added to the total."""
    if basis == EXCLUSIVE:
        sub_total, total = amount, amount + tax
    elif basis == INCLUSIVE:
        sub_total, total = amount - tax, amount
    else:
        sub_total, tax, total = amount, ZERO, amount
    return sub_total, tax, total + rounding if rounding else total
