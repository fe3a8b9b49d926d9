"""Files on records."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from tests import factories
from tieout.core import operations, store
from tieout.core.models import AttachmentContent, Document, Touch
from tieout.core.operations import Refused
from tieout.core.rules.attachments import FILE_TYPES, FORBIDDEN, LARGEST_FILE
from tieout.people.models import Event

pytestmark = pytest.mark.django_db
MERE = "mere"
PDF = b"%PDF-1.7 a scan"


def archive(member: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        written.writestr(member, "x")
    return content.getvalue()


@pytest.fixture
def invoice() -> Document:
    return factories.sale_invoice(factories.organisation())


def refused(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refusal:
        call()
    return [problem.field for problem in refusal.value.problems]


def attach(invoice: Document, name: str, content: bytes = PDF, **values: bool) -> object:
    return factories.attachment(invoice.organisation, invoice.kind, invoice.id, content, file_name=name, **values)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scan.pdf", PDF),
        ("Scan.PDF", PDF),
        ("photo.jpeg", b"\xff\xd8\xff\xe0 photo"),
        ("logo.png", b"\x89PNG\r\n\x1a\n..."),
        ("letter.docx", archive("word/document.xml")),
        ("prices.xlsx", archive("xl/workbook.xml")),
        ("all.zip", archive("a.txt")),
        ("list.csv", "sku;name\nA;Café".encode("latin-1")),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..."),
    ],
)
def test_what_its_name_says_is_taken(invoice: Document, name: str, content: bytes) -> None:
    attached = factories.attachment(invoice.organisation, invoice.kind, invoice.id, content, file_name=name)
    assert attached.content_type == FILE_TYPES[name.rpartition(".")[2].lower()].content_type
    assert store.load_bytes(invoice.organisation_id, [attached.id]) == {attached.id: content}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mail.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("mail.eml", b"From: a"),
        ("run.exe", b"MZ"),
        ("noending", PDF),
        ("scan.pdf", b""),
        ("scan.pdf", b"<html>"),
        ("photo.jpg", PDF),
        ("letter.docx", archive("xl/workbook.xml")),
        ("all.zip", b"PK\x03\x04 broken"),
        ("notes.txt", b"a\0b"),
        ("scan.pdf", PDF + b"x" * LARGEST_FILE),
        *((f"sc{letter}an.pdf", PDF) for letter in FORBIDDEN),
    ],
)
def test_what_xero_would_refuse_is_refused(invoice: Document, name: str, content: bytes) -> None:
    assert refused(lambda: attach(invoice, name, content)) == ["file_name"]


def test_the_same_content_twice_is_one_attachment_and_a_name_is_used_once(invoice: Document) -> None:
    first = attach(invoice, "scan.pdf")
    assert attach(invoice, "again.pdf") == first
    assert refused(lambda: attach(invoice, "SCAN.pdf", PDF + b"2")) == ["file_name"]
    assert AttachmentContent.objects.count() == 1


def test_a_record_takes_ten_files_and_another_once_one_is_removed(invoice: Document) -> None:
    files = [
        factories.attachment(invoice.organisation, invoice.kind, invoice.id, PDF + bytes([48 + index]))
        for index in range(10)
    ]
    assert refused(lambda: attach(invoice, "eleventh.pdf")) == ["target_id"]
    operations.remove_attachment(files[0], actor=MERE)
    assert refused(lambda: operations.remove_attachment(files[0], actor=MERE)) == ["status"]
    attach(invoice, "eleventh.pdf")


def test_a_removed_file_is_told_to_the_audit_trail_and_to_the_engine(invoice: Document) -> None:
    scan = factories.attachment(invoice.organisation, invoice.kind, invoice.id, file_name="scan.pdf")
    Touch.objects.all().delete()
    operations.remove_attachment(scan, actor="aroha")
    event = Event.objects.filter(kind="attachment", record_id=scan.id).latest("id")
    assert (event.actor, event.action, event.label, event.detail) == (
        "aroha", "voided", "scan.pdf", {"on": "sale_invoice"},
    )  # fmt: skip
    assert list(Touch.objects.values_list("kind", "record_id")) == [("attachment", scan.id)]


def test_a_file_is_for_a_record_of_that_kind_in_this_organisation(invoice: Document) -> None:
    owner = invoice.organisation
    assert refused(lambda: factories.attachment(owner, "bill", invoice.id)) == ["target_id"]
    stranger = factories.organisation()
    assert refused(lambda: factories.attachment(stranger, "sale_invoice", invoice.id)) == ["target_id"]
    assert refused(lambda: factories.attachment(owner, "quote", invoice.id)) == ["target_kind"]
    bill = factories.bill(owner)
    assert refused(lambda: factories.attachment(owner, "bill", bill.id, online=True)) == ["online"]
    assert factories.attachment(owner, "sale_invoice", invoice.id, online=True).online
