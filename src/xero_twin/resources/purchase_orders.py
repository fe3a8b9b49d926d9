"""PurchaseOrders: orders to suppliers. They post nothing.

The contact must exist; none is made here. A number is unique, made when it is missing, and held by a deleted order: a
POST with it fails with Xero's two sentences. Unit amounts always have four decimals. Lists always have pages and take
`Status`, `DateFrom` and `DateTo` but no `where`.
"""

import copy
from collections.abc import Callable
from datetime import date
from typing import Any

from xero_twin import money, wire
from xero_twin.fields import InOneGo, Sent, boolean, day, declare, guid, nested, number, one_of, text
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, PurchaseOrder
from xero_twin.resource import Call, Filters, Outcome, Resource, Shape, record_id
from xero_twin.resources import (
    attachments,
    branding,
    contacts,
    document_contact,
    document_figures,
    document_lines,
    line_shapes,
    renderings,
)
from xero_twin.resources.document_figures import LineRules

STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED")
DELETED = ["PurchaseOrder status change is invalid", "Deleted PurchaseOrders cannot be updated"]
NOT_UNIQUE = "Order number must be unique"
NOT_SENDABLE = "Only AUTHORISED and BILLED purchase orders may have SentToContact updated."
_LONGEST_INSTRUCTIONS = 500

# which ways back there are is not known: an approved order does not become a draft again (inferred)
_NEXT = {
    "DRAFT": STATUSES,
    "SUBMITTED": STATUSES,
    "AUTHORISED": ("AUTHORISED", "BILLED", "DELETED"),
    "BILLED": ("AUTHORISED", "BILLED", "DELETED"),
}
_COPIED = (
    "reference",
    "date",
    "delivery_date",
    "expected_arrival_date",
    "delivery_address",
    "attention_to",
    "telephone",
    "delivery_instructions",
    "sent_to_contact",
    "status",
    "basis",
)
FIELDS = declare(
    {
        "PurchaseOrderID": ("id", guid),
        "PurchaseOrderNumber": ("number", text),
        "Reference": ("reference", text),
        "Contact": ("contact", nested(contacts.FIELDS)),
        "Date": ("date", day),
        "DeliveryDate": ("delivery_date", day),
        "ExpectedArrivalDate": ("expected_arrival_date", day),
        "DeliveryAddress": ("delivery_address", text),
        "AttentionTo": ("attention_to", text),
        "Telephone": ("telephone", text),
        "DeliveryInstructions": ("delivery_instructions", text),
        "BrandingThemeID": ("branding_theme_id", guid),
        "SentToContact": ("sent_to_contact", boolean),
        "Status": ("status", one_of(*STATUSES, kind="PurchaseOrderStatus")),
        "LineAmountTypes": ("basis", one_of(*money.BASES, kind="LineAmountType")),
        "LineItems": ("lines", document_lines.LINES),
        "CurrencyCode": ("currency", text),
        "CurrencyRate": ("currency_rate", number),
    }
)


def show(call: Call, order: PurchaseOrder, shape: Shape) -> dict[str, Any]:
    return wire.without_nulls(
        {
            "PurchaseOrderID": record_id(order),
            "PurchaseOrderNumber": order.number or "",
            "DateString": wire.day_string(order.date),
            "Date": wire.day(order.date),
            "DeliveryDateString": wire.day_string(order.delivery_date),
            "DeliveryDate": wire.day(order.delivery_date),
            "ExpectedArrivalDate": wire.day(order.expected_arrival_date),
            "DeliveryAddress": order.delivery_address or "",
            "AttentionTo": order.attention_to or "",
            "Telephone": order.telephone or "",
            "DeliveryInstructions": order.delivery_instructions or "",
            "HasErrors": False,
            "IsDiscounted": order.total_discount != 0,
            "TotalDiscount": order.total_discount if shape is Shape.WRITE else None,
            "SentToContact": order.sent_to_contact,
            "Reference": order.reference or "",
            "Type": "PURCHASEORDER",
            "CurrencyRate": order.currency_rate,
            "CurrencyCode": order.currency,
            "Contact": _contact(call, order, shape),
            "Status": order.status,
            "LineAmountTypes": order.basis,
            "LineItems": line_shapes.show(order.lines, shape, 4, call.org),
            "SubTotal": order.sub_total,
            "TotalTax": order.total_tax,
            "Total": order.total,
            "UpdatedDateUTC": wire.instant(order.updated),
            "HasAttachments": attachments.has_any(call.org, "PurchaseOrders", order.id),
        }
    )


def _contact(call: Call, order: PurchaseOrder, shape: Shape) -> dict[str, Any]:
    """Inside an order the contact's update time is ahead by the organisation's own offset from UTC."""
    shown = document_contact.show(call, order.contact_id, shape)
    contact = call.org.contacts.get(order.contact_id or "")
    if contact is not None and "UpdatedDateUTC" in shown:
        shown = {**shown, "UpdatedDateUTC": wire.instant(contact.updated + call.org.offset_ms(contact.updated))}
    return shown


def match(call: Call, sent: Sent) -> PurchaseOrder | None:
    """By PurchaseOrderID, else a live order by its number."""
    orders = call.org.purchase_orders
    if "id" in sent:
        return orders.get(sent["id"])
    found = orders.first("number", sent.get("number", "").casefold())
    return None if found is None or found.status == "DELETED" else found


def write(call: Call, sent: Sent, existing: PurchaseOrder | None) -> Outcome:
    if existing is None:
        return _create(call, sent)
    order = copy.copy(existing)
    errors = _status_errors(existing, sent)
    errors += _fill(call, order, sent, existing)
    if not errors:
        _store(call, order)
    return Outcome(order, errors)


