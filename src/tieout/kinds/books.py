"""What a mapping may look at beside the record itself: the books of one organisation, as plain values.

In: loaded once per run (accounts, tax, lock dates, settings) and once per chunk (bindings, products, contacts that the
chunk refers to). Out: looked up by `kinds` and by the planner. Always: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from tieout.core.records import ContactRecord, ProductRecord, RecordKey

SOLD = ("sale_invoice", "sale_credit_note")


@dataclass(frozen=True, slots=True)
class AccountView:
    code: str
    name: str
    type: str
    account_class: str
    active: bool
    takes_payments: bool
    system_account: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class TaxView:
    """`rate` in percent; `tax_type` is Xero's code, empty while unmapped; `applies_to` are account classes;
    `xero_rate` is what Xero charges for the tax type, None while that was not loaded."""

    id: int
    name: str
    rate: Decimal
    tax_type: str
    active: bool
    applies_to: frozenset[str]
    xero_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """The last agreed view of a record: Xero's id, and the fingerprint of the content that both sides hold.

    `gone` says that both sides agree that it is voided, deleted or archived; `corrected`, that its content stands in
    Xero as the document together with those that correct it; `from_xero`, that somebody made it there.
    """

    xero_id: str
    fingerprint: str
    gone: bool = False
    corrected: bool = False
    from_xero: bool = False


class Seen(msgspec.Struct, frozen=True, gc=False):
    """Xero's last seen view of one of its documents. `key` and `other_key` are what it can be found again by;
    `account`: the code of the account that a payment came to or went from. `updated_at` is for storing; nothing that is
    decided looks at it, and what was stored comes without."""

    kind: str
    xero_id: str
    key: str
    other_key: str
    number: str
    status: str
    date: date | None = None
    currency: str = ""
    total: Decimal | None = None
    paid: Decimal | None = None
    due: Decimal | None = None
    contact_id: str = ""
    foreign_number: str = ""
    rate: Decimal | None = None
    account: str = ""
    bound_to: RecordKey | None = None
    updated_at: datetime | None = None

    @property
    def gone(self) -> bool:
        return self.status in {"VOIDED", "DELETED", "ARCHIVED"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of the bookkeeper that change what is sent. `roles`: what an account is for → its code; `tracking`:
    what a text of Core's tells (such as location) → the tracking category in Xero, `tracking_options` what Xero has
    of each (empty while nothing was loaded); `deposits_as`: "prepayment" or "money" (plain money received or spent on
    the mapped account); `item_description`, `item_purchase_description`: which text of a product goes to its item;
    `payments`: push, pull or both; `lock_date_policy`: hold or first_open_day."""

    invoice_status: str = "AUTHORISED"
    status_by_kind: Mapping[str, str] = field(default_factory=dict)
    status_by_channel: Mapping[str, str] = field(default_factory=dict)
    payments: str = "push"
    lock_date_policy: str = "hold"
    roles: Mapping[str, str] = field(default_factory=dict)
    sync_from: date | None = None
    deposits_as: str = "prepayment"
    export_purchase_orders: bool = False
    export_attachments: bool = False
    show_journals_on_cash_basis: bool = True
    item_description: str = "description"
    item_purchase_description: str = "purchase_description"
    tracking: Mapping[str, str] = field(default_factory=dict)
    tracking_options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def status_of(self, kind: str, channel: str = "") -> str:
        """The status that a new document of this kind and channel gets in Xero: the channel's, for what is sold, else
        the kind's, else that of all."""
        if kind in SOLD and (status := self.status_by_channel.get(channel)):
            return status
        return self.status_by_kind.get(kind) or self.invoice_status


@dataclass(frozen=True, slots=True)
class Carrier:
    """The consolidated document that stands for a record. `open`: it still gathers. `waits_on`: the first of the
    record's documents that Xero does not hold as it should; None where all do. `words`: what Sync History says."""

    key: RecordKey
    open: bool
    waits_on: RecordKey | None
    words: str


@dataclass(frozen=True, slots=True)
class Books:
    """`lock_date`: nothing dated on or before it can change in Xero. `found`: by natural key, what Xero holds there.
    `carried`: records that a consolidated document stands for. `left_out`: records that stay here by a policy, with the
    rule's code and reason."""

    base_currency: str
    accounts: Mapping[str, AccountView]
    tax_rules: Mapping[int, TaxView]
    currencies: frozenset[str]
    lock_date: date | None
    settings: Settings
    agreed: Mapping[RecordKey, Agreed] = field(default_factory=dict)
    seen: Mapping[str, Seen] = field(default_factory=dict)
    found: Mapping[tuple[str, str], tuple[Seen, ...]] = field(default_factory=dict)
    products: Mapping[UUID, ProductRecord] = field(default_factory=dict)
    contacts: Mapping[UUID, ContactRecord] = field(default_factory=dict)
    carried: Mapping[RecordKey, Carrier] = field(default_factory=dict)
    left_out: Mapping[RecordKey, tuple[str, str]] = field(default_factory=dict)

    def role(self, name: str) -> str:
        """The account code mapped to a role such as "sales", or an empty text."""
        return self.settings.roles.get(name, "")

    def xero_id(self, key: RecordKey) -> str:
        """Xero's id of a record that is known to be bound, or of what carries it. Raises KeyError where it is not."""
        carrier = self.carried.get(key) if self.carried else None
        return self.agreed[carrier.key if carrier else key].xero_id

    def missing(self, key: RecordKey) -> RecordKey | None:
        """What must stand in Xero before anything can depend on this record; None where it does."""
        carrier = self.carried.get(key) if self.carried else None
        if carrier is None:
            return None if key in self.agreed else key
        return carrier.key if carrier.open or carrier.key not in self.agreed else None
