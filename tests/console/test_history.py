"""Sync History: filters, pages, one entry in full, changes of status with preview and undo."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.console.conftest import NOW, Cast, EntryMaker
from tieout.console.history import sent_element
from tieout.sync.models import Attempt, Batch, Binding, Connection, Entry, Status, StatusChange, XeroRecord

pytestmark = pytest.mark.django_db


def labels(client: Client, address: str) -> list[str]:
    page = client.get(address).content.decode()
    return re.findall(r'class="what"><a[^>]*><span class="clip">([^<]*)<', page)


def test_without_entries_it_says_what_to_do(cast: Cast) -> None:
    assert "Connect the organisation to Xero." in cast.owner.get(cast.path("history/")).content.decode()


def test_connected_without_entries_it_says_what_to_do(cast: Cast, live: Connection) -> None:
    assert "press “Sync now”" in cast.owner.get(cast.path("history/")).content.decode()


def test_one_entry_is_one_entry(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    one = entry(Status.FAILED, amount=Decimal("-1234567.80"), reason="Xero was down.")
    page = cast.owner.get(cast.path("history/")).content.decode()
    assert '<b class="strong">1</b> entry' in page
    assert one.label in page
    assert "−1,234,567.80" in page
    assert "Tried again by itself" in page


def test_the_newest_come_first_and_pages_follow_without_gap_or_repeat(
    cast: Cast, live: Connection, entry: EntryMaker
) -> None:
    made = [entry().label for _ in range(103)]
    seen: list[str] = []
    address = cast.path("history/")
    for _ in range(3):
        seen += labels(cast.owner, address)
        older = re.search(r'href="(\?[^"]*after=[^"]+)">Older', cast.owner.get(address).content.decode())
        address = cast.path("history/") + older.group(1) if older else ""
    assert seen == made[::-1]
    assert address == ""


def test_entries_of_one_moment_are_not_lost_between_pages(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    made = {entry(updated_at=NOW).label for _ in range(60)}
    first = cast.owner.get(cast.path("history/")).content.decode()
    older = re.search(r'href="(\?[^"]*after=[^"]+)">Older', first)
    assert older
    assert (
        set(labels(cast.owner, cast.path("history/"))) | set(labels(cast.owner, cast.path("history/") + older.group(1)))
        == made
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=warning", {"W"}),
        ("status=pending", {"P", "S", "U"}),
        ("status=warning&status=pending", {"W", "P", "S", "U"}),
        ("kind=bill", {"P"}),
        ("reason=lock-date", {"W"}),
        ("channel=Shopify", {"S"}),
        ("q=kowhai", {"U"}),
        ("q=w", {"W", "U"}),
        ("from=2026-05-01", {"S"}),
        ("to=2026-02-01", {"U"}),
        ("waits=on", {"W"}),
        ("status=pending&channel=Shopify&from=2026-05-01&q=s", {"S"}),
        ("status=nonsense&from=never&after=rubbish", {"W", "P", "S", "U"}),
    ],
)
def test_every_filter_combines(cast: Cast, live: Connection, entry: EntryMaker, query: str, found: set[str]) -> None:
    entry(Status.WARNING, label="W", reason_code="lock-date", party="")
    entry(Status.PENDING, label="P", kind="bill", party="")
    entry(Status.SENDING, label="S", channel="Shopify", date=date(2026, 5, 4), party="")
    entry(Status.UNCERTAIN, label="U", party="Kowhai & Sons", date=date(2026, 1, 2))
    assert set(labels(cast.owner, cast.path(f"history/?{query}"))) == found


def test_a_contact_without_a_date_is_found_by_the_day_it_was_queued(
    cast: Cast, live: Connection, entry: EntryMaker
) -> None:
    entry(kind="contact", label="Aroha", date=None, amount=None)
    assert labels(cast.owner, cast.path("history/?from=2026-06-01&to=2026-06-01")) == ["Aroha"]
    assert labels(cast.owner, cast.path("history/?to=2026-05-31")) == []


def test_names_are_text_whatever_they_hold(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    entry(label="=1+1", party='<script>alert("x")</script>' + "ä" * 250, reason="<b>bold</b>", channel="\"'><i>")
    page = cast.owner.get(cast.path("history/")).content.decode()
    assert "<script>alert" not in page
    assert "<b>bold" not in page
    assert "=1+1" in page


def test_a_page_costs_the_same_few_queries_however_many_entries_there_are(
    cast: Cast, live: Connection, entry: EntryMaker, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    blocker = entry(Status.WARNING)
    for _ in range(60):
        entry(Status.PENDING, blocked_kind="sale_invoice", blocked_id=blocker.record_id)
    with django_assert_max_num_queries(11):
        cast.owner.get(cast.path("history/"))


def test_counts_stop_at_a_thousand(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    first = entry()
    rows = []
    for number in range(1005):
        rows.append(
            Entry(
                organisation=cast.organisation, kind="bill", record_id=uuid4(), status="completed", label=str(number),
                queued_at=NOW, updated_at=NOW, amount=first.amount, currency="NZD",
            )
        )  # fmt: skip
    Entry.objects.bulk_create(rows)
    assert "1,000+" in cast.owner.get(cast.path("history/")).content.decode()


# -- one entry ------------------------------------------------------------------------------------------------------


def test_the_detail_shows_exactly_what_was_sent_and_what_came_back(
    cast: Cast, live: Connection, entry: EntryMaker
) -> None:
    one = entry(Status.WARNING, reason="Xero says no.", reason_code="above-due", difference=[
        {"field": "total", "core": "115.00", "xero": "100.00"}
    ])  # fmt: skip
    body = b'{"Invoices":[{"InvoiceNumber":"OTHER"},{"InvoiceNumber":"MINE","Total":115.10}]}'
    batch = Batch.objects.create(
        connection=live, kind="sale_invoice", action="create", method="PUT", path="Invoices",
        idempotency_key=uuid4(),
        body=body, digest="d", elements=2, manifest=[], intended_at=NOW, answered_at=NOW, http_status=200,
    )  # fmt: skip
    Attempt.objects.create(
        entry=one, batch=batch, position=1, at=NOW, action="create", outcome="warning", text="Xero says no.",
        answer={"xero_id": "", "warnings": "careful"},
    )  # fmt: skip
    xero_id = uuid4()
    Binding.objects.create(
        connection=live, kind="sale_invoice", record_id=one.record_id, xero_id=xero_id, fingerprint="f", content=b"",
        agreed_at=NOW,
    )  # fmt: skip
    page = cast.owner.get(cast.path(f"history/{one.pk}/")).content.decode()
    assert "&quot;Total&quot;: 115.10" in page
    assert "OTHER" not in page
    assert "One call for 2 records" in page
    assert "What changed since it was last in agreement" in page
    assert "shortcode=!abc12&amp;redirecturl=/AccountsReceivable/View.aspx?InvoiceID=" + str(xero_id) in page
    drawer = cast.owner.get(cast.path(f"history/{one.pk}/"), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in drawer
    assert "115.10" in drawer


@pytest.mark.parametrize(("status", "words"), [("AUTHORISED", "Approved"), ("PAID", "Paid"), ("VOIDED", "Voided")])
def test_what_stands_in_xero_is_told_in_words(
    cast: Cast, live: Connection, entry: EntryMaker, status: str, words: str
) -> None:
    one, xero_id = entry(), uuid4()
    Binding.objects.create(
        connection=live, kind="sale_invoice", record_id=one.record_id, xero_id=xero_id, fingerprint="f", content=b"",
        agreed_at=NOW,
    )  # fmt: skip
    XeroRecord.objects.create(connection=live, kind="sale_invoice", xero_id=xero_id, number="INV-1", status=status)
    page = cast.viewer.get(cast.path(f"history/{one.pk}/")).content.decode()
    assert f"<dt>In Xero</dt><dd>INV-1 · {words}" in page


def test_a_body_without_an_envelope_is_shown_whole() -> None:
    assert json.loads(sent_element(b'{"Amount":1.50,"Lines":[{"a":1}]}', 0)) == {"Amount": 1.5, "Lines": [{"a": 1}]}
    assert sent_element(b"not json", 0) == "not json"


# -- changes --------------------------------------------------------------------------------------------------------


def test_the_preview_says_how_many_how_much_and_what_stays(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    for _ in range(3):
        entry(Status.WARNING, amount=Decimal("1000.10"))
    entry(Status.WARNING, amount=Decimal("7.00"), currency="AUD")
    entry(Status.COMPLETED)
    entry(Status.SENDING)
    before = list(Entry.objects.order_by("pk").values())
    page = cast.owner.post(cast.path("history/change/"), {"all": "on", "to": "skipped"}).content.decode()
    text = " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert "4 entries, 7.00 AUD, 3,000.30 NZD will be set to Skipped" in text
    assert "1 cannot be changed: completed: they stand in Xero already." in text
    assert "1 cannot be changed: on their way to Xero" in text
    assert list(Entry.objects.order_by("pk").values()) == before


def test_the_preview_names_only_what_would_change(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    entry(Status.WARNING, label="W-1")
    entry(Status.COMPLETED, label="C-1")
    entry(Status.SKIPPED, label="S-1")
    mixed = cast.owner.post(cast.path("history/change/"), {"all": "on", "to": "skipped"}).content.decode()
    assert "<li>W-1" in mixed
    assert "<li>C-1" not in mixed
    assert "<li>S-1" not in mixed
    none = {"all": "on", "status": "completed", "to": "skipped"}
    for headers in ({}, {"HX-Request": "true"}):
        page = cast.owner.post(cast.path("history/change/"), none, headers=headers).content.decode()
        assert "There is nothing to change." in page
        assert "1 cannot be changed" in page
        assert "will be set to" not in page
        assert "<li>C-1" not in page
        assert ("Back to Sync History" in page) is not bool(headers)


def test_skipping_needs_a_reason(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    one = entry(Status.WARNING)
    page = cast.owner.post(cast.path("history/change/apply/"), {"entry": one.pk, "to": "skipped", "why": " "})
    assert "Say why it is skipped" in page.content.decode()
    one.refresh_from_db()
    assert one.status == Status.WARNING


def test_a_reason_is_no_longer_than_its_field(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    one = entry(Status.WARNING)
    body = {"entry": one.pk, "to": "skipped"}
    page = cast.owner.post(cast.path("history/change/apply/"), body | {"why": "x" * 501}).content.decode()
    assert "The reason is longer than 500 characters" in page
    one.refresh_from_db()
    assert one.status == Status.WARNING
    cast.owner.post(cast.path("history/change/apply/"), body | {"why": "x\r\n" * 200 + "y" * 100})
    one.refresh_from_db()
    assert one.status == Status.SKIPPED


def test_all_that_match_are_skipped_with_a_reason_and_undone_again(
    cast: Cast, live: Connection, entry: EntryMaker
) -> None:
    wanted = [entry(Status.WARNING, channel="Shopify", reason="Locked.") for _ in range(60)]
    other = entry(Status.WARNING)
    body = {"all": "on", "status": "warning", "channel": "Shopify", "to": "skipped", "why": "Entered by hand"}
    page = cast.bookkeeper.post(cast.path("history/change/apply/"), body, follow=True).content.decode()
    assert "60 entries set to Skipped: “Entered by hand”" in page
    skipped = Entry.objects.filter(status=Status.SKIPPED)
    assert {each.pk for each in skipped} == {each.pk for each in wanted}
    assert {(each.reason, each.acted_by) for each in skipped} == {("Entered by hand", "ben")}
    other.refresh_from_db()
    assert other.status == Status.WARNING

    change = StatusChange.objects.get()
    listed = cast.viewer.get(cast.path("changes/")).content.decode()
    assert "Entered by hand" in listed
    assert "Undo</button>" not in listed
    page = cast.owner.post(cast.path(f"changes/{change.pk}/undo/"), follow=True).content.decode()
    assert "Undone: 60 entries put back." in page
    assert {each.reason for each in Entry.objects.filter(status=Status.WARNING, channel="Shopify")} == {"Locked."}
    page = cast.owner.post(cast.path(f"changes/{change.pk}/undo/"), follow=True).content.decode()
    assert "This was undone already, by aroha." in page


def test_a_change_goes_back_to_the_same_filters(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    one = entry(Status.FAILED, channel="Shopify")
    body = {"entry": one.pk, "to": "pending", "channel": "Shopify", "status": "failed"}
    answer = cast.owner.post(cast.path("history/change/apply/"), body)
    assert "status=failed" in answer["Location"]
    assert "channel=Shopify" in answer["Location"]


def test_a_status_that_nobody_may_set_is_refused(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    one = entry(Status.WARNING)
    cast.owner.post(cast.path("history/change/apply/"), {"entry": one.pk, "to": "completed"}, follow=True)
    one.refresh_from_db()
    assert one.status == Status.WARNING
