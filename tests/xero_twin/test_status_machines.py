"""Where a status may go: every pair of statuses of every kind of document, not only the ones that are drawn. What is
not drawn is refused, and the document stays as it was."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages

SALES = {
    "": "DRAFT SUBMITTED AUTHORISED",
    "DRAFT": "DRAFT SUBMITTED AUTHORISED DELETED",
    "SUBMITTED": "SUBMITTED DRAFT AUTHORISED DELETED",
    "AUTHORISED": "AUTHORISED VOIDED",
    "PAID": "PAID",
    "VOIDED": "",
    "DELETED": "",
}
# resource -> the statuses there are, and from each (from nothing: at creation) those that it may go to
MACHINES: dict[str, dict[str, str]] = {
    "Invoices": SALES,
    "CreditNotes": SALES,
    "PurchaseOrders": {
        "": "DRAFT SUBMITTED AUTHORISED BILLED",
        "DRAFT": "DRAFT SUBMITTED AUTHORISED BILLED DELETED",
        "SUBMITTED": "DRAFT SUBMITTED AUTHORISED BILLED DELETED",
        "AUTHORISED": "AUTHORISED BILLED DELETED",
        "BILLED": "AUTHORISED BILLED DELETED",
        "DELETED": "",
    },
    "ManualJournals": {
        "": "DRAFT POSTED",
        "DRAFT": "DRAFT POSTED DELETED",
        "POSTED": "POSTED VOIDED",
        "DELETED": "",
        "VOIDED": "",
    },
    "BankTransactions": {"": "AUTHORISED", "AUTHORISED": "AUTHORISED DELETED", "DELETED": ""},
}
EXTRA = {"ManualJournals": ["ARCHIVED"], "BankTransactions": ["VOIDED"]}
# how a status is reached from nothing, one step after another
WAYS = {"VOIDED": ("AUTHORISED", "VOIDED"), "DELETED": ("DRAFT", "DELETED")}
OWN_WAYS = {
    "ManualJournals": {"VOIDED": ("POSTED", "VOIDED")},
    "BankTransactions": {"DELETED": ("AUTHORISED", "DELETED")},
}
Make = Callable[[Xero, str], dict[str, Any]]
MAKES: dict[str, Make] = {
    "Invoices": lambda xero, status: xero.invoice(Status=status),
    "CreditNotes": lambda xero, status: xero.credit_note(Status=status),
    "PurchaseOrders": lambda xero, status: xero.order(Status=status),
    "ManualJournals": lambda xero, status: xero.journal(Status=status),
    "BankTransactions": lambda xero, status: xero.bank(Status=status),
}


def _key(resource: str, element: dict[str, Any]) -> str:
    return f"{resource}/{element[resource[:-1] + 'ID']}"


def _in_status(xero: Xero, resource: str, status: str) -> str:
    """The address of a document that came to this status on its way."""
    if status == "PAID":
        made = MAKES[resource](xero, "AUTHORISED")
        name = resource[:-1]
        paid = {"Account": {"Code": "090"}, "Date": "2026-11-03", "Amount": made["Total"]}
        xero.put("Payments", {**paid, name: {f"{name}ID": made[f"{name}ID"]}})
        return _key(resource, made)
    way = OWN_WAYS.get(resource, {}).get(status) or WAYS.get(status, (status,))
    path = _key(resource, MAKES[resource](xero, way[0]))
    for step in way[1:]:
        xero.post(path, {"Status": step})
    assert xero.get(path)[resource][0]["Status"] == status
    return path


def _pairs() -> list[tuple[str, str, str]]:
    return [
        (resource, before, after)
        for resource, machine in MACHINES.items()
        for before in machine
        for after in [*filter(None, machine), *EXTRA.get(resource, [])]
    ]


@pytest.mark.parametrize(("resource", "before", "after"), _pairs())
def test_a_status_goes_only_where_it_is_drawn(xero: Xero, resource: str, before: str, after: str) -> None:
    allowed = after in MACHINES[resource][before].split()
    if not before:
        made = MAKES[resource](xero, after)
        assert (messages(made) == []) is allowed
        assert len(xero.twin.documents(xero.org.tenant_id, resource)) == (1 if allowed else 0)
        return
    path = _in_status(xero, resource, before)
    changed = xero.post(path, {"Status": after}, summarizeErrors="false")[resource][0]
    assert (messages(changed) == []) is allowed
    assert xero.get(path)[resource][0]["Status"] == (after if allowed else before)
