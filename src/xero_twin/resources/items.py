"""Items: the price list. Codes are unique; not wanted sides (`IsSold`, `IsPurchased` false) lose their
details.

An item is tracked when it has an inventory asset account and a cost-of-goods account; only tracked ones
show quantities. Prices have two decimals, four with `unitdp=4`. The answer to a write has its time without
an offset, and an empty `ValidationErrors`. Stock is moved by documents alone (`stock.py`).
"""

import copy
from decimal import Decimal
from typing import Any

from xero_twin import wire
from xero_twin.fields import Sent, as_guid, boolean, declare, guid, nested, number, text
from xero_twin.money import NOUGHT, cents, unit
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, Item
from xero_twin.resource import Call, Outcome, Resource, Shape, record_id
from xero_twin.wire import Response

_LONGEST = {
    "code": ("Code", 30),
    "name": ("Name", 50),
    "description": ("Description", 4000),
    "purchase_description": ("PurchaseDescription", 4000),
}


def show(call: Call, item: Item, shape: Shape) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "ItemID": record_id(item),
        "Code": item.code,
        "Name": item.name,
        "Description": item.description,
        "PurchaseDescription": item.purchase_description,
        "UpdatedDateUTC": (
            wire.instant_without_offset(item.updated) if shape is Shape.WRITE else wire.instant(item.updated)
        ),
        "PurchaseDetails": wire.without_nulls(
            {
                "UnitPrice": _price(call, item.purchase_price),
                "AccountCode": None if item.is_tracked else item.purchase_account,
                "COGSAccountCode": item.cogs_account,
                "TaxType": item.purchase_tax_type,
            }
        ),
        "SalesDetails": wire.without_nulls(
            {
                "UnitPrice": _price(call, item.sales_price),
                "AccountCode": item.sales_account,
                "TaxType": item.sales_tax_type,
            }
        ),
        "IsTrackedAsInventory": item.is_tracked,
        "IsSold": item.is_sold,
        "IsPurchased": item.is_purchased,
    }
    if item.is_tracked:
        shown["InventoryAssetAccountCode"] = item.inventory_account
        shown["QuantityOnHand"] = max(item.quantity_on_hand, NOUGHT)
        shown["QuantityOnBackOrder"] = max(-item.quantity_on_hand, NOUGHT)
        shown["QuantityAvailable"] = item.quantity_on_hand
        shown["TotalCostPool"] = item.cost_pool
    if shape is Shape.WRITE:
        shown["ValidationErrors"] = []
    return wire.without_nulls(shown)


def _price(call: Call, price: Decimal | None) -> Decimal | None:
    if price is None:
        return None
    return price if call.unitdp == 4 else cents(price)


def find(org: Organisation, key: str) -> Item | None:
    return org.items.get(as_guid(key) or key) or org.items.first("code", key.casefold())


_SIDE = declare(
    {
        "UnitPrice": ("price", number),
        "AccountCode": ("account", text),
        "COGSAccountCode": ("cogs", text),
        "TaxType": ("tax_type", text),
    }
)
FIELDS = declare(
    {
        "ItemID": ("id", guid),
        "Code": ("code", text),
        "Name": ("name", text),
        "Description": ("description", text),
        "PurchaseDescription": ("purchase_description", text),
        "IsSold": ("is_sold", boolean),
        "IsPurchased": ("is_purchased", boolean),
        "PurchaseDetails": ("purchase", nested(_SIDE)),
        "SalesDetails": ("sales", nested(_SIDE)),
        "InventoryAssetAccountCode": ("inventory_account", text),
    }
)


def match(call: Call, sent: Sent) -> Item | None:
    if "id" in sent:
        return call.org.items.get(sent["id"])
    return call.org.items.first("code", sent.get("code", "").casefold())


def write(call: Call, sent: Sent, existing: Item | None) -> Outcome:
    item = _merged(call, existing or Item(), sent)
    errors = _errors(call.org, item, existing)
    if sent.get("sales", {}).get("cogs"):  # wording invented
        errors.append("A COGSAccountCode is for the purchase details of tracked items only.")
    if existing is None and sent.get("id", NOTHING_GUID) != NOTHING_GUID and call.request.method == "POST":
        errors.append("The Item with the specified ItemID could not be found")  # wording invented
    if not errors:
        item.id = call.org.new_id() if existing is None else existing.id
        item.updated = call.now
        call.org.items.put(item)
    return Outcome(item, errors, created=existing is None)


