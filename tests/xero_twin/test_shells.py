"""The thin shells: server, control surface, edits, command line, clocks."""

import gzip
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import httpx2
import pytest

from tests.xero_twin.conftest import SCOPES, Xero, messages
from xero_twin import EditError, ManualClock, SystemClock, Twin, TwinServer
from xero_twin.cli import main


@pytest.fixture
def served(xero: Xero) -> Iterator[httpx2.Client]:
    with TwinServer(xero.twin) as server, httpx2.Client(base_url=server.url) as client:
        client.headers.update(
            {
                "Authorization": f"Bearer {xero.token}",
                "xero-tenant-id": xero.org.tenant_id,
                "Accept": "application/json",
            }
        )
        yield client


def test_the_server_answers_like_the_transport_over_one_kept_connection(served: httpx2.Client, xero: Xero) -> None:
    first = served.put("/api.xro/2.0/Contacts", json={"Name": "Ann"})
    assert first.json()["Contacts"][0]["Name"] == "Ann"
    assert served.get("/api.xro/2.0/Contacts").json()["Contacts"][0]["Name"] == "Ann"
    empty = served.get("/api.xro/2.0/Invoices/none")
    assert (empty.status_code, empty.content) == (404, b"")
    assert [line.resource for line in xero.twin.journal][-3:] == ["Contacts", "Contacts", "Invoices"]


