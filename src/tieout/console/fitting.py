"""What else has to fit together between Core and Xero: payment accounts, currencies, tracking, terms.

In: a live connection. Out: for each what Core uses, what Xero has, and what is missing. Always: reads only, and no more
than a page can show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection as database
from django.db.models import Count

from tieout.core.due_dates import Term, due_date, in_words, misfit
from tieout.core.models import Account, Contact, PaymentTerm
from tieout.sync.connect import ROLES
from tieout.sync.models import Connection
from tieout.sync.typed import FIELDS, field_title

LISTED = 50


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """An account that payments of Core are booked on. `problem`: what is in the way; `cure`: what can be done here."""

    code: str
    name: str
    currency: str
    used: int
    problem: str = ""
    cure: str = ""
    xero_id: str = ""


@dataclass(frozen=True, slots=True)
class CurrencyLine:
    code: str
    used: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class TrackingLine:
    """A tracking category and what it is taken from. `missing`: values of Core that are no option of it in Xero."""

    category: str
    taken_from: str
    options: Sequence[str]
    missing: Sequence[str]
    known: bool


@dataclass(frozen=True, slots=True)
class TermLine:
    """`sent`: as Xero takes it; `used`: contacts that have it; `default`: of what without one; `problem`: why
    Xero has no such term."""

    name: str
    words: str
    example: date
    due: date
    sent: str
    used: int
    problem: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class NewAccountFor:
    """What a new account for a purpose would be, to begin with."""

    role: str
    title: str
    name: str
    type: str
    code: str
    takes_payments: bool


def fitting_values(connection: Connection, codeless: Sequence[Account]) -> dict[str, Any]:
    accounts = list(Account.objects.filter(organisation=connection.organisation))
    codes = {account.code for account in accounts if account.code}
    return {
        "codeless_rows": [(account, free_code(accounts, codes, account.type)) for account in codeless],
        "new_accounts": [
            NewAccountFor(
                role.name,
                role.title,
                role.title,
                role.types[0],
                free_code(accounts, codes, role.types[0]),
                role.takes_payments,
            )
            for role in ROLES
            if not connection.roles.get(role.name)
        ],
        "payment_accounts": payment_accounts(connection, accounts),
        "currencies": currencies(connection),
        "tracking": tracking(connection),
        "terms": terms(connection, date.today().replace(day=20)),  # noqa: DTZ011 - an example
    }


def free_code(accounts: Sequence[Account], taken: set[str], type_: str) -> str:
    """The next free number after the last of that type; nothing where its codes are no numbers."""
    codes = [each.code for each in accounts if each.type == type_ and each.code.isascii()]
    numbers = [int(code) for code in codes if code.isdigit()]
    if not numbers:
        return ""
    number = max(numbers) + 1
    while f"{number:03d}" in taken:
        number += 1
    return f"{number:03d}"


def payment_accounts(connection: Connection, accounts: Sequence[Account]) -> list[PaymentAccount]:
    """Those that Core books payments, deposits and money tasks on, and all others that take payments in Xero."""
    with database.cursor() as cursor:
        cursor.execute(_USED_ACCOUNTS, {"organisation": connection.organisation_id})
        used: dict[str, int] = dict(cursor.fetchall())
    by_code = {account.code: account for account in accounts if account.code}
    taking = {code for code, each in by_code.items() if each.takes_payments and each.status == "ACTIVE"}
    wanted = sorted({*used, *taking})
    return [_payment_account(code, by_code.get(code), used.get(code, 0)) for code in wanted if code]


def _payment_account(code: str, account: Account | None, used: int) -> PaymentAccount:
    if account is None:
        problem = "Xero has no account of this code. Create it there (bank accounts are made in Xero itself)."
        return PaymentAccount(code, "", "", used, problem)
    found = PaymentAccount(code, account.name, account.currency, used, xero_id=str(account.xero_id))
    if account.status != "ACTIVE":
        problem, cure = "It is archived in Xero. Restore it there, then load from Xero again.", ""
    elif not account.takes_payments:
        problem, cure = "Payments to it are not enabled in Xero.", "payments"
    else:
        return found
    return PaymentAccount(code, account.name, account.currency, used, problem, cure, found.xero_id)


def currencies(connection: Connection) -> list[CurrencyLine]:
    """Core's currencies in use, and those that Xero has."""
    with database.cursor() as cursor:
        cursor.execute(_USED_CURRENCIES, {"organisation": connection.organisation_id})
        used: dict[str, int] = dict(cursor.fetchall())
    enabled = {connection.organisation.base_currency, *connection.currencies}
    return [CurrencyLine(code, used.get(code, 0), code in enabled) for code in sorted({*used, *enabled})]


