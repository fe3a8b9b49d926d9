"""The judge itself: what it finds, what it lets pass, and that its mending is what is documented."""

import pytest

from tests.xero_twin.conftest import description
from tests.xero_twin.description import Description, undescribed


@pytest.fixture
def judge() -> Description:
    found = description()
    if found is None:
        pytest.skip("the OpenAPI file of Xero is not beside the repository (../shared/openapi)")
    return found


def test_the_wrong_defaults_are_the_23_that_are_known(judge: Description) -> None:
    assert judge.file["mended"] == 23


def test_a_wrong_answer_is_found(judge: Description) -> None:
    path = "/api.xro/2.0/invoices/INV-0001"
    body = b'{"Invoices": [{"InvoiceID": 5, "Total": "5.00", "Type":null, "Date": "/Date(5)/"}]}'
    found = judge.check("GET", path, 200, "application/json", body)
    assert len(found) == 6


def test_what_the_file_does_not_describe_is_left_out(judge: Description) -> None:
    assert undescribed(404, "text/html")
    assert judge.check("GET", "/api.xro/2.0/Nonsense", 200, "application/json", b"{}") == []


def test_an_operation_is_found_by_its_path(judge: Description) -> None:
    for method, path, name in (
        ("GET", "/Invoices/INV-1", "getInvoice"),
        ("GET", "/organisation/actions", "getOrganisationActions"),
        ("PUT", "/CreditNotes/5/Allocations", "createCreditNoteAllocation"),
        ("GET", "/Contacts/5/History", "getContactHistory"),
    ):
        operation = judge.operation(method, path)
        assert operation is not None
        assert operation["operationId"] == name
