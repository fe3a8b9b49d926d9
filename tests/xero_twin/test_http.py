"""HTTP by hand: what is a request, what is not, and that one connection serves many."""

import socket
from collections.abc import Iterator

import pytest

from xero_twin import Twin, TwinServer


@pytest.fixture
def line(twin: Twin) -> Iterator[socket.socket]:
    with TwinServer(twin) as server, socket.create_connection((server.host, server.port), timeout=5) as found:
        yield found


def ask(line: socket.socket, request: bytes) -> bytes:
    line.sendall(request)
    return line.recv(65536)


def test_requests_may_come_in_pieces_and_two_at_once(line: socket.socket) -> None:
    line.sendall(b"GET /twin/hea")
    line.sendall(b"lth HTTP/1.1\r\nHost: x\r\n\r\nGET /twin/health HTTP/1.1\r\nHost: y\r\n\r\n")
    told = b""
    while told.count(b'"status":"ok"') < 2:
        told += line.recv(65536)
    assert told.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"PUT /x HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"PUT /x HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"GET /x HTTP/1.1\r\nX: " + b"y" * 70_000, b"431"),
    ],
)
def test_what_cannot_be_judged_is_refused_and_the_connection_closed(
    line: socket.socket, request_: bytes, status: bytes
) -> None:
    assert ask(line, request_).startswith(b"HTTP/1.1 " + status)


def test_a_client_that_waits_for_a_go_gets_it(line: socket.socket) -> None:
    head = b"POST /twin/faults HTTP/1.1\r\nContent-Length: 14\r\nExpect: 100-continue\r\n\r\n"
    assert ask(line, head) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert b"200 OK" in ask(line, b'{"what":"500"}')


def test_connections_close_when_asked_or_by_old_clients(line: socket.socket) -> None:
    assert b"Connection: close" in ask(line, b"GET /twin/health HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert line.recv(10) == b""


def test_an_old_client_gets_one_answer(line: socket.socket) -> None:
    assert b"Connection: close" in ask(line, b"GET /twin/health HTTP/1.0\r\n\r\n")
    assert line.recv(10) == b""


def test_a_head_has_no_body(line: socket.socket) -> None:
    told = ask(line, b"HEAD /twin/nothing HTTP/1.1\r\n\r\n")
    assert told.endswith(b"\r\n\r\n")
    assert b"Content-Length: " in told
