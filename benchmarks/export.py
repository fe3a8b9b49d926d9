"""Two thousand invoices to Xero: Tieout, and the loop that most people write with xero-python (one call a document).

In: the number of invoices, and the twin with 200 ms a call and no limits. Out: seconds and calls of both, and the
ratio. The loop is measured on a part of the invoices and scaled, since each of its calls costs the same; both write to
the same twin in the same run.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from benchmarks.setting import CLIENT, SECRET, Twin, company, connect, database, twin

LATENCY = 200
LOOPED = 100


def main(invoices: int = 2_000) -> None:
    with database(), twin(LATENCY) as made:
        organisation = company(made, invoices, "export-bench")
        ours, calls, records = _tieout(organisation, made)
        loop = _loop(organisation, made)
        theirs = loop * records / LOOPED
        print(f"tieout      {records:,} records ({invoices:,} of them documents) in {ours:.1f} s, {calls} calls")
        print(f"the loop    {LOOPED} invoices in {loop:.1f} s, {LOOPED} calls; {records:,} would take {theirs:.0f} s")
        print(f"ratio       {theirs / ours:.0f} times as fast, {records / calls:.0f} times fewer calls")


def _tieout(organisation: Any, made: Twin) -> tuple[float, int, int]:
    from tieout.sync.models import Entry
    from tieout.sync.run import Ports, sync

    before = made.calls()
    began = time.perf_counter()
    sync(organisation, ports=Ports())
    seconds = time.perf_counter() - began
    return seconds, made.calls() - before, Entry.objects.filter(status="completed").count()


def _loop(organisation: Any, made: Twin) -> float:
    """What a script does: for each invoice one call, waiting for its answer."""
    from xero_python.accounting import AccountingApi, Invoice, Invoices, LineItem
    from xero_python.accounting import Contact as XeroContact
    from xero_python.api_client import ApiClient
    from xero_python.api_client.configuration import Configuration
    from xero_python.api_client.oauth2 import OAuth2Token

    from tieout.core import operations
    from tieout.core.fields import OrganisationFields
    from tieout.sync import vault
    from tieout.sync.models import Connection

    fields = OrganisationFields(slug="loop", name="The loop", base_currency="NZD", country="NZ")
    connect(operations.create_organisation(fields, actor="bench"), made, "The loop")
    connection = Connection.objects.select_related("grant").get(organisation__slug="loop")
    access, refresh = vault.unseal(connection.grant.tokens)
    token = {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 1800}
    token |= {"expires_at": time.time() + 1800, "scope": connection.grant.scope.split()}
    client = ApiClient(Configuration(oauth2_token=OAuth2Token(client_id=CLIENT, client_secret=SECRET)))
    client.oauth2_token_getter(lambda: token)
    client.oauth2_token_saver(token.update)
    api = AccountingApi(client, base_url=f"{made.url}/api.xro/2.0")
    contact = api.create_contacts(connection.tenant_id, {"Contacts": [{"Name": "Buyer"}]}).contacts[0]
    day = date(2026, 6, 1)
    began = time.perf_counter()
    for number in range(LOOPED):
        line = LineItem(description="A thing", quantity=2, unit_amount=9.5, account_code="200", tax_type="OUTPUT2")
        invoice = Invoice(
            type="ACCREC",
            contact=XeroContact(contact_id=contact.contact_id),
            line_items=[line],
            date=day,
            due_date=day + timedelta(days=20),
            invoice_number=f"LOOP-{number}",
            status="AUTHORISED",
        )
        api.create_invoices(connection.tenant_id, Invoices(invoices=[invoice]))
    return time.perf_counter() - began
