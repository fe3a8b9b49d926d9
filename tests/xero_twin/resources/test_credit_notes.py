"""Credit notes, their allocations and refunds: statuses, numbers, and what they do to what is due."""

from decimal import Decimal
from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages

SETTLED = "This document cannot be edited as it has a payment or credit note allocated to it."


def allocate(xero: Xero, note: dict[str, Any], invoice: dict[str, Any], amount: object) -> dict[str, Any]:
    body = {"Amount": amount, "Invoice": {"InvoiceID": invoice["InvoiceID"]}}
    path = f"CreditNotes/{note['CreditNoteID']}/Allocations"
    return xero.put(path, {"Allocations": [body]}, summarizeErrors="false")["Allocations"][0]


def refund(xero: Xero, note: dict[str, Any], amount: object) -> dict[str, Any]:
    return xero.pay({"InvoiceID": "", "AmountDue": 0}, amount, Invoice=None, CreditNote={"CreditNoteID": note["ID"]})


def reread(xero: Xero, note: dict[str, Any]) -> dict[str, Any]:
    return xero.get(f"CreditNotes/{note['CreditNoteID']}")["CreditNotes"][0]


def edit(xero: Xero, note: dict[str, Any], **fields: object) -> dict[str, Any]:
    return xero.post(f"CreditNotes/{note['CreditNoteID']}", fields, summarizeErrors="false")["CreditNotes"][0]


def test_a_customer_credit_note_gets_a_number_and_a_suppliers_does_not(xero: Xero) -> None:
    note = xero.credit_note(CreditNoteNumber=None)
    assert (note["CreditNoteNumber"], note["Total"], note["RemainingCredit"]) == ("CN-0001", Decimal(115), 115)
    assert xero.credit_note(Type="ACCPAYCREDIT")["CreditNoteNumber"] == ""


def test_a_voided_credit_note_keeps_its_number(xero: Xero) -> None:
    note = xero.credit_note(CreditNoteNumber="C-1")
    assert edit(xero, note, Status="VOIDED")["Status"] == "VOIDED"
    assert messages(xero.credit_note(CreditNoteNumber="c-1")) == ["Credit Note # must be unique."]
    assert messages(edit(xero, note, Reference="late"))
    for _ in range(2):
        assert not messages(xero.credit_note(Type="ACCPAYCREDIT", CreditNoteNumber="C-1"))


@pytest.mark.parametrize("kind", ["ACCRECCREDIT", "ACCPAYCREDIT"])
def test_an_approved_credit_note_of_nothing_is_paid_at_once_and_changes_like_an_approved_one(
    xero: Xero, kind: str
) -> None:
    nothing = [{"Description": "x", "Quantity": 1, "UnitAmount": 0, "AccountCode": "200"}]
    made = xero.credit_note(Type=kind, LineItems=nothing)
    assert (made["Status"], made["RemainingCredit"]) == ("PAID", 0)
    assert messages(edit(xero, made, Status="DRAFT")) == ["Credit Note not of valid status for modification"]
    open_again = edit(xero, made, Status="PAID", LineItems=[nothing[0] | {"UnitAmount": 10}])
    assert (messages(open_again), open_again["Status"]) == ([], "AUTHORISED")
    assert edit(xero, made, LineItems=nothing)["Status"] == "PAID"
    assert edit(xero, made, Status="VOIDED")["Status"] == "VOIDED"


