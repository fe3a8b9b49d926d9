"""A twin that stops and starts again with its state file goes on as if nothing had been."""

import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.xero_twin.conftest import Xero
from xero_twin import ManualClock, Twin, charts, state
from xero_twin.cli import latency, main


@pytest.fixture
def busy(xero: Xero) -> Xero:
    """Books with something of every kind in them."""
    xero.item("STOCK", InventoryAssetAccountCode="630", PurchaseDetails={"COGSAccountCode": "310"})
    xero.invoice(Type="ACCPAY", LineItems=[{"ItemCode": "STOCK", "Description": "x", "Quantity": 2, "UnitAmount": 5}])
    region = xero.put("TrackingCategories", {"Name": "Region"})["TrackingCategories"][0]["TrackingCategoryID"]
    xero.put(f"TrackingCategories/{region}/Options", {"Name": "North"})
    xero.contact("Bo", Phones=[{"PhoneNumber": "1"}], PaymentTerms={"Sales": {"Day": 5, "Type": "OFCURRENTMONTH"}})
    invoice, note = xero.invoice(CurrencyCode="USD"), xero.credit_note()
    xero.pay(invoice, 5)
    xero.put(f"CreditNotes/{note['CreditNoteID']}/Allocations", allocation(xero.invoice()))
    xero.call("PUT", f"Invoices/{invoice['InvoiceID']}/Attachments/a.pdf", b"\x00\xff%PDF")
    xero.put(f"Invoices/{invoice['InvoiceID']}/History", {"HistoryRecords": [{"Details": "x"}]})
    xero.put("ContactGroups", {"Name": "VIP"})
    xero.bank("RECEIVE-PREPAYMENT")
    xero.order()
    xero.journal()
    parts = [{"Invoice": {"InvoiceID": xero.invoice()["InvoiceID"]}, "Amount": 1}]
    xero.put("BatchPayments", {"Account": {"Code": "090"}, "Date": "2026-11-02", "Payments": parts})
    xero.twin.edit(xero.org.tenant_id, "lock_dates", period="2026-01-31")
    xero.twin.edit(xero.org.tenant_id, "payment_terms", Bills={"Day": 20, "Type": "OFFOLLOWINGMONTH"})
    return xero


def allocation(invoice: dict[str, Any]) -> dict[str, Any]:
    return {"Amount": 5, "Invoice": {"InvoiceID": invoice["InvoiceID"]}}


def again(xero: Xero, file: Path, clock: ManualClock) -> Xero:
    state.save(xero.twin, file)
    twin = Twin(clock=clock, limits=None)
    state.restore(twin, file)
    http = httpx2.Client(transport=twin.transport())
    return Xero(twin, twin.organisations[xero.org.tenant_id], http, xero.token, xero.refresh_token)


def test_everything_is_there_again(busy: Xero, tmp_path: Path, clock: ManualClock) -> None:
    later = again(busy, tmp_path / "twin.json", clock)
    for name, table in busy.org.tables().items():
        assert list(later.org.tables()[name]) == list(table), name
    assert len(busy.org.tables()) == len(state.RECORDS)
    assert later.get("Organisation")["Organisations"] == busy.get("Organisation")["Organisations"]
    tenant = busy.org.tenant_id
    assert later.twin.trial_balance(tenant) == busy.twin.trial_balance(tenant)
    assert later.get("Organisation")["Organisations"] == busy.get("Organisation")["Organisations"]
    later.http.close()


def test_lines_that_say_the_same_still_share_a_posting(busy: Xero, tmp_path: Path, clock: ManualClock) -> None:
    later = again(busy, tmp_path / "twin.json", clock)
    found = [line.posting for org in (busy.org, later.org) for line in org.lines()]
    kept = {id(posting) for posting in found[len(found) // 2 :]}
    assert len(kept) == len(set(found)) < len(found) // 2


def test_discounts_keep_their_digits(xero: Xero, tmp_path: Path, clock: ManualClock) -> None:
    line = {"Description": "Apples", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}
    sent = ("10", "10.0", "10.00")
    ids = [xero.invoice(LineItems=[{**line, "DiscountRate": Decimal(one)}])["InvoiceID"] for one in sent]
    later = again(xero, tmp_path / "twin.json", clock)
    shown = [later.get(f"Invoices/{one}")["Invoices"][0]["LineItems"][0]["DiscountRate"] for one in ids]
    assert [str(one) for one in shown] == list(sent)


def test_tokens_go_on_and_nothing_new_has_an_old_id_or_number(busy: Xero, tmp_path: Path, clock: ManualClock) -> None:
    known = {record.id for table in busy.org.tables().values() for record in table}
    later = again(busy, tmp_path / "twin.json", clock)
    made = later.invoice()
    assert made["InvoiceID"] not in known
    assert made["InvoiceNumber"] == "INV-0004"
    assert "access_token" in later.grant(grant_type="refresh_token", refresh_token=busy.refresh_token).json()
    later.http.close()


@pytest.mark.parametrize("written", [b"", b"{}", b"not json", b'{"version": 99}'])
def test_a_file_that_is_none_of_ours_is_refused_by_name(tmp_path: Path, written: bytes) -> None:
    file = tmp_path / "odd.json"
    file.write_bytes(written)
    with pytest.raises(state.StateError, match=r"odd\.json"):
        state.restore(Twin(), file)


def test_the_command_keeps_its_state(tmp_path: Path) -> None:
    file = tmp_path / "twin.json"
    command = [sys.executable, "-m", "xero_twin.cli", "serve", "--port", "0", "--edition", "uk", "--state", str(file)]
    tenants = []
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})
        assert process.stdout is not None
        process.stdout.readline()
        tenants.append(process.stdout.readline().split()[-1])
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        process.stdout.close()
    assert tenants[0] == tenants[1]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_command_may_be_asked_to_end_with_its_first_word(
    end: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell makes what it runs in the background deaf to it
    monkeypatch.setattr("xero_twin.cli._say", lambda *_: signal.raise_signal(end))
    try:
        assert main(["serve", "--port", "0"]) == 0
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def test_a_state_that_cannot_be_read_ends_the_command_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "odd.json"
    file.write_text("x")
    assert main(["serve", "--port", "0", "--state", str(file)]) == 1
    assert "odd.json does not hold the state of a twin" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "seconds"), [("200ms", 0.2), ("0.5s", 0.5), ("15", 0.015)])
def test_a_latency_is_a_time(text: str, seconds: float) -> None:
    assert latency(text) == seconds


@pytest.mark.parametrize("edition", sorted(charts.EDITIONS))
def test_an_invoice_and_a_bill_of_every_edition(edition: str, clock: ManualClock) -> None:
    country, currency = charts.EDITIONS[edition]
    twin = Twin(clock=clock, limits=None)
    org = twin.add_organisation("Demo", country=country, base_currency=currency)
    with httpx2.Client(transport=twin.transport()) as http:
        xero = Xero(twin, org, http)
        xero.sign_in()
        rates = {"au": 10, "nz": 15, "uk": 20, "us": 0, "global": 0}
        for kind in ("ACCREC", "ACCPAY"):
            made = xero.invoice(Type=kind)
            assert made["TotalTax"] == Decimal(rates[edition]), made
        about = xero.get("Organisation")["Organisations"][0]
        assert (about["CountryCode"], about["BaseCurrency"]) == (country, currency)
        year_ends = {"au": 6, "nz": 3, "uk": 3, "us": 12, "global": 12}
        assert about["FinancialYearEndMonth"] == year_ends[edition]
        assert sum(twin.trial_balance(org.tenant_id).values()) == 0
