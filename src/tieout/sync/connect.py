"""Connecting an organisation to Xero, step by step.

    authorise ──► choose ──► load ──► map ──► live ◄──► reconnect
                                               │
                                          disconnected

In: a person's answers. Out: a `Connection` at its next step. Always: each step is stored when it is done, so the
wizard can be left anywhere and resumed; opening it again checks with Xero what is really there and mends what is half
made; nothing is loaded into Core before base currencies are known to agree; who comes back to a Xero organisation finds
everything as agreed with it before.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from tieout.core.costs import COST, INVENTORY, TITLES
from tieout.core.models import Account, Organisation, TaxRule
from tieout.people.models import Action, Event
from tieout.sync import outbox, vault
from tieout.sync.access import Access, NotConnected, fill
from tieout.sync.budget import CallBudget, Lane, count
from tieout.sync.clock import DatabaseClock
from tieout.sync.ledger import Ledger
from tieout.sync.models import Connection, Grant
from tieout.sync.pull import Pull, Reader
from tieout.sync.run import Ports, app
from tieout.xero.client import Xero, http_client
from tieout.xero.errors import AccessLost
from tieout.xero.sign_in import SignIn
from tieout.xero.types import Tenant

STATE_GOOD_FOR = timedelta(minutes=15)
Step = Connection.Step


class CannotConnect(Exception):
    """A step cannot be done as asked; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Role:
    """What an account is needed for. `types`: Xero's account types that suit it, the best first; `words`: the account's
    name must hold one of them to be suggested; `journal`: manual journals are booked on it; `takes_payments`: a new one
    should let payments be made to it."""

    name: str
    title: str
    explanation: str
    types: tuple[str, ...]
    required: bool = True
    words: tuple[str, ...] = ()
    journal: bool = False
    takes_payments: bool = False


_FREIGHT = ("freight", "shipping", "delivery", "courier", "postage")


ROLES = (
    Role("sales", "Sales", "Sale lines that name no account of their own.", ("SALES", "REVENUE")),
    Role("purchases", "Purchases", "Bill lines that name no account.", ("DIRECTCOSTS", "EXPENSE", "INVENTORY")),
    Role(
        "sale-charges",
        "Freight charged",
        "Additional charges on sales.",
        ("OTHERINCOME", "REVENUE", "SALES", "EXPENSE", "OVERHEADS"),
        required=False,
        words=_FREIGHT,
    ),
    Role(
        "purchase-charges",
        "Freight paid",
        "Additional charges on bills.",
        ("DIRECTCOSTS", "EXPENSE", "OVERHEADS"),
        required=False,
        words=_FREIGHT,
    ),
    Role(
        "customer-credits",
        "Customer credits",
        "Money received ahead of an invoice.",
        ("CURRLIAB",),
        required=False,
        takes_payments=True,
        words=("credit", "prepay", "deposit"),
    ),
    Role(
        "supplier-deposits",
        "Supplier deposits",
        "Money spent ahead of a bill.",
        ("CURRENT",),
        required=False,
        words=("deposit", "prepay"),
        takes_payments=True,
    ),
    Role(
        COST,
        TITLES[COST],
        "The cost of what was shipped.",
        ("DIRECTCOSTS",),
        required=False,
        words=("cost",),
        journal=True,
    ),
    Role(
        INVENTORY,
        TITLES[INVENTORY],
        "What the cost of goods is taken from.",
        ("CURRENT",),
        required=False,
        words=("stock", "inventory"),
        journal=True,
    ),
)


def open_connection(organisation: Organisation) -> Connection | None:
    """The connection that is live or being made, if any."""
    return (
        Connection.objects.select_related("organisation", "grant")
        .filter(organisation=organisation)
        .exclude(step=Step.DISCONNECTED)
        .first()
    )


def today(connection: Connection | None) -> date:
    """The company's own day; that of UTC as long as its time zone in Xero is not known."""
    now = datetime.now(UTC)
    return connection.day_of(now) if connection else now.date()


@contextmanager
def _sign_in(connection: Connection, ports: Ports) -> Iterator[SignIn]:
    clock = ports.clock
    with http_client(ports.transport) as http:
        yield SignIn(http, app(), clock.now, lambda resource: count(connection, resource, clock.now()))


# -- authorise --------------------------------------------------------------------------------


def begin(organisation: Organisation, redirect_uri: str, ports: Ports) -> str:
    """Where to send the person to sign in to Xero. A sign-in begun before is void from now on."""
    connection = open_connection(organisation) or Connection(organisation=organisation)
    connection.state = secrets.token_urlsafe(32)
    connection.state_expires_at = ports.clock.now() + STATE_GOOD_FOR
    connection.save()
    with _sign_in(connection, ports) as sign_in:
        return sign_in.authorise_url(redirect_uri, connection.state)


