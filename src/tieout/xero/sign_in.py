"""OAuth 2.0 with Xero: the authorization-code flow, rotating refresh tokens, connections, leaving.

In: the app's client id and secret, a code or a refresh token. Out: `Tokens`, tenants. Always: nothing here stores or
logs a token, and `Tokens` never shows one in its repr. Xero rotates the refresh token at each use: the caller stores
the new pair before using it. Leaving goes in this order: delete the connection, then revoke; a revoked token can no
longer delete.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

import httpx2
import msgspec

from tieout.xero.client import send
from tieout.xero.errors import AccessLost, AnswerLost, SignInFailed
from tieout.xero.types import Tenant

T = TypeVar("T")

SCOPES = (
    "offline_access accounting.settings accounting.contacts accounting.invoices accounting.payments "
    "accounting.banktransactions accounting.manualjournals accounting.attachments"
)


@dataclass(frozen=True, slots=True)
class App:
    """The app registered with Xero, and where Xero's servers are."""

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str = "https://api.xero.com"
    login_url: str = "https://login.xero.com"
    identity_url: str = "https://identity.xero.com"


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scope: str


class _TokenAnswer(msgspec.Struct):
    access_token: str
    expires_in: int
    refresh_token: str = ""
    scope: str = ""


class _OAuthError(msgspec.Struct):
    error: str = "unknown_error"


class SignIn:
    """The identity server, for one app. `now` gives aware times. `observe` hears of each call made: its resource."""

    def __init__(
        self,
        http: httpx2.Client,
        app: App,
        now: Callable[[], datetime],
        observe: Callable[[str], None] = lambda resource: None,
    ) -> None:
        self._http, self._app, self._now, self._observe = http, app, now, observe

    def authorise_url(self, redirect_uri: str, state: str, scope: str = SCOPES) -> str:
        """Where to send the person. `state` must be unguessable and is checked when they come back."""
        query = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": redirect_uri,
            "scope": scope,
            "state": state,
        }
        return f"{self._app.login_url}/identity/connect/authorize?{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str) -> Tokens:
        """The first tokens for a code. A code works once, for five minutes. Raises SignInFailed."""
        return self._tokens({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri})

    def refresh(self, refresh_token: str) -> Tokens:
        """The next pair. Raises SignInFailed where the refresh token is used, revoked or over 60 days old."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def _tokens(self, form: dict[str, str]) -> Tokens:
        response = self._identity("/connect/token", form)
        if response.status_code == 400:
            raise SignInFailed(_decode(response, _OAuthError).error)
        if response.status_code != 200:
            raise AnswerLost("POST", "connect/token", f"it answered {response.status_code}")
        answer = _decode(response, _TokenAnswer)
        return Tokens(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            expires_at=self._now() + timedelta(seconds=answer.expires_in),
            scope=answer.scope,
        )

    def revoke(self, refresh_token: str) -> None:
        """End the grant, and with it every connection that the person gave this app."""
        response = self._identity("/connect/revocation", {"token": refresh_token})
        if response.status_code not in (200, 400):
            raise AnswerLost("POST", "connect/revocation", f"it answered {response.status_code}")

    def _identity(self, path: str, form: dict[str, str]) -> httpx2.Response:
        self._observe(path.rsplit("/", 1)[-1])
        credentials = (self._app.client_id, self._app.client_secret)
        return send(self._http, "POST", self._app.identity_url + path, path.lstrip("/"), data=form, auth=credentials)

    def tenants(self, access_token: str) -> list[Tenant]:
        """The organisations that the person let this app into."""
        response = self._connections("GET", "", access_token)
        return _decode(response, list[Tenant])

    def drop(self, access_token: str, connection_id: str) -> None:
        """Delete one connection; tokens stay valid. One that is gone already is fine."""
        self._connections("DELETE", f"/{connection_id}", access_token)

    def _connections(self, method: str, tail: str, access_token: str) -> httpx2.Response:
        self._observe("connections")
        headers = {"Authorization": f"Bearer {access_token}"}
        path = f"connections{tail}"
        response = send(self._http, method, f"{self._app.api_url}/{path}", path, headers=headers)
        if response.status_code in (401, 403):
            raise AccessLost(method, path, response.status_code, "")
        if response.status_code not in (200, 204, 404):
            raise AnswerLost(method, path, f"it answered {response.status_code}")
        return response


def _decode(response: httpx2.Response, form: type[T]) -> T:
    try:
        return msgspec.json.decode(response.content, type=form)
    except msgspec.MsgspecError as error:
        path = response.request.url.path
        raise AnswerLost(response.request.method, path, "the answer was not what it should be") from error
