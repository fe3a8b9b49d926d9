"""The control surface of a twin that runs as a process of its own: what tests and demos reach over HTTP
under `/twin/`.

    GET    /twin/health                           {"status": "ok", …}
    GET    /twin/journal?since=N                  lines from the Nth on
    GET    /twin/calls                            calls by resource
    GET    /twin/organisations                    tenant ids and names
    GET    /twin/books                            pages to look into the books
    GET    /twin/documents/{tenant}/{resource}    everything stored
    POST   /twin/organisations                    {"name", "country", "base_currency", "currencies", "demo"}
    POST   /twin/consent                          {"client_id", "redirect_uri", "state", "scope", "tenants"} -> {"url"}
    POST   /twin/apps                             {"client_id", "client_secret", "redirect_uris", "name"}
    POST   /twin/faults                           {"what", "method", "path", "times", "after", …}
    POST   /twin/faults/random                    {"rate", "seed", "kinds"}: for a share of all calls
    DELETE /twin/faults                           clears them
    POST   /twin/limits                           {"minute", "day", "concurrent"} or null
    POST   /twin/webhooks                         {"url", "key", "app", "categories"} -> {"status", …}
    GET    /twin/webhooks                         the subscriptions
    DELETE /twin/webhooks                         ends them all
    POST   /twin/webhooks/faults                  {"what", "times"}: the next deliveries lost, repeated, disordered
    POST   /twin/webhooks/deliver                 sends what is due now -> {"delivered": events}
    GET    /twin/trial-balance/{tenant}?date=     balances by account code
    POST   /twin/edit                             {"tenant", "action", …}: see `edits.py`

In: a request. Out: JSON; 400 with a sentence for what cannot be done. Only the HTTP server offers it, and
only to its own machine.
"""

import contextlib
import dataclasses
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from xero_twin import books, edits, wire
from xero_twin.faults import RANDOM
from xero_twin.identity import OAuthError
from xero_twin.limits import Limits
from xero_twin.signin import first_values
from xero_twin.webhooks import Subscription
from xero_twin.wire import Request, Response

if TYPE_CHECKING:
    from xero_twin.twin import Twin


def answer(twin: "Twin", request: Request) -> Response:
    """One control call."""
    parts = request.path.strip("/").split("/")[1:]
    if request.method == "GET" and parts[:1] == ["books"]:
        return _look(twin, request)
    handler = _ROUTES.get((request.method, parts[0] if parts else ""))
    if handler is None:
        return _sentence(404, f"There is no {request.method} {request.path}.")
    try:
        sent = wire.decode(request.body) if request.body else {}
        return wire.json_response(200, handler(twin, request, parts, sent))
    except (OAuthError, ValueError, TypeError, KeyError, IndexError, msgspec.DecodeError) as error:
        return _sentence(400, f"{type(error).__name__}: {error}")


def _look(twin: "Twin", request: Request) -> Response:
    try:
        return books.answer(twin, request)
    except ValueError as error:
        return _sentence(400, str(error))


def _sentence(status: int, text: str) -> Response:
    return wire.json_response(status, {"error": text})


Handler = Callable[["Twin", Request, list[str], Any], Any]


def _health(twin: "Twin", _request: Request, _parts: list[str], _sent: Any) -> Any:
    held = {"organisations": len(twin.organisations), "calls": twin.calls(), "megabytes": _megabytes()}
    return {"status": "ok", **held}


def _megabytes() -> int | None:
    """What this process holds in memory now; None where the system does not tell."""
    with contextlib.suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
    return None


def _journal(twin: "Twin", request: Request, _parts: list[str], _sent: Any) -> Any:
    since = int(first_values(request.query).get("since", "0"))
    return [msgspec.structs.asdict(line) for line in twin.journal[since:]]


def _calls(twin: "Twin", _request: Request, _parts: list[str], _sent: Any) -> Any:
    return twin.calls_by_resource()


def _organisations(twin: "Twin", _request: Request, _parts: list[str], _sent: Any) -> Any:
    return [{"tenant_id": org.tenant_id, "name": org.name} for org in list(twin.organisations.values())]


