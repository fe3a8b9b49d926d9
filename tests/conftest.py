"""What every test shares: one embedded PostgreSQL for the session, and no way out of this machine.

The server starts once, before Django connects; pytest-xdist's workers inherit it and get a database each from
pytest-django. With TIEOUT_DATABASE_URL set the tests use that server instead.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tieout.embedded.errors import EmbeddedPostgresError
from tieout.embedded.postgres import EmbeddedPostgres
from tieout.environment import Environment

OUR_FOLDERS = "tieout-tests-"
DATA_DIR_FOR_WORKERS = "TIEOUT_TESTS_DATA_DIR"
LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", b"127.0.0.1", b"localhost")
_server: list[EmbeddedPostgres] = []

# How long an example takes is the machine's affair: what a property says must not depend on who else is at work there.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="run only the tests that touch the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--only-database"):
        return
    kept = [item for item in items if _touches_the_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _touches_the_database(item: pytest.Item) -> bool:
    wanted = {"db", "transactional_db", "live_server", "admin_client", "django_db_setup"}
    return item.get_closest_marker("django_db") is not None or bool(wanted & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # Settings are already read: pytest-django does so before any conftest. Connections are made later.
    settings.SECRET_KEY = "only-for-tests"
    settings.TIEOUT_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    settings.TIEOUT_XERO = replace(settings.TIEOUT_XERO, client_id="tieout-demo", client_secret="tieout-demo-secret")
    if os.environ.get("TIEOUT_DATABASE_URL"):
        return
    data_dir = os.environ.get(DATA_DIR_FOR_WORKERS)
    if data_dir is None:
        _clear_up_after_killed_sessions()
        data_dir = os.environ[DATA_DIR_FOR_WORKERS] = tempfile.mkdtemp(prefix=OUR_FOLDERS)
        _server.append(EmbeddedPostgres(data_dir, fast=True).start())
    database = Environment.read({"TIEOUT_DATA_DIR": data_dir}).database()
    settings.DATABASES["default"].update(database)


def _clear_up_after_killed_sessions() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{OUR_FOLDERS}*"):
        with contextlib.suppress(OSError, EmbeddedPostgresError):  # another user's, or gone this moment
            status = folder.stat()
            old = time.time() - status.st_mtime > 600
            if old and status.st_uid == os.geteuid() and EmbeddedPostgres(folder).stop_if_unused():
                shutil.rmtree(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in _server:
        server.stop()
        shutil.rmtree(server.data_dir)
    _server.clear()


def _refuse_strangers(address: Any) -> None:
    if isinstance(address, tuple) and address[0] not in LOOPBACK and not str(address[0]).startswith("127."):
        raise AssertionError(
            f"A test tried to reach {address[0]!r}; tests touch nothing beyond this machine. Use the Xero twin."
        )


@pytest.fixture(autouse=True, scope="session")
def nothing_beyond_loopback() -> Iterator[None]:
    """Refuse every connection and every name look-up that would leave this machine. Unix sockets pass."""
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
    real_look_up = socket.getaddrinfo

    def guarded(name: str) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            _refuse_strangers(address)
            return real[name](self, address)

        return connect

    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        if host is not None:
            _refuse_strangers((host, 0))
        return real_look_up(host, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(socket.socket, name, guarded(name))
        patch.setattr(socket, "getaddrinfo", look_up)
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return Path(__file__).resolve().parent.parent
