"""The pages to look into the books: read-only, complete, and deaf to markup in what was sent."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.xero_twin.conftest import Xero
from xero_twin import TwinServer


@pytest.fixture
def look(xero: Xero) -> Iterator[httpx2.Client]:
    with TwinServer(xero.twin) as server, httpx2.Client(base_url=server.url) as client:
        yield client


def test_the_first_page_lists_the_organisations(look: httpx2.Client, xero: Xero) -> None:
    page = look.get("/twin/books")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f'href="/twin/books/{xero.org.tenant_id}"' in page.text


def test_an_organisation_shows_its_trial_balance_and_what_it_holds(look: httpx2.Client, xero: Xero) -> None:
    xero.pay(xero.invoice(), 15)
    text = look.get(f"/twin/books/{xero.org.tenant_id}").text
    for part in ("Accounts Receivable", "100.00", "Sales", "115.00", "Payments</a> <small>1</small>"):
        assert part in text


def test_every_kind_of_record_has_a_list_and_a_page(look: httpx2.Client, xero: Xero) -> None:
    xero.pay(xero.invoice(), 15)
    made = (xero.credit_note(), xero.order(), xero.journal(), xero.bank("RECEIVE-PREPAYMENT"), xero.item())
    assert all(made)
    from xero_twin.resources import RESOURCES

    for resource in RESOURCES.values():
        address = f"/twin/books/{xero.org.tenant_id}/{resource.name}"
        assert look.get(address).status_code == 200, resource.name
        for record in resource.table(xero.org).slice(0, 1):
            assert look.get(f"{address}/{record.id}").status_code == 200, resource.name


def test_what_a_client_sent_is_text(look: httpx2.Client, xero: Xero) -> None:
    held = xero.invoice(Reference="<script>alert(1)</script>", InvoiceNumber='"><b>x')
    base = f"/twin/books/{xero.org.tenant_id}/Invoices"
    for address in (base, f"{base}/{held['InvoiceID']}"):
        text = look.get(address).text
        assert "<script>" not in text
        assert "<b>x" not in text
        assert "&lt;script&gt;" in text


def test_long_lists_have_pages(look: httpx2.Client, xero: Xero) -> None:
    xero.put("Contacts", {"Contacts": [{"Name": f"C{at:03d}"} for at in range(150)]})
    base = f"/twin/books/{xero.org.tenant_id}/Contacts"
    first, second = look.get(base).text, look.get(base, params={"page": "2"}).text
    assert (first.count("<tr>"), second.count("<tr>")) == (101, 51)


@pytest.mark.parametrize(("page", "rows"), [("0", 101), ("-1", 101), ("abc", 101), ("", 101), ("99", 51)])
def test_a_page_that_is_none_is_the_first_or_the_last(look: httpx2.Client, xero: Xero, page: str, rows: int) -> None:
    xero.put("Contacts", {"Contacts": [{"Name": f"C{at:03d}"} for at in range(150)]})
    shown = look.get(f"/twin/books/{xero.org.tenant_id}/Contacts", params={"page": page})
    assert (shown.status_code, shown.text.count("<tr>")) == (200, rows)


def test_a_list_without_records_says_so(look: httpx2.Client, xero: Xero) -> None:
    assert "Nothing yet." in look.get(f"/twin/books/{xero.org.tenant_id}/Payments").text


def test_a_payment_names_its_invoice(look: httpx2.Client, xero: Xero) -> None:
    xero.pay(xero.invoice(InvoiceNumber="INV-7"), 15)
    assert ">INV-7</a>" in look.get(f"/twin/books/{xero.org.tenant_id}/Payments").text


def test_only_long_text_is_broken_into_lines(look: httpx2.Client, xero: Xero) -> None:
    xero.invoice(Reference="x" * 40)
    text = look.get(f"/twin/books/{xero.org.tenant_id}/Invoices").text
    for cell in (f"<td class=t>{'x' * 40}</td>", "<td class=w>Ann Example</td>", "<td>AUTHORISED</td>"):
        assert cell in text


def test_a_list_cuts_what_its_record_shows_whole(look: httpx2.Client, xero: Xero) -> None:
    name = "Very long name " * 10 + "end"
    held = xero.invoice(Contact={"Name": name}, Reference="<" * 61)
    base = f"/twin/books/{xero.org.tenant_id}"
    for path in ("Invoices", "Contacts"):
        text = look.get(f"{base}/{path}").text
        assert name not in text
        assert "Very long name Very long name Very long name Very long name…" in text
    assert "&lt;" * 59 + "…" in look.get(f"{base}/Invoices").text
    assert name in look.get(f"{base}/Contacts/{held['Contact']['ContactID']}").text


@pytest.mark.parametrize("path", ["nobody", "{tenant}/Nonsense", "{tenant}/Invoices/none"])
def test_what_is_not_there_is_a_404(look: httpx2.Client, xero: Xero, path: str) -> None:
    assert look.get(f"/twin/books/{path.format(tenant=xero.org.tenant_id)}").status_code == 404


def test_nothing_can_be_changed(look: httpx2.Client) -> None:
    assert look.post("/twin/books").status_code == 404
