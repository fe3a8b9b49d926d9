"""The sign-in addresses over HTTP: authorise with its consent page, token, revocation, connections.

In: requests to `/identity/connect/authorize`, `/connect/token`, `/connect/revocation` and `/connections`
(in either case). Out: Xero's answers: redirects with a code or an error word, `{"error": …}` with 400,
connections with seven-decimal times. `state` is given back as it came.
"""

import base64
import binascii
import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qs

from xero_twin import wire
from xero_twin.errors import Refusal, not_found, unauthorised
from xero_twin.identity import Access, App, Connection, Identity, OAuthError, redirect
from xero_twin.organisation import Organisation
from xero_twin.wire import Request, Response

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} · Xero twin</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:30rem;padding:0 1rem;overflow-wrap:anywhere}}
h1{{font-size:1.6rem;line-height:1.25}}ul{{padding-left:1.2rem;opacity:.8}}
fieldset{{border:1px solid #8888;border-radius:6px;margin:1rem 0;min-width:0}}
label{{display:flex;gap:.5rem;align-items:baseline;padding:.25rem 0}}label span{{min-width:0}}
button{{font:inherit;padding:.5rem 1rem;margin:0 .5rem .5rem 0}}</style></head>
<body><h1>{title}</h1>{body}</body></html>"""
_CONSENT = """<p>This is a local stand-in for Xero. It asks for:</p><ul>{scopes}</ul>
<form method="post">{hidden}<fieldset><legend>Organisations</legend>{organisations}</fieldset>
<button type="submit" name="decision" value="allow">Allow access</button>
<button type="submit" name="decision" value="cancel">Cancel</button></form>"""

_ASKED = ("client_id", "redirect_uri", "scope", "state", "response_type", "code_challenge", "code_challenge_method")


def first_values(query: str) -> dict[str, str]:
    """A query or a form as one value per name."""
    if not query:
        return {}
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


def authorise(identity: Identity, request: Request, organisations: Sequence[Organisation]) -> Response:
    """GET shows the consent page, POST is the button pressed on it."""
    asked = first_values(request.query)
    form = parse_qs(request.body.decode()) if request.method == "POST" else {}
    if form:
        asked |= {name: form[name][0] for name in _ASKED if name in form}
    try:
        app = identity.check_request(asked.get("client_id", ""), asked.get("redirect_uri", ""))
    except OAuthError as error:  # an address that is not the app's own gets no redirect
        return _page(400, "Sorry, something went wrong", f"<p>Error: {html.escape(str(error))}</p>")
    address, state = asked["redirect_uri"], asked.get("state")
    try:
        if asked.get("response_type", "code") != "code":
            raise OAuthError("unsupported_response_type")
        if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
            raise OAuthError("invalid_request")  # that Xero takes no other method is known, its word for it inferred
        identity.check_scope(asked.get("scope", ""))
        if not form:
            return _consent_page(app, asked, organisations)
        if form.get("decision") != ["allow"]:
            raise OAuthError("access_denied")
        code = identity.consent(app, address, asked["scope"], form.get("tenant", []), asked.get("code_challenge"))
    except OAuthError as error:
        return _redirect(redirect(address, error=str(error), state=state))
    return _redirect(redirect(address, code=code, scope=asked["scope"], state=state))


def _redirect(address: str) -> Response:
    return Response(302, {"Location": address, "Content-Type": "text/html; charset=utf-8"}, b"")


def _page(status: int, title: str, body: str) -> Response:
    text = _PAGE.format(title=html.escape(title), body=body)
    return Response(status, {"Content-Type": "text/html; charset=utf-8"}, text.encode())


def _consent_page(app: App, asked: Mapping[str, str], organisations: Sequence[Organisation]) -> Response:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked[name])}">' for name in _ASKED if name in asked
    )
    choices = "".join(
        f'<label><input type="checkbox" name="tenant" value="{org.tenant_id}" checked>'
        f"<span>{html.escape(org.name)}</span></label>"
        for org in organisations
    )
    wanted = "".join(f"<li>{html.escape(scope)}</li>" for scope in asked.get("scope", "").split())
    none = "<p>There is none here yet.</p>"
    body = _CONSENT.format(scopes=wanted, hidden=hidden, organisations=choices or none)
    return _page(200, f"{app.name} wants access", body)


def token(identity: Identity, request: Request) -> Response:
    """POST /connect/token: credentials by HTTP Basic or in the form."""
    form = first_values(request.body.decode())
    try:
        app = _client(identity, request, form)
        grant = form.get("grant_type")
        if grant == "authorization_code":
            answer = identity.exchange_code(
                app, form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier")
            )
        elif grant == "refresh_token":
            answer = identity.exchange_refresh(app, form.get("refresh_token", ""))
        elif grant == "client_credentials":
            answer = identity.client_credentials(app, form.get("scope", ""))
        else:
            raise OAuthError("unsupported_grant_type")
    except OAuthError as error:
        return wire.json_response(400, {"error": str(error)})
    return wire.json_response(200, answer)


def revoke(identity: Identity, request: Request) -> Response:
    """POST /connect/revocation: 200 and empty, also for a token that is not known."""
    form = first_values(request.body.decode())
    try:
        app = _client(identity, request, form)
    except OAuthError as error:
        return wire.json_response(400, {"error": str(error)})
    identity.revoke(app, form.get("token", ""))
    return Response(200, {}, b"")


def _client(identity: Identity, request: Request, form: Mapping[str, str]) -> App:
    header = request.header("Authorization") or ""
    if header[:6].lower() == "basic ":
        try:
            client_id, _, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthError("invalid_client") from None
        return identity.authenticate(client_id, secret)
    return identity.authenticate(form.get("client_id"), form.get("client_secret"))


def bearer(identity: Identity, request: Request, now: datetime) -> Access:
    """Who is calling; raises a 401 Refusal."""
    header = request.header("Authorization") or ""
    access = identity.bearer(header[7:].strip()) if header[:7].lower() == "bearer " else None
    if access is None:
        raise unauthorised()
    if access.expires <= now:
        raise unauthorised("TokenExpired: token expired at " + access.expires.strftime("%m/%d/%Y %H:%M:%S"))
    return access


def connections(
    identity: Identity, request: Request, access: Access, organisations: Mapping[str, Organisation]
) -> Response:
    """GET /connections, or DELETE /connections/{id}."""
    parts = request.path.strip("/").split("/")
    if request.method == "GET" and len(parts) == 1:
        event = first_values(request.query).get("authEventId")
        shown = [
            _connection(one, organisations[one.tenant])
            for one in identity.connections_of(access.app)
            if event is None or one.auth_event == event
        ]
        return wire.json_response(200, shown)
    if request.method == "DELETE" and len(parts) == 2:
        if not identity.disconnect(access.app, parts[1].lower()):
            raise not_found()
        return Response(204, {}, b"")
    raise _not_allowed()


def _not_allowed() -> Refusal:
    return Refusal(405, lambda _: Response(405, {}, b""))


def _connection(one: Connection, org: Organisation) -> dict[str, str]:
    return {
        "id": one.id,
        "authEventId": one.auth_event,
        "tenantId": one.tenant,
        "tenantType": "ORGANISATION",
        "tenantName": org.name,
        "createdDateUtc": _seven_decimals(one.created),
        "updatedDateUtc": _seven_decimals(one.updated),
    }


def _seven_decimals(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"
