"""The rules of attached files: names, kinds of file, sizes.

In: a file's name and bytes. Out: a list of problems; the content type. Always: pure; the content is sniffed, because a
name alone proves nothing. Xero: at most 10 files on a record, of 10 MB each; some characters are refused in names, and
so are e-mail files and programs.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tieout.core.fields import AttachmentFields
from tieout.core.rules.checks import Problem, choice, texts_of

MOST_FILES = 10
LARGEST_FILE = 10 * 1024 * 1024
FORBIDDEN = '<>:"/\\|?*\0'
ONLINE_KINDS = ("sale_invoice", "sale_credit_note")
TARGET_KINDS = (
    "contact",
    "product",
    "sale_invoice",
    "sale_credit_note",
    "bill",
    "purchase_credit_note",
    "purchase_order",
    "payment",
    "refund",
    "customer_credit",
    "supplier_deposit",
    "journal",
    "money_task",
)


@dataclass(frozen=True, slots=True)
class FileType:
    content_type: str
    fits: Callable[[bytes], bool]


def _begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signatures)


def _archive(member: str = "") -> Callable[[bytes], bool]:
    """A ZIP archive, with a member of that beginning where one is named."""

    def fits(content: bytes) -> bool:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return False
        return not member or any(name.startswith(member) for name in names)

    return fits


def _webp(content: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == b"WEBP"


def _text(content: bytes) -> bool:
    """No NUL: text in UTF-8 or in one of the older single-byte sets."""
    return b"\0" not in content


_OPENXML = "application/vnd.openxmlformats-officedocument."
_OPENDOC = "application/vnd.oasis.opendocument."
_JPEG = FileType("image/jpeg", _begins(b"\xff\xd8\xff"))
_TIFF = FileType("image/tiff", _begins(b"II*\0", b"MM\0*"))
_OLE = _begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

FILE_TYPES: dict[str, FileType] = {
    "pdf": FileType("application/pdf", _begins(b"%PDF-")),
    "png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "gif": FileType("image/gif", _begins(b"GIF87a", b"GIF89a")),
    "bmp": FileType("image/bmp", _begins(b"BM")),
    "tif": _TIFF,
    "tiff": _TIFF,
    "webp": FileType("image/webp", _webp),
    "docx": FileType(f"{_OPENXML}wordprocessingml.document", _archive("word/")),
    "xlsx": FileType(f"{_OPENXML}spreadsheetml.sheet", _archive("xl/")),
    "pptx": FileType(f"{_OPENXML}presentationml.presentation", _archive("ppt/")),
    "odt": FileType(f"{_OPENDOC}text", _archive("content.xml")),
    "ods": FileType(f"{_OPENDOC}spreadsheet", _archive("content.xml")),
    "doc": FileType("application/msword", _OLE),
    "xls": FileType("application/vnd.ms-excel", _OLE),
    "ppt": FileType("application/vnd.ms-powerpoint", _OLE),
    "rtf": FileType("application/rtf", _begins(b"{\\rtf")),
    "csv": FileType("text/csv", _text),
    "txt": FileType("text/plain", _text),
    "zip": FileType("application/zip", _archive()),
}


def check_attachment(values: AttachmentFields, content: bytes) -> list[Problem]:
    """The rules of one file by itself."""
    problems = texts_of(values) + choice("target_kind", values.target_kind, TARGET_KINDS)
    found = sorted({letter for letter in values.file_name if letter in FORBIDDEN} - {"\0"})
    if found:
        reason = f"holds {' '.join(found)}, which Xero refuses in file names; rename the file"
        problems.append(Problem("file_name", values.file_name[:60], reason))
    if values.online and values.target_kind not in ONLINE_KINDS:
        problems.append(Problem("online", "yes", "is for sale invoices and sale credit notes only"))
    return problems + _content(values.file_name, content)


def content_type(file_name: str) -> str:
    """The content type by the name's ending. Raises KeyError for an ending that `check_attachment` refuses."""
    return FILE_TYPES[_ending(file_name)].content_type


def _ending(file_name: str) -> str:
    return file_name.rpartition(".")[2].lower() if "." in file_name else ""


def _content(file_name: str, content: bytes) -> list[Problem]:
    if not content:
        return [Problem("file_name", file_name[:60], "is an empty file; attach it again once it has content")]
    if len(content) > LARGEST_FILE:
        size = f"{len(content) / 1024 / 1024:.1f} MB"
        return [Problem("file_name", file_name[:60], f"is {size} large; Xero takes up to 10 MB")]
    kind = FILE_TYPES.get(_ending(file_name))
    if kind is None:
        return [Problem("file_name", file_name[:60], f"is of a kind that is not taken; use {', '.join(FILE_TYPES)}")]
    if not kind.fits(content):
        reason = f"does not hold what its name says ({kind.content_type}); save it anew or give it its right ending"
        return [Problem("file_name", file_name[:60], reason)]
    return []
