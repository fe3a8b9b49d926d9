"""What a document is besides its data: a PDF, an address online, an e-mail; and the settings of the UK's construction
scheme, which no organisation of the twin takes part in.

In: a record. Out: bytes of a small PDF, an address, 204 for an e-mail that goes nowhere (the journal has it), or a
refusal. An organisation may send so many e-mails a day: 1,000 when it pays, 20 in a trial, none as a demo company.
The sentences are invented, except those of the statuses that other calls share.
"""

import hashlib
from typing import Any

from xero_twin import wire
from xero_twin.errors import Refusal, invalid, not_found, plain_text
from xero_twin.organisation import Organisation
from xero_twin.reading import envelope
from xero_twin.resource import Call, Resource, Shape
from xero_twin.wire import Response

SENDABLE = ("SUBMITTED", "AUTHORISED", "PAID")
EMAILS_A_DAY = 1000
_DAY_MS = 86_400_000


def _only(call: Call, method: str, record: Any, rest: list[str]) -> None:
    if record is None or rest:
        raise not_found()
    if call.request.method != method:
        raise plain_text(501, "The Api Method called is not implemented")
    call.line.elements = 1


def _refused(call: Call, resource: Resource, record: Any, sentence: str) -> Refusal:
    call.line.refused.append((resource.name, resource.number(record), sentence))
    return invalid(sentence)


def serve_pdf(call: Call, resource: Resource, record: Any, rest: list[str]) -> Response:
    """GET …/pdf, or GET on the record with `Accept: application/pdf`."""
    _only(call, "GET", record, rest)
    shown = wire.keys(resource.show(call, record, Shape.STORED))
    lines = [f"{resource.element} {resource.number(record) or ''}".strip(), call.org.name]
    lines += [f"{name}: {shown[name]}" for name in ("Status", "DateString", "CurrencyCode", "Total") if name in shown]
    for line in record.lines:
        amount = line.posting.line_amount
        lines.append(f"{line.description or ''}  {'' if amount is None else amount}")
    return Response(200, {"Content-Type": "application/pdf"}, pdf(lines))


def pdf(lines: list[str]) -> bytes:
    """One page of plain lines."""
    shown = [line.encode("latin-1", "replace").decode("latin-1") for line in lines[:60]]
    escaped = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in shown]
    text = "BT /F1 11 Tf 14 TL 50 790 Td\n" + "\n".join(f"({line}) Tj T*" for line in escaped) + "\nET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
    )
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode()


def serve_online(call: Call, resource: Resource, invoice: Any, rest: list[str]) -> Response:
    """GET …/OnlineInvoice: of a sales invoice that is no draft."""
    _only(call, "GET", invoice, rest)
    if invoice.type != "ACCREC" or invoice.status not in SENDABLE:
        raise _refused(call, resource, invoice, "Invoice not of valid status for an online invoice")
    name = hashlib.sha256(invoice.id.encode()).hexdigest()[:40]
    shown = [{"OnlineInvoiceUrl": f"https://in.xero.com/{name}"}]
    return wire.json_response(200, {**envelope(call), "OnlineInvoices": shown})


def serve_email(call: Call, resource: Resource, invoice: Any, rest: list[str]) -> Response:
    """POST …/Email: 204, and the invoice counts as sent."""
    _only(call, "POST", invoice, rest)
    if invoice.type != "ACCREC" or invoice.status not in SENDABLE:
        raise _refused(call, resource, invoice, "Invoice not of valid status for sending by email")
    if not count_email(call.org, call.now):
        raise _refused(call, resource, invoice, "The organisation has no e-mails left to send today.")
    assert resource.write is not None, "invoices can be written"
    resource.write(call, {"sent_to_contact": True}, invoice)
    call.line.updated.append((resource.name, invoice.id, invoice.number))
    return Response(204, {}, b"")


def count_email(org: Organisation, now: int) -> bool:
    """Whether one more e-mail may go out today; a demo company sends none."""
    today = now // _DAY_MS
    day, sent = org.emails
    sent = sent if day == today else 0
    if org.demo or sent >= EMAILS_A_DAY:
        return False
    org.emails = (today, sent + 1)
    return True


def serve_contact_cis(call: Call, _resource: Resource, contact: Any, rest: list[str]) -> Response:
    """GET /Contacts/{id}/CISSettings: nobody is a subcontractor."""
    _only(call, "GET", contact, rest)
    return wire.json_response(200, {**envelope(call), "CISSettings": [{"CISEnabled": False}]})
