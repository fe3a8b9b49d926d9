"""“Correct…”: what a person may choose for a document that cannot simply be changed in Xero, and every call it means.

In: an entry in Warning. Out: the ways with their calls, as a page or a dialog; by POST, the choice. Always: nothing is
sent from here: the calls go with the next sync; only POST changes anything.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from tieout.console.changes import TOO_LONG, too_long
from tieout.console.frame import page
from tieout.console.seats import Right, Seat, for_member
from tieout.sync import corrections
from tieout.sync.connect import open_connection
from tieout.sync.models import Entry


@require_http_methods(["GET", "POST"])
@for_member(Right.CHANGE)
def correct(request: HttpRequest, seat: Seat, number: int) -> HttpResponse:
    """Show the ways, or take one."""
    entry = get_object_or_404(Entry, organisation=seat.organisation, pk=number)
    connection = open_connection(seat.organisation)
    now, refusal = datetime.now(UTC), ""
    if connection is None:
        messages.error(request, "The organisation is not connected to Xero. Connect it first.")
        return redirect("entry", seat.organisation.slug, number)
    if request.method == "POST":
        way, reason = request.POST.get("way", ""), request.POST.get("why", "")
        try:
            if too_long(reason):
                raise corrections.CannotCorrect(TOO_LONG)
            corrections.choose(connection, number, way, actor=seat.actor, reason=reason, now=now)
        except corrections.CannotCorrect as refused:
            refusal = str(refused)
        else:
            messages.success(request, f"{entry.label}: chosen. What there is to send goes with the next sync.")
            return redirect("entry", seat.organisation.slug, number)
    try:
        found = corrections.offer(connection, entry, now)
    except corrections.CannotCorrect as refused:
        messages.info(request, str(refused))
        return redirect("entry", seat.organisation.slug, number)
    template = "console/correct_dialog.html" if "HX-Request" in request.headers else "console/correct.html"
    return page(
        request,
        seat,
        template,
        title=f"Correct {entry.label}",
        here="history",
        entry=entry,
        offer=found,
        refusal=refusal,
        reason=request.POST.get("why", ""),
    )
