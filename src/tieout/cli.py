"""The `tieout` command.

In: the command line. Out: an exit code (`tieout.exit_codes`), the answer on stdout, everything else on stderr.
Always: an expected trouble is one sentence with what to do, never a traceback; with `--json` stdout holds exactly one
JSON object, `{"error": …, "exit_code": …}` when it did not go well; a command's module is loaded only when it is
asked for, after Django is set up; the embedded database runs while a command that needs it does.

A command is a module with `add_arguments(parser)` and `run(args) -> int`, and a line in `COMMANDS`.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import version
from types import FrameType, ModuleType
from typing import NoReturn

from tieout.environment import Environment
from tieout.exit_codes import (
    FAILED,
    INTERRUPTED,
    TERMINATED,
    USAGE,
    WELL,
    CommandFailed,
    code_for,
    sentence_for,
)


class Needs(Enum):
    """What has to stand before a command's module is loaded and run."""

    NOTHING = "it sees to everything itself"
    DATABASE = "Django is set up; the database runs"


@dataclass(frozen=True, slots=True)
class Command:
    module: str
    summary: str
    needs: Needs = Needs.DATABASE


COMMANDS: dict[str, Command] = {
    "demo": Command("tieout.commands.demo", "a company and a Xero of its own, to look around", Needs.NOTHING),
    "serve": Command("tieout.commands.serve", "web and worker in one go, for one machine"),
    "web": Command("tieout.commands.web", "the console and the REST API"),
    "worker": Command("tieout.commands.worker", "the jobs: syncs, webhooks, schedules"),
    "migrate": Command("tieout.commands.migrate", "bring the database to this version"),
    "organisation": Command("tieout.commands.organisation", "make a new organisation, or list them"),
    "import": Command("tieout.core.commands", "load any kind of record from a CSV file"),
    "book-costs": Command("tieout.commands.book_costs", "the cost of what was shipped and not booked yet"),
    "sync": Command("tieout.commands.sync", "bring Xero into agreement with Core"),
    "settings": Command("tieout.commands.settings", "an organisation's settings: list them, change them"),
    "correct": Command("tieout.commands.correct", "choose how a paid or locked document is corrected in Xero"),
    "status": Command("tieout.commands.status", "where an organisation stands, in figures"),
    "report": Command("tieout.commands.report", "the Xero Synchronization Report, as text, CSV or Excel"),
    "consolidation": Command("tieout.commands.consolidation", "consolidated documents, and what gathers"),
    "tie-out": Command("tieout.commands.tie_out", "the proof that both sides agree, or why not"),
    "doctor": Command("tieout.commands.doctor", "check settings, keys, database and Xero", Needs.NOTHING),
}


class _Parser(argparse.ArgumentParser):
    """argparse, but wrong usage too is a JSON object when `--json` was asked for."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise _Usage(f"{self.prog}: {message}. Try `{self.prog} --help`.")


class _Usage(Exception):
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code; never raises for an expected trouble."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        return _run(given)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except _Usage as error:
        return _say(str(error), USAGE, as_json)
    except Exception as error:
        code = code_for(error)
        if code is None:
            traceback.print_exc()
            return _say(f"A defect in Tieout: {type(error).__name__}: {error}", FAILED, as_json)
        return _say(sentence_for(error), code, as_json)


def _say(sentence: str, code: int, as_json: bool) -> int:
    print(sentence, file=sys.stderr)
    if as_json:
        print(json.dumps({"error": sentence, "exit_code": code}))
    return code


def _run(given: list[str]) -> int:
    if not given or given[0] in ("-h", "--help"):
        print(_overview())
        return WELL if given else USAGE
    if given[0] == "--version":
        print(f"tieout {version('tieout')}")
        return WELL
    name, *rest = given
    command = COMMANDS.get(name)
    if command is None:
        raise _Usage(f"tieout: there is no command {name!r}. `tieout --help` lists them.")
    asks_for_help = bool({"-h", "--help"} & set(rest))
    if command.needs is Needs.NOTHING:
        return _call(name, command, rest)
    environment = Environment.read()
    if not asks_for_help:
        environment.make_keys()
        environment.check()
    set_up_django()
    if asks_for_help:
        return _call(name, command, rest)
    return _call(name, command, rest, environment)


def _call(name: str, command: Command, rest: list[str], environment: Environment | None = None) -> int:
    module = _load(name, command)
    if not hasattr(module, "add_arguments"):
        return int(module.main(rest) or 0)
    parser = _Parser(prog=f"tieout {name}", description=command.summary, conflict_handler="resolve")
    parser.add_argument("--json", action="store_true", help="answer, and report trouble, as one JSON object")
    module.add_arguments(parser)
    try:
        args = parser.parse_args(rest)
    except SystemExit as end:  # --help
        return int(end.code or 0)
    with _orderly_termination():
        if environment is None:
            return int(module.run(args))
        with running_database(environment):
            return int(module.run(args))


def _load(name: str, command: Command) -> ModuleType:
    try:
        return importlib.import_module(command.module)
    except ModuleNotFoundError as error:
        if error.name != command.module:
            raise
        raise CommandFailed(f"This installation has no `tieout {name}`.") from None


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tieout.settings")
    import django  # a command that needs no Django does not pay for it

    django.setup()
    gc.freeze()  # all of this stays
    gc.set_threshold(50_000, 20, 20)  # records come and go by the thousand and hardly ever refer to each other


@contextmanager
def running_database(environment: Environment) -> Iterator[None]:
    """The embedded server for as long as we need it; with TIEOUT_DATABASE_URL there is nothing to start."""
    if not environment.embedded:
        yield
        return
    from tieout.embedded.postgres import EmbeddedPostgres  # only a one-machine install needs it

    with EmbeddedPostgres(environment.data_dir):
        try:
            yield
        finally:
            _close_connections()


def _close_connections() -> None:
    connections = sys.modules.get("django.db")
    if connections is not None:
        connections.connections.close_all()


@contextmanager
def _orderly_termination() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C does, so that what was started is stopped; web and worker have their own way."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: tieout COMMAND …",
            "",
            "Keeps a company's inventory system and its Xero ledger in agreement, and proves it.",
            "",
            *lines,
            "",
            "`tieout COMMAND --help` says more.",
            "Exit codes: 0 well, 1 not well, 2 usage, 3 settings, 4 database, 5 Xero.",
        ]
    )
