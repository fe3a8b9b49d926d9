"""A company, its Xero (the twin) and a clock that both share: what engine tests play in.

In: what a test wants of it. Out: a `World` with a connected organisation. Always: the twin is the outside world; its
journal is the truth that the tests hold the engine against.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests import factories
from tieout.core.models import Organisation
from tieout.sync import connect
from tieout.sync.models import Connection, Entry, Run
from tieout.sync.run import Ports, sync
from xero_twin import ManualClock, Twin

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
REDIRECT = "http://localhost:8000/connect/xero/callback"


@dataclass
class World:
    organisation: Organisation
    twin: Twin
    clock: ManualClock
    ports: Ports
    tenant_id: str
    connection: Connection = field(init=False, repr=False)

    def connect(self) -> None:
        self.connection = sign_in(self)

    def sync(self, **options: Any) -> Run:
        return sync(self.organisation, actor="mere", ports=self.ports, **options)

    def statuses(self) -> dict[str, int]:
        return dict(Counter(Entry.objects.filter(organisation=self.organisation).values_list("status", flat=True)))

    def entry(self, record: Any) -> Entry:
        return Entry.objects.get(organisation=self.organisation, record_id=record.pk)

    def documents(self, resource: str) -> list[dict[str, Any]]:
        return self.twin.documents(self.tenant_id, resource)

    def live(self, resource: str) -> list[dict[str, Any]]:
        return [each for each in self.documents(resource) if each.get("Status") not in ("VOIDED", "DELETED")]


def world(
    *,
    name: str = "Harakeke Ltd",
    country: str = "NZ",
    base_currency: str = "NZD",
    currencies: tuple[str, ...] = (),
    connected: bool = True,
    start: datetime = START,
) -> World:
    """A new company and its Xero; signed in, unless a test wants to do that itself."""
    clock = ManualClock(start)
    twin = Twin(clock=clock)
    tenant = twin.add_organisation(name, country=country, base_currency=base_currency, currencies=currencies)
    organisation = factories.organisation(name=name, base_currency=base_currency)
    made = World(organisation, twin, clock, Ports(clock=clock, transport=twin.transport()), tenant.tenant_id)
    if connected:
        made.connect()
    return made


def sign_in(made: World) -> Connection:
    """Go through the wizard as a person who agrees to everything."""
    address = connect.begin(made.organisation, REDIRECT, made.ports)
    asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    back = made.twin.consent(
        asked["client_id"], asked["redirect_uri"], asked["state"], asked["scope"], tenants=[made.tenant_id]
    )
    answer = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}
    connection = connect.come_back(answer["state"], answer["code"], REDIRECT, actor="mere", ports=made.ports)
    connect.load(connection, actor="mere", ports=made.ports)
    roles = {"sales": "200", "purchases": "300", "sale-charges": "260", "purchase-charges": "425"}
    roles |= {"customer-credits": "835", "supplier-deposits": "620", "cost-of-goods": "310", "inventory": "640"}
    connect.map_accounts(connection, roles, {}, actor="mere")
    return connection
