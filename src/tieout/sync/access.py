"""The access token of a connection, refreshed by one at a time.

In: a grant. Out: a token that is good for the next minutes. Always: the grant's row is locked while Xero is asked, so
that workers never spend one refresh token twice; the new pair is stored and committed before anyone uses it; if the
answer to a refresh is lost, the old pair still stands and Xero takes it again for half an hour.
"""

from __future__ import annotations

import threading
from datetime import timedelta

from django.db import transaction

from tieout.sync import vault
from tieout.sync.clock import Clock
from tieout.sync.models import Connection, Grant
from tieout.xero.errors import SignInFailed
from tieout.xero.sign_in import SignIn, Tokens

MARGIN = timedelta(minutes=3)


class NotConnected(Exception):
    """The organisation has no live connection, or its access was revoked; the text says what to do."""


class Access:
    """The token of one connection. `token` may be called from any thread; `ensure` and `refresh` from one."""

    def __init__(self, connection: Connection, sign_in: SignIn, clock: Clock) -> None:
        if connection.grant is None:
            raise NotConnected(f"{connection.organisation} is not signed in to Xero. Connect it first.")
        self._connection, self._sign_in, self._clock = connection, sign_in, clock
        self._lock = threading.Lock()
        self._read(connection.grant)

    def token(self) -> str:
        with self._lock:
            return self._token

    def ensure(self) -> None:
        """Refresh if the token runs out within the next minutes."""
        if self._expires_at - self._clock.now() < MARGIN:
            self.refresh()

    def refresh(self) -> None:
        """Take the pair that another worker stored meanwhile, or ask Xero for the next one.

        Raises NotConnected where the grant was revoked or given back, and Unanswered where Xero does not answer.
        """
        with transaction.atomic():
            grant = Grant.objects.select_for_update().filter(connection=self._connection).first()
            if grant is None:
                raise NotConnected(f"{self._connection.organisation} was disconnected from Xero. Connect it again.")
            if grant.expires_at <= self._expires_at:
                self._ask(grant)
        self._read(grant)

    def _ask(self, grant: Grant) -> None:
        try:
            tokens = self._sign_in.refresh(vault.unseal(grant.tokens)[1])
        except SignInFailed as error:
            raise NotConnected(str(error)) from error
        fill(grant, tokens, self._clock)
        grant.save()

    def _read(self, grant: Grant) -> None:
        with self._lock:
            self._token = vault.unseal(grant.tokens)[0]
            self._expires_at = grant.expires_at


def fill(grant: Grant, tokens: Tokens, clock: Clock) -> Grant:
    """A grant holding these tokens, not saved yet."""
    grant.tokens = vault.seal(tokens.access_token, tokens.refresh_token)
    grant.expires_at = tokens.expires_at
    grant.scope = tokens.scope
    grant.refreshed_at = clock.now()
    return grant