def tracking(connection: Connection) -> list[TrackingLine]:
    """Every category in use or in Xero, with what Core would send that Xero does not have."""
    known = connection.tracking_categories or {}
    taken_from = {category: told for told, category in connection.tracking.items()}
    lines = []
    for category in sorted({*known, *taken_from}):
        told, options = taken_from.get(category, ""), known.get(category, [])
        have = {option.casefold() for option in options}
        missing = [value for value in values_of(connection, told) if value.casefold() not in have] if told else []
        title = field_title(told) if told else ""
        lines.append(TrackingLine(category, title, options, missing[:LISTED], category in known))
    return lines


def values_of(connection: Connection, told: str) -> list[str]:
    """What Core holds in a field that tracking is taken from; a few hundred at most."""
    owner, colon, name = told.partition(":")
    tables = {"document": "core_document", "product": "core_product", "contact": "core_contact"}
    column = "attributes ->> %(name)s"
    if not colon:
        owner = "product" if told in ("category", "brand", "family") else "document"
        column = told if told in FIELDS else "''"
    with database.cursor() as cursor:
        cursor.execute(
            f"""select distinct {column} as value from {tables[owner]}
                 where organisation_id = %(organisation)s and {column} <> '' order by 1 limit 500""",  # noqa: S608 - own names
            {"organisation": connection.organisation_id, "name": name},
        )
        return [value for (value,) in cursor.fetchall()]


def terms(connection: Connection, example: date) -> list[TermLine]:
    """Each payment term in words, as Xero takes it, and when a document of the example day falls due."""
    found = list(PaymentTerm.objects.filter(organisation=connection.organisation)[:LISTED])
    users = dict(
        Contact.objects.filter(organisation=connection.organisation, term__in=found)
        .order_by()
        .values_list("term")
        .annotate(count=Count("pk"))
    )
    lines = []
    for each in found:
        term = Term(each.method, each.days)
        lines.append(
            TermLine(
                each.name,
                in_words(term),
                example,
                due_date(term, example),
                f"{each.method}, {each.days}",
                users.get(each.pk, 0),
                misfit(term),
                " and ".join(
                    words
                    for words, chosen in (("invoices", each.default_for_sales), ("bills", each.default_for_purchases))
                    if chosen
                ),
            )
        )
    return lines


_USED_ACCOUNTS = """
    select account, count(*) from (
        select account from core_settlement where organisation_id = %(organisation)s and status = 'AUTHORISED'
        union all
        select account from core_deposit where organisation_id = %(organisation)s and status = 'AUTHORISED'
        union all
        select account from core_moneytask where organisation_id = %(organisation)s and status = 'AUTHORISED'
        union all
        select to_account from core_moneytask where organisation_id = %(organisation)s and status = 'AUTHORISED'
    ) as used where account <> '' group by account"""
_USED_CURRENCIES = """
    select currency, count(*) from (
        select currency from core_document where organisation_id = %(organisation)s and status = 'AUTHORISED'
        union all
        select currency from core_deposit where organisation_id = %(organisation)s and status = 'AUTHORISED'
        union all
        select currency from core_contact where organisation_id = %(organisation)s and status = 'ACTIVE'
    ) as used where currency <> '' group by currency"""
