"""The cost of goods sold: booked when goods leave or come back, and kept in step with the document from then on.

Always: after any of these operations a document's live cost-of-goods journals add up to what its lines cost now, to
nothing once it is voided. A cost that changes later never rewrites what was posted, it makes a journal of its own for
the difference; any other edit corrects the first journal, or, where that is locked, makes one on the first open day.

By itself the cost is booked only where the organisation chose so (`book_costs`); what is booked is kept in step in any
case.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from tieout.core import costs, rules, store
from tieout.core.copying import Created, announce, copy_rows
from tieout.core.fields import JournalFields, JournalLineFields
from tieout.core.models import CostDating, Document, DocumentLine, Journal, Organisation
from tieout.core.operations.journals import AUTHORISED, create_journal, edit_journal, void_journal
from tieout.core.operations.recording import locked, note, one_change, refuse_if
from tieout.core.records import ContactRecord, DocumentRecord, JournalLineRecord, JournalRecord, ProductRecord
from tieout.core.rules import Problem, Refused
from tieout.core.setup import Setup, read_setup
from tieout.people.models import Action

PREFIX = "COGS-"
LONGEST = 245
RULE = "The cost of shipped goods is booked by itself"
SHIPPED_KINDS = ("sale_invoice", "sale_credit_note")
PORTION = 500

Lines = tuple[JournalLineRecord, ...]


def book_costs(
    organisation_id: UUID,
    kind: str,
    ids: Collection[UUID],
    *,
    actor: str,
    setup: Setup,
    at: datetime | None = None,
) -> None:
    """Book the cost of these authorised documents where the organisation chose that it be booked by itself. Call it in
    the transaction that authorised them."""
    if setup.book_costs and kind in SHIPPED_KINDS and ids:
        _book(organisation_id, kind, ids, actor=actor, setup=setup, at=at, detail={"by_rule": RULE})


def unbooked(organisation_id: UUID, since: date | None = None) -> QuerySet[Document]:
    """The authorised documents whose goods left or came back (on or after `since`) at a known cost that no journal, not
    even a voided one, ever booked."""
    lines = DocumentLine.objects.filter(document=OuterRef("pk"), unit_cost__gt=0, product__type="STOCK")
    found = Document.objects.filter(
        Exists(lines),
        ~Exists(Journal.objects.filter(document=OuterRef("pk"), kind="cost_of_goods")),
        organisation=organisation_id,
        kind__in=SHIPPED_KINDS,
        status=AUTHORISED,
        shipped_on__isnull=False,
    )
    return found.filter(shipped_on__gte=since) if since else found


def book_unbooked(organisation: Organisation, *, since: date | None = None, actor: str) -> int:
    """Book the cost of every document that is `unbooked`, whatever the organisation's choice. How many journals."""
    setup = read_setup(organisation)
    booked = 0
    for kind in SHIPPED_KINDS:
        ids = list(unbooked(organisation.pk, since).filter(kind=kind).order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), PORTION):
            portion = ids[start : start + PORTION]
            with transaction.atomic():
                list(Document.objects.select_for_update().filter(pk__any=portion).order_by("pk").values_list("pk"))
                # Asked once they are locked: somebody may have booked one of them meanwhile.
                still = list(unbooked(organisation.pk, since).filter(pk__any=portion).values_list("pk", flat=True))
                booked += len(_book(organisation.pk, kind, still, actor=actor, setup=setup))
    return booked


def post_cost_of_goods(document: Document, *, actor: str) -> Journal | None:
    """Make the cost-of-goods journal of a shipped document, dated `shipped_on`, or bring it up to date.

    None where there was nothing to book. Later changes of cost alone belong to `change_costs`.
    """
    setup = read_setup(document.organisation)
    with one_change(document):
        current = locked(Document, document.pk)
        refuse_if(_shipped(current))
        if _posted(current):
            return _correct(current, _wanted(current), actor=actor, setup=setup)
        made = _book(current.organisation_id, current.kind, [current.pk], actor=actor, setup=setup)
        return Journal.objects.get(pk=made[0]) if made else None


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
        return change_costs_of(current, unit_costs, on=on, actor=actor, setup=setup, dating=dating)


