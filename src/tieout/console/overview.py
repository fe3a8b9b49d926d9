"""The organisations of a practice, and one organisation at a glance.

In: a signed-in user, or a seat. Out: pages that say how each organisation stands and what waits for a person. Always:
"/" leads to the one organisation, or to the list where there are several.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tieout.console.frame import page
from tieout.console.presentation import STATUSES, UNCOUNTED, link_to
from tieout.console.seats import Seat, for_member, may_administer, user_id
from tieout.console.sign import Sign, sign_of
from tieout.people.models import Membership
from tieout.reports import set_up
from tieout.reports.exports import csv_pieces
from tieout.reports.history import reasons
from tieout.reports.tie_out import tie_out
from tieout.sync import entries
from tieout.sync.connect import open_connection
from tieout.sync.models import Budget, CallCount, Connection, Finding, Run


@dataclass(frozen=True, slots=True)
class Tile:
    status: str
    title: str
    hint: str
    icon: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the day that Xero counts. `left` is None until the first call of a day told it."""

    today: int
    left: int | None
    limit: int

    @property
    def percent(self) -> int:
        left = self.limit if self.left is None else self.left
        return max(0, min(100, (self.limit - left) * 100 // max(self.limit, 1)))


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    memberships = Membership.objects.filter(user_id=user_id(request)).select_related("organisation")
    found = list(memberships[:2])
    if len(found) == 1:
        return redirect("overview", found[0].organisation.slug)
    return redirect("organisations")


@login_required
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """Every organisation of the user with its sign."""
    memberships = (
        Membership.objects.filter(user_id=user_id(request))
        .select_related("organisation")
        .order_by("organisation__name")
    )
    rows: list[tuple[Membership, Sign]] = [
        (each, sign_of(Seat(each.organisation, each.role, request.user.get_username()))) for each in memberships
    ]
    context: dict[str, Any] = {"title": "Organisations", "rows": rows, "site_title": "Tieout", "here": "organisations"}
    context["may_administer"] = may_administer(request)
    return render(request, "console/organisations.html", context)


@require_GET
@for_member()
def overview(request: HttpRequest, seat: Seat) -> HttpResponse:
    organisation = seat.organisation
    found = entries.counts(organisation)
    tiles = [
        Tile(each.name, each.title, each.hint, each.icon, found[each.name], link_to(seat, status=each.name))
        for each in STATUSES.values()
    ]
    waiting = [
        (code, count, link_to(seat, status="warning", reason=code))
        for status, code, count in reasons(organisation)
        if status == "warning"
    ]
    connection = open_connection(organisation)
    return page(
        request,
        seat,
        "console/overview.html",
        title="Overview",
        here="overview",
        tiles=tiles,
        waiting=waiting[:6],
        waiting_more=max(0, len(waiting) - 6),
        everything_that_waits=reverse("history", args=[organisation.slug]) + "?waits=on",
        connection=connection,
        calls=calls_of(connection),
        last_run=Run.objects.filter(organisation=organisation).first(),
        proof=tie_out(organisation) if connection and connection.tenant_id else None,
        findings=Finding.objects.filter(organisation=organisation, closed_at=None).count(),
        has_records=any(found.values()),
        to_set_up=set_up.waiting(organisation).count(),
    )


@require_GET
@for_member()
def products_to_set_up(request: HttpRequest, seat: Seat) -> StreamingHttpResponse:
    """The products that wait to be set up, as the file that the import of products takes."""
    pieces = csv_pieces(set_up.COLUMNS, set_up.rows(seat.organisation))
    answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="products-to-set-up-{seat.organisation.slug}.csv"'
    return answer


def calls_of(connection: Connection | None) -> Calls | None:
    """What was asked of Xero today (UTC) and what is left."""
    if connection is None or not connection.tenant_id:
        return None
    made = CallCount.objects.filter(connection=connection, day=datetime.now(UTC).date()).exclude(resource__in=UNCOUNTED)
    budget = Budget.objects.filter(connection=connection).first()
    left = budget.day_remaining if budget else None
    return Calls(sum(made.values_list("calls", flat=True)), left, connection.day_limit)
