"""Invoices: sales invoices (ACCREC) and bills (ACCPAY).

A sales invoice's number is unique, made when it is missing, and stays taken when the invoice is voided or
deleted; a bill's number is free text. `POST` without an id edits the invoice of that number. Figures are
computed by `money.py`, lines built by `document_lines.py`, what may change decided by `invoice_rules.py`,
and how it looks by `invoice_shapes.py`.
"""

import copy
from decimal import Decimal

import msgspec

from xero_twin import money, wire
from xero_twin.fields import (
    InOneGo,
    Sent,
    as_guid,
    boolean,
    day,
    declare,
    guid,
    nested,
    nested_list,
    number,
    one_of,
    text,
)
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, Invoice, Line
from xero_twin.resource import Call, Filters, Outcome, Resource
from xero_twin.resources import (
    branding,
    contacts,
    document_contact,
    document_figures,
    document_lines,
    document_url,
    invoice_rules,
    invoice_shapes,
    renderings,
    stock,
)
from xero_twin.resources.document_figures import LineRules
from xero_twin.resources.document_lines import SentLine
from xero_twin.resources.settlement import settle_nothing, standing

STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")
NOT_UNIQUE = "Invoice # must be unique."
_TENTH = Decimal("0.10")

_PAYMENT_SERVICE = declare({"PaymentServiceID": ("id", guid)})
FIELDS = declare(
    {
        "InvoiceID": ("id", guid),
        "Type": ("type", one_of("ACCREC", "ACCPAY", kind="InvoiceType")),
        "InvoiceNumber": ("number", text),
        "Reference": ("reference", text),
        "Contact": ("contact", nested(contacts.FIELDS)),
        "Date": ("date", day),
        "DueDate": ("due_date", day),
        "ExpectedPaymentDate": ("expected_payment_date", day),
        "PlannedPaymentDate": ("planned_payment_date", day),
        "Status": ("status", one_of(*STATUSES, kind="InvoiceStatus")),
        "LineAmountTypes": ("basis", one_of(*money.BASES, kind="LineAmountType")),
        "LineItems": ("lines", document_lines.LINES),
        "CurrencyCode": ("currency", text),
        "CurrencyRate": ("currency_rate", number),
        "BrandingThemeID": ("branding_theme_id", guid),
        "Url": ("url", text),
        "SentToContact": ("sent_to_contact", boolean),
        "RoundingAmount": ("rounding_amount", number),
        "InvoicePaymentServices": ("payment_services", nested_list(_PAYMENT_SERVICE)),
        "EnteredTotal": ("entered_total", number),
        "SubTotal": ("sub_total", number),
        "TotalTax": ("total_tax", number),
        "Total": ("total", number),
    }
)
_COPIED = (
    "reference",
    "date",
    "due_date",
    "expected_payment_date",
    "planned_payment_date",
    "status",
    "basis",
    "url",
    "sent_to_contact",
)


_SALE, _BILL = LineRules(sale=True, discounts=document_lines.DISCOUNTS), LineRules(sale=False)


def match(call: Call, sent: Sent) -> Invoice | None:
    """By InvoiceID, else by number: a sales invoice whatever its status, a bill of the same contact
    (inferred)."""
    invoices = call.org.invoices
    if "id" in sent:
        return invoices.get(sent["id"])
    wanted = sent.get("number", "").casefold()
    if not wanted:
        return None
    if sent.get("type") != "ACCPAY":
        return invoices.first("sales_number", wanted)
    contact = contacts.match(call, sent.get("contact", {}))
    bills = [
        bill for bill in invoices.find("bill_number", wanted) if contact is not None and bill.contact_id == contact.id
    ]
    return bills[-1] if bills else None


def write(call: Call, sent: Sent, existing: Invoice | None) -> Outcome:
    if existing is None:
        return _create(call, sent)
    return _update(call, sent, existing)


