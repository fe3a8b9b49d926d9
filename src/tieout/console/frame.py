"""The frame around every page: the sections on the left, the Xero sign at the top right.

In: a request, a seat, a template and its values. Out: a page. Always: the frame costs a handful of queries, none of
which grows with the number of entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tieout.console.seats import Right, Seat
from tieout.console.sign import sign_of


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: str
    icon: str
    route: str
    href: str


SECTIONS = (
    ("overview", "Overview", "space_dashboard", "overview"),
    ("history", "Sync History", "history", "history"),
    ("runs", "Runs", "sync", "runs"),
    ("import", "Import", "upload_file", "import"),
    ("dry-run", "Dry run", "preview", "dry-run"),
    ("synchronization", "Synchronization Report", "lab_profile", "synchronization"),
    ("tie-out", "Tie-out", "balance", "tie-out"),
    ("findings", "Findings", "find_in_page", "findings"),
    ("consolidation", "Consolidation", "stacks", "consolidation"),
    ("changes", "Recent changes", "undo", "changes"),
    ("mapping", "Mapping", "account_tree", "mapping"),
    ("settings", "Settings", "tune", "settings"),
    ("connection", "Xero connection", "link", "connection"),
)


def sections(seat: Seat) -> list[Section]:
    slug = seat.organisation.slug
    return [Section(name, title, icon, route, reverse(route, args=[slug])) for name, title, icon, route in SECTIONS]


def page(
    request: HttpRequest, seat: Seat, template: str, *, title: str, here: str, status: int = 200, **values: Any
) -> HttpResponse:
    """Render a page of one organisation inside the frame."""
    context = {
        "title": title,
        "here": here,
        "seat": seat,
        "organisation": seat.organisation,
        "sections": sections(seat),
        "sign": sign_of(seat),
        "may_change": seat.may(Right.CHANGE),
        "may_connect": seat.may(Right.CONNECT),
        "may_map": seat.may(Right.MAP),
        "may_sync": seat.may(Right.SYNC),
        "site_title": "Tieout",
        **values,
    }
    return render(request, template, context, status=status)
