"""The twin behind real sockets.

In: HTTP/1.1 connections (`http.py`), kept alive, one thread each. Out: the twin's answers, gzipped when asked for and
worth it; a lost answer closes the socket without a word, resets it, or stops half way through the body.
Under `/twin/` lies the control surface (`control.py`), for callers on the same machine only.
"""

import contextlib
import gzip
import socket
import socketserver
import struct
import threading
import traceback
from types import TracebackType
from typing import Any

from xero_twin import control
from xero_twin.accounting import LARGEST_BODY
from xero_twin.errors import LostAnswer, internal_error
from xero_twin.http import Asked, BadRequest, Connection
from xero_twin.twin import Twin
from xero_twin.wire import Request, Response

_WORTH_GZIP = 1024
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


class _Handler(socketserver.BaseRequestHandler):
    """One connection: requests are answered in turn until the client leaves."""

    server: "_Server"
    request: socket.socket

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(self.request, LARGEST_BODY)
        try:
            while (asked := connection.read()) is not None:
                if not self._serve(connection, asked):
                    return
        except BadRequest as error:
            text = {"Content-Type": "text/plain; charset=utf-8"}
            connection.write(Response(error.status, text, str(error).encode()), close=True)

    def _serve(self, connection: Connection, asked: Asked) -> bool:
        """Answer one request; whether the connection stays open."""
        request = asked.request
        try:
            response = _zipped(self._answer(request), request)
            connection.write(response, with_body=request.method != "HEAD", close=not asked.keeps_open)
            return asked.keeps_open
        except LostAnswer as lost:
            self._lose(connection, lost)
            return False

    def _lose(self, connection: Connection, lost: LostAnswer) -> None:
        if lost.kind == "timeout":
            self.server.stopping.wait(lost.seconds)
        if lost.kind == "truncate" and lost.answer is not None:
            connection.write(lost.answer, cut=len(lost.answer.body) // 2)
        with contextlib.suppress(OSError):
            if lost.kind == "reset":  # closing with nothing lingering sends a reset instead of an end
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.request.close()
            else:
                self.request.shutdown(socket.SHUT_RDWR)

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


def _zipped(response: Response, request: Request) -> Response:
    if len(response.body) < _WORTH_GZIP or "gzip" not in (request.header("Accept-Encoding") or "").lower():
        return response
    headers = {**response.headers, "Content-Encoding": "gzip"}
    return Response(response.status, headers, gzip.compress(response.body, compresslevel=1))


class _Server(socketserver.ThreadingTCPServer):
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
