"""How fast the twin answers over sockets, beside `localstack-xero` in the same run, and what 100,000 invoices weigh.

In: nothing; both servers run in processes of their own, and the same requests go to each over four connections, written
beforehand so that the asking costs next to nothing. They are asked in turns, a few requests each, so that a machine
that is slow for a while is slow for both. Out: single reads a second (over a thousand different invoices), writes of 50
invoices of five different lines each a second, and their ratios, of writes both with prices of a catalogue, which come
again and again, and with prices that never do; then the twin alone with 100,000 invoices: its memory, and a page of
1,000. The other one is installed from the package index into a folder that is thrown away; without it the
comparison is left out, and said to be. It checks and computes next to nothing of a write, which the twin does in full.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

from benchmarks.setting import CLIENT, REDIRECT, SECRET, twin

OTHER = "localstack-xero==0.1.2"
AT_ONCE = 4  # connections; Xero takes five calls at once
ROUNDS, WRITES, READS, INVOICES = 20, 10, 400, 100_000
PATH = "Invoices?summarizeErrors=false"


def main(invoices: int = INVOICES) -> None:
    with twin() as made, other() as theirs:
        asked = [_Asked("twin", _Client(made.url, _sign_in(made)), "PUT")]
        if theirs is None:
            print(f"baseline    {OTHER} could not be installed: nothing to compare with")
        else:
            asked.append(_Asked("baseline", _Client(theirs, {"Authorization": "Bearer x"}), "POST"))
        clients = [one.client for one in asked]
        writing = _rates([one.writes for one in asked], clients, WRITES)
        new = _rates([one.new_prices for one in asked], clients, WRITES)
        reading = _rates([one.reads for one in asked], clients, READS)
        for at, one in enumerate(asked):
            print(f"{one.label:<12}{reading[at]:,.0f} single reads/s")
            print(f"            {writing[at]:,.1f} writes of 50 invoices of 5 lines/s")
            print(f"            {new[at]:,.1f} such writes/s with prices never seen before")
        if theirs is not None:
            reads, writes, others = (rate[0] / rate[1] for rate in (reading, writing, new))
            print(f"ratio       reads {reads:.1f}, writes {writes:.1f}, with prices never seen before {others:.1f}")
    with twin() as made:
        _weigh(made, _Client(made.url, _sign_in(made)), invoices)


class _Line:
    """One connection, opened when it is needed (a server may take one at a time) and kept as long as it lasts."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def send(self, request: bytes) -> None:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)

    def receive(self) -> bytes:
        """The body of one answer, which must be a good one."""
        held = self._more()
        while (end := held.find(b"\r\n\r\n")) < 0:
            held += self._more()
        head = held[:end].lower()
        assert b" 200 " in head[:20], held[:500]
        missing = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) - (len(held) - end - 4)
        parts = [held[end + 4 :]]
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        if head.startswith(b"http/1.0") or b"connection: close" in head:
            assert self._socket is not None
            self._socket.close()
            self._socket = None
        return b"".join(parts)

    def _more(self) -> bytes:
        assert self._socket is not None
        received = self._socket.recv(1 << 18)
        if not received:
            raise ConnectionResetError("the server went away within its answer")
        return received


class _Client:
    """Requests with as little work of the client's own as can be."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        found = urlsplit(url)
        self._lines = [_Line((found.hostname or "", found.port or 0)) for _ in range(AT_ONCE)]
        named = {"Host": found.netloc, "Accept": "application/json", "Content-Type": "application/json", **headers}
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in named.items())

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The bytes of a request, to be sent any number of times."""
        head = f"{method} /api.xro/2.0/{path} HTTP/1.1\r\n{self._headers}Content-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def send(self, request: bytes) -> bytes:
        self._lines[0].send(request)
        return self._lines[0].receive()

    def send_all(self, requests: list[bytes]) -> None:
        """All of them, so many at once: as one connection is answered it asks the next."""
        waiting = iter(requests)
        asked: deque[_Line] = deque()
        for line, request in zip(self._lines, waiting, strict=False):
            line.send(request)
            asked.append(line)
        while asked:
            line = asked.popleft()
            line.receive()
            if (request := next(waiting, None)) is not None:
                line.send(request)
                asked.append(line)

    def json(self, method: str, path: str, body: object) -> Any:
        return json.loads(self.send(self.request(method, path, json.dumps(body).encode())))


