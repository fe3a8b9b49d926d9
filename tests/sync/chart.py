"""What an owner does in Xero's settings: tracking categories and accounts, made in the twin."""

from __future__ import annotations

from collections.abc import Sequence

from tests.sync.world import World
from xero_twin.records import TrackingCategory, TrackingOption


def make_category(world: World, name: str, options: Sequence[str]) -> None:
    organisation = world.twin.organisations[world.tenant_id]
    made = tuple(TrackingOption(id=organisation.new_id(), name=each) for each in options)
    organisation.tracking.put(TrackingCategory(id=organisation.new_id(), name=name, options=made))
