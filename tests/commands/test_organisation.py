"""`tieout organisation`."""

from __future__ import annotations

import argparse
import json

import pytest

from tieout.commands import organisation
from tieout.core.models import Organisation
from tieout.exit_codes import CommandFailed
from tieout.people.models import Event

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    organisation.add_arguments(parser)
    return organisation.run(parser.parse_args(arguments))


def test_an_organisation_is_made_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("add", "acme", "Acme Ltd", "--currency", "nzd", "--country", "nz") == 0
    made = Organisation.objects.get(slug="acme")
    assert (made.name, made.base_currency, made.country) == ("Acme Ltd", "NZD", "NZ")
    assert Event.objects.filter(organisation=made, action="created").exists()
    assert "tieout import acme contacts" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("--json", "list"), ("list", "--json")])
def test_the_list_names_each(arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    run("list")
    assert "There are none yet" in capsys.readouterr().out
    run("add", "acme", "Acme Ltd", "--currency", "NZD", "--json")
    assert json.loads(capsys.readouterr().out)["slug"] == "acme"
    run(*arguments)
    assert [each["currency"] for each in json.loads(capsys.readouterr().out)["organisations"]] == ["NZD"]


@pytest.mark.parametrize(
    ("slug", "currency", "reason"),
    [("acme", "NZD", "belongs to another organisation"), ("b c", "NZD", "may hold only"), ("b", "XXX", "currency")],
)
def test_a_refusal_says_why(slug: str, currency: str, reason: str) -> None:
    run("add", "acme", "Acme Ltd", "--currency", "NZD")
    with pytest.raises(CommandFailed, match=reason):
        run("add", slug, "Copy", "--currency", currency)
