"""A connected company for the commands' tests."""

from tests.sync.conftest import connected

__all__ = ["connected"]