def change_costs_of(
    current: Document,
    unit_costs: Mapping[int, Decimal | None],
    *,
    on: date,
    actor: str,
    setup: Setup,
    dating: CostDating | None = None,
) -> Journal | None:
    """`change_costs` of a document that is locked already."""
    problems = _unlike_costs(current, unit_costs)
    if current.status == Document.Status.VOIDED:
        problems.append(Problem("status", "VOIDED", "is final; a voided document has no cost"))
    refuse_if(problems)
    changed = _write_costs(current, unit_costs)
    if changed:
        note(current, current.kind, current.number, Action.EDITED, actor, detail=changed, touch=False)
    posted = _posted(current)
    if not posted:
        if current.status == AUTHORISED:
            book_costs(current.organisation_id, current.kind, [current.pk], actor=actor, setup=setup)
        return None
    narration = f"Change of cost: {current.number}"
    lines = costs.difference(_wanted(current), _booked(posted), narration)
    if not lines:
        return None
    day = _dated(current, on, dating or CostDating(setup.cost_dating), setup)
    return _post(current, day, narration, lines, actor=actor, setup=setup)


def keep_costs(document: Document, *, actor: str, setup: Setup) -> None:
    """After an edit of a locked, authorised document: its journals follow, or are made if that is now due."""
    if _posted(document):
        _correct(document, _wanted(document), actor=actor, setup=setup)
    else:
        book_costs(document.organisation_id, document.kind, [document.pk], actor=actor, setup=setup)


def void_costs(document: Document, *, actor: str, setup: Setup) -> None:
    """Take the cost of a document that is being voided out of the books."""
    if _posted(document):
        _correct(document, (), actor=actor, setup=setup)


def _book(
    organisation_id: UUID,
    kind: str,
    ids: Collection[UUID],
    *,
    actor: str,
    setup: Setup,
    at: datetime | None = None,
    detail: Mapping[str, str] | None = None,
) -> list[UUID]:
    """The first journal of those that are shipped and have a cost, all at once; their ids. The dates are open."""
    shipped = Document.objects.filter(pk__any=ids, shipped_on__isnull=False).values_list("pk", flat=True)
    documents = cast("dict[UUID, DocumentRecord]", store.load(organisation_id, kind, list(shipped)))
    found = [(each, lines) for each, lines in _costed(organisation_id, documents) if lines]
    if not found:
        return []
    at = at or timezone.now()
    numbers = _free_numbers(organisation_id, [each.number for each, _ in found])
    heads, rows, created = [], [], []
    for (document, lines), number in zip(found, numbers, strict=True):
        key = uuid4()
        assert document.shipped_on is not None
        day, narration = _first_day(document.shipped_on, setup), f"Cost of goods sold: {document.number}"
        if day != document.shipped_on:
            narration += f" (of {document.shipped_on})"
        written = (number, "cost_of_goods", day, narration, document.key.id)
        heads.append((key, organisation_id, 1, at, at, AUTHORISED, *written))
        rows += [
            (key, position, line.account, line.role, line.amount, line.description, dict(line.tracking))
            for position, line in enumerate(lines)
        ]
        created.append(Created("journal", key, number))
    head_columns = ("id", "organisation_id", "version", "changed_at", "created_at", "status")
    copy_rows("core_journal", (*head_columns, "number", "kind", "date", "narration", "document_id"), heads)
    copy_rows(
        "core_journalline", ("journal_id", "position", "account", "role", "amount", "description", "tracking"), rows
    )
    announce(organisation_id, actor, at, json.dumps(detail or {}), created)
    return [each.id for each in created if each.id is not None]


def _correct(document: Document, wanted: Lines, *, actor: str, setup: Setup) -> Journal | None:
    """Bring what is posted to what is `wanted`: the first journal is rewritten, all are voided where nothing is wanted.
    What that cannot reach, because it is locked, is put right by a journal on the first open day."""
    posted = _posted(document)
    movable = [each for each in posted if not rules.check_lock("date", each.date, setup)]
    if not wanted:
        for journal in Journal.objects.filter(pk__in=[each.key.id for each in movable]).order_by("number"):
            void_journal(journal, actor=actor, setup=setup)
        posted = [each for each in posted if each not in movable]
    elif posted[0] in movable:
        return _rewrite(document, posted, wanted, actor=actor, setup=setup)
    narration = f"Correction of cost: {document.number}"
    lines = costs.difference(wanted, _booked(posted), narration)
    if not lines:
        return None
    day = _first_day(document.shipped_on or document.date, setup)
    return _post(document, day, narration, lines, actor=actor, setup=setup)


def _rewrite(document: Document, posted: list[JournalRecord], wanted: Lines, *, actor: str, setup: Setup) -> Journal:
    """The first journal so that all of them add up to what is wanted."""
    assert document.shipped_on is not None
    narration = f"Cost of goods sold: {document.number}"
    lines = costs.difference(wanted, _booked(posted[1:]), narration)
    journal = Journal.objects.get(pk=posted[0].key.id)
    if not lines:
        return void_journal(journal, actor=actor, setup=setup)
    values = _entered(journal.number, document, _first_day(document.shipped_on, setup), narration, lines)
    with _refused_as_cost():
        return edit_journal(journal, values, actor=actor, setup=setup)


