"""Organisation, accounts, tax rates, currencies, tracking categories."""

from datetime import date

import pytest

from tests.xero_twin.conftest import Xero, messages
from xero_twin import Twin


def test_the_organisation_tells_about_itself(xero: Xero) -> None:
    org = xero.get("Organisation")["Organisations"][0]
    assert (org["Name"], org["BaseCurrency"], org["CountryCode"], org["IsDemoCompany"]) == (
        "Demo Company",
        "NZD",
        "NZ",
        True,
    )
    assert org["CreatedDateUTC"] == "/Date(1793610000000)/"
    assert "PeriodLockDate" not in org
    xero.org.period_lock_date = date(2026, 9, 30)
    assert xero.get("Organisation")["Organisations"][0]["PeriodLockDate"] == "/Date(1790726400000+0000)/"


def test_actions_say_what_can_be_done(xero: Xero) -> None:
    found = {one["Name"]: one["Status"] for one in xero.get("Organisation/Actions")["Actions"]}
    assert found["CreateApprovedInvoice"] == "ALLOWED"
    assert found["CreateSentQuote"] == "NOT-ALLOWED"


@pytest.mark.parametrize("code", ["200", "260", "300", "310", "425", "610", "800", "820", "860", "090", "091"])
def test_the_usual_accounts_are_there(xero: Xero, code: str) -> None:
    assert xero.get("Accounts", where=f'Code=="{code}"')["Accounts"][0]["Code"] == code


def test_control_accounts_are_system_accounts(xero: Xero) -> None:
    system = {one["Code"]: one.get("SystemAccount") for one in xero.get("Accounts")["Accounts"] if "Code" in one}
    assert (system["610"], system["800"], system["820"], system["860"]) == ("DEBTORS", "CREDITORS", "GST", "ROUNDING")


@pytest.mark.parametrize(
    ("country", "sales", "rate"),
    [("NZ", "OUTPUT2", 15), ("AU", "OUTPUT", 10), ("GB", "OUTPUT2", 20), ("US", "OUTPUT", 0)],
)
def test_each_country_has_its_taxes(twin: Twin, country: str, sales: str, rate: int) -> None:
    org = twin.add_organisation(country, country=country)
    rates = {one["TaxType"]: one["EffectiveRate"] for one in twin.documents(org.tenant_id, "TaxRates")}
    accounts = {one.get("Code"): one for one in twin.documents(org.tenant_id, "Accounts")}
    assert rates[sales] == rate
    assert accounts["200"]["TaxType"] == sales


def test_deleted_rates_are_listed_too(xero: Xero) -> None:
    deleted = [one for one in xero.get("TaxRates")["TaxRates"] if one["Status"] == "DELETED"]
    assert {str(one["EffectiveRate"]) for one in deleted} == {"12.5000"}


def account(xero: Xero, **fields: object) -> dict[str, object]:
    return xero.put("Accounts", {"Code": "201", "Name": "Trade sales", "Type": "REVENUE", **fields})["Accounts"][0]


def test_an_account_is_made_changed_archived_and_then_refused_on_lines(xero: Xero) -> None:
    made = account(xero)
    path = f"Accounts/{made['AccountID']}"
    assert xero.post(path, {"Name": "Retail"})["Accounts"][0]["Name"] == "Retail"
    assert xero.post(path, {"Status": "ARCHIVED"})["Accounts"][0]["Status"] == "ARCHIVED"
    line = {"Description": "x", "UnitAmount": 1, "AccountCode": "201"}
    assert messages(xero.invoice(LineItems=[line])) == [
        "Account code '201' has been archived, or has been deleted. Each line item must reference a valid account."
    ]


def test_accounts_are_written_one_per_call(xero: Xero) -> None:
    sent = [{"Code": code, "Name": code, "Type": "REVENUE"} for code in ("201", "202")]
    xero.put("Accounts", {"Accounts": sent})
    assert xero.get("Accounts", where='Code=="202"')["Accounts"] == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Name": "SALES"}, "Please enter a unique Name."),
        ({"Code": "200"}, "Please enter a unique Code."),
        ({"Code": "12345678901"}, "Account Code is too long. Maximum of 10 characters allowed"),
        ({"TaxType": "NOPE"}, "Tax rate must be valid."),
    ],
)
def test_an_account_against_the_rules_is_refused(xero: Xero, fields: dict[str, str], message: str) -> None:
    body = {"Code": "201", "Name": "Trade sales", "Type": "REVENUE", **fields}
    assert messages(xero.put("Accounts", body, 400)["Elements"][0]) == [message]


def test_a_bank_account_needs_a_number_and_may_have_no_code(xero: Xero) -> None:
    xero.put("Accounts", {"Name": "Till", "Type": "BANK"}, 400)
    made = xero.put("Accounts", {"Name": "Till", "Type": "BANK", "BankAccountNumber": "1"})["Accounts"][0]
    assert "Code" not in made


