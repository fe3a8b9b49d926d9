"""What Xero refuses, as Xero's own client understands it: every writing operation once, and reads of nothing."""

from typing import Any

import pytest

from tests.xero_twin.conftest import Xero
from tests.xero_twin.independent.conftest import Sdk
from xero_twin import Limits

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:xero_python")
NOBODY = "00000000-0000-4000-a000-00000000dead"
NO_CONTACT = "A Contact must be specified for this type of transaction"
NO_NOTE = "The document with the supplied id was not found for this endpoint."

# operation, what is sent, how Xero's sentence begins
CREATED: tuple[tuple[str, Any, str], ...] = (
    ("create_account", {"Code": "200", "Name": "Sales", "Type": "REVENUE"}, "Please enter a unique Name."),
    ("create_account", {"Code": "12345678901", "Name": "x", "Type": "REVENUE"}, "Account Code is too long."),
    ("create_contacts", {"Contacts": [{"Name": ""}]}, "Contact name cannot be empty"),
    ("create_contacts", {"Contacts": [{"Name": "x", "EmailAddress": "x"}]}, "Email address must be valid"),
    ("update_or_create_contacts", {"Contacts": [{"Name": "<x>"}]}, "The contact name cannot contain"),
    ("create_contact_group", {"ContactGroups": [{"Name": ""}]}, "Contact group name must be specified"),
    ("create_credit_notes", {"CreditNotes": [{"Type": "ACCRECCREDIT"}]}, NO_CONTACT),
    (
        "update_or_create_credit_notes",
        {"CreditNotes": [{"CreditNoteID": NOBODY, "Type": "ACCRECCREDIT"}]},
        "An existing Credit Note with the specified CreditNoteID could not be found",
    ),
    ("create_currency", {"Description": "nonsense"}, "The currency code must be specified."),
    ("create_invoices", {"Invoices": [{"Type": "ACCREC"}]}, NO_CONTACT),
    ("update_or_create_invoices", {"Invoices": [{"Type": "ACCPAY"}]}, NO_CONTACT),
    ("create_items", {"Items": [{"Name": "x"}]}, "Item code must be specified"),
    ("update_or_create_items", {"Items": [{"Name": "x"}]}, "Item code must be specified"),
    ("create_manual_journals", {"ManualJournals": [{"Narration": "x"}]}, "A manual journal needs at least two"),
    ("update_or_create_manual_journals", {"ManualJournals": [{"Date": "2026-01-01"}]}, "Narration must be specified"),
    ("create_bank_transactions", {"BankTransactions": [{"Type": "SPEND"}]}, "A BankAccount must be specified"),
    ("update_or_create_bank_transactions", {"BankTransactions": [{"Type": "SPEND"}]}, "A BankAccount must be"),
    ("create_bank_transfer", {"BankTransfers": [{"Amount": 5}]}, "Account could not be found"),
    (
        "delete_bank_transfers",
        {"BankTransfers": [{"BankTransferID": NOBODY, "Status": "DELETED"}]},
        "The bank transfer",
    ),
    ("create_batch_payment", {"BatchPayments": [{"Date": "2026-11-02"}]}, "Account could not be found"),
    ("delete_batch_payment", {"BatchPaymentID": NOBODY, "Status": "DELETED"}, "The batch payment could not be found"),
    (
        "create_linked_transaction",
        {"SourceTransactionID": NOBODY, "SourceLineItemID": NOBODY},
        "The SourceLineItemID and SourceTransactionID do not match",
    ),
    ("create_payments", {"Payments": [{"Amount": 1}]}, "A document to pay must be specified"),
    ("create_payment", {"Amount": 1}, "A document to pay must be specified"),
    ("create_purchase_orders", {"PurchaseOrders": [{"Reference": "x"}]}, NO_CONTACT),
    ("update_or_create_purchase_orders", {"PurchaseOrders": [{"Reference": "x"}]}, NO_CONTACT),
    ("create_tax_rates", {"TaxRates": [{"Name": "x"}]}, "At least one tax component"),
    ("update_tax_rate", {"TaxRates": [{"TaxType": "NONE", "Name": "x"}]}, "System tax rates cannot be changed."),
    ("create_tracking_category", {"Name": ""}, "The tracking category name must be between"),
)


