"""Costs from a file of their own: late, in locked periods, by product, all or nothing."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest

from tests import factories
from tieout.core import operations
from tieout.core.fields import OrganisationChoices
from tieout.core.importing import ImportRefused, import_file
from tieout.core.models import Document, DocumentLine, Journal, JournalLine, Organisation, Touch
from tieout.core.operations import CostDating

pytestmark = pytest.mark.django_db
SHIPPED = date(2026, 4, 2)


@pytest.fixture
def owner() -> Organisation:
    """Acme bought two lines of cups and a jug on INV-1; one cup came back."""
    owner = factories.organisation()
    cup, jug = factories.product(owner, sku="CUP").id, factories.product(owner, sku="JUG").id
    cost = {"unit_cost": Decimal("7.50")}
    lines = [
        factories.line("20.00", "4", product_id=cup, **cost),
        factories.line("30.00", "1", product_id=jug, unit_cost=Decimal(10)),
        factories.line("19.00", "2", product_id=cup, **cost),
        factories.line("5.00", "1"),
    ]
    invoice = factories.sale_invoice(owner, number="INV-1", lines=lines, shipped_on=SHIPPED)
    back = [factories.line("20.00", "1", product_id=cup, **cost)]
    factories.credit_note(invoice, number="CN-1", lines=back, shipped_on=SHIPPED)
    Touch.objects.all().delete()
    return owner


def load(owner: Organisation, *rows: str) -> tuple[int, int, int]:
    text = "\n".join(("number,kind,sku,unit_cost,date", *rows)) + "\n"
    result = import_file(owner, "costs", io.BytesIO(text.encode()), actor="mere")
    return result.created, result.changed, result.unchanged


def refused(owner: Organisation, *rows: str) -> list[tuple[int, str]]:
    with pytest.raises(ImportRefused) as refusal:
        load(owner, *rows)
    return [(row.line, row.column) for row in refusal.value.rows]


def journals(owner: Organisation) -> list[tuple[str, date, Decimal]]:
    lines = JournalLine.objects.filter(journal__organisation=owner, role="cost-of-goods")
    rows = lines.order_by("journal__number").values_list("journal__number", "journal__date", "amount")
    return [(number, day, amount) for number, day, amount in rows]


def test_all_lines_of_a_product_get_the_cost_and_a_journal_the_difference(owner: Organisation) -> None:
    rows = ("INV-1,,CUP,8,2026-05-20", "INV-1,,JUG,9.5,", "CN-1,Sale credit note,CUP,8,2026-05-20")
    assert load(owner, *rows) == (0, 2, 0)
    assert journals(owner) == [
        ("COGS-CN-1", SHIPPED, Decimal("-7.50")),
        ("COGS-CN-1-2", date(2026, 5, 20), Decimal("-0.50")),
        ("COGS-INV-1", SHIPPED, Decimal(55)),
        ("COGS-INV-1-2", date(2026, 5, 20), Decimal("2.50")),
    ]
    assert load(owner, *rows) == (0, 0, 2)
    costs = DocumentLine.objects.filter(document__number="INV-1").order_by("position").values_list("unit_cost")
    assert [cost for (cost,) in costs] == [Decimal(8), Decimal("9.5"), Decimal(8), None]
    assert set(Touch.objects.values_list("kind", flat=True)) == {"journal"}


def test_the_day_follows_the_choice_of_the_company_in_a_locked_period_too(owner: Organisation) -> None:
    choices = OrganisationChoices(
        use_credit_by_order=True, book_costs=True, cost_dating=CostDating.FIRST_OPEN_DAY, lock_date=None
    )
    operations.set_choices(owner, choices, actor="mere")
    operations.set_lock_date(owner, date(2026, 4, 30), actor="mere")
    assert load(owner, "INV-1,,JUG,12,2026-04-20") == (0, 1, 0)
    assert journals(owner)[-1] == ("COGS-INV-1-2", date(2026, 5, 1), Decimal(2))


def test_a_day_that_is_locked_is_refused_where_the_change_counts(owner: Organisation) -> None:
    operations.set_lock_date(owner, date(2026, 4, 30), actor="mere")
    assert refused(owner, "INV-1,,JUG,12,2026-04-20") == [(2, "unit_cost")]
    assert len(journals(owner)) == 2


def test_every_bad_row_is_named_and_nothing_is_changed(owner: Organisation) -> None:
    rows = (
        "INV-1,,CUP,8,2026-05-20",
        "INV-1,,CUP,9,",
        "INV-1,,NONE,9,",
        "INV-1,,JUG,-1,",
        "INV-9,,CUP,8,",
        "CN-1,Bill,CUP,8,",
        "CN-1,Sale credit note,CUP,,",
    )
    assert refused(owner, *rows) == [
        (3, "sku"),
        (4, "sku"),
        (5, "unit_cost"),
        (6, "number"),
        (7, "kind"),
        (8, "unit_cost"),
    ]
    assert refused(owner, "INV-1,,JUG,1.23456,") == [(2, "unit_cost")]
    assert refused(owner, "INV-1,,JUG,9,2026-05-20", "INV-1,,CUP,9,2026-05-21") == [(3, "date")]
    assert Journal.objects.count() == 2


def test_a_voided_sale_has_no_cost_to_change(owner: Organisation) -> None:
    operations.void_document(Document.objects.get(organisation=owner, number="INV-1"), actor="mere")
    assert refused(owner, "INV-1,,JUG,12,") == [(2, "status")]
