"""Ways of typing a value: how it is read from text, written back, and said to people.

In: text. Out: a value, or `Unusable` with one sentence that says what to type instead. Always: pure; what was written
reads as the same value again; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Protocol

MOST_ADDRESSES = 10
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
FIELDS = {
    "sales_rep": "Sales rep",
    "location": "Location",
    "job": "Job",
    "category": "Product category",
    "brand": "Brand",
    "family": "Product family",
}
_ATTRIBUTE_OF = {"document": "document", "product": "product", "contact": "customer or supplier"}


class Unusable(Exception):
    """What was typed cannot be taken; the text says why and what to type."""


class Typed(Protocol):
    """`widget`: how a page asks for it."""

    widget: ClassVar[str]

    @property
    def allowed(self) -> str:
        """What may be typed, in a few words."""
        ...

    def read(self, text: str) -> Any: ...
    def write(self, value: Any) -> str: ...
    def say(self, value: Any) -> str: ...


def _quoted(text: str) -> str:
    """What was typed, shortened, on one line."""
    flat = " ".join(text.split())
    return f"“{flat[:60]}…”" if len(flat) > 60 else f"“{flat}”"


def _chosen(text: str, options: tuple[tuple[str, str], ...]) -> str:
    wanted = text.strip().casefold()
    for value, title in options:
        if wanted in (value.casefold(), title.casefold()):
            return value
    listed = _listed(options).replace("`", "")
    raise Unusable(f"{_quoted(text)} is none of the choices. Choose one of: {listed}.")


def _listed(options: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"`{value.lower()}`" if value else f"empty ({title.lower()})" for value, title in options)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words, each with its title."""

    options: tuple[tuple[str, str], ...]
    widget: ClassVar[str] = "choice"

    @property
    def allowed(self) -> str:
        return _listed(self.options)

    def read(self, text: str) -> str:
        return _chosen(text, self.options)

    def write(self, value: str) -> str:
        return value

    def say(self, value: str) -> str:
        return dict(self.options).get(value, value)


