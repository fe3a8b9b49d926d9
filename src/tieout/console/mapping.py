"""Mapping: which account serves which purpose, which Xero rate each tax rule is, and what else has to fit together.

In: an organisation whose accounts and rates were loaded; what a person typed. Out: the page, what a change frees before
it is stored, the tax of an amount to the cent on both sides. Always: an account may serve several purposes; only rates
of the same percentage are offered for a tax rule; every member may read, only who may map can change; nothing is stored
by halves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tieout.console import ports as way_out
from tieout.console.fitting import fitting_values
from tieout.console.frame import page
from tieout.console.seats import Right, Seat, for_member
from tieout.console.settings import freed_sentence, sync_at_once
from tieout.core import money, operations
from tieout.core.models import Account, Organisation, TaxRule
from tieout.kinds.books import Books
from tieout.people.models import Action, Event
from tieout.sync import connect, entries
from tieout.sync.connect import ROLES, NotMapped, Role
from tieout.sync.effect import Effect, effect
from tieout.sync.ledger import Ledger
from tieout.sync.models import Connection

MOST_AMOUNTS = 20
_AMOUNT = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """One purpose with the accounts to choose from: those of a fitting type first."""

    role: Role
    chosen: str
    suggested: str
    fitting: list[Account]
    others: list[Account]
    error: str = ""


@dataclass(frozen=True, slots=True)
class TaxChoice:
    """A tax rule of Core's own. `tied`: loading found Xero's rate of the same name, so there is nothing to choose."""

    rule: TaxRule
    chosen: str
    rates: list[tuple[str, str]]
    tied: bool
    error: str = ""

    @property
    def unmapped(self) -> bool:
        return not self.rule.tax_type


def mapping_values(
    organisation: Organisation,
    connection: Connection | None,
    typed: tuple[Mapping[str, str], Mapping[int, str]] = ({}, {}),
    errors: Mapping[str, str] = {},
) -> dict[str, Any]:
    """Everything that the mapping form shows; `typed`: what a person has chosen so far."""
    accounts = list(Account.objects.filter(organisation=organisation, status="ACTIVE"))
    coded = [account for account in accounts if account.code]
    rules = list(TaxRule.objects.filter(organisation=organisation, status="ACTIVE"))
    own = [rule for rule in rules if not rule.from_xero]
    rates = {rule.tax_type: rule for rule in rules if rule.tax_type}
    roles = {**(connection.roles if connection else {}), **typed[0]}
    suggested = connect.suggested_roles(organisation)
    return {
        "roles": [
            _role_choice(each, roles.get(each.name, ""), suggested.get(each.name, ""), coded, errors) for each in ROLES
        ],
        "codeless": [account for account in accounts if not account.code],
        "taxes": [
            TaxChoice(
                rule,
                typed[1].get(rule.pk, rule.tax_type),
                [(each.tax_type, each.xero_name or each.name) for each in rates.values() if each.rate == rule.rate],
                bool(rule.tax_type) and rule.xero_name.casefold() == rule.name.casefold(),
                errors.get(f"tax-{rule.pk}", ""),
            )
            for rule in own
        ],
        "account_count": len(accounts),
        "rate_count": len({rule.tax_type for rule in rules if rule.tax_type}),
    }


def _role_choice(
    role: Role, chosen: str, suggested: str, accounts: list[Account], errors: Mapping[str, str]
) -> RoleChoice:
    fitting = [account for account in accounts if account.type in role.types]
    others = [account for account in accounts if account.type not in role.types]
    return RoleChoice(role, chosen, suggested, fitting, others, errors.get(f"role-{role.name}", ""))


def typed_mapping(form: QueryDict) -> tuple[dict[str, str], dict[int, str]]:
    """Roles and tax rules as a person set them in the form."""
    roles = {role.name: form.get(f"role-{role.name}", "") for role in ROLES}
    taxes = {
        int(number): value
        for key, value in form.items()
        if key.startswith("tax-") and _is_number(number := key.removeprefix("tax-")) and isinstance(value, str)
    }
    return roles, taxes


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


# -- the page ---------------------------------------------------------------------------------------------------------


def _live(seat: Seat) -> Connection | None:
    """The connection, once its accounts were loaded."""
    found = connect.open_connection(seat.organisation)
    return found if found is not None and found.step in (Connection.Step.LIVE, Connection.Step.RECONNECT) else None


@require_GET
@for_member()
def mapping(request: HttpRequest, seat: Seat) -> HttpResponse:
    connection = _live(seat)
    if connection is None:
        return page(request, seat, "console/mapping.html", title="Mapping", here="mapping", connection=None)
    return _page(request, seat, connection)


def _page(
    request: HttpRequest,
    seat: Seat,
    connection: Connection,
    typed: tuple[dict[str, str], dict[int, str]] = ({}, {}),
    errors: Mapping[str, str] = {},
    *,
    chosen: Mapping[str, str] = {},
) -> HttpResponse:
    values = mapping_values(seat.organisation, connection, typed, errors)
    wrong = len([key for key in errors if key])
    told = "One choice is" if wrong == 1 else f"{wrong} choices are"
    return page(
        request,
        seat,
        "console/mapping.html",
        title="Mapping",
        here="mapping",
        status=422 if errors else 200,
        connection=connection,
        version=request.POST.get("version") or connect.mapping_version(connection),
        trouble=errors.get("", "") or (f"{told} not right yet, so nothing was saved." if wrong else ""),
        history=Event.objects.filter(organisation=seat.organisation, action=Action.MAPPED)[:20],
        default_taxes=default_taxes(seat.organisation, errors, chosen),
        **values,
        **fitting_values(connection, values["codeless"]),
        **_tax_values(seat.organisation, "100.00"),
    )


@require_POST
@for_member(Right.MAP)
def preview(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What this mapping frees, holds or changes; nothing is stored."""
    connection = _live(seat)
    if connection is None:
        return redirect("mapping", seat.organisation.slug)
    typed = typed_mapping(request.POST)
    if errors := connect.mapping_errors(seat.organisation, *typed):
        return _page(request, seat, connection, typed, errors)
    return page(
        request,
        seat,
        "console/mapping_preview.html",
        title="Mapping: what would change",
        here="mapping",
        changes=_changes(connection, *typed),
        effect=_effect(connection, *typed),
        kept=[(f"role-{name}", code) for name, code in typed[0].items()]
        + [(f"tax-{number}", tax_type) for number, tax_type in typed[1].items()],
        version=request.POST.get("version", ""),
    )


