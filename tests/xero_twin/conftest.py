"""The cast of the twin's tests: a clock that stands still, one organisation, and a client that is signed in to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest

from xero_twin import ManualClock, Organisation, Request, Response, Twin

if TYPE_CHECKING:
    from tests.xero_twin.description import Description

SCOPES = (
    "offline_access accounting.settings accounting.contacts accounting.invoices accounting.payments "
    "accounting.banktransactions accounting.manualjournals accounting.attachments"
)
REDIRECT = "http://localhost:8000/callback"
CLIENT = ("tieout-demo", "tieout-demo-secret")
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_decoder = msgspec.json.Decoder(float_hook=Decimal)


@dataclass
class Xero:
    """A signed-in client of one organisation. `body` is the answer with Decimals read from the text."""

    twin: Twin
    org: Organisation
    http: httpx2.Client
    token: str = ""
    refresh_token: str = ""
    last: httpx2.Response | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def sign_in(self, scope: str = SCOPES, tenants: list[str] | None = None) -> dict[str, Any]:
        address = self.twin.consent("tieout-demo", REDIRECT, "state", scope, tenants)
        code = parse_qs(urlsplit(address).query)["code"][0]
        answer = self.grant(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
        tokens = answer.json()
        self.token, self.refresh_token = tokens["access_token"], tokens.get("refresh_token", "")
        return tokens

    def grant(self, auth: tuple[str, str] | None = CLIENT, **form: str) -> httpx2.Response:
        return self.http.post("https://identity.xero.com/connect/token", data=form, auth=auth)

    def call(self, method: str, path: str, body: object = None, **extra: Any) -> httpx2.Response:
        """One call; `headers` and `params` may be given. A path without a slash is an accounting resource."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "xero-tenant-id": self.org.tenant_id,
            "Accept": "application/json",
            **self.headers,
            **extra.pop("headers", {}),
        }
        address = path if path.startswith("/") else f"/api.xro/2.0/{path}"
        content = body if isinstance(body, bytes) or body is None else _bytes(body)
        self.last = self.http.request(
            method, f"https://api.xero.com{address}", content=content, headers=headers, **extra
        )
        return self.last

    def get(self, path: str, **params: str) -> dict[str, Any]:
        return self.read(self.call("GET", path, params=params or None))

    def put(self, path: str, body: object, status: int = 200, **params: str) -> dict[str, Any]:
        return self.read(self.call("PUT", path, body, params=params or None), status)

    def post(self, path: str, body: object, status: int = 200, **params: str) -> dict[str, Any]:
        return self.read(self.call("POST", path, body, params=params or None), status)

    @staticmethod
    def read(answer: httpx2.Response, status: int = 200) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = _decoder.decode(answer.content)
        return found

    def contact(self, name: str = "Ann Example", **fields: object) -> dict[str, Any]:
        return self.put("Contacts", {"Name": name, **fields})["Contacts"][0]

    def item(self, code: str = "APPLE", **fields: object) -> dict[str, Any]:
        return self.put("Items", {"Code": code, "Name": code.title(), **fields}, unitdp="4")["Items"][0]

    def invoice(self, *, status: int = 200, **fields: Any) -> dict[str, Any]:
        """An approved sales invoice of one line of 100.00 plus tax, unless told otherwise."""
        answer = self.put("Invoices", self.invoice_body(**fields), status, unitdp="4", summarizeErrors="false")
        return answer["Invoices"][0]

    def invoice_body(self, **fields: Any) -> dict[str, Any]:
        if "Contact" not in fields:
            held = self.org.contacts.first("active_name", "ann example")
            fields["Contact"] = {"ContactID": held.id if held is not None else self.contact()["ContactID"]}
        line = {"Description": "Apples", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}
        if fields.get("Type") == "ACCPAY":
            line["AccountCode"] = "300"
        return {
            "Type": "ACCREC",
            "Status": "AUTHORISED",
            "Date": "2026-11-02",
            "DueDate": "2026-12-01",
            "LineItems": [line],
            **fields,
        }

    def credit_note(self, **fields: Any) -> dict[str, Any]:
        """An approved customer credit note of one line of 100.00 plus tax, unless told otherwise."""
        answer = self.put("CreditNotes", self.credit_note_body(**fields), unitdp="4", summarizeErrors="false")
        return answer["CreditNotes"][0]

    def credit_note_body(self, **fields: Any) -> dict[str, Any]:
        body = self.invoice_body(Type="ACCPAY" if fields.get("Type") == "ACCPAYCREDIT" else "ACCREC")
        del body["DueDate"]
        return {**body, "Type": "ACCRECCREDIT", **fields}

    def bank(self, kind: str = "SPEND", **fields: Any) -> dict[str, Any]:
        """A bank transaction of 115.00 with tax on the business account, unless told otherwise."""
        body = self.invoice_body(Type="ACCPAY" if kind.startswith("SPEND") else "ACCREC")
        line = {**body["LineItems"][0], "UnitAmount": 115}
        if kind.endswith("-OVERPAYMENT"):
            del line["AccountCode"]  # it lies on the control account
        own = {"Type": kind, "BankAccount": {"Code": "090"}, "Contact": body["Contact"], "LineItems": [line]}
        sent = {**own, "Date": "2026-11-02", **fields}
        answer = self.put("BankTransactions", sent, unitdp="4", summarizeErrors="false")
        return answer["BankTransactions"][0]

    def order(self, method: str = "PUT", **fields: Any) -> dict[str, Any]:
        """A draft purchase order of 100.00 plus tax, unless told otherwise."""
        body = self.invoice_body(Type="ACCPAY", Status="DRAFT")
        sent = {name: value for name, value in body.items() if name not in ("Type", "DueDate")} | fields
        answer = self.call(method, "PurchaseOrders?summarizeErrors=false", sent)
        return self.read(answer)["PurchaseOrders"][0]

    def journal(self, **fields: Any) -> dict[str, Any]:
        """A posted journal of 50.00 from cost of goods sold to stock on hand, unless told otherwise."""
        lines = [{"LineAmount": 50, "AccountCode": "310"}, {"LineAmount": -50, "AccountCode": "640"}]
        sent = {"Narration": "COGS", "Date": "2026-11-02", "Status": "POSTED", "JournalLines": lines, **fields}
        return self.put("ManualJournals", sent, summarizeErrors="false")["ManualJournals"][0]

    def pay(
        self, invoice: dict[str, Any], amount: object = None, status: int = 200, **fields: object
    ) -> dict[str, Any]:
        body = {
            "Invoice": {"InvoiceID": invoice["InvoiceID"]},
            "Account": {"Code": "090"},
            "Date": "2026-11-03",
            "Amount": invoice["AmountDue"] if amount is None else amount,
            **fields,
        }
        return self.put("Payments", body, status, summarizeErrors="false")["Payments"][0]

    def reread(self, invoice: dict[str, Any]) -> dict[str, Any]:
        return self.get(f"Invoices/{invoice['InvoiceID']}", unitdp="4")["Invoices"][0]


