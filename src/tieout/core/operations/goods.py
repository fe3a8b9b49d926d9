"""The cost of goods sold: posted when goods leave or come back, and corrected when a cost changes later.

Always: once `post_cost_of_goods` or `change_costs` has run, a document's live cost-of-goods journals add up to what its
lines cost now; a cost that changes later never rewrites what was posted, it makes a journal of its own for the
difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

from django.utils import timezone

from tieout.core import costs, rules, store
from tieout.core.fields import JournalFields, JournalLineFields
from tieout.core.models import CostDating, Document, DocumentLine, Journal
from tieout.core.operations.journals import AUTHORISED, create_journal, edit_journal, void_journal
from tieout.core.operations.recording import locked, note, one_change, refuse_if
from tieout.core.records import ContactRecord, DocumentRecord, JournalLineRecord, JournalRecord, ProductRecord
from tieout.core.rules import Problem
from tieout.core.setup import Setup, read_setup
from tieout.people.models import Action

PREFIX = "COGS-"
SHIPPED_KINDS = ("sale_invoice", "sale_credit_note")


def post_cost_of_goods(document: Document, *, actor: str) -> Journal | None:
    """Make the cost-of-goods journal of a shipped document, dated `shipped_on`, or bring it up to date.

    None where there is no cost to book. Later changes of cost alone belong to `change_costs`.
    """
    setup = read_setup(document.organisation)
    with one_change(document):
        current = locked(Document, document.pk)
        refuse_if(_shipped(current))
        assert current.shipped_on is not None
        wanted, narration = _cost_lines(current), f"Cost of goods sold: {current.number}"
        posted = _posted(current)
        booked = [line for journal in posted[1:] for line in journal.lines]
        lines = costs.difference(wanted, booked, narration)
        values = _entered(f"{PREFIX}{current.number}", current, current.shipped_on, narration, lines)
        if posted:
            journal = Journal.objects.get(pk=posted[0].key.id)
            if not lines:
                return void_journal(journal, actor=actor)
            return edit_journal(journal, replace(values, number=journal.number), actor=actor, setup=setup)
        if not lines:
            return None
        number = _free_number(current)
        return create_journal(
            current.organisation, replace(values, number=number), actor=actor, authorise=True, setup=setup
        )


def change_costs(
    document: Document,
    unit_costs: Mapping[int, Decimal | None],
    *,
    on: date,
    actor: str,
    dating: CostDating | None = None,
) -> Journal | None:
    """Correct the unit costs (base currency, by line position from 0) of a document, also of one in a locked period.

    Where its cost of goods was posted already, the difference becomes a journal of its own, which is returned. `on` is
    the day of the change; where `dating` is not given, the organisation's choice says which day the journal gets.
    """
    setup = read_setup(document.organisation)
    with one_change(document):
        current = locked(Document, document.pk)
        problems = _unlike_costs(current, unit_costs)
        if current.status == Document.Status.VOIDED:
            problems.append(Problem("status", "VOIDED", "is final; a voided document has no cost"))
        refuse_if(problems)
        changed = _write_costs(current, unit_costs)
        if changed:
            note(current, current.kind, current.number, Action.EDITED, actor, detail=changed, touch=False)
        posted = _posted(current)
        if not posted:
            return None
        narration = f"Change of cost: {current.number}"
        booked = [line for journal in posted for line in journal.lines]
        lines = costs.difference(_cost_lines(current), booked, narration)
        if not lines:
            return None
        day = _dated(current, on, dating or CostDating(setup.cost_dating), setup)
        values = _entered(_free_number(current), current, day, narration, lines)
        return create_journal(current.organisation, values, actor=actor, authorise=True, setup=setup)


def _dated(document: Document, on: date, dating: CostDating, setup: Setup) -> date:
    if dating is CostDating.ON_CHANGE:
        return on
    original = document.shipped_on or document.date
    if not rules.check_lock("date", original, setup):
        return original
    if dating is CostDating.FIRST_OPEN_DAY and setup.lock_date is not None:
        return setup.lock_date + timedelta(days=1)
    return on


def _entered(
    number: str, document: Document, day: date, narration: str, lines: tuple[JournalLineRecord, ...]
) -> JournalFields:
    entered = tuple(
        JournalLineFields(
            account=line.account,
            role=line.role,
            amount=line.amount,
            description=line.description,
            tracking=line.tracking,
        )
        for line in lines
    )
    return JournalFields(
        number=number, kind="cost_of_goods", date=day, narration=narration, document_id=document.pk, lines=entered
    )


def _cost_lines(document: Document) -> tuple[JournalLineRecord, ...]:
    organisation = document.organisation_id
    record = cast("DocumentRecord", store.load(organisation, document.kind, [document.pk])[document.pk])
    ids = {line.product_id for line in record.lines if line.product_id is not None}
    products = cast("dict[UUID, ProductRecord]", store.load(organisation, "product", ids))
    contact = cast("ContactRecord", store.load(organisation, "contact", [record.contact_id])[record.contact_id])
    return costs.cost_of_goods(record, products, contact)


def _posted(document: Document) -> list[JournalRecord]:
    """The live cost-of-goods journals of a document, the first one first."""
    ids = list(
        Journal.objects.filter(document=document, kind="cost_of_goods", status=AUTHORISED)
        .order_by("created_at")
        .values_list("pk", flat=True)
    )
    found = cast("dict[UUID, JournalRecord]", store.load(document.organisation_id, "journal", ids))
    return [found[key] for key in ids]


def _free_number(document: Document) -> str:
    """COGS- and the document's number, counted on: voided journals keep theirs."""
    name = f"{PREFIX}{document.number}"[:245]
    taken = set(
        Journal.objects.filter(organisation_id=document.organisation_id, number__startswith=name).values_list(
            "number", flat=True
        )
    )
    if name not in taken:
        return name
    count = 2
    while f"{name}-{count}" in taken:
        count += 1
    return f"{name}-{count}"


def _shipped(document: Document) -> list[Problem]:
    problems = []
    if document.kind not in SHIPPED_KINDS:
        problems.append(Problem("kind", document.kind, "has no cost of goods sold; only sales and their credit do"))
    if document.status != AUTHORISED:
        problems.append(Problem("status", document.status, "has no cost of goods sold; authorise the document first"))
    if document.shipped_on is None:
        problems.append(Problem("shipped_on", "", "is missing; say when the goods left or came back"))
    return problems


def _unlike_costs(document: Document, unit_costs: Mapping[int, Decimal | None]) -> list[Problem]:
    positions = set(document.lines.values_list("position", flat=True))
    problems = []
    for position, cost in unit_costs.items():
        if position not in positions:
            problems.append(Problem("lines", str(position + 1), "is not a line of this document"))
        elif cost is not None:
            problems += rules.check_unit_cost(cost, position)
    return problems


def _write_costs(document: Document, unit_costs: Mapping[int, Decimal | None]) -> dict[str, list[str]]:
    changed: dict[str, list[str]] = {}
    for line in DocumentLine.objects.filter(document=document, position__in=unit_costs):
        new = unit_costs[line.position]
        if new != line.unit_cost:
            changed[f"line {line.position + 1}, unit_cost"] = [str(line.unit_cost or ""), str(new or "")]
            line.unit_cost = new
            line.save(update_fields=["unit_cost"])
    if changed:
        document.version += 1
        document.changed_at = timezone.now()
        document.save(update_fields=["version", "changed_at"])
    return changed
