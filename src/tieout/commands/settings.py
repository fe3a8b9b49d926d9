"""`tieout settings ORG [key=value …] [--preview]`: the settings of an organisation, listed or changed.

In: keys and values as the page takes them; an empty value empties. Out: the settings, or what was changed and how many
entries that freed. Always: the same checks as the page, all or nothing; exit code 2 and a sentence for every key that
cannot be so, 5 where the organisation is not connected.
"""

from __future__ import annotations

import argparse
import getpass
import json
from collections.abc import Sequence
from typing import Any

from tieout.core.organisations import named
from tieout.exit_codes import WELL, WrongUsage
from tieout.sync import company_settings
from tieout.sync.access import NotConnected
from tieout.sync.clock import DatabaseClock
from tieout.sync.company_settings import NotSaved
from tieout.sync.connect import open_connection
from tieout.sync.effect import Effect
from tieout.sync.models import Connection
from tieout.sync.settings import BY_KEY, CATALOGUE, SECTIONS, Change, Setting

WORDS = {
    "freed": "would go with the next sync",
    "held": "would be held",
    "left_out": "would be left out",
    "changed": "would go with another action or content",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("organisation", metavar="ORG", nargs="?", default="", help="the organisation's short name")
    parser.add_argument("changes", metavar="KEY=VALUE", nargs="*", help="settings to change; none: list them")
    parser.add_argument("--explain", action="store_true", help="what every setting means and may be, as Markdown")
    parser.add_argument("--preview", action="store_true", help="say what the change would do, and store nothing")


def run(args: argparse.Namespace) -> int:
    if args.explain:
        print(explained())
        return WELL
    if not args.organisation:
        raise WrongUsage("Say which organisation: tieout settings ORG [KEY=VALUE …].")
    organisation = named(args.organisation)
    texts = dict(_pair(each) for each in args.changes)
    connection = open_connection(organisation)
    if connection is None:
        raise NotConnected(f"{organisation} is not connected to Xero; its settings belong to the connection.")
    if not texts:
        return _list(connection, args.json)
    if args.preview:
        return _preview(connection, texts, args.json)
    try:
        changes, freed = company_settings.save(connection, texts, actor=getpass.getuser(), clock=DatabaseClock())
    except NotSaved as refused:
        raise _wrong(refused.errors) from refused
    _tell(changes, {"freed": freed}, args.json)
    return WELL


def explained() -> str:
    """Every setting as Markdown: a heading for each section, a table with a row for each setting."""
    parts = []
    for section in SECTIONS:
        rows = [_row(each) for each in CATALOGUE if each.section == section]
        head = ["| setting | key | may be | default | meaning |", "|---|---|---|---|---|"]
        parts.append("\n".join([f"## {section}", "", *head, *rows]))
    return "\n\n".join(parts)


def _row(each: Setting) -> str:
    cells = (each.title, f"`{each.key}`", each.typed.allowed, each.typed.say(each.default), each.explanation)
    return f"| {' | '.join(cells)} |"


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise WrongUsage(f"“{text}” is not KEY=VALUE, such as payments=push. `tieout settings ORG` lists the keys.")
    return key.strip(), value


def _wrong(errors: dict[str, str]) -> WrongUsage:
    return WrongUsage(" ".join(f"{key}: {sentence}" if key in BY_KEY else sentence for key, sentence in errors.items()))


def _list(connection: Connection, as_json: bool) -> int:
    texts = company_settings.current(connection).texts
    if as_json:
        print(json.dumps({"settings": texts}))
        return WELL
    width = max(len(each.key) for each in CATALOGUE)
    for section in SECTIONS:
        print(f"{section}:")
        for each in CATALOGUE:
            if each.section == section:
                print(f"  {each.key:<{width}}  {texts[each.key].replace(chr(10), '; ') or '(empty)'}")
    return WELL


def _preview(connection: Connection, texts: dict[str, str], as_json: bool) -> int:
    found = company_settings.typed(connection, texts)
    if found.errors:
        raise _wrong(found.errors)
    effect: Effect = company_settings.effect_of(connection, found.values, DatabaseClock())
    counts: dict[str, Any] = {group.name: group.count for group in effect.groups}
    loads, stays = company_settings.loads(connection, found), company_settings.stays(connection, found)
    if as_json:
        told = {
            "effect": counts,
            "loads": loads,
            "stays": stays,
            "looked_at": effect.looked_at,
            "all_seen": effect.all_seen,
        }
        _tell(found.changes, told, as_json)
        return WELL
    _tell(found.changes, {}, as_json)
    for sentence in filter(None, (loads, stays)):
        print(sentence)
    for name, count in counts.items():
        print(f"{count:,} {'record' if count == 1 else 'records'} {WORDS[name]}.")
    if not effect.all_seen:
        print(f"Only the first {effect.looked_at:,} open records were looked at.")
    print("Nothing was stored.")
    return WELL


def _tell(changes: Sequence[Change], more: dict[str, Any], as_json: bool) -> None:
    if as_json:
        rows = [{"key": each.key, "from": each.old, "to": each.new} for each in changes]
        print(json.dumps({"changes": rows, **more}))
        return
    for each in changes:
        print(f"{each.title}: {each.said_old} → {each.said_new}")
    if not changes:
        print("Everything is so already.")
    if freed := more.get("freed"):
        print(f"{freed:,} {'entry is' if freed == 1 else 'entries are'} set to Pending and go with the next sync.")
