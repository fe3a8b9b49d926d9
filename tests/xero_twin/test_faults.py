"""Trouble on command, as a client sees it and as the journal tells it."""

import httpx2
import pytest

from tests.xero_twin.conftest import Xero
from xero_twin import ManualClock, TwinServer


def names(xero: Xero) -> list[str]:
    return [one["Name"] for one in xero.twin.documents(xero.org.tenant_id, "Contacts")]


def test_a_drop_before_does_nothing(xero: Xero) -> None:
    xero.twin.faults.add("drop_before", path="/Contacts")
    with pytest.raises(httpx2.RemoteProtocolError):
        xero.contact("Ann")
    assert names(xero) == []
    line = xero.twin.journal[-1]
    assert (line.lost, line.status, line.created) == (True, 0, [])


def test_a_drop_after_does_it_all_and_the_journal_knows(xero: Xero) -> None:
    xero.twin.faults.add("drop_after", path="/Contacts")
    with pytest.raises(httpx2.RemoteProtocolError):
        xero.contact("Ann")
    assert names(xero) == ["Ann"]
    line = xero.twin.journal[-1]
    assert (line.lost, line.status, len(line.created)) == (True, 200, 1)


def test_a_timeout_after_is_a_read_timeout(xero: Xero) -> None:
    xero.twin.faults.add("timeout_after", path="/Contacts")
    with pytest.raises(httpx2.ReadTimeout):
        xero.contact("Ann")
    assert names(xero) == ["Ann"]


def test_a_delay_takes_the_clocks_time(xero: Xero, clock: ManualClock) -> None:
    xero.twin.faults.add("delay", seconds=7)
    before = clock.now()
    xero.contact("Ann")
    assert (clock.now() - before).total_seconds() == 7


@pytest.mark.parametrize(
    ("what", "status", "word"),
    [
        ("500", 500, "An error occurred in Xero"),
        ("503", 503, "temporarily unavailable"),
        ("html", 502, "<html>"),
        ("garbage", 200, '{"Id"'),
        ("429", 429, ""),
    ],
)
def test_an_answer_is_replaced_and_nothing_done(xero: Xero, what: str, status: int, word: str) -> None:
    xero.twin.faults.add(what, path="/Contacts")
    answer = xero.call("PUT", "Contacts", {"Name": "Ann"})
    assert (answer.status_code, names(xero)) == (status, [])
    assert word in answer.text


def test_an_answer_can_be_spoilt_after_the_work(xero: Xero) -> None:
    xero.twin.faults.add("500", path="/Contacts", done=True)
    assert xero.call("PUT", "Contacts", {"Name": "Ann"}).status_code == 500
    assert names(xero) == ["Ann"]


def test_a_429_says_when_to_come_back_only_for_minute_and_day(xero: Xero) -> None:
    xero.twin.faults.add("429")
    xero.twin.faults.add("429", problem="concurrent")
    answers = [xero.call("GET", "Contacts") for _ in range(2)]
    assert [one.headers.get("Retry-After") for one in answers] == ["26", None]
    assert answers[1].headers["X-Rate-Limit-Problem"] == "concurrent"


def test_a_fault_waits_for_its_calls_and_is_used_up(xero: Xero) -> None:
    xero.twin.faults.add("503", method="GET", path="/Contacts$", times=2, after=1)
    statuses = [
        xero.call("GET", path).status_code for path in ("Contacts", "Items", "Contacts", "Contacts", "Contacts")
    ]
    assert statuses == [200, 200, 503, 503, 200]


def test_cleared_faults_do_nothing(xero: Xero) -> None:
    xero.twin.faults.add("503", times=9)
    xero.twin.faults.clear()
    assert xero.call("GET", "Contacts").status_code == 200


def test_the_token_address_can_fail_too(xero: Xero) -> None:
    xero.twin.faults.add("503", path="/connect/token")
    assert xero.grant(grant_type="refresh_token", refresh_token=xero.refresh_token).status_code == 503
    assert xero.grant(grant_type="refresh_token", refresh_token=xero.refresh_token).status_code == 200


def test_a_lost_refresh_leaves_the_old_token_in_its_grace(xero: Xero) -> None:
    xero.twin.faults.add("drop_after", path="/connect/token")
    with pytest.raises(httpx2.RemoteProtocolError):
        xero.grant(grant_type="refresh_token", refresh_token=xero.refresh_token)
    assert xero.grant(grant_type="refresh_token", refresh_token=xero.refresh_token).status_code == 200


def test_a_fault_that_does_not_exist_is_told(xero: Xero) -> None:
    with pytest.raises(ValueError, match="No fault is called 'explode'"):
        xero.twin.faults.add("explode")


def test_trouble_by_chance_is_the_same_for_the_same_seed(xero: Xero) -> None:
    def told(seed: int) -> list[int]:
        xero.twin.faults.at_random(0.5, seed=seed, kinds=("500", "503", "429"))
        return [xero.call("GET", "Currencies").status_code for _ in range(40)]

    first = told(1)
    assert first == told(1) != told(2)
    assert set(first) == {200, 500, 503, 429}
    xero.twin.faults.at_random(0)
    assert told_now(xero) == 200
    with pytest.raises(ValueError, match="No fault is called"):
        xero.twin.faults.at_random(0.5, kinds=("earthquake",))


def told_now(xero: Xero) -> int:
    return xero.call("GET", "Currencies").status_code


def test_an_expired_token_on_command(xero: Xero) -> None:
    xero.twin.faults.add("401", path="Currencies")
    answer = xero.call("GET", "Currencies")
    assert (answer.status_code, answer.json()["Detail"][:12]) == (401, "TokenExpired")
    assert told_now(xero) == 200


@pytest.mark.parametrize("what", ["reset", "truncate", "drop_after"])
def test_over_a_socket_a_connection_is_reset_or_breaks_off_when_all_is_done(xero: Xero, what: str) -> None:
    error = httpx2.ReadError if what == "reset" else httpx2.RemoteProtocolError
    headers = {"Authorization": f"Bearer {xero.token}", "xero-tenant-id": xero.org.tenant_id}
    headers["Accept"] = "application/json"
    with TwinServer(xero.twin) as server, httpx2.Client(base_url=server.url, headers=headers) as client:
        xero.twin.faults.add(what, path="Contacts")
        with pytest.raises(error):
            client.put("/api.xro/2.0/Contacts", json={"Name": "Ann"})
        assert [one["Name"] for one in client.get("/api.xro/2.0/Contacts").json()["Contacts"]] == ["Ann"]


def test_in_process_they_are_the_same_errors(xero: Xero) -> None:
    for what, error in (("reset", httpx2.ReadError), ("truncate", httpx2.RemoteProtocolError)):
        xero.twin.faults.add(what, path="Currencies")
        with pytest.raises(error):
            xero.call("GET", "Currencies")
