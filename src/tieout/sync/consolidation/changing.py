"""Changing consolidation by a person's hand: policies, and closing a document before its time.

In: what was entered, as texts or values. Out: the stored policy. Always: every field is checked before anything is
stored, and all problems come back together as `NotSaved`, one sentence per field; the change and its audit event are
one transaction; records that gather, and those that a policy kept in Core, are looked at anew at the next sync.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from django.db import transaction

from tieout.core import operations
from tieout.core.fields import ContactFields
from tieout.core.models import Contact, Document, Organisation
from tieout.kinds.consolidation.terms import PLACEHOLDERS, TEMPLATE
from tieout.people.audit import record_event
from tieout.people.models import Action
from tieout.sync import outbox
from tieout.sync.clock import Clock, DatabaseClock
from tieout.sync.consolidation import tables
from tieout.sync.consolidation.mending import touch_gathering
from tieout.sync.consolidation.policies import Mode, What
from tieout.sync.consolidation.standing import NO_SYNC
from tieout.sync.models import Connection, ConsolidatedDocument, ConsolidationPolicy
from tieout.sync.run import alone

MOST_LINES, MOST_HOURS = 10_000, 72
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_CHOICES = {
    "mode": ("Sync type", Mode),
    "grouping": ("Grouping", ConsolidationPolicy.Grouping),
    "late": ("Late arrivals", ConsolidationPolicy.Late),
    "delivery": ("Delivery", ConsolidationPolicy.Delivery),
}
_NUMBERS = {"line_limit": ("The line limit", 1, MOST_LINES), "closes_after": ("The hours of grace", 0, MOST_HOURS)}


class NotSaved(Exception):
    """What was entered is not right: `problems` has a sentence by field. Nothing was stored."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Place:
    """Which policy: of what, and of which channel or supplier."""

    what: str
    channel: str = ""
    supplier_id: UUID | None = None


def policies(connection: Connection) -> list[ConsolidationPolicy]:
    """Every policy that was stored, those of one channel together."""
    return list(ConsolidationPolicy.objects.filter(connection=connection).select_related("contact", "supplier"))


def channels(organisation: Organisation) -> list[str]:
    """The channels that sales came through."""
    found = Document.objects.filter(organisation=organisation, kind__startswith="sale").values_list("channel")
    return sorted({channel for (channel,) in found.distinct().order_by()}, key=str.casefold)


def policy_at(connection: Connection, place: Place) -> ConsolidationPolicy:
    """The stored policy, or the one that holds while none is: individual."""
    found = ConsolidationPolicy.objects.filter(
        connection=connection, what=place.what, channel__iexact=place.channel, supplier_id=place.supplier_id
    ).first()
    return found or ConsolidationPolicy(
        connection=connection,
        what=place.what,
        channel=place.channel,
        supplier_id=place.supplier_id,
        template=TEMPLATE,
    )


def set_policy(connection: Connection, place: Place, entered: Mapping[str, Any], *, actor: str) -> ConsolidationPolicy:
    """Store what was entered; a field that is left out stays. Raises NotSaved."""
    policy = policy_at(connection, place)
    before = _told(policy)
    problems = _of_place(connection, place) | _take(policy, entered)
    contact_name = str(entered.get("contact_name", policy.contact or "")).strip()
    problems |= _of_contact(policy, contact_name)
    if problems:
        raise NotSaved(problems)
    with transaction.atomic():
        _settle_contact(policy, contact_name, actor)
        policy.changed_by = actor
        policy.save()
        changed = {name: [before[name], value] for name, value in _told(policy).items() if before[name] != value}
        if changed:
            label = f"Consolidation: {policy.get_what_display()} {policy.channel or policy.supplier or ''}".strip()
            record_event(connection.organisation_id, actor, Action.SETTING_CHANGED, label=label, detail=changed)
            touch_gathering(connection, place.what, place.channel, place.supplier_id)
            outbox.take_back_left_out(connection.organisation_id, NO_SYNC)
    return policy


def _told(policy: ConsolidationPolicy) -> dict[str, Any]:
    names = (*_CHOICES, *_NUMBERS, "template", "export_customers")
    told = {name: getattr(policy, name) for name in names}
    return told | {"cut_off": f"{policy.cut_off:%H:%M}", "contact": str(policy.contact or "")}


def _of_place(connection: Connection, place: Place) -> dict[str, str]:
    if place.what not in What.values:
        return {"what": "Choose what is consolidated: " + ", ".join(What.labels).lower() + "."}
    if len(place.channel) > 100:
        return {"channel": "A channel's name has 100 characters at most."}
    if place.supplier_id is None:
        return {}
    if place.what != What.BILLS:
        return {"supplier": "Only bills are consolidated by supplier; sales are by channel."}
    suppliers = Contact.objects.filter(organisation=connection.organisation_id, is_supplier=True)
    if not suppliers.filter(pk=place.supplier_id).exists():
        return {"supplier": "Choose one of this organisation's suppliers."}
    return {}


