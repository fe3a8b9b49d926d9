"""`tieout consolidation ORG [--preview]`: the policies and the documents; or those that a sync would make now."""

from __future__ import annotations

import argparse
import json
from typing import Any

from tieout.core.organisations import named
from tieout.exit_codes import WELL
from tieout.reports.consolidation import DocumentRow, documents, would_be
from tieout.sync.clock import DatabaseClock
from tieout.sync.consolidation.changing import policies
from tieout.sync.models import ConsolidationPolicy
from tieout.sync.run import live_connection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", metavar="ORG", help="the organisation's short name")
    parser.add_argument("--preview", action="store_true", help="what a sync would gather now; nothing is changed")
    parser.add_argument("--most", type=int, default=200, metavar="N", help="how many documents (default: 200)")


def run(args: argparse.Namespace) -> int:
    connection = live_connection(named(args.organisation))
    found = would_be(connection, DatabaseClock()) if args.preview else documents(connection, most=max(args.most, 0))
    held = policies(connection)
    if args.json:
        told = {"policies": [_policy(each) for each in held], "documents": [row.as_json() for row in found]}
        print(json.dumps(told))
        return WELL
    for each in held:
        of = each.channel or each.supplier or "all"
        print(f"{each.get_what_display()} of {of}: {each.get_mode_display().lower()}, {each.get_grouping_display()}")
    if not held:
        print("Nothing is consolidated: every record goes by itself.")
    for row in found:
        print(_line(row))
    return WELL


def _line(row: DocumentRow) -> str:
    where = row.status or ("gathers" if row.state == "open" else row.state)
    adjusts = f", adjusts {row.adjusts}" if row.adjusts else ""
    return f"  {row.number}  {row.records:,} records  {row.total:,.2f} {row.currency}  {where}{adjusts}"


def _policy(each: ConsolidationPolicy) -> dict[str, Any]:
    names = ("what", "channel", "mode", "grouping", "line_limit", "late", "delivery", "template", "closes_after")
    more = {
        "cut_off": f"{each.cut_off:%H:%M}",
        "supplier": str(each.supplier or ""),
        "contact": str(each.contact or ""),
    }
    return {name: getattr(each, name) for name in names} | more | {"export_customers": each.export_customers}
