"""One clock for all machines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tieout.sync import clock
from tieout.sync.clock import DatabaseClock


class Late(datetime):
    """The clock of a machine that is a day behind."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime.now(tz) - timedelta(days=1)


@pytest.mark.django_db
def test_a_machine_whose_clock_is_wrong_goes_by_the_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "datetime", Late)
    told = DatabaseClock()
    assert abs(told.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert told.now() <= told.now()
