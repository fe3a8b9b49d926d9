"""The catalogue of an organisation's settings: what each one is called, what it means, and what may be typed.

In: what a person or a script typed, as text by key; the columns of a connection and of its organisation; what is known
of the organisation. Out: values, or a sentence for each key that cannot be so; the columns again. Always: pure; a
setting is one entry of `CATALOGUE`, and the page, the shell and the documentation are made from it; every value has one
way of being written, so that what a person typed and what is stored can be compared as texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tieout.core.models import CostDating
from tieout.sync.typed import (
    Choice,
    Day,
    Emails,
    Moment,
    PerChannel,
    Text,
    TrackedField,
    Typed,
    Unusable,
    Whole,
    YesNo,
)

STATUSES = (("AUTHORISED", "Approved"), ("DRAFT", "Draft"))
AS_ABOVE = (("", "As all documents"), *STATUSES)
KINDS_WITH_STATUS = {
    "sale_invoice": "Sale invoices",
    "bill": "Bills",
    "sale_credit_note": "Sale credit notes",
    "purchase_credit_note": "Purchase credit notes",
    "purchase_order": "Purchase orders",
}
ITEM_TEXTS = (
    ("description", "Description"),
    ("purchase_description", "Purchase description"),
    ("name", "Name"),
    ("sku_and_name", "SKU and name"),
    ("brand_and_name", "Brand and name"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the organisation when its settings are checked. `categories`: Xero's tracking categories, None
    while they were never loaded; `mail`: this installation can send e-mail; `attributes`: named texts of its records,
    such as product:Colour."""

    channels: tuple[str, ...] = ()
    categories: tuple[str, ...] | None = None
    attributes: tuple[str, ...] = ()
    mail: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """`typed`: how it is written and read; `section`: where the page shows it."""

    key: str
    section: str
    title: str
    explanation: str
    typed: Typed
    default: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that becomes another, as texts: as typed, and as people read them."""

    key: str
    title: str
    old: str
    new: str
    said_old: str
    said_new: str


@dataclass(frozen=True, slots=True)
class Typing:
    """What was made of the texts: the values, the changes, and a sentence for each key that cannot be so."""

    values: dict[str, Any]
    changes: list[Change]
    errors: dict[str, str] = field(default_factory=dict)


DOCUMENTS, MONEY, OTHERS, LOADED, TRACKING, SCHEDULE, LIMITS = (
    "Documents",
    "Payments and deposits",
    "What else goes",
    "Loaded from Xero",
    "Tracking",
    "Schedule and alerts",
    "Calls to Xero",
)
SECTIONS = (DOCUMENTS, MONEY, OTHERS, LOADED, TRACKING, SCHEDULE, LIMITS)


def _status(kind: str, title: str) -> Setting:
    return Setting(
        f"status_of_{kind}",
        DOCUMENTS,
        f"{title} go as",
        f"The status of new {title.lower()}, where it differs from that of all documents.",
        Choice(AS_ABOVE),
        "",
    )


def _tracked(number: int) -> tuple[Setting, Setting]:
    return (
        Setting(
            f"tracking_{number}_category",
            TRACKING,
            f"Category {number}",
            "The tracking category in Xero whose options the lines are tagged with; Xero has two at most.",
            Text(100),
            "",
        ),
        Setting(
            f"tracking_{number}_field",
            TRACKING,
            f"Category {number} is taken from",
            "The text of Core that names the option: of the document's head, of the product or of the contact.",
            TrackedField(),
            "",
        ),
    )


CATALOGUE: tuple[Setting, ...] = (
    Setting(
        "invoice_status",
        DOCUMENTS,
        "Documents go as",
        "The status that invoices, bills, credit notes and orders get when they are new in Xero; drafts stay for "
        "somebody to approve there, and can be neither paid nor credited before.",
        Choice(STATUSES),
        "AUTHORISED",
    ),
    *(_status(kind, title) for kind, title in KINDS_WITH_STATUS.items()),
    Setting(
        "status_by_channel",
        DOCUMENTS,
        "Status by channel",
        "The status of new sale invoices and sale credit notes of one channel; it goes before the status of the kind.",
        PerChannel(STATUSES),
        {},
    ),
    Setting(
        "sync_from",
        DOCUMENTS,
        "Sync from",
        "Documents, payments and journals dated before this day are left out as Skipped; empty: everything goes.",
        Day(),
        None,
    ),
    Setting(
        "lock_date_policy",
        DOCUMENTS,
        "Dated in a locked period",
        "What becomes of a record dated on or before Xero's lock date: it waits for a person, or it is dated the first "
        "open day and carries its own date in its text.",
        Choice((("hold", "Hold it for a person"), ("first_open_day", "Date it the first open day"))),
        "hold",
    ),
    Setting(
        "lock_date",
        DOCUMENTS,
        "Core is locked up to",
        "Nothing dated on or before this day can be entered, changed or voided in Core, by a file neither, whatever "
        "the lock date of Xero is; empty: every day is open.",
        Day(),
        None,
    ),
    Setting(
        "book_costs",
        DOCUMENTS,
        "The cost of shipped goods is booked by itself",
        "Yes makes the cost-of-goods journal of a sale or sale credit note once that is authorised and has a day of "
        "shipping and unit costs, for what is entered from then on; a booked cost follows its document in any case.",
        YesNo(),
        True,
    ),
    Setting(
        "cost_dating",
        DOCUMENTS,
        "Later changes of cost are dated",
        "The date of the journal that corrects a cost of goods which was booked already; what lies after Core's lock "
        "date is open.",
        Choice(tuple((str(value), str(label)) for value, label in CostDating.choices)),
        "on_change",
    ),
    Setting(
        "payments",
        MONEY,
        "Payments are",
        "Pushed, Core's payments and refunds go to Xero; pulled, those entered in Xero come to Core and Core's own "
        "stay here; both ways, each side gets the other's.",
        Choice((("push", "Pushed to Xero"), ("pull", "Pulled from Xero"), ("both", "Synced both ways"))),
        "push",
    ),
    Setting(
        "deposits_as",
        MONEY,
        "Customer credits and supplier deposits go as",
        "Prepayments stay tied to their contact and are allocated to what they pay; plain money lands on the mapped "
        "account and has to be used in Xero by hand.",
        Choice((("prepayment", "Prepayments and overpayments"), ("money", "Plain money received and spent"))),
        "prepayment",
    ),
    Setting(
        "use_credit_by_order",
        MONEY,
        "Credit taken for an order is used by itself",
        "Yes uses a deposit or credit note that names an order on the invoice or bill of that order as soon as both "
        "are booked, for what is booked from then on; a use that a person takes back is not made again.",
        YesNo(),
        True,
    ),
    Setting(
        "export_purchase_orders",
        OTHERS,
        "Purchase orders",
        "Yes sends authorised purchase orders, those from before too; bills go in any case.",
        YesNo(),
        False,
    ),
    Setting(
        "export_attachments",
        OTHERS,
        "Attachments",
        "Yes puts the files of a record on its document in Xero; a file that is removed in Core has to be removed in "
        "Xero by hand.",
        YesNo(),
        False,
    ),
    Setting(
        "show_journals_on_cash_basis",
        OTHERS,
        "Journals on cash-basis reports",
        "Yes lets manual and cost-of-goods journals count in Xero's reports on a cash basis.",
        YesNo(),
        True,
    ),
    Setting(
        "load_items",
        LOADED,
        "Load items from Xero",
        "Yes makes a product of each item that Core does not have, also of those from before; it is Set Up Required "
        "until somebody completes it, and an item that Xero tracks as inventory is a finding instead.",
        YesNo(),
        False,
    ),
    Setting(
        "load_invoices",
        LOADED,
        "Load invoices from Xero",
        "Yes takes over approved and paid sale invoices and bills that Core does not have, dated from “Sync from” on "
        "(empty: all of them), with the contacts on them; drafts stay in Xero.",
        YesNo(),
        False,
    ),
    Setting(
        "load_contacts",
        LOADED,
        "Load contacts from Xero",
        "A contact on a loaded invoice becomes a customer, on a loaded bill a supplier; all the others come too, as "
        "customers or each as what Xero knows it as, only where this says so.",
        Choice(
            (
                ("documents", "Those on loaded invoices and bills"),
                ("customers", "All, as customers"),
                ("kinds", "All, each as what it is"),
            )
        ),
        "documents",
    ),
    Setting(
        "item_description",
        OTHERS,
        "Items are described on sales by",
        "Which text of a product becomes the sales description of its item in Xero; its name where that text is empty.",
        Choice(ITEM_TEXTS),
        "description",
    ),
    Setting(
        "item_purchase_description",
        OTHERS,
        "Items are described on purchases by",
        "Which text of a product becomes the purchase description of its item in Xero; its name where that text is "
        "empty.",
        Choice(ITEM_TEXTS),
        "purchase_description",
    ),
    *_tracked(1),
    *_tracked(2),
    Setting(
        "auto_sync_minutes",
        SCHEDULE,
        "Sync by itself every",
        "Minutes between two syncs, 5 to 10,080 (a week); 0: only when somebody asks; it needs a running worker.",
        Whole(5, 10_080, or_zero=True, unit="minutes"),
        0,
    ),
    Setting(
        "auto_sync_from",
        SCHEDULE,
        "Sync by itself from",
        "No sync begins by itself before this moment (UTC), and the times are counted from it; empty: from now on.",
        Moment(),
        None,
    ),
    Setting(
        "alert_emails",
        SCHEDULE,
        "Tell of errors by e-mail",
        "Addresses that get a message when a sync stops early or leaves something Failed or in Warning that was not so "
        "before; the console shows errors in the Xero sign in any case.",
        Emails(),
        [],
    ),
    Setting(
        "day_limit",
        LIMITS,
        "Calls a day",
        "How many calls Xero grants a day, or as many of them as Tieout may take: 50 to 5,000; a fifth is kept "
        "back from history and checks.",
        Whole(50, 5_000, unit="calls"),
        5_000,
    ),
)
CORES = (
    "use_credit_by_order",
    "book_costs",
    "cost_dating",
    "lock_date",
)  # how Core keeps the books: the organisation's columns
BY_KEY: Mapping[str, Setting] = {each.key: each for each in CATALOGUE}
PLAIN = tuple(
    each.key for each in CATALOGUE if not each.key.startswith(("status_of_", "tracking_"))
)  # a column of the same name


def values_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The values by key, out of the columns of a connection and of its organisation."""
    values = {key: columns[key] for key in PLAIN}
    values |= {f"status_of_{kind}": columns["status_by_kind"].get(kind, "") for kind in KINDS_WITH_STATUS}
    pairs = [*columns["tracking"].items(), ("", ""), ("", "")]
    for number, (told, category) in enumerate(pairs[:2], 1):
        values |= {f"tracking_{number}_category": category, f"tracking_{number}_field": told}
    return values


