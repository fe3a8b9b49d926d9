"""The other pages: the sign, overview, runs, findings, tie-out, the report and its layouts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tests import factories
from tests.console.conftest import NOW, Cast, EntryMaker
from tieout.console.models import ReportLayout
from tieout.sync import tasks
from tieout.sync.models import Budget, CallCount, Connection, Finding, Run, Status, XeroRecord
from tieout.sync.run import alone

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    heard: list[str] = []
    monkeypatch.setattr(tasks, "request_sync", lambda organisation, actor: heard.append(actor))
    yield heard


def run(cast: Cast, **values: object) -> Run:
    return Run.objects.create(**({"organisation": cast.organisation, "started_at": NOW, "actor": "ben"} | values))


def test_the_sign_counts_what_is_open(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    for status in (Status.WARNING, Status.WARNING, Status.FAILED, Status.PENDING, Status.SENDING, Status.COMPLETED):
        entry(status)
    page = cast.viewer.get(cast.path("sign/")).content.decode()
    assert "2 warnings, 1 failed, 2 pending" in page
    assert "Your role may look, but not start a sync." in page


def test_sync_now_is_off_with_a_reason_while_not_connected(cast: Cast, asked: list[str]) -> None:
    page = cast.owner.get(cast.path("sign/")).content.decode()
    assert "Connect the organisation to Xero first." in page
    cast.owner.post(cast.path("sync/"))
    assert asked == []


def test_sync_now_asks_once_and_the_sign_follows_until_the_run_has_ended(
    cast: Cast, live: Connection, asked: list[str]
) -> None:
    fragment = cast.owner.post(cast.path("sync/"), HTTP_HX_REQUEST="true").content.decode()
    assert asked == ["aroha"]
    assert "waiting for a worker" in fragment
    follow = fragment.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    with alone(cast.organisation):
        made = run(cast, phase="push contacts", done=50, total=200)
        fragment = cast.owner.get(follow).content.decode()
        assert "50 of 200" in fragment
        assert "every 2s" in fragment
        assert "A sync is running already." in fragment
    made.state = Run.State.FINISHED
    made.finished_at = NOW
    made.save()
    answer = cast.owner.get(follow)
    assert "every 2s" not in answer.content.decode()
    assert answer["HX-Trigger"] == "sync-ended"


def test_a_sync_that_no_worker_takes_is_said_to_be_so(cast: Cast, live: Connection) -> None:
    long_ago = int((timezone.now() - timedelta(minutes=2)).timestamp())
    fragment = cast.owner.get(cast.path(f"sign/?asked={long_ago}&after=0")).content.decode()
    assert "No worker has begun the sync" in fragment
    assert "every 2s" not in fragment


def test_a_run_whose_worker_died_does_not_run_for_ever(cast: Cast, live: Connection) -> None:
    run(cast, phase="pull")
    page = cast.owner.get(cast.path("runs/")).content.decode()
    assert "Broke off" in page
    assert "every 2s" not in page
    assert "A sync is running already." not in page


def test_runs_tell_how_they_ended(cast: Cast, live: Connection) -> None:
    run(cast, state=Run.State.STOPPED, phase="push bills", calls=1234, finished_at=NOW + timedelta(seconds=200),
        message="Xero's calls for today are used up.", resume_at=NOW)  # fmt: skip
    page = cast.viewer.get(cast.path("runs/")).content.decode()
    for words in ("Stopped early", "1,234", "3 min 20 s", "calls for today are used up", "Goes on"):
        assert words in page


def test_the_overview_counts_and_leads_to_the_filtered_history(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    for _ in range(3):
        entry(Status.WARNING, reason_code="lock-date")
    page = cast.viewer.get(cast.path()).content.decode()
    assert "Period locked" in page
    assert f"/o/{cast.organisation.slug}/history/?status=warning&amp;reason=lock-date" in page
    assert "Harakeke in Xero" in page


@pytest.mark.parametrize("count", [0, 1, 201])
def test_findings_of_any_number(cast: Cast, live: Connection, entry: EntryMaker, count: int) -> None:
    record = entry()
    Finding.objects.bulk_create(
        Finding(
            organisation=cast.organisation, kind="sale_invoice", record_id=record.record_id, xero_id=str(number),
            code="edited-in-xero", label="INV-1", text=f"Text {number}", opened_at=NOW,
            detail=[{"field": "due_date", "core": "2026-04-20", "xero": "2026-05-20"}],
        )
        for number in range(count)
    )  # fmt: skip
    page = cast.viewer.get(cast.path("findings/")).content.decode()
    assert page.count("2026-05-20") == min(count, 200)
    assert ("No open findings" in page) is (count == 0)
    assert ("Only the latest 200" in page) is (count == 201)
    assert "None was closed yet" in cast.viewer.get(cast.path("findings/?show=closed")).content.decode()


def test_calls_are_those_that_xero_counts_and_named_in_words(cast: Cast, live: Connection) -> None:
    today = timezone.now().date()
    for resource, calls in (("BankTransactions", 4), ("Items", 7), ("token", 2), ("connections", 1)):
        CallCount.objects.create(connection=live, day=today, resource=resource, calls=calls)
    Budget.objects.create(connection=live, day_remaining=4989)
    page = " ".join(cast.viewer.get(cast.path("connection/")).content.decode().split())
    assert "11 made, 4,989 of 5,000 left" in page
    assert page.index("Bank transactions") < page.index("Items") < page.index("Signing in")
    assert page.count("not counted by Xero") == 2
    assert "BankTransactions" not in page
    assert "<dt>Documents go as</dt><dd>Approved " in page


def test_what_is_tried_again_says_when_in_the_zone_of_the_viewer(
    cast: Cast, live: Connection, entry: EntryMaker
) -> None:
    one = entry(Status.FAILED, reason="Xero was <b>offline</b>.", next_try_at=NOW)
    moment = '<time datetime="2026-06-01T09:00:00Z">01\xa0Jun\xa02026, 09:00&nbsp;UTC</time>'
    for path in ("history/", f"history/{one.pk}/", "reports/synchronization/"):
        page = cast.viewer.get(cast.path(path)).content.decode()
        assert f"Tried again by itself after {moment}." in page
        assert "<b>offline" not in page


def test_the_tie_out_takes_a_period(cast: Cast, live: Connection) -> None:
    page = cast.viewer.get(cast.path("reports/tie-out/?period=custom&from=2026-01-01&to=2026-03-31")).content.decode()
    assert "Core and Xero agree" in page
    assert "01 Jan 2026" in page


def test_the_tie_out_comes_as_files(cast: Cast, live: Connection) -> None:
    factories.sale_invoice(cast.organisation, number="=cmd()", date=date(2026, 3, 31))
    factories.sale_invoice(cast.organisation, number="INV-2", date=date(2026, 4, 1))

    def file(kind: str) -> Any:
        dates = f"period=custom&from=2026-01-01&to=2026-03-31&format={kind}"
        return cast.viewer.get(cast.path(f"reports/tie-out/?{dates}"))

    totals = file("totals.csv")
    text = b"".join(totals.streaming_content).decode("utf-8-sig")
    assert "tie-out-" in totals["Content-Disposition"]
    assert "2026-01-01-to-2026-03-31" in totals["Content-Disposition"]
    assert 'Sale invoices,"all, in NZD",1,0,' in text
    text = b"".join(file("differences.csv").streaming_content).decode("utf-8-sig")
    assert "Sale invoice,'=cmd()," in text
    assert "INV-2" not in text
    assert cast.stranger.get(cast.path("reports/tie-out/?format=xlsx")).status_code == 404
    book = file("xlsx")
    sheets = zipfile.ZipFile(io.BytesIO(b"".join(book.streaming_content))).read("xl/workbook.xml").decode()
    assert re.findall(r'<sheet name="(.*?)"', sheets) == ["Totals", "Differences"]
    book.close()


def test_what_stands_in_xero_only_is_no_link_to_everything(cast: Cast, live: Connection) -> None:
    values = {"kind": "payment", "status": "AUTHORISED", "date": date(2026, 3, 31), "total": 7, "currency": "NZD"}
    XeroRecord.objects.create(connection=live, xero_id=uuid4(), **values)
    page = cast.viewer.get(cast.path("reports/tie-out/")).content.decode()
    assert '<span class="strong">Without a number</span>' in page
    assert "?q=&amp;kind=payment" not in page


def test_a_period_that_ends_before_it_begins_agrees_with_nothing(
    cast: Cast, live: Connection, entry: EntryMaker
) -> None:
    entry(Status.WARNING)
    dates = "period=custom&from=2026-03-31&to=2026-01-01"
    proof = cast.viewer.get(cast.path(f"reports/tie-out/?{dates}")).content.decode()
    assert "there is no such period to compare" in proof
    assert 'aria-describedby="backwards"' in proof
    assert "agree" not in proof
    report = cast.viewer.get(cast.path(f"reports/synchronization/?{dates}")).content.decode()
    assert "“To” is a day before “From”." in report
    assert (
        "“Dated to” is a day before “Dated from”." in cast.viewer.get(cast.path(f"history/?{dates}")).content.decode()
    )


def test_without_a_connection_there_is_nothing_to_tie_out(cast: Cast) -> None:
    assert "There is nothing to compare yet" in cast.viewer.get(cast.path("reports/tie-out/")).content.decode()


def test_a_layout_is_saved_used_and_deleted_by_its_user_alone(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    entry(Status.WARNING, label="W-1")
    entry(Status.COMPLETED, label="C-1")
    body = {"name": "Mondays", "column": ["core_number", "reason"], "order": "number", "status": "warning"}
    cast.viewer.post(cast.path("reports/synchronization/layout/"), body)
    page = cast.viewer.get(cast.path("reports/synchronization/?layout=Mondays")).content.decode()
    assert "W-1" in page
    assert "C-1" not in page
    assert "<th>Contact</th>" not in page
    assert "Mondays" not in cast.owner.get(cast.path("reports/synchronization/")).content.decode()
    cast.owner.post(cast.path("reports/synchronization/layout/delete/"), {"name": "Mondays"})
    assert ReportLayout.objects.count() == 1
    cast.viewer.post(cast.path("reports/synchronization/layout/delete/"), {"name": "Mondays"})
    assert not ReportLayout.objects.exists()


def test_a_layout_in_no_order_that_there_is_comes_in_the_usual_one(cast: Cast, live: Connection) -> None:
    cast.viewer.post(cast.path("reports/synchronization/layout/"), {"name": "Odd", "order": "x" * 300})
    assert ReportLayout.objects.get().order == ""
    assert cast.viewer.get(cast.path("reports/synchronization/?layout=Odd")).status_code == 200


def test_the_report_comes_as_files(cast: Cast, live: Connection, entry: EntryMaker) -> None:
    entry(Status.WARNING, label="=cmd()", party="+64 9 555")
    answer = cast.viewer.get(cast.path("reports/synchronization/?format=csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith('attachment; filename="xero-synchronization-')
    assert "'=cmd()" in text
    assert "'+64 9 555" in text
    book = cast.viewer.get(cast.path("reports/synchronization/?format=xlsx"))
    assert b"".join(book.streaming_content).startswith(b"PK")
    book.close()
