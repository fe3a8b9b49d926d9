"""Product → Xero item, untracked: Core owns the stock. Found again by Code, which is the SKU."""

from __future__ import annotations

from decimal import Decimal

from tieout.core.money import to_unit_price
from tieout.core.records import ProductRecord
from tieout.kinds.books import Books, Seen
from tieout.kinds.kind import Facts, Kind
from tieout.kinds.lines import account_problem
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire

MAX_CODE = 30
MAX_NAME = 50
MAX_TEXT = 4000


class ProductKind(Kind[ProductRecord, types.Item]):
    name = "product"
    title = "Product"
    plural = "Products"
    rank = 0
    id_field = "item_id"
    has_money = False
    always = True
    resource = resources.ITEMS

    def facts(self, record: ProductRecord) -> Facts:
        return Facts(record.sku, record.name, None, None, "")

    def is_gone(self, record: ProductRecord) -> bool:
        return not record.active

    def is_needed(self, record: ProductRecord) -> bool:
        return record.in_use

    def is_ready(self, record: ProductRecord) -> bool:
        return record.ready

    def keys(self, record: ProductRecord, books: Books) -> tuple[str, ...]:
        return (f"code:{record.sku}",)

    def check(self, record: ProductRecord, books: Books) -> Problem | None:
        if len(record.sku) > MAX_CODE:
            return Problem(
                "sku-too-long",
                f"Xero takes item codes of {MAX_CODE} characters; {record.sku} has {len(record.sku)}.",
                "Shorten the SKU in Core.",
            )
        for code in (record.sale_account, record.purchase_account):
            if code and (problem := account_problem(code, books)):
                return problem
        return None

    def payload(self, record: ProductRecord, books: Books) -> types.Item:
        return types.Item(
            code=record.sku,
            name=record.name[:MAX_NAME].rstrip(),
            description=_said(record, books.settings.item_description),
            purchase_description=_said(record, books.settings.item_purchase_description),
            is_sold=record.is_sold,
            is_purchased=record.is_purchased,
            # Xero drops what stands on a side that it is told not to use
            sales_details=_details(record.sale_price, record.sale_account, record.sale_tax_rule_id, books)
            if record.is_sold
            else None,
            purchase_details=_details(
                record.purchase_price, record.purchase_account, record.purchase_tax_rule_id, books
            )
            if record.is_purchased
            else None,
        )

    def void_payload(self, record: ProductRecord, seen: Seen | None) -> types.Item:
        # Xero's items cannot be archived through the API: taking them off both lists is the nearest thing
        return types.Item(code=record.sku, is_sold=False, is_purchased=False)

    def adoptable(self, record: ProductRecord, seen: Seen, books: Books) -> Problem | None:
        if seen.status == "TRACKED":
            return Problem(
                "tracked-in-xero",
                f"The item {record.sku} is tracked as inventory in Xero; both systems would post its cost.",
                "Untrack it in Xero (an item with history must be replaced by a new one), then sync again.",
            )
        return None

    def check_change(self, record: ProductRecord, seen: Seen | None, books: Books) -> Problem | None:
        return self.adoptable(record, seen, books) if seen else None

    def seen(self, element: types.Item) -> Seen | None:
        return Seen(
            kind=self.name,
            xero_id=element.item_id or "",
            key=f"code:{element.code}",
            other_key="",
            number=element.code or "",
            status="TRACKED" if element.is_tracked_as_inventory else "ACTIVE",
            updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
        )


def _said(record: ProductRecord, source: str) -> str:
    """The text that the settings choose for a side; the name where Core has none."""
    texts = {
        "description": record.description,
        "purchase_description": record.purchase_description,
        "sku_and_name": f"{record.sku} {record.name}",
        "brand_and_name": f"{record.brand} {record.name}",
    }
    return texts.get(source, "").strip()[:MAX_TEXT] or record.name


def _details(price: Decimal | None, account: str, tax_rule_id: int | None, books: Books) -> types.PriceDetails | None:
    rule = books.tax_rules.get(tax_rule_id) if tax_rule_id else None
    details = types.PriceDetails(
        unit_price=None if price is None else to_unit_price(price),
        account_code=account or None,
        tax_type=rule.tax_type if rule and rule.tax_type else None,
    )
    return details if details != types.PriceDetails() else None
