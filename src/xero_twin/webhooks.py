"""Webhooks: what changes in the books is told to the apps that registered an address.

In: changed records, by category; addresses with their signing keys. Out: signed deliveries of up to a hundred events
with running sequence numbers. Before an address is used it must show that it checks signatures (the intent to receive):
200 for well-signed bodies, 401 for badly signed ones. A delivery that fails is tried again at once, then every 15
minutes of the twin's time; after 24 hours the subscription is disabled. Events keep 31 days. Nothing is sent by itself
here: `deliver` sends what is due; a served twin calls it all the time. On command the next deliveries are lost (Xero
takes them for delivered), repeated, or disordered: their events one by one, the last first.
"""

import base64
import hashlib
import hmac
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from xero_twin import wire
from xero_twin.clock import Clock
from xero_twin.organisation import Guids

MOST_EVENTS = 100  # in one delivery; Xero's number is not known
RETRY = timedelta(minutes=15)
GIVE_UP = timedelta(hours=24)
KEPT = timedelta(days=31)
SPOILS = ("lost", "repeated", "disordered")
ANSWER_WITHIN = 5.0  # seconds

# resource -> category. There are no others: nothing is told of payments, items, orders, bank transactions or journals
CATEGORIES = {
    "Contacts": "CONTACT",
    "Invoices": "INVOICE",
    "CreditNotes": "CREDITNOTE",
    "Prepayments": "PREPAYMENT",
    "Overpayments": "OVERPAYMENT",
}

Send = Callable[[str, Mapping[str, str], bytes], int]  # address, headers, body -> status; 0 is no answer


def post(address: str, headers: Mapping[str, str], body: bytes) -> int:
    """Send one delivery; the status, or 0 when none came within five seconds."""
    request = urllib.request.Request(address, body, dict(headers), method="POST")  # noqa: S310 - registered by a person
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


def signature(key: str, body: bytes) -> str:
    """The header x-xero-signature: Base64 of HMAC-SHA256 over the raw body."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


@dataclass
class Subscription:
    """An app's address. `status` is "active", "refused" (it did not pass the intent to receive) or "disabled"."""

    app: str
    url: str
    key: str
    categories: tuple[str, ...] = tuple(CATEGORIES.values())
    status: str = "refused"
    sequence: int = 0
    waiting: list[tuple[int, datetime, dict[str, Any]]] = field(default_factory=list)
    failing_since: datetime | None = None
    failures: int = 0
    next_try: datetime | None = None
    delivered: int = 0  # events


