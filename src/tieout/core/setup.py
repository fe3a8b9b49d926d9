"""An organisation's set-up: the few facts that the rules need to know besides the record itself.

In: an organisation. Out: one frozen `Setup`. Always: read in three queries and then never again from the database, so
that a whole file can be checked against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tieout.core.due_dates import Term
from tieout.core.models import Account, Organisation, PaymentTerm, TaxRule


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    code: str
    name: str
    active: bool
    takes_payments: bool
    is_bank: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """`accounts` by code, empty while none are loaded from Xero; tax rates in percent by the rule's id;
    `default_sale_tax`, `default_purchase_tax`: the rules for what names none; `terms` by id;
    `default_sale_term`, `default_purchase_term`: of documents whose contact has none;
    `use_credit_by_order`: credit taken for an order is used by itself; `book_costs`: the cost of
    shipped goods is booked by itself; `cost_dating`: a word of `CostDating`."""

    base_currency: str
    lock_date: date | None = None
    accounts: Mapping[str, LedgerAccount] = field(default_factory=dict)
    tax_rates: Mapping[int, Decimal] = field(default_factory=dict)
    tax_rule_ids: Mapping[str, int] = field(default_factory=dict)
    term_ids: Mapping[str, int] = field(default_factory=dict)
    default_sale_tax: int | None = None
    default_purchase_tax: int | None = None
    terms: Mapping[int, Term] = field(default_factory=dict)
    default_sale_term: Term | None = None
    default_purchase_term: Term | None = None
    use_credit_by_order: bool = False
    book_costs: bool = False
    cost_dating: str = "on_change"


def read_setup(organisation: Organisation) -> Setup:
    """The organisation's set-up as it is now. Names of tax rules and terms are keyed in lower case."""
    choices = ["use_credit_by_order", "book_costs", "cost_dating"]
    organisation.refresh_from_db(fields=["base_currency", "lock_date", *choices])
    accounts: dict[str, LedgerAccount] = {}
    for account in Account.objects.filter(organisation=organisation).exclude(code=""):
        known = accounts.get(account.code)
        if known is None or not known.active:  # Xero lets a new account take over an archived one's code
            accounts[account.code] = LedgerAccount(
                account.code,
                account.name,
                account.status == "ACTIVE",
                account.takes_payments,
                account.type == "BANK",
            )
    rules = list(TaxRule.objects.filter(organisation=organisation))
    terms = list(PaymentTerm.objects.filter(organisation=organisation))
    return Setup(
        base_currency=organisation.base_currency,
        lock_date=organisation.lock_date,
        accounts=accounts,
        tax_rates={rule.pk: rule.rate for rule in rules},
        tax_rule_ids={rule.name.lower(): rule.pk for rule in rules},
        term_ids={term.name.lower(): term.pk for term in terms},
        default_sale_tax=next((rule.pk for rule in rules if rule.default_for_sales), None),
        default_purchase_tax=next((rule.pk for rule in rules if rule.default_for_purchases), None),
        terms={term.pk: Term(term.method, term.days) for term in terms},
        default_sale_term=next((Term(term.method, term.days) for term in terms if term.default_for_sales), None),
        default_purchase_term=next(
            (Term(term.method, term.days) for term in terms if term.default_for_purchases), None
        ),
        use_credit_by_order=organisation.use_credit_by_order,
        book_costs=organisation.book_costs,
        cost_dating=organisation.cost_dating,
    )