def come_back(state: str, code: str, redirect_uri: str, *, actor: str, ports: Ports) -> Connection:
    """The person is back from Xero. Raises CannotConnect where the state is not ours or too old, or Xero refuses."""
    connection = (
        Connection.objects.select_related("organisation", "grant").exclude(state="").filter(state=state).first()
    )
    if connection is None or not connection.state_expires_at or connection.state_expires_at < ports.clock.now():
        raise CannotConnect("This sign-in was not started here, or is too old. Start the connection once more.")
    with _sign_in(connection, ports) as sign_in:
        tokens = sign_in.exchange(code, redirect_uri)
        with transaction.atomic():
            connection.grant = fill(connection.grant or Grant(), tokens, ports.clock)
            connection.grant.save()
            connection.state = ""
            connection.state_expires_at = None
            if not connection.tenant_id:
                connection.step = Step.CHOOSE
            connection.save()
            again = Action.RECONNECTED if connection.tenant_id else Action.CONNECTED
            _tell(connection, actor, again)
    if connection.tenant_id:
        repair(connection, ports)
        return connection
    free = [tenant for tenant in tenants(connection, ports) if not taken(tenant, connection)]
    if len(free) == 1:  # nothing to choose
        return choose(connection, free[0].tenant_id, actor=actor, ports=ports, known=free)
    return connection


# -- choose --------------------------------------------------------------------------------


def tenants(connection: Connection, ports: Ports) -> list[Tenant]:
    """The Xero organisations that the person let Tieout into."""
    with _sign_in(connection, ports) as sign_in:
        access = Access(connection, sign_in, ports.clock)
        access.ensure()
        try:
            found = sign_in.tenants(access.token())
        except AccessLost as lost:
            raise NotConnected(str(lost)) from lost
    return [tenant for tenant in found if tenant.tenant_type == "ORGANISATION"]


def taken(tenant: Tenant, connection: Connection) -> Organisation | None:
    """The other organisation in Tieout that is tied to this tenant, if any."""
    other = (
        Connection.objects.exclude(pk=connection.pk)
        .exclude(step=Step.DISCONNECTED)
        .filter(tenant_id=tenant.tenant_id)
        .select_related("organisation")
        .first()
    )
    return other.organisation if other else None


def choose(
    connection: Connection, tenant_id: str, *, actor: str, ports: Ports, known: list[Tenant] | None = None
) -> Connection:
    """Tie the organisation to this tenant; the connection that does. Raises CannotConnect where it is not allowed or
    taken."""
    tenant = next((each for each in known or tenants(connection, ports) if each.tenant_id == tenant_id), None)
    if tenant is None:
        raise CannotConnect("Tieout was not let into that Xero organisation. Sign in again and tick it there.")
    if other := taken(tenant, connection):
        raise CannotConnect(f"{tenant.tenant_name} is connected to {other} already. Disconnect it there first.")
    with transaction.atomic():
        connection = _with_its_memory(connection, tenant_id, ports)
        connection.tenant_id, connection.tenant_name = tenant.tenant_id, tenant.tenant_name
        connection.xero_connection_id = tenant.id
        connection.step = Step.LOAD
        connection.save()
    return connection


def _with_its_memory(connection: Connection, tenant_id: str, ports: Ports) -> Connection:
    """The connection that this organisation had to that tenant before: what was agreed, seen and sent there goes on.
    Else this one, or a new one where this one remembers another tenant."""
    if connection.tenant_id == tenant_id:
        return connection
    before = (
        Connection.objects.select_related("organisation")
        .filter(organisation=connection.organisation, tenant_id=tenant_id, step=Step.DISCONNECTED)
        .order_by("-disconnected_at")
        .first()
    )
    if before is None and connection.connected_at is None:
        return connection
    chosen = before or Connection(organisation=connection.organisation)
    chosen.grant, chosen.disconnected_at = connection.grant, None
    if connection.connected_at is None:
        connection.delete()
    else:
        connection.grant, connection.step, connection.disconnected_at = None, Step.DISCONNECTED, ports.clock.now()
        connection.save()
    return chosen


# -- load --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """An open line to Xero outside a run: what calls go through, and what keeps token and budget."""

    xero: Xero
    access: Access
    budget: CallBudget
    pull: Pull


@contextmanager
def calling(connection: Connection, ports: Ports, lane: Lane = Lane.NOW) -> Iterator[Line]:
    """A line for a step of the wizard, a check, or something that a person has made in Xero."""
    clock = ports.clock
    with _sign_in(connection, ports) as sign_in, http_client(ports.transport) as http:
        access = Access(connection, sign_in, clock)
        budget = CallBudget(connection, clock, lane)
        xero = Xero(http, api_url=app().api_url, tenant_id=connection.tenant_id, access_token=access.token)
        yield Line(xero, access, budget, Pull(Ledger(connection), Reader(xero, access, budget, clock), clock))


