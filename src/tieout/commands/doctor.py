"""`tieout doctor`: what is well and what is not, and what to do about it.

In: the environment, the data folder, the database, Xero's addresses. Out: one line for each check, or with `--json`
`{"well": bool, "checks": [{"name", "well", "says", "do"}]}`; exit code 0 only when every check is well. Always: it
changes nothing but the keys and the database that a first start would make; no secret is shown; a check that fails
never stops the next one.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import httpx2
import psycopg

from tieout.cli import running_database, set_up_django
from tieout.environment import Environment, SettingsError
from tieout.exit_codes import FAILED, WELL, code_for, sentence_for

OLDEST_POSTGRESQL = 15
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `do` is empty when it is well."""

    name: str
    well: bool
    says: str
    do: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--offline", action="store_true", help="leave out whether Xero can be reached")


def run(args: argparse.Namespace) -> int:
    checks = []
    for check in examine(offline=args.offline):
        checks.append(check)
        if not args.json:
            print(f"{'OK     ' if check.well else 'PROBLEM'}  {check.name}: {check.says}", flush=True)
            if check.do:
                print(f"         → {check.do}")
    well = all(check.well for check in checks)
    if args.json:
        print(json.dumps({"well": well, "checks": [asdict(check) for check in checks]}))
    else:
        problems = sum(not check.well for check in checks)
        print("All is well." if well else f"{problems} of {len(checks)} checks found a problem.")
    return WELL if well else FAILED


def examine(*, offline: bool) -> Iterator[Check]:
    """Every check, in the order in which one depends on the other."""
    try:
        environment = Environment.read()
    except SettingsError as error:
        yield Check("settings", False, str(error), "Set it and run `tieout doctor` again; the rest depends on it.")
        return
    yield from _settings(environment)
    yield from _keys(environment)
    yield from _database(environment)
    yield _xero_app(environment)
    if not offline:
        for name, url in (
            ("Xero's API", environment.xero.api_url),
            ("Xero's sign-in page", environment.xero.login_url),
            ("Xero's identity server", environment.xero.identity_url),
        ):
            yield _reachable(name, url)


def _settings(environment: Environment) -> Iterator[Check]:
    yield Check("TIEOUT_DATABASE_URL", True, "not set: the embedded database" if environment.embedded else "set")
    yield Check("TIEOUT_DATA_DIR", True, str(environment.data_dir))
    if environment.public_url:
        https = environment.public_url.startswith("https://")
        local = "localhost" in environment.public_url or "127.0.0.1" in environment.public_url
        yield Check(
            "TIEOUT_PUBLIC_URL",
            https or local,
            environment.public_url,
            "" if https or local else "Serve Tieout over https and set the https address; sign-in is unsafe without.",
        )
    else:
        yield Check("TIEOUT_PUBLIC_URL", True, "not set: this machine only (Xero's webhooks need a public address)")
    yield Check("TIEOUT_ALLOWED_HOSTS", True, ", ".join(environment.allowed_hosts))
    exposed = environment.debug and bool(environment.public_url)
    yield Check(
        "TIEOUT_DEBUG",
        not exposed,
        "on" if environment.debug else "off",
        "Unset it: error pages show internals to everyone who reaches TIEOUT_PUBLIC_URL." if exposed else "",
    )
    mail = environment.mail
    told = f"{mail.host}, as {mail.sender}" if mail else "not set: nobody is told of errors by e-mail"
    yield Check("TIEOUT_EMAIL_URL", True, told)
    yield Check("TIEOUT_LOG_FORMAT", True, "json" if environment.log_as_json else "console")


def _keys(environment: Environment) -> Iterator[Check]:
    try:
        environment.make_keys()
        problems = environment.problems()
    except SettingsError as error:
        problems = [str(error)]
    for problem in problems:
        says, _, do = problem.rpartition("Make one with: ")
        yield Check("keys", False, (says or problem).strip(), f"Make one with: {do}" if says else "")
    if problems:
        return
    kept = "from the environment" if environment.given_secret_key else f"kept in {environment.secret_key_file}"
    yield Check("TIEOUT_SECRET_KEY", True, kept)
    count = len(environment.encryption_keys())
    place = "from the environment" if environment.given_encryption_keys else f"in {environment.encryption_keys_file}"
    yield Check("TIEOUT_ENCRYPTION_KEYS", True, f"{count} {'key' if count == 1 else 'keys'}, {place}")


def _database(environment: Environment) -> Iterator[Check]:
    try:
        with running_database(environment):
            yield _version(environment)
            yield _migrations()
    except Exception as error:
        if code_for(error) is None:
            raise
        yield Check("database", False, sentence_for(error), "Nothing works without it; mend this first.")


def _version(environment: Environment) -> Check:
    place = environment.database()
    with psycopg.connect(
        dbname=place["NAME"],
        user=place["USER"] or None,
        password=place.get("PASSWORD") or None,
        host=place["HOST"] or None,
        port=place.get("PORT") or None,
        connect_timeout=int(SECONDS),
    ) as connection:
        number = connection.info.server_version
    well = number // 10_000 >= OLDEST_POSTGRESQL
    do = "" if well else f"Tieout needs PostgreSQL {OLDEST_POSTGRESQL} or later; upgrade the server."
    return Check("database", well, f"PostgreSQL {number // 10_000}.{number % 10_000}", do)


def _migrations() -> Check:
    set_up_django()
    from tieout.commands.migrate import pending  # models load only after Django is set up

    names = pending()
    if not names:
        return Check("migrations", True, "the database is at this version")
    return Check("migrations", False, f"{len(names)} are missing, from {names[0]} on", "Run `tieout migrate`.")


def _xero_app(environment: Environment) -> Check:
    missing = [
        name
        for name, value in (
            ("TIEOUT_XERO_CLIENT_ID", environment.xero.client_id),
            ("TIEOUT_XERO_CLIENT_SECRET", environment.xero.client_secret),
        )
        if not value
    ]
    if not missing:
        return Check("Xero app", True, f"client id {environment.xero.client_id[:4]}…, secret set")
    return Check(
        "Xero app",
        False,
        f"{' and '.join(missing)} not set",
        "Make a web app at https://developer.xero.com/app/manage and set both, or nobody can connect to Xero.",
    )


def _reachable(name: str, url: str) -> Check:
    """Any answer will do, a refusal too: it shows that the address, the network and the certificate are right."""
    try:
        httpx2.get(url, timeout=SECONDS)
    except httpx2.HTTPError as error:
        return Check(
            name,
            False,
            f"{url} does not answer ({error or type(error).__name__})",
            "Check the address and the network.",
        )
    return Check(name, True, f"{url} answers")
