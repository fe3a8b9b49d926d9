"""HTTP/1.1 by hand, as much as a stand-in for Xero needs: requests read from a socket, answers written to it.

In: the bytes of a connection. Out: requests with the size of their bodies bounded, or `BadRequest` for what is not HTTP
or not to be judged (chunked bodies, a length that is no number); the bytes of answers. Headers are named in lower case.
The standard library's own server parses headers as e-mail, which takes longer than the twin needs for its answer.
"""

import socket
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote

from xero_twin.wire import Headers, Request, Response

LONGEST_HEAD = 64 * 1024
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class BadRequest(Exception):
    """What came cannot be answered as a request; the connection is closed after saying so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Asked(NamedTuple):
    request: Request
    keeps_open: bool


class Connection:
    """One connection, request after request. `largest` is the most that is read of a body."""

    def __init__(self, sock: socket.socket, largest: int) -> None:
        self._socket = sock
        self._largest = largest
        self._held = b""
        self._before: tuple[str, Headers] = ("", Headers())  # a client's headers are mostly those of its last request

    def read(self) -> Asked | None:
        """The next request, or None when the client has gone."""
        head = self._head()
        if head is None:
            return None
        try:
            first, _, lines = head.decode("latin-1").partition("\r\n")
            method, target, version = first.split(" ")
        except ValueError:
            raise BadRequest(400, "This is not an HTTP request.") from None
        headers = self._headers(lines)
        length, whole = self._length(headers)
        if headers.get("expect", "").lower() == "100-continue":
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        path, _, query = target.partition("?")
        request = Request(method, unquote(path) if "%" in path else path, query, headers, self._body(length))
        asked_to_close = headers.get("connection", "").lower()
        stays = asked_to_close != "close" if version == "HTTP/1.1" else asked_to_close == "keep-alive"
        return Asked(request, stays and whole)

    def _headers(self, lines: str) -> Headers:
        if lines == self._before[0]:
            return self._before[1]
        headers = Headers()
        for line in lines.split("\r\n"):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        self._before = (lines, headers)
        return headers

    def _head(self) -> bytes | None:
        while (end := self._held.find(b"\r\n\r\n")) < 0:
            if len(self._held) > LONGEST_HEAD:
                raise BadRequest(431, "The headers are too long.")
            received = self._socket.recv(65536)
            if not received:
                return None
            self._held += received
        head, self._held = self._held[:end], self._held[end + 4 :]
        return head

    def _length(self, headers: Headers) -> tuple[int, bool]:
        """How much of the body to read, and whether that is all of it."""
        if "transfer-encoding" in headers:
            raise BadRequest(411, "Send a Content-Length: the twin does not read chunked bodies.")
        text = headers.get("content-length", "0")
        if not (text.isascii() and text.isdigit()):
            raise BadRequest(400, "The Content-Length is not a number.")
        length = int(text)
        return (length, True) if length <= self._largest else (self._largest + 1, False)

    def _body(self, length: int) -> bytes:
        if len(self._held) >= length:
            body, self._held = self._held[:length], self._held[length:]
            return body
        parts, missing = [self._held], length - len(self._held)
        self._held = b""
        while missing > 0:
            received = self._socket.recv(min(missing, 1 << 18))
            if not received:
                raise ConnectionResetError("the client went away within its body")
            parts.append(received)
            missing -= len(received)
        return b"".join(parts)

    def write(self, response: Response, *, with_body: bool = True, close: bool = False, cut: int | None = None) -> None:
        """Send an answer, or only the first `cut` bytes of its body while its length promises all of them."""
        head = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, '')}\r\nServer: xero-twin\r\n"]
        head += [f"{name}: {value}\r\n" for name, value in response.headers.items()]
        if response.status != 204:
            head.append(f"Content-Length: {len(response.body)}\r\n")
        if close:
            head.append("Connection: close\r\n")
        head.append("\r\n")
        body = response.body if with_body else b""
        self._socket.sendall("".join(head).encode("latin-1", "replace") + (body if cut is None else body[:cut]))