def reason(call: Any) -> str:
    """The first sentence of a 400, as the client tells it."""
    from xero_python.exceptions import AccountingBadRequestException

    with pytest.raises(AccountingBadRequestException) as caught:
        call()
    return str(caught.value.reason)


@pytest.mark.parametrize(("operation", "sent", "begins"), CREATED, ids=[f"{one[0]}-{one[2][:20]}" for one in CREATED])
def test_what_cannot_be_created(sdk: Sdk, operation: str, sent: Any, begins: str) -> None:
    assert reason(lambda: getattr(sdk, operation)(sent)).startswith(begins)


def test_a_body_with_nothing_in_it(sdk: Sdk) -> None:
    """The client knows no reason outside of elements: the sentence has to be read from the body."""
    from xero_python.exceptions import AccountingBadRequestException

    with pytest.raises(AccountingBadRequestException) as caught:
        sdk.create_invoices({"Invoices": []})
    assert b"No data has been processed for this endpoint" in caught.value.body


def test_what_cannot_be_changed(sdk: Sdk, xero: Xero) -> None:
    invoice, note, order, bank = xero.invoice(), xero.credit_note(), xero.order(), xero.bank()
    void = {"Status": "DELETED"}
    not_valid = "Invoice not of valid status for modification"
    key = invoice["InvoiceID"]
    assert reason(lambda: sdk.update_invoice(key, {"Invoices": [void]})) == not_valid
    assert reason(lambda: sdk.update_credit_note(note["CreditNoteID"], {"CreditNotes": [void]})).startswith("Credit")
    gone = order["PurchaseOrderID"]
    sdk.update_purchase_order(gone, {"PurchaseOrders": [void]})
    assert "PurchaseOrder" in reason(lambda: sdk.update_purchase_order(gone, {"PurchaseOrders": [void]}))
    sdk.update_bank_transaction(bank["BankTransactionID"], {"BankTransactions": [void]})
    again = {"BankTransactions": [{"Reference": "x"}]}
    assert "deleted" in reason(lambda: sdk.update_bank_transaction(bank["BankTransactionID"], again))
    paid = xero.pay(invoice)["PaymentID"]
    assert "cannot be updated" in reason(lambda: sdk.delete_payment(paid, {"Status": "AUTHORISED"}))
    assert reason(lambda: sdk.create_payment_history(paid, {"HistoryRecords": [{"Details": "x"}]})) == NO_NOTE
    journal = xero.journal()["ManualJournalID"]
    one_sided = {"ManualJournals": [{"JournalLines": [{"LineAmount": 100, "AccountCode": "310"}] * 2}]}
    assert reason(lambda: sdk.update_manual_journal(journal, one_sided)).startswith("The total debits (200.00) must")


