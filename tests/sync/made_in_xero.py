"""What a person makes in Xero's own screens: contacts, items, invoices and bills, made in the twin.

In: a world and what the person types, in Xero's words. Out: ids. Always: through the twin's own rules, with its own
arithmetic; nothing that Tieout wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.sync.world import World
from xero_twin.fields import read
from xero_twin.identity import App
from xero_twin.journal import JournalLine
from xero_twin.resource import Call
from xero_twin.resources import RESOURCES
from xero_twin.wire import Request


def make(made: World, resource: str, *elements: dict[str, Any]) -> list[str]:
    """Make these, and give their ids."""
    organisation = made.twin.organisations[made.tenant_id]
    kind = RESOURCES[resource.lower()]
    assert kind.write
    ids = []
    with organisation.lock:
        line = JournalLine(organisation.clock.now(), "POST", "")
        person = App("xero", None, (), "Xero")
        for fields in elements:
            request = Request("POST", "/")
            call = Call(organisation, person, request, {"unitdp": "4"}, organisation.now_ms(), line)
            outcome = kind.write(call, read(dict(fields), kind.fields, kind.name), None)
            assert not outcome.errors, outcome.errors
            ids.append(str(outcome.record.id))
    return ids


def contact(made: World, name: str = "Pounamu Cafe", **more: Any) -> str:
    return make(made, "Contacts", {"Name": name, **more})[0]


def item(made: World, code: str = "MUG-1", **more: Any) -> str:
    return make(made, "Items", {"Code": code, "Name": f"Mug {code}", **more})[0]


def line(amount: str = "100.00", **more: Any) -> dict[str, Any]:
    return {
        "Description": "Mugs",
        "Quantity": "1",
        "UnitAmount": amount,
        "AccountCode": "200",
        "TaxType": "OUTPUT2",
    } | more


def invoice(made: World, contact_id: str, lines: Sequence[dict[str, Any]] = (), **more: Any) -> str:
    """An approved sale invoice of one line of 100.00, unless told otherwise."""
    return make(made, "Invoices", fields_of_invoice(contact_id, lines, **more))[0]


def fields_of_invoice(contact_id: str, lines: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "Type": "ACCREC",
        "Contact": {"ContactID": contact_id},
        "Date": "2026-05-04",
        "DueDate": "2026-05-24",
        "Status": "AUTHORISED",
        "LineItems": list(lines) or [line()],
    }
    return fields | more


def bill(made: World, contact_id: str, lines: Sequence[dict[str, Any]] = (), **more: Any) -> str:
    lines = lines or [line(AccountCode="300", TaxType="INPUT2")]
    return invoice(made, contact_id, lines, **({"Type": "ACCPAY", "InvoiceNumber": "B-1"} | more))
