"""Northwind from its tables to Xero: once, in few calls, to the cent."""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from pathlib import Path

import pytest

from examples.northwind.convert import convert
from tests.examples.test_northwind import northwind  # noqa: F401 - the fixture
from tests.sync.world import World, world
from tieout.core.importing import import_file
from tieout.reports.status import figures
from tieout.reports.tie_out import tie_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(northwind: Path, tmp_path: Path) -> World:  # noqa: F811
    made = world(name="Northwind Traders", country="US", base_currency="USD", connected=False)
    for kind in convert(northwind, tmp_path):
        import_file(made.organisation, kind, tmp_path / f"{kind}.csv", actor="mere")
    return made


def test_northwind_stands_in_xero_once_and_to_the_cent(company: World) -> None:
    company.connect()
    company.sync()
    assert company.statuses() == {"completed": 91 + 29 + 77 + 830 + 809}
    assert sum(Decimal(str(each["Total"])) for each in company.documents("Invoices")) == Decimal("1330735.98")
    proof = tie_out(company.organisation)
    assert proof.explanations == ()
    assert proof.agrees
    assert [line.core_total for line in proof.lines if line.kind == "sale_invoice"] == [Decimal("1330735.98")]


def test_northwind_takes_hardly_more_calls_than_there_are_batches(company: World) -> None:
    company.connect()
    company.sync()
    writes = sum(ceil(count / 50) for count in (91 + 29, 77, 830, 809))
    set_up = ["token", "connections", "Organisation", "Accounts", "TaxRates"]
    assert company.twin.calls() <= 1.15 * (writes + len(set_up))
    made = figures(company.organisation)["calls"]
    assert sum(made.values()) == company.twin.calls(), "Tieout's own count of calls is the twin's"


def test_a_second_sync_with_nothing_changed_sends_nothing(company: World) -> None:
    company.connect()
    company.sync()
    before = len(company.twin.journal)
    company.clock.advance(3600)
    company.sync()
    calls = company.twin.journal[before:]
    assert len(calls) <= 8
    assert {call.method for call in calls} <= {"GET"} | {c.method for c in calls if c.resource == "token"}
