"""A month of the demo company with every kind of record, synced: proven to the cent, by kind and by account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.fields import ContactFields
from tieout.core.importing import import_file
from tieout.core.models import Contact, Document
from tieout.core.operations import fields_of
from tieout.embedded.company import CompanySummary, finish_company, write_company
from tieout.kinds.registry import KINDS
from tieout.reports.tie_out import tie_out
from tieout.reports.trial_balance import trial_balance
from tieout.sync.models import Connection, Entry, Status

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 31)


def imported(folder: Path, made: World, documents: int) -> CompanySummary:
    """Its files, in order, then what no file holds; and the one trouble in Core itself cured: two of one name."""
    summary = write_company(folder, documents, today=TODAY, kinds="all")
    for kind in summary.order:
        import_file(made.organisation, kind, folder / f"{kind}.csv", actor="mere")
    finish_company(made.organisation, summary, actor="mere")
    second = Contact.objects.get(organisation=made.organisation, code=summary.troubles.duplicate_contacts[1])
    renamed = replace(fields_of(ContactFields, second), name="Harbour Café Wharf Street")
    operations.edit_contact(second, renamed, actor="mere", version=second.version)
    return summary


@pytest.mark.parametrize("documents", [60, 300])
def test_a_month_of_all_kinds_agrees_to_the_cent(tmp_path: Path, documents: int) -> None:
    made = world(currencies=("AUD", "USD"))
    wanted = {"export_purchase_orders": True, "export_attachments": True}
    Connection.objects.filter(organisation=made.organisation).update(**wanted)
    summary = imported(tmp_path, made, documents)
    made.sync()
    left = Entry.objects.filter(organisation=made.organisation).exclude(status=Status.COMPLETED)
    assert set(left.values_list("label", "reason_code")) <= {(summary.troubles.draft, "not-ready")}
    unverified = Entry.objects.filter(organisation=made.organisation, verified=False)
    assert list(unverified.values_list("kind", "label", "reason")) == []
    proof = tie_out(made.organisation)
    assert proof.explanations == ()
    assert proof.agrees
    assert all(not line.difference for line in proof.lines)
    if documents == 300:
        assert {line.kind for line in proof.lines} == {name for name, kind in KINDS.items() if not kind.carries}
    core = trial_balance(made.organisation)
    xero = made.twin.trial_balance(made.tenant_id)
    assert {code: amount for code, amount in core.balances.items() if amount != xero.get(code)} == {}
    assert core.balances == xero
    mark = len(made.twin.journal)
    made.clock.advance(3600)
    made.sync()
    assert {call.method for call in made.twin.journal[mark:] if call.resource != "token"} == {"GET"}


def test_the_month_by_itself_too(tmp_path: Path) -> None:
    """What is dated up to a day agrees as well, and the rest is what comes after."""
    made = world(currencies=("AUD", "USD"))
    imported(tmp_path, made, 60)
    made.sync()
    for day in (date(2026, 3, 31), date(2026, 4, 30)):
        assert trial_balance(made.organisation, day).balances == made.twin.trial_balance(made.tenant_id, day)
    numbered = Document.objects.filter(organisation=made.organisation, status="AUTHORISED")
    assert numbered.filter(date__gt=date(2026, 4, 30)).exists()
