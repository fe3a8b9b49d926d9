"""When a document falls due by a payment term.

In: a term and a document's day. Out: the day it falls due. Always: pure; counted as Xero counts, so that a day that a
month does not have is its last; never before the document itself: a day of the current month that has gone by already
is the document's own.

    Core's method                       Xero's type            days
    number of days                      DAYSAFTERBILLDATE      as given
    days since the end of the month     DAYSAFTERBILLMONTH     as given
    day of the current month            OFCURRENTMONTH         the day, 1 to 31
    day of next month                   OFFOLLOWINGMONTH       the day, 1 to 31
    last day of next month              OFFOLLOWINGMONTH       31
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

OF_A_MONTH = ("OFCURRENTMONTH", "OFFOLLOWINGMONTH")
METHODS = ("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", *OF_A_MONTH)
LAST_DAY = 31


@dataclass(frozen=True, slots=True)
class Term:
    """`method` is Xero's word for how `days` are counted."""

    method: str
    days: int


def due_date(term: Term, day: date) -> date:
    """The day on which a document of `day` falls due."""
    if term.method == "DAYSAFTERBILLDATE":
        return day + timedelta(days=term.days)
    if term.method == "DAYSAFTERBILLMONTH":
        return _last_of(day) + timedelta(days=term.days)
    month = day if term.method == "OFCURRENTMONTH" else _last_of(day) + timedelta(days=1)
    return max(day, month.replace(day=max(1, min(term.days, _last_of(month).day))))


def in_words(term: Term) -> str:
    teen = 10 < term.days % 100 < 20
    count = f"{term.days}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(term.days % 10, 'th')}"
    days = f"{term.days} day{'' if term.days == 1 else 's'}"
    which = "last day" if term.days == LAST_DAY else count
    return {
        "DAYSAFTERBILLDATE": f"{days} after the document's date",
        "DAYSAFTERBILLMONTH": f"{days} after the end of its month",
        "OFCURRENTMONTH": f"the {which} of the same month",
        "OFFOLLOWINGMONTH": f"the {which} of the following month",
    }[term.method]


def misfit(term: Term) -> str:
    """Why Xero has no such term; empty where it has."""
    if term.method in OF_A_MONTH and not 1 <= term.days <= LAST_DAY:
        return "must be a day of a month, 1 to 31 (31 is its last day)"
    return ""


def _last_of(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
