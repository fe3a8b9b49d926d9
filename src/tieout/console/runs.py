"""The runs of an organisation: when, how far, how it ended, what it cost.

In: a seat. Out: the list, the newest first; one that is going asks again by itself. Always: a run whose worker died is
told as broken off, not as running.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from tieout.console.frame import page
from tieout.console.seats import Seat, for_member
from tieout.sync.models import Run
from tieout.sync.run import is_running

LISTED = 50


@dataclass(frozen=True, slots=True)
class Pass:
    run: Run
    alive: bool
    seconds: float | None
    percent: int | None


@require_GET
@for_member()
def runs(request: HttpRequest, seat: Seat) -> HttpResponse:
    found = [_pass(run) for run in Run.objects.filter(organisation=seat.organisation)[:LISTED]]
    alive = any(each.alive for each in found)
    return page(request, seat, "console/runs.html", title="Runs", here="runs", runs=found, alive=alive)


def _pass(run: Run) -> Pass:
    alive = run.state == Run.State.RUNNING and is_running(run.organisation)
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
    return Pass(run, alive, seconds, min(100, run.done * 100 // run.total) if alive and run.total else None)
