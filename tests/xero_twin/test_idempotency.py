"""Idempotency keys: six minutes, the same answer, and nothing else under the key."""

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.xero_twin.conftest import Xero
from xero_twin import Limits, ManualClock


def put(xero: Xero, key: str, body: object, path: str = "Contacts", method: str = "PUT") -> httpx2.Response:
    return xero.call(method, path, body, headers={"idempotency-key": key})


def test_the_same_request_gets_the_same_bytes_and_is_done_once(xero: Xero) -> None:
    first, second = put(xero, "k", {"Name": "Ann"}), put(xero, "k", {"Name": "Ann"})
    assert first.content == second.content
    assert len(xero.twin.documents(xero.org.tenant_id, "Contacts")) == 1
    lines = [line for line in xero.twin.journal if line.key == "k"]
    assert [(line.replayed, len(line.created)) for line in lines] == [(False, 1), (True, 0)]


def test_a_key_lives_for_six_minutes_from_the_first_call(xero: Xero, clock: ManualClock) -> None:
    body = {"Type": "ACCPAY", "Contact": {"Name": "Sue"}, "InvoiceNumber": "B-1"}
    put(xero, "k", body, "Invoices")
    clock.advance(200)
    put(xero, "k", body, "Invoices")
    clock.advance(159)
    put(xero, "k", body, "Invoices")
    assert len(xero.twin.documents(xero.org.tenant_id, "Invoices")) == 1
    clock.advance(1)
    put(xero, "k", body, "Invoices")
    assert len(xero.twin.documents(xero.org.tenant_id, "Invoices")) == 2


def test_errors_are_replayed_too(xero: Xero) -> None:
    refused = put(xero, "k", {"Name": ""})
    assert refused.status_code == 400
    assert put(xero, "k", {"Name": ""}).content == refused.content


def test_an_internal_error_is_replayed_too(xero: Xero) -> None:
    xero.twin.faults.add("500", method="PUT")
    assert [put(xero, "k", {"Name": "Ann"}).status_code for _ in range(2)] == [500, 500]
    assert put(xero, "other", {"Name": "Ann"}).status_code == 200


def test_trouble_in_front_of_the_api_is_not_kept(xero: Xero) -> None:
    xero.twin.faults.add("503", method="PUT")
    assert [put(xero, "k", {"Name": "Ann"}).status_code for _ in range(2)] == [503, 200]


def test_another_body_address_or_method_under_the_same_key_is_refused(xero: Xero) -> None:
    put(xero, "k", {"Name": "Ann"})
    for answer in (
        put(xero, "k", {"Name": "Bo"}),
        put(xero, "k", {"Name": "Ann"}, "Contacts?summarizeErrors=false"),
        put(xero, "k", {"Name": "Ann"}, method="POST"),
    ):
        assert answer.status_code == 400
        assert answer.json()["Message"] == "Idempotency Key: k is used with a different request."


def test_a_key_of_more_than_128_characters_is_refused_by_name_and_length(xero: Xero) -> None:
    assert put(xero, "k" * 128, {"Name": "Ann"}).status_code == 200
    answer = put(xero, "k" * 129, {"Name": "Bo"})
    assert answer.status_code == 400
    assert "k" * 129 in answer.json()["Message"]
    assert "129" in answer.json()["Message"]


def test_limits_are_checked_before_keys(xero: Xero) -> None:
    put(xero, "k", {"Name": "Ann"})
    xero.twin.limits = Limits(minute=1)
    assert [put(xero, "k", {"Name": "Ann"}).status_code for _ in range(2)] == [200, 429]


def test_a_lost_answer_can_be_had_again_with_the_key(xero: Xero) -> None:
    xero.twin.faults.add("drop_after", method="PUT")
    with pytest.raises(httpx2.RemoteProtocolError):
        put(xero, "k", {"Name": "Ann"})
    assert put(xero, "k", {"Name": "Ann"}).status_code == 200
    assert len(xero.twin.documents(xero.org.tenant_id, "Contacts")) == 1


steps = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["one", "two"]), st.integers(0, 400)), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(steps)
def test_a_bill_is_made_once_per_key_and_six_minutes(xero: Xero, plan: list[tuple[str, str, int]]) -> None:
    clock = xero.twin.clock
    assert isinstance(clock, ManualClock)
    clock.advance(1000)
    before = len(xero.org.invoices)
    kept: dict[str, tuple[str, float]] = {}
    expected = 0
    for key, number, pause in plan:
        clock.advance(pause)
        xero.sign_in()  # the pauses may outlive an access token
        now = clock.now().timestamp()
        answer = put(xero, key, {"Type": "ACCPAY", "Contact": {"Name": "Sue"}, "InvoiceNumber": number}, "Invoices")
        held = kept.get(key)
        if held is None or now - held[1] >= 360:
            kept[key] = (number, now)
            expected += 1
            assert answer.status_code == 200
        else:
            assert answer.status_code == (200 if held[0] == number else 400)
    assert len(xero.org.invoices) - before == expected
