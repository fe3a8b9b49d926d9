"""Attachment → a file on the document in Xero, where the settings want files there.

Xero puts a file of the same name in the place of the one that is there, so sending it again makes no second one. Xero
takes no file away through its API.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from tieout.core.records import AttachmentRecord, RecordKey
from tieout.kinds.books import Books, Seen
from tieout.kinds.kind import Facts, Kind, Route
from tieout.kinds.problems import Problem
from tieout.xero import resources, types

LARGEST = 10 * 1024 * 1024
_ENDPOINTS = {
    "contact": "Contacts",
    "sale_invoice": "Invoices",
    "bill": "Invoices",
    "sale_credit_note": "CreditNotes",
    "purchase_credit_note": "CreditNotes",
    "purchase_order": "PurchaseOrders",
    "journal": "ManualJournals",
    "money_task": "BankTransactions",
}
_PROGRAMS = {".exe", ".bat", ".cmd", ".com", ".js", ".msi", ".scr", ".vbs", ".sh", ".html", ".svg"}
_FORBIDDEN = set('<>:"/\\|?*+\0')


class AttachmentKind(Kind[AttachmentRecord, types.Attachment]):
    name = "attachment"
    title = "Attachment"
    plural = "Attachments"
    rank = 3
    id_field = "attachment_id"
    has_money = False
    editable = False
    resource = resources.ATTACHMENTS

    @property
    def reads(self) -> tuple[resources.Resource[Any], ...]:
        return ()  # files have no list of their own

    def facts(self, record: AttachmentRecord) -> Facts:
        return Facts(record.file_name, "", None, None, "")

    def is_gone(self, record: AttachmentRecord) -> bool:
        return not record.attached

    def left_out(self, record: AttachmentRecord, books: Books) -> tuple[str, str] | None:
        if not books.settings.export_attachments:
            return ("not-exported", "Files are not sent to Xero; the connection's settings can change that.")
        if record.target.kind not in _ENDPOINTS:
            return ("no-place", "Xero has no place for a file on such a record.")
        return None

    def depends_on(self, record: AttachmentRecord) -> Iterable[RecordKey]:
        yield record.target

    def keys(self, record: AttachmentRecord, books: Books) -> tuple[str, ...]:
        return ()

    def check(self, record: AttachmentRecord, books: Books) -> Problem | None:
        if not 0 < record.size <= LARGEST:
            return Problem("file-too-large", f"{record.file_name} is empty or above 10 MB.", "Attach a smaller file.")
        if PurePosixPath(record.file_name).suffix.lower() in _PROGRAMS or _FORBIDDEN & set(record.file_name):
            return Problem(
                "file-unfit",
                f"Xero takes no file of that type or name: {record.file_name}.",
                "Attach it under another name or as another type.",
            )
        return None

    def payload(self, record: AttachmentRecord, books: Books) -> types.Attachment:
        return types.Attachment(file_name=record.file_name)

    def computed(self, record: AttachmentRecord) -> dict[str, Decimal]:
        return {"content_length": Decimal(record.size)}

    def void_payload(self, record: AttachmentRecord, seen: Seen | None) -> types.Attachment:
        return types.Attachment()

    def check_change(self, record: AttachmentRecord, seen: Seen | None, books: Books) -> Problem | None:
        return None

    def check_void(self, record: AttachmentRecord, seen: Seen | None, books: Books) -> Problem | None:
        return Problem(
            "remove-by-hand",
            f"Xero lets no other system take a file away ({record.file_name}).",
            "Remove it in Xero, then skip this.",
        )

    def route(self, action: str, record: AttachmentRecord, books: Books, xero_id: str) -> Route:
        target = books.xero_id(record.target)
        endpoint = _ENDPOINTS[record.target.kind]
        seen = books.seen.get(target)
        if record.target.kind == "money_task" and seen and seen.foreign_number:
            endpoint = seen.foreign_number
        path = f"{endpoint}/{target}/Attachments/{quote(record.file_name, safe='')}"
        online = "?IncludeOnline=true" if record.online else ""
        return Route("PUT", path + online, many=False, content_type=record.content_type)

    def sent(self, path: str, body: bytes, count: int) -> list[types.Attachment]:
        return [types.Attachment(file_name=unquote(path.partition("?")[0].rpartition("/")[2]))]

    def seen(self, element: types.Attachment) -> Seen | None:
        return Seen(
            kind=self.name,
            xero_id=element.attachment_id or "",
            key="",
            other_key="",
            number=element.file_name or "",
            status="ACTIVE",
            updated_at=None,
        )
