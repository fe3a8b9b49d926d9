"""Tokens at rest: encrypted always, with keys that can rotate.

In: a pair of tokens. Out: bytes for the database, and back. Always: the first key of TIEOUT_ENCRYPTION_KEYS encrypts,
every key of it decrypts; since each refresh stores the pair anew, an old key may go once every grant was refreshed.
"""

from __future__ import annotations

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class KeyLost(Exception):
    """None of the keys opens what is stored."""

    def __init__(self) -> None:
        super().__init__(
            "The stored sign-in to Xero was encrypted with a key that TIEOUT_ENCRYPTION_KEYS does not hold. "
            "Put the old key back at the end of that list, or connect the organisation to Xero again."
        )


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TIEOUT_ENCRYPTION_KEYS])


def seal(access_token: str, refresh_token: str) -> bytes:
    """The pair as encrypted bytes."""
    return _keys().encrypt(json.dumps([access_token, refresh_token]).encode())


def unseal(sealed: bytes | memoryview) -> tuple[str, str]:
    """Access and refresh token. Raises KeyLost."""
    try:
        access_token, refresh_token = json.loads(_keys().decrypt(bytes(sealed)))
    except InvalidToken:
        raise KeyLost from None
    return access_token, refresh_token
