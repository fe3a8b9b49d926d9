"""The command line: what it prints where, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError, ProgrammingError

from tieout import cli
from tieout.embedded.errors import EmbeddedPostgresError
from tieout.embedded.postgres import EmbeddedPostgres
from tieout.environment import SettingsError
from tieout.exit_codes import CommandFailed, WrongUsage, code_for, sentence_for
from tieout.xero.errors import AccessLost, NotSent, SignInFailed, TooManyCalls

KEYS = {"TIEOUT_SECRET_KEY": "for tests", "TIEOUT_ENCRYPTION_KEYS": Fernet.generate_key().decode()}
NO_DATABASE = {"TIEOUT_DATABASE_URL": "postgresql://tieout@127.0.0.1:1/tieout", **KEYS}


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def surroundings(variables: dict[str, str]) -> dict[str, str]:
    """This process's environment without Tieout's variables, and with the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TIEOUT_", "DJANGO_"))}
    return {**kept, "TIEOUT_LOG_FORMAT": "json", **variables}


def tieout(*arguments: str, **variables: str) -> Ended:
    answer = subprocess.run(
        [sys.executable, "-m", "tieout", *arguments],
        env=surroundings(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in answer.stderr
    return Ended(answer.returncode, answer.stdout, answer.stderr)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder that `tieout migrate` has made ready, its server left running for the module."""
    folder = tmp_path_factory.mktemp("home") / "data"
    with EmbeddedPostgres(folder, fast=True):
        ended = tieout("migrate", "--json", TIEOUT_DATA_DIR=str(folder))
        assert ended.code == 0, ended.err
        assert "core.0001_initial" in json.loads(ended.out)["applied"]
        yield folder


# --- the table of exit codes ---


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CommandFailed("x"), 1),
        (WrongUsage("x"), 2),
        (SettingsError("x"), 3),
        (EmbeddedPostgresError("x"), 4),
        (OperationalError("x"), 4),
        (NotSent("GET", "/Invoices", "no route"), 5),
        (SignInFailed("invalid_grant"), 5),
        (AccessLost("GET", "/Invoices", 403, ""), 5),
        (TooManyCalls("GET", "/Invoices", "day", 60), 1),
        (ZeroDivisionError("x"), None),
        (ProgrammingError("a mistake in our SQL"), None),
    ],
)
def test_each_kind_of_trouble_has_its_code(error: Exception, code: int | None) -> None:
    assert code_for(error) == code


def test_every_name_in_the_table_is_a_class_that_exists() -> None:
    from importlib import import_module

    from tieout.exit_codes import CODES

    for name in CODES:
        module, _, kind = name.rpartition(".")
        found = getattr(import_module(module), kind)
        assert f"{found.__module__}.{found.__qualname__}" == name


def test_a_database_error_says_what_to_do() -> None:
    assert sentence_for(OperationalError("connection refused\nIs it up?")) == (
        "The database cannot be reached: connection refused. Check TIEOUT_DATABASE_URL and that the server runs."
    )


# --- usage ---


def test_without_a_command_it_lists_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    listed = capsys.readouterr().out
    assert cli.main(["--help"]) == 0
    assert [name for name in cli.COMMANDS if f"\n  {name} " not in listed] == []


def test_a_wrong_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["reconcile", "--json"]) == 2
    said = capsys.readouterr()
    assert json.loads(said.out)["exit_code"] == 2
    assert "no command 'reconcile'" in said.err


def test_a_wrong_argument_is_wrong_usage(tmp_path: Path) -> None:
    ended = tieout("migrate", "--json", "--sideways", TIEOUT_DATA_DIR=str(tmp_path / "data"))
    assert ended.code == 2
    assert json.loads(ended.out)["exit_code"] == 2


def test_help_needs_no_database_and_no_keys() -> None:
    ended = tieout("migrate", "--help", TIEOUT_DATABASE_URL="postgresql://tieout@127.0.0.1:1/tieout")
    assert ended.code == 0
    assert "usage: tieout migrate" in ended.out


# --- trouble ---


def test_missing_keys_end_with_3_and_the_command_that_makes_one() -> None:
    ended = tieout("migrate", TIEOUT_DATABASE_URL="postgresql://tieout@127.0.0.1:1/tieout")
    assert ended.code == 3
    assert ended.err.startswith("TIEOUT_SECRET_KEY is not set")
    assert "python -c" in ended.err
    assert ended.out == ""


def test_a_variable_that_cannot_be_understood_ends_with_3() -> None:
    ended = tieout("migrate", "--json", TIEOUT_XERO_API_URL="xero")
    assert ended.code == 3
    assert "TIEOUT_XERO_API_URL" in json.loads(ended.out)["error"]


def test_a_database_that_is_down_ends_with_4() -> None:
    ended = tieout("migrate", "--json", **NO_DATABASE)
    assert ended.code == 4
    assert json.loads(ended.out)["error"].startswith("The database cannot be reached")
    assert "TIEOUT_DATABASE_URL" in ended.err


def test_a_worker_without_a_database_ends_with_4() -> None:
    assert tieout("worker", **NO_DATABASE).code == 4


def test_a_port_in_use_is_said_before_anything_starts(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = tieout("serve", "--port", str(taken.getsockname()[1]), TIEOUT_DATA_DIR=str(home))
    assert ended.code == 1
    assert "cannot listen on 127.0.0.1" in ended.err


def test_a_defect_is_told_as_one_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_given: list[str]) -> int:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(cli, "_run", broken)
    assert cli.main(["status", "--json"]) == 1
    said = capsys.readouterr()
    assert "Traceback" in said.err
    assert json.loads(said.out)["error"] == "A defect in Tieout: ZeroDivisionError: a bug"


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_given: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_run", interrupted)
    assert cli.main(["status"]) == 130


# --- doctor ---


def test_the_doctor_finds_all_well(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as xero:
        port = xero.getsockname()[1]
    ended = tieout(
        "doctor",
        "--json",
        "--offline",
        TIEOUT_DATA_DIR=str(home),
        TIEOUT_XERO_CLIENT_ID="A1B2C3D4E5F6",
        TIEOUT_XERO_CLIENT_SECRET="hush hush",
        TIEOUT_XERO_API_URL=f"http://127.0.0.1:{port}",
    )
    found = json.loads(ended.out)
    assert (ended.code, found["well"]) == (0, True)
    assert {"database", "migrations", "TIEOUT_SECRET_KEY", "Xero app"} <= {check["name"] for check in found["checks"]}
    assert "hush" not in ended.out


def test_the_doctor_says_what_to_do_about_each_problem(home: Path) -> None:
    addresses = {f"TIEOUT_XERO_{name}_URL": "http://127.0.0.1:1" for name in ("API", "LOGIN", "IDENTITY")}
    ended = tieout("doctor", "--json", TIEOUT_DATA_DIR=str(home), **addresses)
    problems = {check["name"]: check for check in json.loads(ended.out)["checks"] if not check["well"]}
    assert ended.code == 1
    assert set(problems) == {"Xero app", "Xero's API", "Xero's sign-in page", "Xero's identity server"}
    assert all(check["do"] for check in problems.values())


def test_the_doctor_survives_a_database_that_is_down() -> None:
    ended = tieout("doctor", "--offline", **NO_DATABASE)
    assert ended.code == 1
    assert "PROBLEM  database: The database cannot be reached" in ended.out
    assert "Xero app" in ended.out


def test_the_doctor_sees_missing_migrations(tmp_path: Path) -> None:
    ended = tieout("doctor", "--offline", TIEOUT_DATA_DIR=str(tmp_path / "data"))
    assert "PROBLEM  migrations" in ended.out
    assert "Run `tieout migrate`" in ended.out


# --- processes ---


def test_the_worker_stops_when_the_queue_is_empty_if_told_to(home: Path) -> None:
    assert tieout("worker", "--until-idle", TIEOUT_DATA_DIR=str(home)).code == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_serve_answers_and_stops_cleanly(home: Path, number: int, code: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = subprocess.Popen(
        [sys.executable, "-m", "tieout", "serve", "--port", str(port)],
        env=surroundings({"TIEOUT_DATA_DIR": str(home)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert _status(f"http://127.0.0.1:{port}/admin/login/", serve) == 200
        os.killpg(serve.pid, number)  # as a terminal does it: to every process of the group
        out, err = serve.communicate(timeout=60)
    finally:
        if serve.poll() is None:
            os.killpg(serve.pid, signal.SIGKILL)
            serve.communicate()
    assert serve.returncode == code, err
    assert "Traceback" not in err
    assert out == ""
    with socket.create_server(("127.0.0.1", port)):  # nobody listens any more
        pass


def test_a_killed_serve_leaves_nothing_running(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = subprocess.Popen(
        [sys.executable, "-m", "tieout", "serve", "--port", str(port)],
        env=surroundings({"TIEOUT_DATA_DIR": str(home)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,  # its children have it too: it ends when the last of them has gone
        text=True,
    )
    assert _status(f"http://127.0.0.1:{port}/admin/login/", serve) == 200
    serve.kill()
    _, err = serve.communicate(timeout=60)
    assert "Traceback" not in err
    with socket.create_server(("127.0.0.1", port)):  # nobody listens any more
        pass


def test_ctrl_c_at_the_terminal_stops_the_web_process_at_once(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    web = subprocess.Popen(
        [sys.executable, "-m", "tieout", "web", "--port", str(port)],
        env=surroundings({"TIEOUT_DATA_DIR": str(home)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert _status(f"http://127.0.0.1:{port}/admin/login/", web) == 200
        os.killpg(web.pid, signal.SIGINT)
        _, err = web.communicate(timeout=10)  # granian gives up on a process that hangs after 15 s
    finally:
        if web.poll() is None:
            web.kill()
            web.communicate()
    assert web.returncode == 130, err


def _status(url: str, process: subprocess.Popen[str]) -> int:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return int(answer.status)
        except OSError:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "nobody answered within a minute"
            time.sleep(0.2)
