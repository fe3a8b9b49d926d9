"""`tieout correct`: what it shows, what it stores, and how it refuses."""

from __future__ import annotations

import json

import pytest

from tests import factories
from tests.commands.test_sync_commands import parsed
from tests.sync.test_corrections import edit
from tests.sync.world import World
from tieout.commands import correct
from tieout.core.models import Document
from tieout.exit_codes import WELL, CommandFailed, WrongUsage
from tieout.sync.models import Correction, Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(connected: World) -> Document:
    invoice = factories.sale_invoice(connected.organisation)
    connected.sync()
    connected.twin.edit(connected.tenant_id, "pay", invoice=invoice.number, amount="15.00", date="2026-05-04")
    edit(invoice, "80.00")
    connected.sync()
    return invoice


def test_without_a_way_it_tells_all_of_them(
    connected: World, paid: Document, capsys: pytest.CaptureFixture[str]
) -> None:
    assert correct.run(parsed(correct, connected.organisation.slug, paid.number)) == WELL
    said = capsys.readouterr().out
    assert "--by credit-note" in said
    assert "1. PUT    CreditNotes" in said
    assert "Nothing was changed." in said
    assert not Correction.objects.exists()


def test_a_dry_run_tells_one_way_as_json(connected: World, paid: Document, capsys: pytest.CaptureFixture[str]) -> None:
    number = str(connected.entry(paid).pk)
    correct.run(parsed(correct, connected.organisation.slug, number, "--by", "reapply", "--dry-run", "--json"))
    told = json.loads(capsys.readouterr().out)
    assert (told["chosen"], told["difference"]) == (None, "-20.00")
    assert [call["method"] for call in told["ways"][0]["calls"]] == ["POST", "POST", "PUT"]
    assert not Correction.objects.exists()


def test_a_choice_goes_with_the_next_sync(connected: World, paid: Document, capsys: pytest.CaptureFixture[str]) -> None:
    correct.run(parsed(correct, connected.organisation.slug, paid.number, "--by", "credit-note"))
    assert "They go with the next sync." in capsys.readouterr().out
    connected.sync()
    assert connected.entry(paid).status == Status.COMPLETED
    assert len(connected.live("CreditNotes")) == 1


def test_what_cannot_be_done_is_refused_in_a_sentence(connected: World, paid: Document) -> None:
    with pytest.raises(CommandFailed, match="Say why"):
        correct.run(parsed(correct, connected.organisation.slug, paid.number, "--by", "leave"))
    with pytest.raises(WrongUsage, match="has no entry"):
        correct.run(parsed(correct, connected.organisation.slug, "INV-NONE"))
