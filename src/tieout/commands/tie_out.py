"""`tieout tie-out ORG --from --to`: both sides per kind, and every difference explained. 0 only when they agree."""

from __future__ import annotations

import argparse
import json
from datetime import date
from decimal import Decimal

from tieout.core.money import said
from tieout.core.organisations import named
from tieout.exit_codes import FAILED, WELL, WrongUsage
from tieout.reports.tie_out import TieOut, tie_out

SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", metavar="ORG", help="the organisation's short name")
    parser.add_argument("--from", dest="first", type=day, metavar="YYYY-MM-DD", help="first day (default: open)")
    parser.add_argument("--to", dest="last", type=day, metavar="YYYY-MM-DD", help="last day (default: open)")


def day(text: str) -> date:
    """A day as the shell takes it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it as 2026-06-30") from None


def run(args: argparse.Namespace) -> int:
    if args.first and args.last and args.first > args.last:
        raise WrongUsage(f"The period ends on {args.last} before it begins on {args.first}.")
    proof = tie_out(named(args.organisation), args.first, args.last)
    print(json.dumps(proof.as_json()) if args.json else table(proof))
    return WELL if proof.agrees else FAILED


def table(proof: TieOut) -> str:
    """The tie-out as text: a line per kind, then the explanations."""
    base = proof.base_currency
    rows = [("", "Core", f"Core {base}", "Xero", f"Xero {base}", "Difference")]
    rows += [
        (
            line.title,
            f"{line.core_count:,}",
            _money(line.core_total),
            f"{line.xero_count:,}",
            _money(line.xero_total),
            _money(line.difference),
        )
        for line in proof.lines
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    text = [
        "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    text.append("Core and Xero agree." if proof.agrees else f"{proof.explanation_count:,} differences, each explained:")
    for each in proof.explanations[:SHOWN]:
        amount = f" {said(each.core if each.core is not None else each.xero)} {each.currency}" if each.currency else ""
        text.append(f"  {each.label or each.type}{amount}: {each.why}")
    if len(proof.explanations) > SHOWN:
        text.append(f"  … and {proof.explanation_count - SHOWN:,} more (--json lists them).")
    return "\n".join(text)


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    first, *rest = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else said(amount)