@contextmanager
def pulling(connection: Connection, ports: Ports, lane: Lane = Lane.NOW) -> Iterator[Pull]:
    """A `Pull` for a step of the wizard or a check, outside a run."""
    with calling(connection, ports, lane) as line:
        yield line.pull


def load(connection: Connection, *, actor: str, ports: Ports) -> None:
    """Check the base currency, then load accounts, tax rates and currencies. Raises CannotConnect."""
    organisation = connection.organisation
    if not connection.tenant_id:
        raise CannotConnect("Choose the Xero organisation first.")
    with pulling(connection, ports) as pull:
        pull.organisation()
        if connection.base_currency != organisation.base_currency:
            raise CannotConnect(
                f"{connection.tenant_name} keeps its books in {connection.base_currency}, "
                f"{organisation.name} in {organisation.base_currency}. Choose a Xero organisation with the same "
                "base currency."
            )
        pull.chart()
        if not connection.tracking:
            pull.tracking()
    connection.roles = {**suggested_roles(organisation), **connection.roles}
    if connection.step == Step.LOAD:
        connection.step = Step.MAP
    connection.save(update_fields=["roles", "step"])
    _tell(connection, actor, Action.LOADED)


# -- map --------------------------------------------------------------------------------


def suggested_roles(organisation: Organisation) -> dict[str, str]:
    """For each role the active account that suits it best; none where it would be a guess."""
    accounts = list(Account.objects.filter(organisation=organisation, status="ACTIVE").exclude(code=""))
    suggestions = {}
    for role in ROLES:
        fitting = [
            (role.types.index(account.type), account.code)
            for account in accounts
            if account.type in role.types
            and (not role.words or any(word in account.name.casefold() for word in role.words))
        ]
        if fitting:
            suggestions[role.name] = min(fitting)[1]
    return suggestions


class NotMapped(CannotConnect):
    """Nothing of the mapping was stored. `errors`: a sentence by field: role-NAME, tax-ID, or "" for all of it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


def mapping_errors(organisation: Organisation, roles: Mapping[str, str], taxes: Mapping[int, str]) -> dict[str, str]:
    """What is wrong with a mapping, by field; nothing where it can be stored."""
    accounts = {
        account.code: account
        for account in Account.objects.filter(organisation=organisation, status="ACTIVE").exclude(code="")
    }
    errors = {
        f"role-{role.name}": sentence
        for role in ROLES
        if (sentence := _role_error(role, roles.get(role.name, ""), accounts))
    }
    rules = list(TaxRule.objects.filter(organisation=organisation, status="ACTIVE"))
    rates = {rule.tax_type: rule.rate for rule in rules if rule.tax_type}
    own = {rule.pk: rule for rule in rules if not rule.from_xero}
    for number, tax_type in taxes.items():
        rule = own.get(number)
        if rule is None:
            errors[f"tax-{number}"] = "That is no tax rule that can be mapped here. Load the page again."
        elif tax_type and tax_type not in rates:
            errors[f"tax-{number}"] = f"Xero has no active tax rate “{tax_type[:40]}”. Choose one from the list."
        elif tax_type and rates[tax_type] != rule.rate:
            errors[f"tax-{number}"] = (
                f"The rule “{rule.name}” is {rule.rate.normalize():f}%, the chosen Xero rate "
                f"{rates[tax_type].normalize():f}%. Choose a rate of the same percentage."
            )
    return errors


def _role_error(role: Role, code: str, accounts: Mapping[str, Account]) -> str:
    if not code:
        return f"Choose an account for {role.title}." if role.required else ""
    account = accounts.get(code)
    if account is None:
        return f"Account {code[:20]}, chosen for {role.title}, is not an active account of Xero."
    barred = account.type == "BANK" or account.system_account in ("DEBTORS", "CREDITORS")
    if barred or (role.journal and (account.type == "INVENTORY" or account.system_account == "RETAINEDEARNINGS")):
        return f"Xero lets no line be booked on {account}, so it cannot serve for {role.title}. Choose another account."
    return ""


def mapping_version(connection: Connection) -> str:
    """Changes with anything that the mapping form shows as chosen."""
    taxes = TaxRule.objects.filter(organisation=connection.organisation, from_xero=False).order_by("pk")
    shown = (sorted(connection.roles.items()), list(taxes.values_list("pk", "tax_type")))
    return hashlib.blake2b(repr(shown).encode(), digest_size=8).hexdigest()


@transaction.atomic
def map_accounts(
    connection: Connection, roles: Mapping[str, str], taxes: Mapping[int, str], *, actor: str, version: str = ""
) -> list[dict[str, str]]:
    """Store which account serves which role, and which Xero rate each tax rule is: all of it, or nothing. What was
    changed, as texts. `version`: that of the mapping which the form showed. Raises NotMapped."""
    Connection.objects.select_for_update().get(pk=connection.pk)
    connection.refresh_from_db(fields=["roles", "step", "connected_at"])
    if version and version != mapping_version(connection):
        raise NotMapped({"": "Somebody changed the mapping meanwhile. Look at it again and repeat your change."})
    if errors := mapping_errors(connection.organisation, roles, taxes):
        raise NotMapped(errors)
    chosen = {role.name: roles[role.name] for role in ROLES if roles.get(role.name)}
    changes = [
        {"what": role.title, "from": connection.roles.get(role.name, ""), "to": chosen.get(role.name, "")}
        for role in ROLES
        if connection.roles.get(role.name, "") != chosen.get(role.name, "")
    ]
    for rule in TaxRule.objects.filter(organisation=connection.organisation, pk__in=list(taxes)):
        if rule.tax_type != taxes[rule.pk]:
            changes.append({"what": rule.name, "from": rule.tax_type, "to": taxes[rule.pk]})
            _map_rule(rule, taxes[rule.pk])
    confirmed = connection.step == Step.MAP
    connection.roles = chosen
    if confirmed:
        connection.step = Step.LIVE
        outbox.touch_all(connection.organisation_id)
        connection.connected_at = connection.connected_at or DatabaseClock().now()
    connection.save(update_fields=["roles", "step", "connected_at"])
    if changes or confirmed:
        _tell(connection, actor, Action.MAPPED, {"roles": chosen, "changes": changes})
    return changes


def _map_rule(rule: TaxRule, tax_type: str) -> None:
    """Let the rule be that rate, with what Xero says about the rate."""
    like = TaxRule.objects.filter(organisation=rule.organisation, tax_type=tax_type, status="ACTIVE").first()
    rule.tax_type = tax_type
    if tax_type and like is not None:
        rule.xero_rate, rule.xero_name, rule.applies_to = like.xero_rate, like.xero_name, like.applies_to
    else:
        rule.xero_rate, rule.xero_name, rule.applies_to = None, "", []
    rule.save(update_fields=["tax_type", "xero_rate", "xero_name", "applies_to"])


def unmapped_taxes(organisation: Organisation) -> list[TaxRule]:
    """Tax rules of Core's own that no Xero rate stands for yet."""
    return list(TaxRule.objects.filter(organisation=organisation, tax_type="", status="ACTIVE"))