def test_what_cannot_be_changed_in_the_settings(sdk: Sdk, xero: Xero) -> None:
    receivables = xero.org.system_account("DEBTORS").id
    archive = {"Accounts": [{"Status": "ARCHIVED"}]}
    assert reason(lambda: sdk.update_account(receivables, archive)) == "A system account cannot be archived."
    assert reason(lambda: sdk.delete_account(receivables)) == "A system account cannot be deleted."
    contact = xero.contact()["ContactID"]
    sdk.update_contact(contact, {"Contacts": [{"ContactStatus": "ARCHIVED"}]})
    assert "matched an archived contact" in reason(lambda: sdk.update_contact(contact, {"Contacts": [{"Name": "Cy"}]}))
    item = xero.item()["ItemID"]
    xero.item("PEAR")
    taken = "Price List Item with Code 'PEAR' already exists"
    assert reason(lambda: sdk.update_item(item, {"Items": [{"Code": "PEAR"}]})) == taken
    region = sdk.create_tracking_category({"Name": "Region"}).tracking_categories[0].tracking_category_id
    north = sdk.create_tracking_options(region, {"Name": "North"}).options[0].tracking_option_id
    sdk.create_tracking_options(region, {"Name": "South"})
    unique = "For each specified tracking option the name must be unique."
    assert reason(lambda: sdk.create_tracking_options(region, {"Name": "north"})) == unique
    assert reason(lambda: sdk.update_tracking_options(region, north, {"Name": "South"})) == unique
    other = sdk.create_tracking_category({"Name": "Shop"}).tracking_categories[0].tracking_category_id
    assert "unique" in reason(lambda: sdk.update_tracking_category(other, {"Name": "Region"}))
    group = sdk.create_contact_group({"ContactGroups": [{"Name": "VIP"}]}).contact_groups[0].contact_group_id
    nobody = {"Contacts": [{"ContactID": NOBODY}]}
    assert reason(lambda: sdk.create_contact_group_contacts(group, nobody)).startswith("The Contact must contain")
    sdk.update_contact_group(group, {"ContactGroups": [{"Status": "DELETED"}]})
    assert "deleted" in reason(lambda: sdk.update_contact_group(group, {"ContactGroups": [{"Name": "x"}]}))


def test_what_cannot_be_settled(sdk: Sdk, xero: Xero) -> None:
    invoice, note = xero.invoice()["InvoiceID"], xero.credit_note()["CreditNoteID"]
    prepaid, overpaid = (
        xero.bank("RECEIVE-PREPAYMENT")["PrepaymentID"],
        xero.bank("RECEIVE-OVERPAYMENT")["OverpaymentID"],
    )
    much = {"Allocations": [{"Amount": 500, "Date": "2026-11-02", "Invoice": {"InvoiceID": invoice}}]}
    for create, key, words in (
        (sdk.create_credit_note_allocation, note, "Credit Note"),
        (sdk.create_prepayment_allocations, prepaid, "Prepayment"),
        (sdk.create_overpayment_allocations, overpaid, "Overpayment"),
    ):
        expected = f"{words} cannot be allocated as amount is greater than amount outstanding"
        assert reason(lambda create=create, key=key: create(key, much)) == expected
    one = {"Invoice": {"InvoiceID": invoice}, "Account": {"Code": "090"}, "Date": "2026-11-02", "Amount": 116}
    assert reason(lambda: sdk.create_payment(one)) == "Payment amount exceeds the amount outstanding on this document"
    part = {"Invoice": {"InvoiceID": invoice}, "Amount": 15}
    sent = {"Account": {"Code": "090"}, "Date": "2026-11-02", "Payments": [part]}
    batch = sdk.create_batch_payment({"BatchPayments": [sent]}).batch_payments[0]
    alone = batch.payments[0].payment_id
    assert "with its batch" in reason(lambda: sdk.delete_payment(alone, {"Status": "DELETED"}))
    undone = {"Status": "DELETED"}
    sdk.delete_batch_payment_by_url_param(batch.batch_payment_id, undone)
    assert "already" in reason(lambda: sdk.delete_batch_payment_by_url_param(batch.batch_payment_id, undone))
    transfer = {"FromBankAccount": {"Code": "090"}, "ToBankAccount": {"Code": "091"}, "Amount": 5}
    moved = sdk.create_bank_transfer({"BankTransfers": [transfer]}).bank_transfers[0].bank_transfer_id
    notes = {"HistoryRecords": [{"Details": "x"}]}
    assert reason(lambda: sdk.create_bank_transfer_history_record(moved, notes)) == NO_NOTE
    sdk.delete_bank_transfer(moved, undone)
    assert "already" in reason(lambda: sdk.delete_bank_transfer(moved, undone))