class Webhooks:
    """The subscriptions of a twin. Thread-safe."""

    def __init__(self, clock: Clock, guids: Guids) -> None:
        self._clock = clock
        self._guids = guids
        self._lock = threading.RLock()
        self._sending = threading.Lock()
        self.subscriptions: list[Subscription] = []
        self._spoilt: list[str] = []

    def spoil(self, what: str, times: int = 1) -> None:
        """Have the next deliveries lost, repeated or disordered. Raises ValueError for anything else."""
        if what not in SPOILS:
            raise ValueError(f"A webhook cannot be {what!r}: it can be {', '.join(SPOILS)}.")
        with self._lock:
            self._spoilt += [what] * times

    def register(
        self, app: str, url: str, key: str, categories: tuple[str, ...] | None = None, send: Send = post
    ) -> Subscription:
        """Add an address, or the place of the app's own, once the intent to receive is settled. Raises ValueError for
        a category that does not exist."""
        wanted = tuple(CATEGORIES.values()) if categories is None else tuple(categories)
        unknown = sorted(set(wanted) - set(CATEGORIES.values()))
        if unknown:
            raise ValueError(f"There is no webhook category {', '.join(unknown)}.")
        found = Subscription(app, url, key, wanted)
        self.prove_intent(found, send)
        with self._lock:
            self.subscriptions = [one for one in self.subscriptions if one.app != app] + [found]
        return found

    def prove_intent(self, subscription: Subscription, send: Send = post) -> bool:
        """Post well-signed and badly signed empty bodies; only right answers to all of them activate."""
        proven = True
        for good in (True, False, True, False):
            body = self._body([], 0, 0)
            key = subscription.key if good else subscription.key + "x"
            status = send(subscription.url, _headers(key, body), body)
            proven = proven and status == (200 if good else 401)
        subscription.status = "active" if proven else "refused"
        subscription.failing_since = subscription.next_try = None
        subscription.failures = 0
        return proven

    def clear(self) -> None:
        with self._lock:
            self.subscriptions = []

    def tell(self, tenant: str, resource: str, record: Any, created: bool, apps: Callable[[], set[str]]) -> None:
        """A record of an organisation was stored. `apps` gives the apps connected to it."""
        if not self.subscriptions:
            return
        category, now = CATEGORIES[resource], self._clock.now()
        event = {
            "resourceUrl": f"https://api.xero.com/api.xro/2.0/{resource}/{record.id}",
            "resourceId": record.id,
            "tenantId": tenant,
            "tenantType": "ORGANISATION",
            "eventCategory": category,
            "eventType": "CREATE" if created else "UPDATE",
            "eventDateUtc": now.replace(tzinfo=None).isoformat(timespec="milliseconds"),
        }
        if category == "CREDITNOTE":
            event["data"] = {"Type": record.type, "Status": record.status}
        connected = apps()
        with self._lock:
            for one in self.subscriptions:
                if one.status != "refused" and one.app in connected and category in one.categories:
                    one.sequence += 1
                    one.waiting.append((one.sequence, now, event))

    def deliver(self, send: Send = post) -> int:
        """Send everything that is due; how many events were taken."""
        taken = 0
        with self._sending:  # one delivery at a time keeps the order
            for one in list(self.subscriptions):
                while self._due(one):
                    taken += self._deliver_batch(one, send)
        return taken

    def _due(self, one: Subscription) -> bool:
        now = self._clock.now()
        with self._lock:
            one.waiting = [held for held in one.waiting if now - held[1] <= KEPT]
            return one.status == "active" and bool(one.waiting) and (one.next_try is None or one.next_try <= now)

    def _deliver_batch(self, one: Subscription, send: Send) -> int:
        with self._lock:
            batch = one.waiting[:MOST_EVENTS]
            spoilt = self._spoilt.pop(0) if self._spoilt else None
        deliveries = [batch] if spoilt != "disordered" else [[event] for event in reversed(batch)]
        status = 200
        for delivery in [] if spoilt == "lost" else deliveries * (2 if spoilt == "repeated" else 1):
            body = self._body([event for _, _, event in delivery], delivery[0][0], delivery[-1][0])
            status = send(one.url, _headers(one.key, body), body)
        with self._lock:
            if status != 200:
                self._failed(one)
                return 0
            del one.waiting[: len(batch)]
            one.delivered += len(batch)
            one.failing_since = one.next_try = None
            one.failures = 0
            return len(batch)

    def _failed(self, one: Subscription) -> None:
        """Again at once, then every 15 minutes; after 24 hours no more."""
        now = self._clock.now()
        one.failing_since = one.failing_since or now
        one.failures += 1
        one.next_try = None if one.failures == 1 else now + RETRY
        if now - one.failing_since >= GIVE_UP:
            one.status = "disabled"

    def _body(self, events: list[dict[str, Any]], first: int, last: int) -> bytes:
        return wire.encode(
            {
                "events": events,
                "firstEventSequence": first,
                "lastEventSequence": last,
                "entropy": self._guids.new().replace("-", "").upper()[:20],
            }
        )


def _headers(key: str, body: bytes) -> dict[str, str]:
    return {"Content-Type": "application/json; charset=utf-8", "x-xero-signature": signature(key, body)}
