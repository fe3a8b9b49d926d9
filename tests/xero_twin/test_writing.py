"""Writing in general: envelopes, verbs, summarised errors, conversion."""

from decimal import Decimal

import pytest

from tests.xero_twin.conftest import Xero, messages

NOTHING = "00000000-0000-0000-0000-000000000000"


def test_the_envelope_has_its_keys_in_order(xero: Xero) -> None:
    body = xero.put("Contacts", {"Name": "Ann"})
    assert list(body) == ["Id", "Status", "ProviderName", "DateTimeUTC", "Contacts"]
    assert body["DateTimeUTC"] == "/Date(1793610000000)/"
    assert (body["Status"], body["ProviderName"]) == ("OK", "Tieout")


def test_one_object_or_a_collection_in_any_case_of_keys(xero: Xero) -> None:
    assert len(xero.put("Contacts", {"name": "Ann"})["Contacts"]) == 1
    assert len(xero.put("Contacts", {"contacts": [{"NAME": "Bo"}, {"Name": "Cy"}]})["Contacts"]) == 2


def test_unknown_and_read_only_keys_and_nulls_are_ignored(xero: Xero) -> None:
    body = {"Name": "Ann", "Nonsense": 1, "HasValidationErrors": False, "IsCustomer": True, "FirstName": None}
    contact = xero.put("Contacts", body)["Contacts"][0]
    assert contact["IsCustomer"] is False
    assert "FirstName" not in contact


def test_by_default_one_bad_element_makes_a_400_while_the_good_ones_are_saved(xero: Xero) -> None:
    body = xero.put("Contacts", {"Contacts": [{"Name": "Ann"}, {"Name": ""}, {"Name": "Bo"}]}, 400)
    assert (body["ErrorNumber"], body["Type"]) == (10, "ValidationException")
    assert body["Message"] == "A validation exception occurred"
    assert [messages(one) for one in body["Elements"]] == [["Contact name cannot be empty"]]
    assert {one["Name"] for one in xero.get("Contacts")["Contacts"]} == {"Ann", "Bo"}


def test_unsummarised_errors_come_with_200_in_the_order_of_the_request(xero: Xero) -> None:
    sent = {"Contacts": [{"Name": "Ann"}, {"Name": "ann"}, {"Name": "Bo"}]}
    found = xero.put("Contacts", sent, summarizeErrors="false")["Contacts"]
    assert [one["StatusAttributeString"] for one in found] == ["OK", "ERROR", "OK"]
    assert found[1]["ContactID"] == NOTHING
    assert found[1]["HasValidationErrors"] is True
    assert "already assigned" in messages(found[1])[0]
    assert "ValidationErrors" not in found[0]


@pytest.mark.parametrize("value", ["false", "False", "FALSE"])
def test_booleans_in_the_address_are_taken_in_any_case(xero: Xero, value: str) -> None:
    assert xero.put("Contacts", {"Name": ""}, summarizeErrors=value)["Contacts"][0]["HasValidationErrors"]


def test_a_success_without_the_parameter_has_no_status(xero: Xero) -> None:
    assert "StatusAttributeString" not in xero.contact()


def test_a_failed_create_keeps_its_number_and_computes_its_lines_without_ids(xero: Xero) -> None:
    xero.invoice(InvoiceNumber="S-1")
    failed = xero.invoice(InvoiceNumber="S-1")
    assert messages(failed) == ["Invoice # must be unique."]
    assert (failed["InvoiceID"], failed["InvoiceNumber"]) == (NOTHING, "S-1")
    assert (failed["HasErrors"], failed["Contact"]["Name"]) == (True, "Ann Example")
    assert failed["LineItems"][0]["LineAmount"] == Decimal("100.00")
    assert "LineItemID" not in failed["LineItems"][0]