@pytest.mark.parametrize("kind", ["ACCRECCREDIT", "ACCPAYCREDIT"])
def test_lines_of_credit_notes_take_no_discount(xero: Xero, kind: str) -> None:
    line = {"Description": "x", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200", "DiscountRate": 10}
    assert messages(xero.credit_note(Type=kind, LineItems=[line]))


def test_an_allocation_takes_from_both_documents_and_gives_back(xero: Xero) -> None:
    note, invoice = xero.credit_note(), xero.invoice()
    part = allocate(xero, note, invoice, 15)
    assert (part["StatusAttributeString"], part["Amount"]) == ("OK", 15)
    held, due = reread(xero, note), xero.reread(invoice)
    assert (held["RemainingCredit"], held["Status"]) == (100, "AUTHORISED")
    assert (due["AmountDue"], due["AmountCredited"], due["AmountPaid"]) == (100, 15, 0)
    assert (due["CreditNotes"][0]["CreditNoteID"], due["CreditNotes"][0]["AppliedAmount"]) == (note["CreditNoteID"], 15)
    rest = allocate(xero, note, invoice, 100)
    assert (reread(xero, note)["Status"], xero.reread(invoice)["Status"]) == ("PAID", "PAID")
    path = f"CreditNotes/{note['CreditNoteID']}/Allocations/{rest['AllocationID']}"
    gone = xero.read(xero.call("DELETE", path))
    assert (gone["AllocationID"], gone["IsDeleted"]) == (rest["AllocationID"], True)
    assert (reread(xero, note)["RemainingCredit"], reread(xero, note)["Status"]) == (100, "AUTHORISED")
    assert (xero.reread(invoice)["AmountDue"], xero.reread(invoice)["Status"]) == (100, "AUTHORISED")
    assert [one["AllocationID"] for one in reread(xero, note)["Allocations"]] == [part["AllocationID"]]
    assert xero.call("DELETE", path).status_code == 404


def test_an_allocation_is_dated_as_the_later_document(xero: Xero) -> None:
    note = xero.credit_note(Date="2026-11-09")
    allocate(xero, note, xero.invoice(Date="2026-11-02"), 5)
    assert reread(xero, note)["Allocations"][0]["Date"] == "/Date(1794182400000+0000)/"


def test_more_than_is_left_on_either_side_is_refused(xero: Xero) -> None:
    note, invoice = xero.credit_note(), xero.invoice()
    too_much = "Credit Note cannot be allocated as amount is greater than amount outstanding"
    assert messages(allocate(xero, note, invoice, "115.01")) == [too_much]
    xero.pay(invoice, 100)
    assert messages(allocate(xero, note, invoice, 16)) == [too_much]
    xero.pay(invoice, 15)
    assert messages(allocate(xero, note, invoice, 1)) == [
        "The invoice you are trying to allocate to has already been paid off"
    ]
    assert reread(xero, note)["RemainingCredit"] == 115


def test_an_allocation_needs_the_same_contact_currency_and_side(xero: Xero) -> None:
    note = xero.credit_note()
    other = {"ContactID": xero.contact("Bo")["ContactID"]}
    for wrong in (
        xero.invoice(Contact=other),
        xero.invoice(CurrencyCode="USD"),
        xero.invoice(Type="ACCPAY"),
        xero.invoice(Status="DRAFT"),
    ):
        assert "incorrect invoice" in messages(allocate(xero, note, wrong, 1))[0]
    bill = xero.invoice(Type="ACCPAY")
    assert not messages(allocate(xero, xero.credit_note(Type="ACCPAYCREDIT"), bill, 1))


@pytest.mark.parametrize("amount", [0, -1, None])
def test_an_allocation_is_more_than_nothing(xero: Xero, amount: object) -> None:
    assert messages(allocate(xero, xero.credit_note(), xero.invoice(), amount))


def test_a_draft_cannot_be_allocated_and_an_unknown_invoice_not_found(xero: Xero) -> None:
    assert messages(allocate(xero, xero.credit_note(Status="DRAFT"), xero.invoice(), 1))
    assert messages(allocate(xero, xero.credit_note(), {"InvoiceID": "0" * 32}, 1))
    assert xero.call("PUT", "CreditNotes/nope/Allocations", {"Amount": 1}).status_code == 404


def test_an_allocated_credit_note_and_its_invoice_cannot_be_voided_or_edited(xero: Xero) -> None:
    note, invoice = xero.credit_note(), xero.invoice()
    allocate(xero, note, invoice, 15)
    assert "because it has payments or credit notes" in messages(edit(xero, note, Status="VOIDED"))[0]
    failed = xero.post(f"Invoices/{invoice['InvoiceID']}", {"Status": "VOIDED"}, summarizeErrors="false")
    assert "because it has payments or credit notes" in messages(failed["Invoices"][0])[0]
    assert messages(edit(xero, note, Date="2026-11-05")) == [SETTLED]
    assert edit(xero, note, Reference="seen")["Reference"] == "seen"


def test_a_refund_uses_the_credit_up_and_its_deletion_gives_it_back(xero: Xero) -> None:
    note = xero.credit_note()
    payment = refund(xero, note, 115)
    assert (payment["PaymentType"], payment["CreditNote"]["CreditNoteID"]) == ("ARCREDITPAYMENT", note["CreditNoteID"])
    held = reread(xero, note)
    assert (held["Status"], held["RemainingCredit"]) == ("PAID", 0)
    assert held["Payments"][0]["PaymentID"] == payment["PaymentID"]
    xero.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
    held = reread(xero, note)
    assert (held["Status"], held["RemainingCredit"], held["Payments"]) == ("AUTHORISED", 115, [])
    assert messages(refund(xero, note, "115.01")) == ["Payment amount exceeds the amount outstanding on this document"]
    supplier = refund(xero, xero.credit_note(Type="ACCPAYCREDIT"), 1)
    assert supplier["PaymentType"] == "APCREDITPAYMENT"


def test_a_payment_is_for_exactly_one_document(xero: Xero) -> None:
    note, invoice = xero.credit_note(), xero.invoice()
    both = xero.pay(invoice, 1, CreditNote={"CreditNoteID": note["CreditNoteID"]})
    assert messages(both) == ["A payment can be made against one document only"]


def test_post_by_number_edits_and_credit_notes_are_found_by_it(xero: Xero) -> None:
    note = xero.credit_note(CreditNoteNumber="C-7", Status="DRAFT")
    body = {"Type": "ACCRECCREDIT", "CreditNoteNumber": "c-7", "Reference": "again"}
    assert xero.post("CreditNotes", body)["CreditNotes"][0]["CreditNoteID"] == note["CreditNoteID"]
    found = xero.get("CreditNotes", page="1", where='CreditNoteNumber=="C-7"')["CreditNotes"]
    assert [one["Reference"] for one in found] == ["again"]
    assert xero.get("CreditNotes/C-7")["CreditNotes"][0]["CreditNoteID"] == note["CreditNoteID"]


def test_an_unknown_id_is_not_created(xero: Xero) -> None:
    body = xero.credit_note_body(CreditNoteID="11111111-1111-4111-a111-111111111111")
    failed = xero.post("CreditNotes", body, summarizeErrors="false")["CreditNotes"][0]
    assert messages(failed) == ["An existing Credit Note with the specified CreditNoteID could not be found"]


def test_the_bank_amount_is_in_the_banks_currency(xero: Xero) -> None:
    invoice = xero.invoice(CurrencyCode="USD", CurrencyRate="0.50")
    assert xero.pay(invoice, 10)["BankAmount"] == 20
    paid = xero.pay(invoice, 10, BankAmount=25)
    assert (paid["BankAmount"], str(paid["CurrencyRate"])) == (25, "0.4000000000")