def _merged(call: Call, existing: Item, sent: Sent) -> Item:
    item = copy.copy(existing)
    for name in ("code", "name", "description", "purchase_description", "is_sold", "is_purchased"):
        setattr(item, name, sent.get(name, getattr(item, name)))
    sales, purchase = sent.get("sales", {}), sent.get("purchase", {})
    if "price" in sales:
        item.sales_price = unit(sales["price"], call.unitdp)
    if "price" in purchase:
        item.purchase_price = unit(purchase["price"], call.unitdp)
    item.sales_account = sales.get("account", item.sales_account) or None
    item.sales_tax_type = sales.get("tax_type", item.sales_tax_type) or None
    item.purchase_account = purchase.get("account", item.purchase_account) or None
    item.cogs_account = purchase.get("cogs", item.cogs_account) or None
    item.purchase_tax_type = purchase.get("tax_type", item.purchase_tax_type) or None
    item.inventory_account = sent.get("inventory_account", item.inventory_account) or None
    if not item.is_sold:
        item.sales_price = item.sales_account = item.sales_tax_type = item.description = None
    if not item.is_purchased:
        item.purchase_price = item.purchase_account = item.purchase_tax_type = None
        item.cogs_account = item.purchase_description = None
    return item


def _errors(org: Organisation, item: Item, existing: Item | None) -> list[str]:
    errors = []
    if not item.code.strip():
        errors.append("Item code must be specified")  # wording invented
    holder = org.items.first("code", item.code.casefold())
    if holder is not None and holder.id != item.id:
        errors.append(f"Price List Item with Code '{item.code}' already exists")
    for name, (label, longest) in _LONGEST.items():
        if len(getattr(item, name) or "") > longest:  # wording invented
            errors.append(f"{label} must be no longer than {longest} characters.")
    for code in (item.sales_account, item.purchase_account, item.cogs_account):
        found = org.accounts.first("code", code) if code else None
        if code and (found is None or found.status != "ACTIVE"):
            errors.append("Account must be valid.")
    for tax_type in (item.sales_tax_type, item.purchase_tax_type):
        rate = org.tax_rates.get(tax_type) if tax_type else None
        if tax_type and (rate is None or rate.status != "ACTIVE"):
            errors.append("Tax rate must be valid.")
    return errors + _tracking_errors(org, item, existing)


def _tracking_errors(org: Organisation, item: Item, existing: Item | None) -> list[str]:
    """The rules are Xero's, the sentences invented."""
    errors = []
    if item.inventory_account is not None:
        asset = org.accounts.first("code", item.inventory_account)
        if asset is None or asset.type != "INVENTORY" or asset.status != "ACTIVE":
            errors.append("InventoryAssetAccountCode must be an active account of type INVENTORY.")
        if item.cogs_account is None:
            errors.append("A tracked item must have a COGSAccountCode.")
    elif item.cogs_account is not None:
        errors.append("A COGSAccountCode needs an InventoryAssetAccountCode.")
    if existing is not None and existing.is_tracked != item.is_tracked and is_used(org, existing):
        errors.append("An item that has been used cannot change between tracked and untracked.")
    return errors


def is_used(org: Organisation, item: Item) -> bool:
    return any(line.item_id == item.id for line in org.lines())


def delete(call: Call, item: Item) -> Response:
    """204; an item in use can go too (Xero does not say)."""
    call.org.items.remove(item.id)
    call.line.updated.append(("Items", item.id, item.code))
    return Response(204, {}, b"")


RESOURCE = Resource(
    name="Items",
    element="Item",
    id_key="ItemID",
    scopes=("accounting.settings", "accounting.invoices"),
    table=lambda org: org.items,
    show=show,
    find=find,
    number=lambda item: item.code,
    columns={
        "itemid": lambda _, item: item.id,
        "code": lambda _, item: item.code,
        "name": lambda _, item: item.name,
        "description": lambda _, item: item.description,
        "issold": lambda _, item: item.is_sold,
        "ispurchased": lambda _, item: item.is_purchased,
        "istrackedasinventory": lambda _, item: item.is_tracked,
        "salesdetails.accountcode": lambda _, item: item.sales_account,
        "purchasedetails.accountcode": lambda _, item: item.purchase_account,
        "updateddateutc": lambda _, item: wire.moment(item.updated),
    },
    lookups={
        "code": lambda org, value: org.items.find("code", value.casefold()),
        "itemid": lambda org, value: [found] if (found := org.items.get(value.lower())) else [],
    },
    fields=FIELDS,
    put="many",
    post="many",
    post_one=True,
    write=write,
    match=match,
    delete=delete,
    most=500,
)
