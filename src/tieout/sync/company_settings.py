"""The settings of one organisation: read, changed all or none, and who changed what.

In: an organisation; what was typed, as text by key. Out: the settings, or a sentence for each key that cannot be so.
Always: either every change is stored, each with its line in the audit trail, or none; a form that was filled in before
somebody else changed the settings is refused; what the change frees becomes due at once.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings as installation
from django.db import connection as database
from django.db import transaction

from tieout.core.fields import OrganisationChoices
from tieout.core.models import Organisation
from tieout.core.operations import set_choices
from tieout.core.operations.credit_for_orders import open_matches
from tieout.core.operations.goods import unbooked
from tieout.people.audit import record_event
from tieout.people.models import Action, Event
from tieout.sync import entries
from tieout.sync.budget import change_limit
from tieout.sync.clock import Clock
from tieout.sync.effect import Effect, effect
from tieout.sync.incoming import contents
from tieout.sync.ledger import Ledger
from tieout.sync.models import Connection
from tieout.sync.settings import CORES, Change, Known, Typing, columns_of, read, texts_of, values_of

COLUMNS = (
    "invoice_status", "status_by_kind", "status_by_channel", "sync_from", "lock_date_policy", "payments",
    "deposits_as", "export_purchase_orders", "export_attachments", "show_journals_on_cash_basis",
    "load_items", "load_invoices", "load_contacts", "tracking", "item_description", "item_purchase_description",
    "auto_sync_minutes", "auto_sync_from", "alert_emails", "day_limit",
)  # fmt: skip


NOUNS = {
    "sale_invoice": ("sale invoice", "sale invoices"),
    "bill": ("bill", "bills"),
    "contact": ("contact", "contacts"),
    "product": ("item", "items"),
}


class NotSaved(Exception):
    """Nothing was stored. `errors`: a sentence by key; the key "" stands for all of them together."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Current:
    """The settings as they are. `version` changes with any of them."""

    values: dict[str, Any]
    texts: dict[str, str]
    known: Known
    version: str


def current(connection: Connection) -> Current:
    columns = {name: getattr(connection, name) for name in COLUMNS}
    values = values_of(columns | {name: getattr(connection.organisation, name) for name in CORES})
    texts = texts_of(values)
    version = hashlib.blake2b(repr(sorted(texts.items())).encode(), digest_size=8).hexdigest()
    return Current(values, texts, known(connection), version)


def known(connection: Connection) -> Known:
    """What settings are checked against."""
    with database.cursor() as cursor:
        cursor.execute(
            "select distinct channel from core_document where organisation_id = %s and channel <> '' order by 1",
            [connection.organisation_id],
        )
        channels = tuple(channel for (channel,) in cursor.fetchall())
        cursor.execute(_ATTRIBUTES, {"organisation": connection.organisation_id})
        attributes = tuple(name for (name,) in cursor.fetchall())
    loaded = connection.tracking_categories
    return Known(
        channels=channels,
        categories=tuple(loaded) if loaded is not None else None,
        attributes=attributes,
        mail=installation.TIEOUT_MAIL,
    )


# The names of attributes in use, from as many records as can be looked through in no time.
_ATTRIBUTES = """
    select distinct owner || ':' || name from (
        (select 'document' as owner, jsonb_object_keys(attributes) as name from core_document
          where organisation_id = %(organisation)s and attributes <> '{}' limit 5000)
        union all
        (select 'product', jsonb_object_keys(attributes) from core_product
          where organisation_id = %(organisation)s and attributes <> '{}' limit 5000)
        union all
        (select 'contact', jsonb_object_keys(attributes) from core_contact
          where organisation_id = %(organisation)s and attributes <> '{}' limit 5000)) as used
     order by 1"""


def typed(connection: Connection, texts: Mapping[str, str]) -> Typing:
    """What would become of the settings; nothing is stored."""
    now = current(connection)
    return read(texts, now.values, now.known)


def with_values(connection: Connection, values: Mapping[str, Any]) -> Connection:
    """The connection as it would be with these values, not stored: to look ahead with."""
    imagined = copy.copy(connection)
    columns = columns_of(values)
    for name in COLUMNS:
        setattr(imagined, name, columns[name])
    return imagined


def effect_of(connection: Connection, values: Mapping[str, Any], clock: Clock) -> Effect:
    """What these values would do to what is open."""
    return effect(connection, Ledger(with_values(connection, values)).base_books(), clock)


