"""Calls per record of each kind, counted by the twin, beside the fewest that Xero allows; `docs/calls.md` has them.

`TIEOUT_WRITE_DOCS=1 pytest tests/sync/test_calls.py` writes the page anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.sync.table import Case, edit, void
from tests.sync.world import World, world
from tieout.core.models import Touch
from tieout.kinds.registry import KINDS
from tieout.sync.models import Connection, Entry, Status

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs" / "calls.md"
MANY = 60
FILES = 10  # Xero takes ten files a document
Maker = Callable[[World], list[Any]]


def _contacts(made: World) -> Any:
    return factories.contact(made.organisation, name="Aroha Homeware", is_customer=True, is_supplier=True)


def _each(build: Callable[..., Any], **values: Any) -> Maker:
    """So many records for one contact."""

    def make(made: World) -> list[Any]:
        contact = _contacts(made)
        return [build(made.organisation, contact_id=contact.pk, **values) for _ in range(MANY)]

    return make


def _plain(build: Callable[..., Any], **values: Any) -> Maker:
    return lambda made: [build(made.organisation, **values) for _ in range(MANY)]


def _large(made: World) -> Any:
    return factories.sale_invoice(
        made.organisation, contact_id=_contacts(made).pk, lines=[factories.line("100.00", "100")]
    )


def _of_invoice(build: Callable[..., Any]) -> Maker:
    def make(made: World) -> list[Any]:
        invoice = _large(made)
        return [build(made, invoice) for _ in range(MANY)]

    return make


def _of_note(build: Callable[..., Any]) -> Maker:
    def make(made: World) -> list[Any]:
        invoice = _large(made)
        note = factories.credit_note(invoice, lines=[factories.line("90.00", "100")])
        return [build(note, invoice) for _ in range(MANY)]

    return make


def _notes_of(document: Any) -> list[Any]:
    return [factories.credit_note(document) for _ in range(MANY)]


def _journal(made: World) -> Any:
    lines = [factories.journal_line("310", "50.00"), factories.journal_line("640", "-50.00")]
    return factories.journal(made.organisation, lines=lines)


def _files(made: World) -> list[Any]:
    found = []
    for _ in range(MANY // FILES):
        invoice = factories.sale_invoice(made.organisation)
        for number in range(FILES):  # the same bytes twice would be one file
            content = f"%PDF-1.7 page {number}".encode()
            found.append(factories.attachment(made.organisation, "sale_invoice", invoice.pk, content))
    return found


MAKE: dict[str, Maker] = {
    "contact": _plain(factories.contact),
    "product": _plain(factories.product),
    "sale_invoice": _each(factories.sale_invoice),
    "bill": _each(factories.bill),
    "sale_credit_note": lambda made: _notes_of(_large(made)),
    "purchase_credit_note": lambda made: _notes_of(factories.bill(made.organisation)),
    "purchase_order": _each(factories.purchase_order),
    "customer_credit": _each(factories.deposit),
    "supplier_deposit": _each(factories.deposit, kind="supplier_deposit"),
    "journal": lambda made: [_journal(made) for _ in range(MANY)],
    "money_task": _each(factories.money_task),
    "payment": _of_invoice(lambda made, invoice: factories.payment(invoice, "1.00")),
    "allocation": _of_note(lambda note, invoice: factories.allocation(note, invoice, "1.00")),
    "refund": _of_note(lambda note, invoice: factories.refund(note, "1.00")),
    "attachment": _files,
}
# What Xero's API takes one by one, and why an action does not exist.
SINGLE = {("payment", "void"), ("refund", "void"), ("allocation", "void"), ("attachment", "create")}
NOT_EDITED = {"customer_credit", "supplier_deposit", "payment", "refund", "allocation", "attachment"}
NOT_VOIDED = {"customer_credit", "supplier_deposit", "attachment"}


def fewest(kind: str, action: str, count: int) -> int:
    return count if (kind, action) in SINGLE else ceil(count / 50)


def calls_of(made: World, kind: str) -> tuple[int, int]:
    """The writes and the reads of one sync."""
    mark = len(made.twin.journal)
    made.clock.advance(3600)
    made.sync()
    calls = [call for call in made.twin.journal[mark:] if call.resource != "token"]
    left = Entry.objects.filter(organisation=made.organisation, kind=kind).exclude(status=Status.COMPLETED)
    assert list(left.values_list("label", "reason")) == []
    return sum(call.method != "GET" for call in calls), sum(call.method == "GET" for call in calls)


def measured(kind: str) -> list[str]:
    """The row of one kind: for each action the calls made and the fewest possible."""
    made = world()
    wanted = {"export_purchase_orders": True, "export_attachments": True}
    Connection.objects.filter(organisation=made.organisation).update(**wanted)
    records = MAKE[kind](made)
    aside = list(Touch.objects.filter(record_id__in=[each.pk for each in records]))
    Touch.objects.filter(pk__in=[each.pk for each in aside]).delete()
    made.sync()  # what they need stands in Xero before
    Touch.objects.bulk_create(
        Touch(organisation=made.organisation, kind=kind, record_id=each.record_id) for each in aside
    )
    count = len(records)
    created, reads = calls_of(made, kind)
    cells = [f"{created} / {fewest(kind, 'create', count)}"]
    for action, act, never in (("edit", edit, NOT_EDITED), ("void", void, NOT_VOIDED)):
        if kind in never:
            cells.append("–")
            continue
        for each in records:
            each.refresh_from_db()
            act(Case(made, kind, each, {}, foreign=False))
        done, _ = calls_of(made, kind)
        cells.append(f"{done} / {fewest(kind, action, count)}")
    return [KINDS[kind].plural, str(count), *cells, str(reads)]


def row_of(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("kind", MAKE)
def test_the_page_tells_what_the_twin_counts(kind: str) -> None:
    cells = measured(kind)
    row = row_of(cells)
    if os.environ.get("TIEOUT_WRITE_DOCS"):
        _write(KINDS[kind].plural, row)
    assert row in PAGE.read_text(encoding="utf-8").splitlines()
    for cell in cells[2:5]:
        if "/" in cell:
            made, least = cell.split(" / ")
            assert int(made) == int(least), f"{kind} takes more calls than it must"


def _write(title: str, row: str) -> None:
    """Put the row in the place of the one of the same title."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"| {title} |"))
    lines[at] = row
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_every_kind_has_its_row() -> None:
    rows = PAGE.read_text(encoding="utf-8")
    plain = {name: kind for name, kind in KINDS.items() if not kind.carries}  # consolidated: fewer, by the policy
    assert set(MAKE) == set(plain)
    assert all(f"| {kind.plural} |" in rows for kind in plain.values())
