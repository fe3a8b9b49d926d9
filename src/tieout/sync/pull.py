"""Reading Xero: the set-up (organisation, accounts, tax, currencies) and what changed since the last time.

In: a connection, through a `Reader` that keeps the budget. Out: the last-seen views, Core's chart and tax rules, the
lock date. Always: a cursor moves only after all pages of its resource are stored, and to the time at Xero, whatever the
clock of this machine says; polls overlap by two minutes, since Xero may show a change a little late; a list that moved
while its pages were read is read again; a read that got no answer is simply asked again. What could not be read whole
makes its kinds `blind`: what is not seen of them may be there all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection as database

from tieout.core.chart import AccountRow, TaxRow, store_accounts, store_default_terms, store_tax_rates
from tieout.core.due_dates import METHODS, Term, misfit
from tieout.kinds.books import Seen
from tieout.kinds.kind import AnyKind
from tieout.kinds.registry import KINDS
from tieout.sync.access import Access, NotConnected
from tieout.sync.budget import CallBudget
from tieout.sync.clock import Clock
from tieout.sync.incoming import contents
from tieout.sync.ledger import Ledger
from tieout.sync.models import Connection, Cursor, Finding, XeroRecord
from tieout.xero import resources, types, wire
from tieout.xero.client import Answer, Xero
from tieout.xero.errors import AccessLost, NotSent, TokenExpired, TooManyCalls, Unanswered, Unavailable
from tieout.xero.resources import Page, Resource
from tieout.xero.time_zones import zone_of

OVERLAP = timedelta(minutes=2)
SET_UP_GOOD_FOR = timedelta(minutes=5)
TRIES = 3
UNREADABLE = "unreadable"
_CLASSES = (
    ("ASSET", "can_apply_to_assets"),
    ("EQUITY", "can_apply_to_equity"),
    ("EXPENSE", "can_apply_to_expenses"),
    ("LIABILITY", "can_apply_to_liabilities"),
    ("REVENUE", "can_apply_to_revenue"),
)


class Reader:
    """A `Xero` for reads: keeps the budget, refreshes a token, asks again where no answer came."""

    def __init__(self, xero: Xero, access: Access, budget: CallBudget, clock: Clock) -> None:
        self._xero, self._access, self._budget, self._clock = xero, access, budget, clock

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        modified_since: datetime | None = None,
    ) -> Answer:
        """One read, with up to three tries. Raises DaySpent, NotConnected, Unanswered or Refusal."""
        for attempt in range(1, TRIES + 1):
            self._budget.acquire(path.split("/", maxsplit=1)[0])
            self._access.ensure()
            try:
                answer = self._xero.call(method, path, query=query, modified_since=modified_since)
            except TooManyCalls as refusal:
                self._budget.pause(refusal.problem, refusal.retry_after)
            except TokenExpired:
                self._access.refresh()
            except AccessLost as lost:
                raise NotConnected(str(lost)) from lost
            except (Unanswered, Unavailable):
                if attempt == TRIES:
                    raise
                self._clock.sleep(2.0 ** (attempt - 1))
            else:
                self._budget.observe(answer.limits)
                return answer
        raise NotSent(method, path, "Xero kept refusing for its limits or the token")


@dataclass(slots=True)
class Reading:
    """One list, read from its first page to its last. `begun` by our clock, `told_at` by Xero's; `shown`: the ids;
    `moved`: the list changed meanwhile in a way that may have hidden something."""

    begun: datetime
    told_at: datetime | None = None
    elements: int = 0
    unreadable: int = 0
    shown: set[str] = field(default_factory=set)
    moved: bool = False


class Pull:
    """The pull phase of one run."""

    def __init__(self, ledger: Ledger, reader: Reader, clock: Clock) -> None:
        self._ledger, self._reader, self._clock = ledger, reader, clock
        self._connection = ledger.connection
        self.blind: set[str] = set()

    def set_up(self) -> None:
        """Organisation, accounts, tax rates, currencies; left alone where read in the last five minutes."""
        if set_up_reads(self._connection, self._clock.now()):
            self.organisation()
            self.chart()

    def chart(self) -> None:
        """Accounts and tax rates; tracking categories where they are used; the first time currencies too."""
        connection = self._connection
        self.accounts()
        store_tax_rates(connection.organisation, [_tax_row(each) for each in self._all(resources.TAX_RATES)])
        if connection.tracking:
            self.tracking()
        if connection.loaded_at is None:
            self.currencies()
        connection.loaded_at = self._clock.now()
        connection.save(update_fields=["loaded_at"])  # a person may change a setting meanwhile

    def accounts(self) -> list[types.Account]:
        found = self._all(resources.ACCOUNTS)
        store_accounts(self._connection.organisation, [_account_row(each) for each in found])
        return found

    def currencies(self) -> list[str]:
        """The currencies that Xero has. Read at set-up, and again where a document needs one that is missing."""
        self._connection.currencies = [each.code for each in self._all(resources.CURRENCIES)]
        self._connection.save(update_fields=["currencies"])
        return self._connection.currencies

    def tracking(self) -> list[types.TrackingCategory]:
        """The active tracking categories with their active options."""
        found = [each for each in self._all(resources.TRACKING_CATEGORIES) if each.status == "ACTIVE"]
        self._connection.tracking_categories = {
            each.name: [option.name for option in each.options if option.status == "ACTIVE"] for each in found
        }
        self._connection.save(update_fields=["tracking_categories"])
        return found

    def organisation(self) -> None:
        """Name, base currency, lock date and default payment terms."""
        connection = self._connection
        organisation = self._all(resources.ORGANISATION)[0]
        dates = [
            wire.as_date(text) for text in (organisation.period_lock_date, organisation.end_of_year_lock_date) if text
        ]
        connection.tenant_name = organisation.name
        connection.short_code = organisation.short_code
        connection.base_currency = organisation.base_currency
        connection.time_zone = zone_of(organisation.timezone)
        connection.lock_date = max(dates, default=None)
        connection.save(update_fields=["tenant_name", "short_code", "base_currency", "time_zone", "lock_date"])
        terms = organisation.payment_terms or types.PaymentTerms()
        store_default_terms(connection.organisation, _term(terms.sales), _term(terms.bills))

    def _all(self, resource: Resource[Any]) -> list[Any]:
        return [each for page in resource.pages(self._reader) for each in page.elements]

    def changes(self, resource: Resource[Any]) -> int:
        """Store the last-seen view of everything changed since the last time. How many elements were read."""
        cursor = Cursor.objects.filter(connection=self._connection, resource=resource.name).first()
        for _ in range(TRIES):
            reading = self._read(resource, cursor.since - OVERLAP if cursor else None)
            if not reading.moved:
                break
        kinds = _kinds_of(resource)
        self._tell_unreadable(resource, kinds, reading.unreadable)
        if reading.moved or reading.unreadable:
            self.blind |= {kind.name for kind in kinds}
            return reading.elements
        Cursor.objects.update_or_create(
            connection=self._connection,
            resource=resource.name,
            defaults={"since": reading.told_at or reading.begun, "read_at": reading.begun},
        )
        return reading.elements

    def _read(self, resource: Resource[Any], since: datetime | None) -> Reading:
        """Every page, stored as it comes. In the order of changes an element that changes after its page was read moves
        to the end, and another slips from the next page into one that was read already: it shows by coming twice."""
        reading = Reading(self._clock.now())
        kinds = _kinds_of(resource)
        for page in resource.pages(self._reader, since):
            shown = self._see(kinds, page.elements, reading.begun)
            reading.moved = reading.moved or not reading.shown.isdisjoint(shown)
            reading.shown |= shown
            reading.elements += len(page.elements)
            reading.unreadable += len(page.unreadable)
            reading.told_at = reading.told_at or page.told_at
        return reading

    def _tell_unreadable(self, resource: Resource[Any], kinds: list[AnyKind], count: int) -> None:
        """A finding as long as the list holds something that cannot be read."""
        known: dict[str, Any] = {
            "organisation": self._connection.organisation,
            "kind": kinds[0].name,
            "code": UNREADABLE,
        }
        now = self._clock.now()
        if not count:
            Finding.objects.filter(**known, closed_at=None).update(closed_at=now)
            return
        what = "1 element" if count == 1 else f"{count:,} elements"
        text = (
            f"{what} of Xero's list of {resource.name} came in a form that Tieout does not know, and cannot be "
            "compared. Until that is mended, nothing of this list whose answer was lost is sent again, since it may "
            "stand there. Look at the latest documents in Xero, and tell the makers of Tieout."
        )
        Finding.objects.update_or_create(
            **known, record_id=None, xero_id="", closed_at=None,
            defaults={"label": resource.name, "text": text, "opened_at": now},
        )  # fmt: skip

    def _see(self, kinds: list[AnyKind], elements: list[Any], read_at: datetime) -> set[str]:
        """Store what these show. The ids of the elements."""
        shown: set[str] = set()
        alone: list[Seen] = []
        for kind in kinds:
            views = [view for element in elements for view in kind.sees(element)]
            if owners := {owner for element in elements if (owner := kind.whole_of(element))}:
                self._ledger.see_whole(kind.name, owners, views, read_at)
                shown |= owners
            else:
                alone += views
        self._ledger.see(alone, read_at=read_at)
        contents.keep(self._connection, kinds, elements)
        return shown | {view.xero_id for view in alone}

    def everything(self) -> None:
        """The resources that hold records of ours: those of every company, and those of kinds that Core has a record
        of; of these, a list that was read in the last five minutes only where something is due. Payments are left out
        while Xero holds nothing that could be paid."""
        for resource in lists_of(self._connection, self._clock.now()):
            if resource is not resources.PAYMENTS:
                self.changes(resource)
        if anything_payable(self._connection):
            self.changes(resources.PAYMENTS)
        for resource, names in contents.LISTS:
            self._catch_up(resource, [KINDS[name] for name in names])

    def _catch_up(self, resource: Resource[Any], kinds: list[AnyKind]) -> None:
        """Read what may be loaded into Core and no page showed since that was turned on: each by its id, or the pages
        from the oldest on. What was read is kept page by page, so that a run that stops goes on from there."""
        missing = contents.missing(self._connection, resource)
        if not missing.ids:
            return
        started = self._clock.now()
        if resource.paged and missing.by_ids:
            pages: Iterator[Page[Any]] = (
                page for ids in missing.batches() for page in resource.pages(self._reader, IDs=",".join(ids))
            )
        else:
            pages = resource.pages(self._reader, missing.oldest - OVERLAP if missing.oldest else None)
        shown: set[str] = set()
        whole = True
        for page in pages:
            shown |= self._see(kinds, page.elements, started)
            whole = whole and not page.unreadable
        if whole and not resource.paged:  # items alone can be deleted in Xero, and leave no trace there
            self._ledger.forget([each for each in missing.ids if each not in shown])


def _kinds_of(resource: Resource[Any]) -> list[AnyKind]:
    return [kind for kind in KINDS.values() if resource in kind.reads]


PAYABLE = ("sale_invoice", "bill", "sale_credit_note", "purchase_credit_note", "customer_credit", "supplier_deposit")


def set_up_reads(connection: Connection, now: datetime) -> list[Resource[Any]]:
    """The set-up that a run beginning now reads first: none of it where it was read just before."""
    if connection.loaded_at and now - connection.loaded_at < SET_UP_GOOD_FOR:
        return []
    first = [] if connection.loaded_at else [resources.CURRENCIES]
    tracking = [resources.TRACKING_CATEGORIES] if connection.tracking else []
    return [resources.ORGANISATION, resources.ACCOUNTS, resources.TAX_RATES, *tracking, *first]


def lists_of(connection: Connection, now: datetime) -> list[Resource[Any]]:
    """The lists that a run beginning now reads, each once: those of every company, those of kinds that Core has a
    record of; of the latter, one that was read in the last five minutes only where something of the kind is due."""
    used, due = in_use(connection.organisation_id), has_work(connection.organisation_id)
    if connection.payments != "push":  # uses of credit that people made show in these
        due.add("allocation")
    young = Cursor.objects.filter(connection=connection, read_at__gt=now - SET_UP_GOOD_FOR)
    fresh = set(young.values_list("resource", flat=True))
    wanted: list[Resource[Any]] = []
    for kind in KINDS.values():
        if kind.always or kind.name in due:
            wanted += kind.reads
        if kind.name in due:
            wanted += kind.verified_by
        if kind.name in used:
            wanted += [resource for resource in kind.reads if resource.name not in fresh]
    return list(dict.fromkeys(wanted))


def anything_payable(connection: Connection) -> bool:
    return XeroRecord.objects.filter(connection=connection, kind__in=PAYABLE).exists()


def in_use(organisation_id: UUID) -> set[str]:
    """The kinds of which the organisation has an entry, a record that is about to get one, or a correction."""
    with database.cursor() as cursor:
        cursor.execute(
            """select k from unnest(%(kinds)s::text[]) k
                where exists (select from sync_entry where organisation_id = %(organisation)s and kind = k)
                   or exists (select from core_touch where organisation_id = %(organisation)s and kind = k)
                   or exists (select from sync_correction c join sync_entry e on e.id = c.entry_id
                               where e.organisation_id = %(organisation)s
                                 and c.steps @> jsonb_build_array(jsonb_build_object('kind', k)))""",
            {"kinds": list(KINDS), "organisation": organisation_id},
        )
        return {kind for (kind,) in cursor.fetchall()}


def has_work(organisation_id: UUID) -> set[str]:
    """The kinds that have something to be sent, looked up or corrected."""
    with database.cursor() as cursor:
        cursor.execute(
            """select k from unnest(%(kinds)s::text[]) k
                where exists (select from core_touch where organisation_id = %(organisation)s and kind = k)
                   or exists (select from sync_entry where organisation_id = %(organisation)s and kind = k
                                 and (touched and status <> 'skipped'
                                      or status in ('pending', 'sending', 'uncertain', 'failed')))
                   or exists (select from sync_correction c join sync_entry e on e.id = c.entry_id
                               where e.organisation_id = %(organisation)s and c.state = 'open'
                                 and c.steps @> jsonb_build_array(jsonb_build_object('kind', k)))""",
            {"kinds": list(KINDS), "organisation": organisation_id},
        )
        return {kind for (kind,) in cursor.fetchall()}


def _account_row(account: types.Account) -> AccountRow:
    return AccountRow(
        xero_id=account.account_id,
        code=account.code,
        name=account.name,
        type=account.type,
        account_class=account.class_,
        status=account.status,
        tax_type=account.tax_type,
        currency=account.currency_code,
        enable_payments=account.enable_payments_to_account,
        system_account=account.system_account,
    )


def _term(shown: types.Term | None) -> Term | None:
    """The term as Core counts; None where Xero names none, or one that Core cannot count."""
    if shown is None or shown.day is None or shown.day < 0 or shown.type not in METHODS:
        return None
    term = Term(shown.type, shown.day)
    return None if misfit(term) else term


def _tax_row(rate: types.TaxRate) -> TaxRow:
    return TaxRow(
        name=rate.name,
        tax_type=rate.tax_type,
        rate=rate.effective_rate,
        status=rate.status,
        applies_to=[name for name, field in _CLASSES if getattr(rate, field)],
    )
