"""The Northwind example, from its tables to Core, with the control totals published with the data."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from examples.northwind.convert import convert, main
from tests import factories
from tieout.core.importing import import_file
from tieout.core.models import Contact, Document, DocumentLine, Product, Settlement


@pytest.fixture
def northwind(repository: Path) -> Path:
    folder = repository.parent / "shared" / "data" / "northwind"
    if not folder.is_dir():
        pytest.skip("Northwind's tables are not beside the repository (../shared/data/northwind)")
    return folder


@pytest.mark.django_db
def test_northwind_adds_up_to_its_control_totals(northwind: Path, tmp_path: Path) -> None:
    owner = factories.organisation(base_currency="USD")
    rows = convert(northwind, tmp_path)
    for kind in rows:
        import_file(owner, kind, tmp_path / f"{kind}.csv", actor="mere")
    of_owner: dict[str, Any] = {"organisation": owner}
    assert Contact.objects.filter(is_customer=True, **of_owner).count() == 91
    assert Contact.objects.filter(is_supplier=True, **of_owner).count() == 29
    assert Product.objects.filter(**of_owner).count() == 77
    invoices = Document.objects.filter(kind="sale_invoice", **of_owner)
    assert invoices.count() == 830
    assert invoices.aggregate(total=Sum("total"))["total"] == Decimal("1330735.98")
    lines = DocumentLine.objects.filter(document__in=invoices)
    assert lines.filter(is_charge=False).count() == 2155
    assert lines.filter(is_charge=False).aggregate(total=Sum("amount"))["total"] == Decimal("1265793.29")
    assert lines.filter(is_charge=True).aggregate(total=Sum("amount"))["total"] == Decimal("64942.69")
    paid = Settlement.objects.filter(**of_owner).select_related("document")
    assert len(paid) == 809
    assert all(each.amount == each.document.total for each in paid)


@pytest.mark.django_db
def test_northwind_imported_again_changes_nothing(northwind: Path, tmp_path: Path) -> None:
    owner = factories.organisation(base_currency="USD")
    for kind, rows in convert(northwind, tmp_path).items():
        first = import_file(owner, kind, tmp_path / f"{kind}.csv", actor="mere")
        again = import_file(owner, kind, tmp_path / f"{kind}.csv", actor="mere")
        assert (first.rows, again.created, again.changed, again.unchanged) == (rows, 0, 0, first.created)


def test_the_converter_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main([str(tmp_path), str(tmp_path)]) == 2
    assert "orders.csv" in capsys.readouterr().err
