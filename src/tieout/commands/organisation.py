"""`tieout organisation add SLUG NAME --currency NZD [--country NZ]`, and `tieout organisation list`.

In: what a company is called and in what currency it keeps its books. Out: its row in Core; without one there is nothing
to import into and nothing to connect. Exit code 0 when it was made.
"""

from __future__ import annotations

import argparse
import getpass
import json

from tieout.core import operations
from tieout.core.fields import OrganisationFields
from tieout.core.models import Organisation
from tieout.exit_codes import WELL, CommandFailed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="add|list")
    add = actions.add_parser("add", help="make a new organisation")
    add.add_argument("slug", metavar="SLUG", help="the short name used in addresses and in the shell")
    add.add_argument("name", metavar="NAME", help="the company's name")
    add.add_argument("--currency", required=True, metavar="CODE", help="base currency, such as NZD; it cannot change")
    add.add_argument("--country", default="", metavar="CODE", help="two letters, such as NZ")
    listing = actions.add_parser("list", help="every organisation")
    for each in (add, listing):  # the flag may stand before or after the action
        each.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer as one JSON object")


def run(args: argparse.Namespace) -> int:
    return _add(args) if args.action == "add" else _list(args)


def _add(args: argparse.Namespace) -> int:
    entered = OrganisationFields(
        slug=args.slug, name=args.name, base_currency=args.currency.upper(), country=args.country.upper()
    )
    try:
        made = operations.create_organisation(entered, actor=getpass.getuser())
    except operations.Refused as refusal:
        raise CommandFailed(f"Not made: {refusal}.") from refusal
    if args.json:
        print(json.dumps({"id": str(made.pk), **_row(made)}))
    else:
        print(f"{made.name} is there, in {made.base_currency}. Next: tieout import {made.slug} contacts FILE.csv")
    return WELL


def _list(args: argparse.Namespace) -> int:
    rows = [_row(each) for each in Organisation.objects.all()]
    if args.json:
        print(json.dumps({"organisations": rows}))
    else:
        for row in rows:
            print(f"{row['slug']}  {row['name']} ({row['currency']})")
        if not rows:
            print("There are none yet: tieout organisation add SLUG NAME --currency NZD")
    return WELL


def _row(organisation: Organisation) -> dict[str, str]:
    return {
        "slug": organisation.slug,
        "name": organisation.name,
        "currency": organisation.base_currency,
        "country": organisation.country,
    }
