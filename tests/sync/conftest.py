"""A connected company for engine tests."""

from __future__ import annotations

import pytest

from tests.sync.world import World, world


@pytest.fixture
def connected(db: None) -> World:
    return world()
