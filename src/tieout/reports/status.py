"""Where an organisation stands, in figures: what `tieout status` and the overview show."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Sum

from tieout.core.models import (
    Allocation,
    Attachment,
    Contact,
    Deposit,
    Document,
    Journal,
    MoneyTask,
    Organisation,
    Product,
    Settlement,
)
from tieout.reports.tie_out import TieOut, tie_out
from tieout.sync.connect import open_connection
from tieout.sync.entries import counts
from tieout.sync.models import CallCount, Finding, Run


def records(organisation: Organisation) -> dict[str, int]:
    """How many records Core holds, by kind."""
    found = {
        "contact": Contact.objects.filter(organisation=organisation).count(),
        "product": Product.objects.filter(organisation=organisation).count(),
        "payment": 0,
        "sale_invoice": 0,
        "bill": 0,
    }
    for kept_together in (Document, Settlement, Deposit):
        by_kind = kept_together.objects.filter(organisation=organisation).values_list("kind").annotate(Count("id"))
        found |= dict(by_kind.order_by())
    alone: dict[str, Any] = {
        "allocation": Allocation,
        "journal": Journal,
        "money_task": MoneyTask,
        "attachment": Attachment,
    }
    counted = {kind: model.objects.filter(organisation=organisation).count() for kind, model in alone.items()}
    return found | {kind: count for kind, count in counted.items() if count}


def calls(organisation: Organisation) -> dict[str, int]:
    """Calls made to Xero since the connection was made, by resource."""
    connection = open_connection(organisation)
    made = CallCount.objects.filter(connection=connection).values_list("resource").annotate(Sum("calls"))
    return dict(made.order_by("resource"))


def figures(organisation: Organisation, proof: TieOut | None = None) -> dict[str, Any]:
    """The figures of the public JSON face, as plain values."""
    proof = proof or tie_out(organisation)
    entries, made = counts(organisation), calls(organisation)
    total = sum(made.values())
    run = Run.objects.filter(organisation=organisation).first()
    seconds = (run.finished_at - run.started_at).total_seconds() if run and run.finished_at else None
    open_findings = Finding.objects.filter(organisation=organisation, closed_at=None).count()
    return {
        "organisation": organisation.slug,
        "entries": entries,
        "records": records(organisation),
        "calls": made,
        "calls_total": total,
        "documents_per_call": round(entries["completed"] / total, 2) if total else None,
        "seconds": seconds,
        "findings": open_findings + proof.explanation_count,
        "tie_out": proof.as_json()["kinds"],
        "agrees": proof.agrees and not open_findings,
    }
