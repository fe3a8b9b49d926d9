"""The call limits: a minute, a day, five at once."""

import threading

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.xero_twin.conftest import Xero
from xero_twin import Limits, ManualClock, Twin
from xero_twin.limits import Limiter


def spend(xero: Xero, calls: int) -> list[httpx2.Response]:
    return [xero.call("GET", "Organisation") for _ in range(calls)]


def test_every_answer_says_what_remains(xero: Xero) -> None:
    xero.twin.limits = Limits(minute=60, day=1000)
    first, second = spend(xero, 2)
    assert first.headers["X-MinLimit-Remaining"] == "59"
    assert second.headers["X-MinLimit-Remaining"] == "58"
    assert second.headers["X-DayLimit-Remaining"] == "998"
    assert second.headers["X-AppMinLimit-Remaining"] == "9998"
    assert first.headers["xero-correlation-id"] != second.headers["xero-correlation-id"]


def test_an_error_answer_says_it_too(xero: Xero) -> None:
    xero.twin.limits = Limits()
    assert xero.call("GET", "Invoices/nothing").headers["X-MinLimit-Remaining"] == "59"


def test_the_minute_limit_answers_an_empty_429_that_says_when_to_come_back(xero: Xero, clock: ManualClock) -> None:
    xero.twin.limits = Limits(minute=3)
    answers = spend(xero, 4)
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert refused.content == b""
    assert refused.headers["Content-Type"] == ""
    assert refused.headers["X-Rate-Limit-Problem"] == "minute"
    assert refused.headers["X-MinLimit-Remaining"] == "0"
    assert refused.headers["X-DayLimit-Remaining"] == "4997"
    clock.advance(int(refused.headers["Retry-After"]) - 1)
    assert spend(xero, 1)[0].status_code == 429
    clock.advance(1)
    assert spend(xero, 1)[0].status_code == 200


def test_the_day_limit_says_the_seconds_to_the_end_of_its_window(xero: Xero, clock: ManualClock) -> None:
    xero.twin.limits = Limits(day=1)
    refused = spend(xero, 2)[1]
    assert refused.headers["X-Rate-Limit-Problem"] == "day"
    clock.advance(int(refused.headers["Retry-After"]))
    xero.sign_in()
    assert spend(xero, 1)[0].status_code == 200


def test_each_organisation_has_its_own_count(xero: Xero, twin: Twin) -> None:
    other = twin.add_organisation("Other")
    xero.sign_in()
    twin.limits = Limits(minute=1)
    assert spend(xero, 2)[1].status_code == 429
    assert xero.call("GET", "Organisation", headers={"xero-tenant-id": other.tenant_id}).status_code == 200


def test_the_minute_limit_of_an_app_counts_all_organisations_and_says_no_time(
    xero: Xero, twin: Twin, clock: ManualClock
) -> None:
    other = twin.add_organisation("Other")
    xero.sign_in()
    twin.limits = Limits(app_minute=2)
    assert spend(xero, 1)[0].headers["X-AppMinLimit-Remaining"] == "1"
    elsewhere = xero.call("GET", "Organisation", headers={"xero-tenant-id": other.tenant_id})
    assert (elsewhere.status_code, elsewhere.headers["X-AppMinLimit-Remaining"]) == (200, "0")
    refused = spend(xero, 1)[0]
    assert (refused.status_code, refused.content, refused.headers["Content-Type"]) == (429, b"", "")
    assert refused.headers["X-Rate-Limit-Problem"] == "appminute"
    assert refused.headers["X-AppMinLimit-Remaining"] == "0"
    assert refused.headers["X-MinLimit-Remaining"] == "59"
    assert refused.headers["X-DayLimit-Remaining"] == "4999"
    assert "Retry-After" not in refused.headers
    clock.advance(60)
    assert spend(xero, 1)[0].status_code == 200


def test_without_limits_nothing_is_counted(xero: Xero) -> None:
    answers = spend(xero, 70)
    assert {one.status_code for one in answers} == {200}
    assert "X-MinLimit-Remaining" not in answers[0].headers


def test_five_calls_at_once_and_no_more() -> None:
    limiter, limits = Limiter(), Limits()
    verdicts = [limiter.enter(limits, "app", "tenant", 0) for _ in range(6)]
    assert [one.problem for one in verdicts] == [None] * 5 + ["concurrent"]
    assert "Retry-After" not in verdicts[-1].headers
    limiter.leave("app", "tenant")
    assert limiter.enter(limits, "app", "tenant", 0).problem is None


def test_a_sixth_call_in_flight_is_refused(xero: Xero) -> None:
    twin = xero.twin
    twin.limits = Limits(concurrent=1, minute=20_000, day=20_000, app_minute=20_000)
    xero.org.lock.acquire()
    waiting = threading.Thread(target=spend, args=(xero, 1))
    statuses: list[int] = []
    try:
        waiting.start()  # it is admitted, and then waits for the organisation's lock
        while 429 not in statuses and len(statuses) < 10_000:
            statuses.append(spend(xero, 1)[0].status_code)
    finally:
        xero.org.lock.release()
        waiting.join()
    assert statuses[-1] == 429
    assert spend(xero, 1)[0].status_code == 200


@pytest.mark.parametrize("tenant", ["a", "b", "c", "d"])
@given(start=st.integers(0, 10**9))
def test_no_fixed_window_ever_holds_more_than_the_limit(tenant: str, start: int) -> None:
    limiter, limits = Limiter(), Limits(minute=2)
    verdicts = []
    for second in range(60):
        verdict = limiter.enter(limits, "app", tenant, start + second)
        verdicts.append(verdict)
        if verdict.problem is None:
            limiter.leave("app", tenant)
    admitted = [one for one in verdicts if one.problem is None]
    assert 2 <= len(admitted) <= 4  # sixty seconds touch one or two windows
