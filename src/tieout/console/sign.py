"""The Xero sign at the top right of every page: is all well, what waits, sync now.

In: a seat; for "Sync now" a POST. Out: the sign's figures, or its fragment for htmx. Always: while a run is going or
asked for, the fragment asks again by itself every two seconds, and stops when the run has ended; a sync that no worker
picks up is said to be so after a minute instead of turning for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tieout.console.seats import Right, Seat, for_member
from tieout.reports.history import open_counts
from tieout.sync import tasks
from tieout.sync.connect import open_connection
from tieout.sync.models import Connection, Run
from tieout.sync.run import is_running

PATIENCE = 60  # seconds until we say that no worker has picked the sync up


@dataclass(frozen=True, slots=True)
class Sign:
    """`state`: good, attention, broken, off or running. `why_not`: why a sync cannot be asked for now."""

    state: str
    text: str
    pending: int
    failed: int
    warning: int
    run: Run | None
    last_run: Run | None
    why_not: str
    asked_at: int = 0
    after_run: int = 0
    ended: bool = False

    @property
    def busy(self) -> bool:
        return self.run is not None or bool(self.asked_at)

    @property
    def percent(self) -> int | None:
        if self.run is None or not self.run.total:
            return None
        return min(100, self.run.done * 100 // self.run.total)


def sign_of(seat: Seat, asked_at: int = 0, after_run: int = 0) -> Sign:
    """The sign's figures. `asked_at` (epoch seconds) and `after_run`: a sync was asked for then, after that run."""
    organisation = seat.organisation
    connection = open_connection(organisation)
    last = Run.objects.filter(organisation=organisation).first()
    found = open_counts(organisation)
    running = last if last and last.state == Run.State.RUNNING and is_running(last.organisation) else None
    begun = bool(last and last.pk > after_run)
    waiting = bool(asked_at) and not begun
    late = waiting and datetime.now(UTC).timestamp() - asked_at > PATIENCE
    state, text, why_not = _state(connection, last, running, found)
    if waiting and not late:
        state, text = "running", "Sync asked for, waiting for a worker"
    if late:
        state, text = "broken", "No worker has begun the sync. Is `tieout worker` running? It goes when one does."
    if not seat.may(Right.SYNC):
        why_not = "Your role may look, but not start a sync."
    return Sign(
        state,
        text,
        found["pending"],
        found["failed"],
        found["warning"],
        running,
        last,
        why_not,
        asked_at if waiting and not late else 0,
        after_run,
        ended=bool(asked_at) and begun and running is None,
    )


def _state(
    connection: Connection | None, last: Run | None, running: Run | None, found: dict[str, int]
) -> tuple[str, str, str]:
    """State, its sentence, and why no sync can be asked for."""
    step = connection.step if connection else ""
    if connection is None or step != Connection.Step.LIVE:
        return _UNREADY.get(step, ("off", "Connecting is not finished", "Finish connecting to Xero first."))
    if running:
        return "running", f"Sync running: {running.phase or 'starting'}", "A sync is running already."
    name = connection.tenant_name
    if last and last.state != Run.State.FINISHED:
        return "attention", f"Connected to {name}; the last sync stopped early", ""
    if found["warning"]:
        return "attention", f"Connected to {name}; something waits for you", ""
    return "good", f"Connected to {name}", ""


_UNREADY = {
    "": ("off", "Not connected to Xero", "Connect the organisation to Xero first."),
    Connection.Step.RECONNECT: ("broken", "Xero has ended the access", "Reconnect to Xero first."),
}


@require_GET
@for_member()
def sign(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The fragment alone, asked for while something is going on."""
    found = sign_of(seat, _whole(request.GET.get("asked")), _whole(request.GET.get("after")))
    answer = render(request, "console/sign.html", {"sign": found, "seat": seat, "organisation": seat.organisation})
    if not found.busy:
        answer["HX-Trigger"] = "sync-ended"
    return answer


@require_POST
@for_member(Right.SYNC)
def sync_now(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Ask for a sync. With htmx the sign comes back, else the page that it was asked from."""
    before = sign_of(seat)
    asked_at = 0
    if not before.why_not:
        tasks.request_sync(seat.organisation, seat.actor)
        asked_at = int(datetime.now(UTC).timestamp())
    if "HX-Request" not in request.headers:
        return redirect("overview", seat.organisation.slug)
    after_run = before.last_run.pk if before.last_run else 0
    found = sign_of(seat, asked_at, after_run)
    return render(
        request, "console/sign.html", {"sign": found, "seat": seat, "organisation": seat.organisation, "open": True}
    )


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0