def loads(connection: Connection, found: Typing) -> str:
    """What these changes would bring into Core from Xero, as far as that is known; empty where they load nothing."""
    if not {each.key for each in found.changes} & {"load_items", "load_invoices", "load_contacts", "sync_from"}:
        return ""
    imagined = with_values(connection, found.values)
    if not contents.loaded(imagined):
        return ""
    seen = contents.foresee(imagined)
    parts = [f"{count:,} {NOUNS[kind][count != 1]}" for kind in NOUNS if (count := seen.counts.get(kind, 0))]
    if not parts:
        return "From what Xero showed last, nothing would be loaded now; what is made in Xero from now on comes in."
    listed = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    said = f"From what Xero showed last, the next sync would load {listed}"
    said += f", which takes about {seen.calls:,} more {'call' if seen.calls == 1 else 'calls'}." if seen.calls else "."
    if seen.oldest and imagined.sync_from is None:
        said += f" “Sync from” is empty, so that nothing is too old: the first document is of {seen.oldest:%d %b %Y}."
    return said


def stays(connection: Connection, found: Typing) -> str:
    """What these changes leave as it is in Core, though they seem to be about it; empty where there is none."""
    turned_on = {each.key for each in found.changes if found.values[each.key] is True}
    organisation, said = connection.organisation, []
    if "use_credit_by_order" in turned_on and (count := open_matches(organisation.pk)):
        both = "credit and its document are" if count == 1 else "credits and their documents are"
        said.append(
            f"{count:,} {both} booked already and not joined. That stays as it is: use them by hand where they belong."
        )
    if "book_costs" in turned_on and (count := unbooked(organisation.pk).count()):
        documents = "document was shipped and its cost is" if count == 1 else "documents were shipped and their cost is"
        said.append(
            f"{count:,} {documents} booked nowhere. That stays as it is, unless somebody books what is missing: on the "
            f"page Import under Costs, or by “tieout book-costs {organisation.slug}”."
        )
    return " ".join(said)


def save(
    connection: Connection, texts: Mapping[str, str], *, actor: str, clock: Clock, version: str = ""
) -> tuple[Sequence[Change], int]:
    """Store what was typed and set to Pending what that frees: the changes, and how many entries. Raises NotSaved."""
    found = typed(connection, texts)
    freed = [] if found.errors or not found.changes else effect_of(connection, found.values, clock).freed_ids
    with transaction.atomic():
        changes = change(connection, texts, actor=actor, version=version)
        return changes, entries.free(connection.organisation, freed, actor, "The settings were changed.", clock.now())


@transaction.atomic
def change(connection: Connection, texts: Mapping[str, str], *, actor: str, version: str = "") -> Sequence[Change]:
    """Store what was typed. `version`: that of the settings which the form showed. Raises NotSaved."""
    row = Connection.objects.select_for_update().get(pk=connection.pk)
    now = current(row)
    if version and version != now.version:
        raise NotSaved({"": _meanwhile(row)})
    found = read(texts, now.values, now.known)
    if found.errors:
        raise NotSaved(found.errors)
    if found.changes:
        columns = columns_of(found.values)
        for name in COLUMNS:
            setattr(row, name, columns[name])
        row.save(update_fields=list(COLUMNS))
        if now.values["day_limit"] != row.day_limit:
            change_limit(row, now.values["day_limit"], row.day_limit)
        set_choices(row.organisation, OrganisationChoices(**{name: columns[name] for name in CORES}), actor=actor)
    for each in found.changes:
        if each.key in CORES:
            continue  # Core told of it
        detail = {"key": each.key, "from": each.said_old, "to": each.said_new}
        record_event(row.organisation_id, actor, Action.SETTING_CHANGED, label=each.title, detail=detail)
    return found.changes


def _meanwhile(connection: Connection) -> str:
    last = history(connection.organisation, 1)
    who = f"{last[0].actor} changed “{last[0].label}”" if last else "Somebody changed the settings"
    return f"{who} meanwhile. Nothing of yours was saved: look at the settings again and repeat your change."


def history(organisation: Organisation, most: int = 50) -> list[Event]:
    """The latest changes, each of one setting: who, what, from what to what, when."""
    return list(Event.objects.filter(organisation=organisation, action=Action.SETTING_CHANGED)[:most])
