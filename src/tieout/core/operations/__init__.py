"""The only doors through which a person, the REST API or the engine changes Core's records.

In: what was entered (`core.fields`), the record to change, who acts. Out: the stored record. Always: the rules are
checked first and all problems come back together as `Refused`; the change, its audit event and its touch are one
transaction; a refused change writes nothing. `core.importing` is the same thing for whole files.
"""

from tieout.core.models import CostDating
from tieout.core.operations.allocations import allocate, void_allocation
from tieout.core.operations.attachments import attach, remove_attachment
from tieout.core.operations.contacts import create_contact, deprecate_contact, edit_contact, reactivate_contact
from tieout.core.operations.deposits import record_deposit, void_deposit
from tieout.core.operations.documents import authorise_document, create_document, edit_document, void_document
from tieout.core.operations.goods import book_unbooked, change_costs, post_cost_of_goods, unbooked
from tieout.core.operations.journals import authorise_journal, create_journal, edit_journal, void_journal
from tieout.core.operations.money_tasks import edit_money_task, record_money_task, void_money_task
from tieout.core.operations.organisations import (
    choose_default_tax,
    create_organisation,
    create_payment_term,
    create_tax_rule,
    edit_payment_term,
    edit_tax_rule,
    set_choices,
    set_lock_date,
)
from tieout.core.operations.payments import record_payment, record_refund, void_payment
from tieout.core.operations.products import create_product, deprecate_product, edit_product, reactivate_product
from tieout.core.operations.recording import document_fields, fields_of, journal_fields, money_task_fields
from tieout.core.rules import Problem, Refused, Stale

__all__ = [
    "CostDating",
    "Problem",
    "Refused",
    "Stale",
    "allocate",
    "attach",
    "authorise_document",
    "authorise_journal",
    "book_unbooked",
    "change_costs",
    "choose_default_tax",
    "create_contact",
    "create_document",
    "create_journal",
    "create_organisation",
    "create_payment_term",
    "create_product",
    "create_tax_rule",
    "deprecate_contact",
    "deprecate_product",
    "document_fields",
    "edit_contact",
    "edit_document",
    "edit_journal",
    "edit_money_task",
    "edit_payment_term",
    "edit_product",
    "edit_tax_rule",
    "fields_of",
    "journal_fields",
    "money_task_fields",
    "post_cost_of_goods",
    "reactivate_contact",
    "reactivate_product",
    "record_deposit",
    "record_money_task",
    "record_payment",
    "record_refund",
    "remove_attachment",
    "set_choices",
    "set_lock_date",
    "unbooked",
    "void_allocation",
    "void_deposit",
    "void_document",
    "void_journal",
    "void_money_task",
    "void_payment",
]
