"""`tieout correct ORG ENTRY --by credit-note|reapply|leave|put-back [--reason WHY] [--dry-run]`.

In: an entry in Warning, by its number in Sync History or by the document's own number. Out: without `--by`, or with
`--dry-run`, the ways and every call of theirs, nothing changed; with it, the choice stored: its calls go with the next
sync. Exit code 1 where the way cannot be taken.
"""

from __future__ import annotations

import argparse
import getpass
import json
from typing import Any

from tieout.core.models import Organisation
from tieout.core.organisations import named
from tieout.exit_codes import WELL, CommandFailed, WrongUsage
from tieout.sync import corrections
from tieout.sync.clock import DatabaseClock
from tieout.sync.correcting import CREDIT_NOTE, LEAVE, PUT_BACK, REAPPLY, Way
from tieout.sync.models import Entry
from tieout.sync.run import live_connection

WAYS = (CREDIT_NOTE, REAPPLY, LEAVE, PUT_BACK)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", metavar="ORG", help="the organisation's short name")
    parser.add_argument("entry", metavar="ENTRY", help="the entry's number in Sync History, or the document's number")
    parser.add_argument("--by", choices=WAYS, metavar="WAY", help=f"how: {', '.join(WAYS)}")
    parser.add_argument("--reason", default="", help="why; it stays with the entry (needed to leave it)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def run(args: argparse.Namespace) -> int:
    organisation = named(args.organisation)
    connection = live_connection(organisation)
    entry = _entry(organisation, args.entry)
    now = DatabaseClock().now()
    try:
        found = corrections.offer(connection, entry, now)
        shown = [way for way in found.ways if args.by in (None, way.name)]
        if args.by and not args.dry_run:
            corrections.choose(connection, entry.pk, args.by, actor=getpass.getuser(), reason=args.reason, now=now)
    except corrections.CannotCorrect as refusal:
        raise CommandFailed(str(refusal)) from refusal
    chosen = bool(args.by and not args.dry_run)
    if args.json:
        told: dict[str, Any] = {"entry": entry.pk, "label": entry.label, "chosen": args.by if chosen else None}
        difference = {"difference": f"{found.difference:.2f}", "currency": found.currency}
        print(json.dumps(told | difference | {"ways": [_plain(way) for way in shown]}))
        return WELL
    print(f"{entry.label}: {entry.reason}")
    for way in shown:
        _print_way(way)
    print(f"Chosen. {_goes(shown[0])}" if chosen else "Nothing was changed.")
    return WELL


def _entry(organisation: Organisation, word: str) -> Entry:
    """By number, else by label; the one that waits for a person first."""
    entries = Entry.objects.filter(organisation=organisation)
    found = entries.filter(pk=int(word)).first() if word.isascii() and word.isdecimal() and len(word) < 19 else None
    if found is None:
        labelled = list(entries.filter(label=word).exclude(status="completed")[:2]) or list(
            entries.filter(label=word)[:2]
        )
        if len(labelled) > 1:
            raise WrongUsage(f"Several entries are called {word}: give the entry's number in Sync History.")
        found = labelled[0] if labelled else None
    if found is None:
        raise WrongUsage(f"Sync History of {organisation} has no entry {word}.")
    return found


def _plain(way: Way) -> dict[str, Any]:
    calls = [{"method": step.method, "path": step.address, "what": step.text} for step in way.steps]
    return {"way": way.name, "title": way.title, "text": way.text, "obstacle": way.obstacle, "calls": calls}


def _print_way(way: Way) -> None:
    print(f"\n{way.title}  (--by {way.name})")
    if way.obstacle:
        print(f"    Not possible: {way.obstacle}")
        return
    print(f"    {way.text}")
    for number, step in enumerate(way.steps, 1):
        print(f"    {number}. {step.method:<6} {step.address}\n              {step.text}")
    print(f"    {_count(way)}")


def _count(way: Way) -> str:
    return f"{way.calls} {'call' if way.calls == 1 else 'calls'} to Xero."


def _goes(way: Way) -> str:
    return f"{_count(way)} They go with the next sync." if way.steps else "Nothing is sent."
