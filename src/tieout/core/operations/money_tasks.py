"""Money spent, received or moved between bank accounts: record, edit, void.

Always: there is no draft, as in Xero; totals come from `core.money`; a voided task never changes again.
"""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from tieout.core import rules
from tieout.core.fields import MoneyTaskFields
from tieout.core.models import Booked, Contact, MoneyTask, MoneyTaskLine, Organisation, Product
from tieout.core.operations.documents import named_tax
from tieout.core.operations.recording import (
    difference,
    locked,
    money_task_fields,
    note,
    one_change,
    refuse_if,
    set_status,
)
from tieout.core.rules import Applied, Problem
from tieout.core.setup import Setup, read_setup
from tieout.people.models import Action


def record_money_task(
    organisation: Organisation, values: MoneyTaskFields, *, actor: str, setup: Setup | None = None
) -> MoneyTask:
    """Book money that moved. Amounts are in the bank account's currency."""
    setup = setup or read_setup(organisation)
    values = rules.tidied(values)
    applied = rules.applied_to_task(values, named_tax(organisation.pk, [values]))
    refuse_if(rules.check_money_task(values, applied, setup) + _named(organisation.pk, values))
    with one_change(values):
        task = MoneyTask(organisation=organisation)
        _write(task, values, applied, setup)
        note(task, "money_task", task.number, Action.CREATED, actor)
    return task


def edit_money_task(
    task: MoneyTask, values: MoneyTaskFields, *, actor: str, version: int | None = None, setup: Setup | None = None
) -> MoneyTask:
    """Replace what is entered. The same values again change nothing; its type stays."""
    setup = setup or read_setup(task.organisation)
    values = rules.tidied(values)
    with one_change(values):
        current = locked(MoneyTask, task.pk, version)
        old = money_task_fields(current)
        changed = difference(old, values)
        if changed:
            if rules.taxed_by(values) == rules.taxed_by(old):
                applied: Applied = tuple(current.lines.order_by("position").values_list("applied_rule_id", flat=True))
            else:
                applied = rules.applied_to_task(values, named_tax(current.organisation_id, [values]))
            problems = rules.check_money_task(values, applied, setup) + _named(current.organisation_id, values)
            problems += _unchangeable(current, setup)
            if values.type != current.type:
                problems.append(Problem("type", values.type, "cannot change; void the task and enter it anew"))
            refuse_if(problems)
            current.version += 1
            _write(current, values, applied, setup)
            note(current, "money_task", current.number, Action.EDITED, actor, detail=changed)
    return current


def void_money_task(task: MoneyTask, *, actor: str, version: int | None = None) -> MoneyTask:
    """Take a money task out of the books; it keeps its number and its lines."""
    setup = read_setup(task.organisation)
    with one_change(task):
        current = locked(MoneyTask, task.pk, version)
        refuse_if(_unchangeable(current, setup))
        set_status(current, Booked.VOIDED)
        note(current, "money_task", current.number, Action.VOIDED, actor)
    return current


def _named(organisation_id: UUID, values: MoneyTaskFields) -> list[Problem]:
    """Problems for a contact or product that is not this organisation's."""
    problems = []
    contact = values.contact_id
    if contact is not None and not Contact.objects.filter(organisation=organisation_id, pk=contact).exists():
        problems.append(Problem("contact", str(contact), "is not a contact of this organisation"))
    wanted = {line.product_id for line in values.lines if line.product_id is not None}
    known = set(Product.objects.filter(organisation=organisation_id, pk__in=wanted).values_list("pk", flat=True))
    for index, line in enumerate(values.lines):
        if line.product_id is not None and line.product_id not in known:
            problems.append(Problem("product", str(line.product_id), "is not a product of this organisation", index))
    return problems


def _unchangeable(task: MoneyTask, setup: Setup) -> list[Problem]:
    problems = rules.check_lock("date", task.date, setup)
    if task.status == Booked.VOIDED:
        problems.append(Problem("status", "VOIDED", "is final; enter a new task instead"))
    return problems


def _write(task: MoneyTask, values: MoneyTaskFields, applied: Applied, setup: Setup) -> None:
    """Store the head, the totals and the lines anew."""
    amounts, totals = rules.priced_task(values, applied, setup)
    for name, value in asdict(values).items():
        if name not in ("lines", "amount"):
            setattr(task, name, value)
    task.subtotal, task.tax, task.total = totals.subtotal, totals.tax, totals.total
    task.save()
    task.lines.all().delete()
    MoneyTaskLine.objects.bulk_create(
        MoneyTaskLine(
            task=task, position=position, amount=amount.amount, tax=amount.tax, applied_rule_id=rule, **asdict(line)
        )
        for position, (line, rule, amount) in enumerate(zip(values.lines, applied, amounts, strict=True))
    )
