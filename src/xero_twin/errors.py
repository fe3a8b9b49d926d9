"""Xero's refusals: what a call gets instead of its answer.

    Refusal                     the whole call is answered with a status of 400 or more
    LostAnswer                  the client sees no answer at all; whether the work was done only the journal knows

In: what went wrong. Out: the status and body that Xero sends for it. What is wrong with one *element* is
not here: those sentences are values, collected beside the element (`texts.py`).
"""

from collections.abc import Callable

from xero_twin.wire import Response, json_response


class LostAnswer(Exception):
    """The connection breaks (`kind` "drop"), is reset ("reset"), stays silent ("timeout", for `seconds`) or breaks off
    half way through the `answer` ("truncate")."""

    def __init__(self, kind: str, seconds: float = 30.0, answer: Response | None = None) -> None:
        super().__init__(f"the answer was lost: {kind}")
        self.kind = kind
        self.seconds = seconds
        self.answer = answer


class Refusal(Exception):
    """A whole call refused; `answer` writes the response, given a source of new GUIDs."""

    def __init__(self, status: int, write: Callable[[Callable[[], str]], Response]) -> None:
        super().__init__(f"refused with {status}")
        self.status = status
        self._write = write

    def answer(self, new_guid: Callable[[], str]) -> Response:
        return self._write(new_guid)


def problem(status: int, title: str, detail: str) -> Refusal:
    """401 and 403: the problem shape, with the word that tells the cause in `Detail`."""
    return Refusal(
        status,
        lambda new_guid: json_response(
            status,
            {
                "Type": None,
                "Title": title,
                "Status": status,
                "Detail": detail,
                "Instance": new_guid(),
                "Extensions": {},
            },
        ),
    )


def unauthorised(detail: str = "AuthenticationUnsuccessful") -> Refusal:
    return problem(401, "Unauthorized", detail)


def forbidden(detail: str = "AuthenticationUnsuccessful") -> Refusal:
    return problem(403, "Forbidden", detail)


def not_found() -> Refusal:
    """404 has no body and calls itself HTML."""
    return Refusal(404, lambda _: Response(404, {"Content-Type": "text/html; charset=utf-8"}, b""))


def bad_request(number: int, kind: str, message: str) -> Refusal:
    return Refusal(400, lambda _: json_response(400, {"ErrorNumber": number, "Type": kind, "Message": message}))


def invalid(sentence: str, element: dict[str, object] | None = None) -> Refusal:
    """A validation error of a call that is not about sent elements, in the shape that all of them have."""
    shown = {**(element or {}), "ValidationErrors": [{"Message": sentence}]}
    body = {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": [shown],
    }
    return Refusal(400, lambda _: json_response(400, body))


def post_data_invalid(message: str) -> Refusal:
    """A value in the body cannot be converted: nothing of the call is done."""
    return bad_request(14, "PostDataInvalidException", message)


def query_parse(message: str) -> Refusal:
    return bad_request(16, "QueryParseException", message)


def no_data_processed(element: str) -> Refusal:
    """The misspelt sentence is Xero's own."""
    return bad_request(
        17,
        "NoDataProcessedException",
        "No data has been processed for this endpoint. "
        f"This endpoint is expecting {element} data to be specifed in the request body.",
    )


def plain_text(status: int, text: str) -> Refusal:
    return Refusal(status, lambda _: Response(status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode()))


def internal_error() -> Refusal:
    return Refusal(
        500,
        lambda new_guid: json_response(
            500,
            {
                "Title": "An error occurred",
                "Detail": "An error occurred in Xero. Check the API Status page "
                "http://status.developer.xero.com for current service status.",
                "Status": 500,
                "Instance": new_guid(),
            },
        ),
    )


def too_large() -> Refusal:
    """The body of this answer is invented; that a request above 10 MB is refused is Xero's rule."""
    return problem(413, "Request Entity Too Large", "The request is larger than 10 MB.")
