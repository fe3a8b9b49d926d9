"""`xero-twin serve`: the twin alone, on a port, until Ctrl-C or an end from outside.

In: port, edition, limits, latency, a seed, organisations to start with, a file to keep the state in. Out: a line with
the address and one for each organisation; exit code 0, or 1 with a sentence when port or file cannot be used.
"""

import argparse
import contextlib
import gc
import re
import signal
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from xero_twin import charts, state
from xero_twin.limits import Limits
from xero_twin.server import TwinServer
from xero_twin.twin import DEMO_CLIENT, DEMO_SECRET, Twin

LIMITS = {"starter": Limits(day=1000), "core": Limits(day=5000), "none": None}


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    twin = Twin(
        limits=None if options.no_limits else LIMITS[options.limits], latency=options.latency, seed=options.seed
    )
    try:
        _begin(twin, options)
        server = TwinServer(twin, options.host, options.port)
    except state.StateError as error:
        _say(str(error), sys.stderr)
        return 1
    except OSError as error:
        _say(f"Port {options.port} on {options.host} cannot be used: {error.strerror or error}.", sys.stderr)
        return 1
    gc.set_threshold(100_000, 50, 50)  # books only grow: looking through them for garbage takes half of all the time
    sys.setswitchinterval(0.05)  # calls wait for the books' lock anyway: taking turns within one only costs time
    stopped = _stopped()  # before the first word: who reads it may ask for the end at once
    with server, contextlib.suppress(KeyboardInterrupt):
        _say(f"Xero twin at {server.url} (app {DEMO_CLIENT}, secret {DEMO_SECRET}). Ctrl-C stops it.")
        for org in twin.organisations.values():
            _say(f"  {org.name}: tenant {org.tenant_id}")
        stopped.wait()
    if options.state is not None:
        state.save(twin, options.state)
    return 0


def _begin(twin: Twin, options: argparse.Namespace) -> None:
    """The organisations of the state file, or new ones."""
    if options.state is not None and options.state.exists():
        state.restore(twin, options.state)
        return
    country, currency = charts.EDITIONS[options.edition]
    for name in options.organisation or ["Demo Company"]:
        twin.add_organisation(name, country=options.country or country, base_currency=options.base_currency or currency)


def _stopped() -> threading.Event:
    """Set when the process is asked to end from outside."""
    stopped = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    return stopped


def latency(text: str) -> float:
    """Seconds of a latency such as 200ms or 0.2s; a bare number is milliseconds."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)?", text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 200ms or 0.2s")
    return float(found[1]) / (1 if found[2] == "s" else 1000)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xero-twin", description="A local Xero, for tests and demos.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve until Ctrl-C")
    add: Any = serve.add_argument
    add("--port", type=int, default=8930, help="0 takes a free one (default: %(default)s)")
    add("--host", default="127.0.0.1", help="default: %(default)s")
    add("--edition", choices=sorted(charts.EDITIONS), default="nz", help="chart and taxes (default: %(default)s)")
    add("--limits", choices=list(LIMITS), default="core", help="call limits of a plan (default: %(default)s)")
    add("--no-limits", action="store_true", help="the same as --limits none")
    add("--latency", type=latency, default=0.0, metavar="TIME", help="added to every call, e.g. 200ms")
    add("--seed", type=int, default=0, help="the same ids for the same seed (default: %(default)s)")
    add("--state", type=Path, metavar="FILE", help="taken up at the start, saved at the end")
    add("--organisation", action="append", metavar="NAME", help="may be repeated (default: Demo Company)")
    add("--country", help="another country than the edition's, e.g. IE")
    add("--base-currency", help="another currency than the edition's, e.g. EUR")
    return parser


def _say(text: str, stream: TextIO | None = None) -> None:
    print(text, file=stream or sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
