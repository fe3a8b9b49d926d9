"""How a command ends: the one table from what went wrong to the exit code and the sentence.

    0  it went well
    1  it did not go well                    CommandFailed, and anything unforeseen
    2  wrong usage                           WrongUsage, and argparse itself
    3  the environment or a setting          SettingsError
    4  the database is down or unusable      EmbeddedPostgresError, OperationalError, …
    5  Xero unreachable or access revoked    Unanswered, SignInFailed, AccessLost
    130  Ctrl-C

In: an exception. Out: its code and a sentence with what to do. Always: classes are looked up by name, so that a
command that needs neither the database nor Xero loads neither.
"""

from __future__ import annotations

WELL, FAILED, USAGE, SETTINGS, DATABASE, XERO, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 4, 5, 130, 143


class CommandFailed(Exception):
    """A command did not go well for an expected reason. The text is one sentence with what to do."""


class WrongUsage(CommandFailed):
    """The arguments are understood but make no sense here: an unknown organisation, a date after its end."""


CODES = {
    "tieout.exit_codes.CommandFailed": FAILED,
    "tieout.exit_codes.WrongUsage": USAGE,
    "tieout.environment.SettingsError": SETTINGS,
    "django.core.exceptions.ImproperlyConfigured": SETTINGS,
    "tieout.embedded.errors.EmbeddedPostgresError": DATABASE,
    "django.db.utils.OperationalError": DATABASE,
    "django.db.utils.InterfaceError": DATABASE,
    "django.db.utils.ProgrammingError": DATABASE,
    "psycopg.OperationalError": DATABASE,
    "psycopg_pool.PoolTimeout": DATABASE,
    "procrastinate.exceptions.ConnectorException": DATABASE,
    "tieout.sync.vault.KeyLost": SETTINGS,
    "tieout.sync.run.AlreadyRunning": FAILED,
    "tieout.sync.access.NotConnected": XERO,
    "tieout.xero.errors.Unanswered": XERO,
    "tieout.xero.errors.SignInFailed": XERO,
    "tieout.xero.errors.AccessLost": XERO,
    "tieout.xero.errors.XeroError": FAILED,
}
UNDEFINED_TABLE, UNDEFINED_COLUMN = "42P01", "42703"


def code_for(error: BaseException) -> int | None:
    """The exit code of an expected trouble, by its nearest class in the table; None for the unforeseen."""
    for kind in type(error).__mro__:
        code = CODES.get(f"{kind.__module__}.{kind.__qualname__}")
        if code is not None:
            return None if type(error).__name__ == "ProgrammingError" and not _not_migrated(error) else code
    return None


def sentence_for(error: BaseException) -> str:
    """What went wrong and what to do. Our own exceptions say it themselves; the database's need a frame."""
    text = str(error).strip() or type(error).__name__
    if _not_migrated(error):
        return "The database lacks tables of this version of Tieout. Run `tieout migrate`."
    if code_for(error) == DATABASE and not type(error).__module__.startswith("tieout."):
        reason = text.splitlines()[0].rstrip(".")
        return f"The database cannot be reached: {reason}. Check TIEOUT_DATABASE_URL and that the server runs."
    return text


def _not_migrated(error: BaseException) -> bool:
    return getattr(error.__cause__ or error, "sqlstate", None) in (UNDEFINED_TABLE, UNDEFINED_COLUMN)
