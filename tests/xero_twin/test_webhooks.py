"""Webhooks: which changes are told, how they are signed, and what becomes of deliveries that fail."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx2
import pytest

from tests.xero_twin.conftest import Xero
from xero_twin import ManualClock, Twin, TwinServer
from xero_twin.webhooks import Subscription

KEY = "secret"


class Receiver:
    """An address that checks signatures as it should; `status` breaks it."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, _address: str, headers: Mapping[str, str], body: bytes) -> int:
        wanted = base64.b64encode(hmac.new(KEY.encode(), body, hashlib.sha256).digest()).decode()
        if headers["x-xero-signature"] != wanted:
            return 401
        self.bodies.append(json.loads(body))
        return self.status

    @property
    def events(self) -> list[tuple[str, str]]:
        return [(one["eventCategory"], one["eventType"]) for body in self.bodies for one in body["events"]]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def subscription(xero: Xero, receiver: Receiver) -> Subscription:
    found = xero.twin.webhooks.register("tieout-demo", "https://example.test/hooks", KEY, send=receiver)
    receiver.bodies.clear()
    return found


def test_an_address_proves_that_it_checks_signatures(twin: Twin, receiver: Receiver) -> None:
    assert twin.webhooks.register("tieout-demo", "https://a.test", KEY, send=receiver).status == "active"
    for body in receiver.bodies:
        assert (body["events"], body["firstEventSequence"], body["lastEventSequence"]) == ([], 0, 0)
        assert body["entropy"]
    assert twin.webhooks.register("tieout-demo", "https://a.test", KEY, send=lambda *_: 200).status == "refused"
    assert twin.webhooks.register("tieout-demo", "https://a.test", KEY, send=lambda *_: 401).status == "refused"
    with pytest.raises(ValueError, match="PAYMENT"):
        twin.webhooks.register("tieout-demo", "https://a.test", KEY, ("PAYMENT",), send=receiver)


def test_events_come_signed_in_order_with_sequence_numbers(
    xero: Xero, receiver: Receiver, subscription: Subscription
) -> None:
    invoice = xero.invoice()
    assert xero.twin.webhooks.deliver(receiver) == len(receiver.events)
    assert receiver.events[:2] == [("CONTACT", "CREATE"), ("INVOICE", "CREATE")]
    last = receiver.bodies[-1]["lastEventSequence"]
    receiver.bodies.clear()
    xero.pay(invoice)
    xero.twin.webhooks.deliver(receiver)
    assert receiver.events == [("INVOICE", "UPDATE")]
    body = receiver.bodies[0]
    assert (body["firstEventSequence"], body["lastEventSequence"]) == (last + 1, last + 1)
    event = body["events"][0]
    assert event["resourceUrl"] == f"https://api.xero.com/api.xro/2.0/Invoices/{invoice['InvoiceID']}"
    assert (event["resourceId"], event["tenantId"]) == (invoice["InvoiceID"], xero.org.tenant_id)
    assert event["eventDateUtc"] == "2026-11-02T09:00:00.000"


def test_only_categories_that_exist_are_told(xero: Xero, receiver: Receiver, subscription: Subscription) -> None:
    contact = xero.contact()
    xero.item()
    xero.order()
    xero.bank()
    xero.journal()
    xero.twin.webhooks.deliver(receiver)
    assert set(receiver.events) == {("CONTACT", "CREATE")}
    receiver.bodies.clear()
    xero.credit_note()
    xero.bank("RECEIVE-PREPAYMENT")
    xero.bank("RECEIVE-OVERPAYMENT")
    xero.post(f"Contacts/{contact['ContactID']}", {"ContactStatus": "ARCHIVED"})
    xero.twin.webhooks.deliver(receiver)
    assert receiver.events == [
        ("CREDITNOTE", "CREATE"),
        ("PREPAYMENT", "CREATE"),
        ("OVERPAYMENT", "CREATE"),
        ("CONTACT", "UPDATE"),
    ]
    assert receiver.bodies[0]["events"][0]["data"] == {"Type": "ACCRECCREDIT", "Status": "AUTHORISED"}


def test_a_person_in_xero_causes_events_too(xero: Xero, receiver: Receiver, subscription: Subscription) -> None:
    invoice = xero.invoice()
    xero.twin.webhooks.deliver(receiver)
    receiver.bodies.clear()
    xero.twin.edit(xero.org.tenant_id, "void", invoice=invoice["InvoiceNumber"])
    xero.twin.webhooks.deliver(receiver)
    assert receiver.events == [("INVOICE", "UPDATE")]


