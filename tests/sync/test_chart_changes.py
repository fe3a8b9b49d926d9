"""Making things in Xero's settings: once, whatever happens to the answer, and never over something that is there."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.sync.chart import make_account_without_code, make_category
from tests.sync.world import World
from tieout.core.models import Account
from tieout.people.models import Event
from tieout.sync import connect
from tieout.sync.chart_changes import (
    CodeForAccount,
    Deed,
    NewAccount,
    NewCurrency,
    NewOption,
    NotDone,
    PaymentsToAccount,
    carry_out,
)
from tieout.sync.models import Connection

pytestmark = pytest.mark.django_db
FREIGHT = NewAccount("261", "Freight charged", "REVENUE")


def do(world: World, deed: Deed, key: UUID | None = None) -> str:
    connection = Connection.objects.select_related("organisation", "grant").get(pk=world.connection.pk)
    return carry_out(connection, deed, key or uuid4(), actor="ben", ports=world.ports)


def writes(world: World, resource: str) -> int:
    return sum(1 for call in world.twin.journal if call.method in ("PUT", "POST") and call.resource == resource)


def accounts(world: World, code: str) -> list[dict[str, object]]:
    return [each for each in world.documents("Accounts") if each.get("Code") == code]


def codeless(world: World) -> Account:
    """A bank account as an owner makes it in Xero, without a code."""
    make_account_without_code(world, "Petty cash")
    connection = Connection.objects.select_related("organisation", "grant").get()
    connect.load(connection, actor="mere", ports=world.ports)
    return Account.objects.get(organisation=world.organisation, name="Petty cash")


def test_an_account_is_made_as_it_was_shown_and_core_knows_it(connected: World) -> None:
    assert do(connected, FREIGHT) == "Done: Xero shows it."
    (made,) = accounts(connected, "261")
    assert (made["Name"], made["Type"], made["EnablePaymentsToAccount"]) == ("Freight charged", "REVENUE", False)
    assert Account.objects.get(organisation=connected.organisation, code="261").name == "Freight charged"
    event = Event.objects.get(action="created", kind="xero_setting")
    assert (event.actor, event.detail["path"]) == ("ben", "Accounts")
    assert "261" in event.detail["sent"]


def test_asked_twice_it_is_made_once(connected: World) -> None:
    key = uuid4()
    do(connected, FREIGHT, key)
    assert "stands in Xero already" in do(connected, FREIGHT, key)
    assert "stands in Xero already" in do(connected, FREIGHT)
    assert writes(connected, "Accounts") == 1


def test_a_lost_answer_is_looked_up_not_sent_again(connected: World) -> None:
    connected.twin.faults.add("drop_after", method="PUT", path="Accounts", times=1)
    assert "lost, but it shows it" in do(connected, FREIGHT)
    assert len(accounts(connected, "261")) == 1


def test_an_answer_that_never_came_says_what_to_do_and_the_next_try_makes_it(connected: World) -> None:
    connected.twin.faults.add("drop_before", method="PUT", path="Accounts", times=1)
    with pytest.raises(NotDone, match="looked up before anything is sent"):
        do(connected, FREIGHT)
    assert not accounts(connected, "261")
    assert do(connected, FREIGHT) == "Done: Xero shows it."


def test_what_is_in_the_way_is_named_and_nothing_is_sent(connected: World) -> None:
    before = writes(connected, "Accounts")
    with pytest.raises(NotDone, match="belongs to the account 200 Sales") as refused:
        do(connected, NewAccount("200", "Other sales", "REVENUE"))
    assert refused.value.field == "code"
    with pytest.raises(NotDone, match="of that name") as refused:
        do(connected, NewAccount("201", "sales", "REVENUE"))
    assert refused.value.field == "name"
    assert writes(connected, "Accounts") == before


@pytest.mark.parametrize(
    ("deed", "field", "sentence"),
    [
        (NewAccount("", "Freight", "REVENUE"), "code", "Type a code"),
        (NewAccount("12345678901", "Freight", "REVENUE"), "code", "10 characters"),
        (NewAccount("<b>", "Freight", "REVENUE"), "code", "leave anything else out"),
        (NewAccount("261", "", "REVENUE"), "name", "Type a name"),
        (NewAccount("261", "x" * 151, "REVENUE"), "name", "150 characters"),
        (NewAccount("261", "a <script>", "REVENUE"), "name", "no < or >"),
        (NewAccount("261", "Bank", "BANK"), "type", "made in Xero itself"),
        (NewCurrency("XXX"), "currency", "no ISO currency code"),
        (NewOption("Region", ""), "option", "Type a name"),
        (NewOption("Region", "a\x00b"), "option", "no < or >"),
        (NewOption("Nowhere", "North"), "", "no active tracking category"),
        (CodeForAccount("not-an-id", "X", "480"), "", "not known here"),
        (CodeForAccount(str(uuid4()), "X", "480"), "", "not known here"),
        (PaymentsToAccount(str(uuid4()), "480", "X"), "", "not known here"),
    ],
)
def test_what_cannot_be_is_said_before_xero_is_asked(connected: World, deed: Deed, field: str, sentence: str) -> None:
    mark = len(connected.twin.journal)
    with pytest.raises(NotDone, match=sentence) as refused:
        do(connected, deed)
    assert refused.value.field == field
    assert len(connected.twin.journal) == mark


def test_an_account_without_a_code_gets_one(connected: World) -> None:
    account = codeless(connected)
    assert account.code == ""
    with pytest.raises(NotDone, match="belongs to the account 200"):
        do(connected, CodeForAccount(str(account.xero_id), account.name, "200"))
    do(connected, CodeForAccount(str(account.xero_id), account.name, "098"))
    account.refresh_from_db()
    assert account.code == "098"
    assert "stands in Xero already" in do(connected, CodeForAccount(str(account.xero_id), account.name, "098"))


def test_payments_to_an_account_are_enabled(connected: World) -> None:
    account = Account.objects.get(organisation=connected.organisation, code="850")
    assert not account.takes_payments
    do(connected, PaymentsToAccount(str(account.xero_id), account.code, account.name))
    account.refresh_from_db()
    assert account.takes_payments


def test_a_currency_and_an_option_are_added(connected: World) -> None:
    do(connected, NewCurrency("EUR"))
    assert "EUR" in Connection.objects.get().currencies
    make_category(connected, "Region", ["North"])
    connection = Connection.objects.select_related("organisation", "grant").get()
    connect.load(connection, actor="mere", ports=connected.ports)
    do(connected, NewOption("Region", "South & West"))
    assert Connection.objects.get().tracking_categories == {"Region": ["North", "South & West"]}
    assert "already" in do(connected, NewOption("Region", "south & west"))


def test_what_xero_refuses_comes_with_its_words(connected: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NewAccount, "stands", lambda self, pull: False)
    with pytest.raises(NotDone, match=r"Xero refused: .*unique Code"):
        do(connected, NewAccount("200", "Another", "REVENUE"))