def test_what_has_no_rendering_and_no_file(sdk: Sdk, xero: Xero) -> None:
    draft, approved = xero.invoice(Status="DRAFT")["InvoiceID"], xero.invoice()["InvoiceID"]
    assert "online invoice" in reason(lambda: sdk.get_online_invoice(draft))
    assert "sending by email" in reason(lambda: sdk.email_invoice(draft, {}))
    assert "no e-mails left" in reason(lambda: sdk.email_invoice(approved, {}))
    assert "not allowed" in reason(lambda: sdk.create_invoice_attachment_by_file_name(approved, "a?.pdf", b"x"))
    assert "of this type" in reason(lambda: sdk.update_invoice_attachment_by_file_name(approved, "a.exe", b"x"))


def test_a_linked_transaction_goes_with_its_documents(sdk: Sdk, xero: Xero) -> None:
    source = xero.invoice(Type="ACCPAY")
    target = xero.invoice(Status="DRAFT", Contact={"Name": "Bo"})
    sent = {"SourceTransactionID": source["InvoiceID"], "SourceLineItemID": source["LineItems"][0]["LineItemID"]}
    ann = source["Contact"]["ContactID"]
    wrong = {**sent, "ContactID": ann, "TargetTransactionID": target["InvoiceID"]}
    mismatch = "The ContactID and the TargetTransaction ContactID do not match"
    assert reason(lambda: sdk.create_linked_transaction(wrong)) == mismatch
    made = sdk.create_linked_transaction(sent).linked_transactions[0].linked_transaction_id
    sdk.update_linked_transaction(made, {"LinkedTransactions": [{"TargetTransactionID": target["InvoiceID"]}]})
    xero.post(f"Invoices/{target['InvoiceID']}", {"Status": "AUTHORISED"})
    late = {"LinkedTransactions": [{"ContactID": ann}]}
    assert "target is a draft" in reason(lambda: sdk.update_linked_transaction(made, late))
    assert "was billed" in reason(lambda: sdk.delete_linked_transaction(made))


@pytest.mark.parametrize(
    "operation",
    [
        "get_account",
        "get_bank_transaction",
        "get_bank_transfer",
        "get_batch_payment",
        "get_contact",
        "get_contact_cis_settings",
        "get_contact_group",
        "get_credit_note",
        "get_credit_note_as_pdf",
        "get_invoice",
        "get_invoice_as_pdf",
        "get_invoice_history",
        "get_invoice_attachments",
        "get_item",
        "get_linked_transaction",
        "get_manual_journal",
        "get_online_invoice",
        "get_organisation_cis_settings",
        "get_overpayment",
        "get_payment",
        "get_prepayment",
        "get_purchase_order",
        "get_tax_rate_by_tax_type",
        "get_tracking_category",
        "delete_account",
        "delete_item",
        "delete_linked_transaction",
        "delete_tracking_category",
        "delete_contact_group_contacts",
    ],
)
def test_what_is_not_there_is_a_404(sdk: Sdk, operation: str) -> None:
    from xero_python.exceptions import NotFoundException

    with pytest.raises(NotFoundException):
        getattr(sdk, operation)(NOBODY)


def test_a_missing_scope_a_foreign_tenant_and_a_limit(sdk: Sdk, xero: Xero) -> None:
    from xero_python.exceptions import HTTPStatusException, RateLimitException

    with pytest.raises(HTTPStatusException) as caught:
        sdk.api.get_accounts(NOBODY)
    assert caught.value.status == 403
    xero.twin.identity.apps["tieout-demo"].granted.clear()
    token = {**xero.sign_in("offline_access accounting.contacts"), "expires_at": 4_000_000_000}
    sdk.api.api_client.oauth2_token_saver(lambda _new: None)
    sdk.api.api_client.oauth2_token_getter(lambda: token)
    with pytest.raises(HTTPStatusException) as caught:
        sdk.get_accounts()
    assert (caught.value.status, b"AuthorizationUnsuccessful" in caught.value.body) == (401, True)
    xero.twin.limits = Limits(minute=1, day=1, concurrent=0)  # a limit without a Retry-After, so that it does not wait
    with pytest.raises(RateLimitException) as limited:
        sdk.get_contacts()
    assert limited.value.rate_limit == "concurrent"
