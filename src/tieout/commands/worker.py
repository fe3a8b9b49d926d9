"""`tieout worker`: the jobs of the queue, run by Procrastinate on the same PostgreSQL.

In: how many jobs at once. Out: jobs done until a signal. Always: stateless, start as many as you like; the first
signal lets running jobs end (up to a time-out), nothing claimed is lost: what was not done is taken up again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal

from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from tieout.commands import lifeline
from tieout.exit_codes import INTERRUPTED, WELL

LAST_JOBS_SECONDS = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=8, help="jobs at once (default: %(default)s)")
    parser.add_argument("--until-idle", action="store_true", help="stop when the queue is empty")


def run(args: argparse.Namespace) -> int:
    connection.ensure_connection()  # a database that is down is told at once; the pool would try for half a minute
    connection.close()
    return asyncio.run(_work(args.jobs, wait=not args.until_idle))


async def _work(jobs: int, *, wait: bool) -> int:
    ended_by: list[int] = []
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        async with worker_app.open_async():
            work = asyncio.ensure_future(
                worker_app.run_worker_async(
                    wait=wait,
                    concurrency=jobs,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=LAST_JOBS_SECONDS,
                )
            )

            def stop(number: int) -> None:
                if not ended_by:  # a second signal (serve's after the terminal's) must not cut the last jobs short
                    work.cancel()
                ended_by.append(number)

            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop, number)
            lifeline.hold()
            with contextlib.suppress(asyncio.CancelledError):
                await work
    return INTERRUPTED if signal.SIGINT in ended_by else WELL
