"""xero-python, Xero's own client, signed in to a twin behind a real socket: nothing of ours stands between them."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tests.xero_twin.conftest import CLIENT, SCOPES, Xero
from xero_twin import Organisation, Twin, TwinServer

ALL_SCOPES = SCOPES + " accounting.reports.trialbalance.read"


class Sdk:
    """The accounting API for one organisation: `sdk.get_invoices(page=1)`."""

    def __init__(self, api: Any, tenant: str) -> None:
        self.api = api
        self.tenant = tenant

    def __getattr__(self, operation: str) -> Any:
        call = getattr(self.api, operation)
        return lambda *arguments, **options: call(self.tenant, *arguments, **options)


@pytest.fixture
def served(twin: Twin, org: Organisation) -> Iterator[TwinServer]:
    with TwinServer(twin) as server:
        yield server


@pytest.fixture
def sdk(served: TwinServer, xero: Xero, monkeypatch: pytest.MonkeyPatch) -> Sdk:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from xero_python.accounting import AccountingApi
        from xero_python.api_client import ApiClient
        from xero_python.api_client.configuration import Configuration
        from xero_python.api_client.oauth2 import OAuth2Token, TokenApi
    for name, path in (
        ("refresh_token_url", "/connect/token"),
        ("revoke_token_url", "/connect/revocation"),
        ("client_credentials_token_url", "/connect/token"),
    ):
        monkeypatch.setattr(TokenApi, name, served.url + path)
    held = {"token": {**xero.sign_in(ALL_SCOPES), "expires_at": 4_000_000_000}}
    client = ApiClient(Configuration(oauth2_token=OAuth2Token(client_id=CLIENT[0], client_secret=CLIENT[1])))
    client.oauth2_token_getter(lambda: held["token"])
    client.oauth2_token_saver(lambda new: held.update(token=new))
    return Sdk(AccountingApi(client, base_url=served.url + "/api.xro/2.0"), xero.org.tenant_id)
