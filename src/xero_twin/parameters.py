"""What may stand after the question mark, and in which form.

In: the parameters of a call. Out: nothing, or a refusal that names the parameter. Always: a call with a parameter it
does not know, or whose value it cannot read, is refused: to leave a filter out would give the client more than it asked
for, to leave a misspelt `unitdp` out would round its prices, both without a word. The lists' parameters are those of
Xero's description (with `References`, `InvoiceNumbers` and `includeDeleted` of its later version); what Xero says to
others is not known, so that the sentences are invented.
"""

from collections.abc import Callable
from datetime import date

from xero_twin.errors import query_parse
from xero_twin.fields import as_guid
from xero_twin.resource import Call

_PAGED = "where order page pageSize"
LISTS: dict[str, frozenset[str]] = {
    name: frozenset(taken.lower().split())
    for name, taken in {
        "Accounts": "where order",
        "BankTransactions": f"{_PAGED} unitdp References",
        "BankTransfers": "where order includeDeleted",
        "BatchPayments": "where order",
        "ContactGroups": "where order",
        "Contacts": f"{_PAGED} IDs includeArchived summaryOnly searchTerm",
        "CreditNotes": f"{_PAGED} unitdp",
        "Currencies": "where order",
        "Invoices": f"{_PAGED} IDs InvoiceNumbers ContactIDs Statuses includeArchived createdByMyApp unitdp "
        "summaryOnly searchTerm",
        "Items": "where order unitdp",
        "LinkedTransactions": "page LinkedTransactionID SourceTransactionID ContactID Status TargetTransactionID",
        "ManualJournals": _PAGED,
        "Overpayments": f"{_PAGED} unitdp References",
        "Payments": _PAGED,
        "Prepayments": f"{_PAGED} unitdp InvoiceNumbers References",
        "PurchaseOrders": "Status DateFrom DateTo order page pageSize",
        "TaxRates": "where order",
        "TrackingCategories": "where order includeArchived",
    }.items()
}
_STATUSES = {
    "Invoices": frozenset(("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED")),
    "PurchaseOrders": frozenset(("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED")),
    "LinkedTransactions": frozenset(("DRAFT", "APPROVED", "ONDRAFT", "BILLED", "VOIDED")),
}


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii()


def _is_boolean(text: str) -> bool:
    return text.lower() in ("true", "false")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _are_guids(text: str) -> bool:
    return all(as_guid(each.strip()) is not None for each in text.split(",") if each.strip())


_YES_NO = (
    "summaryonly", "includearchived", "includedeleted", "createdbymyapp", "summarizeerrors", "allowbackorders",
    "includeonline",
)  # fmt: skip
_FORMS: dict[str, tuple[Callable[[str], bool], str]] = {
    **dict.fromkeys(("page", "pagesize"), (_is_whole, "a whole number")),
    **dict.fromkeys(_YES_NO, (_is_boolean, "true or false")),
    "unitdp": (lambda text: text in ("2", "4"), "2 or 4"),
    **dict.fromkeys(("datefrom", "dateto"), (_is_day, "a day such as 2026-11-02")),
    **dict.fromkeys(
        ("ids", "contactids", "contactid", "linkedtransactionid", "sourcetransactionid", "targettransactionid"),
        (_are_guids, "ids"),
    ),
}


def check(call: Call) -> None:
    """Values of a known form, on any call. Raises Refusal."""
    for name, value in call.params.items():
        form = _FORMS.get(name)
        if form is not None and value.strip() and not form[0](value.strip()):
            raise query_parse(f"The parameter {name} takes {form[1]}, not '{value}'.")


# what calls that ask for no list may carry; a name that is none of these is a slip of the client's
_ELSEWHERE = frozenset(("summarizeerrors", "unitdp", "allowbackorders", "includeonline"))


def check_names(call: Call, taken: frozenset[str] = _ELSEWHERE) -> None:
    """The names that a call other than a list takes: a write or a single read unless told otherwise. Raises Refusal."""
    for name in call.params:
        if name not in taken:
            raise query_parse(f"This call does not take the parameter {name}.")


def check_list(call: Call, resource: str) -> None:
    """The names that a list takes, and statuses that its records can have. Raises Refusal."""
    for name, value in call.params.items():
        if name not in LISTS[resource]:
            raise query_parse(f"The list of {resource} does not take the parameter {name}.")
        if name in ("status", "statuses"):
            for status in filter(None, (each.strip().upper() for each in value.split(","))):
                if status not in _STATUSES[resource]:
                    raise query_parse(f"'{status}' is no status of {resource}.")
