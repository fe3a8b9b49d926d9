"""What makes a resource of the twin: the few names that each module under `resources` fills in.

A resource has a name (`Invoices`), the scopes it asks for, a table in the organisation, a way to show a
record in each shape, the columns that `where` and `order` know, and what its writes do. Reading
(`reading.py`) and writing (`writing.py`) are the same for all of them. What a write does to one element is
a value (`Outcome`), with its errors and warnings as sentences.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

import msgspec

from xero_twin.fields import Fields, InOneGo, Sent
from xero_twin.identity import App
from xero_twin.journal import JournalLine
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID
from xero_twin.store import Table
from xero_twin.wire import Element, Request, Response

Value = str | Decimal | bool | datetime | date | None
Column = Callable[["Call", Any], Value]


class Shape:
    """How much of a record an answer shows: after a write, read alone, in a paged list, in a list without
    pages, in summary. `STORED` is a single read with the contact in short, for snapshots.

    Not an Enum: before Python 3.12 naming a member of one takes longer than showing a field."""

    WRITE: ClassVar["Shape"]
    ONE: ClassVar["Shape"]
    LIST: ClassVar["Shape"]
    BARE: ClassVar["Shape"]
    SUMMARY: ClassVar["Shape"]
    STORED: ClassVar["Shape"]


for _name in ("WRITE", "ONE", "LIST", "BARE", "SUMMARY", "STORED"):
    setattr(Shape, _name, Shape())


@dataclass
class Call:
    """One authorised call on one organisation, whose lock is held. `params` has lower-case names; `now` is
    in milliseconds."""

    org: Organisation
    app: App
    request: Request
    params: Mapping[str, str]
    now: int
    line: JournalLine

    @cached_property
    def unitdp(self) -> int:
        return 4 if self.params.get("unitdp") == "4" else 2

    @cached_property
    def tracks_stock(self) -> bool:
        """Whether the organisation has a tracked item; a call on documents makes none."""
        return self.org.items.first("tracked", True) is not None

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean parameter, in any case."""
        value = self.params.get(name)
        return default if value is None else value.strip().lower() == "true"


class Outcome(msgspec.Struct):
    """What became of one element: the record to echo, and why it was refused when `errors` is not empty."""

    record: Any
    errors: list[str] = []
    warnings: list[str] = []
    created: bool = False


Write = Callable[[Call, Sent, Any], Outcome]
Below = Callable[["Call", "Resource", Any, list[str]], Response]  # the record may be None; the rest of the path


def _never(_call: Call, _sent: Sent) -> None:
    return None


def _no_check(_call: Call, _elements: Sequence[Sent]) -> None:
    return None


@dataclass(frozen=True)
class Resource:
    """One resource. `put` and `post` say how many elements the verb takes: "many", "one" or None for not
    allowed."""

    name: str
    element: str
    id_key: str
    scopes: tuple[str, ...]
    table: Callable[[Organisation], Table[Any]]
    show: Callable[[Call, Any, Shape], dict[str, Any] | Element]
    find: Callable[[Organisation, str], Any | None]
    columns: Mapping[str, Column] = field(default_factory=dict)
    number: Callable[[Any], str | None] = lambda _record: None
    # reading
    paged: bool = False
    modified_since: bool = True
    takes_where: bool = True
    filters: "Callable[[Call], Filters] | None" = None
    shows_today: bool = False  # what is shown depends on the day, as what is overdue does
    lookups: Mapping[str, Callable[[Organisation, str], Iterable[Any]]] = field(default_factory=dict)
    # writing
    fields: Fields = field(default_factory=dict)
    in_one_go: InOneGo | None = None  # reads most bodies of these fields, and reads them faster
    put: str | None = None
    post: str | None = None
    post_one: bool = False
    write: Write | None = None
    change: Write | None = None  # what POST /X/{id} does, when it is not the same as an update
    match: Callable[[Call, Sent], Any | None] = _never
    check: Callable[[Call, Sequence[Sent]], None] = _no_check
    delete: Callable[[Call, Any], Response] | None = None
    error_flag: str = "HasValidationErrors"
    below: "Mapping[str, Below]" = field(default_factory=dict)  # addresses below a record, by their lower-case name
    most: int | None = None  # elements in one call


@dataclass
class Filters:
    """A resource's own list parameters: records to start from (None is all), and what each must satisfy."""

    candidates: list[Any] | None = None
    tests: list[Callable[[Any], bool]] = field(default_factory=list)
    forces_paging: bool = False
    page_size: int | None = None  # a size that the caller cannot change; such lists say nothing of their pages


def record_id(record: Any) -> str:
    """A record's id in an answer: zero while it was never stored."""
    return str(record.id or NOTHING_GUID)