def test_large_answers_are_gzipped_when_asked_for(served: httpx2.Client) -> None:
    with served.stream("GET", "/api.xro/2.0/Accounts", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["Content-Encoding"] == "gzip"
    whole = served.get("/api.xro/2.0/Accounts", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in whole.headers
    assert len(raw) < len(whole.content) / 3
    assert json.loads(gzip.decompress(raw))["Accounts"] == whole.json()["Accounts"]


def test_a_percent_encoded_key_in_the_path_is_decoded(served: httpx2.Client, xero: Xero) -> None:
    xero.contact(ContactNumber="C/1 ä")
    xero.invoice(InvoiceNumber="S 1#x")
    assert served.get("/api.xro/2.0/Invoices/S%201%23x").status_code == 200


def test_a_lost_answer_is_a_broken_socket_and_the_next_call_works(served: httpx2.Client, xero: Xero) -> None:
    xero.twin.faults.add("drop_after", path="Contacts")
    with pytest.raises(httpx2.RemoteProtocolError):
        served.put("/api.xro/2.0/Contacts", json={"Name": "Ann"})
    assert len(served.get("/api.xro/2.0/Contacts").json()["Contacts"]) == 1


def test_a_silent_connection_outlasts_the_clients_patience(served: httpx2.Client, xero: Xero) -> None:
    xero.twin.faults.add("timeout_after", path="Contacts", seconds=5)
    with pytest.raises(httpx2.ReadTimeout):
        served.put("/api.xro/2.0/Contacts", json={"Name": "Ann"}, timeout=1)
    assert xero.twin.journal[-1].lost


def test_many_threads_write_without_losing_anything(served: httpx2.Client, xero: Xero) -> None:
    def write(start: int) -> None:
        with httpx2.Client(base_url=served.base_url, headers=served.headers) as client:
            for number in range(start, start + 20):
                sent = {"Name": f"Contact {number}", "ContactNumber": str(number)}
                assert client.put("/api.xro/2.0/Contacts", json=sent).status_code == 200

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 20, 40, 60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one["ContactNumber"] for one in xero.twin.documents(xero.org.tenant_id, "Contacts")} == {
        str(number) for number in range(80)
    }


# the control surface


def test_health_calls_and_journal_over_http(served: httpx2.Client, xero: Xero) -> None:
    assert served.get("/twin/health").json()["status"] == "ok"
    since = len(xero.twin.journal)
    xero.contact("Ann")
    lines = served.get("/twin/journal", params={"since": since}).json()
    assert [(line["method"], line["resource"], line["status"]) for line in lines] == [("PUT", "Contacts", 200)]
    assert served.get("/twin/calls").json() == {"token": 1, "Contacts": 1}


def test_organisations_documents_limits_and_faults_over_http(served: httpx2.Client, xero: Xero) -> None:
    made = served.post("/twin/organisations", json={"name": "New", "country": "AU", "base_currency": "AUD"}).json()
    assert {"tenant_id": made["tenant_id"], "name": "New"} in served.get("/twin/organisations").json()
    found = served.get(f"/twin/documents/{made['tenant_id']}/taxrates").json()
    assert "BASEXCLUDED" in {one["TaxType"] for one in found}
    assert served.post("/twin/limits", json={"minute": 7}).json()["minute"] == 7
    assert xero.twin.limits is not None
    assert served.post("/twin/limits", content=b"null").json() is None
    served.post("/twin/faults", json={"what": "503", "path": "Contacts", "times": 2})
    assert served.get("/api.xro/2.0/Contacts").status_code == 503
    served.delete("/twin/faults")
    assert served.get("/api.xro/2.0/Contacts").status_code == 200


def test_another_process_can_register_an_app_and_press_allow(served: httpx2.Client, xero: Xero) -> None:
    app = {"client_id": "mine", "client_secret": "s", "redirect_uris": ["https://mine.example/cb"]}
    assert served.post("/twin/apps", json=app).json() == {"client_id": "mine"}
    sent = {
        "client_id": "mine",
        "redirect_uri": "https://mine.example/cb",
        "state": "s",
        "scope": "accounting.contacts",
    }
    assert served.post("/twin/consent", json=sent).json()["url"].startswith("https://mine.example/cb?code=")
    assert served.post("/twin/consent", json={**sent, "scope": "nonsense"}).status_code == 400


def test_a_body_above_ten_megabytes_is_refused_over_the_socket_too(served: httpx2.Client) -> None:
    assert served.put("/api.xro/2.0/Contacts", content=b" " * (10 * 1024 * 1024 + 1)).status_code == 413


def test_what_cannot_be_done_is_told_in_a_sentence(served: httpx2.Client, xero: Xero) -> None:
    assert served.get("/twin/nonsense").status_code == 404
    for path, body in (
        ("/twin/faults", {"what": "explode"}),
        ("/twin/edit", {"tenant": xero.org.tenant_id, "action": "burn"}),
        ("/twin/edit", {"tenant": "nobody", "action": "void"}),
        ("/twin/edit", {"tenant": xero.org.tenant_id, "action": "void"}),
        ("/twin/limits", {"fortnight": 1}),
        ("/twin/apps", {"client_id": "x", "client_secret": "s", "redirect_uris": ["http://127.0.0.1/cb"]}),
    ):
        answer = served.post(path, json=body)
        assert answer.status_code == 400
        assert answer.json()["error"]


# what a person does in Xero


def test_a_person_moves_lock_dates_archives_pays_and_voids(served: httpx2.Client, xero: Xero) -> None:
    def do(action: str, **details: object) -> None:
        answer = served.post("/twin/edit", json={"tenant": xero.org.tenant_id, "action": action, **details})
        assert answer.status_code == 200, answer.text

    invoice = xero.invoice(InvoiceNumber="S-1")
    do("pay", invoice="S-1", amount="15.00")
    assert xero.reread(invoice)["AmountPaid"] == Decimal(15)
    do("void", invoice="S-1")
    assert xero.reread(invoice)["Status"] == "VOIDED"
    do("archive_contact", contact="Ann Example")
    contact = f"Contacts/{invoice['Contact']['ContactID']}"
    assert xero.get(contact)["Contacts"][0]["ContactStatus"] == "ARCHIVED"
    do("restore_contact", contact=invoice["Contact"]["ContactID"])
    assert xero.get(contact)["Contacts"][0]["ContactStatus"] == "ACTIVE"
    second = xero.invoice(InvoiceNumber="S-2")
    do("change", resource="Invoices", key="S-2", fields={"Reference": "by hand"})
    assert xero.reread(second)["Reference"] == "by hand"
    do("archive_account", account="200")
    assert "archived" in messages(xero.invoice())[0]
    do("lock_dates", period="2026-10-31", end_of_year=None)
    assert xero.get("Organisation")["Organisations"][0]["PeriodLockDate"] == "/Date(1793404800000+0000)/"


def test_an_edit_that_xero_would_refuse_is_refused(xero: Xero) -> None:
    invoice = xero.invoice()
    xero.twin.edit(xero.org.tenant_id, "pay", invoice=invoice["InvoiceNumber"])
    payment = xero.org.invoices.get(invoice["InvoiceID"]).payments[0]  # type: ignore[union-attr]
    for action, details in (
        ("pay", {"invoice": invoice["InvoiceNumber"], "amount": 1}),
        ("pay", {"invoice": "none"}),
        ("change", {"resource": "Nothing", "key": "x", "fields": {}}),
        ("change", {"resource": "Invoices", "key": invoice["InvoiceID"], "fields": {"Date": "x"}}),
        ("archive_account", {"account": "none"}),
        ("archive_contact", {"contact": "none"}),
        ("delete_payment", {"payment": "none"}),
    ):
        with pytest.raises(EditError):
            xero.twin.edit(xero.org.tenant_id, action, **details)
    xero.twin.edit(xero.org.tenant_id, "delete_payment", payment=payment)
    assert xero.reread(invoice)["Status"] == "AUTHORISED"


# the command line


def test_a_port_in_use_is_told_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in capsys.readouterr().err


def test_the_command_serves_until_it_is_stopped() -> None:
    command = [sys.executable, "-m", "xero_twin.cli", "serve", "--port", "0", "--organisation", "One", "--no-limits"]
    # A suite in the background of a shell ignores Ctrl-C, and would hand that down.
    heard = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=heard)  # noqa: PLW1509 - no threads
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[3]
        assert httpx2.get(f"{address}/twin/organisations").json()[0]["name"] == "One"
    finally:
        process.send_signal(2)
        assert process.wait(timeout=60) == 0
        process.stdout.close()  # type: ignore[union-attr]