def test_a_failed_update_echoes_the_merged_element_and_applies_nothing(xero: Xero) -> None:
    invoice = xero.invoice()
    path = f"Invoices/{invoice['InvoiceID']}"
    echo = xero.post(path, {"Status": "DELETED", "Reference": "new"}, summarizeErrors="false")["Invoices"][0]
    assert (echo["Status"], echo["Reference"], echo["StatusAttributeString"]) == ("DELETED", "new", "ERROR")
    assert messages(echo) == ["Invoice not of valid status for modification"]
    held = xero.reread(invoice)
    assert (held["Status"], held["Reference"]) == ("AUTHORISED", "")


def test_a_value_that_cannot_be_converted_refuses_the_whole_call(xero: Xero) -> None:
    good, bad = xero.invoice_body(), xero.invoice_body(LineAmountTypes="NO_TAX")
    body = xero.put("Invoices", {"Invoices": [good, bad]}, 400)
    assert (body["ErrorNumber"], body["Type"]) == (14, "PostDataInvalidException")
    assert body["Message"] == (
        "Error converting value \"NO_TAX\" to type 'Xero.API.Library..LineAmountType'. "
        "Path 'Invoices[1].LineAmountTypes'."
    )
    assert "Elements" not in body
    assert xero.twin.documents(xero.org.tenant_id, "Invoices") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Date", "tomorrow"),
        ("Date", "2026-02-30"),
        ("DueDate", 5),
        ("LineItems", {"Description": "x"}),
        ("LineItems", [5]),
        ("LineItems", [{"Quantity": "many"}]),
        ("LineItems", [{"Quantity": True}]),
        ("LineItems", [{"UnitAmount": "NaN"}]),
        ("SentToContact", "perhaps"),
        ("BrandingThemeID", "not a guid"),
        ("Reference", ["x"]),
        ("Contact", "Ann"),
    ],
)
def test_conversion_errors_are_number_14(xero: Xero, field: str, value: object) -> None:
    assert xero.put("Invoices", xero.invoice_body(**{field: value}), 400)["ErrorNumber"] == 14


@pytest.mark.parametrize("body", [b"", b"  ", b"{}", b"[]", b'{"Invoices": []}', b'{"Nonsense": 1}', b"5"])
def test_an_empty_or_wrongly_rooted_body_is_no_data(xero: Xero, body: bytes) -> None:
    found = xero.read(xero.call("PUT", "Invoices", body), 400)
    assert (found["ErrorNumber"], found["Type"]) == (17, "NoDataProcessedException")
    assert found["Message"] == (
        "No data has been processed for this endpoint. "
        "This endpoint is expecting Invoice data to be specifed in the request body."
    )


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"Name": }'])
def test_broken_json_is_number_14(xero: Xero, body: bytes) -> None:
    assert xero.read(xero.call("PUT", "Invoices", body), 400)["ErrorNumber"] == 14


def test_tracking_that_is_no_list_breaks_xero(xero: Xero) -> None:
    line = {"Description": "x", "Tracking": {"Name": "Region"}}
    body = xero.put("Invoices", xero.invoice_body(LineItems=[line]), 500)
    assert body["Title"] == "An error occurred"


def test_numbers_may_come_as_text_and_dates_in_three_forms(xero: Xero) -> None:
    line = {"Description": "x", "Quantity": "2", "UnitAmount": "20.00", "AccountCode": "200"}
    for sent in ("2026-10-31", "2026-10-31T13:00:00", "/Date(1793404800000)/", "/Date(1793404800000+0000)/"):
        invoice = xero.invoice(Date=sent, LineItems=[line])
        assert invoice["DateString"] == "2026-10-31T00:00:00"
        assert invoice["Date"] == "/Date(1793404800000+0000)/"
        assert invoice["SubTotal"] == Decimal("40.00")


def test_money_quantities_and_rates_have_their_digits_on_the_wire(xero: Xero) -> None:
    answer = xero.call("PUT", "Invoices", xero.invoice_body())
    for part in (
        '"Total":115.00',
        '"Quantity":1.0000',
        '"UnitAmount":100.00,',
        '"CurrencyRate":1.0000000000',
        '"Date":"\\/Date(1793577600000+0000)\\/"',
    ):
        assert part in answer.text
    assert '"UnitAmount":100.0000,' in xero.call("PUT", "Invoices?unitdp=4", xero.invoice_body()).text


