"""A look ahead against what then happens, for companies put together by chance: what was foreseen is what is done."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.sync.test_dry_run import done_since, foreseen, look_ahead
from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.fields import ContactFields
from tieout.core.models import Contact, Document, Settlement
from tieout.core.operations.recording import document_fields, fields_of
from tieout.core.rules import Refused
from tieout.sync import company_settings
from tieout.sync.dry_run import second_look
from tieout.sync.entries import change_status
from tieout.sync.models import Attempt, Connection, Entry, Status
from tieout.sync.preview import Verdict

pytestmark = pytest.mark.django_db
HAPPENINGS = (
    *("invoice", "bill", "order", "foreign", "levied", "deposit", "old", "journal", "edit", "void"),
    *("unpay", "unpay", "repay", "paid in Xero"),
)
SHOWN = {
    Verdict.ACCEPT: {Status.COMPLETED},
    Verdict.HOLD: {Status.WARNING, Status.PENDING},
    Verdict.REFUSE: {Status.WARNING},
    Verdict.NOTHING: {Status.COMPLETED, Status.SKIPPED},
}


def a_day(world: World, chance: random.Random) -> None:
    """Half a dozen things that happen in a company, some of which cannot go to Xero."""
    owner = world.organisation
    unmapped = factories.tax_rule(owner, name=f"Levy {chance.random()}", rate="7.5")
    for _ in range(chance.randint(2, 6)):
        what = chance.choice(HAPPENINGS)
        values: dict[str, Any] = {"channel": chance.choice(("", "Shopify"))}
        if what == "foreign":
            values |= {"currency": chance.choice(("EUR", "USD")), "rate": Decimal("0.5")}
        if what == "levied":
            values["lines"] = [factories.line(tax_rule_id=unmapped.pk)]
        if what == "old":
            values["date"] = factories.DAY - timedelta(days=400)
        if what in ("invoice", "foreign", "levied", "old"):
            paid_for(factories.sale_invoice(owner, **values), chance)
        elif what == "bill":
            paid_for(factories.bill(owner, **values), chance)
        elif what == "order":
            factories.purchase_order(owner)
        elif what == "deposit":
            factories.deposit(owner)
        elif what in ("unpay", "repay", "paid in Xero"):
            money_moves(world, chance, what)
        elif what == "journal":
            lines = [factories.journal_line("310", "9.00"), factories.journal_line("640", "-9.00")]
            factories.journal(owner, lines=lines)
        else:
            change_something(world, chance, what)


def paid_for(document: Document, chance: random.Random) -> None:
    if chance.random() < 0.6:
        factories.payment(document, "30.00")
    if chance.random() < 0.2:
        factories.credit_note(document, lines=[factories.line("20.00")])


def money_moves(world: World, chance: random.Random, what: str) -> None:
    """A payment is taken back and perhaps entered anew, its document changes; or somebody pays in Xero."""
    live = Settlement.objects.filter(organisation=world.organisation, status="AUTHORISED", kind="payment")
    if what == "paid in Xero":
        open_ones = [each for each in world.live("Invoices") if each["Status"] == "AUTHORISED" and each["AmountDue"]]
        if open_ones:
            paid = chance.choice(open_ones)
            world.twin.edit(world.tenant_id, "pay", invoice=paid["InvoiceID"], account="090")
        return
    if not live:
        return
    payment = chance.choice(list(live.order_by("number")))
    document = payment.document
    assert document is not None
    operations.void_payment(payment, actor="mere")
    document.refresh_from_db()
    if chance.random() < 0.7:
        values = document_fields(document)
        lines = tuple(replace(line, description=f"{line.description}!") for line in values.lines)
        operations.edit_document(document, replace(values, lines=lines), actor="mere")
    if what == "repay":
        factories.payment(document, chance.choice(("30.00", "100.00")), split=False)


def change_something(world: World, chance: random.Random, what: str) -> None:
    documents = list(Document.objects.filter(organisation=world.organisation, status="AUTHORISED").order_by("number"))
    contacts = list(Contact.objects.filter(organisation=world.organisation).order_by("code"))
    try:
        if what == "void" and documents:
            operations.void_document(chance.choice(documents), actor="mere")
        elif documents and chance.random() < 0.5:
            document = chance.choice(documents)
            changed = replace(document_fields(document), reference=f"PO {chance.random()}")
            operations.edit_document(document, changed, actor="mere")
        elif contacts:
            contact = chance.choice(contacts)
            changed_contact = replace(fields_of(ContactFields, contact), email=f"{chance.randint(1, 9)}@example.test")
            operations.edit_contact(contact, changed_contact, actor="mere")
    except Refused:
        pass  # a paid document keeps its money; Core says so


def settings_of_the_day(world: World, chance: random.Random) -> None:
    texts = {
        "invoice_status": chance.choice(("authorised", "authorised", "draft")),
        "export_purchase_orders": chance.choice(("yes", "no")),
        "deposits_as": chance.choice(("prepayment", "money")),
        "status_of_bill": chance.choice(("", "draft")),
    }
    connection = Connection.objects.select_related("organisation").get(organisation=world.organisation)
    company_settings.save(connection, texts, actor="ben", clock=world.clock)


@pytest.mark.parametrize("seed", range(16))
def test_what_was_foreseen_is_what_the_next_sync_does(seed: int) -> None:
    chance = random.Random(seed)
    connected = world(currencies=("USD",))
    for _ in range(3):
        settings_of_the_day(connected, chance)
        a_day(connected, chance)
        if chance.random() < 0.4:
            waiting = Entry.objects.filter(status=Status.WARNING).order_by("?")[:2].values("pk")
            now = connected.clock.now()
            chosen = Entry.objects.filter(pk__in=waiting)
            change_status(connected.organisation, chosen, Status.SKIPPED, actor="mere", reason="By hand", now=now)
        found, lines = look_ahead(connected)
        mark = Attempt.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        calls = len(connected.twin.journal)
        connected.sync()
        made = sum(1 for call in connected.twin.journal[calls:] if call.path.startswith("/api.xro"))
        assert done_since(connected, mark) == foreseen(lines)
        assert made == found.calls
        statuses = dict(Entry.objects.values_list("record_id", "status"))
        wrong = {
            (line.facts.label, line.action, str(line.verdict), statuses[key])
            for key, line in lines.items()
            if statuses[key] not in SHOWN[line.verdict]
        }
        assert wrong == set()
        connected.clock.advance(3600)
    assert Counter(Entry.objects.values_list("status", flat=True))[Status.COMPLETED]


def test_what_a_payment_held_is_foreseen_to_go_once_the_payment_is_taken_off(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    paid = factories.payment(invoice, "100.00")
    connected.sync()
    operations.void_payment(paid, actor="mere")
    values = document_fields(invoice)
    lines = (replace(values.lines[0], description="Another cup"),)
    operations.edit_document(invoice, replace(values, lines=lines), actor="mere")
    again = factories.payment(invoice, "100.00")
    connected.clock.advance(3600)
    found, ahead = look_ahead(connected)
    actions = {key: (line.action, str(line.verdict)) for key, line in ahead.items()}
    assert actions == {paid.pk: ("void", "accept"), invoice.pk: ("update", "accept"), again.pk: ("create", "accept")}
    calls = len(connected.twin.journal)
    connected.sync()
    assert {connected.entry(each).status for each in (paid, invoice, again)} == {Status.COMPLETED}
    made = sum(1 for call in connected.twin.journal[calls:] if call.path.startswith("/api.xro"))
    assert made == found.calls
    assert second_look(connected.connection, connected.clock, 1000) == {}, "nothing is held by a balance any more"


def test_the_page_of_the_dry_run_shows_what_the_second_look_finds(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    paid = factories.payment(invoice, "100.00")
    connected.sync()
    operations.void_payment(paid, actor="mere")
    edited = replace(document_fields(invoice), reference="PO 7")
    operations.edit_document(invoice, edited, actor="mere")
    found = second_look(connected.connection, connected.clock, 1000)
    assert [(key.id, line.action) for key, line in found.items()] == [(invoice.pk, "update")]
