"""Logging: one structlog pipeline for Tieout's own lines and for those of its libraries.

In: log calls anywhere. Out: one line on stderr each, JSON or for a terminal. Always: no token, secret, password or
Authorization header leaves the process in a log line, whatever name it hides under and however deep it is nested.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"
_SECRET_NAME = re.compile(
    r"authorization|token|secret|password|passwd|cookie|api[-_]?key|encryption[-_]?key|code[-_]verifier|csrf|signature",
    re.IGNORECASE,
)
# Secrets inside text: "Bearer …" and "Basic …", JSON web tokens, name=value and "name": "value" pairs, and the
# password of an address.
_SECRET_TEXTS = [
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), rf"\1 {REDACTED}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*\.?[A-Za-z0-9_-]*"), REDACTED),
    (
        re.compile(
            r"((?:access_token|refresh_token|id_token|client_secret|code_verifier|password|secret|authorization)"
            r"[\"']?\s*[=:]\s*[\"']?)(?!\s*\[redacted|\s*Bearer|\s*Basic)[^\s\"'&,;}]+",
            re.IGNORECASE,
        ),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(\w+://[^\s/:@]+:)[^\s/@]+@"), rf"\1{REDACTED}@"),
]


def redact(value: Any) -> Any:
    """The same value without secrets. Mappings and sequences are searched to the bottom."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {name: _redact_named(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_item(item) for item in value]
    return _redact_text(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))


def _redact_text(text: str) -> str:
    for pattern, instead in _SECRET_TEXTS:
        text = pattern.sub(instead, text)
    return text


def _redact_item(item: Any) -> Any:
    """An item of a list; headers come as pairs: ("Authorization", "Bearer …"), as text or bytes."""
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str | bytes):
        return [redact(item[0]), _redact_named(str(item[0]), item[1])]
    return redact(item)


def _redact_named(name: str, value: Any) -> Any:
    counts = value is None or isinstance(value, bool | int | float)
    return REDACTED if _SECRET_NAME.search(name) and not counts else redact(value)


def redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """structlog's processor: the last one before a line is written."""
    return {name: _redact_named(name, value) for name, value in event.items()}


def configure_logging(*, as_json: bool, level: int = logging.INFO) -> None:
    """Send every log line of this process to stderr through the redaction. May be called again."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(default=str)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact_event, last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name("tieout")
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [old for old in root.handlers if old.get_name() == "tieout"]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("httpx2", "httpcore2", "procrastinate"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
