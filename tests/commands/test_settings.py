"""`tieout settings`: the same checks as the page, and exit codes that a script can trust."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from tests import factories
from tests.sync.test_settings import BAD
from tests.sync.world import World
from tieout.commands import settings
from tieout.exit_codes import USAGE, WELL, XERO, WrongUsage, code_for, sentence_for
from tieout.people.models import Event
from tieout.sync import company_settings
from tieout.sync.access import NotConnected
from tieout.sync.models import Connection, Status
from tieout.sync.settings import CATALOGUE

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    settings.add_arguments(parser)
    return settings.run(parser.parse_args(arguments))


def test_it_lists_every_setting(connected: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(connected.organisation.slug) == WELL
    said = capsys.readouterr().out
    assert all(f"  {each.key} " in said for each in CATALOGUE)
    run(connected.organisation.slug, "--json")
    found = json.loads(capsys.readouterr().out)["settings"]
    assert found == company_settings.current(Connection.objects.get()).texts


def test_it_changes_several_and_tells_both_values(connected: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(connected.organisation.slug, "payments=both", "sync_from=2026-04-01") == WELL
    said = capsys.readouterr().out
    assert "Payments are: Pushed to Xero → Synced both ways" in said
    assert "Sync from: not set → 01 Apr 2026" in said
    run(connected.organisation.slug, "sync_from=", "--json")
    assert json.loads(capsys.readouterr().out)["changes"] == [{"key": "sync_from", "from": "2026-04-01", "to": ""}]
    run(connected.organisation.slug, "sync_from=")
    assert "Everything is so already." in capsys.readouterr().out
    assert Event.objects.filter(action="setting_changed").count() == 3


@pytest.mark.parametrize("key", list(BAD))
def test_a_mistake_is_wrong_usage_and_nothing_is_stored(connected: World, key: str) -> None:
    good = "lock_date_policy=first_open_day" if key != "lock_date_policy" else "payments=both"
    with pytest.raises(WrongUsage) as refused:
        run(connected.organisation.slug, good, f"{key}={BAD[key][0][0]}")
    assert code_for(refused.value) == USAGE
    assert f"{key}: " in sentence_for(refused.value)
    assert company_settings.current(Connection.objects.get()).values == {each.key: each.default for each in CATALOGUE}


@pytest.mark.parametrize(
    ("typed", "sentence"), [("payments", "is not KEY=VALUE"), ("colour=red", "There is no setting “colour”")]
)
def test_what_is_no_setting_is_told(connected: World, typed: str, sentence: str) -> None:
    with pytest.raises(WrongUsage, match=sentence):
        run(connected.organisation.slug, typed)


def test_a_preview_stores_nothing_and_a_change_frees(connected: World, capsys: pytest.CaptureFixture[str]) -> None:
    order = factories.purchase_order(connected.organisation)
    connected.sync()
    slug = connected.organisation.slug
    assert run(slug, "export_purchase_orders=yes", "--preview") == WELL
    said = capsys.readouterr().out
    assert "1 record would go with the next sync." in said
    assert "Nothing was stored." in said
    assert not Connection.objects.get().export_purchase_orders
    run(slug, "export_purchase_orders=yes", "--preview", "--json")
    assert json.loads(capsys.readouterr().out)["effect"] == {"freed": 1}
    run(slug, "export_purchase_orders=yes")
    assert "1 entry is set to Pending" in capsys.readouterr().out
    assert connected.entry(order).status == Status.PENDING


def test_the_documentation_says_what_the_catalogue_says(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--explain") == WELL
    said = capsys.readouterr().out.strip()
    assert said in (repository / "docs" / "settings.md").read_text(encoding="utf-8")
    assert all(f"| `{each.key}` |" in said for each in CATALOGUE)


def test_without_an_organisation_it_asks_for_one() -> None:
    with pytest.raises(WrongUsage, match="Say which organisation"):
        run()


def test_an_organisation_without_a_connection_says_what_to_do() -> None:
    alone = factories.organisation()
    with pytest.raises(NotConnected) as refused:
        run(alone.slug)
    assert code_for(refused.value) == XERO