def _create(call: Call, sent: Sent) -> Outcome:
    invoice = Invoice(type=sent.get("type", ""), currency=call.org.base_currency, app=call.app.client_id)
    errors = [] if invoice.type else ["Invoice not of valid type for creation"]
    if sent.get("id", NOTHING_GUID) != NOTHING_GUID and call.request.method == "POST":
        errors.append("An existing Invoice with the specified InvoiceID could not be found")  # by analogy
    errors += invoice_rules.creation_errors(sent.get("status", "DRAFT"))
    if "contact" not in sent:
        errors.append("A Contact must be specified for this type of transaction")
    if "branding_theme_id" in sent:
        errors += branding.errors(sent["branding_theme_id"])
    errors += _fill(call, invoice, sent, None)
    errors += invoice_rules.approval_errors(call.org, invoice, None)
    errors += stock.errors(call, "Invoices", invoice)
    if not errors:
        if invoice.type == "ACCREC" and not invoice.number:
            invoice.number = call.org.next_number("INV-", call.org.invoices, "sales_number")
        _store(call, invoice)
        contacts.mark_used(call.org, invoice.contact_id or "", invoice.type == "ACCREC")
    return Outcome(invoice, errors, created=True)


def _update(call: Call, sent: Sent, held: Invoice) -> Outcome:
    """Lay what was sent over the invoice. A refused update echoes the merged invoice, the stored one
    stays."""
    invoice = copy.copy(held)
    errors = invoice_rules.change_errors(call.org, held, sent)
    if errors:
        _fill(call, invoice, {name: value for name, value in sent.items() if name != "contact"}, held)
        return Outcome(invoice, errors)
    errors += branding.errors(sent.get("branding_theme_id"))
    if held.has_settlements:
        errors += _edit_settled(call, invoice, sent)
    else:
        invoice.status = standing(held)
        changes = {name: value for name, value in sent.items() if (name, value) != ("status", "PAID")}
        errors += _fill(call, invoice, changes, held)
        if invoice.status not in ("VOIDED", "DELETED"):
            errors += invoice_rules.approval_errors(call.org, invoice, held)
        errors += stock.errors(call, "Invoices", invoice)
    if not errors:
        unnoticed = held.has_settlements and set(sent) <= invoice_rules.UNNOTICED_WHEN_SETTLED
        _store(call, invoice, held.updated if unnoticed else None)
    return Outcome(invoice, errors)


def _store(call: Call, invoice: Invoice, updated: int | None = None) -> None:
    document_lines.give_ids(call.org, invoice)
    settle_nothing(invoice)
    invoice.updated = call.now if updated is None else updated
    call.org.invoices.put(invoice)
    stock.book(call, "Invoices", invoice)


def _fill(call: Call, invoice: Invoice, sent: Sent, held: Invoice | None) -> list[str]:
    """Everything that may be set on a document without payments."""
    org = call.org
    errors = _number(org, invoice, sent)
    for name in _COPIED:
        if name in sent:
            setattr(invoice, name, sent[name])
    if invoice.date is None:
        invoice.date = org.today()
    _drop_other_side(invoice)
    errors += _own_errors(invoice, sent)
    if sent.get("payment_services"):  # an organisation of the twin has none
        errors.append("Payment service could not be found")
    if "contact" in sent:
        contact, wrong = document_contact.resolve(call, sent["contact"])
        invoice.contact_id = contact.id if contact is not None else None
        errors += wrong
    errors += document_figures.currency(org, invoice, sent, held)
    errors += document_figures.lines(call, invoice, sent, held, _SALE if invoice.type == "ACCREC" else _BILL)
    return errors + _amounts(invoice, sent)


def _number(org: Organisation, invoice: Invoice, sent: Sent) -> list[str]:
    found = sent.get("number", invoice.number) or None
    invoice.number = found
    if found is None:
        return []
    if len(found) > 255 or not (found.isascii() and found.isprintable()):
        return ["The invoice number must be at most 255 printable ASCII characters."]  # wording invented
    holder = org.invoices.first("sales_number", found.casefold()) if invoice.type == "ACCREC" else None
    return [NOT_UNIQUE] if holder is not None and holder.id != invoice.id else []