def test_failures_are_tried_again_at_once_then_every_quarter_of_an_hour(
    xero: Xero, receiver: Receiver, subscription: Subscription, clock: ManualClock
) -> None:
    receiver.status = 500
    xero.contact()
    assert xero.twin.webhooks.deliver(receiver) == 0
    assert len(receiver.bodies) == 2
    clock.advance(14 * 60)
    xero.twin.webhooks.deliver(receiver)
    assert len(receiver.bodies) == 2
    clock.advance(60)
    receiver.status = 200
    xero.contact("Bo")
    assert xero.twin.webhooks.deliver(receiver) == 2
    assert receiver.bodies[-1]["firstEventSequence"] == 1
    assert subscription.failures == 0


def test_after_a_day_of_failures_the_subscription_is_disabled(
    xero: Xero, receiver: Receiver, subscription: Subscription, clock: ManualClock
) -> None:
    receiver.status = 0
    xero.contact()
    for _ in range(98):
        xero.twin.webhooks.deliver(receiver)
        clock.advance(15 * 60)
    assert (subscription.status, len(receiver.bodies)) == ("disabled", 98)
    receiver.status = 200
    xero.sign_in()
    xero.contact("Bo")
    assert xero.twin.webhooks.deliver(receiver) == 0
    xero.twin.webhooks.prove_intent(subscription, receiver)
    assert xero.twin.webhooks.deliver(receiver) == 2  # kept and delivered in order once healthy


def test_many_events_come_in_batches(xero: Xero, receiver: Receiver, subscription: Subscription) -> None:
    xero.put("Contacts", {"Contacts": [{"Name": f"C {number}"} for number in range(250)]})
    assert xero.twin.webhooks.deliver(receiver) == 250
    spans = [(body["firstEventSequence"], body["lastEventSequence"]) for body in receiver.bodies]
    assert spans == [(1, 100), (101, 200), (201, 250)]


def test_an_app_hears_only_of_organisations_it_is_connected_to(
    xero: Xero, receiver: Receiver, subscription: Subscription
) -> None:
    stranger = xero.twin.add_organisation("Another")
    held = xero.org
    xero.org = stranger
    assert xero.call("PUT", "Contacts", {"Name": "x"}).status_code == 403
    xero.org = held
    xero.twin.identity.disconnect("tieout-demo", next(iter(xero.twin.identity.connections)))
    xero.twin.edit(held.tenant_id, "lock_dates")
    contact = held.contacts
    from xero_twin.records import Contact

    contact.put(Contact(id="5d5b5d5b-0000-4000-a000-000000000001", name="x", updated=held.now_ms()))
    assert xero.twin.webhooks.deliver(receiver) == 0


def test_a_served_twin_sends_them_by_itself(xero: Xero) -> None:
    got: list[dict[str, Any]] = []
    arrived = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            wanted = base64.b64encode(hmac.new(KEY.encode(), body, hashlib.sha256).digest()).decode()
            good = self.headers["x-xero-signature"] == wanted
            self.send_response(200 if good else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()
            if good and json.loads(body)["events"]:
                got.append(json.loads(body))
                arrived.set()

        def log_message(self, *_: object) -> None:
            """Stays quiet."""

    listener = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        with TwinServer(xero.twin) as server:
            sent = {"url": f"http://127.0.0.1:{listener.server_address[1]}/", "key": KEY}
            made = httpx2.post(f"{server.url}/twin/webhooks", json=sent).json()
            assert made["status"] == "active"
            xero.contact()
            assert arrived.wait(10)
            assert httpx2.get(f"{server.url}/twin/webhooks").json()[0]["delivered"] == 1
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
    assert got[0]["events"][0]["eventCategory"] == "CONTACT"


def test_deliveries_are_lost_repeated_and_disordered_on_command(
    xero: Xero, subscription: Subscription, receiver: Receiver
) -> None:
    hooks = xero.twin.webhooks
    for what in ("lost", "repeated", "disordered"):
        hooks.spoil(what)
        xero.invoice()
        xero.contact(what)
        assert hooks.deliver(send=receiver) > 0
        told = [(body["firstEventSequence"], body["lastEventSequence"]) for body in receiver.bodies]
        receiver.bodies.clear()
        if what == "lost":
            assert told == []
        elif what == "repeated":
            assert told[0] == told[1]
        else:
            assert told == sorted(told, reverse=True)
            assert len(told) > 1
    assert subscription.status == "active"
    with pytest.raises(ValueError, match="lost, repeated, disordered"):
        hooks.spoil("eaten")
