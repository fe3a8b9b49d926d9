"""Contacts and the groups they are in."""

import msgspec

from xero_twin.records.guid import NOTHING_GUID


class Contact(msgspec.Struct, gc=False, kw_only=True):
    """`addresses` and `phones` hold what was sent, by type; answers always show the fixed slots."""

    id: str = NOTHING_GUID
    name: str = ""
    contact_number: str | None = None
    account_number: str | None = None
    company_number: str | None = None
    status: str = "ACTIVE"
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    bank_account_details: str | None = None
    tax_number: str | None = None
    receivable_tax_type: str | None = None
    payable_tax_type: str | None = None
    default_currency: str | None = None
    sales_account: str | None = None
    purchases_account: str | None = None
    sales_basis: str | None = None
    purchases_basis: str | None = None
    payment_terms: dict[str, dict[str, object]] | None = None
    addresses: dict[str, dict[str, str]] = {}
    phones: dict[str, dict[str, str]] = {}
    persons: tuple[dict[str, object], ...] = ()
    sales_tracking: tuple[dict[str, str], ...] = ()
    purchases_tracking: tuple[dict[str, str], ...] = ()
    is_supplier: bool = False
    is_customer: bool = False
    merged_to: str | None = None
    updated: int = 0


class ContactGroup(msgspec.Struct, gc=False, kw_only=True):
    """`members` are contacts' ids, in the order they were added."""

    id: str = NOTHING_GUID
    name: str = ""
    status: str = "ACTIVE"
    members: tuple[str, ...] = ()
    updated: int = 0
