"""What a person does in Xero's screens to credits, lines, bank transactions and journals."""

from decimal import Decimal

import pytest

from tests.xero_twin.conftest import Xero, messages
from xero_twin import EditError


def edit(xero: Xero, action: str, **details: object) -> str:
    return xero.twin.edit(xero.org.tenant_id, action, **details)


def test_a_credit_note_is_allocated_and_taken_back(xero: Xero) -> None:
    note, invoice = xero.credit_note(), xero.invoice()
    names = {"credit_note": note["CreditNoteNumber"], "invoice": invoice["InvoiceNumber"]}
    edit(xero, "allocate", **names, amount=15)
    assert xero.reread(invoice)["AmountDue"] == 100
    edit(xero, "allocate", **names)
    assert xero.reread(invoice)["Status"] == "PAID"
    edit(xero, "unallocate", **names)
    assert xero.reread(invoice)["AmountCredited"] == 0
    with pytest.raises(EditError, match="Nothing is allocated"):
        edit(xero, "unallocate", **names)


def test_a_prepayment_is_named_by_its_reference(xero: Xero) -> None:
    xero.bank("RECEIVE-PREPAYMENT", Reference="D-1")
    invoice = xero.invoice()
    edit(xero, "allocate", prepayment="D-1", invoice=invoice["InvoiceNumber"])
    assert xero.reread(invoice)["Status"] == "PAID"


def test_voiding_removes_what_stands_in_the_way(xero: Xero) -> None:
    note, invoice = xero.credit_note(), xero.invoice()
    edit(xero, "allocate", credit_note=note["ID"], invoice=invoice["InvoiceID"], amount=15)
    xero.pay(invoice, 5, Invoice=None, CreditNote={"CreditNoteID": note["ID"]})
    edit(xero, "void", credit_note=note["ID"])
    assert xero.get(f"CreditNotes/{note['ID']}")["CreditNotes"][0]["Status"] == "VOIDED"
    assert xero.reread(invoice)["AmountDue"] == 115
    other = xero.credit_note()
    edit(xero, "allocate", credit_note=other["ID"], invoice=invoice["InvoiceID"])
    edit(xero, "void", invoice=invoice["InvoiceID"])
    assert xero.get(f"CreditNotes/{other['ID']}")["CreditNotes"][0]["RemainingCredit"] == 115
    assert xero.twin.trial_balance(xero.org.tenant_id) == {
        "610": Decimal(-115),
        "200": Decimal(100),
        "820": Decimal(15),
    }


def test_lines_are_edited(xero: Xero) -> None:
    invoice = xero.invoice()
    line = {"Description": "Pears", "Quantity": 2, "UnitAmount": 10, "AccountCode": "260"}
    edit(xero, "edit_lines", resource="Invoices", key=invoice["InvoiceID"], lines=[line])
    assert xero.reread(invoice)["Total"] == 23
    with pytest.raises(EditError):
        edit(xero, "edit_lines", resource="Invoices", key=invoice["InvoiceID"], lines=[{**line, "AccountCode": "610"}])


def test_what_is_reconciled_cannot_be_deleted(xero: Xero) -> None:
    spent, payment = xero.bank(), xero.pay(xero.invoice())
    edit(xero, "reconcile", bank_transaction=spent["BankTransactionID"])
    edit(xero, "reconcile", payment=payment["PaymentID"])
    for resource, key in (("BankTransactions", spent["BankTransactionID"]), ("Payments", payment["PaymentID"])):
        answer = xero.post(f"{resource}/{key}", {"Status": "DELETED"}, summarizeErrors="false")
        assert messages(answer[resource][0]), resource


@pytest.mark.parametrize(("status", "becomes"), [("DRAFT", "DELETED"), ("POSTED", "VOIDED")])
def test_a_journal_is_deleted(xero: Xero, status: str, becomes: str) -> None:
    journal = xero.journal(Status=status)
    edit(xero, "delete_journal", journal="COGS")
    held = xero.get(f"ManualJournals/{journal['ManualJournalID']}")["ManualJournals"][0]
    assert held["Status"] == becomes


@pytest.mark.parametrize(
    ("action", "details"),
    [
        ("allocate", {"invoice": "INV-0001"}),
        ("allocate", {"credit_note": "none", "invoice": "INV-0001"}),
        ("reconcile", {}),
        ("reconcile", {"payment": "none"}),
        ("delete_journal", {"journal": "none"}),
    ],
)
def test_an_edit_that_names_nothing_says_so(xero: Xero, action: str, details: dict[str, str]) -> None:
    with pytest.raises(EditError):
        edit(xero, action, **details)
