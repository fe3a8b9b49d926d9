"""The `TIEOUT_…` environment variables, read and checked once.

In: the process environment and the files of the data folder. Out: one frozen `Environment`. Always: reading writes
nothing and starts nothing; a missing or malformed value is a `SettingsError` whose text says which variable, what is
wrong with it, and what to set; no secret has a default.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.fernet import Fernet

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 103  # a socket's path has 107 bytes on Linux and 103 on macOS, without the closing zero
MAKE_SECRET_KEY = """python -c "import secrets; print(secrets.token_urlsafe(50))\""""  # noqa: S105 — the command, no key
MAKE_ENCRYPTION_KEY = """python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())\""""


class SettingsError(Exception):
    """A variable of the environment is missing or unusable; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class XeroAccess:
    """Where Xero is, and the app that Tieout signs in as there. The addresses end without a slash."""

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str
    login_url: str
    identity_url: str


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail goes out. `encrypted` from the first byte (smtps), else by STARTTLS where a password is given."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    encrypted: bool
    sender: str


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment says. `database_url` None means the embedded server in `data_dir`."""

    data_dir: Path
    database_url: str | None
    debug: bool
    allowed_hosts: list[str]
    log_as_json: bool
    public_url: str
    xero: XeroAccess
    mail: MailServer | None
    given_secret_key: str = field(repr=False)
    given_encryption_keys: list[str] = field(repr=False)

    @classmethod
    def read(cls, variables: Mapping[str, str] | None = None) -> Environment:
        """Raises SettingsError for a value that cannot be understood."""
        given = os.environ if variables is None else variables
        public_url = _address(given, "TIEOUT_PUBLIC_URL", "")
        return cls(
            data_dir=_data_dir(given),
            database_url=given.get("TIEOUT_DATABASE_URL", "").strip() or None,
            debug=_switch(given, "TIEOUT_DEBUG"),
            allowed_hosts=_hosts(given, public_url),
            log_as_json=_log_format(given) == "json",
            public_url=public_url,
            xero=_xero(given),
            mail=_mail(given.get("TIEOUT_EMAIL_URL", "").strip()),
            given_secret_key=given.get("TIEOUT_SECRET_KEY", "").strip(),
            given_encryption_keys=_list(given.get("TIEOUT_ENCRYPTION_KEYS", "")),
        )

    @property
    def embedded(self) -> bool:
        return self.database_url is None

    @property
    def secret_key_file(self) -> Path:
        return self.data_dir / "secret-key"

    @property
    def encryption_keys_file(self) -> Path:
        return self.data_dir / "encryption-keys"

    def secret_key(self) -> str:
        """Django's SECRET_KEY, or "" while there is none: `make_keys` makes it, and Django refuses to sign with ""."""
        return self.given_secret_key or (self._kept(self.secret_key_file)[:1] or [""])[0]

    def encryption_keys(self) -> list[str]:
        """Fernet keys for stored tokens; the first encrypts, all decrypt. Empty while there are none."""
        return self.given_encryption_keys or self._kept(self.encryption_keys_file)

    def _kept(self, file: Path) -> list[str]:
        if not self.embedded:
            return []
        try:
            return file.read_text().split()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SettingsError(f"{file} cannot be read ({error.strerror}). Give Tieout's user that right.") from error

    def make_keys(self) -> None:
        """On a one-machine installation make the keys that nobody gave, once, in files that only we may read."""
        if not self.embedded:
            return
        if not self.secret_key():
            _keep(self.secret_key_file, secrets.token_urlsafe(50))
        if not self.encryption_keys():
            _keep(self.encryption_keys_file, Fernet.generate_key().decode())

    def check(self) -> None:
        """Raises SettingsError for the first thing that would stop Tieout from running."""
        for problem in self.problems():
            raise SettingsError(problem)

    def problems(self) -> list[str]:
        """Every missing or unusable key and address, each as a sentence with what to do."""
        found = []
        if self.database_url is not None:
            try:
                self.database()
            except SettingsError as error:
                found.append(str(error))
        if not self.secret_key() and not self.embedded:
            found.append(_missing("TIEOUT_SECRET_KEY", "it signs sessions", MAKE_SECRET_KEY))
        if not self.encryption_keys() and not self.embedded:
            found.append(_missing("TIEOUT_ENCRYPTION_KEYS", "they lock Xero's tokens", MAKE_ENCRYPTION_KEY))
        for number, key in enumerate(self.encryption_keys(), 1):
            try:
                Fernet(key)
            except ValueError:
                found.append(
                    f"Key {number} of TIEOUT_ENCRYPTION_KEYS is no Fernet key (32 bytes in URL-safe base64)."
                    f" Make one with: {MAKE_ENCRYPTION_KEY}"
                )
        return found

    def database(self) -> dict[str, Any]:
        """Django's DATABASES entry, without connecting. Raises SettingsError for an address it cannot understand."""
        place = _embedded_database(self.data_dir) if self.database_url is None else _database(self.database_url)
        options = {"application_name": "tieout", **place.pop("OPTIONS", {})}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            **place,
            "OPTIONS": {**options, "server_side_binding": False},
        }


def embedded_cluster(data_dir: Path) -> Path:
    """The embedded server's data folder."""
    return data_dir / "postgres"


