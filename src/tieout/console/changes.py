"""A person's changes of status, one by one or in bulk: preview, do, undo, and the list of them.

In: the entries (by id, or all that match the filters), Retry or Skip, a reason. Out: a preview in figures, then the
change with its undo. Always: nothing changes before the preview was confirmed; what may not change is counted and told
apart; only POST changes anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tieout.console.frame import page
from tieout.console.history import FILTER_KEYS, selection_of
from tieout.console.presentation import STATUSES
from tieout.console.seats import Right, Seat, for_member
from tieout.sync import entries as hand
from tieout.sync.life import CHOICES
from tieout.sync.models import SHOWN_AS, Entry, Status, StatusChange

WORDS = {Status.PENDING: "Try again", Status.SKIPPED: "Skip"}
LISTED = 50
MOST_REASON = 500
TOO_LONG = f"The reason is longer than {MOST_REASON} characters; say it shorter."


@dataclass(frozen=True, slots=True)
class Stays:
    """Entries that cannot be changed, and why."""

    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do. `amounts`: sums of what would move, by currency."""

    moves: int
    amounts: list[tuple[str, Decimal]]
    stays: list[Stays]


def chosen_entries(seat: Seat, form: QueryDict) -> QuerySet[Entry]:
    """The entries that a form names: all that match its filters, or those whose ids it holds."""
    if form.get("all") == "on":
        return selection_of(form).entries(seat.organisation)
    numbers = [int(each) for each in form.getlist("entry") if each.isascii() and each.isdecimal() and len(each) < 19]
    return Entry.objects.filter(organisation=seat.organisation, pk__in=numbers).order_by()


def preview_of(chosen: QuerySet[Entry], to: Status) -> Preview:
    """Count and add up, without changing anything."""
    moves = 0
    amounts: dict[str, Decimal] = {}
    stays: dict[str, int] = {}
    for status, currency, count, total in chosen.values_list("status", "currency").annotate(Count("id"), Sum("amount")):
        if status in _that_move(to):
            moves += count
            if currency and total is not None:
                amounts[currency] = amounts.get(currency, Decimal(0)) + total
        else:
            why = _why_not(Status(status), to)
            stays[why] = stays.get(why, 0) + count
    return Preview(moves, sorted(amounts.items()), [Stays(count, why) for why, count in sorted(stays.items())])


def _that_move(to: Status) -> list[Status]:
    """The statuses from which an entry can be set to that one."""
    return [each for each in Status if each not in SHOWN_AS and to in CHOICES.get(each, {})]


def _why_not(status: Status, to: Status) -> str:
    if status in (Status.SENDING, Status.UNCERTAIN):
        return "on their way to Xero or being looked up there; wait until that is settled"
    if status is Status.COMPLETED:
        return "completed: they stand in Xero already"
    return f"{STATUSES[status].title.lower()} already" if status is to else f"{STATUSES[status].title.lower()}"


def too_long(reason: str) -> bool:
    """Whether it is longer than its field allows, which counts a new line once."""
    return len(reason.replace("\r\n", "\n")) > MOST_REASON


def _wanted(form: QueryDict) -> Status | None:
    wanted = form.get("to")
    return Status(wanted) if wanted in (Status.PENDING, Status.SKIPPED) else None


@require_POST
@for_member(Right.CHANGE)
def preview(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Say what would happen; changes nothing."""
    return _preview_page(request, seat, "")


def _preview_page(request: HttpRequest, seat: Seat, refusal: str) -> HttpResponse:
    form = request.POST
    to = _wanted(form)
    back = reverse("history", args=[seat.organisation.slug])
    if to is None:
        messages.error(request, "Choose “Try again” or “Skip” for the entries.")
        return redirect(back)
    chosen = chosen_entries(seat, form)
    kept = [(key, value) for key, values in form.lists() for value in values if key in ("entry", "all", *FILTER_KEYS)]
    in_dialog = "HX-Request" in request.headers
    values: dict[str, Any] = {
        "to": str(to),
        "verb": WORDS[to],
        "preview": preview_of(chosen, to),
        "kept": kept,
        "sample": list(chosen.filter(status__in=_that_move(to)).order_by("-updated_at", "-id")[:5]),
        "refusal": refusal,
        "reason": form.get("why", ""),
        "back": back,
    }
    template = "console/change_dialog.html" if in_dialog else "console/change.html"
    return page(request, seat, template, title=f"{WORDS[to]}: preview", here="history", **values)


@require_POST
@for_member(Right.CHANGE)
def apply(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Do what was previewed, and go back to the list with an Undo."""
    form = request.POST
    to = _wanted(form)
    chosen = chosen_entries(seat, form)
    if to is None:
        return _preview_page(request, seat, "")
    if too_long(form.get("why", "")):
        return _preview_page(request, seat, TOO_LONG)
    try:
        done = hand.change_status(
            seat.organisation, chosen, to, actor=seat.actor, reason=form.get("why", ""), now=datetime.now(UTC)
        )
    except hand.NotAllowed as refused:
        return _preview_page(request, seat, str(refused))
    query = QueryDict(mutable=True)
    for key in FILTER_KEYS:
        query.setlist(key, form.getlist(key))
    if done.change:
        query["changed"] = str(done.change.pk)
    else:
        messages.info(request, "Nothing was changed: none of these entries can be set to that status.")
    return redirect(f"{reverse('history', args=[seat.organisation.slug])}?{query.urlencode()}")


@require_POST
@for_member(Right.CHANGE)
def undo(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    change = get_object_or_404(StatusChange, organisation=seat.organisation, pk=number)
    try:
        done = hand.undo(change, actor=seat.actor, now=datetime.now(UTC))
    except hand.NotAllowed as refused:
        messages.error(request, str(refused))
    else:
        stayed = f" {done.stayed:,} had moved on since and were left as they are." if done.stayed else ""
        messages.success(request, f"Undone: {done.moved:,} {_entries(done.moved)} put back.{stayed}")
    return redirect("changes", seat.organisation.slug)


def _entries(count: int) -> str:
    return "entry" if count == 1 else "entries"


@require_GET
@for_member()
def changes(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The latest changes, each with its undo."""
    found = StatusChange.objects.filter(organisation=seat.organisation)[:LISTED]
    return page(request, seat, "console/changes.html", title="Recent changes", here="changes", changes=found)
