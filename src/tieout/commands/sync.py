"""`tieout sync ORG [--dry-run [--details]]`: one run, with a progress bar, and how it ended.

Exit code 0 only when the run went through and left nothing Failed or in Warning; 1 otherwise; 5 where Xero could not
be reached or its access has ended.
"""

from __future__ import annotations

import argparse
import getpass
import json
from collections.abc import Sequence

from tieout.core.models import Organisation
from tieout.core.organisations import named
from tieout.exit_codes import FAILED, WELL, XERO
from tieout.kinds.kind import AnyKind
from tieout.reports.status import figures
from tieout.sync.clock import DatabaseClock
from tieout.sync.dry_run import DryRun, KindFigures, Time, dry_run
from tieout.sync.entries import counts
from tieout.sync.models import Connection, Run
from tieout.sync.preview import Line
from tieout.sync.run import Ports, sync
from tieout.sync.telling import bars


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", metavar="ORG", help="the organisation's short name")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--details", action="store_true", help="with --dry-run: every record; as JSON with its payload")


def run(args: argparse.Namespace) -> int:
    organisation = named(args.organisation)
    if args.dry_run:
        return _dry_run(organisation, args.json, details=args.details)
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


def _dry_run(organisation: Organisation, as_json: bool, *, details: bool) -> int:
    entries: list[dict[str, object]] = []

    def heard(kind: AnyKind, lines: Sequence[Line]) -> None:
        if as_json and details:
            entries.extend(_as_json(line) for line in lines)
        elif details:
            print("\n".join(_line(line) for line in lines))

    found = dry_run(organisation, DatabaseClock(), heard)
    if as_json:
        print(json.dumps(_figures(found) | ({"entries": entries} if details else {})))
        return WELL
    for each in found.kinds:
        print(_kind_line(each))
        for reason, count in each.reasons.most_common(10):
            print(f"    {count:,} × {reason}")
    print(f"{found.calls:,} calls to Xero, {len(found.reads)} of them reads: {_duration(found.time)} Nothing was sent.")
    return WELL


def _figures(found: DryRun) -> dict[str, object]:
    kinds = {
        each.kind: {
            "actions": dict(each.actions),
            "verdicts": dict(each.verdicts),
            "reasons": dict(each.reasons),
            "calls": each.calls,
        }
        for each in found.kinds
    }
    time = {"minutes": found.time.minutes, "further_days": found.time.days, "calls_left_today": found.time.today}
    return {"kinds": kinds, "calls": found.calls, "reads": found.reads, **time}


def _as_json(line: Line) -> dict[str, object]:
    """One record: what would be done, what would be sent, what Xero is expected to say."""
    write = line.write
    payload = json.loads(write.body) if write and write.body else None
    sent = {"method": write.route.method, "path": write.route.path, "payload": payload} if write else {}
    return {
        "kind": line.key.kind,
        "id": str(line.key.id),
        "label": line.facts.label,
        "action": line.action,
        "verdict": str(line.verdict),
        "reason": line.why,
        "advice": line.advice,
        "after": line.after,
        **sent,
    }


def _line(line: Line) -> str:
    told = "; ".join(part for part in (f"after {line.after}" if line.after else "", line.why) if part)
    return f"{line.key.kind:<21} {line.facts.label:<24} {line.action:<10} {line.verdict:<8} {told}".rstrip()


def _kind_line(each: KindFigures) -> str:
    told = ", ".join(f"{count:,} to {action}" for action, count in each.actions.items() if count)
    calls = f" ({each.calls:,} {'call' if each.calls == 1 else 'calls'})" if each.calls else ""
    return f"{each.title:<22} {told or 'nothing to do'}{calls}"


def _duration(time: Time) -> str:
    if time.days:
        more = "one more day" if time.days == 1 else f"{time.days} more days"
        return f"more than the {time.today:,} that are left today, so it goes on over {more} by itself."
    return f"about {time.minutes:,} min at the minute's limit." if time.minutes else "under a minute."
