"""Signing in: consent, codes, tokens, connections."""

import base64
import hashlib
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.xero_twin.conftest import CLIENT, REDIRECT, SCOPES, Xero
from xero_twin import ManualClock, OAuthError, Twin

DAY = 86_400
AUTHORISE = "https://login.xero.com/identity/connect/authorize"


def asked(**changes: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": "tieout-demo",
        "redirect_uri": REDIRECT,
        "scope": "offline_access accounting.contacts",
        "state": "a b&c",
        **changes,
    }


def answers(response: httpx2.Response) -> dict[str, str]:
    assert response.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def code_of(twin: Twin, scope: str = SCOPES) -> str:
    return parse_qs(urlsplit(twin.consent("tieout-demo", REDIRECT, "s", scope)).query)["code"][0]


def test_the_consent_page_lists_the_organisations_and_two_buttons(stranger: Xero) -> None:
    page = stranger.http.get(AUTHORISE, params=asked()).text
    assert "Demo Company" in page
    assert "Allow access" in page
    assert "Cancel" in page


def test_the_consent_page_shows_names_as_text_and_says_when_there_is_no_organisation(stranger: Xero) -> None:
    assert "There is none here yet." not in stranger.http.get(AUTHORISE, params=asked()).text
    stranger.twin.add_organisation("<script>alert(1)</script>")
    page = stranger.http.get(AUTHORISE, params=asked()).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    stranger.twin.organisations.clear()
    assert "There is none here yet." in stranger.http.get(AUTHORISE, params=asked()).text


def test_allowing_gives_a_code_and_the_state_back(stranger: Xero) -> None:
    form = {"decision": "allow", "tenant": stranger.org.tenant_id}
    found = answers(stranger.http.post(AUTHORISE, params=asked(), data=form))
    assert found["state"] == "a b&c"
    tokens = stranger.grant(grant_type="authorization_code", code=found["code"], redirect_uri=REDIRECT).json()
    assert tokens["expires_in"] == 1800
    assert tokens["token_type"] == "Bearer"
    assert tokens["scope"] == "accounting.contacts offline_access"


def test_cancelling_gives_access_denied_and_the_state_back(stranger: Xero) -> None:
    found = answers(stranger.http.post(AUTHORISE, params=asked(), data={"decision": "cancel"}))
    assert found == {"error": "access_denied", "state": "a b&c"}


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        ("accounting.transactions", "invalid_scope"),  # the old broad scopes are not for new apps
        ("nonsense", "invalid_scope"),
        ("", "invalid_scope"),
        ("app.connections", "access_denied"),
    ],
)
def test_a_scope_that_may_not_be_asked_for_is_sent_back_as_an_error(stranger: Xero, scope: str, error: str) -> None:
    assert answers(stranger.http.get(AUTHORISE, params=asked(scope=scope)))["error"] == error


@pytest.mark.parametrize("address", ["https://evil.example/cb", "http://127.0.0.1:8000/callback"])
def test_an_address_that_is_not_the_apps_own_gets_no_redirect(stranger: Xero, address: str) -> None:
    response = stranger.http.get(AUTHORISE, params=asked(redirect_uri=address))
    assert response.status_code == 400
    with pytest.raises(OAuthError):
        stranger.twin.consent("tieout-demo", address, "s", SCOPES)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/cb", "http://my.app/cb", "my.app/cb", "ftp://my.app/cb"])
def test_an_app_registers_https_or_localhost_only(stranger: Xero, address: str) -> None:
    with pytest.raises(ValueError, match="https or to http://localhost"):
        stranger.twin.add_app("mine", "s", (address,))
    assert "mine" not in stranger.twin.identity.apps
    assert stranger.twin.add_app("mine", "s", ("https://my.app/cb", "http://localhost:9/cb")).redirects_to(
        "http://localhost:9/cb"
    )


@pytest.mark.parametrize("method", [{"code_challenge_method": "plain"}, {}])
def test_a_proof_key_is_sent_as_its_digest(stranger: Xero, method: dict[str, str]) -> None:
    params = asked(code_challenge="x" * 43, **method)
    assert answers(stranger.http.get(AUTHORISE, params=params))["error"] == "invalid_request"
    params = asked(code_challenge="x" * 43, code_challenge_method="S256")
    assert stranger.http.get(AUTHORISE, params=params).status_code == 200


