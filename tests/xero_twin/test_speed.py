"""That the twin stays fast and thrifty as its books grow: no work that grows with what is already there."""

import sys
import tracemalloc
from collections.abc import Callable

import msgspec

from tests.xero_twin.conftest import Xero
from xero_twin import Request


def batch(start: int, contact: str, size: int = 50) -> bytes:
    lines = [
        {
            "Description": f"Line {number} of a document",
            "Quantity": number,
            "UnitAmount": f"{number}.25",
            "AccountCode": "200",
            "TaxType": "OUTPUT2",
        }
        for number in range(1, 5)
    ]
    documents = [
        {
            "Type": "ACCREC",
            "InvoiceNumber": f"S-{start + at:06d}",
            "Contact": {"ContactID": contact},
            "Date": "2026-11-01",
            "DueDate": "2026-12-01",
            "Status": "AUTHORISED",
            "LineItems": lines,
        }
        for at in range(size)
    ]
    return msgspec.json.encode({"Invoices": documents})


def steps(work: Callable[[], object]) -> int:
    """How many functions are called while something is done: the same on every machine, however busy it is."""
    count = 0

    def heard(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(heard)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def request(xero: Xero, method: str, path: str, query: str, body: bytes = b"") -> Request:
    headers = {
        "Authorization": f"Bearer {xero.token}",
        "xero-tenant-id": xero.org.tenant_id,
        "Accept": "application/json",
    }
    return Request(method, f"/api.xro/2.0/{path}", query, headers, body)


def test_fifty_invoices_are_no_more_work_when_there_are_many(xero: Xero) -> None:
    contact, start = xero.contact()["ContactID"], iter(range(0, 10**9, 50))

    def put() -> None:
        body = batch(next(start), contact)
        answer = xero.twin.handle(request(xero, "PUT", "Invoices", "summarizeErrors=false&unitdp=4", body))
        assert answer.status == 200

    put()  # what is worked out once
    first = steps(put)
    for _ in range(60):
        put()
    assert steps(put) < 1.05 * first


def test_one_page_costs_the_same_however_many_documents_there_are(xero: Xero) -> None:
    contact = xero.contact()["ContactID"]
    xero.twin.handle(request(xero, "PUT", "Invoices", "", batch(0, contact)))
    page = request(xero, "GET", "Invoices", "page=1&pageSize=10")
    xero.twin.handle(page)
    first = steps(lambda: xero.twin.handle(page))
    for number in range(1, 80):
        xero.twin.handle(request(xero, "PUT", "Invoices", "", batch(50 * number, contact)))
    assert steps(lambda: xero.twin.handle(page)) < 1.5 * first


def test_an_invoice_of_four_lines_takes_less_than_ten_kilobytes(xero: Xero) -> None:
    contact = xero.contact()["ContactID"]
    xero.twin.handle(request(xero, "PUT", "Invoices", "", batch(0, contact)))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(1, 11):
        xero.twin.handle(request(xero, "PUT", "Invoices", "", batch(50 * number, contact)))
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert used / 500 < 10_000