def _bytes(body: object) -> bytes:
    return msgspec.json.Encoder(decimal_format="number").encode(body)


def messages(element: dict[str, Any]) -> list[str]:
    return [one["Message"] for one in element.get("ValidationErrors", [])]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def twin(clock: ManualClock) -> Twin:
    """A twin without call limits; tests of the limits set them."""
    return Twin(clock=clock, limits=None)


@pytest.fixture
def org(twin: Twin) -> Organisation:
    return twin.add_organisation("Demo Company", currencies=("USD", "AUD"))


@pytest.fixture
def xero(twin: Twin, org: Organisation) -> Iterator[Xero]:
    with httpx2.Client(transport=twin.transport()) as http:
        client = Xero(twin, org, http)
        client.sign_in()
        yield client


@pytest.fixture
def stranger(twin: Twin, org: Organisation) -> Iterator[Xero]:
    """A client that has not signed in."""
    with httpx2.Client(transport=twin.transport()) as http:
        yield Xero(twin, org, http)


@pytest.fixture(scope="session")
def openapi_path() -> Path:
    found = Path(__file__).resolve().parents[2].parent / "shared" / "openapi" / "xero_accounting.yaml"
    if not found.exists():
        pytest.skip("the OpenAPI file of Xero is not beside the repository (../shared/openapi)")
    return found


# Every answer of the twin in this suite is held against Xero's published description.

_FILE = Path(__file__).resolve().parents[2].parent / "shared" / "openapi" / "xero_accounting.yaml"


@lru_cache(maxsize=1)
def description() -> "Description | None":
    """Loaded once, in the first test; None where the file is not beside the repository."""
    from tests.xero_twin.description import Description

    return Description(_FILE) if _FILE.exists() else None


@pytest.fixture(autouse=True)
def _every_answer_fits_the_description(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """But those that a fault spoilt on purpose."""
    judge, wrong = description(), []
    if judge is None:
        yield
        return
    handle = Twin.handle

    def handled(twin: Twin, asked: Request) -> Response:
        spoilt = twin.faults.taken
        answer = handle(twin, asked)
        if asked.path.lower().startswith("/api.xro/2.0/") and twin.faults.taken == spoilt:
            kind = answer.headers.get("Content-Type", "")
            wrong.extend(judge.check(asked.method, asked.path, answer.status, kind, answer.body))
        return answer

    monkeypatch.setattr(Twin, "handle", handled)
    yield
    assert not wrong, "\n".join(wrong[:5])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    judge = description()
    if judge is None:
        terminalreporter.write_line("Xero's description is not at ../shared/openapi: the twin was not held against it")
    elif judge.answers:
        count, operations = sum(judge.answers.values()), len({name for name, _ in judge.answers})
        terminalreporter.write_line(f"{count:,} answers of the twin, of {operations} operations, fit the description")
