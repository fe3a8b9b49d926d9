"""One call to Xero's accounting API, sent exactly once.

In: method, path, query, bytes. Out: an `Answer` with the bytes and the limits read from its headers, or one error of
the tree in `errors`. Always: explicit time-outs; no hidden retry; the token is asked for per call and never stored,
logged or put in an error; gzip is accepted; a 5xx to a write counts as lost, since Xero may have done the work.

The HTTP transport is the seam: anything that takes a request and gives a response can stand in for the network.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import httpx2
import msgspec

from tieout.xero import wire
from tieout.xero.errors import (
    AccessLost,
    AnswerLost,
    Malformed,
    NotFound,
    NotSent,
    TokenExpired,
    TooManyCalls,
    Unavailable,
)
from tieout.xero.types import Message

TIMEOUT = httpx2.Timeout(connect=10, read=45, write=30, pool=60)
BASE_PATH = "/api.xro/2.0/"
# What the API itself says when it turns a call away at the door; any other 503 may come from something in between.
_OFFLINE = ("offline for maintenance", "temporarily unavailable", "Organisation is offline")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer's headers say is left. None where a header was missing."""

    minute: int | None
    day: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    limits: Limits
    correlation_id: str
    seconds: float


def http_client(transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """The one way a client is made: time-outs set, redirects off, five connections at most."""
    return httpx2.Client(
        transport=transport or httpx2.HTTPTransport(retries=0, limits=httpx2.Limits(max_connections=5)),
        timeout=TIMEOUT,
        follow_redirects=False,
        headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "Tieout"},
    )


class Xero:
    """One tenant of Xero, as seen with one token source. Safe to share between threads."""

    def __init__(self, http: httpx2.Client, *, api_url: str, tenant_id: str, access_token: Callable[[], str]) -> None:
        self._http = http
        self._base = api_url.rstrip("/") + BASE_PATH
        self._tenant_id = tenant_id
        self._access_token = access_token

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        key: str | None = None,
        modified_since: datetime | None = None,
    ) -> Answer:
        """Send once. `path` is relative, such as `Invoices`. `key` is the Idempotency-Key of a write.

        Raises NotSent, AnswerLost, TokenExpired, AccessLost, TooManyCalls, NotFound or Malformed.
        """
        headers = {"Authorization": f"Bearer {self._access_token()}", "xero-tenant-id": self._tenant_id}
        if body is not None:
            headers["Content-Type"] = content_type
        if key:
            headers["Idempotency-Key"] = key
        if modified_since:
            headers["If-Modified-Since"] = wire.modified_since(modified_since)
        started = time.monotonic()
        response = send(self._http, method, self._base + path, path, params=query, content=body, headers=headers)
        if response.status_code not in (200, 204, 304):
            _refuse(method, path, response)
        return Answer(
            status=response.status_code,
            body=response.content,
            limits=_limits(response.headers),
            correlation_id=response.headers.get("xero-correlation-id", ""),
            seconds=time.monotonic() - started,
        )


def send(http: httpx2.Client, method: str, url: str, path: str, **request: Any) -> httpx2.Response:
    """One request on the wire. Raises NotSent or AnswerLost; `path` is what an error may show."""
    try:
        return http.request(method, url, **request)
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise NotSent(method, path, "the connection could not be made") from error
    except httpx2.TimeoutException as error:
        raise AnswerLost(method, path, "it did not come in time") from error
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        raise AnswerLost(method, path, "the connection broke") from error


def _limits(headers: Mapping[str, str]) -> Limits:
    def number(name: str) -> int | None:
        value = headers.get(name, "")
        return int(value) if value.isdigit() else None

    return Limits(minute=number("X-MinLimit-Remaining"), day=number("X-DayLimit-Remaining"))


def _refuse(method: str, path: str, response: httpx2.Response) -> NoReturn:
    status, detail = response.status_code, _detail(response)
    if status == 429:
        seconds = response.headers.get("Retry-After", "")
        problem = response.headers.get("X-Rate-Limit-Problem", "minute")
        raise TooManyCalls(method, path, problem, float(seconds) if seconds.isdigit() else None)
    if status in (401, 403):
        kind = TokenExpired if status == 401 and detail.startswith("TokenExpired") else AccessLost
        raise kind(method, path, status, detail or response.headers.get("WWW-Authenticate", ""))
    if status == 503 and any(words in detail for words in _OFFLINE):
        raise Unavailable(method, path, status, detail)
    if status == 404:
        raise NotFound(method, path, status, detail)
    if status >= 500 or status < 400:
        # A 500 is Xero's own and final; any other 5xx may come from something in between while Xero is still at work.
        final = status if status == 500 else None
        raise AnswerLost(method, path, f"it answered {status}, {detail or 'without a reason'}", final)
    raise Malformed(method, path, status, detail)


class _Element(msgspec.Struct, rename="pascal"):
    validation_errors: list[Message] = msgspec.field(default_factory=list)


class _Problem(msgspec.Struct, rename="pascal"):
    detail: str | None = None
    message: str | None = None
    title: str | None = None
    elements: list[_Element] = msgspec.field(default_factory=list)


def _detail(response: httpx2.Response) -> str:
    """Xero's own words out of an error body, whatever its form; error pages may be text, XML or HTML."""
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
        told = [each.message for element in problem.elements for each in element.validation_errors]
        return " ".join(told) or problem.detail or problem.message or problem.title or ""
    except msgspec.MsgspecError:
        text = response.text.strip()
        return "" if text.startswith("<") else text[:200]
