"""`tieout web`: the console and the REST API, served by granian.

In: an address to listen on. Out: requests answered until a signal. Always: stateless; start as many as you like.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

from tieout.commands import lifeline
from tieout.exit_codes import FAILED, INTERRUPTED, WELL, CommandFailed

# granian writes to stdout by itself; here its lines take the same way as all others.
GRANIAN_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.NullHandler"}, "access": {"class": "logging.NullHandler"}},
    "loggers": {"_granian": {"handlers": [], "propagate": True}, "granian.access": {"handlers": [], "propagate": True}},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="web processes (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=4, help="threads in each process (default: %(default)s)")


def run(args: argparse.Namespace) -> int:
    check_port_is_free(args.host, args.port)
    from granian.constants import Interfaces  # `tieout web --help` does without it
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "tieout.wsgi:application",
        address=args.host,
        port=args.port,
        interface=Interfaces.WSGI,
        workers=args.processes,
        blocking_threads=args.threads,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_level=LogLevels.warning,
        log_dictconfig=GRANIAN_LOGGING,
    )
    ended_by: list[int] = []
    stop = server.signal_handler_interrupt

    def note_and_stop(number: int, frame: Any) -> None:
        ended_by.append(number)
        stop(number, frame)

    server.signal_handler_interrupt = note_and_stop
    lifeline.hold()
    try:
        server.serve(target_loader=load_application, wrap_loader=False)
    except SystemExit as end:
        return int(end.code or FAILED)
    return INTERRUPTED if signal.SIGINT in ended_by else WELL


def load_application() -> Any:
    """Runs in each web process. A group of its own keeps the terminal's Ctrl-C from it: the server tells it to stop,
    and two signals at once can make it hang."""
    os.setpgid(0, 0)
    from tieout.wsgi import application  # loads all of Django, and must not in the server's own process

    return application


def check_port_is_free(host: str, port: int) -> None:
    """Raises CommandFailed when nobody can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CommandFailed(
            f"Tieout cannot listen on {host}:{port} ({reason}). Choose another --port or --host."
        ) from error


def wait_until_it_listens(host: str, port: int, running: Callable[[], bool]) -> bool:
    """True once it does, so that an address which is told can be opened; False where what is `running` ended first."""
    while running():
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False
