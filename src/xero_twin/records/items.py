"""Items, and what documents did to the stock of those that are tracked."""

import datetime
from decimal import Decimal

import msgspec

from xero_twin.money import ZERO
from xero_twin.records.guid import NOTHING_GUID


class Item(msgspec.Struct, gc=False, kw_only=True):
    id: str = NOTHING_GUID
    code: str = ""
    name: str | None = None
    description: str | None = None
    purchase_description: str | None = None
    is_sold: bool = True
    is_purchased: bool = True
    sales_price: Decimal | None = None
    sales_account: str | None = None
    sales_tax_type: str | None = None
    purchase_price: Decimal | None = None
    purchase_account: str | None = None
    cogs_account: str | None = None
    purchase_tax_type: str | None = None
    inventory_account: str | None = None
    quantity_on_hand: Decimal = Decimal("0.0000")
    cost_pool: Decimal = ZERO
    updated: int = 0

    @property
    def is_tracked(self) -> bool:
        return self.inventory_account is not None


class StockMovement(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """What one document did to one tracked item: quantity in (positive) or out, and its cost in base currency. The
    cost of goods sold is posted from here; what was bought is posted by the document's own lines."""

    id: str
    document: tuple[str, str]  # resource, id
    item_id: str
    quantity: Decimal
    cost: Decimal
    date: datetime.date
    accounts: tuple[str, str] | None = None  # inventory and cost of goods sold, where the cost is posted from here
    updated: int = 0
