"""Stock of tracked items: how many there are and what they cost on average.

In: a document about to be stored. Out: what it would do wrong, and, once it is stored, its movements. Bills and money
spent bring stock in at the net amount of their lines; sales invoices and money received take it out at average cost;
credit notes go the other way round (inferred): a customer's brings back at average cost, a supplier's takes out at its
own amount. Only approved documents move stock; a void takes the movements back as they were. What would take stock
below zero is refused, unless `allowBackorders` was asked for. The sentences are invented.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from xero_twin import money
from xero_twin.money import NOUGHT, ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.records import BankTransaction, Credit, Invoice, Item, Line, Posting, StockMovement
from xero_twin.resource import Call

_POSTED = ("AUTHORISED", "PAID")
# type of document -> quantity in (1) or out (-1), and whether it is the selling side
_DIRECTIONS = {
    "ACCREC": (-1, True),
    "ACCPAY": (1, False),
    "ACCRECCREDIT": (1, True),
    "ACCPAYCREDIT": (-1, False),
    "RECEIVE": (-1, True),
    "SPEND": (1, False),
}
Document = Invoice | Credit | BankTransaction


class _Move(NamedTuple):
    """One line's effect; on the selling side the cost is the average of the moment it is booked."""

    item: Item
    quantity: Decimal
    cost: Decimal | None


def errors(call: Call, resource: str, document: Document) -> list[str]:
    """Why the document may not be stored as it is."""
    if not call.tracks_stock:
        return []
    org = call.org
    moves = _moves(org, document)
    found = [
        f"The line of tracked item '{item.code}' must be coded to its inventory account '{item.inventory_account}'."
        for item, line in _tracked_lines(org, document)
        if document.status in _POSTED and not _selling(document) and line.posting.account_code != item.inventory_account
    ]
    if call.flag("allowbackorders"):
        return found
    changes: dict[str, Decimal] = defaultdict(lambda: NOUGHT)
    for move in moves:
        changes[move.item.id] += move.quantity
    for held in org.stock_movements.find("document", (resource, document.id)):
        changes[held.item_id] -= held.quantity
    for item_id, change in changes.items():
        item = org.items.get(item_id)
        if item is not None and change < 0 and item.quantity_on_hand + change < 0:
            found.append(f"There is not enough stock of item '{item.code}': {item.quantity_on_hand} on hand.")
    return found


def book(call: Call, resource: str, document: Document) -> None:
    """Move the stock as the stored document says, taking back what it did before."""
    if not call.tracks_stock:
        return
    org = call.org
    moves, held = _moves(org, document), org.stock_movements.find("document", (resource, document.id))
    before = [(one.item_id, one.quantity, None if one.accounts is not None else one.cost) for one in held]
    if before == [(move.item.id, move.quantity, move.cost) for move in moves]:
        return
    for one in held:
        _change(org, one.item_id, -one.quantity, -one.cost)
        org.stock_movements.remove(one.id)
    for move in moves:
        _move(call, resource, document, move)


def _move(call: Call, resource: str, document: Document, move: _Move) -> None:
    org = call.org
    item = org.items.get(move.item.id)
    assert item is not None, "a line's item was just found"
    cost, accounts = move.cost, None
    if cost is None:
        cost = _at_average(item, move.quantity)
        inventory = org.accounts.first("code", item.inventory_account)
        goods_sold = org.accounts.first("code", item.cogs_account)
        accounts = (inventory.id if inventory else "", goods_sold.id if goods_sold else "")
    assert document.date is not None, "a stored document has a date"
    org.stock_movements.put(
        StockMovement(
            id=org.new_id(),
            document=(resource, document.id),
            item_id=item.id,
            quantity=move.quantity,
            cost=cost,
            date=document.date,
            accounts=accounts,
            updated=call.now,
        )
    )
    _change(org, item.id, move.quantity, cost)


def _at_average(item: Item, quantity: Decimal) -> Decimal:
    """What so many cost, signed like the quantity; the last one out takes what is left of the pool."""
    if item.quantity_on_hand <= 0:
        return ZERO
    if quantity < 0 and -quantity >= item.quantity_on_hand:
        return -item.cost_pool
    return cents(item.cost_pool * quantity / item.quantity_on_hand)


def _change(org: Organisation, item_id: str, quantity: Decimal, cost: Decimal) -> None:
    """The item's own update time does not move (inferred)."""
    item = org.items.get(item_id)
    if item is None:
        return
    org.items.put(
        msgspec.structs.replace(
            item, quantity_on_hand=item.quantity_on_hand + quantity, cost_pool=cents(item.cost_pool + cost)
        )
    )


def _selling(document: Document) -> bool:
    return _DIRECTIONS.get(document.type, (0, True))[1]


def _tracked_lines(org: Organisation, document: Any) -> list[tuple[Item, Line]]:
    found = []
    for line in document.lines:
        item = org.items.get(line.item_id) if line.item_id is not None else None
        if item is not None and item.is_tracked and line.posting.quantity:
            found.append((item, line))
    return found


def _moves(org: Organisation, document: Document) -> list[_Move]:
    direction, selling = _DIRECTIONS.get(document.type, (0, True))
    if not direction or document.status not in _POSTED:
        return []
    return [
        _Move(item, direction * quantity, None if selling else direction * _net(line.posting, document))
        for item, line in _tracked_lines(org, document)
        if (quantity := line.posting.quantity) is not None
    ]


def _net(posting: Posting, document: Document) -> Decimal:
    """A line's amount without tax, in base currency."""
    tax = (posting.tax_amount or ZERO) if document.basis == money.INCLUSIVE else ZERO
    return cents(((posting.line_amount or ZERO) - tax) / document.currency_rate)
