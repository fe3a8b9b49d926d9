"""Attachments: files on accounts, contacts, documents, bank transactions and journals.

PUT or POST of the raw bytes on `/{Resource}/{id}/Attachments/{FileName}`; the same name again takes the place of the
file, which keeps its id. At most ten files of 10 MB on a record. The list, and the bytes by id or by name. What is
refused is Xero's rule; how it says so is not known, so the sentences are invented.
"""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from xero_twin import wire
from xero_twin.errors import Refusal, invalid, not_found, plain_text
from xero_twin.fields import as_guid
from xero_twin.organisation import Organisation
from xero_twin.reading import envelope
from xero_twin.records import Attachment
from xero_twin.resource import Call, Resource
from xero_twin.wire import Response

MOST = 10
LARGEST = 10 * 1024 * 1024
ENDPOINTS = frozenset(
    (
        "Accounts",
        "BankTransactions",
        "BankTransfers",
        "Contacts",
        "CreditNotes",
        "Invoices",
        "ManualJournals",
        "PurchaseOrders",
    )
)
_FORBIDDEN = frozenset('<>:"/\\|?*\0')
# which types are refused is not listed anywhere: programs and scripts are (invented)
_REFUSED_TYPES = frozenset((".exe", ".bat", ".cmd", ".com", ".js", ".msi", ".scr", ".vbs", ".sh", ".html", ".svg"))
_MIME_BY_SUFFIX = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpg", ".csv": "text/csv"}


def has_any(org: Organisation, resource: str, record_id: str) -> bool:
    return org.attachments.first("owner", (resource, record_id)) is not None


def serve(call: Call, resource: Resource, owner: Any, rest: list[str]) -> Response:
    """Everything under `/{Resource}/{id}/Attachments`."""
    if owner is None or resource.name not in ENDPOINTS:
        raise not_found()
    method = call.request.method
    if not rest and method == "GET":
        files = call.org.attachments.find("owner", (resource.name, owner.id))
        call.line.elements = len(files)
        return _listed(call, files)
    name = "/".join(rest)
    if name and method == "GET":
        return _bytes(call, resource, owner, name)
    if name and method in ("PUT", "POST"):
        return _upload(call, resource, owner, name)
    raise plain_text(501, "The Api Method called is not implemented")


def _upload(call: Call, resource: Resource, owner: Any, name: str) -> Response:
    held = _named(call.org, resource, owner, name)
    problem = _problem(call, resource, owner, name, held)
    if problem is not None:
        call.line.refused.append(("Attachments", name, problem))
        raise _refused(problem)
    sent_type = (call.request.header("Content-Type") or "").split(";")[0].strip()
    file = Attachment(
        id=held.id if held is not None else call.org.new_id(),
        owner=(resource.name, owner.id),
        file_name=name,
        mime_type=sent_type or _MIME_BY_SUFFIX.get(PurePosixPath(name).suffix.lower(), "application/octet-stream"),
        content=call.request.body,
        include_online=call.flag("includeonline", held.include_online if held is not None else False),
        updated=call.now,
    )
    call.org.attachments.put(file)
    touched = call.line.created if held is None else call.line.updated
    touched.append(("Attachments", file.id, name))
    call.line.elements = 1
    return _listed(call, [file])


def _refused(problem: str) -> Refusal:
    return invalid(problem)


def _problem(call: Call, resource: Resource, owner: Any, name: str, held: Attachment | None) -> str | None:
    files = call.org.attachments.find("owner", (resource.name, owner.id))
    checks: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: bool(_FORBIDDEN & set(name)), "The file name contains characters that are not allowed."),
        (
            lambda: PurePosixPath(name).suffix.lower() in _REFUSED_TYPES,
            "Files of this type cannot be attached.",
        ),
        (lambda: not call.request.body, "The file is empty."),
        (lambda: len(call.request.body) > LARGEST, "The file is larger than 10 MB."),
        (lambda: held is None and len(files) >= MOST, f"No more than {MOST} files can be attached."),
        (
            lambda: call.flag("includeonline") and getattr(owner, "type", "") not in ("ACCREC", "ACCRECCREDIT"),
            "IncludeOnline is only for sales invoices and customer credit notes.",
        ),
    )
    return next((sentence for fails, sentence in checks if fails()), None)


def _named(org: Organisation, resource: Resource, owner: Any, name: str) -> Attachment | None:
    """By id, or by file name without regard to case (inferred)."""
    files = org.attachments.find("owner", (resource.name, owner.id))
    wanted = as_guid(name)
    return next((one for one in files if one.id == wanted or one.file_name.casefold() == name.casefold()), None)


def _bytes(call: Call, resource: Resource, owner: Any, name: str) -> Response:
    file = _named(call.org, resource, owner, name)
    if file is None:
        raise not_found()
    call.line.elements = 1
    return Response(200, {"Content-Type": file.mime_type}, file.content)


def _listed(call: Call, files: list[Attachment]) -> Response:
    return wire.json_response(200, {**envelope(call), "Attachments": [show(file) for file in files]})


def show(file: Attachment) -> dict[str, Any]:
    resource, owner_id = file.owner
    shown: dict[str, Any] = {
        "AttachmentID": file.id,
        "FileName": file.file_name,
        "Url": f"https://api.xero.com/api.xro/2.0/{resource}/{owner_id}/Attachments/{quote(file.file_name)}",
        "MimeType": file.mime_type,
        "ContentLength": len(file.content),
    }
    if file.include_online:
        shown["IncludeOnline"] = True
    return shown
