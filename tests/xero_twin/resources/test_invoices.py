"""Invoices and bills: figures, numbers, the life of a document, and what may still be changed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages
from xero_twin import ManualClock

NOT_MODIFIABLE = "Invoice not of valid status for modification"
SETTLED = "This document cannot be edited as it has a payment or credit note allocated to it."


def line(**fields: object) -> dict[str, object]:
    return {"Description": "Apples", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200", **fields}


def totals(invoice: dict[str, Any]) -> tuple[str, str, str]:
    return str(invoice["SubTotal"]), str(invoice["TotalTax"]), str(invoice["Total"])


def edit(xero: Xero, invoice: dict[str, Any], **fields: object) -> dict[str, Any]:
    path = f"Invoices/{invoice['InvoiceID']}"
    return xero.post(path, fields, summarizeErrors="false", unitdp="4")["Invoices"][0]


# figures


def test_tax_is_rounded_line_by_line(xero: Xero) -> None:
    lines = [line(UnitAmount=amount) for amount in ("25.06", "25.61", "25.63")]
    assert totals(xero.invoice(LineItems=lines)) == ("76.30", "11.44", "87.74")


@pytest.mark.parametrize(
    ("total", "tax", "sub_total"),
    [("541.25", "70.60", "470.65"), ("500.00", "65.22", "434.78"), ("89.00", "11.61", "77.39")],
)
def test_inclusive_totals(xero: Xero, total: str, tax: str, sub_total: str) -> None:
    invoice = xero.invoice(LineAmountTypes="Inclusive", LineItems=[line(UnitAmount=total)])
    assert totals(invoice) == (sub_total, tax, total)


def test_unit_amounts_are_rounded_to_two_on_the_way_in_without_unitdp(xero: Xero) -> None:
    body = xero.invoice_body(LineItems=[line(UnitAmount="2.165", Quantity=10)])
    assert xero.put("Invoices", body)["Invoices"][0]["LineItems"][0]["LineAmount"] == Decimal("21.70")
    assert xero.invoice(LineItems=[line(UnitAmount="2.165", Quantity=10)])["SubTotal"] == Decimal("21.65")


def test_without_tax_the_lines_have_none(xero: Xero) -> None:
    invoice = xero.invoice(LineAmountTypes="NoTax", LineItems=[line(TaxAmount=3)])
    assert totals(invoice) == ("100.00", "0.00", "100.00")
    assert invoice["LineItems"][0]["TaxType"] == "NONE"


def test_a_tax_amount_that_is_sent_wins_and_survives_other_edits(xero: Xero) -> None:
    invoice = xero.invoice(LineItems=[line(TaxAmount="14.99")])
    assert totals(invoice) == ("100.00", "14.99", "114.99")
    changed = [{"LineItemID": invoice["LineItems"][0]["LineItemID"], "Description": "Pears"}]
    assert totals(edit(xero, invoice, LineItems=changed)) == ("100.00", "14.99", "114.99")


def test_discounts_come_off_sales_lines_and_are_refused_on_bills(xero: Xero) -> None:
    invoice = xero.invoice(LineItems=[line(Quantity=3, UnitAmount="9.99", DiscountRate=10), line(DiscountAmount=1)])
    assert [one["LineAmount"] for one in invoice["LineItems"]] == [Decimal("26.97"), Decimal("99.00")]
    assert (invoice["TotalDiscount"], invoice["IsDiscounted"]) == (Decimal("4.00"), True)
    assert messages(xero.invoice(Type="ACCPAY", LineItems=[line(AccountCode="300", DiscountRate=10)]))


def test_a_line_amount_that_disagrees_is_refused(xero: Xero) -> None:
    failed = xero.invoice(LineItems=[line(Quantity=2, UnitAmount=10, LineAmount="19.99")])
    assert messages(failed) == ["The line total 19.99 does not match the expected line total 20.00"]


def test_a_derived_line_keeps_its_amount_when_something_else_changes(xero: Xero) -> None:
    invoice = xero.invoice(LineItems=[{"Description": "x", "Quantity": 3, "LineAmount": 100, "AccountCode": "200"}])
    assert str(invoice["LineItems"][0]["UnitAmount"]) == "33.3333"
    changed = edit(xero, invoice, LineItems=[{"LineItemID": invoice["LineItems"][0]["LineItemID"], "Description": "y"}])
    assert (changed["LineItems"][0]["LineAmount"], changed["LineItems"][0]["Description"]) == (Decimal(100), "y")


def test_document_rounding_is_honoured_with_all_three_totals(xero: Xero) -> None:
    stated = {"SubTotal": 100, "TotalTax": 15, "Total": "115.02", "RoundingAmount": "0.02"}
    assert xero.invoice(**stated)["Total"] == Decimal("115.02")
    assert xero.invoice(RoundingAmount="0.02")["Total"] == Decimal("115.00")
    assert xero.invoice(**stated, Status="DRAFT")["Total"] == Decimal("115.00")
    assert messages(xero.invoice(**{**stated, "RoundingAmount": "0.11"}))


def test_a_line_with_only_a_description_shows_nothing_else(xero: Xero) -> None:
    shown = xero.invoice(LineItems=[{"Description": "Thank you"}, line()])["LineItems"][0]
    assert set(shown) == {"Description", "Tracking", "LineItemID"}


def test_an_item_gives_what_the_line_leaves_out_by_side(xero: Xero) -> None:
    xero.item(
        "APPLE",
        Description="A red apple",
        PurchaseDescription="Apples by the box",
        SalesDetails={"UnitPrice": "2.5551", "AccountCode": "260", "TaxType": "ZERORATED"},
        PurchaseDetails={"UnitPrice": "1.1", "AccountCode": "310"},
    )
    sold = xero.invoice(LineItems=[{"ItemCode": "apple", "Quantity": 2}])["LineItems"][0]
    bought = xero.invoice(Type="ACCPAY", LineItems=[{"ItemCode": "APPLE", "Quantity": 2, "UnitAmount": 1}])[
        "LineItems"
    ][0]
    assert (sold["Description"], str(sold["UnitAmount"]), sold["AccountCode"], sold["TaxType"]) == (
        "A red apple",
        "2.5551",
        "260",
        "ZERORATED",
    )
    assert (sold["Item"]["Code"], sold["Item"]["Name"]) == ("APPLE", "Apple")
    assert (bought["Description"], bought["UnitAmount"], bought["AccountCode"], bought["TaxType"]) == (
        "Apples by the box",
        Decimal(1),
        "310",
        "INPUT2",
    )
    assert messages(xero.invoice(LineItems=[{"ItemCode": "NOPE", "Quantity": 1}, line()]))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"AccountCode": "nope"}, "Account code 'nope' is not a valid code for this document."),
        ({"AccountCode": "610"}, "Account code '610' is not a valid code for this document."),
        ({"AccountCode": None}, "Account code must be specified"),
        ({"TaxType": "INPUT2"}, "The TaxType code 'INPUT2' cannot be used with account code '200'."),
        ({"TaxType": "NOPE"}, "The TaxType code NOPE does not exist or cannot be used for this type of transaction."),
        ({"Quantity": -1}, "The quantity value '-1.0000' is invalid. Quantity must not be less than zero."),
        (
            {"UnitAmount": None, "LineAmount": 90, "DiscountRate": 10},
            "The UnitAmount should be used when specifying a discount for a line item.",
        ),
        ({"DiscountRate": 101}, "The discount rate must be between 0 and 100."),
        ({"UnitAmount": -1}, "The document total must not be less than zero."),
    ],
)
def test_a_bad_line_is_refused_with_its_sentence(xero: Xero, fields: dict[str, object], message: str) -> None:
    balance = line(UnitAmount=0 if fields == {"UnitAmount": -1} else 1000)  # keeps the other totals above zero
    assert messages(xero.invoice(LineItems=[line(**fields), balance])) == [message]


def test_negative_unit_amounts_are_fine_while_the_total_is_not_negative(xero: Xero) -> None:
    assert xero.invoice(LineItems=[line(), line(UnitAmount=-40)])["SubTotal"] == Decimal(60)


# what a document needs


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"LineItems": []}, "One or more line items must be specified"),
        ({"DueDate": None}, "The document DueDate field must be specified"),
        ({"Contact": None}, "A Contact must be specified for this type of transaction"),
        (
            {"Contact": {}},
            "The Contact must contain at least 1 of the following elements to identify the contact "
            "Name, ContactID, ContactNumber",
        ),
        ({"Type": None}, "Invoice not of valid type for creation"),
        ({"Status": "PAID"}, "Invoice not of valid status for creation"),
        ({"Status": "VOIDED"}, "Invoice not of valid status for creation"),
        ({"CurrencyCode": "EUR"}, "Organisation is not subscribed to currency EUR"),
    ],
)
def test_an_approved_invoice_needs_its_parts(xero: Xero, fields: dict[str, object], message: str) -> None:
    xero.contact()
    assert message in messages(xero.invoice(**fields))


def test_a_draft_may_be_nearly_empty(xero: Xero) -> None:
    draft = xero.invoice(Status="DRAFT", LineItems=[], DueDate=None)
    assert not messages(draft)
    assert totals(draft) == ("0.00", "0.00", "0.00")


def test_the_default_date_is_today_in_the_organisations_zone(xero: Xero, clock: ManualClock) -> None:
    clock.advance(3 * 3600)  # noon UTC is past midnight in Auckland
    xero.sign_in()
    assert xero.invoice(Date=None)["DateString"] == "2026-11-03T00:00:00"


# numbers


def test_a_missing_number_is_the_next_free_one(xero: Xero) -> None:
    xero.invoice(InvoiceNumber="INV-0002")
    assert [xero.invoice()["InvoiceNumber"] for _ in range(2)] == ["INV-0001", "INV-0003"]


def test_a_voided_invoice_keeps_its_number(xero: Xero) -> None:
    invoice = xero.invoice(InvoiceNumber="S-1")
    edit(xero, invoice, Status="VOIDED")
    assert messages(xero.invoice(InvoiceNumber="s-1")) == ["Invoice # must be unique."]
    posted = xero.post("Invoices", xero.invoice_body(InvoiceNumber="S-1"), summarizeErrors="false")
    assert messages(posted["Invoices"][0]) == [NOT_MODIFIABLE]


def test_an_invoice_renamed_before_it_is_voided_frees_its_number(xero: Xero) -> None:
    invoice = xero.invoice(InvoiceNumber="S-1")
    edit(xero, invoice, InvoiceNumber="S-1x", Status="VOIDED")
    assert not messages(xero.invoice(InvoiceNumber="S-1"))


def test_a_post_with_a_live_number_edits_that_invoice(xero: Xero) -> None:
    invoice = xero.invoice(InvoiceNumber="S-1")
    posted = xero.post("Invoices", xero.invoice_body(InvoiceNumber="S-1", Reference="new"))["Invoices"][0]
    assert (posted["InvoiceID"], posted["Reference"]) == (invoice["InvoiceID"], "new")
    assert len(xero.get("Invoices")["Invoices"]) == 1
    line_of_xero = xero.twin.journal[-2]
    assert line_of_xero.updated == [("Invoices", invoice["InvoiceID"], "S-1")]


def test_bills_may_share_a_number_and_have_no_reference(xero: Xero) -> None:
    bills = [xero.invoice(Type="ACCPAY", InvoiceNumber="B-1", Reference="x") for _ in range(2)]
    assert bills[0]["InvoiceID"] != bills[1]["InvoiceID"]
    assert bills[0]["Reference"] == ""
    assert xero.invoice(Type="ACCPAY")["InvoiceNumber"] == ""


def test_an_invoice_is_read_and_written_by_its_number(xero: Xero) -> None:
    invoice = xero.invoice(InvoiceNumber="S-1")
    assert xero.get("Invoices/s-1")["Invoices"][0]["InvoiceID"] == invoice["InvoiceID"]
    assert xero.post("Invoices/S-1", {"Reference": "r"})["Invoices"][0]["Reference"] == "r"


@pytest.mark.parametrize("number", ["x" * 256, "caf\u00e9"])
def test_a_number_is_short_printable_ascii(xero: Xero, number: str) -> None:
    assert messages(xero.invoice(InvoiceNumber=number))


# the contact inside


def test_a_new_name_makes_a_contact_even_when_the_document_fails(xero: Xero) -> None:
    failed = xero.invoice(Contact={"Name": "Newcomer"}, LineItems=[])
    assert messages(failed)
    assert failed["Contact"]["Name"] == "Newcomer"
    assert [one["Name"] for one in xero.get("Contacts")["Contacts"]] == ["Newcomer"]
    assert xero.twin.journal[-2].created == [("Contacts", failed["Contact"]["ContactID"], "Newcomer")]


def test_a_known_name_or_number_finds_its_contact(xero: Xero) -> None:
    contact = xero.contact("Ann Example", ContactNumber="C-1")
    for sent in ({"Name": "ANN EXAMPLE"}, {"ContactNumber": "C-1"}):
        assert xero.invoice(Contact=sent)["Contact"]["ContactID"] == contact["ContactID"]


def test_other_fields_in_a_documents_contact_update_it_and_drop_its_persons(xero: Xero) -> None:
    contact = xero.contact("Ann Example", ContactPersons=[{"FirstName": "P"}])
    xero.invoice(Contact={"ContactID": contact["ContactID"]})
    assert len(xero.get("Contacts")["Contacts"][0]["ContactPersons"]) == 1
    xero.invoice(Contact={"ContactID": contact["ContactID"], "FirstName": "Ann"})
    after = xero.get("Contacts")["Contacts"][0]
    assert (after["FirstName"], after["ContactPersons"]) == ("Ann", [])


def test_a_contact_id_that_is_not_there_makes_the_whole_call_a_404(xero: Xero) -> None:
    missing = {"ContactID": "5d5b5d5b-0000-4000-a000-500500500500"}
    sent = {"Invoices": [xero.invoice_body(), xero.invoice_body(Contact=missing)]}
    assert xero.call("PUT", "Invoices", sent).status_code == 404
    assert xero.get("Invoices")["Invoices"] == []


def test_an_archived_contact_is_refused_by_id_and_made_anew_by_name(xero: Xero) -> None:
    contact = xero.contact("Ann Example")
    xero.post(f"Contacts/{contact['ContactID']}", {"ContactStatus": "ARCHIVED"})
    assert "archived contact" in messages(xero.invoice(Contact={"ContactID": contact["ContactID"]}))[0]
    assert xero.invoice(Contact={"Name": "Ann Example"})["Contact"]["ContactID"] != contact["ContactID"]


# the life of a document


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("DRAFT", "SUBMITTED", True),
        ("DRAFT", "AUTHORISED", True),
        ("DRAFT", "DELETED", True),
        ("DRAFT", "VOIDED", False),
        ("SUBMITTED", "DRAFT", True),
        ("SUBMITTED", "AUTHORISED", True),
        ("SUBMITTED", "DELETED", True),
        ("AUTHORISED", "VOIDED", True),
        ("AUTHORISED", "DRAFT", False),
        ("AUTHORISED", "DELETED", False),
        ("AUTHORISED", "PAID", False),
    ],
)
def test_the_status_goes_only_where_xero_lets_it(xero: Xero, before: str, after: str, allowed: bool) -> None:
    invoice = xero.invoice(Status=before)
    changed = edit(xero, invoice, Status=after)
    assert messages(changed) == ([] if allowed else [NOT_MODIFIABLE])
    assert xero.reread(invoice)["Status"] == (after if allowed else before)


@pytest.mark.parametrize("final", ["VOIDED", "DELETED"])
def test_voided_and_deleted_are_final(xero: Xero, final: str) -> None:
    invoice = xero.invoice(Status="AUTHORISED" if final == "VOIDED" else "DRAFT")
    edit(xero, invoice, Status=final)
    for sent in ({"Reference": "x"}, {"Status": "DRAFT"}):
        assert messages(edit(xero, invoice, **sent)) == [NOT_MODIFIABLE]


def test_a_void_still_shows_what_was_due(xero: Xero) -> None:
    voided = edit(xero, xero.invoice(LineItems=[line(UnitAmount="21")]), Status="VOIDED")
    assert (voided["Status"], voided["AmountDue"], voided["Total"]) == ("VOIDED", Decimal("24.15"), Decimal("24.15"))


def test_a_document_with_a_payment_cannot_be_voided(xero: Xero) -> None:
    invoice = xero.invoice()
    payment = xero.pay(invoice, 5)
    assert messages(edit(xero, invoice, Status="VOIDED")) == [
        "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it."
    ]
    xero.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
    assert not messages(edit(xero, invoice, Status="VOIDED"))


def test_approving_a_draft_checks_its_lines_and_gives_the_tax(xero: Xero) -> None:
    draft = xero.invoice(Status="DRAFT", LineItems=[line(AccountCode=None)], DueDate=None)
    assert not messages(draft)
    assert set(messages(edit(xero, draft, Status="AUTHORISED"))) == {
        "Account code must be specified",
        "The document DueDate field must be specified",
    }
    lines = [{"LineItemID": draft["LineItems"][0]["LineItemID"], "AccountCode": "200"}]
    approved = edit(xero, draft, Status="AUTHORISED", DueDate="2026-12-01", LineItems=lines)
    assert totals(approved) == ("100.00", "15.00", "115.00")


# a total of zero


@pytest.mark.parametrize(("kind", "account"), [("ACCREC", "200"), ("ACCPAY", "300")])
def test_an_approved_document_of_nothing_is_paid_at_once(xero: Xero, kind: str, account: str) -> None:
    fields = {"Type": kind, "LineItems": [line(UnitAmount=0, AccountCode=account)]}
    made = xero.invoice(**fields)
    assert (made["Status"], made["AmountDue"], made["FullyPaidOnDate"]) == ("PAID", 0, made["Date"])
    draft = xero.invoice(Status="DRAFT", **fields)
    assert draft["Status"] == "DRAFT"
    approved = edit(xero, draft, Status="AUTHORISED")
    assert (messages(approved), approved["Status"]) == ([], "PAID")


def test_a_document_of_nothing_that_gets_a_total_is_owed_again(xero: Xero) -> None:
    made = xero.invoice(LineItems=[line(UnitAmount=0)])
    owed = edit(xero, made, Status="PAID", LineItems=[line()])
    assert (messages(owed), owed["Status"], owed["AmountDue"]) == ([], "AUTHORISED", Decimal(115))
    assert "FullyPaidOnDate" not in owed
    assert edit(xero, owed, LineItems=[line(UnitAmount=0)])["Status"] == "PAID"


def test_a_document_of_nothing_goes_only_where_an_approved_one_goes(xero: Xero) -> None:
    made = xero.invoice(LineItems=[line(UnitAmount=0)])
    assert messages(edit(xero, made, Status="DRAFT")) == ["Invoice not of valid status for modification"]
    voided = edit(xero, made, Status="VOIDED")
    assert (messages(voided), voided["Status"]) == ([], "VOIDED")


# editing


def test_a_sent_list_of_lines_replaces_the_whole_list(xero: Xero) -> None:
    invoice = xero.invoice(LineItems=[line(), line(Description="Pears")])
    first, second = invoice["LineItems"]
    changed = edit(
        xero, invoice, LineItems=[{"LineItemID": second["LineItemID"], "Quantity": 2}, line(Description="Figs")]
    )
    assert [one["Description"] for one in changed["LineItems"]] == ["Pears", "Figs"]
    ids = [one["LineItemID"] for one in changed["LineItems"]]
    assert ids[0] == second["LineItemID"]
    assert ids[1] not in (first["LineItemID"], second["LineItemID"])
    assert totals(changed) == ("300.00", "45.00", "345.00")


def test_omitted_fields_stay(xero: Xero) -> None:
    invoice = xero.invoice(Reference="keep", Url="https://example.com/1")
    changed = edit(xero, invoice, DueDate="2027-01-01")
    assert (changed["Reference"], changed["Url"]) == ("keep", "https://example.com/1")
    assert totals(changed) == totals(invoice)


def test_changing_the_basis_computes_the_same_lines_anew(xero: Xero) -> None:
    changed = edit(xero, xero.invoice(), LineAmountTypes="Inclusive")
    assert totals(changed) == ("86.96", "13.04", "100.00")


def test_a_url_must_be_an_address_without_xero_in_it(xero: Xero) -> None:
    assert messages(xero.invoice(Url="https://xero.example.com"))
    assert messages(xero.invoice(Url="nowhere"))


def test_only_lines_of_a_foreign_invoice_resets_its_rate(xero: Xero) -> None:
    invoice = xero.invoice(CurrencyCode="USD", CurrencyRate="0.61")
    assert str(invoice["CurrencyRate"]) == "0.6100000000"
    assert edit(xero, invoice, Reference="x")["CurrencyRate"] == Decimal("0.61")
    assert edit(xero, invoice, LineItems=[line()])["CurrencyRate"] != Decimal("0.61")


def test_a_new_due_date_on_a_part_paid_invoice_goes_unnoticed_by_its_time(xero: Xero, clock: ManualClock) -> None:
    invoice = xero.invoice()
    xero.pay(invoice, 5)
    clock.advance(60)
    changed = edit(xero, invoice, DueDate="2027-01-01")
    assert (changed["DueDateString"], changed["UpdatedDateUTC"]) == ("2027-01-01T00:00:00", invoice["UpdatedDateUTC"])
    assert edit(xero, invoice, Reference="x")["UpdatedDateUTC"] != invoice["UpdatedDateUTC"]


@pytest.mark.parametrize("paid", [5, None])
def test_on_a_settled_document_a_few_fields_change_and_amounts_silently_do_not(xero: Xero, paid: int | None) -> None:
    invoice = xero.invoice(LineItems=[line(), line(Description="Pears")])
    xero.pay(invoice, paid)
    first = invoice["LineItems"][0]
    changed = edit(
        xero,
        invoice,
        Reference="new",
        DueDate="2027-01-01",
        LineItems=[{"LineItemID": first["LineItemID"], "Description": "Figs", "AccountCode": "260", "UnitAmount": 1}],
    )
    assert not messages(changed)
    held = xero.reread(invoice)
    assert (held["Reference"], held["DueDateString"]) == ("new", "2027-01-01T00:00:00")
    assert totals(held) == totals(invoice)
    shown = held["LineItems"]
    assert [one["Description"] for one in shown] == ["Figs", "Pears"]
    assert (shown[0]["AccountCode"], shown[0]["UnitAmount"]) == ("260", Decimal(100))


def test_a_settled_document_refuses_other_changes(xero: Xero) -> None:
    invoice = xero.invoice()
    xero.pay(invoice, 5)
    assert messages(edit(xero, invoice, Date="2026-11-01")) == [SETTLED]
    assert messages(edit(xero, invoice, LineItems=[line()])) == [
        "To update fields on a paid invoice line item, you must supply a LineItemID"
    ]
    assert not messages(edit(xero, invoice, Date="2026-11-02"))  # the date it has already


# lock dates


def test_nothing_is_approved_into_a_locked_period(xero: Xero) -> None:
    xero.org.period_lock_date = date(2026, 10, 31)
    assert messages(xero.invoice(Date="2026-10-31")) == [
        "The document date cannot be before the period lock date, currently set at 31 October 2026"
    ]
    assert not messages(xero.invoice(Date="2026-11-01"))
    assert not messages(xero.invoice(Date="2026-10-31", Status="DRAFT"))


def test_nothing_in_a_locked_period_is_edited_or_voided(xero: Xero) -> None:
    invoice = xero.invoice(Date="2026-10-31")
    xero.org.end_of_year_lock_date = date(2026, 10, 31)
    for sent in ({"Reference": "x"}, {"Status": "VOIDED"}):
        assert "dated before the end of year lock date" in messages(edit(xero, invoice, **sent))[0]
    assert xero.reread(invoice)["Status"] == "AUTHORISED"


# the three shapes


def test_the_answer_to_a_write_has_the_full_contact_and_no_payments(xero: Xero) -> None:
    invoice = xero.invoice()
    assert len(invoice["Contact"]["Phones"]) == 4
    assert (invoice["Prepayments"], invoice["Overpayments"]) == ([], [])
    assert not {"Payments", "CreditNotes", "HasAttachments"} & set(invoice)
    assert invoice["LineItems"][0]["ValidationErrors"] == []


def test_the_full_contact_is_that_of_now(xero: Xero) -> None:
    contact_id = xero.invoice()["Contact"]["ContactID"]
    xero.post(f"Contacts/{contact_id}", {"FirstName": "Ann"})
    renamed = xero.invoice()["Contact"]
    assert (renamed["FirstName"], renamed["IsCustomer"], renamed["HasAttachments"]) == ("Ann", True, False)
    assert xero.call("PUT", f"Contacts/{contact_id}/Attachments/note.txt", b"x").status_code == 200
    assert xero.invoice()["Contact"]["HasAttachments"] is True
    assert xero.pay(xero.invoice(), 15)["Invoice"]["Contact"]["HasAttachments"] is True


def test_a_single_read_has_the_full_contact_and_its_payments(xero: Xero) -> None:
    invoice = xero.invoice()
    assert "Payments" not in xero.reread(invoice)
    xero.pay(invoice, 5)
    held = xero.reread(invoice)
    assert (len(held["Payments"]), len(held["Contact"]["Phones"]), held["HasAttachments"]) == (1, 4, False)
    assert "ValidationErrors" not in held["LineItems"][0]


def test_a_paged_list_has_a_short_contact_and_all_four_lists(xero: Xero) -> None:
    xero.pay(xero.invoice(), 5)
    shown = xero.get("Invoices", page="1")["Invoices"][0]
    assert (shown["Contact"]["Name"], shown["Contact"]["Phones"]) == ("Ann Example", [])
    assert len(shown["Payments"]) == 1
    assert [shown[name] for name in ("CreditNotes", "Prepayments", "Overpayments", "InvoiceAddresses")] == [[]] * 4
    assert shown["UpdatedDateUTCString"] == "2026-11-02T09:00:00Z"
