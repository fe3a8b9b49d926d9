"""The connect steps: each stored when done, resumable, mended by themselves, and left in the right order."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import factories
from tests.sync.world import REDIRECT, World, sign_in, world
from tieout.core import operations
from tieout.core.models import Account, Document, TaxRule
from tieout.sync import connect, vault
from tieout.sync.access import Access, NotConnected
from tieout.sync.connect import CannotConnect
from tieout.sync.models import Binding, Connection, Grant, Run, Status
from tieout.sync.run import live_connection
from tieout.xero.errors import SignInFailed

pytestmark = pytest.mark.django_db
Step = Connection.Step


@pytest.fixture
def unconnected(db: None) -> World:
    return world(connected=False)


def come_back(made: World, state: str | None = None, tenants: list[str] | None = None) -> Connection:
    asked = parse_qs(urlsplit(connect.begin(made.organisation, REDIRECT, made.ports)).query)
    tenants = tenants or [made.tenant_id]
    back = made.twin.consent("tieout-demo", REDIRECT, asked["state"][0], asked["scope"][0], tenants=tenants)
    answer = parse_qs(urlsplit(back).query)
    return connect.come_back(state or answer["state"][0], answer["code"][0], REDIRECT, actor="mere", ports=made.ports)


def test_the_steps_follow_one_another_and_each_is_stored(unconnected: World) -> None:
    connection = come_back(unconnected)
    assert Connection.objects.get().step == Step.LOAD, "the only organisation is chosen by itself"
    connect.load(connection, actor="mere", ports=unconnected.ports)
    assert Connection.objects.get().step == Step.MAP
    assert Account.objects.filter(organisation=unconnected.organisation, code="200").exists()
    with pytest.raises(NotConnected, match="not finished"):
        live_connection(unconnected.organisation)
    connect.map_accounts(connection, connection.roles, {}, actor="mere")
    assert live_connection(unconnected.organisation).step == Step.LIVE


def test_tokens_are_stored_encrypted_and_never_shown(unconnected: World) -> None:
    connection = come_back(unconnected)
    grant = Grant.objects.get()
    access, refresh = vault.unseal(grant.tokens)
    assert access.encode() not in bytes(grant.tokens)
    assert refresh.encode() not in bytes(grant.tokens)
    for shown in (repr(grant), repr(connection), repr(unconnected.ports)):
        assert access not in shown
        assert refresh not in shown


def test_a_foreign_state_is_refused(unconnected: World) -> None:
    with pytest.raises(CannotConnect, match="not started here"):
        come_back(unconnected, state="made-up")
    assert not Grant.objects.exists()


def test_a_state_works_for_a_quarter_of_an_hour_and_once(unconnected: World) -> None:
    address = connect.begin(unconnected.organisation, REDIRECT, unconnected.ports)
    state = parse_qs(urlsplit(address).query)["state"][0]
    unconnected.clock.advance(timedelta(minutes=16).total_seconds())
    with pytest.raises(CannotConnect, match="too old"):
        connect.come_back(state, "code", REDIRECT, actor="mere", ports=unconnected.ports)


def test_a_used_code_is_told_as_a_sentence(unconnected: World) -> None:
    address = connect.begin(unconnected.organisation, REDIRECT, unconnected.ports)
    state = parse_qs(urlsplit(address).query)["state"][0]
    with pytest.raises(SignInFailed, match="did not accept the sign-in"):
        connect.come_back(state, "never-given", REDIRECT, actor="mere", ports=unconnected.ports)


def test_a_different_base_currency_stops_before_anything_is_loaded(unconnected: World) -> None:
    unconnected.organisation.base_currency = "AUD"
    unconnected.organisation.save()
    connection = come_back(unconnected)
    with pytest.raises(CannotConnect, match="keeps its books in NZD"):
        connect.load(connection, actor="mere", ports=unconnected.ports)
    assert not Account.objects.exists()


def test_one_xero_organisation_serves_one_company(unconnected: World) -> None:
    sign_in(unconnected)
    other = World(
        factories.organisation(base_currency="NZD"),
        unconnected.twin,
        unconnected.clock,
        unconnected.ports,
        unconnected.tenant_id,
    )
    connection = come_back(other)
    assert connection.step == Step.CHOOSE
    with pytest.raises(CannotConnect, match="is connected to"):
        connect.choose(connection, unconnected.tenant_id, actor="mere", ports=other.ports)


def test_a_core_tax_rule_of_the_same_name_and_rate_is_mapped_by_itself(unconnected: World) -> None:
    mapped = factories.tax_rule(unconnected.organisation, "15% GST on Income", "15")
    odd = factories.tax_rule(unconnected.organisation, "Old GST", "12.5")
    connection = come_back(unconnected)
    connect.load(connection, actor="mere", ports=unconnected.ports)
    mapped.refresh_from_db()
    assert mapped.tax_type == "OUTPUT2"
    assert connect.unmapped_taxes(unconnected.organisation) == [odd]
    with pytest.raises(CannotConnect, match="same percentage"):
        connect.map_accounts(connection, connection.roles, {odd.pk: "OUTPUT2"}, actor="mere")
    assert TaxRule.objects.get(pk=odd.pk).tax_type == ""


def test_suggestions_are_no_guesses(unconnected: World) -> None:
    connection = come_back(unconnected)
    connect.load(connection, actor="mere", ports=unconnected.ports)
    names = dict(Account.objects.filter(organisation=unconnected.organisation).values_list("code", "name"))
    assert names[connection.roles["sales"]] == "Sales"
    for charges in ("sale-charges", "purchase-charges"):
        assert "freight" in names[connection.roles[charges]].lower()


def test_leaving_deletes_the_connection_before_the_grant_is_revoked(connected: World) -> None:
    connection = Connection.objects.select_related("grant", "organisation").get()
    mark = len(connected.twin.journal)
    connect.disconnect(connection, actor="mere", ports=connected.ports)
    left = [(call.method, call.resource) for call in connected.twin.journal[mark:]]
    assert left == [("DELETE", "connections"), ("POST", "revocation")]
    assert not Grant.objects.exists()
    assert connect.open_connection(connected.organisation) is None
    assert sign_in(connected).step == Step.LIVE, "and one can come back"


def test_access_ended_in_xero_is_noticed_and_mended_by_reconnecting(connected: World) -> None:
    connection = Connection.objects.select_related("grant", "organisation").get()
    connected.clock.advance(61 * 24 * 3600)
    connect.repair(connection, connected.ports)
    assert Connection.objects.get().step == Step.RECONNECT
    with pytest.raises(NotConnected, match="Reconnect it"):
        live_connection(connected.organisation)
    assert come_back(connected).step == Step.LIVE


def test_a_refresh_is_done_once_however_many_workers_want_it(connected: World) -> None:
    connection = Connection.objects.select_related("grant", "organisation").get()
    with connect._sign_in(connection, connected.ports) as identity:
        workers = [Access(connection, identity, connected.clock) for _ in range(3)]
        connected.clock.advance(29 * 60)
        mark = connected.twin.calls("token")
        for worker in workers:
            worker.ensure()
    assert connected.twin.calls("token") - mark == 1
    assert len({worker.token() for worker in workers}) == 1


def test_a_lost_answer_to_a_refresh_is_no_end(connected: World) -> None:
    connected.clock.advance(31 * 60)
    connected.twin.faults.add("drop_after", path="/connect/token", times=1)
    first = connected.sync()
    second = connected.sync()
    assert (first.state, second.state) == ("stopped", "finished")


def test_a_key_that_is_gone_is_told_with_the_cure(connected: World, settings: object) -> None:
    from cryptography.fernet import Fernet

    settings.TIEOUT_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    with pytest.raises(vault.KeyLost, match="Put the old key back"):
        connected.sync()


def test_keys_rotate_the_first_encrypts_and_all_decrypt(connected: World, settings: object) -> None:
    from cryptography.fernet import Fernet

    old = settings.TIEOUT_ENCRYPTION_KEYS[0]  # type: ignore[attr-defined]
    new = Fernet.generate_key().decode()
    settings.TIEOUT_ENCRYPTION_KEYS = [new, old]  # type: ignore[attr-defined]
    connected.clock.advance(31 * 60)
    connected.sync()  # refreshes, and so stores the pair under the new key
    settings.TIEOUT_ENCRYPTION_KEYS = [new]  # type: ignore[attr-defined]
    assert connected.sync().state == "finished"


def test_a_connection_that_is_left_in_the_middle_of_a_sync_stays_left(connected: World) -> None:
    contact = factories.contact(connected.organisation)
    factories.sale_invoice(connected.organisation, contact_id=contact.pk)
    left: list[str] = []

    def leave(point: str) -> None:
        if point == "answer in hand" and not left:
            left.append(point)
            connection = Connection.objects.select_related("grant", "organisation").get()
            connect.disconnect(connection, actor="mere", ports=connected.ports)

    connected.ports.checkpoint = leave
    run = connected.sync()
    assert run.state == Run.State.STOPPED
    assert Connection.objects.get().step == Step.DISCONNECTED


def test_a_refresh_after_it_was_left_says_so(connected: World) -> None:
    connection = Connection.objects.select_related("grant", "organisation").get()
    with connect._sign_in(connection, connected.ports) as identity:
        worker = Access(connection, identity, connected.clock)
        connect.disconnect(connection, actor="mere", ports=connected.ports)
        with pytest.raises(NotConnected, match="disconnected"):
            worker.refresh()


@pytest.fixture
def left(connected: World) -> Document:
    """A synced invoice with a payment, of a company that left its Xero."""
    invoice = factories.sale_invoice(connected.organisation)
    factories.payment(invoice, "40.00")
    connected.sync()
    connection = Connection.objects.select_related("grant", "organisation").get()
    connect.disconnect(connection, actor="mere", ports=connected.ports)
    return invoice


def test_who_comes_back_to_the_same_xero_goes_on_with_what_was_agreed(connected: World, left: Document) -> None:
    agreed = set(Binding.objects.values_list("connection", "record_id", "xero_id"))
    connected.connect()
    later = factories.sale_invoice(connected.organisation, contact_id=left.contact_id)
    operations.void_payment(left.settlements.get(), actor="mere")
    connected.sync()
    assert connected.statuses() == {"completed": 4}
    assert Connection.objects.get().step == Step.LIVE
    assert agreed < set(Binding.objects.values_list("connection", "record_id", "xero_id"))
    assert connected.entry(later).status == Status.COMPLETED
    assert not connected.live("Payments")
    assert len(connected.documents("Invoices")) == 2


def test_another_xero_gets_everything_and_the_first_one_follows_later(connected: World, left: Document) -> None:
    first = connected.tenant_id
    connected.tenant_id = connected.twin.add_organisation("Kauri Ltd", country="NZ", base_currency="NZD").tenant_id
    connected.connect()
    factories.sale_invoice(connected.organisation, contact_id=left.contact_id)
    connected.sync()
    assert connected.statuses() == {"completed": 4}
    assert [len(connected.documents(each)) for each in ("Contacts", "Invoices", "Payments")] == [1, 2, 1]
    connection = Connection.objects.select_related("grant", "organisation").get(step=Step.LIVE)
    connect.disconnect(connection, actor="mere", ports=connected.ports)
    connected.tenant_id = first
    connected.connect()
    assert connected.connection.pk == Connection.objects.earliest("pk").pk
    connected.sync()
    assert connected.statuses() == {"completed": 4}
    assert [len(connected.documents(each)) for each in ("Contacts", "Invoices", "Payments")] == [1, 2, 1]


def test_who_comes_back_and_chooses_another_xero_after_all_mixes_nothing_up(connected: World, left: Document) -> None:
    other = connected.twin.add_organisation("Kauri Ltd", country="NZ", base_currency="NZD").tenant_id
    connection = come_back(connected, tenants=[connected.tenant_id, other])
    back = connect.choose(connection, connected.tenant_id, actor="mere", ports=connected.ports)
    gone_on = connect.choose(back, other, actor="mere", ports=connected.ports)
    assert (back.step, gone_on.step, gone_on.tenant_id) == (Step.DISCONNECTED, Step.LOAD, other)
    assert not Binding.objects.filter(connection=gone_on).exists()


def test_a_companys_day_is_that_of_its_own_clocks(connected: World) -> None:
    days = []
    for zone in ("Etc/GMT+12", "Pacific/Kiritimati"):  # 26 hours apart
        Connection.objects.update(time_zone=zone)
        days.append(connect.today(Connection.objects.get()))
    assert days[0] < days[1]
