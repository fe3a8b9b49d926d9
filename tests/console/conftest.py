"""The console's fixed cast: an owner, a bookkeeper and a viewer of one company, and a stranger."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests import factories
from tieout.core.models import Organisation
from tieout.people.models import Membership, Role
from tieout.sync.models import Connection, Entry, Status

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Cast:
    organisation: Organisation
    owner: Client
    bookkeeper: Client
    viewer: Client
    stranger: Client

    def path(self, rest: str = "") -> str:
        return f"/o/{self.organisation.slug}/{rest}"


def signed_in(name: str, organisation: Organisation | None, role: str = Role.VIEWER) -> Client:
    user, _ = User.objects.get_or_create(username=name)
    if organisation:
        Membership.objects.create(user=user, organisation=organisation, role=role)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def cast(db: None) -> Cast:
    company = factories.organisation(name="Harakeke Ltd")
    return Cast(
        company,
        signed_in("aroha", company, Role.OWNER),
        signed_in("ben", company, Role.BOOKKEEPER),
        signed_in("vera", company, Role.VIEWER),
        signed_in("stan", None),
    )


@pytest.fixture
def live(cast: Cast) -> Connection:
    """The company's connection, made without a Xero behind it."""
    return Connection.objects.create(
        organisation=cast.organisation,
        step=Connection.Step.LIVE,
        tenant_id=str(uuid4()),
        tenant_name="Harakeke in Xero",
        short_code="!abc12",
        base_currency="NZD",
    )


EntryMaker = Callable[..., Entry]


@pytest.fixture
def entry(cast: Cast) -> EntryMaker:
    """Make a line of Sync History; each newer than the one before."""

    def make(status: str = Status.COMPLETED, **values: Any) -> Entry:
        number = next(_numbers)
        at = NOW + timedelta(seconds=number)
        standard: dict[str, Any] = {
            "organisation": cast.organisation,
            "kind": "sale_invoice",
            "record_id": uuid4(),
            "status": status,
            "touched": False,
            "label": f"INV-{number:04}",
            "party": "Aroha Homeware",
            "date": date(2026, 3, 31),
            "amount": Decimal("115.00"),
            "currency": "NZD",
            "queued_at": at,
            "updated_at": at,
            "completed_at": at if status == Status.COMPLETED else None,
        }
        return Entry.objects.create(**(standard | values))

    return make
