"""The periods that reports offer by name.

In: a name and today's date. Out: first and last day, both included; None leaves that end open.
"""

from __future__ import annotations

from datetime import date, timedelta

PERIODS = (
    ("all", "All time"),
    ("this-month", "This month"),
    ("last-month", "Last month"),
    ("last-30", "Last 30 days"),
    ("last-90", "Last 90 days"),
    ("this-year", "This calendar year"),
    ("last-year", "Last calendar year"),
    ("custom", "Other dates"),
)


def period(name: str, today: date) -> tuple[date | None, date | None]:
    """The days of a named period; an unknown name means all time."""
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    year = today.year
    days: dict[str, tuple[date | None, date | None]] = {
        "this-month": (month, (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)),
        "last-month": (before.replace(day=1), before),
        "last-30": (today - timedelta(days=29), today),
        "last-90": (today - timedelta(days=89), today),
        "this-year": (date(year, 1, 1), date(year, 12, 31)),
        "last-year": (date(year - 1, 1, 1), date(year - 1, 12, 31)),
    }
    return days.get(name, (None, None))
