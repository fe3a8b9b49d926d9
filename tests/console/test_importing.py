"""Importing in the browser: tried out, loaded, refused with every bad row, and by whom."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client

from tests import factories
from tests.console.conftest import Cast
from tieout.console import importing
from tieout.core.fields import OrganisationChoices
from tieout.core.importing import KINDS
from tieout.core.models import Contact, Journal, Organisation
from tieout.core.operations import set_choices
from tieout.people.models import Event

GOOD = b"code,name,type\nACME,Acme Ltd,Customer\nKILN,Kiln & Sons,Supplier\n"
BAD = b"code,name,type\nACME,Acme Ltd,perhaps\n<i>K</i>,,Supplier\n"


def send(
    cast: Cast, content: bytes | None, *, client: Client | None = None, kind: str = "contacts", **values: Any
) -> Any:
    headers = values.pop("headers", {})
    body: dict[str, Any] = {"kind": kind, "do": "load"} | values
    if content is not None:
        body["file"] = SimpleUploadedFile("contacts.csv", content)
    return (client or cast.bookkeeper).post(cast.path("import/load/"), body, headers=headers)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def codes(cast: Cast) -> list[str]:
    return sorted(Contact.objects.filter(organisation=cast.organisation).values_list("code", flat=True))


def test_a_file_is_tried_out_and_then_loaded(cast: Cast) -> None:
    tried = send(cast, GOOD, do="try")
    assert "The file is sound: 2 new, 0 changed, 0 unchanged. Nothing was loaded." in text(tried)
    assert not codes(cast)
    assert not Event.objects.filter(organisation=cast.organisation, action="imported").exists()
    loaded = send(cast, GOOD)
    assert loaded.status_code == 200
    assert "2 new, 0 changed, 0 unchanged, of 2 rows." in text(loaded)
    assert codes(cast) == ["ACME", "KILN"]
    assert "0 new, 0 changed, 2 unchanged" in text(send(cast, GOOD))
    told = Event.objects.filter(organisation=cast.organisation, action="imported").values_list("actor", "detail__file")
    assert set(told) == {("ben", "contacts.csv")}


def test_every_bad_row_is_shown_and_nothing_is_loaded(cast: Cast) -> None:
    answer = send(cast, BAD)
    assert answer.status_code == 422
    said = text(answer)
    assert "Nothing was loaded: 2 faults. Correct them" in said
    assert "perhaps" in said
    assert "<i>K" not in said
    assert not codes(cast)


def test_with_htmx_only_the_outcome_and_the_list_come_back(cast: Cast) -> None:
    for content in (GOOD, BAD):
        answer = send(cast, content, headers={"HX-Request": "true"})
        assert answer.status_code == 200, "htmx swaps nothing else in"
        assert "<html" not in text(answer)
        assert 'id="imported" hx-swap-oob="true"' in text(answer)
    assert "contacts.csv" in text(answer)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "Choose a CSV file first."),
        (b"", "The file is empty"),
        (b"%PDF-1.7", "a PDF document"),
        ("naïve".encode("latin-1"), "UTF-8"),
        (b"name\nAcme\n", "code"),
    ],
)
def test_what_is_no_such_file_is_told_in_a_sentence(cast: Cast, content: bytes | None, sentence: str) -> None:
    answer = send(cast, content)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not codes(cast)


def test_a_file_that_is_too_large_is_not_looked_at(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LARGEST", 10)
    assert "is larger than" in text(send(cast, GOOD))
    assert not codes(cast)


def test_a_large_file_comes_from_the_disk(cast: Cast) -> None:
    with TemporaryUploadedFile("many.csv", "text/csv", None, "utf-8") as file:
        file.write(b"code,name,type\n" + b"".join(b"C%d,Contact %d,Both\n" % (n, n) for n in range(1200)))
        file.seek(0)
        answer = cast.owner.post(cast.path("import/load/"), {"kind": "contacts", "do": "load", "file": file})
    assert "1,200 new" in text(answer)


def test_a_name_of_a_file_is_shown_as_text(cast: Cast) -> None:
    file = SimpleUploadedFile("<img src=x>.csv", GOOD)
    cast.owner.post(cast.path("import/load/"), {"kind": "contacts", "do": "load", "file": file})
    assert "<img" not in text(cast.owner.get(cast.path("import/")))
    assert "&lt;img src=x&gt;.csv" in text(cast.owner.get(cast.path("import/")))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_shows_its_columns_and_gives_an_empty_file(cast: Cast, kind: str) -> None:
    page = text(cast.viewer.get(cast.path(f"import/?kind={kind}")))
    columns = [column.name for column in KINDS[kind].columns]
    assert all(f'<code class="strong">{name}</code>' in page for name in columns)
    assert 'type="file"' not in page, "who may only look has nothing to choose"
    assert 'type="file"' in text(cast.bookkeeper.get(cast.path(f"import/?kind={kind}")))
    empty = cast.viewer.get(cast.path(f"import/header.csv?kind={kind}"))
    assert list(csv.reader(io.StringIO(empty.content.decode()))) == [columns]


def test_a_kind_that_does_not_exist_is_not_found(cast: Cast) -> None:
    assert cast.owner.get(cast.path("import/?kind=people")).status_code == 404
    assert send(cast, GOOD, kind="people").status_code == 404


def test_what_was_imported_before_is_called_as_on_the_tabs(cast: Cast) -> None:
    content = b"name,method,days\n30 days,number of days,30\n"
    send(cast, content, kind="payment-terms")
    page = text(cast.viewer.get(cast.path("import/")))
    assert '<td class="nowrap">Payment terms</td>' in page
    assert ">payment-terms<" not in page


def shipped(organisation: Organisation, *days: int, unit_cost: str = "7.50") -> None:
    """A sale for each of these days of April, its goods shipped then at a known cost that nobody booked."""
    choices = OrganisationChoices(use_credit_by_order=False, book_costs=False, cost_dating="on_change", lock_date=None)
    set_choices(organisation, choices, actor="mere")
    cup = factories.product(organisation)
    for day in days:
        lines = [factories.line("20.00", "1", product_id=cup.id, unit_cost=Decimal(unit_cost))]
        factories.sale_invoice(organisation, lines=lines, shipped_on=date(2026, 4, day))


def book(cast: Cast, client: Client | None = None, **values: Any) -> Any:
    headers = values.pop("headers", {})
    return (client or cast.bookkeeper).post(cast.path("import/book-costs/"), values, headers=headers)


def made(cast: Cast) -> int:
    return Journal.objects.filter(organisation=cast.organisation).count()


def test_what_was_shipped_before_is_counted_under_costs_and_booked_once(cast: Cast) -> None:
    shipped(cast.organisation, 2, 9, 20)
    card = text(cast.bookkeeper.get(cast.path("import/?kind=costs")))
    assert "3 documents</b> of goods that left or came back from 02 Apr 2026 to 20 Apr 2026 have unit costs" in card
    assert "never booked" not in text(cast.bookkeeper.get(cast.path("import/?kind=contacts")))
    some = text(book(cast, since="2026-04-09"))
    assert "2 journals were made." in some
    assert "1 document</b> of goods that left or came back on 02 Apr 2026 has unit costs" in some
    assert "No document was shipped from 09 Apr 2026 on and waits" in text(book(cast, since="2026-04-09"))
    rest = text(book(cast, since="", headers={"HX-Request": "true"}))
    assert "1 journal was made." in rest
    assert "<html" not in rest
    assert "never booked" not in rest, "nothing is left, so the card is gone"
    again = book(cast)
    assert again.status_code == 200
    assert "No document waits for its cost: nothing was booked." in text(again)
    assert made(cast) == 3
    assert set(Event.objects.filter(kind="journal").values_list("actor", flat=True)) == {"ben"}


def test_where_every_cost_is_booked_there_is_no_card(cast: Cast) -> None:
    page = text(cast.bookkeeper.get(cast.path("import/?kind=costs")))
    assert "never booked" not in page
    assert "book-costs" not in page


@pytest.mark.parametrize("typed", ["2026-13-01", "yesterday", "=1+1", "0001-01-01", "9" * 3000, "<b>1</b>"])
def test_a_wrong_day_of_shipping_is_said_at_the_field_and_books_nothing(cast: Cast, typed: str) -> None:
    shipped(cast.organisation, 2)
    answer = book(cast, since=typed)
    assert answer.status_code == 422
    assert 'aria-invalid="true" aria-describedby="since-error"' in text(answer)
    assert 'id="since-error" role="alert"' in text(answer)
    assert "<b>1</b>" not in text(answer)
    within = book(cast, since=typed, headers={"HX-Request": "true"})
    assert within.status_code == 200, "htmx swaps nothing else in"
    assert 'id="since-error"' in text(within)
    assert not made(cast)


def test_a_cost_that_comes_to_nothing_makes_no_journal(cast: Cast) -> None:
    shipped(cast.organisation, 2, unit_cost="0.001")
    assert "0 journals were made. The cost of 1 more comes to nothing" in text(book(cast))
    assert not made(cast)


def test_who_may_not_change_sees_how_many_and_books_nothing(cast: Cast) -> None:
    shipped(cast.organisation, 2)
    card = text(cast.viewer.get(cast.path("import/?kind=costs")))
    assert "1 document</b> of goods" in card
    assert "Book the cost" not in card
    assert book(cast, cast.viewer).status_code == 403
    assert book(cast, cast.stranger).status_code == 404
    assert cast.owner.get(cast.path("import/book-costs/")).status_code == 405
    assert not made(cast)


def test_only_the_cost_of_this_organisation_is_booked(cast: Cast) -> None:
    other = factories.organisation()
    shipped(other, 2)
    assert "never booked" not in text(cast.owner.get(cast.path("import/?kind=costs")))
    assert "nothing was booked" in text(book(cast))
    assert cast.owner.post(f"/o/{other.slug}/import/book-costs/").status_code == 404
    assert not Journal.objects.exists()
