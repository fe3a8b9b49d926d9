"""The Synchronization Report: its rows, its totals, its files."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.sync.world import world
from tieout.core.models import Organisation
from tieout.reports.exports import csv_pieces, neutral, xlsx_file
from tieout.reports.history import Selection
from tieout.reports.synchronization import COLUMNS, Row, synchronization, totals
from tieout.sync.models import Entry, Status

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 11, 9, 0, tzinfo=UTC)


def entry(organisation: Organisation, status: str = Status.COMPLETED, **values: Any) -> Entry:
    standard: dict[str, Any] = {
        "kind": "sale_invoice", "record_id": uuid4(), "label": "INV-1", "queued_at": NOW - timedelta(days=10),
        "updated_at": NOW, "amount": Decimal("10.00"), "currency": "NZD", "date": date(2026, 3, 31),
    }  # fmt: skip
    return Entry.objects.create(organisation=organisation, status=status, **(standard | values))


@pytest.fixture
def company(db: None) -> Organisation:
    return factories.organisation()


def test_after_a_real_sync_each_row_names_both_numbers_and_the_document_that_was_paid() -> None:
    place = world()
    invoice = factories.sale_invoice(place.organisation)
    payment = factories.payment(invoice, "20.00")
    place.sync()
    rows = {row.type: row for row in synchronization(place.organisation, Selection())}
    assert set(rows) == {"Contact", "Sale invoice", "Payment"}
    sent = rows["Sale invoice"]
    assert (sent.core_number, sent.xero_number, sent.status) == (invoice.number, invoice.number, "Completed")
    assert sent.synced_at == place.clock.now()
    assert (sent.amount, sent.currency, sent.attempts) == (invoice.total, "NZD", 1)
    assert f"InvoiceID={place.documents('Invoices')[0]['InvoiceID']}" in sent.link
    paid = rows["Payment"]
    assert paid.core_number == payment.number
    assert paid.document == invoice.number
    assert paid.payment_account.startswith("090 ")


def test_every_status_is_in_it_with_what_comes_next(company: Organisation) -> None:
    blocker = entry(company, Status.WARNING, label="CUST", kind="contact", reason="Name in use.", advice="Rename one.")
    entry(company, Status.FAILED, next_try_at=datetime(2026, 6, 11, 9, 30, tzinfo=UTC))
    entry(company, Status.PENDING, blocked_id=blocker.record_id, blocked_kind="contact")
    entry(company, Status.SKIPPED, acted_by="mere", reason="Entered by hand")
    entry(company, Status.COMPLETED, verified=False)
    entry(company, Status.UNCERTAIN)
    found = [(row.status, row.next_action) for row in synchronization(company, Selection(), "oldest", NOW)]
    assert found == [
        ("Warning", "Rename one."),
        ("Failed", "Tried again by itself after 11 Jun 2026 09:30 UTC."),
        ("Pending", "Waits for CUST, then goes by itself."),
        ("Skipped", "Left out until somebody sets it to Pending."),
        ("Completed", "Compare the two documents."),
        ("Pending", "Looked up in Xero before anything else is sent."),
    ]


def test_age_counts_whole_days_until_completed(company: Organisation) -> None:
    entry(company, Status.WARNING, queued_at=NOW - timedelta(days=3, hours=23))
    entry(company, Status.COMPLETED)
    assert [row.age for row in synchronization(company, Selection(), "oldest", NOW)] == [None, 3]


def test_totals_never_add_currencies_and_show_uncertain_as_pending(company: Organisation) -> None:
    entry(company, Status.PENDING, amount=Decimal("0.10"))
    entry(company, Status.UNCERTAIN, amount=Decimal("0.20"))
    entry(company, Status.PENDING, amount=Decimal("5.00"), currency="AUD")
    entry(company, Status.WARNING, amount=None, currency="", kind="contact", date=None)
    found = [(line.status, line.currency, line.count, line.amount) for line in totals(company, Selection())]
    assert found == [
        ("pending", "AUD", 1, Decimal("5.00")),
        ("pending", "NZD", 2, Decimal("0.30")),
        ("warning", "", 1, Decimal("0.00")),
    ]


def test_another_organisation_is_not_in_it(company: Organisation) -> None:
    entry(factories.organisation())
    assert list(synchronization(company, Selection())) == []


def test_a_thousand_rows_cost_a_handful_of_queries(
    company: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        entry(company, Status.PENDING)
    with django_assert_num_queries(4):  # connection, accounts, entries, attempts; the rest only where needed
        assert len(list(synchronization(company, Selection()))) == 5


# -- files ----------------------------------------------------------------------------------------------------------

HOSTILE = ["=1+1", "+64 21", "-2+3", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x","y")']


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_spreadsheet_would_run_is_kept_as_text(text: str) -> None:
    assert neutral(text) == f"'{text}"


def test_harmless_text_stays_as_it_is() -> None:
    for text in ("", "Aroha", "a=b", "1-2", " =1"):
        assert neutral(text) == text


def row(**values: Any) -> Row:
    standard = dict.fromkeys(Row.__slots__, "") | {
        "entry_id": 1, "synced_at": None, "effective_date": None, "amount": None, "age": None, "attempts": 0,
    }  # fmt: skip
    return Row(**(standard | values))


def test_csv_neutralises_text_but_leaves_negative_amounts_numbers() -> None:
    lines = b"".join(csv_pieces(COLUMNS, [row(core_number="=1+1", amount=Decimal("-7.50"), contact="Ā, “x”")]))
    assert lines.startswith(b"\xef\xbb\xbf")
    head, only = csv.reader(io.StringIO(lines.decode("utf-8-sig")))
    found = dict(zip(head, only, strict=True))
    assert found["Core number"] == "'=1+1"
    assert found["Amount"] == "-7.50"
    assert found["Contact"] == "Ā, “x”"


def test_csv_comes_in_pieces_so_that_memory_does_not_grow() -> None:
    taken = 0

    def rows() -> Iterator[Row]:
        nonlocal taken
        for _ in range(5000):
            taken += 1
            yield row()

    pieces = csv_pieces(COLUMNS, rows())
    next(pieces)
    assert taken == 500


def test_excel_holds_text_as_text_numbers_as_numbers_and_no_formula() -> None:
    rows = [
        row(core_number=text, amount=Decimal("1234567890.12"), effective_date=date(2026, 3, 31)) for text in HOSTILE
    ]
    with xlsx_file(COLUMNS, rows, "Report") as file, zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count('t="inlineStr"') >= len(HOSTILE)
    assert "<v>1234567890.12</v>" in sheet
    assert "<v>46112</v>" in sheet  # 31 March 2026 as Excel counts days
