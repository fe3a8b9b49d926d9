"""Allocations: parts of a credit note, prepayment or overpayment set off against invoices.

PUT on `/{Credits}/{id}/Allocations` adds, DELETE on one of them removes. Both documents must be authorised, of the
same contact, currency and side of business (customer credits to sales invoices, supplier credits to bills), and
the amount within what is left on both. The later of the two documents' dates counts, whatever date is sent.
"""

from datetime import date
from typing import Any

import msgspec

from xero_twin import wire
from xero_twin.errors import not_found
from xero_twin.fields import Sent, as_guid, day, declare, guid, nested, number, text
from xero_twin.money import ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.reading import envelope
from xero_twin.records import NOTHING_GUID, Allocation, Credit, Invoice
from xero_twin.resource import Call, Outcome, Resource, Shape
from xero_twin.resources import credit_shapes
from xero_twin.resources.settlement import KINDS, CreditKind, settle_credit, settle_invoice
from xero_twin.wire import Response
from xero_twin.writing import answer, elements

PAID_OFF = "The invoice you are trying to allocate to has already been paid off"
_INVOICE = declare({"InvoiceID": ("id", guid), "InvoiceNumber": ("number", text)})
FIELDS = declare(
    {"Amount": ("amount", number), "Date": ("date", day), "Invoice": ("invoice", nested(_INVOICE))},
)


def serve(call: Call, resource: Resource, credit: Credit | None, rest: list[str]) -> Response:
    """PUT …/Allocations, DELETE …/Allocations/{AllocationID}."""
    if credit is None:
        raise not_found()
    kind = KINDS[resource.name]
    if call.request.method == "PUT" and not rest:
        outcomes = []
        for sent in elements(call, _RESOURCE):
            current = call.org.credits(kind.resource).get(credit.id)
            assert current is not None
            outcomes.append(allocate(call, kind, current, sent))
        return answer(call, _RESOURCE, outcomes)
    if call.request.method == "DELETE" and len(rest) == 1:
        allocation = call.org.allocations.get(as_guid(rest[0]) or "")
        if allocation is None or allocation.credit_id != credit.id:
            raise not_found()
        return _removed(call, allocation)
    raise not_found()


def allocate(call: Call, kind: CreditKind, credit: Credit, sent: Sent) -> Outcome:
    """Set off a part of the credit, or say why not."""
    org = call.org
    invoice = _invoice(org, sent.get("invoice", {}))
    amount = cents(sent.get("amount", ZERO))
    allocation = Allocation(
        id=NOTHING_GUID,
        kind=kind.resource,
        credit_id=credit.id,
        invoice_id=invoice.id if invoice is not None else NOTHING_GUID,
        amount=amount,
        date=_later(org, credit, invoice),
        updated=call.now,
    )
    if invoice is None:
        return Outcome(allocation, ["Invoice could not be found"], created=True)  # wording invented
    errors = _errors(org, kind, credit, invoice, allocation)
    if not errors:
        allocation = msgspec.structs.replace(allocation, id=org.new_id())
        org.allocations.put(allocation)
        settle_credit(call, kind, credit, allocation.date, applied=amount)
        settle_invoice(call, invoice, allocation.date, credited=amount)
    return Outcome(allocation, errors, created=True)


def _invoice(org: Organisation, sent: Sent) -> Invoice | None:
    if "id" in sent:
        return org.invoices.get(sent["id"])
    return org.invoices.first("sales_number", sent.get("number", "").casefold())


def _later(org: Organisation, credit: Credit, invoice: Invoice | None) -> date:
    days = [one for one in (credit.date, invoice.date if invoice is not None else None) if one is not None]
    return max(days, default=org.today())


def _errors(org: Organisation, kind: CreditKind, credit: Credit, invoice: Invoice, allocation: Allocation) -> list[str]:
    if credit.status not in ("AUTHORISED", "PAID"):
        return [f"{kind.words} cannot be allocated as it is not Authorised"]  # wording invented
    if invoice.status == "PAID":
        return [PAID_OFF]
    wrong = (
        credit.of_customer != (invoice.type == "ACCREC")
        or invoice.status != "AUTHORISED"
        or credit.contact_id != invoice.contact_id
        or credit.currency != invoice.currency
    )
    if wrong:  # the end of the sentence was never seen: invented
        return [f"{kind.words} cannot be allocated to an incorrect invoice type, contact or currency"]
    if allocation.amount <= 0:
        return ["Allocation amount must be greater than zero"]  # wording invented
    if allocation.amount > min(credit.remaining, invoice.amount_due):
        # Xero's for credit notes; for the other kinds by analogy
        return [f"{kind.words} cannot be allocated as amount is greater than amount outstanding"]
    locked = org.lock_message(allocation.date)  # that lock dates hold here too is inferred
    return [locked] if locked else []


def _removed(call: Call, allocation: Allocation) -> Response:
    remove(call, allocation)
    call.line.updated.append(("Allocations", allocation.id, None))
    call.line.elements = 1
    gone = {**credit_shapes.show_allocation(call.org, allocation), "IsDeleted": True}
    return wire.json_response(200, {**envelope(call), "Allocations": [gone], **gone})


def remove(call: Call, allocation: Allocation) -> None:
    """Take an allocation back: both documents are open by that much again."""
    org = call.org
    credit = org.credits(allocation.kind).get(allocation.credit_id)
    invoice = org.invoices.get(allocation.invoice_id)
    assert credit is not None, "an allocation has its credit"
    assert invoice is not None, "an allocation has its invoice"
    org.allocations.remove(allocation.id)
    settle_credit(call, KINDS[allocation.kind], credit, None, applied=-allocation.amount)
    settle_invoice(call, invoice, None, credited=-allocation.amount)


def _show(call: Call, allocation: Allocation, _shape: Shape) -> dict[str, Any]:
    """The answer to a PUT; that it has the AllocationID is inferred from the lists."""
    kind = KINDS[allocation.kind]
    return {
        **credit_shapes.show_allocation(call.org, allocation),
        kind.element: {kind.id_key: allocation.credit_id, "ID": allocation.credit_id, "LineItems": []},
        "ValidationErrors": [],
    }


_RESOURCE = Resource(
    name="Allocations",
    element="Allocation",
    id_key="AllocationID",
    scopes=(),
    table=lambda org: org.allocations,
    show=_show,
    find=lambda org, key: org.allocations.get(key),
    fields=FIELDS,
    error_flag="HasValidationErrors",
)