def _take(policy: ConsolidationPolicy, entered: Mapping[str, Any]) -> dict[str, str]:
    """Put what was entered into the policy; what cannot be is told."""
    problems: dict[str, str] = {}
    for name, (title, choices) in _CHOICES.items():
        value = str(entered.get(name, getattr(policy, name)))
        if value in choices.values:
            setattr(policy, name, value)
        else:
            problems[name] = f"{title}: “{value}” is none of {', '.join(map(str, choices.labels))}."
    for name, (title, least, most) in _NUMBERS.items():
        text = str(entered.get(name, getattr(policy, name))).strip()
        if text.isascii() and text.isdecimal() and len(text) < 9 and least <= int(text) <= most:
            setattr(policy, name, int(text))
        else:
            problems[name] = f"{title} must be a whole number from {least} to {most:,}, not “{text}”."
    if (moment := _time_of_day(entered.get("cut_off", policy.cut_off))) is not None:
        policy.cut_off = moment
    else:
        problems["cut_off"] = f"The cut-off must be a time of day such as 02:30, not “{entered['cut_off']}”."
    policy.template = str(entered.get("template", policy.template)).strip() or TEMPLATE
    policy.export_customers = bool(entered.get("export_customers", policy.export_customers))
    if problem := template_problem(policy.template):
        problems["template"] = problem
    drafts = policy.delivery == ConsolidationPolicy.Delivery.DRAFT
    if drafts and policy.what not in (What.INVOICES, What.BILLS):
        problems["delivery"] = "Only invoices, bills and credit notes can wait in Xero as drafts; choose sent on close."
    return problems


def _time_of_day(entered: object) -> time | None:
    """Hours and minutes as a clock shows them."""
    if isinstance(entered, time):
        return entered
    text = str(entered).strip() or "00:00"
    return time.fromisoformat(text) if _CLOCK.fullmatch(text) else None


def template_problem(template: str) -> str:
    """Why documents cannot be named so; empty where they can."""
    if len(template) > 200:
        return "The name has 200 characters at most; a number in Xero has 255."
    if "<" in template or ">" in template:
        return "Leave out < and >: Xero takes them in no number."
    known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return f"A brace is left open. The words in braces are {known}."
    names = [name for _, name, _, _ in parts if name is not None]
    plain = all(not form and not conversion for _, name, form, conversion in parts if name is not None)
    if unknown := [name for name in names if name not in PLACEHOLDERS]:
        return f"“{{{unknown[0]}}}” is not known; the words in braces are {known}."
    if not plain or names.count("n") != 1:
        return "Write {n} exactly once: it is the number that tells documents of one day apart."
    return ""


def _of_contact(policy: ConsolidationPolicy, name: str) -> dict[str, str]:
    needs = policy.what == What.INVOICES and policy.mode in (Mode.DAILY, Mode.MONTHLY)
    if needs and not name and policy.grouping != ConsolidationPolicy.Grouping.CUSTOMER:
        return {"contact_name": "Name the contact that the documents are made out to, such as the channel's own."}
    if len(name) > 255 or "<" in name or ">" in name:
        return {"contact_name": "A contact's name has 255 characters at most, without < and >."}
    return {}


def _settle_contact(policy: ConsolidationPolicy, name: str, actor: str) -> None:
    """The contact of that name; one that Core has not got is made."""
    if not name:
        policy.contact = None
        return
    organisation = policy.connection.organisation
    found = Contact.objects.filter(organisation=organisation, name__iexact=name, status="ACTIVE").first()
    if found is None:
        code = f"CHANNEL-{Contact.objects.filter(organisation=organisation, code__startswith='CHANNEL-').count() + 1}"
        fields = ContactFields(code=code, name=name, is_customer=True)
        found = operations.create_contact(organisation, fields, actor=actor)
    policy.contact = found


def close_now(
    connection: Connection, document: ConsolidatedDocument, *, actor: str, clock: Clock | None = None
) -> None:
    """Close a document before its period ends; it goes at the next sync. Raises AlreadyRunning, NotSaved."""
    with alone(connection.organisation), transaction.atomic():
        now = (clock or DatabaseClock()).now()
        if not tables.close(connection, now, [document.pk], by=actor):
            raise NotSaved({"document": f"{document.number} does not gather any more."})
        record_event(connection.organisation_id, actor, Action.SETTING_CHANGED, label=f"Closed {document.number}")
