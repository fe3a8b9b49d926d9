"""Documents of every kind: create, edit, authorise, void.

Always: totals come from `core.money`, by the tax rules that `core.rules.taxes` settles; drafts are Core's alone, so
only what happens to an authorised document touches it; a document with payments or credit keeps its money and cannot be
voided; a voided document never changes again. What becomes authorised uses the credit that was taken for its order
(`credit_for_orders`); an edit never does. The cost of what was shipped is booked, changed and voided with it (`goods`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from tieout.core import rules
from tieout.core.due_dates import due_date
from tieout.core.fields import DocumentFields, MoneyTaskFields
from tieout.core.models import (
    Allocation,
    Booked,
    Contact,
    Deposit,
    Document,
    DocumentLine,
    Organisation,
    Product,
)
from tieout.core.operations.credit_for_orders import lock_credit_for, use_credit
from tieout.core.operations.goods import book_costs, change_costs_of, keep_costs, void_costs
from tieout.core.operations.recording import (
    difference,
    document_fields,
    locked,
    note,
    one_change,
    refuse_if,
    set_status,
)
from tieout.core.rules import Applied, NamedTax, Problem
from tieout.core.setup import Setup, read_setup
from tieout.people.models import Action

DRAFT, AUTHORISED, VOIDED = Document.Status.DRAFT, Document.Status.AUTHORISED, Document.Status.VOIDED


def create_document(
    organisation: Organisation, values: DocumentFields, *, actor: str, authorise: bool = False
) -> Document:
    """A draft, or with `authorise` a document that is booked at once. A line without a description takes its
    product's name; an invoice or bill without a due date falls due by its contact's payment term."""
    setup = read_setup(organisation)
    values, named, problems = _completed(organisation.pk, rules.tidied(values), setup)
    applied = rules.applied_rules(values, named, setup)
    refuse_if(problems + rules.check_document(values, applied, setup, authorised=authorise))
    with one_change(values):
        document = Document(organisation=organisation, status=AUTHORISED if authorise else DRAFT)
        _write(document, values, applied, setup)
        note(document, values.kind, values.number, Action.CREATED, actor, touch=authorise)
        if authorise:
            book_costs(organisation.pk, document.kind, [document.pk], actor=actor, setup=setup)
            use_credit(organisation.pk, document.kind, [document.pk], actor=actor, setup=setup)
    return document


def edit_document(document: Document, values: DocumentFields, *, actor: str, version: int | None = None) -> Document:
    """Replace what is entered in a draft or an authorised document. The same values again change nothing."""
    setup = read_setup(document.organisation)
    values, named, problems = _completed(document.organisation_id, rules.tidied(values), setup)
    with one_change(values):
        current = locked(Document, document.pk, version)
        old = document_fields(current)
        replace_content(current, old, values, named, setup, problems=problems, actor=actor)
    return current


def replace_content(
    current: Document,
    old: DocumentFields,
    new: DocumentFields,
    named: NamedTax,
    setup: Setup,
    *,
    problems: list[Problem],
    actor: str,
) -> None:
    """The edit itself, for a document that is locked and holds `old`. `problems` are those met on the way here.

    Lines keep the tax rules that they were computed by unless the edit touches what these depend on. Costs that change
    are booked as such, in a locked period too; whatever else changes corrects what was booked.
    """
    if recosted := rules.changed_costs(old, new):
        change_costs_of(current, recosted, on=timezone.localdate(), actor=actor, setup=setup)
        old = rules.with_costs(old, recosted)
    changed = difference(old, new)
    if not changed:
        return
    authorised = current.status == AUTHORISED
    before = _applied(current)
    same = rules.taxed_by(new) == rules.taxed_by(old)
    applied = before if same else rules.applied_rules(new, named, setup)
    problems = problems + rules.check_document(new, applied, setup, authorised=authorised)
    problems += _unchangeable(current, setup)
    if new.kind != current.kind:
        problems.append(Problem("kind", new.kind, "cannot change; void the document and enter it anew"))
    if rules.money_of(new, applied) != rules.money_of(old, before):
        problems += _moved(current, "so its contact, currency and amounts stay; void those first")
    refuse_if(problems)
    current.version += 1
    _write(current, new, applied, setup)
    note(current, new.kind, new.number, Action.EDITED, actor, detail=changed, touch=authorised)
    if authorised and rules.costed_by(new) != rules.costed_by(old):
        keep_costs(current, actor=actor, setup=setup)


def authorise_document(document: Document, *, actor: str, version: int | None = None) -> Document:
    """Book a draft. Lines that no tax rule was found for while it was a draft get theirs now."""
    setup = read_setup(document.organisation)
    with one_change(document):
        lock_credit_for(document, setup)
        current = locked(Document, document.pk, version)
        values, before = document_fields(current), _applied(current)
        found = rules.applied_rules(values, named_tax(current.organisation_id, [values]), setup)
        applied = tuple(new if old is None else old for old, new in zip(before, found, strict=True))
        problems = rules.check_document(values, applied, setup, authorised=True)
        if current.status != DRAFT:
            problems.append(Problem("status", current.status, "cannot be authorised; only a draft can"))
        refuse_if(problems)
        if applied != before:
            _write(current, values, applied, setup)
        _set_status(current, AUTHORISED, Action.AUTHORISED, actor, touch=True)
        book_costs(current.organisation_id, current.kind, [current.pk], actor=actor, setup=setup)
        use_credit(current.organisation_id, current.kind, [current.pk], actor=actor, setup=setup)
    return current


def void_document(document: Document, *, actor: str, version: int | None = None) -> Document:
    """Take a draft or an authorised document out of the books; it keeps its number and its lines."""
    setup = read_setup(document.organisation)
    with one_change(document):
        current = locked(Document, document.pk, version)
        problems = _unchangeable(current, setup) + _moved(current, "which must be voided first")
        refuse_if(problems)
        void_costs(current, actor=actor, setup=setup)
        _set_status(current, VOIDED, Action.VOIDED, actor, touch=current.status == AUTHORISED)
    return current


def completed(values: DocumentFields, product_names: dict[UUID, str]) -> DocumentFields:
    """The document with every empty description filled from the line's product."""
    if all(line.description or line.product_id is None for line in values.lines):
        return values
    lines = tuple(
        replace(line, description=product_names.get(line.product_id, ""))
        if line.product_id is not None and not line.description
        else line
        for line in values.lines
    )
    return replace(values, lines=lines)


