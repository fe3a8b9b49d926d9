"""Bank accounts as bank transactions, transfers and payments name them."""

from typing import Any

from xero_twin import wire
from xero_twin.fields import Sent, declare, guid, text
from xero_twin.organisation import Organisation
from xero_twin.records import Account

FIELDS = declare({"AccountID": ("id", guid), "Code": ("code", text)})
NOT_FOUND = "Account could not be found"


def named(org: Organisation, sent: Sent) -> Account | None:
    """The account of an AccountID or a Code."""
    if "id" in sent:
        return org.accounts.get(sent["id"])
    return org.accounts.first("code", sent["code"]) if sent.get("code") else None


def bank(org: Organisation, sent: Sent) -> tuple[Account | None, list[str]]:
    """The active bank account that was named, or why there is none."""
    account = named(org, sent)
    if account is None:
        return None, [NOT_FOUND]
    if account.type != "BANK" or account.status != "ACTIVE":
        return None, [f"Account code '{account.code}' is not a valid code for this document."]
    return account, []


def show(org: Organisation, account_id: str | None) -> dict[str, Any] | None:
    """The short form of an account."""
    account = org.accounts.get(account_id or "")
    if account is None:
        return None
    return wire.without_nulls({"AccountID": account.id, "Code": account.code, "Name": account.name})
