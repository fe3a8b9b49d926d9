"""The lines of a document: what was sent, filled up from items, accounts and tax rates, and computed.

In: sent lines, the document's basis (Exclusive, Inclusive, NoTax), whether it is a sale and whether it is
being approved. Out: Line records with all their figures, and the sentences that refuse them. A sent list
replaces the whole list: a line with the `LineItemID` of one of the document's own lines keeps it and what
was not sent, a line without one is new, a line that is left out is gone.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xero_twin import charts, wire
from xero_twin.fields import Sent, declare, guid, nested_list, number, text
from xero_twin.money import NO_TAX, ZERO, LineSent, LineTotalMismatchError, cents, line_figures, tax_on
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, Account, Line, TaxRate, Tracking
from xero_twin.resource import Shape

_NOT_ON_LINES = ("DEBTORS", "CREDITORS")
_LONGEST_DESCRIPTION = 4000
_LARGEST_AMOUNT = Decimal("9999999999.99")
_LARGEST_QUANTITY = Decimal("99999999.9999")  # thirteen characters
DISCOUNTS = ("discount_rate", "discount_amount")
TRACKING = declare(
    {
        "TrackingCategoryID": ("category_id", guid),
        "Name": ("name", text),
        "TrackingOptionID": ("option_id", guid),
        "Option": ("option", text),
    }
)
FIELDS = declare(
    {
        "LineItemID": ("id", guid),
        "Description": ("description", text),
        "Quantity": ("quantity", number),
        "UnitAmount": ("unit_amount", number),
        "ItemCode": ("item_code", text),
        "AccountCode": ("account_code", text),
        "AccountID": ("account_id", guid),
        "TaxType": ("tax_type", text),
        "TaxAmount": ("tax_amount", number),
        "LineAmount": ("line_amount", number),
        "DiscountRate": ("discount_rate", number),
        "DiscountAmount": ("discount_amount", number),
        "Tracking": ("tracking", nested_list(TRACKING, breaks=True)),
    }
)
_FIGURES = ("quantity", "unit_amount", "line_amount", "discount_rate", "discount_amount")


@dataclass(frozen=True)
class Setting:
    """What the document says about all its lines."""

    org: Organisation
    basis: str
    sale: bool
    approving: bool
    unitdp: int
    discounts: tuple[str, ...]  # which of the two kinds
    same_basis: bool = True  # false when an update changes Exclusive, Inclusive or NoTax


def build(setting: Setting, sent: list[Sent], held: tuple[Line, ...]) -> tuple[tuple[Line, ...], list[str]]:
    """All lines of a document that sent a list, and what is wrong with them."""
    own = {line.id: line for line in held}
    lines, errors = [], []
    named = [one["id"] for one in sent if "id" in one]
    if len(set(named)) < len(named):
        errors.append("A LineItemID can be used only once.")  # wording invented
    for one in sent:
        line, wrong = _build_one(setting, one, own.get(one.get("id")))
        lines.append(line)
        errors += wrong
    return tuple(lines), errors


def rebuild(setting: Setting, held: tuple[Line, ...]) -> tuple[tuple[Line, ...], list[str]]:
    """The same lines under a changed basis or status."""
    return build(setting, [{"id": line.id} for line in held], held)


def _build_one(setting: Setting, sent: Sent, held: Line | None) -> tuple[Line, list[str]]:
    errors: list[str] = []
    merged = _merged(sent, held)
    _take_from_item(setting, merged, errors)
    line = Line(id=held.id if held is not None else None, description=merged.get("description"))
    line.item_code, line.item_id = merged.get("item_code"), merged.get("item_id")
    line.tracking = tracking(setting.org, merged.get("tracking", ()), errors)
    if len(line.description or "") > _LONGEST_DESCRIPTION:  # wording invented
        errors.append(f"Description must be no longer than {_LONGEST_DESCRIPTION} characters.")
    if not any(name in merged for name in ("quantity", "unit_amount", "line_amount", "kept")):
        return line, errors  # only a description: no figures, no account
    account = _account(setting, line, merged, errors)
    rate = _tax(setting, line, merged, account, errors)
    _figures(setting, line, merged, rate, errors)
    if setting.approving and not line.description:
        errors.append("Description must be specified")  # wording invented
    return line, errors


def _merged(sent: Sent, held: Line | None) -> Sent:
    """What was sent over what the line had. New figures recompute the amount and the tax; without any the
    old ones stand."""
    if held is None:
        return dict(sent)
    merged: Sent = {
        name: value
        for name in ("description", "item_code", "item_id", "account_code", "account_id", "tax_type", "tracking")
        if (value := getattr(held, name)) is not None
    }
    if any(name in sent for name in _FIGURES):
        keep = ("quantity", "unit_amount", "discount_rate", "discount_amount")
        merged |= {name: value for name in keep if (value := getattr(held, name)) is not None}
    elif held.line_amount is not None:
        merged["kept"] = held
    if "account_code" in sent:
        merged.pop("account_id", None)
    if "account_id" in sent:
        merged.pop("account_code", None)
    return {**merged, **sent}


def _take_from_item(setting: Setting, merged: Sent, errors: list[str]) -> None:
    """An item gives what the line leaves out, from its sales or its purchase side."""
    code = merged.get("item_code")
    if not code:
        merged.pop("item_code", None)
        return
    item = setting.org.items.first("code", code.casefold())
    if item is None:
        errors.append(f"Item code '{code}' is not valid")  # wording invented
        return
    merged["item_code"], merged["item_id"] = item.code, item.id
    if setting.sale:
        offered = (item.description, item.sales_price, item.sales_account, item.sales_tax_type)
    else:
        account = item.inventory_account or item.purchase_account
        offered = (item.purchase_description, item.purchase_price, account, item.purchase_tax_type)
    description, price, account_code, tax_type = offered
    defaults = {"description": description or item.name, "tax_type": tax_type}
    if "line_amount" not in merged:
        defaults["unit_amount"] = price  # type: ignore[assignment]
    if "account_id" not in merged:
        defaults["account_code"] = account_code
    for name, value in defaults.items():
        if value is not None:
            merged.setdefault(name, value)


def _account(setting: Setting, line: Line, merged: Sent, errors: list[str]) -> Account | None:
    code, account_id = merged.get("account_code"), merged.get("account_id")
    if not code and not account_id:
        if setting.approving:
            errors.append("Account code must be specified")
        return None
    accounts = setting.org.accounts
    account = accounts.first("code", code) if code else accounts.get(account_id or "")
    line.account_code, line.account_id = code, account_id
    # that bank accounts are refused too is inferred: money moves by payments and bank transactions
    if account is None or account.system_account in _NOT_ON_LINES or account.type == "BANK":
        errors.append(f"Account code '{code or account_id}' is not a valid code for this document.")
        return None
    line.account_code, line.account_id = account.code, account.id
    if account.status != "ACTIVE":
        errors.append(
            f"Account code '{account.code}' has been archived, or has been deleted. "
            "Each line item must reference a valid account."
        )
        return None
    return account


def _tax(setting: Setting, line: Line, merged: Sent, account: Account | None, errors: list[str]) -> TaxRate | None:
    """The line's tax rate: as sent, else the account's own."""
    sent: str | None = merged.get("tax_type")
    if setting.basis == NO_TAX:
        line.tax_type = "NONE" if sent is None or setting.org.tax_rates.get("NONE") else sent
        if sent and sent.upper() != "NONE" and setting.org.tax_rates.get(sent.upper()) is None:
            errors.append(no_tax_type(sent))
        return None
    tax_type = (sent or "").upper() or (account.tax_type if account is not None else None)
    if tax_type is None:
        return None
    line.tax_type = tax_type
    rate = setting.org.tax_rates.get(tax_type)
    if rate is None or rate.status != "ACTIVE":
        errors.append(no_tax_type(tax_type))
        return None
    if account is not None:
        letter = charts.LETTER_OF_CLASS[charts.CLASS_OF_TYPE[account.type]]
        if letter not in rate.applies_to:
            errors.append(f"The TaxType code '{tax_type}' cannot be used with account code '{account.code}'.")
    return rate


def no_tax_type(tax_type: str) -> str:
    return f"The TaxType code {tax_type} does not exist or cannot be used for this type of transaction."


def _figures(setting: Setting, line: Line, merged: Sent, rate: TaxRate | None, errors: list[str]) -> None:
    percent = rate.effective if rate is not None else ZERO
    if "kept" in merged:
        _keep_figures(setting, line, merged, percent)
        return
    get = merged.get
    sent = LineSent(
        get("quantity"),
        get("unit_amount"),
        get("line_amount"),
        get("discount_rate"),
        get("discount_amount"),
        get("tax_amount"),
    )
    errors += _figure_errors(setting, sent)
    try:
        figures = line_figures(sent, percent, setting.basis, setting.unitdp)
    except LineTotalMismatchError as error:
        errors.append(str(error))
        figures = line_figures(sent._replace(line_amount=None), percent, setting.basis, setting.unitdp)
    line.quantity, line.unit_amount = figures.quantity, figures.unit_amount
    line.line_amount, line.tax_amount, line.discount = figures.line_amount, figures.tax_amount, figures.discount
    line.discount_rate, line.discount_amount = sent.discount_rate, sent.discount_amount
    if abs(line.line_amount) > _LARGEST_AMOUNT:
        errors.append(f"The line amount must not be more than {_LARGEST_AMOUNT}.")  # wording invented


def _keep_figures(setting: Setting, line: Line, merged: Sent, percent: Decimal) -> None:
    """No figure was sent: an amount that was accepted once stands, and so does its tax unless what it rests
    on changed."""
    held: Line = merged["kept"]
    line.quantity, line.unit_amount, line.line_amount = held.quantity, held.unit_amount, held.line_amount
    line.discount_rate, line.discount_amount, line.discount = (
        held.discount_rate,
        held.discount_amount,
        held.discount,
    )
    if "tax_amount" in merged:
        line.tax_amount = cents(merged["tax_amount"])
    elif setting.same_basis and line.tax_type == held.tax_type:
        line.tax_amount = held.tax_amount
    else:
        line.tax_amount = tax_on(held.line_amount or ZERO, percent, setting.basis)


def _figure_errors(setting: Setting, sent: LineSent) -> list[str]:
    errors = []
    discounts = [name for name in DISCOUNTS if getattr(sent, name)]
    if sent.quantity is not None and sent.quantity > _LARGEST_QUANTITY:
        errors.append(f"The quantity must not be more than {_LARGEST_QUANTITY}.")  # wording invented
    if sent.quantity is not None and sent.quantity < 0:
        shown = sent.quantity.quantize(Decimal("0.0001"))
        errors.append(f"The quantity value '{shown}' is invalid. Quantity must not be less than zero.")
    if not set(discounts) <= set(setting.discounts):
        errors.append("Discounts cannot be used on this type of document.")  # wording invented
    if sent.discount_rate is not None and not 0 <= sent.discount_rate <= 100:
        errors.append("The discount rate must be between 0 and 100.")  # wording invented
    if discounts and sent.unit_amount is None:
        errors.append("The UnitAmount should be used when specifying a discount for a line item.")
    return errors


def tracking(org: Organisation, sent: Any, errors: list[str]) -> tuple[Tracking, ...]:
    """The tags of a line: at most two, one per category; what is wrong is added to `errors`."""
    if isinstance(sent, tuple):
        return sent
    found: list[Tracking] = []
    for one in sent:
        tag = _tag(org, one)
        if tag is None:
            errors.append("The tracking category or option is not valid.")  # wording invented
        elif any(other.category_id == tag.category_id for other in found):
            errors.append("A tracking category can be used only once on a line.")  # wording invented
        else:
            found.append(tag)
    return tuple(found)


def _tag(org: Organisation, sent: Sent) -> Tracking | None:
    """An active option of an active category, by id or name; an unknown option is never created."""
    if "category_id" in sent:
        category = org.tracking.get(sent["category_id"])
    else:
        category = org.tracking.first("name", sent.get("name", "").casefold())
    if category is None or category.status != "ACTIVE":
        return None
    for option in category.options:
        if option.status != "ACTIVE":
            continue
        named = option.name.casefold() == sent.get("option", "").casefold()
        if option.id == sent.get("option_id") or ("option_id" not in sent and named):
            return Tracking(category_id=category.id, option_id=option.id, name=category.name, option=option.name)
    return None


def with_ids(org: Organisation, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines as stored: each new one gets its LineItemID."""
    for line in lines:
        if line.id is None:
            line.id = org.new_id()
    return lines