def columns_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a connection that hold these values; those of `CORES` are its organisation's."""
    columns = {key: values[key] for key in PLAIN}
    columns["status_by_kind"] = {kind: status for kind in KINDS_WITH_STATUS if (status := values[f"status_of_{kind}"])}
    columns["tracking"] = {
        values[f"tracking_{number}_field"]: values[f"tracking_{number}_category"]
        for number in (1, 2)
        if values[f"tracking_{number}_field"]
    }
    return columns


def texts_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Each value as it is typed."""
    return {each.key: each.typed.write(values[each.key]) for each in CATALOGUE}


def read(typed: Mapping[str, str], current: Mapping[str, Any], known: Known) -> Typing:
    """What becomes of the settings when these are typed; keys that are not typed, or typed as they are, stay."""
    values, errors = dict(current), {key: _unknown(key) for key in typed if key not in BY_KEY}
    before = texts_of(current)
    changed = [each for each in CATALOGUE if each.key in typed and typed[each.key].strip() != before[each.key]]
    for setting in changed:
        try:
            values[setting.key] = setting.typed.read(typed[setting.key])
        except Unusable as reason:
            errors[setting.key] = str(reason)
    if not errors:
        errors = _together(values, {each.key for each in changed}, known)
    after = texts_of(values)
    changes = [
        Change(
            each.key,
            each.title,
            before[each.key],
            after[each.key],
            each.typed.say(current[each.key]),
            each.typed.say(values[each.key]),
        )
        for each in CATALOGUE
        if before[each.key] != after[each.key]
    ]
    return Typing(values, changes, errors)


def _unknown(key: str) -> str:
    return f"There is no setting “{key}”. `tieout settings ORG` lists those there are."


def _together(values: Mapping[str, Any], changed: set[str], known: Known) -> dict[str, str]:
    """What is wrong between settings, or between a setting and the organisation."""
    errors = _tracking_errors(values, changed, known)
    if "status_by_channel" in changed:
        strange = [each for each in values["status_by_channel"] if each not in known.channels]
        if strange:
            have = f"It has: {', '.join(known.channels)}." if known.channels else "It has no channel yet."
            errors["status_by_channel"] = f"No document of Core has the channel “{strange[0]}”. {have}"
    if "alert_emails" in changed and values["alert_emails"] and not known.mail:
        errors["alert_emails"] = (
            "This installation cannot send e-mail yet. Set TIEOUT_EMAIL_URL and start Tieout again, then enter the "
            "addresses."
        )
    if "auto_sync_from" in changed and values["auto_sync_from"] and not values["auto_sync_minutes"]:
        errors["auto_sync_from"] = "Say also how often it syncs by itself, or leave this empty."
    return errors


def _tracking_errors(values: Mapping[str, Any], changed: set[str], known: Known) -> dict[str, str]:
    errors: dict[str, str] = {}
    pairs = [(values[f"tracking_{number}_category"], values[f"tracking_{number}_field"]) for number in (1, 2)]
    for number, (category, told) in enumerate(pairs, 1):
        if category and not told:
            errors[f"tracking_{number}_field"] = f"Choose where the options of “{category}” are taken from."
        if told and not category:
            errors[f"tracking_{number}_category"] = "Choose the tracking category in Xero that it becomes."
        if category and f"tracking_{number}_category" in changed and (sentence := _category_error(category, known)):
            errors[f"tracking_{number}_category"] = sentence
    if pairs[0][0] and pairs[0][0] == pairs[1][0]:
        errors["tracking_2_category"] = "Category 1 is the same; a line can carry a category only once."
    if pairs[0][1] and pairs[0][1] == pairs[1][1]:
        errors["tracking_2_field"] = "Category 1 is taken from there already."
    return errors


def _category_error(category: str, known: Known) -> str:
    if known.categories is None:
        return "Xero's tracking categories were not loaded yet. Load from Xero again, then choose one."
    if category not in known.categories:
        have = f"It has: {', '.join(known.categories)}." if known.categories else "It has none."
        return f"Xero has no active tracking category “{category}”. {have} Make it in Xero, then load from Xero again."
    return ""
