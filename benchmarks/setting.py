"""What every benchmark runs in: a database of its own, a twin in a process of its own, a connected company.

Always: the embedded PostgreSQL as customers run it (fsync on), in a temporary folder; the twin behind real sockets on
the machine's other core; records imported from files. Nothing of it remains afterwards.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT, SECRET = "tieout-demo", "tieout-demo-secret"
REDIRECT = "http://localhost/connect/xero/callback"


@contextmanager
def database() -> Iterator[Path]:
    """A fresh embedded PostgreSQL, with Django set up on it."""
    from tieout.embedded.postgres import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        os.environ |= {"TIEOUT_DATA_DIR": folder, "TIEOUT_XERO_CLIENT_ID": CLIENT, "TIEOUT_XERO_CLIENT_SECRET": SECRET}
        os.environ.pop("TIEOUT_DATABASE_URL", None)
        from tieout.cli import set_up_django
        from tieout.environment import Environment

        Environment.read().make_keys()
        with EmbeddedPostgres(folder):
            set_up_django()
            from django.db import connections

            from tieout.commands.migrate import migrate

            migrate()
            try:
                yield Path(folder)
            finally:
                connections.close_all()


@dataclass
class Twin:
    url: str

    def ask(self, path: str, body: object | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def calls(self) -> int:
        return sum(self.ask("/twin/calls").values())


@contextmanager
def twin(latency: int = 0, *, limits: bool = False) -> Iterator[Twin]:
    """A twin of its own process; `latency` in milliseconds a call."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "xero_twin.cli", "serve", "--port", str(port), "--latency", str(latency)]
    process = subprocess.Popen(command + ([] if limits else ["--no-limits"]), stderr=subprocess.DEVNULL)
    made = Twin(f"http://127.0.0.1:{port}")
    try:
        for _ in range(100):
            try:
                made.ask("/twin/health")
                break
            except OSError:
                time.sleep(0.05)
        yield made
    finally:
        process.terminate()
        process.wait()


def company(made: Twin, documents: int, name: str) -> Any:
    """A company of the demo's generator, imported, and connected to its own organisation in the twin."""
    from django.conf import settings

    from tieout.core import operations
    from tieout.core.fields import OrganisationFields
    from tieout.core.importing import import_file
    from tieout.embedded.company import IMPORT_ORDER, write_company

    settings.TIEOUT_XERO = type(settings.TIEOUT_XERO)(CLIENT, SECRET, made.url, made.url, made.url)
    fields = OrganisationFields(slug=name, name=name, base_currency="NZD", country="NZ")
    organisation = operations.create_organisation(fields, actor="bench")
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        write_company(Path(folder), documents)
        for kind in IMPORT_ORDER:
            import_file(organisation, kind, Path(folder) / f"{kind}.csv", actor="bench")
    connect(organisation, made, name)
    return organisation


def connect(organisation: Any, made: Twin, name: str) -> None:
    """Through the wizard's own steps; the limits are lifted, as they are for a twin without any."""
    from tieout.sync import connect as wizard
    from tieout.sync.models import Connection
    from tieout.sync.run import Ports

    tenant = made.ask("/twin/organisations", {"name": name, "currencies": ["AUD", "USD"]})["tenant_id"]
    asked = _query(wizard.begin(organisation, REDIRECT, Ports()))
    consent = {"client_id": CLIENT, "redirect_uri": REDIRECT, "state": asked["state"], "scope": asked["scope"]}
    answer = _query(made.ask("/twin/consent", {**consent, "tenants": [tenant]})["url"])
    connection = wizard.come_back(answer["state"], answer["code"], REDIRECT, actor="bench", ports=Ports())
    wizard.load(connection, actor="bench", ports=Ports())
    wizard.map_accounts(connection, {"sales": "200", "purchases": "300", "sale-charges": "425"}, {}, actor="bench")
    Connection.objects.filter(pk=connection.pk).update(minute_limit=1_000_000, day_limit=1_000_000)


def _query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
