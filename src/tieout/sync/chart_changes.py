"""Making something in Xero's settings, with a person's consent: an account, an account's code, a currency, an option.

In: a `Deed` that a person has seen exactly as it would be sent. Out: it stands in Xero, once, and Core knows it.
Always: looked up first, so that what stands there already is taken as done; one write with the idempotency key of the
page that asked, so that pressing twice is one write; after a lost answer looked up again, never sent again by itself;
afterwards read back from Xero, which is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import msgspec

from tieout.core.currencies import CURRENCIES
from tieout.core.models import Account
from tieout.people.audit import record_event
from tieout.people.models import Action
from tieout.sync.connect import Line, calling
from tieout.sync.models import Connection
from tieout.sync.pull import Pull
from tieout.sync.run import Ports
from tieout.xero import types
from tieout.xero.errors import AccessLost, NotFound, Refusal, TooManyCalls, Unanswered

# Account types of Xero that can be made through its API without more than code and name.
TYPES = {
    "REVENUE": "Revenue",
    "SALES": "Sales",
    "OTHERINCOME": "Other income",
    "DIRECTCOSTS": "Direct costs",
    "EXPENSE": "Expense",
    "OVERHEADS": "Overhead",
    "CURRENT": "Current asset",
    "PREPAYMENT": "Prepayment",
    "FIXED": "Fixed asset",
    "NONCURRENT": "Non-current asset",
    "CURRLIAB": "Current liability",
    "LIABILITY": "Liability",
    "TERMLIAB": "Non-current liability",
    "EQUITY": "Equity",
}
CODE_LIMIT, NAME_LIMIT, OPTION_LIMIT = 10, 150, 100


class NotDone(Exception):
    """It does not stand in Xero by our doing; the text says why and what to do. `field`: where it was typed."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, exactly."""

    method: str
    path: str
    body: bytes


class Deed(Protocol):
    """Something to be made in Xero. `check` raises NotDone for what is known to be wrong; `stands` says whether Xero
    has it, and raises NotDone where something else is in its place."""

    @property
    def title(self) -> str: ...
    @property
    def facts(self) -> Sequence[tuple[str, str]]: ...
    def check(self, connection: Connection) -> None: ...
    def request(self) -> Request: ...
    def stands(self, pull: Pull) -> bool: ...


