"""The connect wizard, end to end against the twin, with what goes wrong on the way."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests import factories
from tests.console.conftest import signed_in
from tests.sync.world import World, world
from tieout.console import ports as way_out
from tieout.people.models import Role
from tieout.sync import connect, tasks
from tieout.sync.models import Connection

pytestmark = pytest.mark.django_db
Step = Connection.Step


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> World:
    """A company that is not connected yet; the console's way out leads to its twin."""
    made = world(connected=False)
    monkeypatch.setattr(way_out, "ports", lambda: made.ports)
    return made


@pytest.fixture
def owner(place: World) -> Client:
    client = signed_in("aroha", place.organisation, Role.OWNER)
    client.defaults["SERVER_NAME"] = "localhost"  # the twin's demo app takes any address on localhost
    return client


def path(place: World, rest: str) -> str:
    return f"/o/{place.organisation.slug}/{rest}"


def stands_at(place: World) -> str:
    found = connect.open_connection(place.organisation)
    return found.step if found else ""


def authorise(place: World, owner: Client, tenants: list[str] | None = None) -> str:
    """Press "Sign in to Xero" and "Allow access": the address that Xero sends the person back to."""
    answer = owner.post(path(place, "connect/authorise/"))
    asked = {key: values[0] for key, values in parse_qs(urlsplit(answer["Location"]).query).items()}
    assert asked["redirect_uri"] == "http://localhost/connect/xero/callback"
    return place.twin.consent(asked["client_id"], asked["redirect_uri"], asked["state"], asked["scope"], tenants)


def roles(**changes: str) -> dict[str, str]:
    return {"role-sales": "200", "role-purchases": "300"} | {f"role-{name}": code for name, code in changes.items()}


