"""The demo company."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db.models import Sum

from tests import factories
from tieout.core import store
from tieout.core.importing import import_file
from tieout.core.models import (
    Attachment,
    Contact,
    Deposit,
    Document,
    DocumentLine,
    Journal,
    Organisation,
    Product,
    Touch,
)
from tieout.embedded.company import ALL_KINDS, IMPORT_ORDER, CompanySummary, finish_company, write_company

TODAY = date(2026, 11, 22)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        write_company(tmp_path / name, 40, seed, TODAY)
    for kind in IMPORT_ORDER:
        assert (tmp_path / "one" / f"{kind}.csv").read_bytes() == (tmp_path / "two" / f"{kind}.csv").read_bytes()
    invoices = [(tmp_path / name / "sale-invoices.csv").read_bytes() for name in ("one", "three")]
    assert invoices[0] != invoices[1]


def test_the_same_seed_gives_the_same_bytes_for_all_kinds_too(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_company(tmp_path / name, 80, 7, TODAY, kinds="all")
    for kind in ALL_KINDS:
        assert (tmp_path / "one" / f"{kind}.csv").read_bytes() == (tmp_path / "two" / f"{kind}.csv").read_bytes()


@pytest.mark.django_db
@pytest.mark.parametrize("documents", [20, 300])
def test_with_all_kinds_every_kind_of_record_is_in_it(tmp_path: Path, documents: int) -> None:
    summary = write_company(tmp_path, documents, today=TODAY, kinds="all")
    owner = factories.organisation()
    for kind in summary.order:
        assert import_file(owner, kind, tmp_path / f"{kind}.csv", actor="demo").created == summary.counts[kind]
    finish_company(owner, summary, actor="demo")
    for kind in summary.order:
        again = import_file(owner, kind, tmp_path / f"{kind}.csv", actor="demo")
        assert (again.created, again.changed, again.unchanged) == (0, 0, summary.counts[kind])
    touched = set(Touch.objects.filter(organisation=owner).values_list("kind", flat=True))
    assert touched <= set(store.KINDS)
    if documents < 300:
        return
    assert touched == set(store.KINDS)
    assert Journal.objects.filter(organisation=owner, kind="cost_of_goods").count() >= 10
    assert Attachment.objects.filter(organisation=owner).count() == 2
    assert Deposit.objects.filter(organisation=owner, origin="overpayment").count() == 1
    invoices = Document.objects.filter(organisation=owner, status="AUTHORISED").exclude(kind="purchase_order")
    balances = store.balances(owner.id, list(invoices.values_list("id", flat=True)))
    assert min(balances.values()) >= 0


@pytest.fixture
def imported(tmp_path: Path) -> tuple[Organisation, CompanySummary]:
    summary = write_company(tmp_path, 120, today=TODAY)
    owner = factories.organisation()
    for kind in IMPORT_ORDER:
        result = import_file(owner, kind, tmp_path / f"{kind}.csv", actor="demo")
        assert result.created == summary.counts[kind]
    return owner, summary


@pytest.mark.django_db
def test_its_files_are_imported_whole_and_again_without_a_change(imported: tuple[Organisation, CompanySummary]) -> None:
    owner, summary = imported
    assert summary.counts["sale-invoices"] + summary.counts["bills"] == 120
    for kind in IMPORT_ORDER:
        again = import_file(owner, kind, summary.folder / f"{kind}.csv", actor="demo")
        assert (again.created, again.changed, again.unchanged) == (0, 0, summary.counts[kind])


@pytest.mark.django_db
def test_every_trouble_that_the_summary_names_is_there(imported: tuple[Organisation, CompanySummary]) -> None:
    owner, summary = imported
    trouble = summary.troubles
    documents = Document.objects.filter(organisation=owner)
    lines = DocumentLine.objects.filter(document__organisation=owner, account=trouble.archived_account)
    assert [each.document.number for each in lines] == [trouble.on_archived_account]
    early = documents.filter(date__lte=trouble.xero_lock_date)
    assert [each.number for each in early] == [trouble.before_lock_date]
    names = [Contact.objects.get(organisation=owner, code=code).name for code in trouble.duplicate_contacts]
    assert names[0] != names[1]
    assert names[0].casefold() == names[1].casefold()
    part_paid = documents.get(number=trouble.part_paid_document)
    assert (part_paid.status, part_paid.settlements.count()) == ("AUTHORISED", 0)
    assert 0 < trouble.part_paid_in_xero < trouble.paid_in_core == part_paid.total
    assert len(Product.objects.get(organisation=owner, sku=trouble.long_product).name) > 50
    assert 200 < len(Contact.objects.get(organisation=owner, code=trouble.long_customer).name) <= 255
    assert Contact.objects.get(organisation=owner, code=trouble.formula_customer).name.startswith("=HYPERLINK(")
    assert [each.number for each in documents.filter(status="DRAFT")] == [trouble.draft]


@pytest.mark.django_db
def test_apart_from_its_troubles_it_is_an_ordinary_company(imported: tuple[Organisation, CompanySummary]) -> None:
    owner, _ = imported
    documents = Document.objects.filter(organisation=owner)
    assert set(documents.values_list("currency", flat=True)) == {"NZD", "AUD", "USD"}
    assert set(documents.values_list("tax_treatment", flat=True)) == {"Exclusive", "Inclusive", "NoTax"}
    assert {"B2B", "Shopify", "Amazon", "POS"} <= set(documents.values_list("channel", flat=True))
    assert documents.latest("date").date < TODAY
    assert not documents.filter(total__lte=0).exists()
    with_paid = documents.annotate(paid=Sum("settlements__amount"))
    assert not [each.number for each in with_paid if each.paid is not None and each.paid > each.total]
    lines = DocumentLine.objects.filter(document__organisation=owner)
    assert lines.filter(is_charge=True).exists()
    assert lines.filter(discount__gt=0).exists()
    assert any(line.unit_price * 100 % 1 for line in lines)
    assert max(len(sku) for sku in Product.objects.values_list("sku", flat=True)) <= 30
