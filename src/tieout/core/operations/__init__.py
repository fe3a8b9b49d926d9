"""The only doors through which a person, the REST API or the engine changes Core's records.

In: what was entered (`core.fields`), the record to change, who acts. Out: the stored record. Always: the rules are
checked first and all problems come back together as `Refused`; the change, its audit event and its touch are one
transaction; a refused change writes nothing. `core.importing` is the same thing for whole files.
"""

from tieout.core.operations.contacts import create_contact, deprecate_contact, edit_contact, reactivate_contact
from tieout.core.operations.documents import authorise_document, create_document, edit_document, void_document
from tieout.core.operations.organisations import (
    create_organisation,
    create_payment_term,
    create_tax_rule,
    edit_tax_rule,
    set_lock_date,
)
from tieout.core.operations.payments import record_payment, void_payment
from tieout.core.operations.products import create_product, deprecate_product, edit_product, reactivate_product
from tieout.core.operations.recording import document_fields, fields_of
from tieout.core.rules import Problem, Refused, Stale

__all__ = [
    "Problem",
    "Refused",
    "Stale",
    "authorise_document",
    "create_contact",
    "create_document",
    "create_organisation",
    "create_payment_term",
    "create_product",
    "create_tax_rule",
    "deprecate_contact",
    "deprecate_product",
    "document_fields",
    "edit_contact",
    "edit_document",
    "edit_product",
    "edit_tax_rule",
    "fields_of",
    "reactivate_contact",
    "reactivate_product",
    "record_payment",
    "set_lock_date",
    "void_document",
    "void_payment",
]
