"""What Xero does not take the twin does not take: made-up requests, one rule each, all of them refused. A twin
that took them would hide a client's mistake. Each rule's neighbour that is fine is taken, so that none of
them is refused for another reason."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages

NOBODY = "00000000-0000-4000-a000-00000000dead"
SALE = {"Description": "x", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}
COST = {**SALE, "AccountCode": "300"}
DEBIT, CREDIT = {"LineAmount": 50, "AccountCode": "310"}, {"LineAmount": -50, "AccountCode": "640"}
PART = {"Name": "GST", "Rate": 5}
Make = Callable[[Xero, dict[str, Any]], dict[str, Any]]


def _put(resource: str, **base: Any) -> Make:
    """One element of a resource; a refusal of the whole call counts as its sentence."""

    def make(xero: Xero, fields: dict[str, Any]) -> dict[str, Any]:
        answer = xero.call("PUT", f"{resource}?summarizeErrors=false", {**base, **fields})
        told = answer.json()
        return told[resource][0] if answer.status_code == 200 else {"ValidationErrors": [{"Message": told["Message"]}]}

    return make


def _sale_line(xero: Xero, fields: dict[str, Any]) -> dict[str, Any]:
    return xero.invoice(LineItems=[{**SALE, **fields}])


def _order_line(xero: Xero, fields: dict[str, Any]) -> dict[str, Any]:
    return xero.order(LineItems=[{**COST, **fields}])


def _spent_line(xero: Xero, fields: dict[str, Any]) -> dict[str, Any]:
    return xero.bank(LineItems=[{**COST, **fields}])


def _overpaid_line(xero: Xero, fields: dict[str, Any]) -> dict[str, Any]:
    return xero.bank("RECEIVE-OVERPAYMENT", LineItems=[{"Description": "x", "Quantity": 1, "UnitAmount": 5, **fields}])


def _prepaid_line(xero: Xero, fields: dict[str, Any]) -> dict[str, Any]:
    xero.post("Items", {"Code": "APPLE"})
    return xero.bank("RECEIVE-PREPAYMENT", LineItems=[{**SALE, "AccountCode": "835", **fields}])


def _journal_line(xero: Xero, fields: dict[str, Any]) -> dict[str, Any]:
    return xero.journal(JournalLines=[{**DEBIT, **fields}, CREDIT])


def _batch_line(xero: Xero, fields: dict[str, Any]) -> dict[str, Any]:
    part = {"Invoice": {"InvoiceID": xero.invoice()["InvoiceID"]}, "Amount": 5, **fields}
    return _put("BatchPayments", Account={"Code": "090"}, Date="2026-11-03", Payments=[part])(xero, {})


def _batch(xero: Xero, fields: dict[str, Any]) -> dict[str, Any]:
    part = {"Invoice": {"InvoiceID": xero.invoice()["InvoiceID"]}, "Amount": 5}
    return _put("BatchPayments", Account={"Code": "090"}, Date="2026-11-03", Payments=[part])(xero, fields)


MAKES: dict[str, Make] = {
    "invoice": lambda xero, fields: xero.invoice(**fields),
    "bill": lambda xero, fields: xero.invoice(Type="ACCPAY", **fields),
    "order": lambda xero, fields: xero.order(**fields),
    "money": lambda xero, fields: xero.bank(**fields),
    "journal": lambda xero, fields: xero.journal(**fields),
    "payment": lambda xero, fields: xero.pay(xero.invoice(), 5, **fields),
    "batch": _batch,
    "sale line": _sale_line,
    "order line": _order_line,
    "money line": _spent_line,
    "overpayment line": _overpaid_line,
    "prepayment line": _prepaid_line,
    "journal line": _journal_line,
    "batch line": _batch_line,
    "account": _put("Accounts", Code="299", Name="N", Type="REVENUE"),
    "bank account": _put("Accounts", Code="099", Name="N", Type="BANK", BankAccountNumber="1"),
    "tax rate": _put("TaxRates", Name="N", ReportTaxType="OUTPUT", TaxComponents=[PART]),
    "currency": _put("Currencies"),
    "category": _put("TrackingCategories"),
    "item": _put("Items", Code="A"),
}
_NOT_VALID = "Account code '{}' is not a valid code for this document."
_NO_TAX_TYPE = "The TaxType code {} does not exist or cannot be used for this type of transaction."
_URL = "Url must be a valid address that does not contain 'xero'."
_ONLY_BANKS = "Only bank accounts have a number, a bank account type and a currency."
_RATE = "The rate of a tax component must be positive, with at most four decimals."
_PART = "A tax component needs a name and a rate."
_SENT = "Only AUTHORISED and PAID sales invoices may have SentToContact updated."

# what is made, what is refused on it, the sentence, and what is fine in its place (None: nothing at all)
RULES: tuple[tuple[str, dict[str, Any], str, dict[str, Any] | None], ...] = (
    ("invoice", {"Reference": "x" * 256}, "Reference must be no longer than 255 characters.",
     {"Reference": "x" * 255}),
    ("invoice", {"Status": "DRAFT", "SentToContact": True}, _SENT, {"SentToContact": True}),
    ("bill", {"SentToContact": True}, _SENT, {"SentToContact": False}),
    (
        "invoice",
        {"LineAmountTypes": "NoTax", "LineItems": [{**SALE, "TaxType": "NONSENSE"}]},
        _NO_TAX_TYPE.format("NONSENSE"),
        {"LineAmountTypes": "NoTax", "LineItems": [{**SALE, "TaxType": "none"}]},
    ),
    ("sale line", {"Description": "x" * 4001}, "Description must be no longer than 4000 characters.",
     {"Description": "x" * 4000}),
    ("sale line", {"UnitAmount": "10000000000"}, "The line amount must not be more than 9999999999.99.",
     {"UnitAmount": "9999999999.99"}),
    ("sale line", {"Quantity": "100000000", "UnitAmount": 1}, "The quantity must not be more than 99999999.9999.",
     {"Quantity": "99999999.9999", "UnitAmount": 1}),
    ("sale line", {"Quantity": "1.00001"}, "The quantity can have at most four decimals.", {"Quantity": "1.00010"}),
    ("sale line", {"AccountCode": "090"}, _NOT_VALID.format("090"), None),
    ("order line", {"DiscountAmount": 5}, "Discounts cannot be used on this type of document.", {"DiscountRate": 5}),
    ("money", {"CurrencyCode": "USD"}, "The currency of a bank transaction is that of its bank account, NZD.",
     {"CurrencyCode": "NZD"}),
    ("money", {"Url": "https://go.xero.com/"}, _URL, {"Url": "https://example.com/1"}),
    ("money line", {"AccountCode": "090"}, _NOT_VALID.format("090"), None),
    ("overpayment line", {"AccountCode": "200"}, _NOT_VALID.format("200"), {"AccountCode": "610"}),
    ("overpayment line", {"AccountID": NOBODY}, _NOT_VALID.format(NOBODY), None),
    ("overpayment line", {"TaxType": "OUTPUT2"}, _NO_TAX_TYPE.format("OUTPUT2"), {"TaxType": "NONE"}),
    ("prepayment line", {"ItemCode": "APPLE"}, "Items can be used on money spent and received only.", None),
    ("journal", {"Url": "somewhere"}, _URL, {"Url": "http://example.com"}),
    ("journal line", {"TaxType": "NONSENSE"}, "Tax rate must be valid.", {"TaxType": "INPUT2"}),
    ("journal line", {"LineAmount": None}, "LineAmount must be specified", None),
    ("payment", {"Status": "DELETED"}, "Payment not of valid status for creation", {"Status": "AUTHORISED"}),
    ("batch", {"Status": "DELETED"}, "Batch payment not of valid status for creation", {"Status": "AUTHORISED"}),
    ("batch line", {"Particulars": "x" * 13}, "Particulars must be no longer than 12 characters.",
     {"Particulars": "x" * 12}),
    ("batch line", {"Code": "x" * 13}, "Code must be no longer than 12 characters.", {"Code": "x" * 12}),
    ("batch line", {"Details": "x" * 19}, "Details must be no longer than 18 characters.", {"Details": "x" * 18}),
    ("account", {"Name": "x" * 151}, "Name must be no longer than 150 characters.", {"Name": "x" * 150}),
    ("account", {"Description": "x" * 4001}, "Description must be no longer than 4000 characters.",
     {"Description": "x" * 4000}),
    ("account", {"Status": "ARCHIVED"}, "Account not of valid status for creation", {"Status": "ACTIVE"}),
    ("account", {"CurrencyCode": "USD"}, _ONLY_BANKS, None),
    ("account", {"BankAccountNumber": "1"}, _ONLY_BANKS, None),
    ("account", {"BankAccountType": "BANK"}, _ONLY_BANKS, None),
    ("bank account", {"CurrencyCode": "EUR"}, "Organisation is not subscribed to currency EUR",
     {"CurrencyCode": "USD"}),
    ("bank account", {"Description": "x"}, "Bank accounts have no description.", None),
    ("account", {"Name": " "}, "Account name must be specified", {"Name": " N"}),
    ("account", {"Code": " "}, "Account code must be specified", None),
    ("item", {"Code": " "}, "Item code must be specified", None),
    ("tax rate", {"Name": " "}, "The tax rate name must be between 1 and 50 characters.", {"Name": "x" * 50}),
    ("category", {"Name": " "}, "The tracking category name must be between 1 and 100 characters.", {"Name": "z"}),
    ("journal", {"Narration": " "}, "Narration must be specified", None),
    ("tax rate", {"ReportTaxType": "WHATEVER"},
     "Error converting value \"WHATEVER\" to type 'Xero.API.Library..ReportTaxType'. Path 'TaxRates[0].ReportTaxType'.",
     {"ReportTaxType": "INPUT"}),
    ("tax rate", {"TaxType": "TAX077"}, "The TaxType can only be used to update a tax rate.", None),
    ("tax rate", {"Status": "DELETED"}, "Tax rate not of valid status for creation", {"Status": "ACTIVE"}),
    ("tax rate", {"TaxComponents": [{**PART, "Rate": "5.12345"}]}, _RATE,
     {"TaxComponents": [{**PART, "Rate": "5.1234"}]}),
    ("tax rate", {"TaxComponents": [{**PART, "Rate": -1}]}, _RATE, {"TaxComponents": [{**PART, "Rate": 0}]}),
    ("tax rate", {"TaxComponents": [{"Rate": 5}]}, _PART, None),
    ("tax rate", {"TaxComponents": [{"Name": "GST"}]}, _PART, None),
    ("tax rate", {"TaxComponents": [{**PART, "IsNonRecoverable": True}]},
     "Only Canadian organisations have non-recoverable tax.",
     {"TaxComponents": [{**PART, "IsNonRecoverable": False}]}),
    ("currency", {"Code": "ZZZ"},
     "Error converting value \"ZZZ\" to type 'Xero.API.Library..CurrencyCode'. Path 'Currencies[0].Code'.",
     {"Code": "EUR"}),
    ("category", {"Name": "x" * 101}, "The tracking category name must be between 1 and 100 characters.",
     {"Name": "x" * 100}),
    ("item", {"SalesDetails": {"COGSAccountCode": "310"}},
     "A COGSAccountCode is for the purchase details of tracked items only.",
     {"SalesDetails": {"AccountCode": "200"}}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("what", "wrong", "sentence", "fine"), RULES, ids=[f"{one[0]}: {one[2][:50]}" for one in RULES]
)
def test_a_rule_is_kept_on_both_sides(
    xero: Xero, what: str, wrong: dict[str, Any], sentence: str, fine: dict[str, Any] | None
) -> None:
    make = MAKES[what]
    assert sentence in messages(make(xero, wrong))
    assert messages(make(xero, fine or {})) == []


def test_what_is_for_the_other_side_leaves_a_document(xero: Xero) -> None:
    dates = {"ExpectedPaymentDate": "2026-12-01", "PlannedPaymentDate": "2026-12-02"}
    invoice, bill = xero.invoice(**dates), xero.invoice(Type="ACCPAY", **dates)
    assert ("ExpectedPaymentDate" in invoice, "PlannedPaymentDate" in invoice) == (True, False)
    assert ("ExpectedPaymentDate" in bill, "PlannedPaymentDate" in bill) == (False, True)


@pytest.mark.parametrize(("resource", "make"), [("Invoices", "invoice"), ("CreditNotes", "credit_note")])
def test_a_settled_document_takes_no_other_status(xero: Xero, resource: str, make: str) -> None:
    held = getattr(xero, make)()
    name = resource[:-1]
    key = held[f"{name}ID"]
    paid = {"Account": {"Code": "090"}, "Date": "2026-11-03", "Amount": held["Total"]}
    xero.put("Payments", {**paid, name: {f"{name}ID": key}})
    words = "invoice" if resource == "Invoices" else "credit note"
    for status in ("AUTHORISED", "DRAFT", "SUBMITTED", "VOIDED", "DELETED"):
        found = xero.post(f"{resource}/{key}", {"Status": status}, summarizeErrors="false")[resource][0]
        assert messages(found) == [
            f"The status {status} cannot be applied to the {words} because it has payments or credit notes "
            "allocated to it."
        ]
    assert messages(xero.post(f"{resource}/{key}", {"Status": "PAID"}, summarizeErrors="false")[resource][0]) == []


@pytest.mark.parametrize("day", ["2026-11-02Tnoon", "2026-11-02 hello", "2026-11-02T09", "02/11/2026", "20261102"])
def test_a_day_is_followed_by_a_time_or_nothing(xero: Xero, day: str) -> None:
    assert xero.put("Invoices", xero.invoice_body(Date=day), 400)["ErrorNumber"] == 14


@pytest.mark.parametrize("day", ["2026-11-02T09:00:00", "2026-11-02T09:00:00.123Z", "2026-11-02T09:00:00+13:00"])
def test_a_time_after_a_day_is_left_out(xero: Xero, day: str) -> None:
    assert xero.invoice(Date=day)["DateString"] == "2026-11-02T00:00:00"


def test_an_id_has_all_its_dashes_or_none(xero: Xero) -> None:
    contact = xero.contact("Bo")["ContactID"]
    assert xero.invoice(Contact={"ContactID": contact.replace("-", "")})["Contact"]["Name"] == "Bo"
    some = contact.replace("-", "", 1)
    assert xero.put("Invoices", xero.invoice_body(Contact={"ContactID": some}), 400)["ErrorNumber"] == 14


@pytest.mark.parametrize(
    ("method", "query"),
    [("PUT", "unitpd=4"), ("PUT", "summariseErrors=false"), ("GET", "unitpd=4"), ("POST", "unitDecimals=4")],
)
def test_a_misspelt_parameter_is_refused_and_nothing_done(xero: Xero, method: str, query: str) -> None:
    held = xero.invoice()
    path = "Invoices" if method == "PUT" else f"Invoices/{held['InvoiceID']}"
    answer = xero.call(method, f"{path}?{query}", None if method == "GET" else xero.invoice_body(Reference="new"))
    assert (answer.status_code, answer.json()["ErrorNumber"]) == (400, 16)
    assert [one["Reference"] for one in xero.get("Invoices")["Invoices"]] == [""]


def test_a_voided_bill_has_no_costs_to_bill_on(xero: Xero) -> None:
    bill = xero.invoice(Type="ACCPAY")
    sent = {"SourceTransactionID": bill["InvoiceID"], "SourceLineItemID": bill["LineItems"][0]["LineItemID"]}
    linked = xero.put("LinkedTransactions", sent)["LinkedTransactions"][0]["LinkedTransactionID"]
    xero.call("DELETE", f"LinkedTransactions/{linked}")
    xero.post(f"Invoices/{bill['InvoiceID']}", {"Status": "VOIDED"})
    told = xero.put("LinkedTransactions", sent, 400)["Elements"][0]
    assert messages(told) == ["The source transaction was voided or deleted."]


def test_an_item_on_any_kind_of_document_stays_untracked(xero: Xero) -> None:
    item = xero.item("APPLE", PurchaseDetails={"UnitPrice": 1, "AccountCode": "300"})
    track = {"InventoryAssetAccountCode": "630", "PurchaseDetails": {"COGSAccountCode": "310"}}
    xero.bank(LineItems=[{"ItemCode": "APPLE", "Description": "x", "Quantity": 1, "UnitAmount": 5}])
    told = xero.post(f"Items/{item['ItemID']}", track, summarizeErrors="false")["Items"][0]
    assert messages(told) == ["An item that has been used cannot change between tracked and untracked."]


def test_an_archived_inventory_account_makes_no_tracked_item(xero: Xero) -> None:
    xero.twin.edit(xero.org.tenant_id, "archive_account", account="630")
    sent = {"Code": "A", "InventoryAssetAccountCode": "630", "PurchaseDetails": {"COGSAccountCode": "310"}}
    told = xero.put("Items", sent, summarizeErrors="false")["Items"][0]
    assert messages(told) == ["InventoryAssetAccountCode must be an active account of type INVENTORY."]


def test_four_tracking_categories_are_kept_and_options_have_names_of_a_hundred(xero: Xero) -> None:
    made = ""
    for name in "abcd":
        made = xero.put("TrackingCategories", {"Name": name})["TrackingCategories"][0]["TrackingCategoryID"]
        xero.post(f"TrackingCategories/{made}", {"Status": "ARCHIVED"})
    told = xero.put("TrackingCategories", {"Name": "e"}, 400)["Elements"][0]
    assert messages(told) == ["No more than four tracking categories can be kept, archived ones included."]
    path, long = f"TrackingCategories/{made}/Options", "The tracking option name must be between 1 and 100 characters."
    option = xero.put(path, {"Name": "x" * 100})["Options"][0]["TrackingOptionID"]
    assert messages(xero.put(path, {"Name": "x" * 101}, 400)["Elements"][0]) == [long]
    for name in ("", "x" * 101):
        assert messages(xero.post(f"{path}/{option}", {"Name": name}, 400)["Elements"][0]) == [long]


def test_the_tracking_of_a_transfer_goes_by_ids(xero: Xero) -> None:
    region = xero.put("TrackingCategories", {"Name": "Region"})["TrackingCategories"][0]["TrackingCategoryID"]
    north = xero.put(f"TrackingCategories/{region}/Options", {"Name": "North"})["Options"][0]["TrackingOptionID"]
    sent = {"FromBankAccount": {"Code": "090"}, "ToBankAccount": {"Code": "091"}, "Amount": 5}
    by_name = {**sent, "FromTracking": [{"Name": "Region", "Option": "North"}]}
    told = xero.put("BankTransfers", by_name, summarizeErrors="false")["BankTransfers"][0]
    assert messages(told) == ["The tracking of a bank transfer is named by its two ids."]
    by_id = {**sent, "ToTracking": [{"TrackingCategoryID": region, "TrackingOptionID": north}]}
    assert messages(xero.put("BankTransfers", by_id, summarizeErrors="false")["BankTransfers"][0]) == []