def _drop_other_side(invoice: Invoice) -> None:
    """What is for sales invoices only leaves a bill, and the other way round."""
    if invoice.type == "ACCPAY":
        invoice.reference = invoice.expected_payment_date = None
    elif invoice.planned_payment_date is not None:
        invoice.planned_payment_date = None


def _own_errors(invoice: Invoice, sent: Sent) -> list[str]:
    """The rules are Xero's, the sentences invented (the second by analogy with purchase orders)."""
    errors = document_url.errors(invoice.url)
    if len(invoice.reference or "") > 255:
        errors.append("Reference must be no longer than 255 characters.")
    approved = invoice.type == "ACCREC" and invoice.status in ("AUTHORISED", "PAID")
    if sent.get("sent_to_contact") and not approved:
        errors.append("Only AUTHORISED and PAID sales invoices may have SentToContact updated.")
    return errors


def _amounts(invoice: Invoice, sent: Sent) -> list[str]:
    """Totals from the lines, with the document's own rounding where Xero honours it."""
    errors = []
    rounding = sent.get("rounding_amount", invoice.rounding_amount)
    if "rounding_amount" in sent:
        stated = all(name in sent for name in ("sub_total", "total_tax", "total"))
        if not stated or invoice.status not in ("SUBMITTED", "AUTHORISED"):
            rounding = None
    if rounding is not None and abs(rounding) > _TENTH:
        errors.append("The RoundingAmount must be between -0.10 and 0.10.")  # wording invented
        rounding = None
    if rounding or invoice.rounding_amount is not None:
        invoice.rounding_amount = money.cents(rounding) if rounding else None
    if "entered_total" in sent:
        invoice.entered_total = money.cents(sent["entered_total"])
    if invoice.status != "DRAFT" and invoice.entered_total is not None:
        invoice.entered_total = None
    invoice.total_discount = document_figures.totals(invoice, invoice.rounding_amount or money.ZERO)
    return errors


def _edit_settled(call: Call, invoice: Invoice, sent: Sent) -> list[str]:
    """The few fields that may change on a paid or part-paid document; amounts are left as they are, without
    a word."""
    errors = _number(call.org, invoice, sent) if "number" in sent else []
    for name in invoice_rules.EDITABLE_WHEN_SETTLED:
        if name in sent and name != "number":
            setattr(invoice, name, sent[name])
    _drop_other_side(invoice)
    errors += _own_errors(invoice, sent)
    if "contact" in sent:
        contact, wrong = document_contact.resolve(call, sent["contact"])
        invoice.contact_id = contact.id if contact is not None else invoice.contact_id
        errors += wrong
    changes = {line.id: _editable(line) for line in sent.get("lines", [])}
    sale = invoice.type == "ACCREC"
    setting = document_lines.setting(call.org, invoice.basis, sale, True, call.unitdp, document_lines.DISCOUNTS)
    lines: list[Line] = []
    for line in invoice.lines:
        change = changes.get(line.id)
        if change is None:
            lines.append(line)
            continue
        built, wrong = document_lines.build(setting, [change], (line,))
        lines += [_with_tax_of(one, line) for one in built]
        errors += wrong
    invoice.lines = tuple(lines)
    return errors


def _editable(line: SentLine) -> SentLine | None:
    """What may change on a line of a settled document, if any of it was sent."""
    sent = {name: getattr(line, name) for name in invoice_rules.EDITABLE_ON_SETTLED_LINE}
    return SentLine(id=line.id, **sent) if any(value is not None for value in sent.values()) else None


def _with_tax_of(line: Line, held: Line) -> Line:
    """A changed account may have another tax: on a settled line the tax stays."""
    tax = {"tax_type": held.posting.tax_type, "tax_amount": held.posting.tax_amount}
    line.posting = msgspec.structs.replace(line.posting, **tax)
    return line


def find(org: Organisation, key: str) -> Invoice | None:
    """By id or by number; of several bills with a number the newest."""
    by_id = org.invoices.get(key)
    if by_id is not None:
        return by_id
    found = org.invoices.first("sales_number", key.casefold())
    if found is not None:
        return found
    bills = org.invoices.find("bill_number", key.casefold())
    return bills[-1] if bills else None


