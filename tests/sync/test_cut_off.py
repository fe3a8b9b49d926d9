"""When a day is over: by the clocks of the organisation, at the policy's cut-off, also where clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from tests import factories
from tests.sync.web_shop import SHOP, policy, web_order
from tests.sync.world import world
from tieout.sync.models import ConsolidatedDocument, ConsolidationPolicy
from tieout.xero import time_zones

pytestmark = pytest.mark.django_db

ZONES = {"NZ": "Pacific/Auckland", "AU": "Australia/Sydney", "GB": "Europe/London", "US": "America/New_York"}
DAYS = {
    "NZ": (date(2026, 4, 5), date(2026, 6, 1), date(2026, 9, 27)),  # clocks go back, neither, clocks go forward
    "AU": (date(2026, 4, 5), date(2026, 10, 4)),
    "GB": (date(2026, 3, 29), date(2026, 10, 25)),
    "US": (date(2026, 3, 8), date(2026, 11, 1)),
}


@pytest.mark.parametrize(("country", "day"), [(country, day) for country, days in DAYS.items() for day in days])
@pytest.mark.parametrize(("cut_off", "hours"), [("00:00", 0), ("04:30", 0), ("00:00", 6)])
def test_a_day_closes_by_the_clocks_of_the_organisation(country: str, day: date, cut_off: str, hours: int) -> None:
    over = datetime.combine(day + timedelta(days=1), time.fromisoformat(cut_off), ZoneInfo(ZONES[country]))
    closes = over.astimezone(UTC) + timedelta(hours=hours)
    currency = {"NZ": "NZD", "AU": "AUD", "GB": "GBP", "US": "USD"}[country]
    shop = world(country=country, base_currency=currency, start=closes - timedelta(minutes=20))
    assert shop.connection.time_zone == ZONES[country]
    policy(shop, cut_off=cut_off, closes_after=str(hours))
    web_order(shop, date=day, lines=None if country == "NZ" else [factories.line()])
    shop.sync()
    assert states() == ["open"]
    shop.clock.advance(19 * 60)
    shop.sync()
    assert states() == ["open"]
    shop.clock.advance(3 * 60)
    shop.sync()
    assert states() == ["closed"]


def states() -> list[str]:
    return list(ConsolidatedDocument.objects.values_list("state", flat=True))


def test_what_is_late_joins_the_day_that_the_organisation_lives_in() -> None:
    """At 13:00 UTC it is tomorrow in New Zealand."""
    shop = world(start=datetime(2026, 6, 1, 13, 0, tzinfo=UTC))
    policy(shop, late="next")
    web_order(shop, date=date(2026, 5, 30))
    shop.sync()
    web_order(shop, date=date(2026, 5, 30))
    shop.sync()
    assert [each.number for each in ConsolidatedDocument.objects.filter(state="open")] == [f"SO-2026/06/02-{SHOP}-1"]


def test_the_cut_off_is_kept_with_the_policy_and_a_bad_one_changes_nothing() -> None:
    shop = world()
    policy(shop, cut_off="02:30")
    assert ConsolidationPolicy.objects.get().cut_off == time(2, 30)


def test_every_word_of_xero_is_a_zone_that_exists_and_others_are_utc() -> None:
    zones = {time_zones.zone_of(word) for word in time_zones._BY_WORD}
    assert zones <= available_timezones()
    assert len(zones) > 70
    assert time_zones.zone_of("New Zealand Standard Time") == "Pacific/Auckland"
    assert time_zones.zone_of("MOONSTANDARDTIME") == time_zones.zone_of("") == "UTC"
