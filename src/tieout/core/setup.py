"""An organisation's set-up: the few facts that the rules need to know besides the record itself.

In: an organisation. Out: one frozen `Setup`. Always: read in three queries and then never again from the database, so
that a whole file can be checked against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model

from tieout.core.due_dates import Term
from tieout.core.models import Account, Organisation, PaymentTerm, TaxRule
from tieout.core.models.company import takes_payments


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
    rules = _rows(TaxRule, organisation, "id", "name", "rate", "default_for_sales", "default_for_purchases")
    terms = [
        (key, name, Term(method, days), *defaults)
        for key, name, method, days, *defaults in _rows(
            PaymentTerm, organisation, "id", "name", "method", "days", "default_for_sales", "default_for_purchases"
        )
    ]
    return Setup(
        base_currency=organisation.base_currency,
        lock_date=organisation.lock_date,
        accounts=_accounts(organisation),
        tax_rates={key: rate for key, _, rate, *_ in rules},
        tax_rule_ids={name.lower(): key for key, name, *_ in rules},
        term_ids={name.lower(): key for key, name, *_ in terms},
        default_sale_tax=next((key for key, _, _, for_sales, _ in rules if for_sales), None),
        default_purchase_tax=next((key for key, _, _, _, for_purchases in rules if for_purchases), None),
        terms={key: term for key, _, term, *_ in terms},
        default_sale_term=next((term for _, _, term, for_sales, _ in terms if for_sales), None),
        default_purchase_term=next((term for _, _, term, _, for_purchases in terms if for_purchases), None),
        use_credit_by_order=organisation.use_credit_by_order,
        book_costs=organisation.book_costs,
        cost_dating=organisation.cost_dating,
    )


def _accounts(organisation: Organisation) -> dict[str, LedgerAccount]:
    """By code. Xero lets a new account take over an archived one's code; the active one counts."""
    accounts: dict[str, LedgerAccount] = {}
    for code, name, status, type_, payments in _rows(
        Account, organisation, "code", "name", "status", "type", "enable_payments"
    ):
        known = accounts.get(code)
        if code and (known is None or not known.active):
            pays = takes_payments(type_, payments)
            accounts[code] = LedgerAccount(code, name, status == "ACTIVE", pays, type_ == "BANK")
    return accounts


def _rows(model: type[Model], organisation: Organisation, *columns: str) -> list[tuple[Any, ...]]:
    """Plain values: it is read for every operation, and instances of a whole chart of accounts take their time."""
    return list(model._default_manager.filter(organisation=organisation).values_list(*columns))
