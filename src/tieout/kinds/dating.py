"""On which day a record stands in Xero: its own; or, by the lock-date policy, the first open day, its own in the text.

In: the record's day, its key, the books. Out: a day, and the words that tell the original one. Always: money on a bank
account keeps its day, which is the bank's; what stands in a period of Xero that was locked since keeps the day that it
got, and asks a person before it changes; what Core dates back into a locked period goes on the first open day.
"""

from __future__ import annotations

from datetime import date, timedelta

from tieout.core.records import RecordKey
from tieout.kinds.books import Books
from tieout.kinds.problems import Problem

FIRST_OPEN_DAY = "first_open_day"


def locked(day: date, books: Books) -> Problem | None:
    """Why nothing of that day can change, where a lock date stands in the way."""
    if books.lock_date is None or day > books.lock_date:
        return None
    return Problem(
        "lock-date",
        f"Xero is locked up to {books.lock_date:%d %b %Y}; this is dated {day:%d %b %Y}.",
        "Move the lock date in Xero (Accounting → Advanced → Financial settings), or redate it in Core.",
    )


def booked_on(day: date, key: RecordKey, books: Books) -> date:
    """The day on which a document of that day stands or will stand in Xero."""
    if books.settings.lock_date_policy != FIRST_OPEN_DAY or books.lock_date is None or day > books.lock_date:
        return day
    agreed = books.agreed.get(key)
    seen = books.seen.get(agreed.xero_id) if agreed else None
    if seen and seen.date and seen.date <= books.lock_date:
        return max(day, seen.date)
    return books.lock_date + timedelta(days=1)


def dated(text: str, day: date, booked: date, longest: int = 255) -> str:
    """The text, with the original day where it stands on another one."""
    if day == booked:
        return text
    note = f"(dated {day:%d %b %Y})"
    return f"{text[: longest - len(note) - 1]} {note}".strip()


def same_day(seen: date | None, day: date, books: Books) -> bool:
    """Whether a document found on that day in Xero may be the record of `day`."""
    if seen == day:
        return True
    return books.settings.lock_date_policy == FIRST_OPEN_DAY and seen is not None and seen > day