def _changes(connection: Connection, roles: dict[str, str], taxes: dict[int, str]) -> list[tuple[str, str, str]]:
    """What becomes something else: title, from, to."""
    names = {each.code: str(each) for each in Account.objects.filter(organisation=connection.organisation)}
    found = [
        (role.title, names.get(old, old) or "none", names.get(new, new) or "none")
        for role in ROLES
        if (old := connection.roles.get(role.name, "")) != (new := roles[role.name])
    ]
    for rule in TaxRule.objects.filter(organisation=connection.organisation, pk__in=list(taxes)):
        if rule.tax_type != taxes[rule.pk]:
            found.append((rule.name, rule.tax_type or "not mapped", taxes[rule.pk] or "not mapped"))
    return found


def mapped_books(connection: Connection, roles: dict[str, str], taxes: dict[int, str]) -> Books:
    """The books as they would be with this mapping."""
    books = Ledger(connection).base_books()
    by_type = {rule.tax_type: rule for rule in books.tax_rules.values() if rule.tax_type}
    rules = dict(books.tax_rules)
    for number, tax_type in taxes.items():
        like = by_type.get(tax_type)
        rules[number] = replace(
            rules[number],
            tax_type=tax_type,
            applies_to=like.applies_to if like else frozenset(),
            xero_rate=like.xero_rate if like else None,
        )
    chosen = {name: code for name, code in roles.items() if code}
    return replace(books, tax_rules=rules, settings=replace(books.settings, roles=chosen))


def _effect(connection: Connection, roles: dict[str, str], taxes: dict[int, str]) -> Effect:
    return effect(connection, mapped_books(connection, roles, taxes), way_out.ports().clock)