@dataclass(frozen=True, slots=True)
class YesNo:
    options: ClassVar[tuple[tuple[str, str], ...]] = (("yes", "Yes"), ("no", "No"))
    widget: ClassVar[str] = "choice"

    @property
    def allowed(self) -> str:
        return _listed(self.options)

    def read(self, text: str) -> bool:
        return _chosen(text, self.options) == "yes"

    def write(self, value: bool) -> str:
        return "yes" if value else "no"

    def say(self, value: bool) -> str:
        return "Yes" if value else "No"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds; with `or_zero` also 0, which switches it off."""

    low: int
    high: int
    unit: str
    or_zero: bool = False
    widget: ClassVar[str] = "number"

    @property
    def allowed(self) -> str:
        return f"{self.low:,} to {self.high:,}{', or 0' if self.or_zero else ''}"

    def read(self, text: str) -> int:
        bare = text.strip().replace(",", "")
        number = int(bare) if bare.isascii() and bare.isdecimal() and len(bare) < 10 else None
        if number is not None and (self.low <= number <= self.high or (self.or_zero and number == 0)):
            return number
        zero = ", or 0" if self.or_zero else ""
        raise Unusable(f"{_quoted(text)} is not it: type a whole number from {self.low:,} to {self.high:,}{zero}.")

    def write(self, value: int) -> str:
        return str(value)

    def say(self, value: int) -> str:
        return f"{value:,} {self.unit}" if value else "off"


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or nothing."""

    widget: ClassVar[str] = "date"

    @property
    def allowed(self) -> str:
        return "a day such as 2026-04-01, or empty"

    def read(self, text: str) -> date | None:
        if not text.strip():
            return None
        try:
            day = date.fromisoformat(text.strip())
        except ValueError:
            raise Unusable(f"{_quoted(text)} is not a day; type it as 2026-04-01, or leave it empty.") from None
        if not 1990 <= day.year <= 2100:
            raise Unusable(f"{day:%d %b %Y} is too far away; type a day between 1990 and 2100.")
        return day

    def write(self, value: date | None) -> str:
        return value.isoformat() if value else ""

    def say(self, value: date | None) -> str:
        return f"{value:%d %b %Y}" if value else "not set"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and time in UTC, or nothing."""

    widget: ClassVar[str] = "moment"

    @property
    def allowed(self) -> str:
        return "a moment in UTC such as 2026-04-01T06:00, or empty"

    def read(self, text: str) -> datetime | None:
        bare = text.strip().removesuffix("Z")
        if not bare:
            return None
        try:
            moment = datetime.fromisoformat(bare)
        except ValueError:
            raise Unusable(
                f"{_quoted(text)} is not a moment; type it in UTC as 2026-04-01T06:00, or leave it empty."
            ) from None
        if not 1990 <= moment.year <= 2100:
            raise Unusable(f"{moment:%d %b %Y} is too far away; type a day between 1990 and 2100.")
        return moment.replace(tzinfo=UTC, second=0, microsecond=0) if moment.tzinfo is None else moment.astimezone(UTC)

    def write(self, value: datetime | None) -> str:
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M}" if value else ""

    def say(self, value: datetime | None) -> str:
        return f"{value.astimezone(UTC):%d %b %Y, %H:%M} UTC" if value else "not set"


@dataclass(frozen=True, slots=True)
class Text:
    """A text on one line, or nothing."""

    limit: int
    widget: ClassVar[str] = "text"

    @property
    def allowed(self) -> str:
        return f"up to {self.limit} characters, or empty"

    def read(self, text: str) -> str:
        bare = text.strip()
        if len(bare) > self.limit:
            raise Unusable(f"That is {len(bare)} characters long; {self.limit} are the most.")
        if not bare.isprintable():
            raise Unusable("A line break or an invisible character is in it; type it on one line.")
        return bare

    def write(self, value: str) -> str:
        return value

    def say(self, value: str) -> str:
        return value or "none"


@dataclass(frozen=True, slots=True)
class TrackedField:
    """The text of Core that tracking is taken from: one of `FIELDS`, or document:, product: or contact: and a name."""

    widget: ClassVar[str] = "tracked"

    @property
    def allowed(self) -> str:
        return f"{', '.join(f'`{each}`' for each in FIELDS)}, or `document:`, `product:` or `contact:` and a name"

    def read(self, text: str) -> str:
        bare = text.strip()
        known = {title.casefold(): name for name, title in FIELDS.items()} | {name: name for name in FIELDS}
        if not bare or bare.casefold() in known:
            return known.get(bare.casefold(), "")
        owner, colon, name = bare.partition(":")
        if colon and owner.casefold() in _ATTRIBUTE_OF and 0 < len(name.strip()) <= 100 and name.isprintable():
            return f"{owner.casefold()}:{name.strip()}"
        raise Unusable(
            f"{_quoted(text)} is no field. Choose one of {', '.join(FIELDS)}, or an attribute such as product:Colour."
        )

    def write(self, value: str) -> str:
        return value

    def say(self, value: str) -> str:
        return field_title(value) if value else "nothing"


def field_title(name: str) -> str:
    """A field in words: "product:Colour" → "Colour (product)"."""
    owner, colon, attribute = name.partition(":")
    return f"{attribute} ({_ATTRIBUTE_OF.get(owner, owner)})" if colon else FIELDS.get(name, name)


@dataclass(frozen=True, slots=True)
class Emails:
    """Addresses, separated by commas, semicolons or line breaks."""

    widget: ClassVar[str] = "emails"

    @property
    def allowed(self) -> str:
        return f"up to {MOST_ADDRESSES} addresses, or empty"

    def read(self, text: str) -> list[str]:
        found = list(dict.fromkeys(each for each in re.split(r"[,;\s]+", text) if each))
        for each in found:
            if not _ADDRESS.fullmatch(each) or len(each) > 254:
                raise Unusable(f"{_quoted(each)} is not an e-mail address; type one like mere@example.com.")
        if len(found) > MOST_ADDRESSES:
            raise Unusable(f"That is {len(found)} addresses; {MOST_ADDRESSES} are the most. A mailing list takes one.")
        return found

    def write(self, value: list[str]) -> str:
        return ", ".join(value)

    def say(self, value: list[str]) -> str:
        return ", ".join(value) or "nobody"


@dataclass(frozen=True, slots=True)
class PerChannel:
    """A choice for some channels, one a line: `Shopify = DRAFT`. Without line breaks a semicolon separates them."""

    options: tuple[tuple[str, str], ...]
    widget: ClassVar[str] = "channels"

    @property
    def allowed(self) -> str:
        return f"`Channel = status`, semicolons between; a status is {_listed(self.options)}"

    def read(self, text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in text.split("\n") if "\n" in text else text.split(";"):
            if not line.strip():
                continue
            channel, equals, word = line.rpartition("=")
            if not equals or not channel.strip():
                raise Unusable(f"{_quoted(line)} is not it: type a channel and its status, such as Shopify = draft.")
            if word.strip():
                found[channel.strip()] = _chosen(word, self.options)
        return dict(sorted(found.items()))

    def write(self, value: Mapping[str, str]) -> str:
        return "\n".join(f"{channel} = {status}" for channel, status in sorted(value.items()))

    def say(self, value: Mapping[str, str]) -> str:
        titles = dict(self.options)
        return "; ".join(f"{name}: {titles.get(status, status)}" for name, status in sorted(value.items())) or "none"
