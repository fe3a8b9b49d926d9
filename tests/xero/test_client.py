"""One call to Xero: every way in which it can end has its own error, and no error tells a token."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx2
import msgspec
import pytest

from tieout.xero import errors, resources, types
from tieout.xero.client import Answer, Limits, Xero

TOKEN = "eyJhbGciOi-a-token-that-nobody-may-see"
Handler = Callable[[httpx2.Request], httpx2.Response]


def xero(handler: Handler) -> Xero:
    http = httpx2.Client(transport=httpx2.MockTransport(handler))
    return Xero(http, api_url="https://api.xero.com", tenant_id="t", access_token=lambda: TOKEN)


def answers(status: int, body: bytes | str | dict[str, Any] = b"", **headers: str) -> Handler:
    content = msgspec.json.encode(body) if isinstance(body, dict) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: httpx2.Response(status, content=content, headers=named, request=request)


def breaks(error: Exception) -> Handler:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise error

    return handler


UNAUTHORISED = {"Title": "Unauthorized", "Status": 401, "Detail": "AuthenticationUnsuccessful", "Extensions": {}}
EXPIRED = {**UNAUTHORISED, "Detail": "TokenExpired: token expired at 01/01/2026 00:00:00"}
INVALID = {
    "ErrorNumber": 10,
    "Type": "ValidationException",
    "Message": "A validation exception occurred",
    "Elements": [{"ValidationErrors": [{"Message": "Account must be valid."}]}],
}

ENDINGS = [
    (breaks(httpx2.ConnectError("refused")), errors.NotSent, "could not be made"),
    (breaks(httpx2.ConnectTimeout("slow")), errors.NotSent, "could not be made"),
    (breaks(httpx2.PoolTimeout("full")), errors.NotSent, "could not be made"),
    (breaks(httpx2.ReadTimeout("silent")), errors.AnswerLost, "did not come in time"),
    (breaks(httpx2.WriteTimeout("silent")), errors.AnswerLost, "did not come in time"),
    (breaks(httpx2.ReadError("reset")), errors.AnswerLost, "the connection broke"),
    (breaks(httpx2.RemoteProtocolError("half")), errors.AnswerLost, "the connection broke"),
    (answers(500, {"Title": "An error occurred", "Detail": "An error occurred in Xero."}), errors.AnswerLost, "500"),
    (answers(502, "<html>Bad gateway</html>"), errors.AnswerLost, "without a reason"),
    (answers(503, "upstream connect error"), errors.AnswerLost, "503"),
    (answers(503, "The Organisation is offline for maintenance"), errors.Unavailable, "offline for maintenance"),
    (answers(302, b"", Location="https://login.example.com"), errors.AnswerLost, "302"),
    (answers(401, UNAUTHORISED), errors.AccessLost, "no longer lets Tieout in"),
    (answers(401, EXPIRED), errors.TokenExpired, ""),
    (answers(403, b"", WWW_Authenticate="insufficent_scope"), errors.AccessLost, "lacks a right"),
    (answers(404), errors.NotFound, "404"),
    (answers(400, INVALID), errors.Malformed, "Account must be valid."),
    (answers(429, b"", Retry_After="26", X_Rate_Limit_Problem="minute"), errors.TooManyCalls, "minute limit"),
]


@pytest.mark.parametrize(("handler", "kind", "words"), ENDINGS, ids=range(len(ENDINGS)))
def test_every_ending_has_its_error_and_none_tells_the_token(
    handler: Handler, kind: type[errors.XeroError], words: str
) -> None:
    with pytest.raises(errors.XeroError) as caught:
        xero(handler).call("PUT", "Invoices", body=b"{}", key="k")
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert TOKEN not in repr(vars(caught.value))


def test_xero_is_asked_exactly_once_whatever_happens() -> None:
    for handler, _, _ in ENDINGS:
        asked: list[str] = []

        def counting(request: httpx2.Request, handler: Handler = handler, asked: list[str] = asked) -> httpx2.Response:
            asked.append(request.method)
            return handler(request)

        with pytest.raises(errors.XeroError):
            xero(counting).call("PUT", "Invoices", body=b"{}")
        assert asked == ["PUT"]


def test_a_500_says_that_xero_itself_answered_and_a_502_does_not() -> None:
    for status, told in ((500, 500), (502, None), (504, None)):
        with pytest.raises(errors.AnswerLost) as lost:
            xero(answers(status)).call("PUT", "Invoices", body=b"{}")
        assert lost.value.status == told


def test_the_limits_are_read_from_the_headers() -> None:
    handler = answers(200, {}, X_MinLimit_Remaining="41", X_DayLimit_Remaining="4980")
    assert xero(handler).call("GET", "Accounts").limits == Limits(minute=41, day=4980)
    assert xero(answers(200, {}, X_MinLimit_Remaining="many")).call("GET", "Accounts").limits == Limits(None, None)


def page_of(body: bytes) -> resources.Page[types.Invoice]:
    return resources.INVOICES.read(Answer(200, body, Limits(None, None), "", 0.0))


def test_unknown_keys_and_new_words_of_xeros_cost_nothing() -> None:
    read = page_of(
        b'{"Id":"x","New":{"a":[1]},"Invoices":[{"InvoiceID":"i","Type":"ACCNEW","Status":"PARKED","Novelty":{"b":2},'
        b'"Total":1234567890.10,"CurrencyRate":0.1234567890,"LineItems":[{"LineAmount":0.30,"Extra":null}]}]}'
    )
    (invoice,) = read.elements
    assert (invoice.type, invoice.status) == ("ACCNEW", "PARKED")
    assert invoice.total == Decimal("1234567890.10")
    assert str(invoice.currency_rate) == "0.1234567890"
    assert invoice.line_items is not None
    assert invoice.line_items[0].line_amount == Decimal("0.30")


def test_one_element_in_an_unknown_form_does_not_cost_the_others() -> None:
    read = page_of(b'{"Invoices":[{"InvoiceID":"a"},{"InvoiceID":{"odd":1}},{"InvoiceID":"c"}]}')
    assert [each.invoice_id for each in read.elements] == ["a", "c"]
    assert read.unreadable == [b'{"InvoiceID":{"odd":1}}']


@pytest.mark.parametrize("body", [b"<html>", b'{"Invoices":[{"Invoi', b"\xff\xfe"])
def test_an_answer_that_is_no_json_is_a_lost_one(body: bytes) -> None:
    with pytest.raises(errors.AnswerLost):
        page_of(body)


def test_a_page_says_whether_another_follows_and_what_time_it_is_at_xero() -> None:
    head = (
        b'{"DateTimeUTC":"/Date(1789378199100)/","pagination":{"page":%d,"pageSize":1000,"pageCount":2},"Invoices":[]}'
    )
    first, second = page_of(head % 1), page_of(head % 2)
    assert (first.last, second.last) == (False, True)
    assert first.told_at is not None
    assert first.told_at.isoformat() == "2026-09-14T09:29:59.100000+00:00"
