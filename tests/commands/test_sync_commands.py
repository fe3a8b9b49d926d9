"""sync, status, tie-out and report from the shell: what they print, and exit codes that a script can trust."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.sync import web_shop
from tests.sync.small_company import small_company
from tests.sync.world import World
from tieout.commands import consolidation, report, status, sync, tie_out
from tieout.core import operations
from tieout.exit_codes import FAILED, SETTINGS, USAGE, WELL, XERO, WrongUsage, code_for, sentence_for
from tieout.sync import run as engine
from tieout.sync.access import NotConnected
from tieout.sync.models import Entry, Run
from tieout.sync.vault import KeyLost

pytestmark = pytest.mark.django_db


def parsed(command: Any, *arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    command.add_arguments(parser)
    return parser.parse_args(arguments)


@pytest.fixture
def shell(connected: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run a command as the shell does, against this world's clock and Xero: (exit code, what it printed)."""
    ports = connected.ports
    monkeypatch.setattr(sync, "Ports", lambda **told: ports)

    def call(command: Any, *arguments: str) -> tuple[int, str]:
        code = command.run(parsed(command, *arguments))
        return code, capsys.readouterr().out

    return call


def test_a_sync_that_goes_well_says_so_and_exits_0(connected: World, shell: Callable[..., Any]) -> None:
    small_company(connected.organisation)
    code, said = shell(sync, connected.organisation.slug)
    assert code == WELL
    assert "went through" in said
    assert "5 completed" in said


def test_a_sync_that_leaves_something_to_a_person_exits_1(connected: World, shell: Callable[..., Any]) -> None:
    factories.sale_invoice(connected.organisation, currency="EUR", rate=Decimal("0.5"))
    code, said = shell(sync, connected.organisation.slug)
    assert code == FAILED
    assert "1 waits for a person" in said


def test_a_sync_without_xero_exits_5_and_nothing_is_half_done(connected: World, shell: Callable[..., Any]) -> None:
    small_company(connected.organisation)
    connected.twin.faults.add("drop_before", times=1000)
    code, said = shell(sync, connected.organisation.slug)
    assert code == XERO
    assert "No answer from Xero" in said
    assert not Entry.objects.filter(status__in=["sending", "uncertain"]).exists()


def test_json_has_every_figure_of_the_public_face(connected: World, shell: Callable[..., Any]) -> None:
    small_company(connected.organisation)
    _, said = shell(sync, connected.organisation.slug, "--json")
    wanted = {"entries", "records", "calls", "documents_per_call", "seconds", "findings", "tie_out"}
    assert wanted <= set(json.loads(said))
    code, said = shell(status, connected.organisation.slug, "--json")
    assert code == WELL
    found = json.loads(said)
    assert wanted <= set(found)
    assert found["tie_out"]["sale_invoice"]["difference"] == "0.00"
    assert found["records"]["sale_invoice"] == 1


def test_a_dry_run_says_what_would_go_and_sends_nothing(connected: World, shell: Callable[..., Any]) -> None:
    small_company(connected.organisation)
    mark = len(connected.twin.journal)
    code, said = shell(sync, connected.organisation.slug, "--dry-run", "--json")
    assert code == WELL
    kinds = json.loads(said)["kinds"]
    assert {kind: found["actions"] for kind, found in kinds.items() if found["actions"]} == {
        kind: {"create": 1} for kind in ("contact", "product", "sale_invoice", "bill", "payment")
    }
    assert len(connected.twin.journal) == mark
    assert not Entry.objects.exists()
    assert not Run.objects.exists()


def test_the_tie_out_exits_0_only_when_both_sides_agree(connected: World, shell: Callable[..., Any]) -> None:
    small = small_company(connected.organisation)
    slug = connected.organisation.slug
    code, said = shell(tie_out, slug)
    assert code == FAILED
    assert "each explained" in said
    connected.sync()
    code, said = shell(tie_out, slug)
    assert (code, "Core and Xero agree." in said) == (WELL, True)
    operations.void_payment(small.payment, actor="mere")
    assert shell(tie_out, slug)[0] == FAILED


def test_a_period_counts_only_its_days(connected: World, shell: Callable[..., Any]) -> None:
    small_company(connected.organisation)
    connected.sync()
    _, said = shell(tie_out, connected.organisation.slug, "--from", "2031-01-01", "--json")
    assert json.loads(said)["kinds"]["sale_invoice"]["core_count"] == 0
    with pytest.raises(WrongUsage, match="ends on 2026-01-01 before it begins"):
        shell(tie_out, connected.organisation.slug, "--from", "2026-02-01", "--to", "2026-01-01")


def test_the_report_is_written_as_csv(connected: World, shell: Callable[..., Any], tmp_path: Path) -> None:
    small_company(connected.organisation)
    connected.sync()
    code, _ = shell(report, connected.organisation.slug, "--csv", str(tmp_path / "report.csv"))
    assert code == WELL
    rows = list(csv.DictReader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 5
    assert {row["Sync status"] for row in rows} == {"Completed"}
    with pytest.raises(WrongUsage, match="cannot be written"):
        shell(report, connected.organisation.slug, "--csv", str(tmp_path / "no" / "such" / "folder.csv"))


def test_an_unknown_organisation_is_wrong_usage_and_names_those_that_exist(connected: World) -> None:
    with pytest.raises(WrongUsage) as refused:
        status.run(parsed(status, "nobody"))
    assert code_for(refused.value) == USAGE
    assert connected.organisation.slug in sentence_for(refused.value)


def test_an_organisation_that_is_not_connected_says_what_to_do() -> None:
    alone = factories.organisation()
    with pytest.raises(NotConnected) as refused:
        sync.run(parsed(sync, alone.slug))
    assert code_for(refused.value) == XERO
    assert "Connect it first" in sentence_for(refused.value)


def test_a_second_sync_at_the_same_time_is_told_so(connected: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_for(engine.AlreadyRunning(connected.organisation)) == FAILED
    assert "is running already" in str(engine.AlreadyRunning(connected.organisation))


def test_a_lost_key_is_a_matter_of_settings() -> None:
    assert code_for(KeyLost()) == SETTINGS


@pytest.mark.parametrize("text", ["2026-13-01", "yesterday", "01/02/2026"])
def test_a_day_is_written_one_way(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="write it as"):
        tie_out.day(text)
    assert tie_out.day("2026-02-01") == date(2026, 2, 1)


def test_consolidation_from_the_shell(connected: World, capsys: pytest.CaptureFixture[str]) -> None:
    web_shop.policy(connected)
    web_shop.web_order(connected)
    slug = connected.organisation.slug
    assert consolidation.run(parsed(consolidation, "--preview", slug)) == WELL
    assert "1 records" in capsys.readouterr().out
    connected.sync()
    assert consolidation.run(parsed(consolidation, "--json", slug)) == WELL
    told = json.loads(capsys.readouterr().out)
    assert told["policies"][0]["mode"] == "daily"
    assert [(each["total"], each["records"], each["status"]) for each in told["documents"]] == [
        ("115.00", 1, "completed")
    ]