def _numbered(org: Organisation, number: str) -> list[Invoice]:
    """The sales invoice and the bills of a number."""
    return org.invoices.find("sales_number", number) + org.invoices.find("bill_number", number)


def filters(call: Call) -> Filters:
    chosen = Filters()
    org, params = call.org, call.params
    if ids := _listed(params.get("ids")):
        wanted = [as_guid(one) or one for one in ids]
        chosen.candidates = [found for one in wanted if (found := org.invoices.get(one)) is not None]
    if numbers := _listed(params.get("invoicenumbers")):
        folded = {one.casefold() for one in numbers}
        if chosen.candidates is None:
            chosen.candidates = [found for one in folded for found in _numbered(org, one)]
        else:
            chosen.tests.append(lambda invoice: (invoice.number or "").casefold() in folded)
    if contact_ids := _listed(params.get("contactids")):
        of = {as_guid(one) or one for one in contact_ids}
        if chosen.candidates is None:
            chosen.candidates = [found for one in of for found in org.invoices.find("contact", one)]
        else:
            chosen.tests.append(lambda invoice: invoice.contact_id in of)
    if statuses := _listed(params.get("statuses")):
        allowed = {one.upper() for one in statuses}
        chosen.forces_paging = True
        chosen.tests.append(lambda invoice: invoice.status in allowed)
    if term := params.get("searchterm", "").casefold():
        chosen.tests.append(
            lambda invoice: term in (invoice.number or "").casefold() or term in (invoice.reference or "").casefold()
        )
    if call.flag("createdbymyapp"):
        chosen.tests.append(lambda invoice: invoice.app == call.app.client_id)
    return chosen


def _listed(value: str | None) -> list[str]:
    return [one.strip() for one in (value or "").split(",") if one.strip()]


RESOURCE = Resource(
    name="Invoices",
    element="Invoice",
    id_key="InvoiceID",
    scopes=("accounting.invoices",),
    table=lambda org: org.invoices,
    show=invoice_shapes.show,
    find=find,
    number=lambda invoice: invoice.number,
    columns={
        "invoiceid": lambda _, invoice: invoice.id,
        "invoicenumber": lambda _, invoice: invoice.number,
        "reference": lambda _, invoice: invoice.reference or "",
        "type": lambda _, invoice: invoice.type,
        "status": lambda _, invoice: invoice.status,
        "date": lambda _, invoice: invoice.date,
        "duedate": lambda _, invoice: invoice.due_date,
        "subtotal": lambda _, invoice: invoice.sub_total,
        "totaltax": lambda _, invoice: invoice.total_tax,
        "total": lambda _, invoice: invoice.total,
        "amountdue": lambda _, invoice: invoice.amount_due,
        "amountpaid": lambda _, invoice: invoice.amount_paid,
        "amountcredited": lambda _, invoice: invoice.amount_credited,
        "currencycode": lambda _, invoice: invoice.currency,
        "lineamounttypes": lambda _, invoice: invoice.basis,
        "senttocontact": lambda _, invoice: bool(invoice.sent_to_contact),
        "fullypaidondate": lambda _, invoice: invoice.fully_paid_on,
        "updateddateutc": lambda _, invoice: wire.moment(invoice.updated),
        "contact.contactid": lambda _, invoice: invoice.contact_id,
        "contact.name": document_contact.column("name"),
        "contact.contactnumber": document_contact.column("contact_number"),
    },
    lookups={
        "invoiceid": lambda org, value: [found] if (found := org.invoices.get(value.lower())) else [],
        "invoicenumber": lambda org, value: _numbered(org, value.casefold()),
        "contact.contactid": lambda org, value: org.invoices.find("contact", value.lower()),
    },
    paged=True,
    filters=filters,
    fields=FIELDS,
    in_one_go=InOneGo("Invoices", FIELDS),
    put="many",
    post="many",
    post_one=True,
    write=write,
    match=match,
    check=document_contact.check,
    error_flag="HasErrors",
    below={
        "pdf": renderings.serve_pdf,
        "onlineinvoice": renderings.serve_online,
        "email": renderings.serve_email,
    },
)
