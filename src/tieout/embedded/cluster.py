"""The database's folder on disk: made once, whole or not at all, and checked before each start.

In: the folder, the account that will own it, the binaries. Out: a PostgreSQL data folder of mode 0700. Always: a
folder that is there is complete (it is made beside its place and then renamed); nobody enters by trust or password,
only by peer authentication, and only as the names in `pg_ident.conf`.
"""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from tieout.embedded.account import SERVER_ENVIRONMENT, Account, Binaries
from tieout.embedded.errors import EmbeddedPostgresError

OWNER_ROLE = "postgres"
TIEOUT_ROLE = "tieout"
# A process reaches its own working folder whatever the modes above it: root starts the server inside the data
# folder, and no parent (a home of mode 0700, say) has to be opened for the server's account.
OWN_FOLDER = "/proc/self/cwd"


def path_for_server(cluster: Path, account: Account) -> str:
    """The name by which a server started inside the data folder knows that folder."""
    return str(cluster) if account.uid is None else OWN_FOLDER


def make_cluster(cluster: Path, account: Account, binaries: Binaries, *, fast: bool) -> None:
    """Make the data folder at `cluster`. Raises EmbeddedPostgresError with initdb's own words when it cannot."""
    staging = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(staging, ignore_errors=True)
    try:
        staging.mkdir(mode=0o700)
        (staging / "pg").mkdir(mode=0o700)
        _run_initdb(staging / "pg", account, binaries, fast=fast)
        account.takes_over(staging / "pg")
        (staging / "pg").rename(cluster)
    except OSError as error:
        raise EmbeddedPostgresError(sentence_for_os_error(error, cluster)) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _run_initdb(folder: Path, account: Account, binaries: Binaries, *, fast: bool) -> None:
    arguments = account.initdb_arguments()
    if arguments:
        os.chown(folder, arguments["user"], arguments["group"])
    command = [binaries.program("initdb"), "-D", path_for_server(folder, account), "--username", OWNER_ROLE]
    command += ["--auth=reject", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    command += ["--no-instructions", "--set=timezone=UTC", "--set=log_timezone=UTC"]
    command += ["--no-sync"] if fast else []
    answer = subprocess.run(
        command, cwd=folder, env=SERVER_ENVIRONMENT, capture_output=True, text=True, check=False, **arguments
    )
    if answer.returncode != 0:
        words = (answer.stderr or answer.stdout).strip()
        raise EmbeddedPostgresError(sentence_for_log(words, folder, "could not be made"))


def check_cluster(cluster: Path, binaries: Binaries) -> None:
    """Refuse a folder that is no database, or one that another major version of PostgreSQL made."""
    try:
        version = (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise EmbeddedPostgresError(
            f"{cluster} is not a database folder: it has no PG_VERSION. Move it away, or name another folder with"
            " TIEOUT_DATA_DIR."
        ) from None
    except OSError as error:
        raise EmbeddedPostgresError(sentence_for_os_error(error, cluster)) from error
    if version != binaries.major:
        raise EmbeddedPostgresError(
            f"{cluster} was made by PostgreSQL {version}, and this Tieout brings PostgreSQL {binaries.major}. Dump it"
            f" with the Tieout that made it and restore it into a new folder, or run a PostgreSQL {version} server on"
            " it and set TIEOUT_DATABASE_URL."
        )


def write_access_rules(cluster: Path, account: Account) -> None:
    """Let in, through the socket alone, whoever runs Tieout (and the folder's owner), and nobody else."""
    names = {pwd.getpwuid(os.geteuid()).pw_name}
    if account.uid is not None:
        names |= _names_of(account.uid)
    people = "".join(f'tieout "{name}" {role}\n' for name in sorted(names) for role in (OWNER_ROLE, TIEOUT_ROLE))
    for name, text in (("pg_hba.conf", "local all postgres,tieout peer map=tieout\n"), ("pg_ident.conf", people)):
        path = cluster / name
        if path.read_text() != text:
            path.write_text(text)


def _names_of(uid: int) -> set[str]:
    try:
        return {pwd.getpwuid(uid).pw_name}
    except KeyError:
        return set()


def sentence_for_os_error(error: OSError, place: Path) -> str:
    """What a failed file operation means for the person who started Tieout."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {place} is full. Free some space (the database needs 100 MB to begin with)."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"Tieout may not write to {error.filename or place} ({error.strerror}). Give its user that right, or name"
            " another folder with TIEOUT_DATA_DIR."
        )
    return f"The database folder {place} cannot be used: {error.strerror or error}."


def sentence_for_log(log: str, place: Path, what: str) -> str:
    """PostgreSQL's own last words, with what they usually mean in front."""
    if "No space left on device" in log:
        reason = "the disk is full; free some space"
    elif "Permission denied" in log:
        reason = "its account may not read or write there"
    elif "could not create shared memory" in log or "Cannot allocate memory" in log:
        reason = "the machine has too little memory left"
    else:
        reason = "PostgreSQL gave up"
    tail = "\n".join(f"    {line}" for line in log.strip().splitlines()[-12:]) or "    (no log)"
    return f"The embedded database in {place} {what}: {reason}. Its last words:\n{tail}"
