"""Xero's own Python client against the twin over sockets, and the twin's answers against Xero's OpenAPI file."""

import re
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from tests.xero_twin.conftest import CLIENT, Xero
from xero_twin import Organisation, Twin, TwinServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:xero_python")


@pytest.fixture
def served(twin: Twin, org: Organisation) -> Iterator[TwinServer]:
    with TwinServer(twin) as server:
        yield server


@pytest.fixture
def sdk(served: TwinServer, xero: Xero, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The accounting API of xero-python, signed in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from xero_python.accounting import AccountingApi
        from xero_python.api_client import ApiClient
        from xero_python.api_client.configuration import Configuration
        from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
    for name, path in (
        ("refresh_token_url", "/connect/token"),
        ("revoke_token_url", "/connect/revocation"),
        ("client_credentials_token_url", "/connect/token"),
    ):
        monkeypatch.setattr(TokenApi, name, served.url + path)
    token = {**xero.sign_in(), "expires_at": 4_000_000_000}
    held = {"token": token}
    client = ApiClient(Configuration(oauth2_token=OAuth2Token(client_id=CLIENT[0], client_secret=CLIENT[1])))
    client.oauth2_token_getter(lambda: held["token"])
    client.oauth2_token_saver(lambda new: held.update(token=new))
    return AccountingApi(client, base_url=served.url + "/api.xro/2.0")


def test_the_official_client_does_a_round_of_business(sdk: Any, org: Organisation, twin: Twin) -> None:
    from xero_python.accounting import (
        Account,
        Contact,
        Contacts,
        Invoice,
        Invoices,
        Item,
        Items,
        LineItem,
        Payment,
        Payments,
        Purchase,
    )

    tenant = org.tenant_id
    assert sdk.get_organisations(tenant).organisations[0].name == "Demo Company"
    assert len(sdk.get_accounts(tenant).accounts) > 40
    assert {rate.tax_type for rate in sdk.get_tax_rates(tenant).tax_rates} >= {"OUTPUT2", "INPUT2", "NONE"}
    ann = sdk.create_contacts(tenant, Contacts(contacts=[Contact(name="Ann", contact_number="C-1")])).contacts[0]
    item = Item(code="A1", name="Apple", sales_details=Purchase(unit_price=2.5, account_code="200"))
    apple = sdk.create_items(tenant, Items(items=[item])).items[0]
    assert apple.sales_details.unit_price == 2.5
    invoice = Invoice(
        type="ACCREC",
        contact=Contact(contact_id=ann.contact_id),
        date=date(2026, 11, 2),
        due_date=date(2026, 12, 1),
        status="AUTHORISED",
        line_items=[LineItem(item_code="A1", quantity=4)],
    )
    made = sdk.create_invoices(tenant, Invoices(invoices=[invoice]), summarize_errors=False, unitdp=4).invoices[0]
    assert (made.total, made.date, made.line_items[0].line_amount) == (11.5, date(2026, 11, 2), 10.0)
    paying = Payment(
        invoice=Invoice(invoice_id=made.invoice_id),
        account=Account(code="090"),
        date=date(2026, 11, 3),
        amount=11.5,
    )
    paid = sdk.create_payments(tenant, Payments(payments=[paying])).payments[0]
    read = sdk.get_invoice(tenant, made.invoice_id).invoices[0]
    assert (read.status, read.amount_due, read.payments[0].payment_id) == ("PAID", 0.0, paid.payment_id)
    assert sdk.get_invoices(tenant, page=1, where='Status=="PAID"').invoices[0].contact.name == "Ann"
    assert twin.documents(tenant, "Payments")[0]["Amount"] == Decimal("11.50")


def test_the_official_client_reads_every_list(sdk: Any, xero: Xero) -> None:
    xero.item("A", InventoryAssetAccountCode="630", PurchaseDetails={"COGSAccountCode": "310"})
    xero.put("TrackingCategories", {"Name": "Region"})
    xero.pay(xero.invoice(Type="ACCPAY", InvoiceNumber="B-1"), 5)
    xero.contact("Bo", PaymentTerms={"Bills": {"Day": 20, "Type": "OFCURRENTMONTH"}}, DefaultCurrency="USD")
    tenant = xero.org.tenant_id
    assert {one.name for one in sdk.get_contacts(tenant, page=1).contacts} == {"Ann Example", "Bo"}
    assert sdk.get_items(tenant).items[0].is_tracked_as_inventory is True
    assert sdk.get_payments(tenant, page=1).payments[0].amount == 5.0
    assert {one.code.value for one in sdk.get_currencies(tenant).currencies} == {"NZD", "USD", "AUD"}
    assert sdk.get_tracking_categories(tenant).tracking_categories[0].name == "Region"
    bills = sdk.get_invoices(tenant, if_modified_since=datetime(2026, 1, 1, tzinfo=UTC), page=1).invoices
    assert [one.invoice_number for one in bills] == ["B-1"]


def test_the_official_client_refreshes_its_token_and_lists_connections(
    sdk: Any, served: TwinServer, xero: Xero
) -> None:
    from xero_python.identity import IdentityApi

    client = sdk.api_client
    before = client.configuration.oauth2_token.access_token
    client.refresh_oauth2_token()
    assert client.configuration.oauth2_token.access_token != before
    found = IdentityApi(client, base_url=served.url).get_connections()
    assert [one.tenant_name for one in found] == ["Demo Company"]


def test_the_official_client_understands_a_refusal(sdk: Any, org: Organisation) -> None:
    from xero_python.accounting import Contact, Contacts
    from xero_python.exceptions import AccountingBadRequestException

    sdk.create_contacts(org.tenant_id, Contacts(contacts=[Contact(name="Ann")]))
    with pytest.raises(AccountingBadRequestException) as caught:
        sdk.create_contacts(org.tenant_id, Contacts(contacts=[Contact(name="ANN")]))
    assert "already assigned to another contact" in caught.value.reason


# Xero's OpenAPI file, as a floor under every answer


def _schema(openapi: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    found = openapi["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    return {"components": openapi["components"], **found}


@pytest.fixture(scope="session")
def openapi(openapi_path: Path) -> dict[str, Any]:
    class Loader(yaml.CSafeLoader):
        """Dates stay text."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(openapi_path.read_text(), Loader)


def test_answers_fit_the_published_schemas(xero: Xero, openapi: dict[str, Any]) -> None:
    contact = xero.contact()
    xero.item(SalesDetails={"UnitPrice": 2.5551, "AccountCode": "200"})
    invoice = xero.invoice()
    payment = xero.pay(invoice, 10)
    calls = [
        ("GET", "/Organisation", "Organisation", None),
        ("GET", "/Accounts", "Accounts", None),
        ("GET", "/TaxRates", "TaxRates", None),
        ("GET", "/Currencies", "Currencies", None),
        ("GET", "/TrackingCategories", "TrackingCategories", None),
        ("GET", "/Contacts", "Contacts?page=1", None),
        ("GET", "/Contacts/{ContactID}", f"Contacts/{contact['ContactID']}", None),
        ("PUT", "/Contacts", "Contacts", {"Name": "Bo Example"}),
        ("GET", "/Items", "Items", None),
        ("PUT", "/Items", "Items", {"Code": "PEAR"}),
        ("GET", "/Invoices", "Invoices?page=1", None),
        ("GET", "/Invoices", "Invoices", None),
        ("GET", "/Invoices/{InvoiceID}", f"Invoices/{invoice['InvoiceID']}", None),
        ("PUT", "/Invoices", "Invoices", xero.invoice_body()),
        ("GET", "/Payments", "Payments", None),
        ("GET", "/Payments/{PaymentID}", f"Payments/{payment['PaymentID']}", None),
    ]
    for method, template, path, body in calls:
        answer = xero.call(method, path, body)
        assert answer.status_code == 200, answer.text
        schema = _schema(openapi, template, method.lower())
        problems = list(OAS30Validator(schema).iter_errors(answer.json()))
        assert not problems, f"{method} {path}: {problems[0].message} at {list(problems[0].path)}"


def test_a_listing_has_no_null_and_escapes_its_dates(xero: Xero) -> None:
    xero.pay(xero.invoice())
    for path in ("Invoices?page=1", "Contacts", "Payments", "Accounts", "TaxRates", "Organisation"):
        text = xero.call("GET", path).text
        assert "null" not in text, path
        assert not re.search(r'"/Date', text), path
