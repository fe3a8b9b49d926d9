"""Sign-in: apps, consents, tokens and connections.

In: what a browser or an app sends to the authorise, token, revocation and connections addresses. Out:
codes, tokens and connections, or an OAuth error word. What always holds: a code works once and for 5
minutes; an access token for 30 minutes; a refresh token for 60 days, and when it was exchanged its old form
for 30 minutes more; scopes only grow until revoked; revocation removes every connection of the app.
"""

import base64
import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from xero_twin import scopes
from xero_twin.clock import Clock
from xero_twin.organisation import Guids

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=60)
GRACE = timedelta(minutes=30)


class OAuthError(Exception):
    """An identity error word such as invalid_grant; answered with 400, or sent back to the redirect
    address."""


@dataclass
class App:
    """A registered app. Without a secret it is a PKCE app; with a `custom_tenant` a custom connection."""

    client_id: str
    client_secret: str | None
    redirect_uris: tuple[str, ...]
    name: str
    any_localhost: bool = False
    custom_tenant: str | None = None
    granted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Xero registers no other addresses; 127.0.0.1 is not localhost. Raises ValueError."""
        for address in self.redirect_uris:
            parts = urlsplit(address)
            if parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "localhost"):
                raise ValueError(f"An app may redirect to https or to http://localhost, not to {address}.")

    def redirects_to(self, address: str) -> bool:
        if address in self.redirect_uris:
            return True
        parts = urlsplit(address)
        return self.any_localhost and parts.scheme == "http" and parts.hostname == "localhost"


@dataclass
class Connection:
    id: str
    app: str
    tenant: str
    auth_event: str
    created: datetime
    updated: datetime


@dataclass
class Code:
    app: str
    redirect_uri: str
    expires: datetime
    auth_event: str
    challenge: str | None
    offline: bool


@dataclass
class Refresh:
    """`family` is one sign-in; `retired` is when the token was exchanged for the next."""

    app: str
    family: str
    auth_event: str
    expires: datetime
    retired: datetime | None = None


@dataclass(frozen=True)
class Access:
    app: str
    expires: datetime
    scopes: frozenset[str]
    family: str
    tenant: str | None = None  # only a custom connection is bound to one


class Identity:
    """The identity service of one twin, with its one user. Thread-safe."""

    def __init__(self, clock: Clock, guids: Guids) -> None:
        self._clock = clock
        self._guids = guids
        self._lock = threading.RLock()
        self.signing = secrets.token_bytes(32)
        self.user_id = guids.new()
        self.apps: dict[str, App] = {}
        self.connections: dict[str, Connection] = {}
        self._codes: dict[str, Code] = {}
        self.refresh: dict[str, Refresh] = {}
        self.access: dict[str, Access] = {}

    def take(self, kept: Any) -> None:
        """Take up what was kept of another's life: apps, connections, tokens and the key they are signed with."""
        with self._lock:
            self.user_id, self.signing = kept.user_id, kept.signing
            self.apps |= {app.client_id: app for app in kept.apps}
            self.connections = {one.id: one for one in kept.connections}
            self.refresh, self.access = dict(kept.refresh), dict(kept.access)

    def check_request(self, client_id: str, redirect_uri: str) -> App:
        """The app that a browser was sent by; raises OAuthError when it may not redirect there."""
        app = self.apps.get(client_id)
        if app is None or not app.redirects_to(redirect_uri):
            raise OAuthError("unauthorized_client")
        return app

    def check_scope(self, scope: str) -> None:
        if "app.connections" in scope.split():
            raise OAuthError("access_denied")
        if not scope.split() or scopes.unknown(scope):
            raise OAuthError("invalid_scope")

    def consent(self, app: App, redirect_uri: str, scope: str, tenants: list[str], challenge: str | None = None) -> str:
        """A user allows the app these scopes on these organisations; returns the code."""
        self.check_scope(scope)
        with self._lock:
            now, event = self._clock.now(), self._guids.new()
            app.granted |= set(scope.split())
            for tenant in tenants:
                self._connect(app, tenant, event, now)
            code = secrets.token_urlsafe(32)
            offline = "offline_access" in app.granted
            self._codes[code] = Code(app.client_id, redirect_uri, now + CODE_LIFE, event, challenge, offline)
            return code

    def _connect(self, app: App, tenant: str, event: str, now: datetime) -> None:
        for connection in self.connections.values():
            if connection.app == app.client_id and connection.tenant == tenant:
                connection.updated, connection.auth_event = now, event
                return
        connection = Connection(self._guids.new(), app.client_id, tenant, event, now, now)
        self.connections[connection.id] = connection

    def authenticate(self, client_id: str | None, client_secret: str | None) -> App:
        """The app behind a token request; a PKCE app has no secret. Raises OAuthError invalid_client."""
        app = self.apps.get(client_id or "")
        if app is None:
            raise OAuthError("invalid_client")
        if app.client_secret is not None and not hmac.compare_digest(
            app.client_secret.encode(), (client_secret or "").encode()
        ):
            raise OAuthError("invalid_client")
        return app

    def exchange_code(self, app: App, code: str, redirect_uri: str, verifier: str | None) -> dict[str, Any]:
        with self._lock:
            held = self._codes.pop(code, None)
            if held is None or held.app != app.client_id or held.expires <= self._clock.now():
                raise OAuthError("invalid_grant")
            if held.redirect_uri != redirect_uri or not _proves(held, app, verifier):
                raise OAuthError("invalid_grant")
            return self._tokens(app, held.auth_event, self._guids.new(), held.offline)

    def exchange_refresh(self, app: App, token: str) -> dict[str, Any]:
        """A new pair for a refresh token; its old form keeps working for the grace period."""
        with self._lock:
            held, now = self.refresh.get(token), self._clock.now()
            if held is None or held.app != app.client_id or held.expires <= now:
                raise OAuthError("invalid_grant")
            if held.retired is not None and held.retired + GRACE <= now:
                raise OAuthError("invalid_grant")
            if held.retired is None:
                held.retired = now
            return self._tokens(app, held.auth_event, held.family, offline=True)

    def client_credentials(self, app: App, scope: str) -> dict[str, Any]:
        """A token for a custom connection: one organisation, no refresh token."""
        if app.custom_tenant is None:
            raise OAuthError("unauthorized_client")
        if scopes.unknown(scope):
            raise OAuthError("invalid_scope")
        with self._lock:
            app.granted |= set(scope.split())
            return self._tokens(app, self._guids.new(), self._guids.new(), offline=False)

    def _tokens(self, app: App, event: str, family: str, offline: bool) -> dict[str, Any]:
        now = self._clock.now()
        scope = " ".join(sorted(app.granted))
        access = self._jwt(app, event, scope, now)
        self.access[access] = Access(
            app.client_id, now + ACCESS_LIFE, frozenset(app.granted), family, app.custom_tenant
        )
        answer = {
            "access_token": access,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
            "scope": scope,
        }
        if offline:
            refresh = secrets.token_urlsafe(32)
            self.refresh[refresh] = Refresh(app.client_id, family, event, now + REFRESH_LIFE)
            answer["refresh_token"] = refresh
        if "openid" in app.granted:
            answer["id_token"] = self._jwt(app, event, "openid", now, life=timedelta(minutes=5))
        return answer

    def _jwt(self, app: App, event: str, scope: str, now: datetime, life: timedelta = ACCESS_LIFE) -> str:
        claims = {
            "iss": "https://identity.xero.com",
            "aud": "https://identity.xero.com/resources",
            "client_id": app.client_id,
            "sub": self.user_id,
            "xero_userid": self.user_id,
            "authentication_event_id": event,
            "jti": secrets.token_hex(16),
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "scope": scope.split(),
        }
        head = _base64(msgspec.json.encode({"alg": "HS256", "typ": "JWT"}))
        text = f"{head}.{_base64(msgspec.json.encode(claims))}"
        return f"{text}.{_base64(hmac.new(self.signing, text.encode(), hashlib.sha256).digest())}"

    def bearer(self, token: str) -> Access | None:
        """What an access token stands for, also when it has expired; None when it is unknown or revoked."""
        return self.access.get(token)

    def revoke(self, app: App, token: str) -> None:
        """Every token of the app stops working and every connection of its user is removed."""
        with self._lock:
            held = self.refresh.get(token)
            if held is None or held.app != app.client_id:
                return
            app.granted.clear()
            self.refresh = {key: one for key, one in self.refresh.items() if one.app != app.client_id}
            self.access = {key: one for key, one in self.access.items() if one.app != app.client_id}
            self.connections = {key: one for key, one in self.connections.items() if one.app != app.client_id}

    def connections_of(self, client_id: str) -> list[Connection]:
        with self._lock:
            return [one for one in self.connections.values() if one.app == client_id]

    def apps_of(self, tenant: str) -> set[str]:
        """The apps that are connected to an organisation; a custom connection needs no connecting."""
        with self._lock:
            connected = {one.app for one in self.connections.values() if one.tenant == tenant}
        return connected | {app.client_id for app in list(self.apps.values()) if app.custom_tenant == tenant}

    def is_connected(self, access: Access, tenant: str) -> bool:
        if access.tenant is not None:
            return access.tenant == tenant
        with self._lock:
            for one in self.connections.values():
                if one.tenant == tenant and one.app == access.app:
                    return True
        return False

    def disconnect(self, client_id: str, connection_id: str) -> bool:
        """Drop one connection by its own id; the tokens stay valid."""
        with self._lock:
            held = self.connections.get(connection_id)
            if held is None or held.app != client_id:
                return False
            del self.connections[connection_id]
            return True


def redirect(address: str, **answers: str | None) -> str:
    """The redirect address with its answers in the query, the ones that are None left out."""
    query = urlencode({key: value for key, value in answers.items() if value is not None})
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _proves(code: Code, app: App, verifier: str | None) -> bool:
    if code.challenge is None:
        return app.client_secret is not None  # an app without a secret has only its proof key
    if verifier is None or not 43 <= len(verifier) <= 128:
        return False
    return hmac.compare_digest(_base64(hashlib.sha256(verifier.encode()).digest()), code.challenge)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
