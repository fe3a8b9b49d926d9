"""`tieout sync ORG [--dry-run]`: one run, with a progress bar, and how it ended.

Exit code 0 only when the run went through and left nothing Failed or in Warning; 1 otherwise; 5 where Xero could not
be reached or its access has ended.
"""

from __future__ import annotations

import argparse
import getpass
import json

from tieout.core.models import Organisation
from tieout.core.organisations import named
from tieout.exit_codes import FAILED, WELL, XERO
from tieout.reports.status import figures
from tieout.sync.clock import SystemClock
from tieout.sync.entries import counts
from tieout.sync.models import Connection, Run
from tieout.sync.preview import READS, KindPreview, preview
from tieout.sync.run import Ports, sync
from tieout.sync.telling import bars


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", metavar="ORG", help="the organisation's short name")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def run(args: argparse.Namespace) -> int:
    organisation = named(args.organisation)
    if args.dry_run:
        return _dry_run(organisation, args.json)
    with bars() as progress:
        ended = sync(organisation, actor=getpass.getuser(), trigger="shell", ports=Ports(progress=progress))
    if args.json:
        made = figures(organisation) | {"run": ended.state, "message": ended.message, "run_calls": ended.calls}
        print(json.dumps(made))
    else:
        print(_sentence(organisation, ended))
    return _exit_code(organisation, ended)


def _sentence(organisation: Organisation, ended: Run) -> str:
    found = counts(organisation)
    told = ", ".join(f"{count:,} {status}" for status, count in found.items() if count)
    how = "The sync went through" if ended.state == Run.State.FINISHED else f"The sync stopped: {ended.message}"
    waiting = found["warning"]
    ask = f" {waiting:,} {'waits' if waiting == 1 else 'wait'} for a person: see Sync History." if waiting else ""
    return f"{how}. {ended.calls:,} calls. {told or 'Nothing to do'}.{ask}"


def _exit_code(organisation: Organisation, ended: Run) -> int:
    if ended.state != Run.State.FINISHED:
        lost = Connection.objects.filter(organisation=organisation, step=Connection.Step.RECONNECT).exists()
        return XERO if lost or "No answer from Xero" in ended.message else FAILED
    found = counts(organisation)
    return FAILED if found["failed"] or found["warning"] else WELL


def _dry_run(organisation: Organisation, as_json: bool) -> int:
    found = preview(organisation, SystemClock())
    calls = READS + sum(each.calls for each in found)
    if as_json:
        kinds = {each.kind: {"actions": dict(each.actions), "reasons": dict(each.reasons)} for each in found}
        print(json.dumps({"kinds": kinds, "calls": calls}))
        return WELL
    for each in found:
        print(_preview_line(each))
        for reason, count in each.reasons.most_common(10):
            print(f"    {count:,} × {reason}")
    print(f"{calls:,} calls to Xero; at 60 a minute {max(1, round(calls / 60)):,} min. Nothing was sent.")
    return WELL


def _preview_line(each: KindPreview) -> str:
    told = ", ".join(f"{count:,} to {action}" for action, count in each.actions.items() if count)
    return f"{each.title:<14} {told or 'nothing to do'}"
