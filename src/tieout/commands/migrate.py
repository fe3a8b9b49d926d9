"""`tieout migrate`: bring the database to this version.

In: a database of any earlier version, or an empty one. Out: one line, or `{"applied": [names]}`. Always: safe to run
again; nothing is asked.
"""

from __future__ import annotations

import argparse
import json
import sys

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none of its own."""


def run(args: argparse.Namespace) -> int:
    applied = migrate()
    if args.json:
        print(json.dumps({"applied": applied}))
    else:
        print(f"The database is up to date ({len(applied)} migrations applied).")
    return 0


def pending() -> list[str]:
    """The migrations that the database lacks, as "app.name", in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> list[str]:
    """Apply what is pending; returns the names. One process at a time: another waits for it and finds nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('tieout migrate'))")
        try:
            names = pending()
            if names:
                call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('tieout migrate'))")
    return names