# time


def test_a_manual_clock_moves_only_forward_and_only_when_told() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.sleep(90)
    assert clock.now() == datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="aware"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the naive one is the point


def test_a_fast_system_clock_sleeps_less_than_it_says() -> None:
    clock = SystemClock(speed=1000)
    before = clock.now()
    clock.sleep(5)
    assert (clock.now() - before).total_seconds() >= 5
    with pytest.raises(ValueError, match="above zero"):
        SystemClock(speed=0)


def test_latency_takes_the_clocks_time(clock: ManualClock) -> None:
    twin = Twin(clock=clock, limits=None, latency=0.25)
    org = twin.add_organisation("Slow")
    with httpx2.Client(transport=twin.transport()) as http:
        client = Xero(twin, org, http)
        client.sign_in(SCOPES)
        before = clock.now()
        client.get("Organisation")
    assert (clock.now() - before).total_seconds() == 0.25


def test_documents_are_plain_values_for_tests_to_hold_a_client_against(xero: Xero) -> None:
    paid, voided = xero.invoice(), xero.invoice()
    xero.pay(paid)
    xero.twin.edit(xero.org.tenant_id, "void", invoice=voided["InvoiceID"])
    found = {one["InvoiceID"]: one for one in xero.twin.documents(xero.org.tenant_id, "Invoices")}
    first = found[paid["InvoiceID"]]
    assert (first["Date"], first["UpdatedDateUTC"]) == ("2026-11-02", "2026-11-02T09:00:00.000Z")
    assert first["Total"] == Decimal("115.00")
    assert first["LineItems"][0]["UnitAmount"] == Decimal("100.0000")
    assert first["Payments"][0]["Date"] == "2026-11-03"
    assert found[voided["InvoiceID"]]["Status"] == "VOIDED"
