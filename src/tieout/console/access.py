"""Signing in: no open sign-up, and each sign-in in the audit trail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from tieout.people.audit import record_event
from tieout.people.models import Action


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator, never by strangers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


@receiver(user_logged_in)
def tell_sign_in(sender: object, request: HttpRequest, user: Any, **more: Any) -> None:
    record_event(None, user.get_username(), Action.SIGNED_IN, label=user.get_username())
