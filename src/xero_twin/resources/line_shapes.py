"""How the lines of a document look in an answer.

In: stored (or refused) lines. Out: the elements of `LineItems` in Xero's order; or the same half written, for the wire
alone, with what all lines of a posting say written once.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from xero_twin import wire
from xero_twin.money import ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, Line, Posting
from xero_twin.resource import Shape

_MOST_KEPT = 16384  # postings of which it is kept how they are written


class ShownLine(msgspec.Struct, omit_defaults=True, gc=False, rename=wire.written_name):
    """A line in an answer, in Xero's order; what is None is left out."""

    item_code: str | None = None
    description: str | None = None
    unit_amount: Decimal | None = None
    tax_type: str | None = None
    tax_amount: Decimal | None = None
    line_amount: Decimal | None = None
    account_code: str | None = None
    account_id: str | None = None
    tracking: list[dict[str, Any]] | None = None
    quantity: Decimal | None = None
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    line_item_id: str | None = None
    item: dict[str, Any] | None = None
    validation_errors: list[Any] | None = None


def show(lines: Iterable[Line], shape: Shape, unitdp: int, org: Organisation) -> list[ShownLine]:
    """The lines in an answer; one that only has a description shows nothing else."""
    return [_show_one(line, shape, unitdp, org) for line in lines]


def _show_one(line: Line, shape: Shape, unitdp: int, org: Organisation) -> ShownLine:
    tags, posting, item_id = show_tracking(org, line, shape) if line.tracking else [], line.posting, line.item_id
    if posting.line_amount is None:
        return ShownLine(description=line.description, tracking=tags, line_item_id=line.id)
    shown = _show_posting(posting, unitdp)
    if item_id is not None:
        shown.item_code, shown.item = line.item_code, _short_item(org, item_id)
    shown.description, shown.tracking = line.description, tags
    shown.line_item_id = None if line.id == NOTHING_GUID else line.id
    shown.validation_errors = [] if shape is Shape.WRITE else None
    return shown


def _show_posting(posting: Posting, unitdp: int) -> ShownLine:
    unit_amount = posting.unit_amount or ZERO
    return ShownLine(
        None,
        None,
        unit_amount if unitdp == 4 else cents(unit_amount),
        posting.tax_type,
        posting.tax_amount,
        posting.line_amount,
        posting.account_code,
        posting.account_id,
        [],
        posting.quantity,
        posting.discount_rate,
        posting.discount_amount,
    )


class WrittenLine(msgspec.Struct, omit_defaults=True, gc=False, rename=wire.written_name):
    """A line without item and tags, half written: where its unit amount goes stands all that comes from there up to its
    id."""

    description: str | None = None
    unit_amount: msgspec.Raw | None = None
    line_item_id: str | None = None
    validation_errors: list[Any] | None = None


def write(lines: Iterable[Line], shape: Shape, unitdp: int, org: Organisation) -> list[ShownLine | WrittenLine]:
    """The same, for the wire alone. What lines without item and tags say beside their description and their id is
    written once for all that share a posting."""
    written = _written[unitdp]
    errors: list[Any] | None = [] if shape is Shape.WRITE else None
    shown: list[ShownLine | WrittenLine] = []
    for line in lines:
        posting, line_id = line.posting, line.id
        bare = posting.line_amount is not None and line.item_id is None and not line.tracking
        if not bare or line_id is None or line_id == NOTHING_GUID:
            shown.append(_show_one(line, shape, unitdp, org))
        else:
            _, figures = written.get(id(posting)) or _write_figures(posting, unitdp)
            shown.append(WrittenLine(line.description, figures, line_id, errors))
    return shown


# by unitdp and the identity of a posting, which is held so that no other one can have it
_written: dict[int, dict[int, tuple[Posting, msgspec.Raw]]] = {2: {}, 4: {}}


def _write_figures(posting: Posting, unitdp: int) -> tuple[Posting, msgspec.Raw]:
    if len(_written[unitdp]) >= _MOST_KEPT:
        _written[unitdp].clear()
    figures = wire.encode(_show_posting(posting, unitdp))[len(b'{"UnitAmount":') : -1]
    found = _written[unitdp][id(posting)] = posting, msgspec.Raw(figures)
    return found


def _short_item(org: Organisation, item_id: str) -> dict[str, Any] | None:
    item = org.items.get(item_id)
    return None if item is None else wire.without_nulls({"ItemID": item.id, "Name": item.name, "Code": item.code})


def show_tracking(org: Organisation, line: Line, shape: Shape) -> list[dict[str, Any]]:
    """The tags of a line under the names they have today."""
    shown = []
    for tag in line.tracking:
        category = org.tracking.get(tag.category_id)
        options = {option.id: option.name for option in category.options} if category is not None else {}
        one: dict[str, Any] = {
            "Name": category.name if category is not None else tag.name,
            "Option": options.get(tag.option_id, tag.option),
            "TrackingCategoryID": tag.category_id,
        }
        if shape in (Shape.LIST, Shape.BARE):
            one["Options"] = []
        else:
            one["TrackingOptionID"] = tag.option_id
        shown.append(one)
    return shown
