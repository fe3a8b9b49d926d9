"""Who gets in where: every address of the console, tried by everybody."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern

from tests.console.conftest import NOW, Cast, EntryMaker
from tieout.console.urls import of_organisation
from tieout.sync.models import Connection, ConsolidatedDocument, Status, StatusChange

# What only changes something: GET is refused. What only looks: POST is refused.
CHANGING = {
    "sync-now", "change-preview", "change-apply", "change-undo", "layout-save", "layout-delete", "connection-load",
    "connect-authorise", "connect-choose", "connect-load", "connect-map", "settings-preview", "settings-save",
    "mapping-preview", "mapping-save", "mapping-default-tax", "xero-setting", "xero-setting-do", "consolidation-close",
    "import-load", "book-costs",
}  # fmt: skip
FORMS = {"entry-correct", "connection-disconnect", "consolidation-policy"}
OF_ONE_RECORD = {"dry-run-record"}  # there only while that record is open
DOCUMENT = uuid4()
OWN_THINGS = {"layout-save", "layout-delete"}  # a viewer's own layouts are the viewer's to change
RESTRICTED_PAGES = {"connect"} | FORMS
NAMES = [pattern.name for pattern in of_organisation]


def address(cast: Cast, pattern: URLPattern, number: int = 1) -> str:
    path = str(pattern.pattern).replace("<str:kind>/<uuid:number>", f"contact/{uuid4()}")
    return cast.path(path.replace("<int:number>", str(number)).replace("<uuid:id_>", str(DOCUMENT)))


@pytest.fixture(params=of_organisation, ids=[str(name) for name in NAMES])
def pattern(request: pytest.FixtureRequest) -> URLPattern:
    return request.param


def consolidated(connection: Connection) -> None:
    day = {"first": NOW.date(), "last": NOW.date(), "opened_at": NOW}
    ConsolidatedDocument.objects.create(
        id=DOCUMENT, connection=connection, kind="consolidated_invoice", rate=1, line_limit=500, position=1, **day
    )


def methods(pattern: URLPattern) -> list[str]:
    if pattern.name in CHANGING:
        return ["post"]
    return ["get", "post"] if pattern.name in FORMS else ["get"]


def test_a_stranger_finds_no_such_organisation(cast: Cast, pattern: URLPattern) -> None:
    for method in methods(pattern):
        assert getattr(cast.stranger, method)(address(cast, pattern)).status_code == 404


def test_nobody_is_sent_to_sign_in(cast: Cast, pattern: URLPattern) -> None:
    for method in methods(pattern):
        answer = getattr(Client(), method)(address(cast, pattern))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/?next=/o/")


def test_a_viewer_may_change_nothing(cast: Cast, live: Connection, pattern: URLPattern) -> None:
    if pattern.name in OWN_THINGS or "post" not in methods(pattern):
        return
    assert cast.viewer.post(address(cast, pattern)).status_code == 403


def test_a_viewer_may_look_at_everything_else(
    cast: Cast, live: Connection, entry: EntryMaker, pattern: URLPattern
) -> None:
    number = entry().pk
    consolidated(live)
    if pattern.name in CHANGING | OF_ONE_RECORD:
        return
    expected = 403 if pattern.name in RESTRICTED_PAGES else 200
    assert cast.viewer.get(address(cast, pattern, number)).status_code == expected


def test_only_post_changes_anything(cast: Cast, live: Connection, pattern: URLPattern) -> None:
    answer = cast.owner.get(address(cast, pattern)) if pattern.name in CHANGING else None
    assert answer is None or answer.status_code == 405


def test_a_change_without_its_token_is_refused(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = cast.owner.cookies
    waits = entry(Status.WARNING)
    body = {"entry": waits.pk, "to": "pending", "why": ""}
    assert strict.post(cast.path("history/change/apply/"), body).status_code == 403
    assert not StatusChange.objects.exists()


def test_a_bookkeeper_changes_statuses_but_does_not_connect(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    waits = entry(Status.WARNING)
    body = {"entry": waits.pk, "to": "pending"}
    assert cast.bookkeeper.post(cast.path("history/change/apply/"), body).status_code == 302
    assert cast.bookkeeper.post(cast.path("connect/authorise/")).status_code == 403


def test_entries_of_another_organisation_stay_out_of_reach(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    from tests import factories

    other = factories.organisation()
    theirs = entry(Status.WARNING, organisation=other)
    assert cast.owner.get(cast.path(f"history/{theirs.pk}/")).status_code == 404
    cast.owner.post(cast.path("history/change/apply/"), {"entry": theirs.pk, "to": "pending"})
    theirs.refresh_from_db()
    assert theirs.status == Status.WARNING


def test_pages_say_what_browsers_may_load(cast: Cast) -> None:
    answer = cast.owner.get(cast.path())
    rules = answer["Content-Security-Policy"]
    assert "default-src 'none'" in rules
    assert "script-src 'self' 'unsafe-eval';" in rules
    assert "frame-ancestors 'none'" in rules
    assert "style-src 'self';" in rules
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"


def test_pages_hold_no_inline_script_or_style(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    entry(Status.WARNING)
    for rest in (
        "",
        "history/",
        "runs/",
        "reports/synchronization/",
        "reports/tie-out/",
        "connection/",
        "connect/",
        "settings/",
        "mapping/",
        "dry-run/",
        "dry-run/figures/",
        "import/",
    ):
        page = cast.owner.get(cast.path(rest), follow=True).content.decode()
        assert "<script>" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<style" not in page


@pytest.mark.parametrize("query", ["channel=%00", "reason=%00", "q=%00", "layout=%00"])
def test_what_no_database_keeps_is_refused_and_breaks_nothing(cast: Cast, live: Connection, query: str) -> None:
    for route in ("history/", "reports/synchronization/"):
        answer = cast.viewer.get(cast.path(f"{route}?{query}"))
        assert answer.status_code == 400
        assert "That could not be read" in answer.content.decode()
    form = {"name": "a\0b", "why": "a\0b", "to": "skipped", "all": "on"}
    for route in ("reports/synchronization/layout/", "reports/synchronization/layout/delete/", "history/change/apply/"):
        assert cast.owner.post(cast.path(route), form).status_code == 400


def test_a_form_from_before_another_sign_in_says_what_to_do(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = cast.owner.cookies
    answer = client.post(cast.path("sync/"))
    assert answer.status_code == 403
    assert "This page was out of date" in answer.content.decode()
