"""The twin behind real sockets.

In: HTTP/1.1 connections, kept alive, one thread each. Out: the twin's answers, gzipped when asked for and
worth it; a lost answer closes the socket without a word. Under `/twin/` lies the control surface
(`control.py`), for callers on the same machine only.
"""

import contextlib
import gzip
import socket
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from xero_twin import control
from xero_twin.accounting import LARGEST_BODY
from xero_twin.errors import LostAnswer, internal_error
from xero_twin.twin import Twin
from xero_twin.wire import Request, Response

_WORTH_GZIP = 1024
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "xero-twin"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # one write per answer
    server: "_Server"

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True  # the rest of a body that is refused anyway is not read
            length = LARGEST_BODY + 1
        request = Request(
            method=self.command,
            path=unquote(path),
            query=query,
            headers=dict(self.headers.items()),
            body=self.rfile.read(length) if length else b"",
        )
        try:
            self._send(self._answer(request), request)
        except LostAnswer as lost:
            if lost.kind == "timeout":
                self.server.stopping.wait(lost.seconds)
            self._drop()

    def _answer(self, request: Request) -> Response:
        if not request.path.startswith("/twin/"):
            return self._handled(request)
        if self.client_address[0] not in _LOOPBACK:
            return Response(403, {"Content-Type": "text/plain"}, b"The control surface is for this machine only.")
        return control.answer(self.server.twin, request)

    def _handled(self, request: Request) -> Response:
        """A mistake of the twin's own looks like Xero's trouble to the client, and like itself on the terminal."""
        try:
            return self.server.twin.handle(request)
        except LostAnswer:
            raise
        except Exception:
            traceback.print_exc()
            return internal_error().answer(self.server.twin.new_guid)

    def __getattr__(self, name: str) -> Any:
        """Every method is served the same way: the base class looks for `do_GET`, `do_PUT` and so on."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _send(self, response: Response, request: Request) -> None:
        body, headers = response.body, dict(response.headers)
        if len(body) >= _WORTH_GZIP and "gzip" in (request.header("Accept-Encoding") or "").lower():
            body = gzip.compress(body, compresslevel=1)
            headers["Content-Encoding"] = "gzip"
        self.send_response(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """The journal tells what happened; the terminal stays quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], twin: Twin) -> None:
        self.twin = twin
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news; anything else is a mistake of the twin's."""
        import sys  # noqa: PLC0415 - only in trouble

        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def close_all(self) -> None:
        """Idle kept-alive connections would keep their threads for ever."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class TwinServer:
    """A twin on a port; `with TwinServer(twin) as server: server.url`. Port 0 takes a free one.
    The constructor raises OSError when the port is in use."""

    def __init__(self, twin: Twin, host: str = "127.0.0.1", port: int = 0) -> None:
        self.twin = twin
        self._server = _Server((host, port), twin)
        self._thread: threading.Thread | None = None
        self._courier: threading.Thread | None = None
        self.host, self.port = host, self._server.server_address[1]

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        shown = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104 - compared, not bound
        return f"http://{shown}:{self.port}"

    def start(self) -> "TwinServer":
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="xero-twin", daemon=True
        )
        self._thread.start()
        self._courier = threading.Thread(target=self._carry, name="xero-twin-webhooks", daemon=True)
        self._courier.start()
        return self

    def _carry(self) -> None:
        """Webhooks go out by themselves while the twin is served."""
        while not self._server.stopping.wait(0.1):
            self.twin.webhooks.deliver()

    def stop(self) -> None:
        self._server.stopping.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        if self._courier is not None:
            self._courier.join()
            self._courier = None
        self._server.close_all()
        self._server.server_close()

    def __enter__(self) -> "TwinServer":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
