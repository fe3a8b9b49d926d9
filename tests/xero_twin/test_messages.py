"""Every sentence of Xero's that is known, word for word: what brings it about, and that nothing else is said."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages

NOBODY = "00000000-0000-4000-a000-00000000dead"
Case = Callable[[Xero], dict[str, Any]]
_LINE = {"Description": "x", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}


def invoice(**fields: Any) -> Case:
    return lambda xero: xero.invoice(**fields)


def line(**fields: Any) -> Case:
    return invoice(LineItems=[{**_LINE, **fields}])


def put(resource: str, body: dict[str, Any]) -> Case:
    return lambda xero: xero.put(resource, body, summarizeErrors="false")[resource][0]


def refused(xero: Xero, method: str, path: str, body: Any = None) -> dict[str, Any]:
    answer = xero.call(method, path, body)
    assert answer.status_code == 400, answer.text
    element: dict[str, Any] = answer.json()["Elements"][0]
    return element


def post(xero: Xero, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return xero.post(path, body, summarizeErrors="false")[path.split("/", maxsplit=1)[0]][0]


def _twice(resource: str, body: dict[str, Any]) -> Case:
    def case(xero: Xero) -> dict[str, Any]:
        xero.put(resource, body)
        return put(resource, body)(xero)

    return case


def _settled(sent: dict[str, Any]) -> Case:
    def case(xero: Xero) -> dict[str, Any]:
        held = xero.invoice()
        xero.pay(held, 5)
        return post(xero, f"Invoices/{held['InvoiceID']}", sent)

    return case


def _archived_account(xero: Xero) -> dict[str, Any]:
    xero.twin.edit(xero.org.tenant_id, "archive_account", account="260")
    return line(AccountCode="260")(xero)


def _archived_contact(xero: Xero) -> dict[str, Any]:
    contact = xero.contact("Bo")["ContactID"]
    xero.twin.edit(xero.org.tenant_id, "archive_contact", contact="Bo")
    return post(xero, "Contacts", {"ContactID": contact, "Name": "Cy"})


def _locked(kind: str, then: Case) -> Case:
    def case(xero: Xero) -> dict[str, Any]:
        xero.twin.edit(xero.org.tenant_id, "lock_dates", **{kind: "2026-11-30"})
        return then(xero)

    return case


def _edit_in_locked_year(xero: Xero) -> dict[str, Any]:
    held = xero.invoice()
    xero.twin.edit(xero.org.tenant_id, "lock_dates", end_of_year="2026-11-30")
    return post(xero, f"Invoices/{held['InvoiceID']}", {"Reference": "R"})


def _void_twice(xero: Xero) -> dict[str, Any]:
    held = xero.invoice()
    xero.post(f"Invoices/{held['InvoiceID']}", {"Status": "VOIDED"})
    return post(xero, f"Invoices/{held['InvoiceID']}", {"Status": "VOIDED"})


def _from_expenses(xero: Xero) -> dict[str, Any]:
    bill = xero.invoice(Type="ACCPAY", InvoiceNumber="B")
    xero.twin.edit(xero.org.tenant_id, "from_expenses", invoice="B")
    return post(xero, f"Invoices/{bill['InvoiceID']}", {"DueDate": "2026-12-24"})


def _group_101(xero: Xero) -> dict[str, Any]:
    for number in range(100):
        xero.put("ContactGroups", {"Name": f"G{number}"})
    return refused(xero, "PUT", "ContactGroups", {"Name": "G100"})


def _options_twice(xero: Xero) -> dict[str, Any]:
    region = xero.put("TrackingCategories", {"Name": "Region"})["TrackingCategories"][0]["TrackingCategoryID"]
    return refused(xero, "PUT", f"TrackingCategories/{region}/Options", {"Options": [{"Name": "N"}, {"Name": "n"}]})


def _payment(**fields: Any) -> Case:
    return lambda xero: xero.pay(xero.invoice(**fields), 500 if not fields else 5)


def _unknown_number(xero: Xero) -> dict[str, Any]:
    sent = {"Invoice": {"InvoiceNumber": "X-1"}, "Account": {"Code": "090"}, "Date": "2026-11-03", "Amount": 1}
    return put("Payments", sent)(xero)


def _foreign_batch(xero: Xero) -> dict[str, Any]:
    bank = {"Code": "095", "Name": "Dollars", "Type": "BANK", "BankAccountNumber": "1", "CurrencyCode": "USD"}
    xero.put("Accounts", bank)
    parts = [{"Invoice": {"InvoiceID": xero.invoice()["InvoiceID"]}, "Amount": 1}]
    sent = {"Account": {"Code": "095"}, "Date": "2026-11-02", "Payments": parts}
    return put("BatchPayments", sent)(xero)


def _allocation(amount: int, paid: bool = False, kind: str = "ACCREC") -> Case:
    def case(xero: Xero) -> dict[str, Any]:
        note, owed = xero.credit_note(), xero.invoice(Type=kind)
        if paid:
            xero.pay(owed)
        sent = {"Amount": amount, "Invoice": {"InvoiceID": owed["InvoiceID"]}}
        return refused(xero, "PUT", f"CreditNotes/{note['CreditNoteID']}/Allocations", sent)

    return case


def _order_twice(xero: Xero) -> dict[str, Any]:
    xero.order(PurchaseOrderNumber="P")
    return xero.order(PurchaseOrderNumber="P")


def _deleted_order(xero: Xero) -> dict[str, Any]:
    order = xero.order(PurchaseOrderNumber="P")
    xero.post(f"PurchaseOrders/{order['PurchaseOrderID']}", {"Status": "DELETED"})
    return xero.order("POST", PurchaseOrderNumber="P")


def _one_sided(xero: Xero) -> dict[str, Any]:
    lines = [{"LineAmount": 100, "AccountCode": "310"}, {"LineAmount": -10, "AccountCode": "640"}]
    return xero.journal(JournalLines=lines)


def _dropped_account(xero: Xero) -> dict[str, Any]:
    lines = [{"LineAmount": 1, "AccountCode": "476"}, {"LineAmount": -1, "AccountCode": "640"}]
    drafted = xero.journal(JournalLines=lines, Status="DRAFT")
    return {"ValidationErrors": drafted["Warnings"]}


def _reconciled(xero: Xero) -> dict[str, Any]:
    spent = xero.bank(IsReconciled=True)
    return post(xero, f"BankTransactions/{spent['BankTransactionID']}", {"Reference": "x"})


def _note_on_payment(xero: Xero) -> dict[str, Any]:
    paid = xero.pay(xero.invoice())
    return refused(xero, "PUT", f"Payments/{paid['PaymentID']}/History", {"HistoryRecords": [{"Details": "x"}]})


def _linked(with_contact: bool) -> Case:
    def case(xero: Xero) -> dict[str, Any]:
        bill, draft = xero.invoice(Type="ACCPAY"), xero.invoice(Status="DRAFT", Contact={"Name": "Bo"})
        sent = {"SourceTransactionID": bill["InvoiceID"], "SourceLineItemID": NOBODY}
        if with_contact:
            sent |= {"SourceLineItemID": bill["LineItems"][0]["LineItemID"]}
            sent |= {"ContactID": bill["Contact"]["ContactID"], "TargetTransactionID": draft["InvoiceID"]}
        return refused(xero, "PUT", "LinkedTransactions", sent)

    return case


def _not_a_guid(xero: Xero) -> dict[str, Any]:
    answer = xero.call("POST", "Invoices", {"InvoiceID": "12"})
    return {"ValidationErrors": [{"Message": answer.json()["Message"].partition(" Path")[0]}]}


SENTENCES: tuple[tuple[str, Case], ...] = (
    ("Invoice # must be unique.", lambda xero: [xero.invoice(InvoiceNumber="A") for _ in range(2)][1]),
    ("Invoice not of valid status for modification", _void_twice),
    ("Invoice not of valid status for creation", invoice(Status="VOIDED")),
    ("Invoice not of valid type for creation", put("Invoices", {"Contact": {"Name": "x"}})),
    (
        "This document cannot be edited as it has a payment or credit note allocated to it.",
        _settled({"Date": "2026-11-05"}),
    ),
    (
        "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.",
        _settled({"Status": "VOIDED"}),
    ),
    (
        "To update fields on a paid invoice line item, you must supply a LineItemID",
        _settled({"LineItems": [{"Description": "x"}]}),
    ),
    ("One or more line items must be specified", invoice(LineItems=[])),
    ("A Contact must be specified for this type of transaction", put("Invoices", {"Type": "ACCREC"})),
    ("The document DueDate field must be specified", invoice(DueDate=None)),
    ("Invoice with invoice number X-1 does not exist for this organisation", _unknown_number),
    ("Payment service could not be found", invoice(InvoicePaymentServices=[{"PaymentServiceID": NOBODY}])),
    (
        "The document date cannot be before the period lock date, currently set at 30 November 2026",
        _locked("period", invoice()),
    ),
    (
        "The document date cannot be before the end of year lock date, currently set at 30 November 2026",
        _locked("end_of_year", invoice()),
    ),
    (
        "This document cannot be edited as it is currently dated before the end of year lock date",
        _edit_in_locked_year,
    ),
    ("The line total 90 does not match the expected line total 100.00", line(LineAmount=90)),
    (
        "The UnitAmount should be used when specifying a discount for a line item.",
        invoice(LineItems=[{"Description": "x", "LineAmount": 90, "DiscountRate": 10, "AccountCode": "200"}]),
    ),
    ("The quantity value '-1.0000' is invalid. Quantity must not be less than zero.", line(Quantity=-1)),
    ("Account code '9999' is not a valid code for this document.", line(AccountCode="9999")),
    (
        "Account code '260' has been archived, or has been deleted. Each line item must reference a valid account.",
        _archived_account,
    ),
    ("Account code must be specified", line(AccountCode=None)),
    ("Account must be valid.", put("Items", {"Code": "A", "SalesDetails": {"AccountCode": "9999"}})),
    ("Tax rate must be valid.", put("Items", {"Code": "A", "SalesDetails": {"TaxType": "NONSENSE"}})),
    ("The TaxType code 'INPUT2' cannot be used with account code '200'.", line(TaxType="INPUT2")),
    (
        "The TaxType code NONSENSE does not exist or cannot be used for this type of transaction.",
        line(TaxType="NONSENSE"),
    ),
    ("Account code '476' has been removed as it does not match a recognised account.", _dropped_account),
    ("Organisation is not subscribed to currency EUR", invoice(CurrencyCode="EUR")),
    (
        "The contact name Ann is already assigned to another contact. "
        "The contact name must be unique across all active contacts.",
        _twice("Contacts", {"Name": "Ann"}),
    ),
    (
        "Another contact has this contact number. Please enter a different contact number.",
        lambda xero: [put("Contacts", {"Name": one, "ContactNumber": "7"})(xero) for one in "AB"][1],
    ),
    (
        "The specified contact details matched an archived contact. "
        "Archived contacts cannot currently be edited via the API.",
        _archived_contact,
    ),
    (
        "The Contact must contain at least 1 of the following elements to identify the contact "
        "Name, ContactID, ContactNumber",
        invoice(Contact={"EmailAddress": "a@b.co"}),
    ),
    ("Email address must be valid", put("Contacts", {"Name": "A", "EmailAddress": "a"})),
    ("Contact name cannot be empty", put("Contacts", {"Name": ""})),
    ("You've reached the limit of 100 contact groups.", _group_101),
    (
        "Please enter a unique Name.",
        lambda xero: refused(xero, "PUT", "Accounts", {"Code": "299", "Name": "Sales", "Type": "REVENUE"}),
    ),
    (
        "Account Code is too long. Maximum of 10 characters allowed",
        lambda xero: refused(xero, "PUT", "Accounts", {"Code": "12345678901", "Name": "A", "Type": "REVENUE"}),
    ),
    (
        "Account could not be found",
        lambda xero: xero.pay(xero.invoice(), Account={"Code": "nope"}),
    ),
    ("Price List Item with Code 'abc' already exists", _twice("Items", {"Code": "abc"})),
    ("For each specified tracking option the name must be unique.", _options_twice),
    (
        "There is no ACTIVE tracking category with the name ''",
        put("Contacts", {"Name": "A", "SalesTrackingCategories": [{"TrackingOptionName": "x"}]}),
    ),
    ("Payment amount exceeds the amount outstanding on this document", _payment()),
    ("Payments can only be made against Authorised documents", _payment(Status="DRAFT")),
    ("Bank accounts must use the same currency as the organisations base currency", _foreign_batch),
    ("Credit Note cannot be allocated as amount is greater than amount outstanding", _allocation(500)),
    ("The invoice you are trying to allocate to has already been paid off", _allocation(5, paid=True)),
    (
        "Credit Note cannot be allocated to an incorrect invoice type, contact or currency",
        _allocation(5, kind="ACCPAY"),
    ),
    (
        "An existing Credit Note with the specified CreditNoteID could not be found",
        lambda xero: post(xero, "CreditNotes", xero.credit_note_body(CreditNoteID=NOBODY)),
    ),
    ("Order number must be unique", _order_twice),
    ("PurchaseOrder status change is invalid", _deleted_order),
    ("Deleted PurchaseOrders cannot be updated", _deleted_order),
    (
        "Only AUTHORISED and BILLED purchase orders may have SentToContact updated.",
        lambda xero: xero.order(SentToContact=True),
    ),
    ("The total debits (100.00) must equal total credits (-10.00)", _one_sided),
    ("This Bank Transaction cannot be edited as it has been reconciled with a Bank Statement", _reconciled),
    ("Sorry this was created by Xero Expenses and can't be modified via the API", _from_expenses),
    ("The document with the supplied id was not found for this endpoint.", _note_on_payment),
    ("The SourceLineItemID and SourceTransactionID do not match", _linked(False)),
    ("The ContactID and the TargetTransaction ContactID do not match", _linked(True)),
    ("Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).", _not_a_guid),
)

# sentences of the list that the twin never says, and why
UNSAID = {
    "Paid to name cannot be empty.": "of the XML of 2011",
    "Contact cannot be empty.": "of the XML of 2011",
    "A valid user should be identified using the UserID.": "of expense claims and receipts, which the twin has not",
    "The contact number X is already assigned to another contact. "
    "The contact number must be unique across all contacts.": "not confirmed; the other sentence for it is used",
}


@pytest.mark.parametrize(("sentence", "case"), SENTENCES, ids=[one[0][:60] for one in SENTENCES])
def test_a_sentence_is_said_word_for_word(xero: Xero, sentence: str, case: Case) -> None:
    assert sentence in messages(case(xero))


def test_every_known_sentence_is_said_or_has_a_reason_not_to_be() -> None:
    sheet = Path(__file__).resolve().parents[2].parent / "shared" / "facts" / "xero-api.md"
    if not sheet.exists():
        pytest.skip("the sheet of facts about Xero is not beside the repository (../shared/facts)")
    text = sheet.read_text()
    section = text[text.index("### 3.7 ") : text.index("### 3.8 ")]
    rows = [row.split("|") for row in section.splitlines() if row.startswith("| ") and "`" in row]
    known = [one for row in rows for one in re.findall(r"`([^`]{12,})`", row[2])]
    assert len(known) > 55
    assert [one for one in known if one not in UNSAID and not _is_said(one)] == []


def _is_said(known: str) -> bool:
    """X, Y and dots stand for values or for parts that were not seen."""
    pattern = re.escape(known.replace("…", "\0")).replace("\0", ".*")
    pattern = re.sub(r"(?<![A-Za-z])[XY](?![A-Za-z-])", ".+", pattern)
    return any(
        re.match(f"(.* )?{pattern.strip()}".replace(r"\ .*", ".*").replace(r".*\ ", ".*"), said)
        for said, _ in SENTENCES
    )