def test_a_body_above_ten_megabytes_is_refused(xero: Xero) -> None:
    assert xero.call("PUT", "Contacts", b" " * (10 * 1024 * 1024 + 1)).status_code == 413


def test_what_is_not_there_is_a_404_without_a_body(xero: Xero) -> None:
    for path in ("Invoices/INV-9999", "Nonsense", "Contacts/5d5b5d5b-0000-4000-a000-500500500500"):
        answer = xero.call("GET", path)
        assert (answer.status_code, answer.content) == (404, b"")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_verb_that_a_resource_does_not_have_is_not_implemented(xero: Xero) -> None:
    for method, path in (("DELETE", "Invoices"), ("POST", "Accounts"), ("PUT", "Organisation"), ("PATCH", "Contacts")):
        answer = xero.call(method, path, {"Name": "x"})
        assert (answer.status_code, answer.text) == (501, "The Api Method called is not implemented")


def test_json_has_to_be_asked_for(xero: Xero) -> None:
    assert xero.call("GET", "Contacts", headers={"Accept": "*/*"}).status_code == 406


def test_the_journal_tells_what_each_call_did(xero: Xero) -> None:
    sent = {"Contacts": [{"Name": "Ann", "ContactNumber": "C-1"}, {"Name": ""}]}
    xero.put("Contacts", sent, 400)
    line = xero.twin.journal[-1]
    made = xero.get("Contacts")["Contacts"][0]["ContactID"]
    assert (line.method, line.resource, line.status, line.elements) == ("PUT", "Contacts", 400, 2)
    assert line.created == [("Contacts", made, "C-1")]
    assert line.refused == [("Contacts", "", "Contact name cannot be empty")]
    assert line.bytes_in > 0
    assert line.bytes_out > 0
    assert (line.app, line.tenant) == ("tieout-demo", xero.org.tenant_id)
    assert xero.twin.calls("Contacts") == 2
    assert xero.twin.calls_by_resource() == {"token": 1, "Contacts": 2}


@pytest.mark.parametrize(
    "resource", ["Invoices", "CreditNotes", "PurchaseOrders", "BankTransactions", "Contacts", "Items"]
)
def test_put_makes_no_second_record_of_an_id(xero: Xero, resource: str) -> None:
    makes = {
        "Invoices": xero.invoice,
        "CreditNotes": xero.credit_note,
        "PurchaseOrders": xero.order,
        "BankTransactions": xero.bank,
        "Contacts": lambda: xero.contact("Bo"),
        "Items": xero.item,
    }
    key, held = f"{resource[:-1]}ID", makes[resource]()
    before = xero.twin.documents(xero.org.tenant_id, resource)
    told = xero.put(resource, {key: held[key], "Reference": "x", "Name": "y"}, summarizeErrors="false")[resource][0]
    assert messages(told) == [f"A {resource[:-1]} with this {key} exists already."]
    assert xero.twin.documents(xero.org.tenant_id, resource) == before


def test_the_id_in_the_body_is_that_of_the_address(xero: Xero) -> None:
    one, other = xero.invoice(), xero.invoice()
    path = f"Invoices/{one['InvoiceID']}"
    told = xero.post(path, {"InvoiceID": other["InvoiceID"], "Reference": "x"}, summarizeErrors="false")["Invoices"][0]
    assert messages(told) == ["The InvoiceID is not that of the address."]
    assert [xero.reread(each)["Reference"] for each in (one, other)] == ["", ""]
    assert xero.post(path, {"InvoiceID": one["InvoiceID"], "Reference": "x"})["Invoices"][0]["Reference"] == "x"


def test_a_line_id_is_used_once(xero: Xero) -> None:
    held = xero.invoice()
    line = {"LineItemID": held["LineItems"][0]["LineItemID"]}
    path, both = f"Invoices/{held['InvoiceID']}", {"LineItems": [line, {**line, "Quantity": 2}]}
    told = xero.post(path, both, summarizeErrors="false")["Invoices"][0]
    assert messages(told) == ["A LineItemID can be used only once."]
    assert len(xero.reread(held)["LineItems"]) == 1
