"""Prepayments and Overpayments: money received or spent ahead of its invoice.

They are made by bank transactions, read here, set off by allocations and refunded by payments; they cannot be written.
`InvoiceNumbers` filters prepayments, and `References` both, by their reference.
"""

from collections.abc import Callable, Mapping
from typing import Any

from xero_twin import wire
from xero_twin.organisation import Organisation
from xero_twin.records import Credit
from xero_twin.resource import Call, Column, Filters, Resource, Shape
from xero_twin.resources import allocations, credit_shapes, document_contact
from xero_twin.resources.settlement import OVERPAYMENT, PREPAYMENT, CreditKind
from xero_twin.store import Table


def filters(call: Call) -> Filters:
    chosen = Filters()
    for name in ("references", "invoicenumbers"):
        wanted = {one.strip().casefold() for one in call.params.get(name, "").split(",") if one.strip()}
        if wanted:
            chosen.tests.append(_with_reference(wanted))
    return chosen


def _with_reference(wanted: set[str]) -> Callable[[Any], bool]:
    return lambda credit: (credit.reference or "").casefold() in wanted


def _columns(kind: CreditKind) -> Mapping[str, Column]:
    return {
        kind.id_key.lower(): lambda _, credit: credit.id,
        "reference": lambda _, credit: credit.reference or "",
        "type": lambda _, credit: credit.type,
        "status": lambda _, credit: credit.status,
        "date": lambda _, credit: credit.date,
        "total": lambda _, credit: credit.total,
        "remainingcredit": lambda _, credit: credit.remaining,
        "currencycode": lambda _, credit: credit.currency,
        "updateddateutc": lambda _, credit: wire.moment(credit.updated),
        "contact.contactid": lambda _, credit: credit.contact_id,
        "contact.name": document_contact.column("name"),
        "contact.contactnumber": document_contact.column("contact_number"),
    }


def _show(kind: CreditKind) -> Callable[[Call, Any, Shape], dict[str, Any]]:
    return lambda call, credit, shape: credit_shapes.show(call, credit, shape, kind)


def _resource(kind: CreditKind, table: Callable[[Organisation], Table[Credit]]) -> Resource:
    return Resource(
        name=kind.resource,
        element=kind.element,
        id_key=kind.id_key,
        scopes=("accounting.payments",),
        table=table,
        show=_show(kind),
        find=lambda org, key: table(org).get(key),
        number=lambda credit: credit.reference,
        columns=_columns(kind),
        lookups={"contact.contactid": lambda org, value: table(org).find("contact", value.lower())},
        paged=True,
        filters=filters,
        below={"allocations": allocations.serve},
    )


PREPAYMENTS = _resource(PREPAYMENT, lambda org: org.prepayments)
OVERPAYMENTS = _resource(OVERPAYMENT, lambda org: org.overpayments)
