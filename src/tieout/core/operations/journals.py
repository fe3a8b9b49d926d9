"""Journals: create, edit, authorise, void.

Always: an authorised journal sums to zero; drafts are Core's alone, so only what happens to an authorised journal
touches it; a voided journal never changes again.
"""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from tieout.core import rules
from tieout.core.fields import JournalFields
from tieout.core.models import Document, Journal, JournalLine, Organisation
from tieout.core.operations.recording import (
    difference,
    journal_fields,
    locked,
    note,
    one_change,
    refuse_if,
    set_status,
)
from tieout.core.rules import Problem
from tieout.core.setup import Setup, read_setup
from tieout.people.models import Action

DRAFT, AUTHORISED, VOIDED = Journal.Status.DRAFT, Journal.Status.AUTHORISED, Journal.Status.VOIDED


def create_journal(
    organisation: Organisation,
    values: JournalFields,
    *,
    actor: str,
    authorise: bool = False,
    setup: Setup | None = None,
) -> Journal:
    """A draft, or with `authorise` a journal that is booked at once. Amounts are in base currency, debit positive."""
    setup = setup or read_setup(organisation)
    values = rules.tidied(values)
    refuse_if(rules.check_journal(values, setup, authorised=authorise) + _about(organisation.pk, values))
    with one_change(values):
        journal = Journal(organisation=organisation, status=AUTHORISED if authorise else DRAFT)
        _write(journal, values)
        note(journal, "journal", values.number, Action.CREATED, actor, touch=authorise)
    return journal


def edit_journal(
    journal: Journal, values: JournalFields, *, actor: str, version: int | None = None, setup: Setup | None = None
) -> Journal:
    """Replace what is entered in a draft or an authorised journal. The same values again change nothing."""
    setup = setup or read_setup(journal.organisation)
    values = rules.tidied(values)
    with one_change(values):
        current = locked(Journal, journal.pk, version)
        changed = difference(journal_fields(current), values)
        if changed:
            authorised = current.status == AUTHORISED
            problems = rules.check_journal(values, setup, authorised=authorised) + _unchangeable(current, setup)
            if (values.kind, values.document_id) != (current.kind, current.document_id):
                problems.append(Problem("kind", values.kind, "and document cannot change; void the journal instead"))
            refuse_if(problems)
            current.version += 1
            _write(current, values)
            note(current, "journal", values.number, Action.EDITED, actor, detail=changed, touch=authorised)
    return current


def authorise_journal(journal: Journal, *, actor: str, version: int | None = None) -> Journal:
    """Book a draft."""
    setup = read_setup(journal.organisation)
    with one_change(journal):
        current = locked(Journal, journal.pk, version)
        problems = rules.check_journal(journal_fields(current), setup, authorised=True)
        if current.status != DRAFT:
            problems.append(Problem("status", current.status, "cannot be authorised; only a draft can"))
        refuse_if(problems)
        set_status(current, AUTHORISED)
        note(current, "journal", current.number, Action.AUTHORISED, actor)
    return current


def void_journal(journal: Journal, *, actor: str, version: int | None = None, setup: Setup | None = None) -> Journal:
    """Take a journal out of the books; it keeps its number and its lines."""
    setup = setup or read_setup(journal.organisation)
    with one_change(journal):
        current = locked(Journal, journal.pk, version)
        refuse_if(_unchangeable(current, setup))
        booked = current.status == AUTHORISED
        set_status(current, VOIDED)
        note(current, "journal", current.number, Action.VOIDED, actor, touch=booked)
    return current


def _about(organisation_id: UUID, values: JournalFields) -> list[Problem]:
    if values.document_id is None:
        return []
    if Document.objects.filter(organisation=organisation_id, pk=values.document_id).exists():
        return []
    return [Problem("document", str(values.document_id), "is not a document of this organisation")]


def _unchangeable(journal: Journal, setup: Setup) -> list[Problem]:
    problems = rules.check_lock("date", journal.date, setup)
    if journal.status == VOIDED:
        problems.append(Problem("status", "VOIDED", "is final; enter a new journal instead"))
    return problems


def _write(journal: Journal, values: JournalFields) -> None:
    """Store the head and the lines anew."""
    for name, value in asdict(values).items():
        if name != "lines":
            setattr(journal, name, value)
    journal.save()
    journal.lines.all().delete()
    JournalLine.objects.bulk_create(
        JournalLine(journal=journal, position=position, **asdict(line)) for position, line in enumerate(values.lines)
    )
