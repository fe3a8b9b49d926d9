"""The embedded PostgreSQL server of a one-machine installation.

In: Tieout's data folder. Out: a running server and its address. Always: it listens on a Unix socket in a folder of
mode 0700 and on no TCP port; only the user who runs Tieout can enter; of two processes that start at once one starts
the server and the other finds it; a server left running is used again, one left dead recovers; it stops when the last
process that uses it leaves, even when the others were killed.

    <data folder>/postgres/          PostgreSQL's data folder, and its socket where the path is short enough
    <data folder>/postgres.log       what the server says
    <data folder>/postgres.lock      held while starting and stopping
    <data folder>/postgres.users     held (shared) by each process that uses the server
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psycopg
from psycopg import sql

from tieout.embedded.account import SERVER_ENVIRONMENT, Account, choose_account, find_binaries
from tieout.embedded.cluster import (
    OWNER_ROLE,
    TIEOUT_ROLE,
    check_cluster,
    make_cluster,
    path_for_server,
    sentence_for_log,
    sentence_for_os_error,
    write_access_rules,
)
from tieout.embedded.errors import EmbeddedPostgresError
from tieout.environment import SOCKET_NAME, embedded_cluster, embedded_socket_folder

START_SECONDS = 60  # recovery after a crash replays at most max_wal_size
STOP_SECONDS = 60
LOG_BYTES = 10_000_000
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "60",
    "max_wal_size": "512MB",
    "log_min_duration_statement": "2000",
    "log_connections": "",
}
FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# A server whose parent was killed outright leaves its memory attached until its last child is gone.
LEFT_OVERS = "pre-existing shared memory block"
_children: list[subprocess.Popen[bytes]] = []


def _open_for_us_alone(path: Path) -> IO[bytes]:
    """To append to; mode 0600."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def _reap() -> None:
    """Forget the servers we started that have ended; until then their pids count as alive."""
    _children[:] = [child for child in _children if child.poll() is None]