def _create(call: Call, sent: Sent) -> Outcome:
    order = PurchaseOrder(currency=call.org.base_currency)
    errors = []
    if sent.get("id", NOTHING_GUID) != NOTHING_GUID and call.request.method == "POST":
        errors.append("The purchase order could not be found")  # wording invented
    if sent.get("status") == "DELETED":
        errors.append(DELETED[0])
    if "contact" not in sent:
        errors.append(document_contact.NO_CONTACT)
    errors += _fill(call, order, sent, None)
    if not errors:
        order.number = order.number or call.org.next_number("PO-", call.org.purchase_orders, "number")
        _store(call, order)
    return Outcome(order, errors, created=True)


def _store(call: Call, order: PurchaseOrder) -> None:
    document_lines.give_ids(call.org, order)
    order.updated = call.now
    call.org.purchase_orders.put(order)


def _status_errors(held: PurchaseOrder, sent: Sent) -> list[str]:
    if held.status == "DELETED":
        return list(DELETED)
    return [] if sent.get("status", held.status) in _NEXT[held.status] else [DELETED[0]]


def _fill(call: Call, order: PurchaseOrder, sent: Sent, held: PurchaseOrder | None) -> list[str]:
    org = call.org
    for name in _COPIED:
        setattr(order, name, sent.get(name, getattr(order, name)))
    order.date = order.date or org.today()
    errors = _number_errors(call, order, sent) + _own_errors(order, sent)
    errors += branding.errors(sent.get("branding_theme_id"))
    if "contact" in sent:
        errors += _take_contact(call, order, sent["contact"])
    errors += document_figures.currency(org, order, sent, held)
    rules = LineRules(sale=False, discounts=("discount_rate",), complete=(), four_decimals=True)
    errors += document_figures.lines(call, order, sent, held, rules)
    order.total_discount = document_figures.totals(order)
    if not order.lines:
        errors.append("One or more line items must be specified")
    if order.total < 0:
        errors.append("The document total must not be less than zero.")  # wording invented
    return errors


def _number_errors(call: Call, order: PurchaseOrder, sent: Sent) -> list[str]:
    order.number = sent.get("number", order.number) or None
    holder = call.org.purchase_orders.first("number", order.number.casefold()) if order.number else None
    if holder is None or holder.id == order.id:
        return []
    if call.request.method == "POST" and order.id == NOTHING_GUID:
        return list(DELETED)  # a live order of that number would have been edited
    return [NOT_UNIQUE]


def _own_errors(order: PurchaseOrder, sent: Sent) -> list[str]:
    errors = []
    if sent.get("sent_to_contact") and order.status not in ("AUTHORISED", "BILLED"):
        errors.append(NOT_SENDABLE)
    if len(order.delivery_instructions or "") > _LONGEST_INSTRUCTIONS:
        errors.append(f"Delivery instructions must be at most {_LONGEST_INSTRUCTIONS} characters.")  # invented
    for line in sent.get("lines", []):
        known = (line.unit_amount, line.line_amount, line.item_code, line.id)
        if line.quantity is not None and all(value is None for value in known):
            errors.append("A line with a quantity needs a unit amount.")  # wording invented
    return errors


def _take_contact(call: Call, order: PurchaseOrder, sent: Sent) -> list[str]:
    """By ContactID or ContactNumber; a name alone identifies nobody here."""
    found = contacts.match(call, {name: sent[name] for name in ("id", "contact_number") if name in sent})
    order.contact_id = found.id if found is not None else None
    if found is None:
        return [document_contact.NOT_IDENTIFIED]
    return [contacts.ARCHIVED] if found.status == "ARCHIVED" else []


def find(org: Organisation, key: str) -> PurchaseOrder | None:
    return org.purchase_orders.get(key) or org.purchase_orders.first("number", key.casefold())


def filters(call: Call) -> Filters:
    chosen = Filters(forces_paging=True)
    if status := call.params.get("status", "").upper():
        chosen.tests.append(lambda order: order.status == status)
    for name, passes in (("datefrom", _from), ("dateto", _until)):
        if text_of_day := call.params.get(name):
            chosen.tests.append(passes(day(text_of_day, name)))
    return chosen


def _from(first: date) -> Callable[[Any], bool]:
    return lambda order: order.date is not None and order.date >= first


def _until(last: date) -> Callable[[Any], bool]:
    return lambda order: order.date is not None and order.date <= last


RESOURCE = Resource(
    name="PurchaseOrders",
    element="PurchaseOrder",
    id_key="PurchaseOrderID",
    scopes=("accounting.invoices",),
    table=lambda org: org.purchase_orders,
    show=show,
    find=find,
    number=lambda order: order.number,
    columns={
        "purchaseorderid": lambda _, order: order.id,
        "purchaseordernumber": lambda _, order: order.number,
        "date": lambda _, order: order.date,
        "deliverydate": lambda _, order: order.delivery_date,
        "status": lambda _, order: order.status,
        "total": lambda _, order: order.total,
        "updateddateutc": lambda _, order: wire.moment(order.updated),
    },
    paged=True,
    takes_where=False,
    filters=filters,
    fields=FIELDS,
    in_one_go=InOneGo("PurchaseOrders", FIELDS),
    put="many",
    post="many",
    post_one=True,
    write=write,
    match=match,
    check=document_contact.check,
    error_flag="HasErrors",
    below={"pdf": renderings.serve_pdf},
)
