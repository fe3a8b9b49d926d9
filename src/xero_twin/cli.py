"""`xero-twin serve`: the twin alone, on a port, until Ctrl-C.

In: port, latency in milliseconds, organisations to start with. Out: one line with the address; exit code 0,
or 1 with a sentence when the port cannot be taken.
"""

import argparse
import contextlib
import sys
import threading
from typing import TextIO

from xero_twin.limits import Limits
from xero_twin.server import TwinServer
from xero_twin.twin import DEMO_CLIENT, DEMO_SECRET, Twin


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    twin = Twin(limits=None if options.no_limits else Limits(), latency=options.latency / 1000)
    for name in options.organisation or ["Demo Company"]:
        twin.add_organisation(name, country=options.country, base_currency=options.base_currency)
    try:
        server = TwinServer(twin, options.host, options.port)
    except OSError as error:
        _say(f"Port {options.port} on {options.host} cannot be used: {error.strerror or error}.", sys.stderr)
        return 1
    with server:
        _say(f"Xero twin at {server.url} (app {DEMO_CLIENT}, secret {DEMO_SECRET}). Ctrl-C stops it.")
        for org in twin.organisations.values():
            _say(f"  {org.name}: tenant {org.tenant_id}")
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="xero-twin", description="A local Xero, for tests and demos.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve until Ctrl-C")
    serve.add_argument("--port", type=int, default=8930, help="0 takes a free one (default: %(default)s)")
    serve.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    serve.add_argument("--latency", type=float, default=0.0, metavar="MS", help="added to every call")
    serve.add_argument("--no-limits", action="store_true", help="no call limits")
    serve.add_argument("--organisation", action="append", metavar="NAME", help="may be repeated")
    serve.add_argument("--country", default="NZ", help="default: %(default)s")
    serve.add_argument("--base-currency", default="NZD", help="default: %(default)s")
    return parser


def _say(text: str, stream: TextIO | None = None) -> None:
    print(text, file=stream or sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main())