def embedded_socket_folder(data_dir: Path) -> Path:
    """The folder of the embedded server's socket: in its data folder, or a short private one for a long path."""
    cluster = embedded_cluster(data_dir)
    if len(os.fsencode(cluster / SOCKET_NAME)) <= SOCKET_PATH_BYTES:
        return cluster
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path("/tmp") / f"tieout-{os.geteuid()}-{digest}"  # noqa: S108 — checked for its owner before each start


def _embedded_database(data_dir: Path) -> dict[str, Any]:
    return {"NAME": "tieout", "USER": "tieout", "HOST": str(embedded_socket_folder(data_dir))}


def _database(url: str) -> dict[str, Any]:
    address = urlsplit(url)
    try:
        port = address.port
    except ValueError:
        port = -1
    if address.scheme not in ("postgresql", "postgres") or port == -1 or not address.path.strip("/"):
        raise SettingsError(
            "TIEOUT_DATABASE_URL must look like postgresql://user:password@host:5432/name"
            " (or …/name?host=/run/postgresql for a socket); what is set does not."
        )
    options = dict(parse_qsl(address.query))
    host = options.pop("host", "") or unquote(address.hostname or "")
    return {
        "NAME": unquote(address.path.strip("/")),
        "USER": options.pop("user", "") or unquote(address.username or ""),
        "PASSWORD": options.pop("password", "") or unquote(address.password or ""),
        "HOST": host,
        "PORT": options.pop("port", "") or str(port or ""),
        "OPTIONS": options,
    }


def _data_dir(given: Mapping[str, str]) -> Path:
    """TIEOUT_DATA_DIR; else `.data` of the working folder where it is there; else the user's own data folder."""
    named = given.get("TIEOUT_DATA_DIR", "").strip()
    if named:
        return Path(named).expanduser().resolve()
    if Path(".data").is_dir():
        return Path(".data").resolve()
    base = given.get("XDG_DATA_HOME", "")
    return (Path(base) if base.startswith("/") else Path("~/.local/share").expanduser()).resolve() / "tieout"


def _xero(given: Mapping[str, str]) -> XeroAccess:
    return XeroAccess(
        client_id=given.get("TIEOUT_XERO_CLIENT_ID", "").strip(),
        client_secret=given.get("TIEOUT_XERO_CLIENT_SECRET", "").strip(),
        api_url=_address(given, "TIEOUT_XERO_API_URL", "https://api.xero.com"),
        login_url=_address(given, "TIEOUT_XERO_LOGIN_URL", "https://login.xero.com"),
        identity_url=_address(given, "TIEOUT_XERO_IDENTITY_URL", "https://identity.xero.com"),
    )


def _mail(url: str) -> MailServer | None:
    """TIEOUT_EMAIL_URL; None where it is not set: then no e-mail is sent."""
    if not url:
        return None
    address = urlsplit(url)
    try:
        port = address.port
    except ValueError:
        port = -1
    sender = dict(parse_qsl(address.query)).get("from", "")
    if address.scheme not in ("smtp", "smtps") or not address.hostname or port == -1 or "@" not in sender:
        raise SettingsError(
            "TIEOUT_EMAIL_URL must look like smtp://user:password@host:587?from=tieout@example.com"
            " (smtps and port 465 for a server that encrypts at once); what is set does not."
        )
    encrypted = address.scheme == "smtps"
    user, password = unquote(address.username or ""), unquote(address.password or "")
    return MailServer(address.hostname, port or (465 if encrypted else 25), user, password, encrypted, sender)


def _address(given: Mapping[str, str], name: str, default: str) -> str:
    value = given.get(name, "").strip().rstrip("/") or default
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(f"{name} must be an address such as https://example.com; {value!r} is not.")
    return value


def _hosts(given: Mapping[str, str], public_url: str) -> list[str]:
    hosts = _list(given.get("TIEOUT_ALLOWED_HOSTS", ""))
    if "*" in hosts:
        raise SettingsError("TIEOUT_ALLOWED_HOSTS must name the hosts that Tieout answers for; * is not accepted.")
    public = urlsplit(public_url).hostname
    return list(dict.fromkeys([*hosts, *([public] if public else []), "localhost", "127.0.0.1", "[::1]"]))


def _switch(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "").strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("", "0", "false", "no", "off"):
        return False
    raise SettingsError(f"{name} must be 1 or 0; {value!r} is neither.")


def _log_format(given: Mapping[str, str]) -> str:
    value = given.get("TIEOUT_LOG_FORMAT", "").strip() or ("console" if sys.stderr.isatty() else "json")
    if value not in ("json", "console"):
        raise SettingsError(f"TIEOUT_LOG_FORMAT must be json or console; {value!r} is neither.")
    return value


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _missing(name: str, why: str, how: str) -> str:
    return f"{name} is not set ({why}); with TIEOUT_DATABASE_URL it is required. Make one with: {how}"


def _keep(file: Path, text: str) -> None:
    """Write a secret whole and for us alone; a process that was quicker keeps its own."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")  # mode 0600
        with os.fdopen(descriptor, "w") as handle:
            handle.write(text + "\n")
        try:
            os.link(name, file)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    except OSError as error:
        raise SettingsError(
            f"The key file {file} cannot be written ({error.strerror}). Give Tieout's user that right, or name"
            " another folder with TIEOUT_DATA_DIR."
        ) from error
