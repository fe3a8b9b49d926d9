"""What an owner does in Xero's settings: tracking categories and accounts, made in the twin."""

from __future__ import annotations

from collections.abc import Sequence

from tests.sync.world import World
from xero_twin.records import Account, TrackingCategory, TrackingOption


def make_category(world: World, name: str, options: Sequence[str]) -> None:
    organisation = world.twin.organisations[world.tenant_id]
    made = tuple(TrackingOption(id=organisation.new_id(), name=each) for each in options)
    organisation.tracking.put(TrackingCategory(id=organisation.new_id(), name=name, options=made))


def make_account_without_code(world: World, name: str) -> None:
    """A bank account: Xero asks for its number, not for a code."""
    organisation = world.twin.organisations[world.tenant_id]
    made = Account(id=organisation.new_id(), name=name, type="BANK", status="ACTIVE", tax_type="NONE")
    made.bank_account_number = "12-3456-0000001-00"
    organisation.accounts.put(made)
