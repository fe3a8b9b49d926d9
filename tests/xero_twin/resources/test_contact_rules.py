"""What a contact may not be: each rule at its edge, with the sentence that refuses it."""

from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages

NOBODY = "00000000-0000-4000-a000-00000000dead"
TAX, ACCOUNT, THEME = "Tax rate must be valid.", "Account must be valid.", "The branding theme could not be found."


def refused(xero: Xero, **fields: Any) -> list[str]:
    sent = {"Name": "Ann", **fields}
    return messages(xero.put("Contacts", sent, summarizeErrors="false")["Contacts"][0])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"Name": "x" * 256}, "Name must be no longer than 255 characters."),
        ({"Name": "a <b>"}, "The contact name cannot contain < or >."),
        ({"Name": " a"}, "The contact name cannot begin or end with a space, or contain two in a row."),
        ({"Name": "a  b"}, "The contact name cannot begin or end with a space, or contain two in a row."),
        ({"ContactNumber": "1" * 51}, "ContactNumber must be no longer than 50 characters."),
        ({"AccountNumber": "1" * 51}, "AccountNumber must be no longer than 50 characters."),
        ({"CompanyNumber": "1" * 51}, "CompanyNumber must be no longer than 50 characters."),
        ({"TaxNumber": "1" * 51}, "TaxNumber must be no longer than 50 characters."),
        ({"FirstName": "x" * 256}, "FirstName must be no longer than 255 characters."),
        ({"EmailAddress": "not an address"}, "Email address must be valid"),
        ({"ContactPersons": [{"FirstName": "x"}] * 6}, "A contact can have at most 5 contact persons."),
        ({"Addresses": [{"AddressLine4": "x" * 501}]}, "AddressLine4 must be no longer than 500 characters."),
        ({"Addresses": [{"City": "x" * 256}]}, "City must be no longer than 255 characters."),
        ({"Addresses": [{"PostalCode": "1" * 51}]}, "PostalCode must be no longer than 50 characters."),
        ({"Addresses": [{"Country": "NZ1"}]}, "A country can have letters only."),
        ({"Phones": [{"PhoneNumber": "1" * 51}]}, "PhoneNumber must be no longer than 50 characters."),
        ({"Phones": [{"PhoneAreaCode": "1" * 11}]}, "PhoneAreaCode must be no longer than 10 characters."),
        ({"Phones": [{"PhoneCountryCode": "1" * 21}]}, "PhoneCountryCode must be no longer than 20 characters."),
        ({"DefaultCurrency": "EUR"}, "Organisation is not subscribed to currency EUR"),
        ({"DefaultCurrency": "XXX"}, "Organisation is not subscribed to currency XXX"),
        ({"AccountsReceivableTaxType": "OUTPUT99"}, TAX),
        ({"AccountsPayableTaxType": "OUTPUT99"}, TAX),
        ({"SalesDefaultAccountCode": "9999"}, ACCOUNT),
        ({"PurchasesDefaultAccountCode": "9999"}, ACCOUNT),
        ({"BrandingTheme": {"BrandingThemeID": NOBODY}}, THEME),
    ],
)
def test_a_contact_against_a_rule_is_refused(xero: Xero, fields: dict[str, Any], sentence: str) -> None:
    assert refused(xero, **fields) == [sentence]
    assert xero.get("Contacts")["Contacts"] == []


def test_what_lies_just_inside_the_rules_is_taken(xero: Xero) -> None:
    longest = {"AddressLine1": "x" * 500, "City": "x" * 255, "PostalCode": "1" * 50, "Country": "New Zealand"}
    phone = {"PhoneNumber": "1" * 50, "PhoneAreaCode": "1" * 10, "PhoneCountryCode": "1" * 20}
    defaults = {
        "DefaultCurrency": "USD",
        "AccountsReceivableTaxType": "OUTPUT2",
        "AccountsPayableTaxType": "INPUT2",
        "SalesDefaultAccountCode": "200",
        "PurchasesDefaultAccountCode": "300",
        "BrandingTheme": {"BrandingThemeID": "00000000-0000-0000-0000-000000000000"},
    }
    persons = [{"FirstName": "x"}] * 5
    sent = {"Name": "x" * 255, "Addresses": [longest], "Phones": [phone], "ContactPersons": persons, **defaults}
    assert refused(xero, **sent) == []


@pytest.mark.parametrize("kind", ["OFCURRENTMONTH", "OFFOLLOWINGMONTH"])
@pytest.mark.parametrize("side", ["Bills", "Sales"])
def test_a_term_on_a_day_of_the_month_takes_1_to_31(xero: Xero, side: str, kind: str) -> None:
    out = f"The payment terms for {side} need a day of the month between 1 and 31."
    for day, expected in ((0, [out]), (1, []), (31, []), (32, [out])):
        terms = {side: {"Day": day, "Type": kind}}
        assert refused(xero, Name=f"Ann {day}", PaymentTerms=terms) == expected


