"""Importing one file: the transaction around it, its portions, its progress and its line in the audit trail.

In: an organisation, a kind, a file. Out: `ImportResult`, or `NotACsv` or `ImportRefused` with nothing written. Always:
two imports into one organisation wait for each other; a portion is 500 records, so memory stays flat.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import psycopg
from django.db import transaction
from django.utils import timezone

from tieout.core.importing.columns import Column
from tieout.core.importing.contacts import ContactSheet
from tieout.core.importing.costs import CostSheet
from tieout.core.importing.deposits import AllocationSheet, DepositSheet
from tieout.core.importing.documents import BillSheet, CreditNoteSheet, PurchaseOrderSheet, SaleInvoiceSheet
from tieout.core.importing.journals import JournalSheet, MoneyTaskSheet
from tieout.core.importing.payment_terms import PaymentTermSheet
from tieout.core.importing.payments import PaymentSheet
from tieout.core.importing.products import ProductSheet
from tieout.core.importing.reading import Table
from tieout.core.importing.refusals import Faults, ImportRefused, ImportResult
from tieout.core.importing.sheet import Job, Sheet
from tieout.core.importing.tax_rules import TaxRuleSheet
from tieout.core.models import Organisation
from tieout.core.setup import read_setup
from tieout.people.audit import record_event
from tieout.people.models import Action

PORTION = 500
# In the order in which they refer to each other.
KINDS: dict[str, type[Sheet[Any]]] = {
    "tax-rules": TaxRuleSheet,
    "payment-terms": PaymentTermSheet,
    "contacts": ContactSheet,
    "products": ProductSheet,
    "sale-invoices": SaleInvoiceSheet,
    "bills": BillSheet,
    "purchase-orders": PurchaseOrderSheet,
    "credit-notes": CreditNoteSheet,
    "deposits": DepositSheet,
    "payments": PaymentSheet,
    "allocations": AllocationSheet,
    "costs": CostSheet,
    "journals": JournalSheet,
    "money-tasks": MoneyTaskSheet,
}
Progress = Callable[[int, int], None]
T = TypeVar("T")


def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a kind's file. Raises KeyError for a kind that does not exist."""
    return KINDS[kind].columns


def import_file(
    organisation: Organisation,
    kind: str,
    path_or_file: str | Path | BinaryIO,
    *,
    actor: str,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> ImportResult:
    """Load one CSV file. `kind` is a key of KINDS; `progress` is told the bytes done and the bytes in all; a `dry_run`
    does the same and takes all of it back.

    Raises NotACsv for what is no CSV file, ImportRefused with every bad row, OSError when the file cannot be opened.
    """
    if isinstance(path_or_file, str | Path):
        with Path(path_or_file).open("rb") as opened:
            return import_file(organisation, kind, opened, actor=actor, progress=progress, dry_run=dry_run)
    file, name = path_or_file, Path(str(getattr(path_or_file, "name", "a file"))).name
    began = time.perf_counter()
    faults = Faults()
    table = Table(file, columns_of(kind), faults)
    try:
        with transaction.atomic():
            Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
            detail = json.dumps({"file": name})
            job = Job(organisation, read_setup(organisation), actor, timezone.now(), detail, faults)
            _load(KINDS[kind](job), table, progress, _size(file))
            if faults.total:
                raise ImportRefused(sorted(faults.rows, key=lambda row: row.line), faults.total)
            counts = {"created": job.created, "changed": job.changed, "unchanged": job.unchanged}
            label = f"{name}: {job.created} new, {job.changed} changed, {job.unchanged} unchanged"
            record_event(
                organisation.pk, actor, Action.IMPORTED, kind=kind, label=label, detail={"file": name, **counts}
            )
            if dry_run:
                transaction.set_rollback(True)
    except psycopg.errors.UniqueViolation as error:
        faults.add(1, "", "", "of the file, or a later one, was entered by somebody else meanwhile; import it again")
        raise ImportRefused(faults.rows, faults.total) from error
    return ImportResult(job.created, job.changed, job.unchanged, table.count, time.perf_counter() - began)


def _load(sheet: Sheet[Any], table: Table, progress: Progress | None, size: int) -> None:
    for portion in _portions(sheet.items(table.rows()), PORTION):
        sheet.take(portion)
        if progress is not None:
            progress(table.done, size)


def _portions(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while portion := list(islice(iterator, size)):
        yield portion


def _size(file: BinaryIO) -> int:
    """The file's bytes, or 0 where a pipe cannot tell."""
    if not file.seekable():
        return 0
    here = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(here)
    return size
