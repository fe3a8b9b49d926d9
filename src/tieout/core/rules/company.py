"""The rules of an organisation, its tax rules and terms, of contacts and of products.

In: what was entered and the organisation's set-up. Out: a list of problems. Always: pure.
"""

from __future__ import annotations

from decimal import Decimal

from tieout.core.due_dates import METHODS, Term, misfit
from tieout.core.fields import ContactFields, OrganisationFields, PaymentTermFields, ProductFields, TaxRuleFields
from tieout.core.rules.checks import Problem, account_code, choice, currency_code, known_tax, number, texts_of
from tieout.core.setup import Setup


def check_organisation(values: OrganisationFields) -> list[Problem]:
    problems = texts_of(values)
    if values.slug and not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in values.slug):
        problems.append(Problem("slug", values.slug, "may hold only letters a–z, digits, hyphens and underscores"))
    problems += currency_code("base_currency", values.base_currency)
    return problems


def check_tax_rule(values: TaxRuleFields) -> list[Problem]:
    problems = texts_of(values)
    problems += number("rate", values.rate, decimals=4, low=Decimal(0), below=Decimal(1000))
    return problems


def check_payment_term(values: PaymentTermFields) -> list[Problem]:
    problems = texts_of(values) + choice("method", values.method, METHODS)
    if not 0 <= values.days <= 3650:
        problems.append(Problem("days", str(values.days), "must be between 0 and 3650"))
    elif reason := misfit(Term(values.method, values.days)):
        problems.append(Problem("days", str(values.days), reason))
    return problems


def check_contact(values: ContactFields, setup: Setup) -> list[Problem]:
    problems = texts_of(values) + choice("status", values.status, ("ACTIVE", "DEPRECATED"))
    if not (values.is_customer or values.is_supplier):
        problems.append(Problem("is_customer", "", "and is_supplier are both no; say which of them the contact is"))
    if values.currency:
        problems += currency_code("currency", values.currency)
    problems += account_code("sale_account", values.sale_account, setup)
    problems += account_code("purchase_account", values.purchase_account, setup)
    problems += known_tax("tax_rule", values.tax_rule_id, setup)
    if values.term_id is not None and values.term_id not in setup.term_ids.values():
        problems.append(Problem("term", str(values.term_id), "is not a payment term of this organisation"))
    return problems


def check_product(values: ProductFields, setup: Setup) -> list[Problem]:
    problems = texts_of(values)
    problems += choice("status", values.status, ("ACTIVE", "DEPRECATED", "SET_UP_REQUIRED"))
    problems += choice("type", values.type, ("STOCK", "SERVICE", "NON_INVENTORY"))
    for name, price in (("sale_price", values.sale_price), ("purchase_price", values.purchase_price)):
        if price is not None:
            problems += number(name, price, decimals=4, low=Decimal(0), below=Decimal(10) ** 10)
    problems += account_code("sale_account", values.sale_account, setup)
    problems += account_code("purchase_account", values.purchase_account, setup)
    problems += account_code("cost_account", values.cost_account, setup)
    problems += account_code("inventory_account", values.inventory_account, setup)
    if not (values.is_sold or values.is_purchased):
        problems.append(
            Problem("is_sold", "", "and is_purchased are both no; say which of them, or deprecate the product")
        )
    problems += known_tax("sale_tax_rule", values.sale_tax_rule_id, setup)
    problems += known_tax("purchase_tax_rule", values.purchase_tax_rule_id, setup)
    return problems
