"""The environment: every variable understood, or refused with what to do."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tieout.environment import Environment, SettingsError, embedded_socket_folder

KEY = Fernet.generate_key().decode()


def read(**variables: str) -> Environment:
    return Environment.read({f"TIEOUT_{name}": value for name, value in variables.items()})


def test_without_any_variable_the_data_lie_in_the_users_own_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert Environment.read({}).data_dir == tmp_path / "home/.local/share/tieout"
    assert Environment.read({"XDG_DATA_HOME": "/srv/data"}).data_dir == Path("/srv/data/tieout")


def test_a_data_folder_in_the_working_folder_is_used_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".data").mkdir()
    assert Environment.read({}).data_dir == tmp_path / ".data"
    assert read(DATA_DIR="elsewhere").data_dir == tmp_path / "elsewhere"


def test_reading_writes_nothing(tmp_path: Path) -> None:
    environment = read(DATA_DIR=str(tmp_path / "data"))
    assert environment.secret_key() == ""
    assert environment.encryption_keys() == []
    assert list(tmp_path.iterdir()) == []


def test_xero_is_the_real_one_unless_told_otherwise() -> None:
    assert read().xero.api_url == "https://api.xero.com"
    assert read().xero.login_url == "https://login.xero.com"
    assert read().xero.identity_url == "https://identity.xero.com"
    assert read(XERO_API_URL="http://127.0.0.1:9000/").xero.api_url == "http://127.0.0.1:9000"


@pytest.mark.parametrize("name", ["XERO_API_URL", "XERO_LOGIN_URL", "XERO_IDENTITY_URL", "PUBLIC_URL"])
@pytest.mark.parametrize("value", ["api.xero.com", "ftp://x", "https://", "https://x?y=1"])
def test_an_address_that_is_none_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"TIEOUT_{name} must be an address"):
        read(**{name: value})


def test_no_secret_shows_when_the_environment_is_printed() -> None:
    environment = read(SECRET_KEY="s3cret", ENCRYPTION_KEYS=KEY, XERO_CLIENT_SECRET="hush")
    assert not [secret for secret in ("s3cret", KEY, "hush") if secret in repr(environment)]


@pytest.mark.parametrize(("value", "meaning"), [("1", True), ("true", True), ("0", False), ("", False), ("off", False)])
def test_debug_is_a_switch(value: str, meaning: bool) -> None:
    assert read(DEBUG=value).debug is meaning


def test_a_switch_that_is_neither_on_nor_off_is_refused() -> None:
    with pytest.raises(SettingsError, match="TIEOUT_DEBUG must be 1 or 0"):
        read(DEBUG="maybe")


def test_the_public_address_is_an_allowed_host() -> None:
    hosts = read(PUBLIC_URL="https://books.example.com", ALLOWED_HOSTS="a.example.com, b.example.com").allowed_hosts
    assert hosts == ["a.example.com", "b.example.com", "books.example.com", "localhost", "127.0.0.1", "[::1]"]


def test_answering_for_every_host_is_refused() -> None:
    with pytest.raises(SettingsError, match="TIEOUT_ALLOWED_HOSTS"):
        read(ALLOWED_HOSTS="*")


# --- keys ---


def test_one_machine_makes_its_keys_once_and_for_itself_alone(tmp_path: Path) -> None:
    environment = read(DATA_DIR=str(tmp_path / "data"))
    environment.make_keys()
    made = environment.secret_key(), environment.encryption_keys()
    environment.make_keys()
    assert (environment.secret_key(), environment.encryption_keys()) == made
    assert len(made[0]) >= 50
    assert Fernet(made[1][0])
    assert environment.problems() == []
    for file in (environment.secret_key_file, environment.encryption_keys_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {file.name for file in environment.data_dir.iterdir()} == {"encryption-keys", "secret-key"}
    assert stat.S_IMODE(environment.data_dir.stat().st_mode) == 0o700


def test_given_keys_are_taken_and_none_is_made(tmp_path: Path) -> None:
    environment = read(DATA_DIR=str(tmp_path), SECRET_KEY="given", ENCRYPTION_KEYS=f"{KEY}, {KEY}")
    environment.make_keys()
    assert environment.secret_key() == "given"
    assert environment.encryption_keys() == [KEY, KEY]
    assert list(tmp_path.iterdir()) == []


def test_a_server_of_ones_own_needs_keys_of_ones_own(tmp_path: Path) -> None:
    environment = read(DATABASE_URL="postgresql://u@db/tieout", DATA_DIR=str(tmp_path))
    environment.make_keys()
    missing_secret, missing_encryption = environment.problems()
    assert "TIEOUT_SECRET_KEY is not set" in missing_secret
    assert "secrets.token_urlsafe" in missing_secret
    assert "TIEOUT_ENCRYPTION_KEYS is not set" in missing_encryption
    assert "Fernet.generate_key" in missing_encryption
    with pytest.raises(SettingsError, match="TIEOUT_SECRET_KEY"):
        environment.check()


def test_a_key_that_is_none_is_named_by_its_place_and_not_shown() -> None:
    (problem,) = read(DATABASE_URL="postgresql://u@db/t", SECRET_KEY="x", ENCRYPTION_KEYS=f"{KEY},short").problems()
    assert "Key 2 of TIEOUT_ENCRYPTION_KEYS" in problem
    assert "short" not in problem


# --- the database's address ---


def test_an_address_is_taken_apart() -> None:
    database = read(DATABASE_URL="postgresql://me:p%40ss@db.example.com:6543/books?sslmode=require").database()
    assert database["NAME"] == "books"
    assert database["USER"] == "me"
    assert database["PASSWORD"] == "p@ss"
    assert database["HOST"] == "db.example.com"
    assert database["PORT"] == "6543"
    assert database["OPTIONS"] == {"application_name": "tieout", "sslmode": "require", "server_side_binding": False}


def test_an_address_may_name_a_socket() -> None:
    database = read(DATABASE_URL="postgresql://tieout@/tieout?host=/run/postgresql").database()
    assert (database["HOST"], database["USER"], database["NAME"]) == ("/run/postgresql", "tieout", "tieout")


@pytest.mark.parametrize("url", ["mysql://a@b/c", "postgresql://a@b", "postgresql://a:secret@b:port/c", "books"])
def test_an_address_that_is_none_is_refused_without_showing_its_password(url: str) -> None:
    (problem, *_) = read(DATABASE_URL=url, SECRET_KEY="x", ENCRYPTION_KEYS=KEY).problems()
    assert "TIEOUT_DATABASE_URL must look like" in problem
    assert "secret" not in problem


def test_without_an_address_it_is_the_embedded_servers_socket() -> None:
    database = read(DATA_DIR="/srv/tieout").database()
    assert (database["HOST"], database["USER"], database["NAME"]) == ("/srv/tieout/postgres", "tieout", "tieout")


def test_a_long_folder_gets_a_short_socket_folder_of_its_own() -> None:
    one, other = (embedded_socket_folder(Path("/srv") / (letter * 150)) for letter in "ab")
    assert one != other
    assert len(str(one)) < 60
    assert one == embedded_socket_folder(Path("/srv") / ("a" * 150))