class EmbeddedPostgres:
    """One data folder's server. `with EmbeddedPostgres(folder):` starts or finds it, and leaves it at the end.

    `fast=True` gives up durability for speed (tests): a crash of the machine may lose the data.
    Raises EmbeddedPostgresError, with a sentence and the log's last lines, when there is no way to a running server.
    """

    def __init__(self, data_dir: Path | str, *, fast: bool = False) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.cluster = embedded_cluster(self.data_dir)
        self.socket_folder = embedded_socket_folder(self.data_dir)
        self.log = self.data_dir / "postgres.log"
        self.fast = fast
        self._users: IO[bytes] | None = None

    @property
    def address(self) -> str:
        """The server's address as TIEOUT_DATABASE_URL would give it."""
        return f"postgresql://{TIEOUT_ROLE}@/tieout?host={self.socket_folder}"

    def start(self) -> Self:
        """Make the data if it is missing, start the server if it is not running, and register as a user of it."""
        self._make_data_dir()
        with self._locked():
            account = choose_account(self.cluster)
            if self.pid() is None:
                self._launch(account)
            else:
                self._wait_until_ready(None, 0)
            self._make_database()
            self._register()
        return self

    def leave(self) -> None:
        """Give up our use of the server; stop it when nobody else uses it."""
        if self._users is None:
            return
        with self._locked():
            self._users.close()
            self._users = None
            if self._unused():
                self._stop()

    def stop_if_unused(self) -> bool:
        """Stop a server whose users were all killed. Says whether nobody uses it."""
        with self._locked():
            if not self._unused():
                return False
            self._stop()
            return True

    def stop(self) -> None:
        """Stop the server now, whoever uses it. Open connections are closed, nothing committed is lost."""
        with self._locked():
            if self._users is not None:
                self._users.close()
                self._users = None
            self._stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def pid(self) -> int | None:
        """The running server's process id, or None. A number that another process has taken since is not it."""
        return self._pid_and_state()[0]

    def _pid_and_state(self) -> tuple[int | None, str]:
        """As `pid`, and what that server says of itself ("starting", "ready", ...).

        Both from one look: the file of a killed server says "ready" until the next one writes over it.
        """
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            pid = int(lines[0])
            os.kill(pid, 0)
            own_folder = Path(f"/proc/{pid}/cwd")
            if Path("/proc/self/cwd").exists() and not own_folder.samefile(self.cluster):
                return None, ""
        except PermissionError as error:
            if error.filename is None or "/proc/" in str(error.filename):
                return None, ""  # alive, and not ours to look at
            raise EmbeddedPostgresError(sentence_for_os_error(error, self.cluster)) from error
        except (OSError, ValueError, IndexError):
            return None, ""
        return pid, lines[7].strip() if len(lines) > 7 else ""

    # --- starting ---

    def _make_data_dir(self) -> None:
        try:
            if not self.data_dir.exists():
                self.data_dir.parent.mkdir(parents=True, exist_ok=True)
                self.data_dir.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EmbeddedPostgresError(sentence_for_os_error(error, self.data_dir)) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            handle = _open_for_us_alone(self.data_dir / "postgres.lock")
        except OSError as error:
            raise EmbeddedPostgresError(sentence_for_os_error(error, self.data_dir)) from error
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _register(self) -> None:
        if self._users is None:
            self._users = _open_for_us_alone(self.data_dir / "postgres.users")
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def _unused(self) -> bool:
        """Whether no living process has registered; the system drops a killed one's lock."""
        with _open_for_us_alone(self.data_dir / "postgres.users") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    def _launch(self, account: Account) -> None:
        binaries = find_binaries(account)
        if not self.cluster.exists():
            make_cluster(self.cluster, account, binaries, fast=self.fast)
        check_cluster(self.cluster, binaries)
        write_access_rules(self.cluster, account)
        self._make_socket_folder(account)
        self._forget_reused_pid()
        command = [binaries.program("postgres"), "-D", path_for_server(self.cluster, account)]
        socket_folder = "." if self.socket_folder == self.cluster else str(self.socket_folder)
        settings = {**SETTINGS, "unix_socket_directories": socket_folder, **(FAST_SETTINGS if self.fast else {})}
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + START_SECONDS
        while True:
            process, log_start = self._spawn(command, account)
            log = self._wait_until_ready(process, log_start)
            if not log:
                return
            if LEFT_OVERS not in log or time.monotonic() > deadline:
                raise EmbeddedPostgresError(sentence_for_log(log, self.cluster, "did not start"))
            time.sleep(0.2)

    def _make_socket_folder(self, account: Account) -> None:
        """The short folder for a socket whose path beside the data would pass the system's limit."""
        if self.socket_folder == self.cluster:
            return
        owner = os.geteuid() if account.uid is None else account.uid
        if not self.socket_folder.exists():
            self.socket_folder.mkdir(mode=0o700)
            account.takes_over(self.socket_folder)
        status = self.socket_folder.lstat()
        if status.st_uid != owner or status.st_mode & 0o777 != 0o700 or self.socket_folder.is_symlink():
            raise EmbeddedPostgresError(
                f"The folder {self.socket_folder} for the database's socket was made by somebody else. Remove it, or"
                " choose a shorter TIEOUT_DATA_DIR."
            )

    def _forget_reused_pid(self) -> None:
        """PostgreSQL will not start while the pid it left behind lives, whichever program (or zombie) has it now.

        Called when no server of this folder runs. Children of a killed server that still write are found by
        PostgreSQL itself, by the shared memory that they hold.
        """
        _reap()
        for path in (self.cluster / "postmaster.pid", self.socket_folder / f"{SOCKET_NAME}.lock"):
            try:
                os.kill(int(path.read_text().split("\n", 1)[0]), 0)
            except ProcessLookupError:
                continue
            except (OSError, ValueError):
                pass
            path.unlink(missing_ok=True)

    def _spawn(self, command: list[str], account: Account) -> tuple[subprocess.Popen[bytes], int]:
        """Start the server in a session of its own, so that Ctrl-C ends Tieout first and the server after it."""
        try:
            if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            with _open_for_us_alone(self.log) as log:
                log_start = self.log.stat().st_size  # before the server shares, and moves, the file's position
                process = subprocess.Popen(
                    command,
                    cwd=self.cluster,
                    env=SERVER_ENVIRONMENT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    **account.as_arguments(),
                )
                _children.append(process)
                return process, log_start
        except OSError as error:
            raise EmbeddedPostgresError(sentence_for_os_error(error, self.cluster)) from error

    def _wait_until_ready(self, process: subprocess.Popen[bytes] | None, log_start: int) -> str:
        """Wait for the server's own "ready". Returns "" then, or the log when the server we started has ended."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            pid, state = self._pid_and_state()
            ended = process.poll() is not None if process else pid is None
            if ended:
                return self._log_since(log_start) or "(the server ended without a word)"
            if state == "ready" and (process is None or pid == process.pid):
                return ""
            time.sleep(0.02)
        raise EmbeddedPostgresError(
            sentence_for_log(self._log_since(log_start), self.cluster, f"was not ready within {START_SECONDS} s")
        )

    def _log_since(self, position: int) -> str:
        try:
            with self.log.open("rb") as log:
                log.seek(max(position, self.log.stat().st_size - 20_000))
                return log.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def _make_database(self) -> None:
        """The role and the database that Tieout works with; the role is no superuser."""
        try:
            with psycopg.connect(
                host=str(self.socket_folder), user=OWNER_ROLE, dbname="postgres", autocommit=True
            ) as connection:
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [TIEOUT_ROLE]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(TIEOUT_ROLE)))
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'tieout'").fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE tieout OWNER {}").format(sql.Identifier(TIEOUT_ROLE)))
        except psycopg.Error as error:
            raise EmbeddedPostgresError(
                f"The embedded database in {self.cluster} runs but cannot be entered: {str(error).strip()}"
            ) from error

    # --- stopping ---

    def _stop(self) -> None:
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGINT)  # PostgreSQL's "fast" shutdown
            if not self._gone_within(STOP_SECONDS):
                os.kill(pid, signal.SIGQUIT)  # "immediate": the next start recovers
                self._gone_within(5)
        _reap()
        if self.socket_folder != self.cluster:
            shutil.rmtree(self.socket_folder, ignore_errors=True)

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            _reap()
            if self.pid() is None:
                return True
            time.sleep(0.02)
        return False
