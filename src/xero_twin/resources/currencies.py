"""Currencies: what the organisation is subscribed to. PUT adds one; there is no way to remove one."""

from typing import Any

from xero_twin import codes
from xero_twin.fields import Sent, declare, one_of, text
from xero_twin.organisation import Organisation
from xero_twin.records import Currency
from xero_twin.resource import Call, Outcome, Resource, Shape


def show(_call: Call, currency: Currency, _shape: Shape) -> dict[str, Any]:
    return {"Code": currency.id, "Description": currency.description}


def find(org: Organisation, key: str) -> Currency | None:
    return org.currencies.get(key.upper())


FIELDS = declare(
    {"Code": ("code", one_of(*codes.CURRENCIES, kind="CurrencyCode")), "Description": ("description", text)}
)


def write(call: Call, sent: Sent, _existing: Currency | None) -> Outcome:
    code = sent.get("code", "")
    currency = Currency(id=code, description=sent.get("description") or code, updated=call.now)
    if not code:
        return Outcome(currency, ["The currency code must be specified."])  # wording invented
    call.org.currencies.put(currency)
    return Outcome(currency, created=True)


def not_subscribed(org: Organisation, code: str) -> str | None:
    """Why a document cannot be in that currency, or None."""
    return None if org.currencies.get(code) else f"Organisation is not subscribed to currency {code}"


RESOURCE = Resource(
    name="Currencies",
    element="Currency",
    id_key="Code",
    scopes=("accounting.settings",),
    table=lambda org: org.currencies,
    show=show,
    find=find,
    number=lambda currency: currency.id,
    columns={"code": lambda _, currency: currency.id, "description": lambda _, currency: currency.description},
    modified_since=False,
    fields=FIELDS,
    put="one",
    write=write,
)
