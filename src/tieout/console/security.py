"""What browsers are told about every page: load nothing from elsewhere, run no script that is written into a page.

In: a response. Out: the same with a Content-Security-Policy and friends. Always: no inline script anywhere; Alpine
compiles its attributes, hence 'unsafe-eval'; the sign-in at Xero begins with a form, hence its address in form-action.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


@cache
def policy(login_url: str) -> str:
    """The policy; `login_url` is Xero's sign-in page."""
    parts = urlsplit(login_url)
    xero = f"{parts.scheme}://{parts.netloc}"
    if parts.hostname and parts.hostname.endswith("xero.com"):
        xero += " https://*.xero.com"
    rules = (
        "default-src 'none'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        f"form-action 'self' {xero}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return "; ".join(rules)


class SecurityHeaders:
    """Adds the headers. The administration pages of Django carry small inline styles, so there those are allowed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self._get_response(request)
        rules = policy(settings.TIEOUT_XERO.login_url)
        if request.path.startswith("/admin/"):
            rules = rules.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
        answer.headers.setdefault("Content-Security-Policy", rules)
        answer.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if not request.path.startswith("/static/"):
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer
