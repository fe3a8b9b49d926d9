"""Signing in: no open sign-up, and each sign-in in the audit trail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.account.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from tieout.people.audit import record_event
from tieout.people.models import Action


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator, never by strangers."""

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *rest: Any, **more: Any
    ) -> None:
        """As allauth does, but the page itself shows well enough who has signed in or out."""
        if message_template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, message_template, *rest, **more)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SignInForm(LoginForm):
    """Plain labels above the fields instead of words inside them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "User name or e-mail"
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)


@receiver(user_logged_in)
def tell_sign_in(sender: object, request: HttpRequest, user: Any, **more: Any) -> None:
    record_event(None, user.get_username(), Action.SIGNED_IN, label=user.get_username())