def test_a_code_works_once(stranger: Xero) -> None:
    code = code_of(stranger.twin)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    assert stranger.grant(**form).status_code == 200
    again = stranger.grant(**form)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_a_code_expires_after_five_minutes(stranger: Xero, clock: ManualClock) -> None:
    code = code_of(stranger.twin)
    clock.advance(300)
    answer = stranger.grant(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert answer.json() == {"error": "invalid_grant"}


def test_a_code_is_bound_to_its_redirect_address(stranger: Xero) -> None:
    code = code_of(stranger.twin)
    answer = stranger.grant(grant_type="authorization_code", code=code, redirect_uri="http://localhost:1/other")
    assert answer.json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("auth", "form", "error"),
    [
        (("tieout-demo", "wrong"), {"grant_type": "refresh_token"}, "invalid_client"),
        (("nobody", "x"), {"grant_type": "refresh_token"}, "invalid_client"),
        (None, {"grant_type": "refresh_token"}, "invalid_client"),
        (CLIENT, {"grant_type": "password"}, "unsupported_grant_type"),
        (CLIENT, {"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        (CLIENT, {"grant_type": "client_credentials", "scope": "accounting.contacts"}, "unauthorized_client"),
    ],
)
def test_identity_errors_are_one_word_with_400(
    stranger: Xero, auth: tuple[str, str] | None, form: dict[str, str], error: str
) -> None:
    answer = stranger.grant(auth=auth, **form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_credentials_in_the_form_work_as_well_as_basic(xero: Xero) -> None:
    answer = xero.grant(
        auth=None,
        grant_type="refresh_token",
        refresh_token=xero.refresh_token,
        client_id=CLIENT[0],
        client_secret=CLIENT[1],
        scope=SCOPES,
    )
    assert answer.status_code == 200


def refresh(xero: Xero, token: str) -> httpx2.Response:
    return xero.grant(grant_type="refresh_token", refresh_token=token)


def test_a_refresh_gives_a_new_pair(xero: Xero) -> None:
    tokens = refresh(xero, xero.refresh_token).json()
    assert tokens["refresh_token"] != xero.refresh_token
    xero.token = tokens["access_token"]
    assert xero.call("GET", "/connections").status_code == 200


def test_the_old_refresh_token_works_for_thirty_minutes_more(xero: Xero, clock: ManualClock) -> None:
    refresh(xero, xero.refresh_token)
    clock.advance(29 * 60)
    assert refresh(xero, xero.refresh_token).status_code == 200
    clock.advance(60)
    assert refresh(xero, xero.refresh_token).json() == {"error": "invalid_grant"}


def test_a_refresh_token_dies_after_sixty_days_unused(xero: Xero, clock: ManualClock) -> None:
    clock.advance(59 * DAY)
    kept = refresh(xero, xero.refresh_token).json()["refresh_token"]
    clock.advance(60 * DAY)
    assert refresh(xero, kept).json() == {"error": "invalid_grant"}


def test_an_access_token_dies_after_thirty_minutes(xero: Xero, clock: ManualClock) -> None:
    clock.advance(1799)
    assert xero.call("GET", "Organisation").status_code == 200
    clock.advance(1)
    body = xero.read(xero.call("GET", "Organisation"), 401)
    assert body["Title"] == "Unauthorized"
    assert body["Detail"].startswith("TokenExpired")


def test_without_offline_access_there_is_no_refresh_token(stranger: Xero) -> None:
    tokens = stranger.sign_in("accounting.contacts")
    assert "refresh_token" not in tokens


def test_openid_brings_an_id_token(stranger: Xero) -> None:
    assert stranger.sign_in("openid accounting.contacts")["id_token"].count(".") == 2


def test_scopes_grow_with_each_consent(stranger: Xero) -> None:
    stranger.sign_in("accounting.contacts accounting.settings.read")
    assert set(stranger.sign_in("accounting.invoices")["scope"].split()) == {
        "accounting.contacts",
        "accounting.settings.read",
        "accounting.invoices",
    }


def test_revoking_drops_every_connection_and_token(xero: Xero, stranger: Xero) -> None:
    answer = xero.http.post(
        "https://identity.xero.com/connect/revocation", data={"token": xero.refresh_token}, auth=CLIENT
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert xero.call("GET", "/connections").status_code == 401
    assert refresh(xero, xero.refresh_token).json() == {"error": "invalid_grant"}
    stranger.sign_in("accounting.contacts", tenants=[])
    assert stranger.get("/connections") == []


def pkce_code(twin: Twin, stranger: Xero, verifier: str) -> str:
    twin.add_app("public", None, (REDIRECT,))
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    params = asked(client_id="public", code_challenge=digest, code_challenge_method="S256")
    form = {"decision": "allow", "tenant": stranger.org.tenant_id}
    return answers(stranger.http.post(AUTHORISE, params=params, data=form))["code"]


@pytest.mark.parametrize(("sent", "status"), [("v" * 43, 200), ("w" * 43, 400), ("", 400)])
def test_a_public_app_proves_itself_with_its_verifier(twin: Twin, stranger: Xero, sent: str, status: int) -> None:
    code = pkce_code(twin, stranger, "v" * 43)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "client_id": "public"}
    answer = stranger.grant(auth=None, code_verifier=sent, **form)
    assert answer.status_code == status


def test_a_custom_connection_needs_no_consent_and_no_tenant_header(twin: Twin, stranger: Xero) -> None:
    twin.add_app("own", "secret", custom_tenant=stranger.org.tenant_id)
    answer = stranger.grant(auth=("own", "secret"), grant_type="client_credentials", scope="accounting.settings")
    assert "refresh_token" not in answer.json()
    stranger.token = answer.json()["access_token"]
    body = stranger.read(stranger.call("GET", "Organisation", headers={"xero-tenant-id": ""}))
    assert body["Organisations"][0]["Name"] == "Demo Company"


@pytest.mark.parametrize("path", ["/connections", "/Connections"])
def test_connections_are_listed_in_either_case(xero: Xero, path: str) -> None:
    connection = xero.get(path)[0]
    assert connection["tenantId"] == xero.org.tenant_id
    assert connection["tenantName"] == "Demo Company"
    assert connection["createdDateUtc"] == "2026-11-02T09:00:00.0000000"
    assert connection["tenantType"] == "ORGANISATION"


def test_a_second_consent_keeps_the_connection_and_changes_its_event(xero: Xero, clock: ManualClock) -> None:
    before = xero.get("/connections")[0]
    clock.advance(60)
    xero.sign_in()
    after = xero.get("/connections")
    assert [one["id"] for one in after] == [before["id"]]
    assert after[0]["authEventId"] != before["authEventId"]
    assert xero.get("/connections", authEventId=before["authEventId"]) == []


def test_a_dropped_connection_is_refused_with_403_while_the_token_lives(xero: Xero) -> None:
    connection = xero.get("/connections")[0]
    answer = xero.call("DELETE", f"/connections/{connection['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert xero.get("/connections") == []
    body = xero.read(xero.call("GET", "Organisation"), 403)
    assert (body["Detail"], body["Status"]) == ("AuthenticationUnsuccessful", 403)
    assert xero.call("DELETE", f"/connections/{connection['id']}").status_code == 404


def test_a_call_without_a_token_or_for_another_organisation_is_refused(xero: Xero, twin: Twin) -> None:
    body = xero.read(xero.call("GET", "Organisation", headers={"Authorization": ""}), 401)
    assert set(body) == {"Type", "Title", "Status", "Detail", "Instance", "Extensions"}
    assert body["Detail"] == "AuthenticationUnsuccessful"
    other = twin.add_organisation("Not connected")
    assert xero.call("GET", "Organisation", headers={"xero-tenant-id": other.tenant_id}).status_code == 403
    assert xero.call("GET", "Organisation", headers={"xero-tenant-id": ""}).status_code == 403


@pytest.mark.parametrize(
    ("scope", "method", "path", "allowed"),
    [
        ("accounting.contacts.read", "GET", "Contacts", True),
        ("accounting.contacts.read", "PUT", "Contacts", False),
        ("accounting.contacts", "GET", "Contacts", True),
        ("accounting.contacts", "GET", "Invoices", False),
        ("accounting.invoices.read", "GET", "Items", True),
        ("accounting.settings.read", "GET", "Items", True),
        ("accounting.settings.read", "GET", "Organisation", True),
        ("accounting.invoices", "GET", "Payments", False),
    ],
)
def test_each_resource_asks_for_its_scope(stranger: Xero, scope: str, method: str, path: str, allowed: bool) -> None:
    stranger.sign_in(scope)
    answer = stranger.call(method, path, {"Name": "Bo"} if method == "PUT" else None)
    if allowed:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["Detail"]) == (401, "AuthorizationUnsuccessful")


def test_one_token_serves_every_organisation_the_user_allowed(twin: Twin, stranger: Xero) -> None:
    second = twin.add_organisation("Second", country="AU", base_currency="AUD")
    stranger.sign_in()
    body = stranger.read(stranger.call("GET", "Organisation", headers={"xero-tenant-id": second.tenant_id}))
    assert body["Organisations"][0]["BaseCurrency"] == "AUD"


def test_the_access_token_is_a_jwt_with_the_sign_in_it_came_from(xero: Xero) -> None:
    import json

    payload = xero.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["authentication_event_id"] == xero.get("/connections")[0]["authEventId"]
    assert claims["exp"] - datetime(2026, 11, 2, 9, tzinfo=UTC).timestamp() == 1800
    assert "xero_userid" in claims
