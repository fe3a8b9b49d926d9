"""`tieout import` from the shell."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from tests import factories
from tieout.core import commands
from tieout.core.importing import KINDS
from tieout.core.models import Contact
from tieout.exit_codes import CommandFailed, WrongUsage

GOOD = "code,name,type\nA,Acme,Customer\n"


def run(*arguments: str, as_json: bool = False) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    commands.add_arguments(parser)
    return commands.run(parser.parse_args([*arguments, *(["--json"] if as_json else [])]))


def test_the_words_of_the_command_line_are_the_importers() -> None:
    assert list(KINDS) == sorted(KINDS, key=commands.KIND_WORDS.index)
    assert set(KINDS) == set(commands.KIND_WORDS)


@pytest.mark.django_db
def test_a_sound_file_is_loaded_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    owner = factories.organisation()
    (tmp_path / "contacts.csv").write_text(GOOD)
    assert run(owner.slug, "contacts", str(tmp_path / "contacts.csv")) == 0
    assert capsys.readouterr().out.startswith("1 new, 0 changed, 0 unchanged (1 rows in ")
    assert run(owner.slug, "contacts", str(tmp_path / "contacts.csv"), as_json=True) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["created"], answer["unchanged"], answer["rows"]) == (0, 1, 1)
    assert Contact.objects.filter(organisation=owner).count() == 1


@pytest.mark.django_db
def test_a_dry_run_says_what_a_file_would_do_and_loads_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = factories.organisation()
    (tmp_path / "contacts.csv").write_text(GOOD)
    assert run(owner.slug, "contacts", str(tmp_path / "contacts.csv"), "--dry-run") == 0
    said = capsys.readouterr().out
    assert said.startswith("1 new, 0 changed, 0 unchanged")
    assert said.rstrip().endswith("Nothing was loaded.")
    assert not Contact.objects.filter(organisation=owner).exists()
    (tmp_path / "bad.csv").write_text(GOOD + "C,C,Nobody\n")
    assert run(owner.slug, "contacts", str(tmp_path / "bad.csv"), "--dry-run") == 1


@pytest.mark.django_db
def test_a_refused_file_lists_its_rows_and_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    owner = factories.organisation()
    (tmp_path / "bad.csv").write_text(GOOD + "B,<b>,Customer\n,,\nC,C,Nobody\n")
    assert run(owner.slug, "contacts", str(tmp_path / "bad.csv")) == 1
    assert capsys.readouterr().out.splitlines() == [
        "line 3, name: “<b>” holds < or >, which Xero refuses in names; remove them",
        "line 5, type: “Nobody” is not one of Customer, Supplier, Both",
        "Nothing was loaded: 2 faults.",
    ]
    assert run(owner.slug, "contacts", str(tmp_path / "bad.csv"), as_json=True) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["exit_code"], answer["total"], answer["rows"][0]["line"]) == (1, 2, 3)


@pytest.mark.django_db
def test_wrong_calls_are_told_what_to_do(tmp_path: Path) -> None:
    owner = factories.organisation()
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(CommandFailed, match="The file is empty"):
        run(owner.slug, "contacts", str(tmp_path / "empty.csv"))
    with pytest.raises(WrongUsage, match="cannot be read: No such file"):
        run(owner.slug, "contacts", str(tmp_path / "none.csv"))
    with pytest.raises(WrongUsage, match=f"no organisation “nobody”. Known: {owner.slug}"):
        run("nobody", "contacts", str(tmp_path / "empty.csv"))
    with pytest.raises(WrongUsage, match="Say which organisation"):
        run(owner.slug)


@pytest.mark.parametrize("kind", commands.KIND_WORDS)
def test_the_template_is_a_header_that_the_documentation_explains(
    kind: str, capsys: pytest.CaptureFixture[str], repository: Path
) -> None:
    assert run("--template", kind) == 0
    header = capsys.readouterr().out.strip().split(",")
    assert run("--columns", kind) == 0
    table = capsys.readouterr().out
    assert all(f"| `{name}` |" in table for name in header)
    assert table in (repository / "docs" / "import.md").read_text(encoding="utf-8")
