"""The shell's way into Core: `tieout import ORG KIND FILE.csv`.

In: parsed arguments. Out: text or one JSON object on standard output, a progress bar on a terminal's standard error,
and an exit code: 0 when the file was loaded, 1 when it was refused, 2 when the call itself was wrong.
"""

from __future__ import annotations

import argparse
import csv
import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from tieout.exit_codes import FAILED, WELL, CommandFailed, WrongUsage

if TYPE_CHECKING:
    from tieout.core.importing import ImportRefused, ImportResult
    from tieout.core.importing.run import Progress

KIND_WORDS = (
    "tax-rules",
    "payment-terms",
    "contacts",
    "products",
    "sale-invoices",
    "bills",
    "purchase-orders",
    "credit-notes",
    "deposits",
    "payments",
    "allocations",
    "costs",
    "journals",
    "money-tasks",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", nargs="?", metavar="ORG", help="the organisation's short name")
    parser.add_argument("kind", nargs="?", choices=KIND_WORDS, metavar="KIND", help=", ".join(KIND_WORDS))
    parser.add_argument("file", nargs="?", metavar="FILE.csv", help="UTF-8, with a header row; - for standard input")
    parser.add_argument("--dry-run", action="store_true", help="say what the file would do, and load nothing")
    parser.add_argument("--columns", choices=KIND_WORDS, metavar="KIND", help="print the columns of a kind and stop")
    parser.add_argument("--template", choices=KIND_WORDS, metavar="KIND", help="print a kind's header row and stop")


def run(args: argparse.Namespace) -> int:
    if args.columns:
        _say(columns_table(args.columns))
        return WELL
    if args.template:
        _print_template(args.template)
        return WELL
    if not (args.organisation and args.kind and args.file):
        raise WrongUsage("Say which organisation, which kind and which file: tieout import ORG KIND FILE.csv")
    return _import(args)


def columns_table(kind: str) -> str:
    """The columns of a kind as a Markdown table: name, whether required, meaning, example."""
    from tieout.core.importing import columns_of  # noqa: PLC0415 - Django must be set up first

    rows = ["| column | required | meaning | example |", "|---|---|---|---|"]
    for column in columns_of(kind):
        required = ("first row" if column.on_first_row else "yes") if column.required else ""
        rows.append(f"| `{column.name}` | {required} | {column.meaning} | {column.example} |")
    return "\n".join(rows)


def _print_template(kind: str) -> None:
    from tieout.core.importing import columns_of  # noqa: PLC0415 - Django must be set up first

    csv.writer(sys.stdout, lineterminator="\n").writerow(column.name for column in columns_of(kind))


def _import(args: argparse.Namespace) -> int:
    from tieout.core.importing import ImportRefused, NotACsv, import_file  # noqa: PLC0415
    from tieout.core.organisations import named  # noqa: PLC0415

    organisation = named(args.organisation)
    source = sys.stdin.buffer if args.file == "-" else args.file
    try:
        with _progress_bar(args.kind) as progress:
            actor = getpass.getuser()
            result = import_file(organisation, args.kind, source, actor=actor, progress=progress, dry_run=args.dry_run)
    except OSError as error:
        raise WrongUsage(f"The file {args.file} cannot be read: {error.strerror}.") from error
    except NotACsv as error:
        raise CommandFailed(str(error)) from error
    except ImportRefused as refusal:
        _show_refusal(refusal, args.json)
        return FAILED
    _show_result(result, args.json, args.dry_run)
    return WELL


def _show_result(result: ImportResult, as_json: bool, dry_run: bool) -> None:
    if as_json:
        _say(json.dumps({**asdict(result), "seconds": round(result.seconds, 3)}))
        return
    _say(
        f"{result.created:,} new, {result.changed:,} changed, {result.unchanged:,} unchanged"
        f" ({result.rows:,} rows in {result.seconds:.1f} s).{' Nothing was loaded.' if dry_run else ''}"
    )


def _show_refusal(refusal: ImportRefused, as_json: bool) -> None:
    rest = refusal.total - len(refusal.rows)
    if as_json:
        rows = [asdict(row) for row in refusal.rows]
        _say(json.dumps({"error": str(refusal), "exit_code": FAILED, "total": refusal.total, "rows": rows}))
        return
    for row in refusal.rows:
        _say(str(row))
    if rest:
        _say(f"… and {rest:,} more.")
    _say(f"Nothing was loaded: {refusal.total:,} {'fault' if refusal.total == 1 else 'faults'}.")


@contextmanager
def _progress_bar(kind: str) -> Iterator[Progress | None]:
    """A bar on a terminal's standard error; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - takes time to load, so only where it is seen
    from rich.progress import Progress as Bar  # noqa: PLC0415

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Importing {kind}", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