def falling_due(values: DocumentFields, term_id: int | None, setup: Setup) -> DocumentFields:
    """The document with its due date: where none was entered it follows from the contact's payment term, or from the
    organisation's own."""
    default = setup.default_sale_term if values.kind == "sale_invoice" else setup.default_purchase_term
    term = setup.terms.get(term_id) if term_id is not None else default
    if term is None or values.due_date is not None or values.kind not in rules.FALLING_DUE:
        return values
    return replace(values, due_date=due_date(term, values.date))


def named_tax(organisation_id: UUID, documents: Iterable[DocumentFields | MoneyTaskFields]) -> NamedTax:
    """The tax rules that the contacts and products of these name."""
    contacts = {values.contact_id for values in documents if values.contact_id is not None}
    products = {line.product_id for values in documents for line in values.lines if line.product_id is not None}
    rows = Product.objects.filter(organisation=organisation_id, id__any=products)
    return NamedTax(
        {key: (sale, bought) for key, sale, bought in rows.values_list("id", "sale_tax_rule", "purchase_tax_rule")},
        dict(Contact.objects.filter(organisation=organisation_id, id__any=contacts).values_list("id", "tax_rule")),
    )


def _applied(document: Document) -> Applied:
    return tuple(document.lines.order_by("position").values_list("applied_rule_id", flat=True))


def _completed(
    organisation_id: UUID, values: DocumentFields, setup: Setup
) -> tuple[DocumentFields, NamedTax, list[Problem]]:
    """Descriptions and due date filled, and problems for a contact or product that is not this organisation's."""
    wanted = {line.product_id for line in values.lines if line.product_id is not None}
    names = dict(Product.objects.filter(organisation=organisation_id, id__any=wanted).values_list("id", "name"))
    problems = [
        Problem("product", str(line.product_id), "is not a product of this organisation", index)
        for index, line in enumerate(values.lines)
        if line.product_id is not None and line.product_id not in names
    ]
    contact = Contact.objects.filter(organisation=organisation_id, id=values.contact_id).first()
    if contact is None:
        problems.append(Problem("contact", str(values.contact_id), "is not a contact of this organisation"))
    elif values.credits_id is not None and values.kind in rules.CREDITING:
        credited = Document.objects.filter(organisation=organisation_id, id=values.credits_id).values().first()
        problems += rules.check_credited(values, credited)
    values = falling_due(completed(values, names), contact.term_id if contact else None, setup)
    return values, named_tax(organisation_id, [values]), problems


def _unchangeable(document: Document, setup: Setup) -> list[Problem]:
    problems = rules.check_lock("date", document.date, setup)
    if document.status == VOIDED:
        problems.append(Problem("status", "VOIDED", "is final; enter a new document instead"))
    return problems


def _moved(document: Document, advice: str) -> list[Problem]:
    """Live payments, refunds and uses of credit, by number."""
    live = {"status": Booked.AUTHORISED}
    found: dict[str, QuerySet[Any]] = {
        "payments": document.settlements.filter(**live),
        "credit allocated": Allocation.objects.filter(Q(document=document) | Q(credit_note=document), **live),
        "credit made from it": Deposit.objects.filter(document=document, origin="credit_note", **live),
    }
    problems = []
    for what, rows in found.items():
        numbers = ", ".join(rows.order_by("number").values_list("number", flat=True)[:5])
        if numbers:
            problems.append(Problem("number", document.number, f"has {what} ({numbers}), {advice}"))
    return problems


def _set_status(document: Document, status: str, action: Action, actor: str, *, touch: bool) -> None:
    set_status(document, status)
    note(document, document.kind, document.number, action, actor, touch=touch)


def _write(document: Document, values: DocumentFields, applied: Applied, setup: Setup) -> None:
    """Store the head, the totals and the lines anew."""
    lines = filled(document, values, applied, setup)
    document.save()
    document.lines.all().delete()
    DocumentLine.objects.bulk_create(lines)


def filled(document: Document, values: DocumentFields, applied: Applied, setup: Setup) -> list[DocumentLine]:
    """Put what was entered, and the totals that follow from it, into the head. Its lines; nothing is stored."""
    amounts, totals = rules.priced(values, applied, setup)
    for name, value in asdict(values).items():
        if name != "lines":
            setattr(document, name, value)
    document.subtotal, document.tax, document.total = totals.subtotal, totals.tax, totals.total
    return [
        DocumentLine(
            document=document,
            position=position,
            amount=amount.amount,
            tax=amount.tax,
            applied_rule_id=rule,
            **asdict(line),
        )
        for position, (line, rule, amount) in enumerate(zip(values.lines, applied, amounts, strict=True))
    ]