def _post(document: Document, day: date, narration: str, lines: Lines, *, actor: str, setup: Setup) -> Journal:
    (number,) = _free_numbers(document.organisation_id, [document.number])
    values = _entered(number, document, day, narration, lines)
    with _refused_as_cost():
        return create_journal(document.organisation, values, actor=actor, authorise=True, setup=setup)


@contextmanager
def _refused_as_cost() -> Iterator[None]:
    """A journal's problems, said of the document's cost: who edits that has no journal before them."""
    try:
        yield
    except Refused as refusal:
        problems = refusal.problems
        found = [(each.value, f"cannot be booked: the journal’s {each.field} {each.reason}") for each in problems]
        raise Refused([Problem("unit_cost", value, reason) for value, reason in found]) from refusal


def _first_day(day: date, setup: Setup) -> date:
    """That day, or the first open one where it is locked."""
    if setup.lock_date is None or not rules.check_lock("date", day, setup):
        return day
    return setup.lock_date + timedelta(days=1)


def _dated(document: Document, on: date, dating: CostDating, setup: Setup) -> date:
    original = document.shipped_on or document.date
    if dating is CostDating.FIRST_OPEN_DAY:
        return _first_day(original, setup)
    if dating is CostDating.ON_SHIPMENT and not rules.check_lock("date", original, setup):
        return original
    return on


def _entered(number: str, document: Document, day: date, narration: str, lines: Lines) -> JournalFields:
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


def _wanted(document: Document) -> Lines:
    """What an authorised document's journals should add up to: nothing while its goods are not shipped."""
    if document.shipped_on is None:
        return ()
    organisation = document.organisation_id
    record = cast("dict[UUID, DocumentRecord]", store.load(organisation, document.kind, [document.pk]))
    return next(lines for _, lines in _costed(organisation, record))


def _costed(organisation_id: UUID, documents: Mapping[UUID, DocumentRecord]) -> Iterator[tuple[DocumentRecord, Lines]]:
    """Each document with the lines of its cost."""
    ids = {
        line.product_id
        for document in documents.values()
        for line in document.lines
        if line.product_id is not None and line.unit_cost is not None
    }
    products = cast("dict[UUID, ProductRecord]", store.load(organisation_id, "product", ids))
    who = {document.contact_id for document in documents.values()} if ids else set()
    contacts = cast("dict[UUID, ContactRecord]", store.load(organisation_id, "contact", who))
    for document in documents.values():
        yield document, costs.cost_of_goods(document, products, contacts.get(document.contact_id))


def _booked(posted: Iterable[JournalRecord]) -> list[JournalLineRecord]:
    return [line for journal in posted for line in journal.lines]


def _posted(document: Document) -> list[JournalRecord]:
    """The live cost-of-goods journals of a document, the first one first."""
    ids = list(
        Journal.objects.filter(document=document, kind="cost_of_goods", status=AUTHORISED)
        .order_by("created_at")
        .values_list("pk", flat=True)
    )
    found = cast("dict[UUID, JournalRecord]", store.load(document.organisation_id, "journal", ids))
    return [found[key] for key in ids]


def _free_numbers(organisation_id: UUID, document_numbers: Collection[str]) -> list[str]:
    """COGS- and each document's number, counted on where it is taken: voided journals keep theirs."""
    names = [f"{PREFIX}{number}"[:LONGEST] for number in document_numbers]
    journals = Journal.objects.filter(organisation_id=organisation_id)
    taken = set(journals.filter(number__any=names).values_list("number", flat=True))
    free = []
    for name in names:
        number, count = name, 1
        if number in taken:
            taken |= set(journals.filter(number__startswith=f"{name}-").values_list("number", flat=True))
        while number in taken:
            count += 1
            number = f"{name}-{count}"
        taken.add(number)
        free.append(number)
    return free


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
    rows = document.lines.values_list("position", "quantity", "unit_cost")
    lines = {position: (quantity, cost) for position, quantity, cost in rows}
    problems = []
    for position, cost in unit_costs.items():
        if position not in lines:
            problems.append(Problem("lines", str(position + 1), "is not a line of this document"))
            continue
        if cost is not None:
            problems += rules.check_unit_cost(cost, position)
        lines[position] = (lines[position][0], cost)
    return problems or rules.check_cost_total(lines.values())


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
