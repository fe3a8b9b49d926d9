"""The twin itself: a request in, a response out, and everything that happened in its journal.

In: `Request`. Out: `Response`, or `LostAnswer` when a fault breaks the connection. One lock per
organisation: calls on different organisations do not wait for each other. Every answer carries an
`xero-correlation-id`, and every call leaves one journal line.
"""

import threading
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from xero_twin import accounting, edits, ledger, signin, wire
from xero_twin.clock import Clock, SystemClock
from xero_twin.errors import LostAnswer, Refusal, not_found
from xero_twin.faults import LOSING_AFTER, Fault, Faults
from xero_twin.idempotency import IdempotencyStore
from xero_twin.identity import App, Identity, redirect
from xero_twin.journal import Journal, JournalLine
from xero_twin.limits import Limiter, Limits
from xero_twin.organisation import Guids, Organisation
from xero_twin.resource import Call, Resource, Shape
from xero_twin.resources import RESOURCES
from xero_twin.webhooks import CATEGORIES, Webhooks
from xero_twin.wire import Request, Response

if TYPE_CHECKING:
    import httpx2

DEMO_CLIENT, DEMO_SECRET = "tieout-demo", "tieout-demo-secret"


class Twin:
    """A local Xero. `limits=None` switches the call limits off; `latency` is in seconds of the clock's
    time."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        limits: Limits | None = Limits(),  # noqa: B008 - copied below
        latency: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.limits = None if limits is None else Limits(**vars(limits))
        self.latency = latency
        self.faults = Faults()
        self.limiter = Limiter()
        self.idempotency = IdempotencyStore()
        self.organisations: dict[str, Organisation] = {}
        self.guids = Guids(seed)
        self._journal = Journal()
        self._lock = threading.Lock()
        self.identity = Identity(self.clock, self.guids)
        self.webhooks = Webhooks(self.clock, self.guids)
        self.add_app(DEMO_CLIENT, DEMO_SECRET)
        self.identity.apps[DEMO_CLIENT].any_localhost = True

    # what there is

    def add_app(
        self,
        client_id: str,
        client_secret: str | None,
        redirect_uris: tuple[str, ...] = (),
        name: str = "Tieout",
        custom_tenant: str | None = None,
    ) -> App:
        """Register an app. No secret makes it a PKCE app, a `custom_tenant` a custom connection."""
        app = App(client_id, client_secret, tuple(redirect_uris), name, custom_tenant=custom_tenant)
        self.identity.apps[client_id] = app
        return app

    def add_organisation(
        self,
        name: str,
        *,
        country: str = "NZ",
        base_currency: str = "NZD",
        currencies: tuple[str, ...] = (),
        demo: bool = True,
        period_lock_date: date | None = None,
        end_of_year_lock_date: date | None = None,
    ) -> Organisation:
        """A new organisation with its country's chart of accounts and tax rates."""
        org = Organisation(
            name,
            clock=self.clock,
            guids=self.guids,
            country=country,
            base_currency=base_currency,
            currencies=tuple(currencies),
            demo=demo,
            period_lock_date=period_lock_date,
            end_of_year_lock_date=end_of_year_lock_date,
        )
        return self.take(org)

    def take(self, org: Organisation) -> Organisation:
        """Have an organisation among one's own."""
        for resource in CATEGORIES:
            RESOURCES[resource.lower()].table(org).watch = partial(self._tell, org, resource)
        self.organisations[org.tenant_id] = org
        return org

    def _tell(self, org: Organisation, resource: str, record: Any, created: bool) -> None:
        """Webhooks hear of every record that was just stamped; what leaves the update time alone makes no event."""
        if self.webhooks.subscriptions and record.updated >= org.now_ms():
            self.webhooks.tell(org.tenant_id, resource, record, created, lambda: self.identity.apps_of(org.tenant_id))

    def consent(
        self, client_id: str, redirect_uri: str, state: str, scope: str, tenants: list[str] | None = None
    ) -> str:
        """What pressing "Allow access" does: the redirect address with the code. All organisations unless
        told. Raises OAuthError with the error word when the app, the address or the scope is not right."""
        app = self.identity.check_request(client_id, redirect_uri)
        chosen = list(self.organisations) if tenants is None else list(tenants)
        code = self.identity.consent(app, redirect_uri, scope, chosen)
        return redirect(redirect_uri, code=code, scope=scope, state=state)

    def transport(self) -> "httpx2.BaseTransport":
        """An httpx2 transport that answers every host from this twin."""
        from xero_twin.transport import TwinTransport  # noqa: PLC0415 - the core runs without an HTTP library

        return TwinTransport(self)

    def new_guid(self) -> str:
        return self.guids.new()

    # what happened

    @property
    def journal(self) -> list[JournalLine]:
        return self._journal.lines

    def calls(self, resource: str | None = None) -> int:
        return self._journal.calls(resource)

    def calls_by_resource(self) -> dict[str, int]:
        return self._journal.calls_by_resource()

    def documents(self, tenant_id: str, resource: str, begin: int = 0, end: int | None = None) -> list[dict[str, Any]]:
        """Everything an organisation holds of a resource, voided and deleted too: what a single read shows, with the
        contact of a document in short and four-decimal unit amounts. Money is Decimal, days are `2026-09-14`, moments
        `2026-09-14T09:29:59.100Z`. `begin` and `end` take a part of it, oldest change first."""
        org, kind = self.organisations[tenant_id], RESOURCES[resource.lower()]
        with org.lock:
            return self._stored(org, kind, kind.table(org).slice(begin, end))

    def document(self, tenant_id: str, resource: str, record_id: str) -> dict[str, Any] | None:
        """One record as `documents` shows it, by its id."""
        org, kind = self.organisations[tenant_id], RESOURCES[resource.lower()]
        with org.lock:
            record = kind.table(org).get(record_id)
            return None if record is None else self._stored(org, kind, [record])[0]

    def _stored(self, org: Organisation, kind: Resource, records: list[Any]) -> list[dict[str, Any]]:
        call = Call(
            org=org,
            app=next(iter(self.identity.apps.values())),
            request=Request("GET", f"/{kind.name}"),
            params={"unitdp": "4"},
            now=org.now_ms(),
            line=JournalLine(self.clock.now(), "GET", ""),
        )
        return [wire.plain(kind.show(call, record, Shape.STORED)) for record in records]

    def trial_balance(self, tenant_id: str, day: date | None = None) -> dict[str, Decimal]:
        """What lies on each account up to and including `day` (all without it), by account code: debits positive, in
        base currency, zeros left out; income and expenses since the beginning, without a year's end. It sums to
        zero."""
        org = self.organisations[tenant_id]
        with org.lock:
            return ledger.trial_balance(org, day)

    def edit(self, tenant_id: str, action: str, **details: Any) -> str:
        """What a person does in Xero's own screens, e.g. `twin.edit(tenant, "void", invoice="INV-0001")`; the actions
        are listed in `edits.py`. Raises EditError."""
        return edits.apply(self.organisations[tenant_id], action, details)

    # a call

    def handle(self, request: Request) -> Response:
        """Answer one request. Raises LostAnswer when the connection is to break."""
        line = JournalLine(self.clock.now(), request.method, request.path, bytes_in=len(request.body))
        fault = self.faults.take(request)
        try:
            if fault is not None and fault.what == "delay":
                self.clock.sleep(float(fault.options.get("seconds", 1)))
            line.resource = _resource_of(request.path)
            if fault is not None and fault.what == "drop_before":
                raise fault.lose()
            response = self._answer(request, line, fault)
            response.headers.setdefault("xero-correlation-id", self.new_guid())
            line.status, line.bytes_out = response.status, len(response.body)
            if fault is not None and fault.what in LOSING_AFTER:
                raise fault.lose(response)
            return response
        except LostAnswer:
            line.lost = True
            raise
        finally:
            self._journal.add(line)

    def _answer(self, request: Request, line: JournalLine, fault: Fault | None) -> Response:
        try:
            response = self._route(request, line, fault)
        except Refusal as refusal:
            response = refusal.answer(self.new_guid)
        if fault is not None and fault.done and not fault.loses:
            return fault.answer()
        return response

    def _route(self, request: Request, line: JournalLine, fault: Fault | None) -> Response:
        path = request.path.lower()
        if path.startswith(accounting.PREFIX):
            return accounting.answer(self, request, line, fault)
        if fault is not None and fault.replaces:
            return fault.answer()
        if path == "/identity/connect/authorize":
            return signin.authorise(self.identity, request, list(self.organisations.values()))
        if path == "/connect/token" and request.method == "POST":
            return signin.token(self.identity, request)
        if path == "/connect/revocation" and request.method == "POST":
            return signin.revoke(self.identity, request)
        if path == "/connections" or path.startswith("/connections/"):
            access = signin.bearer(self.identity, request, self.clock.now())
            line.app = access.app
            return signin.connections(self.identity, request, access, self.organisations)
        raise not_found()


def _resource_of(path: str) -> str:
    """The journal's name for a path: a resource, or the last word of a sign-in address."""
    parts = path.strip("/").split("/")
    if path.lower().startswith(accounting.PREFIX):
        found = RESOURCES.get(parts[2].lower()) if len(parts) > 2 else None
        return found.name if found is not None else (parts[2] if len(parts) > 2 else "")
    return "connections" if parts[0].lower() == "connections" else parts[-1]