@require_POST
@for_member(Right.MAP)
def save(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Store the mapping, set free what it frees, and where it is wished sync at once."""
    connection = _live(seat)
    if connection is None:
        return redirect("mapping", seat.organisation.slug)
    typed = typed_mapping(request.POST)
    wrong = connect.mapping_errors(seat.organisation, *typed)
    freed = [] if wrong else _effect(connection, *typed).freed_ids
    try:
        with transaction.atomic():
            version = request.POST.get("version", "")
            connect.map_accounts(connection, *typed, actor=seat.actor, version=version)
            now = way_out.ports().clock.now()
            moved = entries.free(seat.organisation, freed, seat.actor, "The mapping was changed.", now)
    except NotMapped as refused:
        kept = ({}, {}) if "" in refused.errors else typed
        return _page(request, seat, connection, kept, refused.errors)
    messages.success(
        request, "The mapping was changed. It holds for everything sent from now on." + freed_sentence(moved)
    )
    sync_at_once(request, seat)
    return redirect("mapping", seat.organisation.slug)


# -- default tax rules ----------------------------------------------------------------------------------------------

DEFAULTS = {"default-sale-tax": "For sales", "default-purchase-tax": "For purchases"}


@dataclass(frozen=True, slots=True)
class DefaultTax:
    """One of the two defaults with the rules to choose from."""

    name: str
    title: str
    chosen: int | None
    rules: list[TaxRule]
    error: str = ""


def default_taxes(
    organisation: Organisation, errors: Mapping[str, str], typed: Mapping[str, str] = {}
) -> list[DefaultTax]:
    rules = list(TaxRule.objects.filter(organisation=organisation, status="ACTIVE").order_by("name"))
    stored = {
        "default-sale-tax": next((rule.pk for rule in rules if rule.default_for_sales), None),
        "default-purchase-tax": next((rule.pk for rule in rules if rule.default_for_purchases), None),
    }
    chosen = {name: int(text) if _is_number(text) else None for name, text in typed.items()}
    return [
        DefaultTax(name, title, (stored | chosen)[name], rules, errors.get(name, ""))
        for name, title in DEFAULTS.items()
    ]


@require_POST
@for_member(Right.MAP)
def save_default_tax(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Store both defaults, or neither."""
    connection = _live(seat)
    if connection is None:
        return redirect("mapping", seat.organisation.slug)
    typed = {name: request.POST.get(name, "").strip() for name in DEFAULTS}
    active = TaxRule.objects.filter(organisation=seat.organisation, status="ACTIVE")
    found = {
        name: active.filter(pk=int(text)).first() if _is_number(text) else None for name, text in typed.items() if text
    }
    errors = {
        name: "This is no active tax rule of the organisation. Choose one of the list, or None."
        for name, rule in found.items()
        if rule is None
    }
    if errors:
        return _page(request, seat, connection, errors=errors, chosen=typed)
    operations.choose_default_tax(
        seat.organisation, found.get("default-sale-tax"), found.get("default-purchase-tax"), actor=seat.actor
    )
    messages.success(request, "The default tax rules were saved. They hold for what is entered from now on.")
    return redirect("mapping", seat.organisation.slug)


# -- tax to the cent ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One rule and the same amounts on both sides. `core` and `xero`: net, tax, total, without and with tax included;
    None where Xero has no rate for it."""

    name: str
    tax_type: str
    rate: Decimal
    xero_rate: Decimal | None
    core: tuple[money.Totals, money.Totals]
    xero: tuple[money.Totals, money.Totals] | None

    @property
    def agrees(self) -> bool:
        return self.core == self.xero


def _totals(amounts: list[Decimal], rate: Decimal) -> tuple[money.Totals, money.Totals]:
    """Exclusive and inclusive, rounded line by line as Xero does."""
    without, included = (
        money.totals(
            [
                money.LineAmounts(money.to_cents(amount), money.line_tax(money.to_cents(amount), rate, treatment))
                for amount in amounts
            ],
            treatment,
        )
        for treatment in ("Exclusive", "Inclusive")
    )
    return without, included


def _tax_values(organisation: Organisation, typed: str) -> dict[str, Any]:
    amounts, error = amounts_in(typed)
    rules = TaxRule.objects.filter(organisation=organisation, status="ACTIVE").order_by("name") if amounts else []
    lines = [
        TaxLine(
            rule.name,
            rule.tax_type,
            rule.rate,
            rule.xero_rate if rule.tax_type else None,
            _totals(amounts, rule.rate),
            _totals(amounts, rule.xero_rate) if rule.tax_type and rule.xero_rate is not None else None,
        )
        for rule in rules
    ]
    return {"tax_lines": lines, "tax_amounts": typed, "tax_error": error, "tax_many": len(amounts) > 1}


def amounts_in(text: str) -> tuple[list[Decimal], str]:
    """Amounts separated by spaces or semicolons, and what is wrong with them."""
    parts = [each for each in re.split(r"[;\s]+", text.replace(",", "")) if each]
    if not parts:
        return [], "Type an amount, such as 100.00; several with spaces between are lines of one document."
    if len(parts) > MOST_AMOUNTS:
        return [], f"Up to {MOST_AMOUNTS} amounts can be looked at together."
    try:
        if bad := next((each for each in parts if not _AMOUNT.fullmatch(each)), ""):
            raise InvalidOperation
        return [Decimal(each) for each in parts], ""
    except InvalidOperation:
        return [], f"“{bad[:40]}” is no amount; type it like 1234.50, with at most four decimals."


@require_GET
@for_member()
def tax(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The tax of some amounts, as a fragment."""
    values = _tax_values(seat.organisation, request.GET.get("amounts", "")[:400])
    return render(request, "console/mapping_tax.html", {"organisation": seat.organisation, **values})
