"""What all records in one consolidated document share, for how long it gathers, and what it is called.

In: a policy, the figures of a record. Out: `Terms`, a period, a number. Always: one document has one currency, one
rate, one tax treatment, one contact; a number fits Xero's 255 characters and ends differently for each document.
"""

from __future__ import annotations

import hashlib
import re
from calendar import monthrange
from dataclasses import astuple, dataclass, replace
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from tieout.kinds.consolidation.figures import Figures

INDIVIDUAL, DAILY, MONTHLY, NONE = "individual", "daily", "monthly", "none"
GROUPINGS = ("account", "tax", "product", "customer", "order")
LONGEST_NUMBER = 255
TEMPLATE = "{type}-{date}-{channel}-{n}"
PLACEHOLDERS = ("type", "date", "channel", "currency", "n")

# The consolidated kind that carries records of a plain kind, and the beginning of its numbers.
CARRIED_BY = {
    "sale_invoice": "consolidated_invoice",
    "sale_credit_note": "consolidated_credit_note",
    "bill": "consolidated_bill",
    "purchase_credit_note": "consolidated_supplier_credit",
    "journal": "consolidated_journal",
    "money_task": "consolidated_money_task",
    "payment": "consolidated_payment",
}
TYPES = {
    "consolidated_invoice": "SO",
    "consolidated_credit_note": "CN",
    "consolidated_bill": "BILL",
    "consolidated_supplier_credit": "SC",
    "consolidated_journal": "JR",
    "consolidated_money_task": "MT",
    "consolidated_payment": "PAY",
}
# What takes something back from a document of that kind.
OPPOSITE = {
    "consolidated_invoice": "consolidated_credit_note",
    "consolidated_credit_note": "consolidated_invoice",
    "consolidated_bill": "consolidated_supplier_credit",
    "consolidated_supplier_credit": "consolidated_bill",
    "consolidated_journal": "consolidated_journal",
    "consolidated_money_task": "consolidated_money_task",
}
# What gives credit, and what it is used on.
GIVING = ("consolidated_credit_note", "consolidated_supplier_credit")
TAKING = ("consolidated_invoice", "consolidated_bill")
OTHER_WAY = {"spend": "receive", "receive": "spend", "": ""}


@dataclass(frozen=True, slots=True)
class Policy:
    """How records of one sort are consolidated. `late`: "second" document of that period, or the "next" period's.
    `delivery`: "close", or a "draft" kept up to date until then. `cut_off`, `closes_after`: when it is over."""

    what: str
    mode: str = INDIVIDUAL
    grouping: str = "account"
    line_limit: int = 500
    late: str = "second"
    delivery: str = "close"
    template: str = TEMPLATE
    contact_id: UUID | None = None
    cut_off: time = time(0)
    closes_after: int = 0

    @property
    def consolidates(self) -> bool:
        return self.mode in (DAILY, MONTHLY)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the records in one document share. `by_contact`: the contact is their own, not the channel's.
    `account`, `type`: the bank account, and whether money was spent or received. `settles`: what payments pay."""

    kind: str
    channel: str
    first: date
    last: date
    currency: str
    rate: Decimal
    treatment: str
    contact_id: UUID | None
    by_contact: bool
    account: str = ""
    type: str = ""
    settles: UUID | None = None
    grouping: str = "account"

    @property
    def key(self) -> str:
        """A short digest: equal terms, equal key."""
        plain = astuple(replace(self, rate=self.rate.normalize()))
        return hashlib.blake2b(repr(plain).encode(), digest_size=16).hexdigest()

    def fits(self, figures: Figures) -> bool:
        """Could these figures stand in such a document, the day left aside?"""
        return (
            (self.channel, self.currency, self.rate, self.treatment, self.account, self.settles)
            == (
                figures.channel,
                figures.currency,
                figures.rate,
                figures.treatment,
                figures.account,
                figures.settles,
            )
            and self.type in (figures.type, "")
            and (not self.by_contact or self.contact_id == figures.contact_id)
        )

    def reversed(self) -> Terms:
        """Those of a document that takes back."""
        return replace(self, kind=OPPOSITE[self.kind], type=OTHER_WAY[self.type])


def terms_of(figures: Figures, policy: Policy) -> Terms:
    """Where these figures belong by the policy."""
    first, last = period(figures.day, policy.mode)
    by_contact = policy.contact_id is None or policy.grouping == "customer"
    return Terms(
        kind=CARRIED_BY[figures.key.kind],
        channel=figures.channel,
        first=first,
        last=last,
        currency=figures.currency,
        rate=figures.rate,
        treatment=figures.treatment,
        contact_id=figures.contact_id if by_contact else policy.contact_id,
        by_contact=by_contact and figures.contact_id is not None,
        account=figures.account,
        type=figures.type,
        settles=figures.settles,
        grouping=policy.grouping,
    )


def period(day: date, mode: str) -> tuple[date, date]:
    """The first and last day of the day's period."""
    if mode != MONTHLY:
        return day, day
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def series(template: str, terms: Terms, whose: str) -> str:
    """The number without its ending; documents of one series are told apart by `n` alone."""
    day = terms.last.strftime("%Y/%m/%d" if terms.first == terms.last else "%Y/%m")
    values = {"type": TYPES[terms.kind], "date": day, "currency": terms.currency, "n": "{n}"}
    shortest = template.format(channel="", **values)
    room = LONGEST_NUMBER - len(shortest) - 10
    return template.format(channel=re.sub(r"[<>{}]", "", whose)[: max(room, 0)].strip(), **values)


def number(series_text: str, n: int) -> str:
    return series_text.replace("{n}", str(n))


def reference(series_text: str, terms: Terms, base_currency: str) -> str:
    """What the parts of one document have in common."""
    common = series_text.replace("{n}", "").rstrip("-/ .")
    if terms.currency and terms.currency != base_currency:
        common = f"{common} {terms.currency} at {terms.rate.normalize():f}"
    return common[:LONGEST_NUMBER]
