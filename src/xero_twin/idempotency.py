"""Answers kept for six minutes under the key that their request carried.

In: an Idempotency-Key with its request. Out: the stored answer, or a refusal when the key was used for
another request or is too long. Keys belong to the app. The answer is kept from the first call on, errors
included, and is given again byte for byte.
"""

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from xero_twin.errors import Refusal, bad_request
from xero_twin.wire import Request, Response

LIFE = timedelta(minutes=6)
LONGEST_KEY = 128


@dataclass(frozen=True, slots=True)
class _Kept:
    request: bytes
    answer: Response
    expires: datetime


class IdempotencyStore:
    """The answers of one twin, by app and key."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # keys are shared by all organisations of an app
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._sweep_at = 1024

    def replay(self, app: str, key: str, tenant: str, request: Request, now: datetime) -> Response | None:
        """The answer given before, or None. Raises Refusal for a key that is too long or was used for
        something else."""
        if len(key) > LONGEST_KEY:
            raise too_long(key)
        kept = self._kept.get((app, key))
        if kept is None or kept.expires <= now:
            return None
        if kept.request != _print_of(tenant, request):
            raise bad_request(10, "ValidationException", f"Idempotency Key: {key} is used with a different request.")
        return Response(kept.answer.status, dict(kept.answer.headers), kept.answer.body)

    def keep(self, app: str, key: str, tenant: str, request: Request, *, answer: Response, now: datetime) -> None:
        if len(self._kept) >= self._sweep_at:
            self._kept = {held: one for held, one in self._kept.items() if one.expires > now}
            self._sweep_at = max(1024, 2 * len(self._kept))
        stored = Response(answer.status, dict(answer.headers), answer.body)
        self._kept[app, key] = _Kept(_print_of(tenant, request), stored, now + LIFE)


def too_long(key: str) -> Refusal:
    """Xero names the key and its length; the rest of the sentence is invented."""
    return bad_request(
        10,
        "ValidationException",
        f"Idempotency Key: {key} is {len(key)} characters long. The longest allowed is {LONGEST_KEY}.",
    )


def _print_of(tenant: str, request: Request) -> bytes:
    """Method, address and body. The organisation is in it too (inferred: a key must not show another's
    books)."""
    digest = hashlib.sha256()
    for part in (request.method, request.path, request.query, tenant):
        digest.update(part.encode() + b"\0")
    digest.update(request.body)
    return digest.digest()
