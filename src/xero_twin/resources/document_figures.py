"""The figures that all documents share: currency and rate, lines, totals.

In: a document being written, what was sent for it, and the document as it stands (None for a new one). Out: the
sentences that refuse it; the document's own fields are filled in place. Totals come from the lines alone.
"""

from decimal import Decimal
from typing import NamedTuple

from xero_twin import money
from xero_twin.fields import Sent
from xero_twin.organisation import Organisation
from xero_twin.records import Document
from xero_twin.resource import Call
from xero_twin.resources import document_lines
from xero_twin.resources.currencies import not_subscribed

RATE = Decimal("0.0000000001")


class LineRules(NamedTuple):
    """What a kind of document says about its lines: whether items give their sales side, which discounts are
    allowed, in which statuses every line needs an account, and whether unit amounts always have four decimals."""

    sale: bool
    discounts: tuple[str, ...] = ()
    complete: tuple[str, ...] = ("AUTHORISED",)
    four_decimals: bool = False


def currency(org: Organisation, document: Document, sent: Sent, held: Document | None) -> list[str]:
    """A foreign document without a rate takes the day's; so does one whose lines are sent again without
    it."""
    if held is None and "currency" not in sent:
        contact = org.contacts.get(document.contact_id or "")
        if contact is not None and contact.default_currency:
            document.currency = contact.default_currency
    document.currency = sent.get("currency", document.currency).upper()
    if document.currency != org.base_currency and (problem := not_subscribed(org, document.currency)):
        return [problem]
    return rate(org, document, sent, held)


def rate(org: Organisation, document: Document, sent: Sent, held: Document | None) -> list[str]:
    """The currency rate of a document whose currency is settled."""
    if document.currency == org.base_currency:
        document.currency_rate = org.day_rate(document.currency)
    elif "currency_rate" in sent:
        if sent["currency_rate"] < RATE:
            return ["The currency rate must be greater than zero."]  # wording invented
        document.currency_rate = sent["currency_rate"].quantize(RATE)
    elif held is None or "lines" in sent or held.currency != document.currency:
        document.currency_rate = org.day_rate(document.currency)
    return []


def lines(call: Call, document: Document, sent: Sent, held: Document | None, rules: LineRules) -> list[str]:
    """The document's lines as sent, or the held ones again where the basis or an approval asks for it."""
    same_basis = held is None or held.basis == document.basis
    complete = document.status in rules.complete
    approves = complete and (held is None or held.status not in rules.complete)
    unitdp = 4 if rules.four_decimals else call.unitdp
    setting = document_lines.setting(
        call.org, document.basis, rules.sale, complete, unitdp, rules.discounts, same_basis
    )
    if "lines" in sent:
        document.lines, errors = document_lines.build(setting, sent["lines"], document.lines)
        return errors
    if not same_basis or approves:
        document.lines, errors = document_lines.rebuild(setting, document.lines)
        return errors
    return []


def totals(document: Document, rounding: Decimal = money.ZERO) -> Decimal:
    """SubTotal, TotalTax and Total from the lines, with the document's own rounding; and the money that discounts took
    off all lines."""
    amount = tax = discount = money.ZERO
    for line in document.lines:
        posting = line.posting
        if posting.line_amount is not None:
            amount += posting.line_amount
            tax += posting.tax_amount or money.ZERO
            if posting.discount:
                discount += posting.discount
    document.sub_total, document.total_tax, document.total = money.totals(amount, tax, document.basis, rounding)
    return discount
