"""Who may see and do what: the one place where the console checks it.

In: a request for /o/<slug>/…. Out: the view's answer, given a `Seat`. Always: nobody signed in is sent to sign in; to a
stranger the organisation does not exist (404), whether it does or not; what a role may not do answers 403.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponseBase

from tieout.core.models import Organisation
from tieout.people.models import Membership, Role


class Right(StrEnum):
    """What can be asked of a member."""

    LOOK = "look"
    SYNC = "sync"
    CHANGE = "change"
    MAP = "map"
    CONNECT = "connect"


RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.BOOKKEEPER: frozenset({Right.LOOK, Right.SYNC, Right.CHANGE, Right.MAP}),
    Role.OPERATIONS: frozenset({Right.LOOK, Right.SYNC}),
    Role.VIEWER: frozenset({Right.LOOK}),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A signed-in person's place in one organisation. `actor`: the name that goes into the audit trail."""

    organisation: Organisation
    role: str
    actor: str

    def may(self, right: Right) -> bool:
        return right in RIGHTS.get(self.role, frozenset())


def user_id(request: HttpRequest) -> int:
    """The signed-in user's id; 0, which nobody has, for nobody."""
    return request.user.pk or 0


def may_administer(request: HttpRequest) -> bool:
    """Whether the user may make accounts, memberships and organisations."""
    return request.user.is_active and bool(getattr(request.user, "is_superuser", False))


View = Callable[Concatenate[HttpRequest, Seat, ...], HttpResponseBase]


def seat_of(request: HttpRequest, slug: str) -> Seat:
    """The user's seat in the organisation. Raises Http404 for a stranger."""
    membership = (
        Membership.objects.select_related("organisation")
        .filter(user_id=user_id(request), organisation__slug=slug)
        .first()
    )
    if membership is None:
        raise Http404("No such organisation.")
    return Seat(membership.organisation, membership.role, request.user.get_username())


def for_member(right: Right = Right.LOOK) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Let a view be called by members with this right only; it gets the `Seat` as its second argument."""

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def checked(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if any(
                "\0" in value for form in (request.GET, request.POST) for _, values in form.lists() for value in values
            ):
                raise SuspiciousOperation("A text holds a character that no database keeps.")
            seat = seat_of(request, slug)
            if not seat.may(right):
                raise PermissionDenied(f"Your role in {seat.organisation} does not allow this. Ask an owner.")
            return view(request, seat, *args, **kwargs)

        return checked

    return decorate