def _body(values: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(values)


def _code_problem(code: str) -> str:
    if not code:
        return "Type a code of up to 10 characters, such as 480."
    if len(code) > CODE_LIMIT:
        return f"Xero takes codes of {CODE_LIMIT} characters; this has {len(code)}."
    if not code.isprintable() or code != code.strip() or set(code) & set("<>&\"'"):
        return "A code is letters, digits, dots and dashes; leave anything else out."
    return ""


def _name_problem(name: str, limit: int) -> str:
    if not name:
        return "Type a name."
    if len(name) > limit:
        return f"Xero takes names of {limit} characters; this has {len(name)}."
    if not name.isprintable() or set(name) & set("<>"):
        return "Xero takes no < or > and no line breaks in a name."
    return ""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that Xero does not have yet."""

    code: str
    name: str
    type: str
    takes_payments: bool = False

    @property
    def title(self) -> str:
        return f"Create the account {self.code} {self.name} in Xero"

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        payments = "enabled" if self.takes_payments else "not enabled"
        return (
            ("Code", self.code),
            ("Name", self.name),
            ("Type", TYPES.get(self.type, self.type)),
            ("Payments to this account", payments),
        )

    def check(self, connection: Connection) -> None:
        if problem := _code_problem(self.code):
            raise NotDone(problem, "code")
        if problem := _name_problem(self.name, NAME_LIMIT):
            raise NotDone(problem, "name")
        if self.type not in TYPES:
            raise NotDone("Choose one of the account types listed; bank accounts are made in Xero itself.", "type")

    def request(self) -> Request:
        values = {"Code": self.code, "Name": self.name, "Type": self.type}
        return Request("PUT", "Accounts", _body(values | {"EnablePaymentsToAccount": self.takes_payments}))

    def stands(self, pull: Pull) -> bool:
        for account in pull.accounts():
            same_name = account.name.casefold() == self.name.casefold()
            if account.code == self.code and same_name and account.type == self.type and account.status == "ACTIVE":
                return True
            if account.code == self.code:
                raise NotDone(f"The code {self.code} belongs to {_described(account)} in Xero. Choose another.", "code")
            if same_name:
                raise NotDone(f"Xero has {_described(account)} of that name. Choose another name, or map that.", "name")
        return False


@dataclass(frozen=True, slots=True)
class CodeForAccount:
    """A code for an account that has none."""

    xero_id: str
    name: str
    code: str

    @property
    def title(self) -> str:
        return f"Give the account {self.name} the code {self.code} in Xero"

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        return (("Account", self.name), ("Code", self.code))

    def check(self, connection: Connection) -> None:
        if problem := _code_problem(self.code):
            raise NotDone(problem, "code")
        _account_of(connection, self.xero_id)

    def request(self) -> Request:
        values = {"AccountID": self.xero_id, "Code": self.code, "Name": self.name}
        return Request("POST", f"Accounts/{self.xero_id}", _body(values))

    def stands(self, pull: Pull) -> bool:
        for account in pull.accounts():
            if account.account_id == self.xero_id:
                if account.code == self.code:
                    return True
                if account.code:
                    raise NotDone(f"{account.name} has the code {account.code} in Xero by now. Load the page again.")
            elif account.code == self.code:
                raise NotDone(f"The code {self.code} belongs to {_described(account)} in Xero. Choose another.", "code")
        return False


@dataclass(frozen=True, slots=True)
class PaymentsToAccount:
    """An account lets payments be made to it."""

    xero_id: str
    code: str
    name: str

    @property
    def title(self) -> str:
        return f"Enable payments to the account {self.code} {self.name} in Xero"

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        return (("Account", f"{self.code} {self.name}"), ("Payments to this account", "enabled"))

    def check(self, connection: Connection) -> None:
        _account_of(connection, self.xero_id)

    def request(self) -> Request:
        values = {"AccountID": self.xero_id, "Code": self.code, "Name": self.name, "EnablePaymentsToAccount": True}
        return Request("POST", f"Accounts/{self.xero_id}", _body(values))

    def stands(self, pull: Pull) -> bool:
        return any(each.account_id == self.xero_id and each.enable_payments_to_account for each in pull.accounts())


@dataclass(frozen=True, slots=True)
class NewCurrency:
    """A currency for the organisation in Xero. It cannot be taken away again."""

    code: str

    @property
    def title(self) -> str:
        return f"Add the currency {self.code} in Xero"

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        return (("Currency", self.code), ("Good to know", "Xero lets nobody take a currency away again"))

    def check(self, connection: Connection) -> None:
        if self.code not in CURRENCIES:
            raise NotDone(f"“{self.code[:20]}” is no ISO currency code, such as USD.", "currency")

    def request(self) -> Request:
        return Request("PUT", "Currencies", _body({"Code": self.code}))

    def stands(self, pull: Pull) -> bool:
        return self.code in pull.currencies()


@dataclass(frozen=True, slots=True)
class NewOption:
    """An option of a tracking category."""

    category: str
    option: str
    category_id: str = ""

    @property
    def title(self) -> str:
        return f"Add the option {self.option} to the tracking category {self.category} in Xero"

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        return (("Tracking category", self.category), ("Option", self.option))

    def check(self, connection: Connection) -> None:
        if problem := _name_problem(self.option, OPTION_LIMIT):
            raise NotDone(problem, "option")
        if self.category not in (connection.tracking_categories or {}):
            raise NotDone(f"Xero has no active tracking category “{self.category[:100]}”. Load from Xero again.")

    def request(self) -> Request:
        return Request("PUT", f"TrackingCategories/{self.category_id}/Options", _body({"Name": self.option}))

    def stands(self, pull: Pull) -> bool:
        category = self._category(pull.tracking())
        return self.option.casefold() in {option.name.casefold() for option in category.options}

    def _category(self, found: Sequence[types.TrackingCategory]) -> types.TrackingCategory:
        for each in found:
            if each.name == self.category:
                return each
        raise NotDone(f"Xero has no active tracking category “{self.category}” any more. Load from Xero again.")

    def addressed(self, pull: Pull) -> NewOption:
        """With the id of the category, which only Xero knows."""
        return NewOption(self.category, self.option, self._category(pull.tracking()).tracking_category_id)


def _described(account: types.Account) -> str:
    state = "" if account.status == "ACTIVE" else f" ({account.status.lower()})"
    return f"the account {account.code} {account.name}{state}".replace("  ", " ")


def _account_of(connection: Connection, xero_id: str) -> Account:
    try:
        wanted = UUID(xero_id)
    except ValueError:
        raise NotDone("That account is not known here. Load from Xero again.") from None
    found = Account.objects.filter(organisation=connection.organisation, xero_id=wanted).first()
    if found is None:
        raise NotDone("That account is not known here. Load from Xero again.")
    return found


def carry_out(connection: Connection, deed: Deed, key: UUID, *, actor: str, ports: Ports) -> str:
    """Make it in Xero, once. What happened, in a sentence. Raises NotDone, NotConnected or DaySpent."""
    deed.check(connection)
    with calling(connection, ports) as line:
        if deed.stands(line.pull):
            return "It stands in Xero already, so nothing was sent. Core knows it now."
        if isinstance(deed, NewOption):
            deed = deed.addressed(line.pull)
        lost = _send(line, deed.request(), key)
        if not deed.stands(line.pull):
            said = f" ({lost})" if lost else ""
            raise NotDone(
                f"Xero does not show it{said}. Wait a minute and press again: it is looked up before anything is sent."
            )
    request = deed.request()
    detail = {"in": "Xero", "method": request.method, "path": request.path, "sent": request.body.decode()}
    record_event(
        connection.organisation_id, actor, Action.CREATED, kind="xero_setting", label=deed.title, detail=detail
    )
    return "Done: Xero shows it." if not lost else "Xero's answer was lost, but it shows it: done once."


def _send(line: Line, request: Request, key: UUID) -> str:
    """One write. Why it is not known whether it was done, or nothing. Raises NotDone where Xero refuses."""
    line.budget.acquire(request.path.partition("/")[0])
    line.access.ensure()
    try:
        answer = line.xero.call(request.method, request.path, body=request.body, key=str(key))
    except Unanswered as lost:
        return str(lost)
    except AccessLost as refused:
        raise NotDone(str(refused)) from refused
    except TooManyCalls as refused:
        raise NotDone("Xero takes no more calls just now. Wait a minute and press again.") from refused
    except NotFound as refused:
        raise NotDone("Xero does not have that any more. Load from Xero again.") from refused
    except Refusal as refused:
        raise NotDone(f"Xero refused: {refused.detail.rstrip('.')}.") from refused
    line.budget.observe(answer.limits)
    return ""
