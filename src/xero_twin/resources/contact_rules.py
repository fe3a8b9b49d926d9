"""What a contact must be: names and numbers of its own, lengths and characters, and defaults that exist.

In: the contact as it would be, and what was sent for it. Out: sentences that refuse it. Defaults (currency, tax types,
accounts, tracking, payment terms) are judged when they are sent: one that was archived since holds up no other change.
"""

import re
from collections.abc import Mapping

from xero_twin.fields import Sent
from xero_twin.organisation import Organisation
from xero_twin.records import Contact
from xero_twin.resources import branding
from xero_twin.resources.currencies import not_subscribed

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_LONGEST = {
    "name": ("Name", 255),
    "contact_number": ("ContactNumber", 50),
    "account_number": ("AccountNumber", 50),
    "first_name": ("FirstName", 255),
    "last_name": ("LastName", 255),
    "email": ("EmailAddress", 255),
    "company_number": ("CompanyNumber", 50),
    "tax_number": ("TaxNumber", 50),
}
_LONGEST_IN_ADDRESS = {
    **dict.fromkeys(("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4"), 500),
    **dict.fromkeys(("City", "Region", "AttentionTo"), 255),
    **dict.fromkeys(("PostalCode", "Country"), 50),
}
_LONGEST_IN_PHONE = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
_DAYS_OF_MONTH = ("OFCURRENTMONTH", "OFFOLLOWINGMONTH")


def errors(org: Organisation, contact: Contact, sent: Sent) -> list[str]:
    return (
        _identity_errors(org, contact)
        + _tracking_errors(org, contact)
        + _default_errors(org, sent)
        + _term_errors(sent.get("payment_terms", {}))
        + _shape_errors(contact)
    )


def _identity_errors(org: Organisation, contact: Contact) -> list[str]:
    found = []
    if not contact.name.strip():
        found.append("Contact name cannot be empty")
    holder = org.contacts.first("active_name", contact.name.casefold())
    if contact.status == "ACTIVE" and holder is not None and holder.id != contact.id:
        found.append(
            f"The contact name {contact.name} is already assigned to another contact. "
            "The contact name must be unique across all active contacts."
        )
    if contact.contact_number is not None:
        owner = org.contacts.first("number", contact.contact_number)
        if owner is not None and owner.id != contact.id:
            found.append("Another contact has this contact number. Please enter a different contact number.")
    if contact.email and not _EMAIL.fullmatch(contact.email):
        found.append("Email address must be valid")
    return found


def _tracking_errors(org: Organisation, contact: Contact) -> list[str]:
    """The sentence about options is by analogy with the one about categories."""
    found = []
    for one in (*contact.sales_tracking, *contact.purchases_tracking):
        name, option = one.get("TrackingCategoryName", ""), one.get("TrackingOptionName", "")
        category = org.tracking.first("name", name.casefold())
        if category is None or category.status != "ACTIVE":
            found.append(f"There is no ACTIVE tracking category with the name '{name}'")
        elif option.casefold() not in {known.name.casefold() for known in category.options if known.status == "ACTIVE"}:
            found.append(f"There is no ACTIVE tracking option with the name '{option}'")
    return found


def _default_errors(org: Organisation, sent: Sent) -> list[str]:
    """An empty text clears a default. The sentences are Xero's, those for tax and accounts by analogy with items."""
    found = []
    currency = sent.get("default_currency")
    if currency and (problem := not_subscribed(org, currency)):
        found.append(problem)
    for name in ("receivable_tax_type", "payable_tax_type"):
        rate = org.tax_rates.get(sent[name]) if sent.get(name) else None
        if sent.get(name) and (rate is None or rate.status != "ACTIVE"):
            found.append("Tax rate must be valid.")
    for name in ("sales_account", "purchases_account"):
        account = org.accounts.first("code", sent[name]) if sent.get(name) else None
        if sent.get(name) and (account is None or account.status != "ACTIVE"):
            found.append("Account must be valid.")
    return found + branding.errors(sent.get("branding_theme", {}).get("id"))


def _term_errors(terms: Mapping[str, Sent]) -> list[str]:
    """A day of a month is 1 to 31, a number of days is not negative. The sentences are invented."""
    found = []
    for side, term in terms.items():
        if not term:
            continue
        day, kind = term.get("Day"), term.get("Type")
        if day is None or kind is None:
            found.append(f"The payment terms for {side} need a Day and a Type.")
        elif kind in _DAYS_OF_MONTH and not 1 <= day <= 31:
            found.append(f"The payment terms for {side} need a day of the month between 1 and 31.")
        elif day < 0:
            found.append(f"The payment terms for {side} cannot have fewer than 0 days.")
    return found


def _shape_errors(contact: Contact) -> list[str]:
    """Lengths and characters; the rules are Xero's, the sentences invented."""
    found = [
        _too_long(label, longest)
        for name, (label, longest) in _LONGEST.items()
        if len(getattr(contact, name) or "") > longest
    ]
    for kept, limits in ((contact.addresses, _LONGEST_IN_ADDRESS), (contact.phones, _LONGEST_IN_PHONE)):
        for one in kept.values():
            found += [_too_long(name, longest) for name, longest in limits.items() if len(one.get(name, "")) > longest]
    if not all(_is_country(one.get("Country", "")) for one in contact.addresses.values()):
        found.append("A country can have letters only.")
    if "<" in contact.name or ">" in contact.name:
        found.append("The contact name cannot contain < or >.")
    if contact.name.strip() and (contact.name != contact.name.strip() or "  " in contact.name):
        found.append("The contact name cannot begin or end with a space, or contain two in a row.")
    if len(contact.persons) > 5:
        found.append("A contact can have at most 5 contact persons.")
    return found


def _too_long(name: str, longest: int) -> str:
    return f"{name} must be no longer than {longest} characters."


def _is_country(text: str) -> bool:
    """Letters only; that spaces between them are taken is inferred (New Zealand), and so are letters with accents."""
    return all(letter.isalpha() or letter == " " for letter in text)
