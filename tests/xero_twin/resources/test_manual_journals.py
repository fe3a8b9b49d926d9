"""Manual journals: balance, accounts, statuses."""

from typing import Any

import pytest

from tests.xero_twin.conftest import Xero, messages


def lines(*amounts: object, code: str = "310", **fields: object) -> list[dict[str, object]]:
    return [{"LineAmount": amount, "AccountCode": code, **fields} for amount in amounts]


def edit(xero: Xero, journal: dict[str, Any], **fields: object) -> dict[str, Any]:
    path = f"ManualJournals/{journal['ManualJournalID']}"
    return xero.post(path, fields, summarizeErrors="false")["ManualJournals"][0]


def test_a_journal_is_a_draft_without_tax_unless_told_otherwise(xero: Xero) -> None:
    body = {"Narration": "n", "JournalLines": lines(1, -1)}
    journal = xero.put("ManualJournals", body)["ManualJournals"][0]
    assert (journal["Status"], journal["LineAmountTypes"], journal["ShowOnCashBasisReports"]) == (
        "DRAFT",
        "NoTax",
        True,
    )
    assert [one["TaxType"] for one in journal["JournalLines"]] == ["NONE", "NONE"]


def test_debits_equal_credits(xero: Xero) -> None:
    failed = xero.journal(JournalLines=lines(100, -10))
    assert messages(failed) == ["The total debits (100.00) must equal total credits (-10.00)"]


def test_the_balance_counts_tax(xero: Xero) -> None:
    body = [*lines(100, code="400", TaxType="INPUT2"), *lines(-115, code="805", TaxType="NONE")]
    assert not messages(xero.journal(LineAmountTypes="Exclusive", JournalLines=body))
    assert messages(xero.journal(LineAmountTypes="Inclusive", JournalLines=body))


@pytest.mark.parametrize("code", ["610", "800", "960", "090", "630"])
def test_some_accounts_are_refused(xero: Xero, code: str) -> None:
    assert messages(xero.journal(JournalLines=[*lines(1), *lines(-1, code=code)])) == [
        f"Account code '{code}' is not a valid code for this document."
    ]


def test_an_unknown_account_is_a_warning_in_a_draft_and_an_error_when_posted(xero: Xero) -> None:
    body = [*lines(1), *lines(-1, code="4760")]
    draft = xero.journal(Status="DRAFT", JournalLines=body)
    assert draft["StatusAttributeString"] == "WARNING"
    assert [one["Message"] for one in draft["Warnings"]] == [
        "Account code '4760' has been removed as it does not match a recognised account."
    ]
    assert "AccountCode" not in draft["JournalLines"][1]
    assert messages(xero.journal(JournalLines=body))
    assert messages(edit(xero, draft, Status="POSTED")) == ["Account code must be specified"]


def test_a_posted_journal_is_edited_in_place_and_voided(xero: Xero) -> None:
    journal = xero.journal()
    changed = edit(xero, journal, JournalLines=lines(7, -7), Narration="again")
    assert [one["LineAmount"] for one in changed["JournalLines"]] == [7, -7]
    assert messages(edit(xero, journal, Status="DELETED"))
    assert edit(xero, journal, Status="VOIDED")["Status"] == "VOIDED"
    assert messages(edit(xero, journal, Narration="late"))


def test_a_draft_is_posted_or_deleted(xero: Xero) -> None:
    journal = xero.journal(Status="DRAFT")
    assert messages(edit(xero, journal, Status="VOIDED"))
    assert edit(xero, journal, Status="POSTED")["Status"] == "POSTED"
    assert edit(xero, xero.journal(Status="DRAFT"), Status="DELETED")["Status"] == "DELETED"


@pytest.mark.parametrize("wrong", [{"Narration": ""}, {"JournalLines": lines(0)}, {"Status": "VOIDED"}])
def test_what_cannot_be_a_journal(xero: Xero, wrong: dict[str, Any]) -> None:
    assert messages(xero.journal(**wrong))


def test_locked_periods_take_no_posted_journal(xero: Xero) -> None:
    from datetime import date

    journal = xero.journal()
    xero.org.period_lock_date = date(2026, 11, 2)
    assert messages(xero.journal())
    assert messages(edit(xero, journal, Status="VOIDED"))
    assert not messages(xero.journal(Status="DRAFT"))


def test_lines_carry_tracking_and_are_found_by_narration(xero: Xero) -> None:
    xero.put("TrackingCategories", {"Name": "Region"})
    category = xero.get("TrackingCategories")["TrackingCategories"][0]["TrackingCategoryID"]
    xero.put(f"TrackingCategories/{category}/Options", {"Name": "North"})
    tagged = lines(1, -1, Tracking=[{"Name": "region", "Option": "north"}])
    assert xero.journal(JournalLines=tagged)["JournalLines"][0]["Tracking"][0]["Option"] == "North"
    unknown = lines(1, -1, Tracking=[{"Name": "Region", "Option": "South"}])
    assert messages(xero.journal(JournalLines=unknown))
    found = xero.get("ManualJournals", page="1", where='Narration=="cogs"')["ManualJournals"]
    assert len(found) == 1
    assert "DateString" not in found[0]
    assert "JournalLines" not in xero.get("ManualJournals")["ManualJournals"][0]