def show(line: Line, shape: Shape, unitdp: int, org: Organisation) -> dict[str, Any]:
    """A line in an answer; a line that only has a description shows nothing else."""
    if line.line_amount is None:
        return wire.without_nulls(
            {"Description": line.description, "Tracking": show_tracking(org, line, shape), "LineItemID": line.id}
        )
    shown: dict[str, Any] = {}
    if line.item_id is not None:
        shown["ItemCode"] = line.item_code
    unit_amount = line.unit_amount or ZERO
    shown |= {
        "Description": line.description,
        "UnitAmount": unit_amount if unitdp == 4 else cents(unit_amount),
        "TaxType": line.tax_type,
        "TaxAmount": line.tax_amount,
        "LineAmount": line.line_amount,
        "AccountCode": line.account_code,
        "AccountID": line.account_id,
        "Tracking": show_tracking(org, line, shape),
        "Quantity": line.quantity,
        "DiscountRate": line.discount_rate,
        "DiscountAmount": line.discount_amount,
        "LineItemID": line.id if line.id != NOTHING_GUID else None,
    }
    item = org.items.get(line.item_id) if line.item_id is not None else None
    if item is not None:
        shown["Item"] = wire.without_nulls({"ItemID": item.id, "Name": item.name, "Code": item.code})
    if shape is Shape.WRITE:
        shown["ValidationErrors"] = []
    return wire.without_nulls(shown)


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
