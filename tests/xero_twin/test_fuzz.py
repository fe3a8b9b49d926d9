"""Requests made up from Xero's description, for every operation that the twin has: whatever comes, it answers, never
with a 500 that was not asked for, and the books stay whole. The long run (`deep`) makes many more of them."""

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.xero_twin.conftest import Xero, description
from tests.xero_twin.independent.operations import OPERATIONS

NAMES = {name.replace("_", "") for names in OPERATIONS.values() for name in names}


@pytest.fixture(scope="module")
def schema() -> Any:
    import schemathesis

    judge = description()
    if judge is None:
        pytest.skip("the OpenAPI file of Xero is not beside the repository (../shared/openapi)")
    return schemathesis.openapi.from_dict(judge.file)


def operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"].lower() in NAMES:
            yield operation


@pytest.fixture
def keys(xero: Xero) -> dict[str, str]:
    """The id of a record of each resource that is there, to be put where a path or a body asks for one."""
    invoice = xero.invoice()
    region = xero.put("TrackingCategories", {"Name": "Region"})["TrackingCategories"][0]["TrackingCategoryID"]
    xero.put(f"TrackingCategories/{region}/Options", {"Name": "North"})
    money = {"FromBankAccount": {"Code": "090"}, "ToBankAccount": {"Code": "091"}, "Amount": 5}
    return {
        "Invoices": invoice["InvoiceID"],
        "Contacts": invoice["Contact"]["ContactID"],
        "Payments": xero.pay(invoice, 5)["PaymentID"],
        "CreditNotes": xero.credit_note()["CreditNoteID"],
        "PurchaseOrders": xero.order()["PurchaseOrderID"],
        "ManualJournals": xero.journal()["ManualJournalID"],
        "BankTransactions": xero.bank()["BankTransactionID"],
        "BankTransfers": xero.put("BankTransfers", money)["BankTransfers"][0]["BankTransferID"],
        "Prepayments": xero.bank("RECEIVE-PREPAYMENT")["PrepaymentID"],
        "Overpayments": xero.bank("RECEIVE-OVERPAYMENT")["OverpaymentID"],
        "Items": xero.item()["ItemID"],
        "ContactGroups": xero.put("ContactGroups", {"Name": "G"})["ContactGroups"][0]["ContactGroupID"],
        "TrackingCategories": region,
        "TaxRates": "OUTPUT2",
        "Accounts": next(iter(xero.org.accounts)).id,
    }


def drive(xero: Xero, schema: Any, keys: dict[str, str], examples: int) -> int:
    """So many requests for each operation, most of them on a record that is there; how many were answered."""
    answered, drawn = 0, random.Random(examples)
    for operation in operations(schema):
        quiet = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=examples < 10,
        )

        @quiet
        @given(operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal answered
            path = case.path
            own = keys.get(path.split("/")[1])
            key = own if own and drawn.random() < 3 / 4 else drawn.choice(list(keys.values()))
            for name in case.path_parameters or {}:
                path = path.replace(f"{{{name}}}", key)
            query = urlencode({name: str(value) for name, value in (case.query or {}).items()})
            body = None if _is_nothing(case.body) else _body(_with_keys(case.body, keys, drawn))
            answer = xero.call(case.method, f"/api.xro/2.0{path}?{query}", body)
            answered += 1
            known = answer.status_code < 500 or answer.status_code == 501 or _breaks_xero(path, body)
            assert known, f"{case.method} {path}?{query} {body!r}: {answer.text}"

        ask()
    return answered


def _with_keys(body: Any, keys: dict[str, str], drawn: random.Random) -> Any:
    """The body with ids of records that are there, most of them of the right kind, in two of three places."""
    if isinstance(body, list):
        return [_with_keys(one, keys, drawn) for one in body]
    if not isinstance(body, dict):
        return body
    found = {}
    for name, value in body.items():
        found[name] = _with_keys(value, keys, drawn)
        if isinstance(value, str) and name.endswith("ID") and drawn.random() < 2 / 3:
            found[name] = keys.get(f"{name[:-2]}s") or drawn.choice(list(keys.values()))
    return found


def _breaks_xero(path: str, body: bytes | None) -> bool:
    """Xero's own 500s: tracking that is no list, options of a category that is not there."""
    return "/Options" in path or b'"Tracking"' in (body or b"")


def _is_nothing(body: Any) -> bool:
    return type(body).__name__ == "NotSet"


def _body(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body, default=str).encode()


def test_whatever_the_description_allows_is_answered(xero: Xero, schema: Any, keys: dict[str, str]) -> None:
    assert drive(xero, schema, keys, 2) >= 168
    assert sum(xero.twin.trial_balance(xero.org.tenant_id).values()) == 0


@pytest.mark.deep
def test_whatever_the_description_allows_is_answered_at_length(xero: Xero, schema: Any, keys: dict[str, str]) -> None:
    assert drive(xero, schema, keys, 60) >= 168 * 30
    assert sum(xero.twin.trial_balance(xero.org.tenant_id).values()) == 0
