"""Logging: nothing secret leaves, whatever name it hides under."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from tieout.logs import REDACTED, configure_logging, redact, redact_event

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What goes to stderr, as JSON lines."""
    configure_logging(as_json=True)
    (handler,) = [handler for handler in logging.getLogger().handlers if handler.get_name() == "tieout"]
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    yield stream
    configure_logging(as_json=True)


@pytest.mark.parametrize(
    "name",
    ["Authorization", "access_token", "refresh_token", "client_secret", "password", "Set-Cookie", "X-Xero-Signature"],
)
def test_a_secret_is_known_by_its_name_at_any_depth(name: str) -> None:
    assert redact({"request": [{"headers": {name: "abc123"}}]}) == {"request": [{"headers": {name: REDACTED}}]}
    assert redact([(name, "abc123"), ("Accept", "json")]) == [[name, REDACTED], ["Accept", "json"]]


@pytest.mark.parametrize(
    "text",
    [
        f"sent Bearer {TOKEN} to Xero",
        f"the token {TOKEN} ran out",
        "Authorization: Basic Y2xpZW50OmFiY2RlZg==",
        "grant_type=refresh_token&refresh_token=Y2xpZW50OmFiY2RlZg==",
        '{"access_token": "Y2xpZW50OmFiY2RlZg==", "expires_in": 1800}',
        "postgresql://tieout:Y2xpZW50OmFiY2RlZg==@db/tieout",
        "client_secret='Y2xpZW50OmFiY2RlZg=='",
    ],
)
def test_a_secret_is_known_inside_a_sentence(text: str) -> None:
    clean = redact(text)
    assert REDACTED in clean
    assert TOKEN not in clean
    assert "Y2xpZW50OmFiY2RlZg" not in clean


def test_what_is_no_secret_stays_as_it_is() -> None:
    event = {"event": "Invoice INV-0042 sent", "total": 12, "tokens": 3, "none": None, "lines": ["a", "b"]}
    assert redact_event(None, "info", dict(event)) == event


def test_our_own_lines_are_json_without_secrets(lines: io.StringIO) -> None:
    structlog.get_logger("tieout.sync").warning("refused", headers={"Authorization": f"Bearer {TOKEN}"}, status=401)
    line = json.loads(lines.getvalue())
    assert line["event"] == "refused"
    assert line["headers"] == {"Authorization": REDACTED}
    assert (line["status"], line["level"], line["logger"]) == (401, "warning", "tieout.sync")


def test_lines_of_libraries_take_the_same_way(lines: io.StringIO) -> None:
    logging.getLogger("somebody.else").error("POST failed with %s", f"Bearer {TOKEN}", extra={"client_secret": "abc"})
    line = json.loads(lines.getvalue())
    assert line["event"] == f"POST failed with Bearer {REDACTED}"
    assert line["client_secret"] == REDACTED


def test_a_traceback_is_searched_too(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"bad token {TOKEN}")
    except ValueError:
        structlog.get_logger("tieout").exception("broken")
    assert TOKEN not in lines.getvalue()
    assert "ValueError: bad token" in json.loads(lines.getvalue())["exception"]
