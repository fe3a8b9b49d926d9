"""`tieout status ORG`: entries, records, calls and the tie-out in figures. Exit code 0 only when both sides agree."""

from __future__ import annotations

import argparse
import json

from tieout.core.organisations import named
from tieout.exit_codes import FAILED, WELL
from tieout.reports.status import figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", metavar="ORG", help="the organisation's short name")


def run(args: argparse.Namespace) -> int:
    found = figures(named(args.organisation))
    if args.json:
        print(json.dumps(found))
    else:
        entries = ", ".join(f"{count:,} {status}" for status, count in found["entries"].items() if count)
        print(f"Entries: {entries or 'none'}.")
        print(f"Calls:   {found['calls_total']:,}; {found['documents_per_call'] or 0} records a call.")
        agrees = "Core and Xero agree." if found["agrees"] else f"{found['findings']:,} differences: tieout tie-out."
        print(f"Tie-out: {agrees}")
    return WELL if found["agrees"] else FAILED