def test_only_unused_accounts_that_are_not_the_systems_can_be_deleted(xero: Xero) -> None:
    made = account(xero)
    assert xero.read(xero.call("DELETE", f"Accounts/{made['AccountID']}"))["Accounts"][0]["Status"] == "DELETED"
    xero.invoice()
    for code in ("200", "610"):
        held = xero.get("Accounts", where=f'Code=="{code}"')["Accounts"][0]
        assert xero.call("DELETE", f"Accounts/{held['AccountID']}").status_code == 400
    debtors = xero.get("Accounts", where='Code=="610"')["Accounts"][0]
    xero.post(f"Accounts/{debtors['AccountID']}", {"Status": "ARCHIVED"}, 400)


RATE = {
    "Name": "Two parts",
    "ReportTaxType": "OUTPUT",
    "TaxComponents": [{"Name": "State", "Rate": 10}, {"Name": "City", "Rate": 5, "IsCompound": True}],
}


def test_a_new_tax_rate_gets_the_next_type_and_compounds(xero: Xero) -> None:
    made = xero.put("TaxRates", RATE)["TaxRates"][0]
    assert (made["TaxType"], str(made["EffectiveRate"])) == ("TAX001", "15.5000")
    assert xero.get("TaxRates/TAX001")["TaxRates"][0]["Name"] == "Two parts"


def test_tax_components_can_be_added_but_not_removed_and_system_rates_not_changed(xero: Xero) -> None:
    xero.put("TaxRates", RATE)
    more = [*RATE["TaxComponents"], {"Name": "Port", "Rate": 1}]  # type: ignore[misc]
    assert xero.post("TaxRates", {**RATE, "TaxComponents": more})["TaxRates"][0]["TaxType"] == "TAX001"
    xero.post("TaxRates", {**RATE, "TaxComponents": more[1:]}, 400)
    xero.post("TaxRates", {"TaxType": "NONE", "Name": "Nothing"}, 400)
    xero.put("TaxRates", {"Name": "No report type", "TaxComponents": more}, 400)


def test_a_currency_is_added_and_then_usable(xero: Xero) -> None:
    assert messages(xero.invoice(CurrencyCode="EUR")) == ["Organisation is not subscribed to currency EUR"]
    xero.put("Currencies", {"Code": "EUR", "Description": "Euro"})
    assert not messages(xero.invoice(CurrencyCode="EUR"))
    assert {one["Code"] for one in xero.get("Currencies")["Currencies"]} == {"NZD", "USD", "AUD", "EUR"}


def region(xero: Xero) -> dict[str, object]:
    made = xero.put("TrackingCategories", {"Name": "Region"})["TrackingCategories"][0]
    sent = {"Options": [{"Name": "North"}, {"Name": "South"}]}
    xero.put(f"TrackingCategories/{made['TrackingCategoryID']}/Options", sent)
    return made


def test_tracking_goes_from_category_to_line(xero: Xero) -> None:
    category = region(xero)
    line = {
        "Description": "x",
        "UnitAmount": 1,
        "AccountCode": "200",
        "Tracking": [{"Name": "region", "Option": "south"}],
    }
    invoice = xero.invoice(LineItems=[line])
    shown = xero.reread(invoice)["LineItems"][0]["Tracking"][0]
    assert (shown["Name"], shown["Option"], shown["TrackingCategoryID"]) == (
        "Region",
        "South",
        category["TrackingCategoryID"],
    )
    assert "TrackingOptionID" in shown
    listed = xero.get("Invoices", page="1")["Invoices"][0]["LineItems"][0]["Tracking"][0]
    assert (listed["Options"], "TrackingOptionID" in listed) == ([], False)
    by_id = {**line, "Tracking": [{key: shown[key] for key in ("TrackingCategoryID", "TrackingOptionID")}]}
    assert xero.invoice(LineItems=[by_id])["LineItems"][0]["Tracking"][0]["Option"] == "South"
    for wrong in ([{"Name": "Region", "Option": "East"}], [line["Tracking"][0]] * 2):  # type: ignore[index]
        assert messages(xero.invoice(LineItems=[{**line, "Tracking": wrong}]))


def test_a_used_category_is_archived_instead_of_deleted(xero: Xero) -> None:
    path = f"TrackingCategories/{region(xero)['TrackingCategoryID']}"
    line = {
        "Description": "x",
        "UnitAmount": 1,
        "AccountCode": "200",
        "Tracking": [{"Name": "Region", "Option": "South"}],
    }
    xero.invoice(LineItems=[line])
    assert xero.read(xero.call("DELETE", path))["TrackingCategories"][0]["Status"] == "ARCHIVED"
    assert xero.get("TrackingCategories")["TrackingCategories"] == []
    assert len(xero.get("TrackingCategories", includeArchived="true")["TrackingCategories"]) == 1


def test_at_most_two_categories_are_active_and_options_are_unique(xero: Xero) -> None:
    category = region(xero)
    xero.put("TrackingCategories", {"Name": "Team"})
    xero.put("TrackingCategories", {"Name": "Third"}, 400)
    body = xero.put(f"TrackingCategories/{category['TrackingCategoryID']}/Options", {"Name": "NORTH"}, 400)
    assert messages(body["Elements"][0]) == ["For each specified tracking option the name must be unique."]
    xero.put("TrackingCategories/5d5b5d5b-0000-4000-a000-500500500500/Options", {"Name": "x"}, 500)
