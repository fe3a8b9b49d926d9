"""`tieout serve`: everything a small company needs, in one go.

In: an address to listen on. Out: the database brought to this version, then a web and a worker process. Always: when
one of the two ends, the other is stopped too; Ctrl-C stops both and exits 130; a kill of this one ends both as well.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from types import FrameType

from tieout.commands import lifeline, web
from tieout.commands.migrate import migrate
from tieout.exit_codes import FAILED, INTERRUPTED, WELL

STOP_SECONDS = 45  # longer than the worker lets its last jobs run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    web.add_arguments(parser)
    parser.add_argument("--jobs", type=int, default=8, help="jobs at once (default: %(default)s)")


def run(args: argparse.Namespace) -> int:
    web.check_port_is_free(args.host, args.port)
    migrate()
    web_arguments = ["--host", args.host, "--port", str(args.port)]
    web_arguments += ["--processes", str(args.processes), "--threads", str(args.threads)]
    asked_by: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        asked_by.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    lifeline.hold()
    children = [lifeline.start("web", *web_arguments), lifeline.start("worker", "--jobs", str(args.jobs))]

    def running() -> bool:
        return not asked_by and all(child.poll() is None for child in children)

    if web.wait_until_it_listens(args.host, args.port, running):
        print(f"Tieout is at http://{args.host}:{args.port}/ (Ctrl-C stops it)", file=sys.stderr, flush=True)
    while running():
        time.sleep(0.2)
    well = bool(asked_by)
    _stop(children)
    if not well:
        print("A process of Tieout ended by itself; its last lines are above.", file=sys.stderr)
        return FAILED
    return INTERRUPTED if signal.SIGINT in asked_by else WELL


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