# -- later --------------------------------------------------------------------------------


def repair(connection: Connection, ports: Ports) -> None:
    """Compare with what Xero says and put the connection at the step that is true."""
    if connection.grant is None:
        connection.step = Step.RECONNECT if connection.tenant_id else Step.AUTHORISE
        connection.save(update_fields=["step"])
        return
    try:
        found = {tenant.tenant_id: tenant for tenant in tenants(connection, ports)}
    except NotConnected:
        connection.step = Step.RECONNECT if connection.tenant_id else Step.AUTHORISE
        connection.save(update_fields=["step"])
        return
    tenant = found.get(connection.tenant_id)
    if connection.tenant_id and tenant is None:
        connection.step = Step.RECONNECT
    elif tenant is not None:
        connection.xero_connection_id, connection.tenant_name = tenant.id, tenant.tenant_name
        if connection.step in (Step.RECONNECT, Step.AUTHORISE, Step.CHOOSE):
            confirmed = connection.connected_at is not None
            connection.step = Step.LOAD if not connection.loaded_at else Step.LIVE if confirmed else Step.MAP
    elif connection.step == Step.AUTHORISE:
        connection.step = Step.CHOOSE
    connection.save()


def disconnect(connection: Connection, *, actor: str, ports: Ports) -> None:
    """Leave Xero: delete the connection there, then revoke the grant (revoked, it could not delete), then forget."""
    grant = connection.grant
    if grant is not None:
        with _sign_in(connection, ports) as sign_in:
            try:
                access = Access(connection, sign_in, ports.clock)
                access.ensure()
                if connection.xero_connection_id:
                    sign_in.drop(access.token(), connection.xero_connection_id)
                sign_in.revoke(vault.unseal(Grant.objects.get(pk=grant.pk).tokens)[1])
            except (NotConnected, AccessLost):
                pass  # Xero has ended the access already
    with transaction.atomic():
        connection.grant = None
        connection.step = Step.DISCONNECTED
        connection.disconnected_at = ports.clock.now()
        connection.save()
        if grant is not None:
            grant.delete()
        _tell(connection, actor, Action.DISCONNECTED)


def _tell(connection: Connection, actor: str, action: Action, detail: dict[str, object] | None = None) -> None:
    Event.objects.create(
        organisation=connection.organisation,
        actor=actor,
        action=action,
        label=connection.tenant_name,
        detail=detail or {},
    )
