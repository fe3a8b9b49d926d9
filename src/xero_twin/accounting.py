"""The accounting API: from a request under `/api.xro/2.0/` to its answer.

In: a request, and the trouble it is to have. Out: a response with its rate-limit headers. The order of the
gates is Xero's: the token, the organisation, the scope, the limits, the idempotency key, and only then the
work, under the organisation's lock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from xero_twin import parameters, reports, scopes, wire
from xero_twin.errors import Refusal, forbidden, not_found, plain_text, too_large, unauthorised
from xero_twin.fields import as_guid
from xero_twin.identity import Access
from xero_twin.journal import JournalLine
from xero_twin.reading import envelope, read_list, read_one
from xero_twin.resource import Call, Resource
from xero_twin.resources import RESOURCES, attachments, history, renderings
from xero_twin.resources import organisation as organisation_resource
from xero_twin.signin import bearer, first_values
from xero_twin.wire import Request, Response
from xero_twin.writing import write_collection, write_one

if TYPE_CHECKING:
    from xero_twin.faults import Fault
    from xero_twin.organisation import Organisation
    from xero_twin.twin import Twin

PREFIX = "/api.xro/2.0/"
LARGEST_BODY = 10 * 1024 * 1024
SETTINGS = ("accounting.settings",)
# what calls on addresses below a record are counted as
BELOW = {"allocations": "Allocations", "attachments": "Attachments", "history": "History"}
_EVERYWHERE = {"attachments": attachments.serve, "history": history.serve}
_PDF = "application/pdf"


@dataclass(slots=True)
class _Admission:
    """A call past the token, the organisation and the scope."""

    twin: "Twin"
    request: Request
    line: JournalLine
    fault: "Fault | None"
    org: "Organisation"
    access: Access
    parts: list[str]  # of the path, after the prefix


def answer(twin: "Twin", request: Request, line: JournalLine, fault: "Fault | None") -> Response:
    """The answer to one accounting call, with the limits counted."""
    now = twin.clock.now()
    access = bearer(twin.identity, request, now)
    line.app = access.app
    org = _tenant(twin, request, access)
    line.tenant = org.tenant_id
    parts = request.path[len(PREFIX) :].strip("/").split("/")
    line.resource, wanted = _resource_name(parts)
    if not scopes.allow(access.scopes, wanted, request.method == "GET"):
        raise unauthorised("AuthorizationUnsuccessful")
    admission = _Admission(twin, request, line, fault, org, access, parts)
    limits = twin.limits
    if limits is None:
        return _admitted(admission)
    verdict = twin.limiter.enter(limits, access.app, org.tenant_id, now.timestamp())
    if verdict.problem is not None:
        return verdict.refusal()
    try:
        response = _admitted(admission)
    except Refusal as refusal:
        response = refusal.answer(twin.new_guid)
    finally:
        twin.limiter.leave(access.app, org.tenant_id)
    response.headers = {**verdict.headers, **response.headers}
    return response


def _tenant(twin: "Twin", request: Request, access: Access) -> "Organisation":
    tenant = access.tenant or as_guid(request.header("xero-tenant-id") or "")
    org = twin.organisations.get(tenant or "")
    if org is None or not twin.identity.is_connected(access, org.tenant_id):
        raise forbidden()
    return org


def _resource_name(parts: list[str]) -> tuple[str, tuple[str, ...]]:
    """The resource of a path, and the scopes it takes."""
    name = parts[0].lower()
    if name in ("organisation", "organisations"):
        return "Organisation", SETTINGS
    if name == "reports":
        return "Reports", reports.SCOPES.get(parts[1].lower() if len(parts) > 1 else "", SETTINGS)
    resource = RESOURCES.get(name)
    if resource is None:
        raise not_found()
    below = parts[2].lower() if len(parts) > 2 else ""
    if below == "attachments":
        return "Attachments", ("accounting.attachments",)
    return BELOW.get(below, resource.name), resource.scopes


def _admitted(admission: _Admission) -> Response:
    """A call that the limits let through: slow if it is to be, replayed, spoilt, or done."""
    twin, request, fault, org = admission.twin, admission.request, admission.fault, admission.org
    if len(request.body) > LARGEST_BODY:
        raise too_large()
    if twin.latency:
        twin.clock.sleep(twin.latency)
    spoilt = fault.answer() if fault is not None and fault.replaces else None
    if spoilt is not None and spoilt.status != 500:
        return spoilt  # trouble in front of the API never reaches the idempotency store
    with org.lock:
        call = Call(
            org=org,
            app=twin.identity.apps[admission.access.app],
            request=request,
            params={name.lower(): value for name, value in first_values(request.query).items()},
            now=org.now_ms(),
            line=admission.line,
        )
        work = partial(_work, call, admission.parts) if spoilt is None else lambda: spoilt
        return _once(twin, call, work)


def _once(twin: "Twin", call: Call, work: Callable[[], Response]) -> Response:
    """Do the work, unless its idempotency key brings back the answer given before."""
    request, line = call.request, call.line
    key = request.header("Idempotency-Key") if request.method in ("PUT", "POST", "PATCH") else None
    if not key:
        return work()
    line.key = key
    now, app, tenant = twin.clock.now(), call.app.client_id, call.org.tenant_id
    with twin.idempotency.lock:
        kept = twin.idempotency.replay(app, key, tenant, request, now)
        if kept is not None:
            line.replayed = True
            return kept
    try:
        response = work()
    except Refusal as refusal:
        response = refusal.answer(twin.new_guid)
    with twin.idempotency.lock:
        twin.idempotency.keep(app, key, tenant, request, answer=response, now=now)
    return response


def _work(call: Call, parts: list[str]) -> Response:
    if not _takes_the_answer(call, parts):
        # Xero would answer in XML here; the twin does not, and says so rather than hide a missing header
        raise plain_text(406, "The twin does not write XML: send Accept: application/json.")
    parameters.check(call)
    if parts[0].lower() in ("organisation", "organisations"):
        return _organisation(call, parts)
    if parts[0].lower() == "reports":
        return reports.serve(call, parts)
    resource, method = RESOURCES[parts[0].lower()], call.request.method
    if len(parts) == 1:
        return _on_collection(call, resource, method)
    parameters.check_names(call)
    if len(parts) == 2:
        return _on_record(call, resource, method, parts[1])
    return _below(call, resource, parts)


def _takes_the_answer(call: Call, parts: list[str]) -> bool:
    """JSON must be asked for, unless the answer is a file or has no body."""
    if len(parts) > 2 and call.request.method == "GET" and (parts[2].lower() == "pdf" or len(parts) > 3):
        return True
    accept = (call.request.header("Accept") or "").lower()
    return "json" in accept or call.request.method == "DELETE" or (accept.startswith(_PDF) and len(parts) == 2)


def _below(call: Call, resource: Resource, parts: list[str]) -> Response:
    """Addresses below a record: its attachments, its history, a credit's allocations, a tracking category's
    options."""
    record, rest = resource.find(call.org, as_guid(parts[1]) or parts[1]), parts[3:]
    below = parts[2].lower()
    serve = resource.below.get(below) or _EVERYWHERE.get(below)
    if serve is None:
        raise not_found()
    return serve(call, resource, record, rest)


def _organisation(call: Call, parts: list[str]) -> Response:
    if call.request.method != "GET":
        raise _not_implemented()
    call.line.elements = 1
    if len(parts) == 1:
        return wire.json_response(200, {**envelope(call), "Organisations": organisation_resource.read(call)})
    if len(parts) == 2 and parts[1].lower() == "actions":
        return wire.json_response(200, {**envelope(call), "Actions": organisation_resource.actions(call)})
    if len(parts) == 3 and parts[2].lower() == "cissettings" and as_guid(parts[1]) == call.org.tenant_id:
        return wire.json_response(200, {**envelope(call), "CISSettings": [organisation_resource.CIS]})
    raise not_found()


def _on_collection(call: Call, resource: Resource, method: str) -> Response:
    if method == "GET":
        parameters.check_list(call, resource.name)
        return read_list(call, resource)
    parameters.check_names(call)
    if (method == "PUT" and resource.put) or (method == "POST" and resource.post):
        return write_collection(call, resource)
    raise _not_implemented()


def _on_record(call: Call, resource: Resource, method: str, key: str) -> Response:
    if method == "GET" and (call.request.header("Accept") or "").lower().startswith(_PDF) and "pdf" in resource.below:
        return renderings.serve_pdf(call, resource, resource.find(call.org, as_guid(key) or key), [])
    if method == "GET":
        return read_one(call, resource, key)
    if method == "POST" and resource.post_one:
        return write_one(call, resource, key)
    if method == "DELETE" and resource.delete is not None:
        record = resource.find(call.org, as_guid(key) or key)
        if record is None:
            raise not_found()
        return resource.delete(call, record)
    raise _not_implemented()


def _not_implemented() -> Refusal:
    return plain_text(501, "The Api Method called is not implemented")
