"""The twin behind an httpx2 client, in-process.

In: requests to any host; only the path counts. Out: responses; a lost answer is the exception a real socket
would have given (`RemoteProtocolError` for a broken connection, `ReadTimeout` for a silent one). Safe to
share between threads.
"""

from typing import TYPE_CHECKING
from urllib.parse import unquote

import httpx2

from xero_twin.errors import LostAnswer
from xero_twin.wire import Request

if TYPE_CHECKING:
    from xero_twin.twin import Twin


class TwinTransport(httpx2.BaseTransport):
    """Give it to a client: `httpx2.Client(transport=twin.transport())`."""

    def __init__(self, twin: "Twin") -> None:
        self._twin = twin

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        asked = Request(
            method=request.method,
            path=unquote(path),
            query=query,
            headers=dict(request.headers),
            body=request.read(),
        )
        try:
            answer = self._twin.handle(asked)
        except LostAnswer as lost:
            if lost.kind == "timeout":
                raise httpx2.ReadTimeout("The read operation timed out", request=request) from lost
            if lost.kind == "reset":
                raise httpx2.ReadError("Connection reset by peer", request=request) from lost
            raise httpx2.RemoteProtocolError(
                "Server disconnected without sending a response.", request=request
            ) from lost
        return httpx2.Response(answer.status, headers=answer.headers, content=answer.body, request=request)
