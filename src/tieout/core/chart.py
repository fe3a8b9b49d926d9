"""Accounts, tax rules and the default payment terms as loaded from the ledger: the door by which they enter Core.

In: plain rows. Out: the organisation's chart and tax rules. Always: what vanished from the ledger is kept and marked
DELETED, since old documents refer to it; a tax rule that Core made itself is tied to the ledger's rate of the same
name and percentage, and never changed otherwise; a default term is one of Core's own where one counts alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import count as count_from

from django.db import transaction

from tieout.core.due_dates import Term, in_words
from tieout.core.models import Account, Organisation, PaymentTerm, TaxRule


@dataclass(frozen=True, slots=True)
class AccountRow:
    xero_id: str
    code: str
    name: str
    type: str
    account_class: str
    status: str
    tax_type: str
    currency: str
    enable_payments: bool
    system_account: str


@dataclass(frozen=True, slots=True)
class TaxRow:
    """`rate` in percent; `applies_to`: the account classes it may be used with."""

    name: str
    tax_type: str
    rate: Decimal
    status: str
    applies_to: Sequence[str]


def store_accounts(organisation: Organisation, rows: Sequence[AccountRow]) -> None:
    """Take over these accounts, new or changed."""
    Account.objects.bulk_create(
        [Account(organisation=organisation, **asdict(row)) for row in rows],
        update_conflicts=True,
        unique_fields=["organisation", "xero_id"],
        update_fields=[
            "code", "name", "type", "account_class", "status", "tax_type", "currency", "enable_payments",
            "system_account",
        ],
    )  # fmt: skip


@transaction.atomic
def store_tax_rates(organisation: Organisation, rows: Sequence[TaxRow]) -> None:
    """Take over the ledger's whole list of tax rates."""
    rules = list(TaxRule.objects.select_for_update().filter(organisation=organisation))
    by_type = {rule.tax_type: rule for rule in sorted(rules, key=lambda rule: rule.from_xero) if rule.tax_type}
    by_name = {rule.name.casefold(): rule for rule in rules}
    for row in rows:
        rule = by_type.get(row.tax_type) or _same_rate(by_name.get(row.name.casefold()), row)
        if rule is None:
            name = row.name if row.name.casefold() not in by_name else f"{row.name[:40]} ({row.tax_type})"[:50]
            rule = TaxRule(organisation=organisation, name=name, from_xero=True)
            by_name[name.casefold()] = rule
        by_type[row.tax_type] = rule
        _take_over(rule, row)
        for mapped in rules:
            if mapped is not rule and mapped.tax_type == row.tax_type:
                _take_over(mapped, row)
    listed = {row.tax_type for row in rows}
    gone = [rule.pk for rule in rules if rule.from_xero and rule.tax_type not in listed]
    TaxRule.objects.filter(pk__in=gone).update(status="DELETED")


def _take_over(rule: TaxRule, row: TaxRow) -> None:
    rule.tax_type, rule.status, rule.applies_to = row.tax_type, row.status, list(row.applies_to)
    rule.xero_rate, rule.xero_name = row.rate, row.name
    if rule.from_xero:
        rule.rate = row.rate
    rule.save()


def _same_rate(rule: TaxRule | None, row: TaxRow) -> TaxRule | None:
    """A rule that Core made, where name and percentage agree and the ledger's rate is live."""
    agrees = rule is not None and not rule.tax_type and rule.rate == row.rate and row.status == "ACTIVE"
    return rule if agrees else None


@transaction.atomic
def store_default_terms(organisation: Organisation, sales: Term | None, purchases: Term | None) -> None:
    """Take over when invoices and bills fall due by themselves, of contacts without a term; None: by no term.

    Documents keep the due dates that they have.
    """
    terms = list(PaymentTerm.objects.select_for_update().filter(organisation=organisation))
    for flag, wanted in (("default_for_sales", sales), ("default_for_purchases", purchases)):
        default = _counting(organisation, wanted, terms) if wanted else None
        for term in terms:
            if getattr(term, flag) != (term is default):
                setattr(term, flag, term is default)
                term.save()


def _counting(organisation: Organisation, wanted: Term, terms: list[PaymentTerm]) -> PaymentTerm:
    """The term that counts so, the present default before others; a new one where Core has none."""
    alike = [term for term in terms if (term.method, term.days) == (wanted.method, wanted.days)]
    if not alike:
        words, taken = in_words(wanted), {term.name for term in terms}
        name = next(
            name for count in count_from(1) if (name := f"{words} ({count})" if count > 1 else words) not in taken
        )
        alike = [PaymentTerm(organisation=organisation, name=name, method=wanted.method, days=wanted.days)]
        terms += alike
    return max(alike, key=lambda term: (term.default_for_sales + term.default_for_purchases, -(term.pk or 0)))
