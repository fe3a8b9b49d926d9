"""Contacts: names, numbers, archiving, and what answers always show."""

from decimal import Decimal

from tests.xero_twin.conftest import Xero, messages
from xero_twin import ManualClock

ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)


def refused(xero: Xero, body: dict[str, object], method: str = "PUT") -> list[str]:
    answer = xero.read(xero.call(method, "Contacts?summarizeErrors=false", body))
    return messages(answer["Contacts"][0])


def test_a_new_contact_shows_four_phones_and_two_addresses(xero: Xero) -> None:
    contact = xero.contact(Phones=[{"PhoneType": "MOBILE", "PhoneNumber": "21 555"}])
    assert {one["PhoneType"]: one["PhoneNumber"] for one in contact["Phones"]} == {
        "DDI": "",
        "DEFAULT": "",
        "FAX": "",
        "MOBILE": "21 555",
    }
    assert {one["AddressType"] for one in contact["Addresses"]} == {"STREET", "POBOX"}


def test_names_are_unique_among_active_contacts_without_regard_to_case(xero: Xero) -> None:
    xero.contact("Ann")
    assert refused(xero, {"Name": "ANN"}) == [
        "The contact name ANN is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    ]


def test_contact_numbers_are_unique(xero: Xero) -> None:
    xero.contact("Ann", ContactNumber="C-1")
    assert refused(xero, {"Name": "Bo", "ContactNumber": "C-1"}) == [
        "Another contact has this contact number. Please enter a different contact number."
    ]


def test_post_updates_by_id_then_number_then_name(xero: Xero) -> None:
    ann, bo = xero.contact("Ann", ContactNumber="C-1"), xero.contact("Bo")
    by_id = xero.post("Contacts", {"ContactID": bo["ContactID"], "ContactNumber": "C-2", "FirstName": "B"})
    by_number = xero.post("Contacts", {"ContactNumber": "C-1", "FirstName": "A"})
    by_name = xero.post("Contacts", {"Name": "ANN", "LastName": "Smith"})
    assert by_id["Contacts"][0]["ContactID"] == bo["ContactID"]
    assert by_number["Contacts"][0]["ContactID"] == ann["ContactID"]
    updated = by_name["Contacts"][0]
    assert (updated["ContactID"], updated["FirstName"], updated["LastName"]) == (ann["ContactID"], "A", "Smith")
    made = xero.post("Contacts", {"Name": "Cy"})["Contacts"][0]
    assert made["ContactID"] not in (ann["ContactID"], bo["ContactID"])


def test_a_partial_update_keeps_the_rest_and_an_empty_text_clears(xero: Xero) -> None:
    contact = xero.contact(
        EmailAddress="ann@example.com",
        AccountNumber="A1",
        Addresses=[{"AddressType": "STREET", "City": "Wellington"}],
        ContactPersons=[{"FirstName": "P"}, {"FirstName": "Q"}],
    )
    path = f"Contacts/{contact['ContactID']}"
    sent = {
        "EmailAddress": "",
        "AccountNumber": None,
        "Addresses": [{"AddressType": "POBOX", "City": "Nelson"}],
        "ContactPersons": [{"FirstName": "R"}],
    }
    updated = xero.post(path, sent)["Contacts"][0]
    assert (updated["EmailAddress"], updated["AccountNumber"]) == ("", "A1")
    assert {one["AddressType"]: one["City"] for one in updated["Addresses"]} == {
        "STREET": "Wellington",
        "POBOX": "Nelson",
    }
    assert [one["FirstName"] for one in updated["ContactPersons"]] == ["R"]


def test_an_archived_contact_leaves_lists_cannot_be_edited_and_frees_its_name(xero: Xero) -> None:
    ann = xero.contact("Ann", ContactNumber="C-1")
    path = f"Contacts/{ann['ContactID']}"
    assert xero.post(path, {"ContactStatus": "ARCHIVED"})["Contacts"][0]["ContactStatus"] == "ARCHIVED"
    assert xero.get("Contacts")["Contacts"] == []
    assert len(xero.get("Contacts", includeArchived="true")["Contacts"]) == 1
    assert len(xero.get("Contacts", IDs=ann["ContactID"])["Contacts"]) == 1
    assert xero.get(path)["Contacts"][0]["Name"] == "Ann"
    for sent in ({"ContactID": ann["ContactID"], "ContactStatus": "ACTIVE"}, {"ContactNumber": "C-1"}):
        assert refused(xero, sent, "POST") == [ARCHIVED]
    assert xero.contact("Ann")["ContactID"] != ann["ContactID"]


def test_a_contact_is_read_by_its_number(xero: Xero) -> None:
    xero.contact("Ann", ContactNumber="C-1")
    assert xero.get("Contacts/C-1")["Contacts"][0]["Name"] == "Ann"


def test_a_search_looks_through_the_names_and_numbers(xero: Xero) -> None:
    xero.contact("Ann", EmailAddress="pear@example.com")
    xero.contact("Bo", ContactNumber="PEAR-1")
    xero.contact("Cy")
    assert {one["Name"] for one in xero.get("Contacts", searchTerm="pear")["Contacts"]} == {"Ann", "Bo"}


def test_where_finds_a_name_in_another_case(xero: Xero) -> None:
    xero.contact("Mixed Case")
    assert xero.get("Contacts", where='Name=="mixed case"')["Contacts"][0]["Name"] == "Mixed Case"


def test_a_summary_leaves_out_the_long_parts(xero: Xero) -> None:
    xero.contact()
    shown = xero.get("Contacts", summaryOnly="true")["Contacts"][0]
    assert not {"Addresses", "ContactPersons", "ContactGroups", "IsCustomer", "IsSupplier"} & set(shown)


def test_the_first_invoice_makes_a_customer_without_touching_the_time(xero: Xero, clock: ManualClock) -> None:
    before = xero.contact("Ann Example")
    assert before["IsCustomer"] is False
    clock.advance(60)
    xero.invoice()
    after = xero.get(f"Contacts/{before['ContactID']}")["Contacts"][0]
    assert (after["IsCustomer"], after["IsSupplier"]) == (True, False)
    assert after["UpdatedDateUTC"] == before["UpdatedDateUTC"]
    xero.invoice(Type="ACCPAY")
    assert xero.get(f"Contacts/{before['ContactID']}")["Contacts"][0]["IsSupplier"] is True


def test_balances_tell_what_is_outstanding_and_overdue(xero: Xero) -> None:
    invoice = xero.invoice(DueDate="2026-11-01")
    xero.invoice(DueDate="2026-12-01")
    xero.pay(invoice, 15)
    contact = xero.get(f"Contacts/{invoice['Contact']['ContactID']}")["Contacts"][0]
    assert contact["Balances"]["AccountsReceivable"] == {
        "Outstanding": Decimal("215.00"),
        "Overdue": Decimal("100.00"),
    }


def test_payment_terms_and_defaults_come_back(xero: Xero) -> None:
    terms = {"Sales": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}}
    contact = xero.contact(PaymentTerms=terms, SalesDefaultAccountCode="200", DefaultCurrency="USD")
    assert contact["PaymentTerms"] == terms
    assert (contact["SalesDefaultAccountCode"], contact["DefaultCurrency"]) == ("200", "USD")
