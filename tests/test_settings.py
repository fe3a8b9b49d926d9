"""Django's settings as they come out of the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection

SHOW = """
import json, sys
from tieout import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))
"""


def settings_with(folder: Path, *names: str, **variables: str) -> dict[str, Any]:
    """The named settings as another process would have them."""
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", SHOW, *names],
        env={"PATH": os.environ["PATH"], "TIEOUT_DATA_DIR": str(folder / "data"), **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(answer.stdout))


def test_importing_them_starts_and_writes_nothing(tmp_path: Path) -> None:
    assert settings_with(tmp_path, "SECRET_KEY", "TIEOUT_ENCRYPTION_KEYS") == {
        "SECRET_KEY": "",
        "TIEOUT_ENCRYPTION_KEYS": [],
    }
    assert list(tmp_path.iterdir()) == []


def test_https_makes_cookies_secure_and_keeps_browsers_to_it(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "CSRF_TRUSTED_ORIGINS", "DEBUG")
    assert settings_with(tmp_path, *names, TIEOUT_PUBLIC_URL="https://books.example.com") == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "CSRF_TRUSTED_ORIGINS": ["https://books.example.com"],
        "DEBUG": False,
    }
    assert settings_with(tmp_path, "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS") == {
        "SESSION_COOKIE_SECURE": False,
        "SECURE_HSTS_SECONDS": 0,
    }


def test_djangos_own_checks_find_nothing() -> None:
    assert run_checks() == []


@pytest.mark.django_db
def test_the_database_is_a_postgresql_that_is_new_enough() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000, current_setting('application_name')")
        version, application = cursor.fetchone()
    assert version >= 15
    assert application == "tieout"


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
