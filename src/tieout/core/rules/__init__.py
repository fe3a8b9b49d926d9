"""Core's rules, in one place for people, the REST API and imported files alike.

In: what was entered (`core.fields`) and the organisation's set-up. Out: a list of `Problem`s, empty when all is well.
Always: pure (no database, no clock); every problem of a record is found at once; a reason is a sentence that says what
to do. Uniqueness is not here: only the database can promise it.
"""

from tieout.core.rules.attachments import MOST_FILES, check_attachment, content_type
from tieout.core.rules.checks import LARGEST_AMOUNT, Problem, Refused, Stale, check_lock, tidied
from tieout.core.rules.company import (
    check_contact,
    check_organisation,
    check_payment_term,
    check_product,
    check_tax_rule,
)
from tieout.core.rules.costs import changed_costs, check_cost_total, check_unit_cost, costed_by, with_costs
from tieout.core.rules.documents import (
    CREDITING,
    DOCUMENT_KINDS,
    FALLING_DUE,
    check_credited,
    check_document,
    money_of,
    priced,
)
from tieout.core.rules.journals import check_journal
from tieout.core.rules.money import (
    DEPOSIT_KINDS,
    check_allocation,
    check_deposit,
    check_money_task,
    check_payment,
    priced_task,
)
from tieout.core.rules.taxes import Applied, NamedTax, applied_rules, applied_to_task, as_entered, taxed_by

__all__ = [
    "CREDITING",
    "DEPOSIT_KINDS",
    "DOCUMENT_KINDS",
    "FALLING_DUE",
    "LARGEST_AMOUNT",
    "MOST_FILES",
    "Applied",
    "NamedTax",
    "Problem",
    "Refused",
    "Stale",
    "applied_rules",
    "applied_to_task",
    "as_entered",
    "changed_costs",
    "check_allocation",
    "check_attachment",
    "check_contact",
    "check_cost_total",
    "check_credited",
    "check_deposit",
    "check_document",
    "check_journal",
    "check_lock",
    "check_money_task",
    "check_organisation",
    "check_payment",
    "check_payment_term",
    "check_product",
    "check_tax_rule",
    "check_unit_cost",
    "content_type",
    "costed_by",
    "money_of",
    "priced",
    "priced_task",
    "taxed_by",
    "tidied",
    "with_costs",
]
