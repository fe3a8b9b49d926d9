"""`tieout report ORG`: the Xero Synchronization Report, every record and where it stands with Xero.

As text for a look, with `--csv FILE` or `--xlsx FILE` for keeps, or `--json`. Exit code 0 when it was written.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict
from datetime import date
from itertools import islice
from pathlib import Path

from tieout.commands.tie_out import day
from tieout.core.models import Organisation
from tieout.core.organisations import named
from tieout.exit_codes import WELL, WrongUsage
from tieout.kinds.registry import KINDS
from tieout.reports.exports import csv_pieces, xlsx_file
from tieout.reports.history import Selection
from tieout.reports.synchronization import COLUMNS, synchronization, totals

SHOWN = 50
STATUSES = ("pending", "completed", "failed", "warning", "skipped")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", metavar="ORG", help="the organisation's short name")
    parser.add_argument("--from", dest="first", type=day, metavar="YYYY-MM-DD", help="first day (default: open)")
    parser.add_argument("--to", dest="last", type=day, metavar="YYYY-MM-DD", help="last day (default: open)")
    parser.add_argument("--status", action="append", choices=STATUSES, default=[], help="may be repeated")
    parser.add_argument("--kind", action="append", choices=sorted(KINDS), default=[], help="may be repeated")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write all rows as CSV")
    parser.add_argument("--xlsx", type=Path, metavar="FILE", help="write all rows as an Excel file")


def run(args: argparse.Namespace) -> int:
    organisation = named(args.organisation)
    chosen = Selection(tuple(args.status), tuple(args.kind), first=args.first, last=args.last)
    for path, write in ((args.csv, _csv), (args.xlsx, _xlsx)):
        if path:
            try:
                write(path, organisation, chosen)
            except OSError as error:
                raise WrongUsage(f"{path} cannot be written: {error.strerror}.") from error
    if args.json:
        rows = [asdict(row) for row in synchronization(organisation, chosen)]
        sums = [asdict(each) for each in totals(organisation, chosen)]
        print(json.dumps({"rows": rows, "totals": sums}, default=_plain))
    elif not (args.csv or args.xlsx):
        _show(organisation, chosen)
    return WELL


def _csv(path: Path, organisation: Organisation, chosen: Selection) -> None:
    with path.open("wb") as file:
        file.writelines(csv_pieces(COLUMNS, synchronization(organisation, chosen)))


def _xlsx(path: Path, organisation: Organisation, chosen: Selection) -> None:
    with xlsx_file(COLUMNS, synchronization(organisation, chosen), organisation.name) as made, path.open("wb") as file:
        shutil.copyfileobj(made, file)


def _show(organisation: Organisation, chosen: Selection) -> None:
    shown = list(islice(synchronization(organisation, chosen), SHOWN + 1))
    for row in shown[:SHOWN]:
        amount = f"{row.amount:>14,.2f} {row.currency}" if row.amount is not None else " " * 18
        print(f"{row.status:<10} {row.type:<14} {row.core_number:<20.20} {amount}  {row.reason or row.next_action}")
    if len(shown) > SHOWN:
        print("… and more: --csv FILE or --xlsx FILE writes them all.")
    if not shown:
        print("No record fits.")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
