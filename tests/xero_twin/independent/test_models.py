"""Business done with xero-python's own models, and its way through sign-in."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.xero_twin.conftest import Xero
from tests.xero_twin.independent.conftest import Sdk
from xero_twin import Organisation, Twin, TwinServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:xero_python")


def test_the_official_client_does_a_round_of_business(sdk: Sdk, org: Organisation, twin: Twin) -> None:
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
    assert sdk.get_organisations().organisations[0].name == "Demo Company"
    assert len(sdk.get_accounts().accounts) > 40
    assert {rate.tax_type for rate in sdk.get_tax_rates().tax_rates} >= {"OUTPUT2", "INPUT2", "NONE"}
    ann = sdk.create_contacts(Contacts(contacts=[Contact(name="Ann", contact_number="C-1")])).contacts[0]
    item = Item(code="A1", name="Apple", sales_details=Purchase(unit_price=2.5, account_code="200"))
    apple = sdk.create_items(Items(items=[item])).items[0]
    assert apple.sales_details.unit_price == 2.5
    invoice = Invoice(
        type="ACCREC",
        contact=Contact(contact_id=ann.contact_id),
        date=date(2026, 11, 2),
        due_date=date(2026, 12, 1),
        status="AUTHORISED",
        line_items=[LineItem(item_code="A1", quantity=4)],
    )
    made = sdk.create_invoices(Invoices(invoices=[invoice]), summarize_errors=False, unitdp=4).invoices[0]
    assert (made.total, made.date, made.line_items[0].line_amount) == (11.5, date(2026, 11, 2), 10.0)
    paying = Payment(
        invoice=Invoice(invoice_id=made.invoice_id),
        account=Account(code="090"),
        date=date(2026, 11, 3),
        amount=11.5,
    )
    paid = sdk.create_payments(Payments(payments=[paying])).payments[0]
    read = sdk.get_invoice(made.invoice_id).invoices[0]
    assert (read.status, read.amount_due, read.payments[0].payment_id) == ("PAID", 0.0, paid.payment_id)
    assert sdk.get_invoices(page=1, where='Status=="PAID"').invoices[0].contact.name == "Ann"
    assert twin.documents(tenant, "Payments")[0]["Amount"] == Decimal("11.50")


def test_the_official_client_reads_every_list(sdk: Sdk, xero: Xero) -> None:
    xero.item("A", InventoryAssetAccountCode="630", PurchaseDetails={"COGSAccountCode": "310"})
    xero.put("TrackingCategories", {"Name": "Region"})
    xero.pay(xero.invoice(Type="ACCPAY", InvoiceNumber="B-1"), 5)
    xero.contact("Bo", PaymentTerms={"Bills": {"Day": 20, "Type": "OFCURRENTMONTH"}}, DefaultCurrency="USD")
    assert {one.name for one in sdk.get_contacts(page=1).contacts} == {"Ann Example", "Bo"}
    assert sdk.get_items().items[0].is_tracked_as_inventory is True
    assert sdk.get_payments(page=1).payments[0].amount == 5.0
    assert {one.code.value for one in sdk.get_currencies().currencies} == {"NZD", "USD", "AUD"}
    assert sdk.get_tracking_categories().tracking_categories[0].name == "Region"
    bills = sdk.get_invoices(if_modified_since=datetime(2026, 1, 1, tzinfo=UTC), page=1).invoices
    assert [one.invoice_number for one in bills] == ["B-1"]


def test_the_official_client_refreshes_its_token_and_lists_connections(
    sdk: Sdk, served: TwinServer, xero: Xero
) -> None:
    from xero_python.identity import IdentityApi

    client = sdk.api.api_client
    before = client.configuration.oauth2_token.access_token
    client.refresh_oauth2_token()
    assert client.configuration.oauth2_token.access_token != before
    found = IdentityApi(client, base_url=served.url).get_connections()
    assert [one.tenant_name for one in found] == ["Demo Company"]


def test_the_official_client_understands_a_refusal(sdk: Sdk, org: Organisation) -> None:
    from xero_python.accounting import Contact, Contacts
    from xero_python.exceptions import AccountingBadRequestException

    sdk.create_contacts(Contacts(contacts=[Contact(name="Ann")]))
    with pytest.raises(AccountingBadRequestException) as caught:
        sdk.create_contacts(Contacts(contacts=[Contact(name="ANN")]))
    assert "already assigned to another contact" in caught.value.reason
