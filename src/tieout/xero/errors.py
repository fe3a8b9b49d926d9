"""What can go wrong with Xero, as one tree.

    XeroError
    ├── SignInFailed             the identity server refused: code or refresh token used, expired or revoked
    ├── Unanswered               no usable answer came back
    │   ├── NotSent              the connection was never made: Xero has certainly done nothing
    │   └── AnswerLost           sent, then time-out, reset, 5xx or unreadable answer: Xero may have done it
    └── Refusal                  Xero answered, and said no to the whole call
        ├── AccessLost           401 or 403: token revoked, tenant disconnected, right or scope missing
        │   └── TokenExpired     401 that a refresh cures
        ├── TooManyCalls         429: done nothing; carries which limit and how long to wait
        ├── Unavailable          503 in Xero's own words (offline, maintenance): done nothing, later it may work
        ├── NotFound             404
        └── Malformed            any other 400-ish: our request is wrong, a bug of ours

An invalid *element* is no exception: it comes back as a value inside the answer. No error ever holds a token: only
method, path, status and Xero's own words go in.
"""

from __future__ import annotations


class XeroError(Exception):
    """Base of the tree. The text is a sentence for people."""


class SignInFailed(XeroError):
    """The identity server said no. `error` is its OAuth word, such as `invalid_grant`."""

    def __init__(self, error: str) -> None:
        self.error = error
        super().__init__(f"Xero did not accept the sign-in ({error}). Connect the organisation to Xero again.")


class Unanswered(XeroError):
    """No usable answer. `what` says what happened on the line."""

    def __init__(self, method: str, path: str, what: str) -> None:
        self.method, self.path, self.what = method, path, what
        super().__init__(f"No answer from Xero to {method} {path}: {what}.")


class NotSent(Unanswered):
    """The connection was never made."""


class AnswerLost(Unanswered):
    """The request may have been processed. `status` where Xero itself answered without saying (a 500)."""

    def __init__(self, method: str, path: str, what: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(method, path, what)


class Refusal(XeroError):
    """Xero refused the whole call."""

    def __init__(self, method: str, path: str, status: int, detail: str) -> None:
        self.method, self.path, self.status, self.detail = method, path, status, detail
        super().__init__(self.sentence())

    def sentence(self) -> str:
        return f"Xero answered {self.status} to {self.method} {self.path}: {self.detail or 'no reason given'}."


class AccessLost(Refusal):
    """The connection no longer has the right to do this."""

    def sentence(self) -> str:
        if "insuff" in self.detail.lower() or "AuthorizationUnsuccessful" in self.detail:
            return "Xero says that this connection lacks a right it needs. Reconnect and allow all that is asked for."
        return "Xero no longer lets Tieout into this organisation. Reconnect it to Xero."


class TokenExpired(AccessLost):
    """The access token ran out before its time; a refresh cures it."""


class TooManyCalls(Refusal):
    """429. `problem` is minute, day, concurrent or appminute; `retry_after` in seconds where Xero says."""

    def __init__(self, method: str, path: str, problem: str, retry_after: float | None) -> None:
        self.problem, self.retry_after = problem, retry_after
        super().__init__(method, path, 429, f"the {problem} limit is used up")


class Unavailable(Refusal):
    """503, said by the API itself before doing anything."""

    def sentence(self) -> str:
        return f"Xero is not available just now: {self.detail.rstrip('.')}."


class NotFound(Refusal):
    """404."""


class Malformed(Refusal):
    """Our request is wrong; sending it again cannot help."""