def _sign_in(made: Any) -> dict[str, str]:
    tenant = made.ask("/twin/organisations")[0]["tenant_id"]
    consent = {"client_id": CLIENT, "redirect_uri": REDIRECT, "state": "s"}
    scope = "accounting.invoices accounting.contacts"
    url = made.ask("/twin/consent", {**consent, "scope": scope, "tenants": [tenant]})["url"]
    form = {"grant_type": "authorization_code", "code": parse_qs(urlsplit(url).query)["code"][0]}
    form |= {"redirect_uri": REDIRECT, "client_id": CLIENT, "client_secret": SECRET}
    with urlopen(f"{made.url}/connect/token", urlencode(form).encode()) as answer:
        token = json.loads(answer.read())["access_token"]
    return {"Authorization": f"Bearer {token}", "xero-tenant-id": tenant}


def _fifty(contact: str, begin: int, prices: Callable[[int, int], float] | None = None) -> bytes:
    invoices = [_invoice(contact, begin + at, prices or _of_a_catalogue) for at in range(50)]
    return json.dumps({"Invoices": invoices}).encode()


def _of_a_catalogue(number: int, line: int) -> float:
    return line + 0.25 + number % 97


def _never_again(number: int, line: int) -> float:
    return round(1.37 + (number * 5 + line) / 100, 2)


def _invoice(contact: str, number: int, prices: Callable[[int, int], float]) -> dict[str, Any]:
    lines = []
    for line in range(1, 6):
        price = prices(number, line)
        described = {"Description": f"Line {line} of invoice {number}", "AccountCode": "200", "TaxType": "OUTPUT2"}
        lines.append({**described, "Quantity": line, "UnitAmount": price, "LineAmount": round(line * price, 2)})
    days = {"Date": "2026-11-01", "DueDate": "2026-12-01"}
    named = {"Type": "ACCREC", "InvoiceNumber": f"B-{number:06d}", "Contact": {"ContactID": contact}}
    return {**named, **days, "Status": "AUTHORISED", "LineItems": lines}


class _Asked:
    """One of the servers, and the requests that it is sent."""

    def __init__(self, label: str, client: _Client, verb: str) -> None:
        self.label, self.client = label, client
        contact = client.json(verb, "Contacts", {"Contacts": [{"Name": "Ann Example"}]})["Contacts"][0]["ContactID"]
        writes = ROUNDS * WRITES
        bodies = [client.request(verb, PATH, _fifty(contact, at * 50)) for at in range(20 + writes)]
        ids = [one["InvoiceID"] for body in bodies[:20] for one in json.loads(client.send(body))["Invoices"]]
        self.writes, begin = bodies[20:], 50 * len(bodies)
        new = [_fifty(contact, begin + at * 50, _never_again) for at in range(writes)]
        self.new_prices = [client.request(verb, PATH, body) for body in new]
        self.reads = [client.request("GET", f"Invoices/{ids[at % len(ids)]}") for at in range(ROUNDS * READS)]


def _rates(requests: list[list[bytes]], clients: list[_Client], size: int) -> list[float]:
    """How many requests a second each server answered, asked in turns."""
    seconds = [0.0] * len(clients)
    for begin in range(0, ROUNDS * size, size):
        for at, client in enumerate(clients):
            began = time.perf_counter()
            client.send_all(requests[at][begin : begin + size])
            seconds[at] += time.perf_counter() - began
    return [ROUNDS * size / each for each in seconds]


def _weigh(made: Any, client: _Client, invoices: int) -> None:
    contact = client.json("PUT", "Contacts", {"Contacts": [{"Name": "Ann Example"}]})["Contacts"][0]["ContactID"]
    began = time.perf_counter()
    for begin in range(0, invoices, 50):
        client.send(client.request("PUT", "Invoices", _fifty(contact, begin)))
    seconds = time.perf_counter() - began
    page = client.request("GET", f"Invoices?page={max(1, invoices // 2000)}&pageSize=1000")
    times = []
    for _ in range(7):
        began = time.perf_counter()
        client.send(page)
        times.append(time.perf_counter() - began)
    print(f"large       {invoices:,} invoices of 5 lines written in {seconds:.0f} s")
    print(f"            {made.ask('/twin/health')['megabytes']:,.0f} MB held by the twin's process")
    print(f"            a page of 1,000 in {statistics.median(times) * 1000:.0f} ms (median of 7)")


@contextmanager
def other() -> Iterator[str | None]:
    """The other one's address; None when it cannot be had."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, check=False)
        pip = [str(Path(folder) / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", OTHER]
        if made.returncode or subprocess.run(pip, capture_output=True, check=False).returncode:
            yield None
            return
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {**os.environ, "XERO_PORT": str(port), "XERO_HOST": "127.0.0.1", "PYTHONPATH": ""}
        process = subprocess.Popen(
            [str(Path(folder) / "bin" / "xero-local")], env=environment, stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("The other server did not start within ten seconds.")