@pytest.mark.parametrize("kind", ["DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH"])
def test_a_term_of_days_is_not_negative(xero: Xero, kind: str) -> None:
    out = "The payment terms for Sales cannot have fewer than 0 days."
    for day, expected in ((-1, [out]), (0, []), (90, [])):
        assert refused(xero, Name=f"Ann {day}", PaymentTerms={"Sales": {"Day": day, "Type": kind}}) == expected


@pytest.mark.parametrize("term", [{"Day": 20}, {"Type": "OFCURRENTMONTH"}])
def test_a_term_needs_both_its_parts(xero: Xero, term: dict[str, Any]) -> None:
    assert refused(xero, PaymentTerms={"Bills": term}) == ["The payment terms for Bills need a Day and a Type."]


@pytest.mark.parametrize(
    "fields",
    [
        {"PaymentTerms": {"Sales": {"Day": 20, "Type": "WHENEVER"}}},
        {"PaymentTerms": {"Sales": {"Day": 1.5, "Type": "OFCURRENTMONTH"}}},
        {"PaymentTerms": {"Sales": {"Day": "soon", "Type": "OFCURRENTMONTH"}}},
        {"SalesDefaultLineAmountType": "SOMETIMES"},
        {"Addresses": [{"AddressType": "DELIVERY"}]},
        {"Phones": [{"PhoneType": "PAGER"}]},
        {"ContactStatus": "ASLEEP"},
        {"BrandingTheme": {"BrandingThemeID": "Standard"}},
    ],
)
def test_a_value_of_no_known_kind_refuses_the_whole_call(xero: Xero, fields: dict[str, Any]) -> None:
    found = xero.put("Contacts", {"Contacts": [{"Name": "Bo"}, {"Name": "Ann", **fields}]}, 400)
    assert found["ErrorNumber"] == 14
    assert xero.get("Contacts")["Contacts"] == []


def test_a_default_account_or_tax_rate_that_is_archived_is_refused_yet_holds_up_no_other_change(xero: Xero) -> None:
    contact = xero.contact("Bo", SalesDefaultAccountCode="260")
    xero.twin.edit(xero.org.tenant_id, "archive_account", account="260")
    assert refused(xero, SalesDefaultAccountCode="260") == [ACCOUNT]
    changed = xero.post(f"Contacts/{contact['ContactID']}", {"FirstName": "B"})["Contacts"][0]
    assert (changed["FirstName"], changed["SalesDefaultAccountCode"]) == ("B", "260")
    rate = {"Name": "Old", "ReportTaxType": "OUTPUT", "TaxComponents": [{"Name": "GST", "Rate": 12.5}]}
    [made] = xero.put("TaxRates", rate)["TaxRates"]
    xero.post("TaxRates", {"TaxType": made["TaxType"], "TaxComponents": rate["TaxComponents"], "Status": "DELETED"})
    assert refused(xero, AccountsReceivableTaxType=made["TaxType"]) == [TAX]


def test_an_empty_default_clears_it(xero: Xero) -> None:
    contact = xero.contact("Bo", SalesDefaultAccountCode="200", AccountsReceivableTaxType="OUTPUT2")
    sent = {"SalesDefaultAccountCode": "", "AccountsReceivableTaxType": "", "DefaultCurrency": ""}
    cleared = xero.post(f"Contacts/{contact['ContactID']}", sent)["Contacts"][0]
    assert not set(sent) & set(cleared)


@pytest.mark.parametrize("resource", ["Invoices", "CreditNotes", "PurchaseOrders"])
def test_a_document_with_an_unknown_branding_theme_is_refused(xero: Xero, resource: str) -> None:
    make = {"Invoices": xero.invoice, "CreditNotes": xero.credit_note, "PurchaseOrders": xero.order}[resource]
    assert messages(make(BrandingThemeID=NOBODY)) == [THEME]
    held = make(BrandingThemeID="00000000-0000-0000-0000-000000000000")
    assert messages(held) == []
    path = f"{resource}/{held[resource[:-1] + 'ID']}?summarizeErrors=false"
    changed = xero.read(xero.call("POST", path, {"BrandingThemeID": NOBODY}))[resource][0]
    assert messages(changed) == [THEME]


def test_the_contact_inside_a_document_is_held_to_the_same_rules(xero: Xero) -> None:
    ann = xero.contact("Ann")["ContactID"]
    for wrong, sentence in (
        ({"DefaultCurrency": "EUR"}, "Organisation is not subscribed to currency EUR"),
        ({"BrandingTheme": {"BrandingThemeID": NOBODY}}, THEME),
    ):
        assert sentence in messages(xero.invoice(Contact={"ContactID": ann, **wrong}))
        assert sentence in messages(xero.invoice(Contact={"Name": "Cy", **wrong}))
    assert [one["Name"] for one in xero.get("Contacts")["Contacts"]] == ["Ann"]
