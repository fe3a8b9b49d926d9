"""Files and notes on records."""

from typing import Any

import httpx2
import pytest

from tests.xero_twin.conftest import Xero, messages

PDF = b"%PDF-1.4 \x00\xff"


def upload(xero: Xero, path: str, name: str = "a.pdf", content: bytes = PDF, query: str = "") -> httpx2.Response:
    headers = {"Content-Type": "application/pdf"}
    return xero.call("PUT", f"{path}/Attachments/{name}{query}", content, headers=headers)


def owners(xero: Xero) -> dict[str, str]:
    """One record of each resource that takes files, by resource."""
    transfer = {"FromBankAccount": {"Code": "090"}, "ToBankAccount": {"Code": "091"}, "Amount": 1}
    return {
        "Contacts": xero.contact("Bo")["ContactID"],
        "Invoices": xero.invoice()["InvoiceID"],
        "CreditNotes": xero.credit_note()["CreditNoteID"],
        "PurchaseOrders": xero.order()["PurchaseOrderID"],
        "BankTransactions": xero.bank()["BankTransactionID"],
        "BankTransfers": xero.put("BankTransfers", transfer)["BankTransfers"][0]["BankTransferID"],
        "ManualJournals": xero.journal()["ManualJournalID"],
        "Accounts": xero.get("Accounts")["Accounts"][0]["AccountID"],
    }


def test_files_go_on_every_endpoint_and_the_owner_says_so(xero: Xero) -> None:
    for resource, owner in owners(xero).items():
        path = f"{resource}/{owner}"
        kept = xero.read(upload(xero, path))["Attachments"][0]
        assert (kept["FileName"], kept["MimeType"], kept["ContentLength"]) == ("a.pdf", "application/pdf", len(PDF))
        assert xero.get(f"{path}/Attachments")["Attachments"] == [kept]
        for name in ("a.pdf", kept["AttachmentID"]):
            answer = xero.call("GET", f"{path}/Attachments/{name}")
            assert (answer.content, answer.headers["Content-Type"]) == (PDF, "application/pdf")
        if resource != "Accounts":
            assert xero.get(path)[resource][0]["HasAttachments"] is True, resource
    assert xero.twin.calls_by_resource()["Attachments"] == 4 * 8


def test_the_same_name_again_takes_the_place_of_the_file(xero: Xero) -> None:
    path = f"Invoices/{xero.invoice()['InvoiceID']}"
    first = xero.read(upload(xero, path, "Receipt.pdf"))["Attachments"][0]
    second = xero.read(upload(xero, path, "receipt.pdf", b"new"))["Attachments"][0]
    assert first["AttachmentID"] == second["AttachmentID"]
    assert xero.call("GET", f"{path}/Attachments/receipt.pdf").content == b"new"


def test_ten_files_and_no_more(xero: Xero) -> None:
    path = f"Invoices/{xero.invoice()['InvoiceID']}"
    for number in range(10):
        assert upload(xero, path, f"{number}.pdf").status_code == 200
    assert upload(xero, path, "eleven.pdf").status_code == 400
    assert upload(xero, path, "9.pdf", b"replaced").status_code == 200


@pytest.mark.parametrize("name", ["a%3Cb.pdf", "a%2Fb.pdf", "what%3F.pdf", "virus.exe", "a%7Cb.pdf"])
def test_names_and_types_that_are_refused(xero: Xero, name: str) -> None:
    path = f"Invoices/{xero.invoice()['InvoiceID']}"
    assert upload(xero, path, name).status_code == 400
    assert xero.get(f"{path}/Attachments")["Attachments"] == []


def test_ten_megabytes_at_most(xero: Xero) -> None:
    path = f"Invoices/{xero.invoice()['InvoiceID']}"
    assert upload(xero, path, content=b"x" * (10 * 1024 * 1024)).status_code == 200
    assert upload(xero, path, content=b"x" * (10 * 1024 * 1024 + 1)).status_code == 413
    assert upload(xero, path, content=b"").status_code == 400


def test_brackets_and_spaces_in_names_survive(xero: Xero) -> None:
    path = f"Invoices/{xero.invoice()['InvoiceID']}"
    kept = xero.read(upload(xero, path, "a%20%5B1%5D.pdf"))["Attachments"][0]
    assert kept["FileName"] == "a [1].pdf"
    assert xero.call("GET", kept["Url"].removeprefix("https://api.xero.com")).content == PDF


def test_only_sales_documents_show_files_online(xero: Xero) -> None:
    online = "?IncludeOnline=true"
    assert upload(xero, f"Invoices/{xero.invoice()['InvoiceID']}", query=online).json()["Attachments"][0][
        "IncludeOnline"
    ]
    assert upload(xero, f"CreditNotes/{xero.credit_note()['CreditNoteID']}", query=online).status_code == 200
    assert upload(xero, f"Invoices/{xero.invoice(Type='ACCPAY')['InvoiceID']}", query=online).status_code == 400
    assert upload(xero, f"PurchaseOrders/{xero.order()['PurchaseOrderID']}", query=online).status_code == 400


def test_files_need_an_owner_that_takes_them(xero: Xero) -> None:
    path = f"Invoices/{xero.invoice()['InvoiceID']}"
    assert upload(xero, "Invoices/00000000-0000-0000-0000-000000000000").status_code == 404
    assert upload(xero, f"Items/{xero.item()['ItemID']}").status_code == 404
    assert xero.call("GET", f"{path}/Attachments/none.pdf").status_code == 404


def test_files_need_a_scope_of_their_own(stranger: Xero) -> None:
    stranger.sign_in("offline_access accounting.invoices")
    assert upload(stranger, "Invoices/any").json()["Detail"] == "AuthorizationUnsuccessful"


def note(xero: Xero, path: str, details: str) -> dict[str, Any]:
    body = {"HistoryRecords": [{"Details": details}]}
    return xero.put(f"{path}/History", body, summarizeErrors="false")["HistoryRecords"][0]


def test_notes_are_listed_newest_first(xero: Xero) -> None:
    path = f"Invoices/{xero.invoice()['InvoiceID']}"
    made = note(xero, path, "one")
    assert (made["Details"], made["ValidationErrors"], made["DateUTCString"]) == ("one", [], "2026-11-02T09:00:00")
    note(xero, path, "two")
    listed = xero.get(f"{path}/History")["HistoryRecords"]
    assert [(one["Details"], one["Changes"]) for one in listed] == [("two", "Note"), ("one", "Note")]
    assert messages(note(xero, path, "x" * 2501))
    assert not messages(note(xero, path, "x" * 2500))


def test_payments_refuse_notes(xero: Xero) -> None:
    path = f"Payments/{xero.pay(xero.invoice())['PaymentID']}"
    answer = xero.call("PUT", f"{path}/History", {"HistoryRecords": [{"Details": "x"}]})
    assert (
        messages(answer.json()["Elements"][0])[0]
        == "The document with the supplied id was not found for this endpoint."
    )
