"""The lines of a document: what was sent, filled up from items, accounts and tax rates, and computed.

In: sent lines, the document's basis (Exclusive, Inclusive, NoTax), whether it is a sale and whether it is
being approved. Out: Line records with all their figures, and the sentences that refuse them. A sent list
replaces the whole list: a line with the `LineItemID` of one of the document's own lines keeps it and what
was not sent, a line without one is new, a line that is left out is gone.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from xero_twin import charts, wire
from xero_twin.fields import Sent, StructList, check_whole, declare, guid, nested_list, number, text
from xero_twin.money import (
    NO_TAX,
    ZERO,
    LineFigures,
    LineSent,
    LineTotalMismatchError,
    cents,
    line_figures,
    tax_on,
)
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, Account, Document, Line, Posting, Tracking

_NOT_ON_LINES = ("DEBTORS", "CREDITORS")
_LONGEST_DESCRIPTION = 4000
_MOST_KEPT = 16384  # postings of a setting
_TOO_LONG, _LARGEST_AMOUNT = 10, Decimal("9999999999.99")  # ten digits before the point
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


class SentLine(msgspec.Struct, gc=False, forbid_unknown_fields=True, rename=wire.written_name):
    """A line as it was sent; None is "not sent". Numbers are whole ones or Decimals, discounts Decimals."""

    id: str | None = msgspec.field(default=None, name="LineItemID")
    description: str | None = None
    quantity: Any = None
    unit_amount: Any = None
    item_code: str | None = None
    account_code: str | None = None
    account_id: str | None = None
    tax_type: str | None = None
    tax_amount: Any = None
    line_amount: Any = None
    discount_rate: Any = None
    discount_amount: Any = None
    tracking: Any = None


def _settle(lines: list[SentLine]) -> None:
    """Convert what decoded lines have of GUIDs, tags and discounts, and see that their numbers are numbers. Raises
    Refusal."""
    for line in lines:
        if line.id is not None:
            line.id = guid(line.id, "")
        if line.account_id is not None:
            line.account_id = guid(line.account_id, "")
        if line.tracking is not None:
            line.tracking = _TAGS(line.tracking, "")
        if line.discount_rate is not None:
            line.discount_rate = number(line.discount_rate, "")
        if line.discount_amount is not None:
            line.discount_amount = number(line.discount_amount, "")
        for value in (line.quantity, line.unit_amount, line.line_amount, line.tax_amount):
            if value is not None and type(value) is not Decimal:  # which come checked
                check_whole(value)


_TAGS = nested_list(TRACKING, breaks=True)
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
        "Tracking": ("tracking", _TAGS),
    }
)
LINES = StructList(SentLine, FIELDS, _settle)


Number = Decimal | int | None
# quantity, unit amount, line amount, discount rate and amount, tax amount; account's code and id, tax type
Said = tuple[Number, Number, Number, Number, Number, Number, str | None, str | None, str | None]
Coding = tuple[str | None, str | None, str | None, Decimal]  # account's code and id, tax type, rate in per cent


@dataclass(slots=True)
class Setting:
    """What a document says about all its lines."""

    org: Organisation
    basis: str
    sale: bool
    approving: bool
    unitdp: int
    discounts: tuple[str, ...]  # which of the two kinds
    same_basis: bool = True  # false when an update changes Exclusive, Inclusive or NoTax
    as_of: int = 0  # a count of the changes of accounts and tax rates
    # what is right is worked out once
    codings: dict[tuple[str | None, str | None, str | None], Coding] = field(default_factory=dict)
    worked_out: dict[Said, Posting] = field(default_factory=dict)


def setting(org: Organisation, *said: Any) -> Setting:
    """One setting for all documents that say the same, in the order of its fields, until the accounts or the tax rates
    change."""
    found: Setting | None = org.line_settings.get(said)
    if found is None or found.as_of != org.accounts.changes_here + org.tax_rates.changes_here:
        found = org.line_settings[said] = Setting(org, *said)
        found.as_of = org.accounts.changes_here + org.tax_rates.changes_here
    return found


def build(setting: Setting, sent: list[SentLine], held: tuple[Line, ...]) -> tuple[tuple[Line, ...], list[str]]:
    """All lines of a document that sent a list, and what is wrong with them."""
    errors: list[str] = []
    if not held:
        return tuple([_build_one(setting, one, None, errors) for one in sent]), errors
    named = [one.id for one in sent if one.id is not None]
    if len(set(named)) < len(named):
        errors.append("A LineItemID can be used only once.")  # wording invented
    own = {line.id: line for line in held}
    return tuple([_build_one(setting, one, own.get(one.id), errors) for one in sent]), errors


def rebuild(setting: Setting, held: tuple[Line, ...]) -> tuple[tuple[Line, ...], list[str]]:
    """The same lines under a changed basis or status."""
    return build(setting, [SentLine(id=line.id) for line in held], held)


def _build_one(setting: Setting, sent: SentLine, held: Line | None, errors: list[str]) -> Line:
    line_id = kept = item_id = None
    tags: tuple[Tracking, ...] = ()
    if held is not None:
        line_id = held.id
        kept = held.posting if held.posting.line_amount is not None and not _has_new_figures(sent) else None
        sent = _merged(sent, held)
    if sent.item_code is not None:
        sent, item_id = _taken_from_item(setting, sent, errors)
    if sent.tracking is not None:
        tags = tracking(setting.org, sent.tracking, errors)
    description = sent.description
    if description is not None and len(description) > _LONGEST_DESCRIPTION:  # wording invented
        errors.append(f"Description must be no longer than {_LONGEST_DESCRIPTION} characters.")
    if kept is not None:
        posting = _kept(setting, sent, kept, errors)
    else:
        said = (
            sent.quantity,
            sent.unit_amount,
            sent.line_amount,
            sent.discount_rate,
            sent.discount_amount,
            sent.tax_amount,
            sent.account_code,
            sent.account_id,
            sent.tax_type,
        )
        posting = setting.worked_out.get(said) or _work_out(setting, said, errors)
    if not description and setting.approving and posting.line_amount is not None:
        errors.append("Description must be specified")  # wording invented
    return Line(line_id, description, posting, sent.item_code, item_id, tags)


_whole = lru_cache(maxsize=4096)(Decimal)


def _work_out(setting: Setting, said: Said, errors: list[str]) -> Posting:
    """Account, tax and figures of lines that say this; without figures they have no account either. What is right is
    worked out once."""
    wrong: list[str] = []
    numbers: Any = [_whole(value) if type(value) is int else value for value in said[:6]]
    sent, posting = LineSent(*numbers), Posting()
    if sent.quantity is not None or sent.unit_amount is not None or sent.line_amount is not None:
        code, account_id, tax_type, percent = setting.codings.get(said[6:]) or _coding(setting, said[6:], wrong)
        found = _figures(setting, sent, percent, wrong)
        posting = Posting(
            found.quantity,
            found.unit_amount,
            code,
            account_id,
            tax_type,
            found.tax_amount,
            found.line_amount,
            sent.discount_rate,
            sent.discount_amount,
            found.discount,
        )
    if wrong:
        errors += wrong
    elif posting.can_be_shared:
        if len(setting.worked_out) >= _MOST_KEPT:
            setting.worked_out.clear()
        setting.worked_out[said] = posting
    return posting


def _kept(setting: Setting, sent: SentLine, held: Posting, errors: list[str]) -> Posting:
    """The posting of a line of which no figure was sent: its amount was accepted once and stands, and so does its tax
    unless what it rests on changed."""
    coding = (sent.account_code, sent.account_id, sent.tax_type)
    code, account_id, tax_type, percent = _coding(setting, coding, errors)
    tax = held.tax_amount
    if sent.tax_amount is not None:
        tax = cents(Decimal(sent.tax_amount))
    elif not setting.same_basis or tax_type != held.tax_type:
        tax = tax_on(held.line_amount or ZERO, percent, setting.basis)
    coded = {"account_code": code, "account_id": account_id, "tax_type": tax_type, "tax_amount": tax}
    return msgspec.structs.replace(held, **coded)


def _has_new_figures(sent: SentLine) -> bool:
    figures = (sent.quantity, sent.unit_amount, sent.line_amount, sent.discount_rate, sent.discount_amount)
    return any(value is not None for value in figures)


def _merged(sent: SentLine, held: Line) -> SentLine:
    """What was sent over what the line had. New figures recompute the amount and the tax; without any the old ones
    stand."""
    posting = held.posting
    had: dict[str, Any] = {"description": held.description, "item_code": held.item_code, "tracking": held.tracking}
    posted = ["tax_type"]
    if sent.account_code is None and sent.account_id is None:
        posted += ["account_code", "account_id"]
    if _has_new_figures(sent):
        posted += ["quantity", "unit_amount", "discount_rate", "discount_amount"]
    had |= {name: getattr(posting, name) for name in posted}
    return msgspec.structs.replace(sent, **{name: value for name, value in had.items() if getattr(sent, name) is None})


def _taken_from_item(setting: Setting, sent: SentLine, errors: list[str]) -> tuple[SentLine, str | None]:
    """The line with what it leaves out given by its item, from the item's sales or purchase side; and the item's id."""
    code = sent.item_code
    if not code:
        return msgspec.structs.replace(sent, item_code=None), None
    item = setting.org.items.first("code", code.casefold())
    if item is None:
        errors.append(f"Item code '{code}' is not valid")  # wording invented
        return sent, None
    if setting.sale:
        offered = (item.description, item.sales_price, item.sales_account, item.sales_tax_type)
    else:
        account = item.inventory_account or item.purchase_account
        offered = (item.purchase_description, item.purchase_price, account, item.purchase_tax_type)
    description, price, account_code, tax_type = offered
    defaults: dict[str, Any] = {"description": description or item.name, "tax_type": tax_type}
    if sent.line_amount is None:
        defaults["unit_amount"] = price
    if sent.account_id is None:
        defaults["account_code"] = account_code
    missing = {name: value for name, value in defaults.items() if getattr(sent, name) is None}
    return msgspec.structs.replace(sent, item_code=item.code, **missing), item.id


def _coding(setting: Setting, sent: tuple[str | None, str | None, str | None], errors: list[str]) -> Coding:
    """Code and id of the account and the tax type as the line shows them, and the tax rate in per cent."""
    sent_code, sent_id, sent_tax = sent
    wrong: list[str] = []
    code, account_id, account = _account(setting, sent_code, sent_id, wrong)
    tax_type, percent = _tax(setting, sent_tax, account, wrong)
    if wrong:
        errors += wrong
    else:
        setting.codings[sent] = code, account_id, tax_type, percent
    return code, account_id, tax_type, percent


def _account(
    setting: Setting, code: str | None, account_id: str | None, errors: list[str]
) -> tuple[str | None, str | None, Account | None]:
    """Code and id as the line shows them, and the account if it can be used."""
    if not code and not account_id:
        if setting.approving:
            errors.append("Account code must be specified")
        return None, None, None
    accounts = setting.org.accounts
    account = accounts.first("code", code) if code else accounts.get(account_id or "")
    # that bank accounts are refused too is inferred: money moves by payments and bank transactions
    if account is None or account.system_account in _NOT_ON_LINES or account.type == "BANK":
        errors.append(f"Account code '{code or account_id}' is not a valid code for this document.")
        return code, account_id, None
    if account.status != "ACTIVE":
        errors.append(
            f"Account code '{account.code}' has been archived, or has been deleted. "
            "Each line item must reference a valid account."
        )
        return account.code, account.id, None
    return account.code, account.id, account


def _tax(setting: Setting, sent: str | None, account: Account | None, errors: list[str]) -> tuple[str | None, Decimal]:
    """The line's tax type, as sent or else the account's own, and its rate in per cent."""
    tax_rates = setting.org.tax_rates
    if setting.basis == NO_TAX:
        if sent and sent.upper() != "NONE" and tax_rates.get(sent.upper()) is None:
            errors.append(no_tax_type(sent))
        return ("NONE" if sent is None or tax_rates.get("NONE") else sent), ZERO
    tax_type = (sent or "").upper() or (account.tax_type if account is not None else None)
    if tax_type is None:
        return None, ZERO
    rate = tax_rates.get(tax_type)
    if rate is None or rate.status != "ACTIVE":
        errors.append(no_tax_type(tax_type))
        return tax_type, ZERO
    if account is not None:
        letter = charts.LETTER_OF_CLASS[charts.CLASS_OF_TYPE[account.type]]
        if letter not in rate.applies_to:
            errors.append(f"The TaxType code '{tax_type}' cannot be used with account code '{account.code}'.")
    return tax_type, rate.effective


def no_tax_type(tax_type: str) -> str:
    return f"The TaxType code {tax_type} does not exist or cannot be used for this type of transaction."


def _figures(setting: Setting, sent: LineSent, percent: Decimal, errors: list[str]) -> LineFigures:
    if sent.quantity is not None or sent.discount_rate or sent.discount_amount:
        errors += _figure_errors(sent, setting.discounts)
    try:
        figures = line_figures(sent, percent, setting.basis, setting.unitdp)
    except LineTotalMismatchError as error:
        errors.append(str(error))
        unstated = msgspec.structs.replace(sent, line_amount=None)
        figures = line_figures(unstated, percent, setting.basis, setting.unitdp)
    if sent.quantity is not None and sent.quantity != figures.quantity:
        errors.append("The quantity can have at most four decimals.")  # wording invented
    if figures.line_amount.adjusted() >= _TOO_LONG:
        errors.append(f"The line amount must not be more than {_LARGEST_AMOUNT}.")  # wording invented
    return figures


def _figure_errors(sent: LineSent, discounts: tuple[str, ...]) -> list[str]:
    errors = []
    if sent.quantity is not None and sent.quantity > _LARGEST_QUANTITY:
        errors.append(f"The quantity must not be more than {_LARGEST_QUANTITY}.")  # wording invented
    if sent.quantity is not None and sent.quantity < ZERO:
        shown = sent.quantity.quantize(Decimal("0.0001"))
        errors.append(f"The quantity value '{shown}' is invalid. Quantity must not be less than zero.")
    if not (sent.discount_rate or sent.discount_amount):
        return errors
    if not {name for name in DISCOUNTS if getattr(sent, name)} <= set(discounts):
        errors.append("Discounts cannot be used on this type of document.")  # wording invented
    if sent.discount_rate is not None and not 0 <= sent.discount_rate <= 100:
        errors.append("The discount rate must be between 0 and 100.")  # wording invented
    if sent.unit_amount is None:
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


def give_ids(org: Organisation, document: Document) -> None:
    """A new document gets its id, and each new line its LineItemID."""
    new: list[Document | Line] = [line for line in document.lines if line.id is None]
    if document.id == NOTHING_GUID:
        new.insert(0, document)
    ids = iter(org.new_ids(len(new)))
    for record in new:
        record.id = next(ids)