def _documents(twin: "Twin", _request: Request, parts: list[str], _sent: Any) -> Any:
    return twin.documents(parts[1], parts[2])


def _add_organisation(twin: "Twin", _request: Request, _parts: list[str], sent: Any) -> Any:
    org = twin.add_organisation(
        sent["name"],
        country=sent.get("country", "NZ"),
        base_currency=sent.get("base_currency", "NZD"),
        currencies=tuple(sent.get("currencies", ())),
        demo=sent.get("demo", True),
    )
    return {"tenant_id": org.tenant_id, "name": org.name}


def _consent(twin: "Twin", _request: Request, _parts: list[str], sent: Any) -> Any:
    return {"url": twin.consent(**sent)}


def _add_app(twin: "Twin", _request: Request, _parts: list[str], sent: Any) -> Any:
    app = twin.add_app(sent["client_id"], sent.get("client_secret"), tuple(sent.get("redirect_uris", ())))
    app.name = sent.get("name", app.name)
    return {"client_id": app.client_id}


def _add_fault(twin: "Twin", _request: Request, parts: list[str], sent: Any) -> Any:
    if parts[1:] == ["random"]:
        twin.faults.at_random(float(sent["rate"]), seed=sent.get("seed", 0), kinds=tuple(sent.get("kinds", RANDOM)))
        return {"rate": sent["rate"]}
    twin.faults.add(**sent)
    return {"added": sent["what"]}


def _clear_faults(twin: "Twin", _request: Request, _parts: list[str], _sent: Any) -> Any:
    twin.faults.clear()
    return {"cleared": True}


def _limits(twin: "Twin", _request: Request, _parts: list[str], sent: Any) -> Any:
    twin.limits = None if sent is None else Limits(**sent)
    return None if twin.limits is None else dataclasses.asdict(twin.limits)


def _edit(twin: "Twin", _request: Request, _parts: list[str], sent: Any) -> Any:
    details = {name: value for name, value in sent.items() if name not in ("tenant", "action")}
    return {"done": edits.apply(twin.organisations[sent["tenant"]], sent["action"], details)}


def _register_webhook(twin: "Twin", _request: Request, parts: list[str], sent: Any) -> Any:
    if parts[1:] == ["deliver"]:
        return {"delivered": twin.webhooks.deliver()}
    if parts[1:] == ["faults"]:
        twin.webhooks.spoil(sent["what"], sent.get("times", 1))
        return {"added": sent["what"]}
    categories = tuple(sent["categories"]) if "categories" in sent else None
    app = sent.get("app") or next(iter(twin.identity.apps))
    return _shown(twin.webhooks.register(app, sent["url"], sent["key"], categories))


def _webhooks(twin: "Twin", _request: Request, _parts: list[str], _sent: Any) -> Any:
    return [_shown(one) for one in twin.webhooks.subscriptions]


def _clear_webhooks(twin: "Twin", _request: Request, _parts: list[str], _sent: Any) -> Any:
    twin.webhooks.clear()
    return {"cleared": True}


def _shown(one: Subscription) -> dict[str, Any]:
    return {
        "app": one.app,
        "url": one.url,
        "status": one.status,
        "categories": list(one.categories),
        "waiting": len(one.waiting),
        "delivered": one.delivered,
        "failures": one.failures,
    }


def _trial_balance(twin: "Twin", request: Request, parts: list[str], _sent: Any) -> Any:
    asked = first_values(request.query).get("date")
    return twin.trial_balance(parts[1], date.fromisoformat(asked) if asked else None)


_ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "health"): _health,
    ("GET", "journal"): _journal,
    ("GET", "calls"): _calls,
    ("GET", "organisations"): _organisations,
    ("GET", "documents"): _documents,
    ("POST", "organisations"): _add_organisation,
    ("POST", "consent"): _consent,
    ("POST", "apps"): _add_app,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "limits"): _limits,
    ("POST", "edit"): _edit,
    ("POST", "webhooks"): _register_webhook,
    ("GET", "webhooks"): _webhooks,
    ("DELETE", "webhooks"): _clear_webhooks,
    ("GET", "trial-balance"): _trial_balance,
}
