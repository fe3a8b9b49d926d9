"""The worker killed at each point of the write of a consolidated document: the next run ends with it once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sync.test_killed_worker import POINTS, go_on, run_until_killed, served
from tests.sync.web_shop import SHOP, assert_all_agree, numbers, policy, web_order
from tests.sync.world import World

__all__ = ["served"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("after", [timedelta(seconds=1), timedelta(minutes=10)], ids=["soon", "later"])
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_while_sending_a_consolidated_document(
    served: tuple[World, str], point: str, after: timedelta
) -> None:
    made, url = served
    policy(made)
    for _ in range(3):
        web_order(made)
    run_until_killed(made, url, point, 2)  # the first write is that of the contacts
    go_on(made, after)
    assert numbers(made) == [f"SO-2026/05/31-{SHOP}-1"]
    assert_all_agree(made)