def test_from_welcome_to_the_first_sync(place: World, owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    other = place.twin.add_organisation("Kauri Ltd", base_currency="NZD")
    factories.sale_invoice(place.organisation)
    asked: list[str] = []
    monkeypatch.setattr(tasks, "request_sync", lambda organisation, actor: asked.append(actor))

    assert b"What Tieout reads" in owner.get(path(place, "connect/")).content
    owner.get(authorise(place, owner))
    page = owner.get(path(place, "connect/")).content.decode()
    assert "Harakeke Ltd" in page and "Kauri Ltd" in page
    owner.post(path(place, "connect/choose/"), {"tenant": other.tenant_id})
    assert stands_at(place) == Step.LOAD
    owner.post(path(place, "connect/load/"))
    page = owner.get(path(place, "connect/")).content.decode()
    assert '<option value="200" selected>200 Sales (suggested)</option>' in page
    owner.post(path(place, "connect/map/"), roles())
    assert stands_at(place) == Step.LIVE
    page = owner.get(path(place, "connect/")).content.decode()
    assert "Start the first sync" in page
    assert re.findall(r'<td>([^<]*)</td><td class="num strong">(\d+)</td>', page) == [
        ("Contacts", "1"),
        ("Sale invoices", "1"),
    ]
    owner.post(path(place, "sync/"))
    assert asked == ["aroha"]


def test_where_core_holds_nothing_the_last_step_says_so(place: World, owner: Client) -> None:
    owner.get(authorise(place, owner))
    owner.post(path(place, "connect/load/"))
    owner.post(path(place, "connect/map/"), roles())
    page = owner.get(path(place, "connect/")).content.decode()
    assert "Core holds nothing that could go yet." in page
    assert "Start the first sync" in page


def test_a_person_who_says_no_in_xero_reads_what_to_do(place: World, owner: Client) -> None:
    address = authorise(place, owner)
    state = parse_qs(urlsplit(address).query)["state"][0]
    page = owner.get(f"/connect/xero/callback?error=access_denied&state={state}", follow=True)
    assert "Access was not given in Xero" in page.content.decode()
    assert stands_at(place) == Step.AUTHORISE


def test_a_sign_in_that_another_browser_began_is_refused(place: World, owner: Client) -> None:
    address = authorise(place, owner)
    intruder = signed_in("mallory", factories.organisation(), Role.OWNER)
    page = intruder.get(address, follow=True)
    assert "was not started in this browser" in page.content.decode()
    assert stands_at(place) == Step.AUTHORISE
    owner.get(address)
    assert stands_at(place) == Step.LOAD  # the one organisation there is was chosen


def test_a_state_is_good_for_once(place: World, owner: Client) -> None:
    address = authorise(place, owner)
    owner.get(address)
    assert "was not started in this browser" in owner.get(address, follow=True).content.decode()


def test_a_member_who_lost_the_role_meanwhile_does_not_come_through(place: World, owner: Client) -> None:
    address = authorise(place, owner)
    place.organisation.members.update(role=Role.VIEWER)
    assert owner.get(address).status_code == 404


def test_a_taken_organisation_is_shown_with_the_reason_and_cannot_be_chosen(place: World, owner: Client) -> None:
    for name in ("Kauri Ltd", "Rimu Ltd"):
        place.twin.add_organisation(name, base_currency="NZD")
    taker = factories.organisation(name="The Taker")
    Connection.objects.create(organisation=taker, step=Step.LIVE, tenant_id=place.tenant_id)
    owner.get(authorise(place, owner))
    page = owner.get(path(place, "connect/")).content.decode()
    assert "Connected to The Taker already" in page
    assert f'value="{place.tenant_id}" required disabled' in page
    answer = owner.post(path(place, "connect/choose/"), {"tenant": place.tenant_id}, follow=True)
    assert "is connected to The Taker already" in answer.content.decode()
    assert stands_at(place) == Step.CHOOSE


def test_another_base_currency_is_told_before_anything_is_loaded_and_another_can_be_chosen(
    place: World, owner: Client
) -> None:
    wrong = place.twin.add_organisation("Sydney Pty", country="AU", base_currency="AUD")
    owner.get(authorise(place, owner))
    owner.post(path(place, "connect/choose/"), {"tenant": wrong.tenant_id})
    page = owner.post(path(place, "connect/load/"), follow=True).content.decode()
    assert "keeps its books in AUD" in page
    owner.post(path(place, "connect/choose/"), {"tenant": place.tenant_id})
    owner.post(path(place, "connect/load/"))
    assert stands_at(place) == Step.MAP


def test_xero_not_answering_is_a_sentence_and_the_step_can_be_repeated(place: World, owner: Client) -> None:
    owner.get(authorise(place, owner))
    place.twin.faults.add("drop_before", path="/api.xro", times=20)
    page = owner.post(path(place, "connect/load/"), follow=True).content.decode()
    assert "Xero did not answer" in page
    assert stands_at(place) == Step.LOAD
    place.twin.faults = type(place.twin.faults)()
    owner.post(path(place, "connect/load/"))
    assert stands_at(place) == Step.MAP


def test_opening_the_wizard_mends_a_connection_that_xero_ended(place: World, owner: Client) -> None:
    owner.get(authorise(place, owner))
    owner.post(path(place, "connect/load/"))
    owner.post(path(place, "connect/map/"), roles())
    connection = connect.open_connection(place.organisation)
    assert connection is not None
    Connection.objects.update(step=Step.RECONNECT)  # as a run leaves it that was refused
    place.twin.identity.disconnect("tieout-demo", connection.xero_connection_id)
    page = owner.get(path(place, "connect/")).content.decode()
    assert "Sign in to Xero again" in page
    assert stands_at(place) == Step.RECONNECT
    owner.get(authorise(place, owner))
    assert stands_at(place) == Step.LIVE


def test_a_mapping_that_cannot_be_is_refused_with_its_reason(place: World, owner: Client) -> None:
    owner.get(authorise(place, owner))
    owner.post(path(place, "connect/load/"))
    page = owner.post(path(place, "connect/map/"), roles(sales=""), follow=True).content.decode()
    assert "Choose an account for Sales." in page
    assert stands_at(place) == Step.MAP


def test_a_tax_rule_of_the_same_name_is_tied_and_others_choose_among_rates_of_their_percentage(
    place: World, owner: Client
) -> None:
    factories.tax_rule(place.organisation)
    own = factories.tax_rule(place.organisation, name="No tax at all", rate="0")
    owner.get(authorise(place, owner))
    owner.post(path(place, "connect/load/"))
    page = owner.get(path(place, "connect/")).content.decode()
    assert "Same name in Xero" in page
    assert "Unmapped" in page
    owner.post(path(place, "connect/map/"), roles() | {f"tax-{own.pk}": "NONE"})
    own.refresh_from_db()
    assert own.tax_type == "NONE"
    assert not connect.unmapped_taxes(place.organisation)


def test_no_page_shows_a_token_or_a_secret(place: World, owner: Client) -> None:
    owner.get(authorise(place, owner))
    owner.post(path(place, "connect/load/"))
    owner.post(path(place, "connect/map/"), roles())
    from tieout.sync import vault

    connection = connect.open_connection(place.organisation)
    assert connection is not None and connection.grant is not None
    secrets = [*vault.unseal(connection.grant.tokens), "tieout-demo-secret"]
    for rest in ("", "connect/", "connection/", "mapping/", "connection/disconnect/"):
        page = owner.get(path(place, rest), follow=True).content.decode()
        assert not [secret for secret in secrets if secret in page]


def test_connected_it_can_be_loaded_again_mapped_anew_and_disconnected(place: World, owner: Client) -> None:
    owner.get(authorise(place, owner))
    owner.post(path(place, "connect/load/"))
    owner.post(path(place, "connect/map/"), roles())
    page = owner.post(path(place, "connection/load/"), follow=True).content.decode()
    assert "were loaded from Xero again" in page
    page = owner.post(path(place, "mapping/save/"), roles(sales="260"), follow=True).content.decode()
    assert "The mapping was changed" in page
    connection = connect.open_connection(place.organisation)
    assert connection is not None and connection.roles["sales"] == "260"
    assert stands_at(place) == Step.LIVE
    assert "What stays" in owner.get(path(place, "connection/disconnect/")).content.decode()
    page = owner.post(path(place, "connection/disconnect/"), follow=True).content.decode()
    assert "Disconnected from Xero" in page
    assert stands_at(place) == ""
    assert not place.twin.identity.connections_of("tieout-demo")
