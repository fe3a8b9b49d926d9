"""`tieout book-costs ORG [--from DAY] [--dry-run]`: the cost of what was shipped and never booked.

In: an organisation, and from which day of shipping on. Out: a cost-of-goods journal for each such document. Always:
what a journal booked before, even one that was voided since, is left alone, so that a second run books nothing.
"""

from __future__ import annotations

import argparse
import getpass
import json

from tieout.commands.tie_out import day
from tieout.core import operations
from tieout.core.organisations import named
from tieout.exit_codes import WELL


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", metavar="ORG", help="the organisation's short name")
    parser.add_argument("--from", dest="since", type=day, metavar="YYYY-MM-DD", help="only what was shipped since")
    parser.add_argument("--dry-run", action="store_true", help="say how many there are, and book nothing")


def run(args: argparse.Namespace) -> int:
    organisation = named(args.organisation)
    found = operations.unbooked(organisation.pk, args.since).count()
    booked = 0
    if not args.dry_run:
        booked = operations.book_unbooked(organisation, since=args.since, actor=getpass.getuser())
    if args.json:
        print(json.dumps({"found": found, "booked": booked}))
    elif args.dry_run or not found:
        print(f"{found:,} shipped documents have a cost that is not booked.")
    else:
        print(f"Booked the cost of {booked:,} documents. Next: tieout sync {organisation.slug}")
    return WELL
