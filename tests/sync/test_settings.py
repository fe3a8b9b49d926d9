"""The catalogue of settings, and storing them: what may be typed, all or nothing, history, and what they free."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.sync.chart import make_category
from tests.sync.every_kind import every_kind
from tests.sync.small_company import small_company
from tests.sync.world import World
from tieout.core import operations
from tieout.core.models import Organisation
from tieout.core.operations.recording import document_fields
from tieout.core.rules import Refused
from tieout.people.models import Event
from tieout.sync import company_settings, connect, tasks
from tieout.sync.company_settings import NotSaved, with_values
from tieout.sync.effect import Effect, effect
from tieout.sync.ledger import Ledger
from tieout.sync.models import Connection, Entry, Status
from tieout.sync.settings import BY_KEY, CATALOGUE, SECTIONS, Known, columns_of, read, texts_of, values_of
from tieout.sync.typed import Emails, Moment, PerChannel, TrackedField, Unusable

DEFAULTS: dict[str, Any] = {each.key: each.default for each in CATALOGUE}
KNOWN = Known(channels=("Shopify", "Trade"), categories=("Region", "Season"), attributes=("product:Colour",), mail=True)

# For every setting: what a person may type by mistake, and what the sentence at the field says.
BAD: dict[str, list[tuple[str, str]]] = {
    "invoice_status": [("Perhaps", "Choose one of: authorised, draft"), ("", "Choose one of")],
    "status_of_sale_invoice": [("PAID", "none of the choices")],
    "status_of_bill": [("=1+1", "none of the choices")],
    "status_of_sale_credit_note": [("<b>DRAFT</b>", "none of the choices")],
    "status_of_purchase_credit_note": [("draf", "none of the choices")],
    "status_of_purchase_order": [("x" * 5000, "none of the choices")],
    "status_by_channel": [
        ("Shopify", "such as Shopify = draft"),
        ("= draft", "such as Shopify = draft"),
        ("Shopify = sent", "none of the choices"),
        ("Etsy = draft", "No document of Core has the channel “Etsy”. It has: Shopify, Trade."),
    ],
    "sync_from": [("01/04/2026", "type it as 2026-04-01"), ("2026-02-30", "is not a day"), ("0001-01-01", "too far")],
    "lock_date_policy": [("never", "hold, first_open_day")],
    "payments": [("sideways", "push, pull, both")],
    "deposits_as": [("cash", "prepayment, money")],
    "use_credit_by_order": [("sometimes", "yes, no"), ("", "yes, no")],
    "book_costs": [("perhaps", "yes, no"), ("", "yes, no")],
    "cost_dating": [("31 March", "on_change, on_shipment, first_open_day"), ("", "Choose one of")],
    "export_purchase_orders": [("maybe", "yes, no"), ("", "yes, no")],
    "export_attachments": [("1", "yes, no")],
    "show_journals_on_cash_basis": [("ja", "yes, no")],
    "load_items": [("all", "yes, no"), ("", "yes, no")],
    "load_invoices": [("=1+1", "yes, no")],
    "load_contacts": [("suppliers", "documents, customers, kinds"), ("", "Choose one of")],
    "item_description": [("colour", "description, purchase_description, name, sku_and_name"), ("", "Choose one of")],
    "item_purchase_description": [("=1+1", "none of the choices"), ("x" * 5000, "none of the choices")],
    "tracking_1_category": [
        ("x" * 101, "100 are the most"),
        ("Nowhere", "Xero has no active tracking category “Nowhere”. It has: Region, Season."),
        ("a\nb", "on one line"),
        ("Region", "Choose where"),
    ],
    "tracking_1_field": [("shoe size", "is no field"), ("product:", "is no field"), ("job", "Choose the tracking")],
    "tracking_2_category": [("Nowhere", "no active tracking category"), ("Season", "Choose where")],
    "tracking_2_field": [("robot:arm", "is no field"), ("brand", "Choose the tracking category in Xero")],
    "auto_sync_minutes": [("4", "from 5 to 10,080, or 0"), ("-5", "whole number"), ("1.5", "whole number")],
    "lock_date": [("31 March", "type it as 2026-04-01"), ("2026-02-30", "is not a day")],
    "auto_sync_from": [
        ("soon", "type it in UTC as"),
        ("2026-13-01T06:00", "is not a moment"),
        ("2026-04-01T06:00", "how often"),
    ],
    "alert_emails": [
        ("mere", "is not an e-mail address"),
        ("mere@example.com, bad@", "“bad@”"),
        (",".join(f"m{number}@example.com" for number in range(11)), "10 are the most"),
        ("a@example.com\nBcc:b@example.com", "is not an e-mail address"),
    ],
    "day_limit": [("0", "from 50 to 5,000"), ("5001", "from 50 to 5,000"), ("٥٠٠", "whole number"), ("", "whole")],
}
GOOD = {
    "invoice_status": "draft",
    "status_of_sale_invoice": "Draft",
    "status_of_bill": "authorised",
    "status_of_sale_credit_note": "DRAFT",
    "status_of_purchase_credit_note": "DRAFT",
    "status_of_purchase_order": "DRAFT",
    "status_by_channel": "Shopify = draft; Trade = approved",
    "sync_from": "2026-04-01",
    "lock_date_policy": "first_open_day",
    "lock_date": "2026-03-31",
    "payments": "both",
    "deposits_as": "money",
    "use_credit_by_order": "no",
    "book_costs": "no",
    "cost_dating": "first_open_day",
    "export_purchase_orders": "Yes",
    "export_attachments": "yes",
    "show_journals_on_cash_basis": "no",
    "item_description": "SKU and name",
    "item_purchase_description": "description",
    "tracking_1_category": "Region",
    "tracking_1_field": "location",
    "tracking_2_category": "Season",
    "tracking_2_field": "product:Colour",
    "load_items": "yes",
    "load_invoices": "yes",
    "load_contacts": "customers",
    "auto_sync_minutes": "30",
    "auto_sync_from": "2026-07-01T06:30",
    "alert_emails": "mere@example.com; accounts@example.co.nz",
    "day_limit": "1,000",
}


def test_every_setting_has_a_title_an_explanation_and_a_section() -> None:
    for each in CATALOGUE:
        assert each.section in SECTIONS
        assert each.title and not each.title.endswith(".")
        assert each.explanation.endswith("."), each.key
        assert ". " not in each.explanation, each.key
    assert len(BY_KEY) == len(CATALOGUE)
    assert set(BAD) == set(GOOD) == set(BY_KEY), "a setting without its bad and its good input"


@pytest.mark.parametrize(("key", "text", "sentence"), [(key, *each) for key, rows in BAD.items() for each in rows])
def test_bad_input_is_a_clear_sentence_at_its_field(key: str, text: str, sentence: str) -> None:
    found = read({key: text, "day_limit": text if key == "day_limit" else "400"}, DEFAULTS, KNOWN)
    told = " ".join(found.errors.values())
    assert sentence in told
    assert told.endswith(".")
    assert len(told) < 400


@pytest.mark.parametrize("key", list(GOOD))
def test_good_input_is_read_and_reads_the_same_again(key: str) -> None:
    partner = {f"tracking_{number}_{part}" for number in (1, 2) for part in ("category", "field")}
    texts = {name: GOOD[name] for name in partner | {key, "auto_sync_minutes"}}
    found = read(texts, DEFAULTS, KNOWN)
    assert found.errors == {}
    assert key in {each.key for each in found.changes}
    again = texts_of(found.values)
    assert read(again, DEFAULTS, KNOWN).values == found.values
    assert read(again, found.values, KNOWN).changes == []
    assert values_of(columns_of(found.values)) == found.values


@given(st.text(max_size=40), st.sampled_from(sorted(BY_KEY)))
def test_whatever_is_typed_is_taken_or_answered_with_a_sentence(text: str, key: str) -> None:
    found = read({key: text}, DEFAULTS, KNOWN)
    if found.errors:
        assert all(sentence.strip().endswith(".") for sentence in found.errors.values())
    else:
        assert read({key: texts_of(found.values)[key]}, DEFAULTS, KNOWN).values == found.values


def test_settings_are_checked_together() -> None:
    both = {f"tracking_{number}_category": "Region" for number in (1, 2)}
    both |= {"tracking_1_field": "job", "tracking_2_field": "job"}
    errors = read(both, DEFAULTS, KNOWN).errors
    assert "only once" in errors["tracking_2_category"]
    assert "taken from there already" in errors["tracking_2_field"]
    never = read({"tracking_1_category": "Region", "tracking_1_field": "job"}, DEFAULTS, Known())
    assert "not loaded yet" in never.errors["tracking_1_category"]
    assert "cannot send e-mail" in read({"alert_emails": "a@example.com"}, DEFAULTS, Known()).errors["alert_emails"]
    assert "There is no setting" in read({"colour": "red"}, DEFAULTS, KNOWN).errors["colour"]


def test_ways_of_typing() -> None:
    assert Emails().read(" a@example.com,\n a@example.com ") == ["a@example.com"]
    assert Moment().write(Moment().read("2026-04-01T08:00+02:00")) == "2026-04-01T06:00"
    channels = PerChannel((("DRAFT", "Draft"),))
    assert channels.read("A = B = draft\n") == {"A = B": "DRAFT"}
    assert channels.read("Shopify =") == {}
    assert TrackedField().read("Sales Rep") == "sales_rep"
    with pytest.raises(Unusable):
        TrackedField().read("contact:" + "x" * 101)


# -- stored ---------------------------------------------------------------------------------------------------------


def change(world: World, **texts: str) -> None:
    company_settings.change(world.connection, texts, actor="ben")


@pytest.mark.django_db
@pytest.mark.parametrize("key", list(BAD))
def test_with_one_bad_setting_nothing_is_saved(connected: World, key: str) -> None:
    good = {"lock_date_policy": "first_open_day", "payments": "both"}
    other = {name: text for name, text in good.items() if name != key}
    with pytest.raises(NotSaved) as refused:
        change(connected, **other, **{key: BAD[key][0][0]})
    assert key in refused.value.errors
    stored = Connection.objects.get(pk=connected.connection.pk)
    assert company_settings.current(stored).values == DEFAULTS
    assert not Event.objects.filter(action="setting_changed").exists()


@pytest.mark.django_db
def test_each_change_is_in_the_audit_trail_with_both_values(connected: World) -> None:
    change(connected, payments="both", day_limit="1000")
    change(connected, payments="both")  # nothing new
    told = [(each.actor, each.label, each.detail) for each in company_settings.history(connected.organisation)]
    assert told == [
        ("ben", "Calls a day", {"key": "day_limit", "from": "5,000 calls", "to": "1,000 calls"}),
        ("ben", "Payments are", {"key": "payments", "from": "Pushed to Xero", "to": "Synced both ways"}),
    ]


@pytest.mark.django_db
def test_how_core_keeps_the_books_is_stored_with_the_company_and_told_in_the_same_words(connected: World) -> None:
    change(connected, use_credit_by_order="no", cost_dating="on_shipment", payments="both", lock_date="2026-03-31")
    with pytest.raises(NotSaved):
        change(connected, cost_dating="on_change", payments="sideways")
    owner = Organisation.objects.get(pk=connected.organisation.pk)
    assert (owner.use_credit_by_order, owner.cost_dating) == (False, "on_shipment")
    with pytest.raises(Refused, match="locked period"):
        factories.sale_invoice(owner, date=date(2026, 3, 31))
    told = {each.label: each.detail for each in company_settings.history(owner)}
    titles = {BY_KEY[each["key"]].title: each["to"] for each in told.values()}
    assert titles == {
        "Credit taken for an order is used by itself": "No",
        "Later changes of cost are dated": "The day the goods left where that is open, else the day of the change",
        "Payments are": "Synced both ways",
        "Core is locked up to": "31 Mar 2026",
    }
    assert set(told) == set(titles)


@pytest.mark.django_db
def test_turning_the_use_of_credit_on_says_what_it_leaves_alone(connected: World) -> None:
    change(connected, use_credit_by_order="no")
    invoice = factories.sale_invoice(connected.organisation, reference="SO-1")
    factories.deposit(connected.organisation, contact_id=invoice.contact_id, order_number="SO-1")
    connection = Connection.objects.get(pk=connected.connection.pk)
    said = company_settings.stays(connection, company_settings.typed(connection, {"use_credit_by_order": "yes"}))
    assert said.startswith("1 credit and its document are booked already and not joined.")
    assert not company_settings.stays(connection, company_settings.typed(connection, {"payments": "both"}))
    change(connected, use_credit_by_order="yes")
    assert not invoice.allocations.exists()


@pytest.mark.django_db
def test_turning_the_booking_of_costs_on_says_what_it_leaves_alone(connected: World) -> None:
    change(connected, book_costs="no")
    line = factories.line(product_id=factories.product(connected.organisation).id, unit_cost=Decimal("7.50"))
    invoice = factories.sale_invoice(connected.organisation, lines=[line], shipped_on=date(2026, 5, 1))
    connection = Connection.objects.get(pk=connected.connection.pk)
    said = company_settings.stays(connection, company_settings.typed(connection, {"book_costs": "yes"}))
    assert said.startswith("1 document was shipped and its cost is booked nowhere.")
    assert f"on the page Import under Costs, or by “tieout book-costs {connected.organisation.slug}”" in said
    change(connected, book_costs="yes")
    assert not invoice.journals.exists()
    assert not company_settings.stays(connection, company_settings.typed(connection, {"book_costs": "no"}))


@pytest.mark.django_db
def test_what_somebody_else_changed_meanwhile_is_not_overwritten(connected: World) -> None:
    before = company_settings.current(connected.connection)
    company_settings.change(connected.connection, {"payments": "both"}, actor="aroha")
    with pytest.raises(NotSaved, match="aroha changed “Payments are” meanwhile"):
        company_settings.change(connected.connection, before.texts, actor="ben", version=before.version)
    assert Connection.objects.get().payments == "both"


def look_ahead(world: World, **texts: str) -> Effect:
    connection = Connection.objects.select_related("organisation").get(pk=world.connection.pk)
    found = company_settings.typed(connection, texts)
    assert not found.errors
    imagined = with_values(connection, found.values)
    return effect(connection, Ledger(imagined).base_books(), world.clock)


def figures(found: Effect) -> dict[str, int]:
    return {each.name: each.count for each in found.groups}


@pytest.mark.django_db
def test_the_effect_changes_nothing_by_itself(connected: World) -> None:
    small_company(connected.organisation)
    mark = len(connected.twin.journal)
    look_ahead(connected, invoice_status="draft")
    assert len(connected.twin.journal) == mark
    assert Connection.objects.get().invoice_status == "AUTHORISED"
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_drafts_change_documents_and_hold_their_payments_as_the_next_sync_shows(connected: World) -> None:
    small = small_company(connected.organisation)
    found = look_ahead(connected, invoice_status="draft")
    assert figures(found) == {"changed": 2, "held": 1}
    assert found.held.examples[0].was == "is created"
    assert "only approved documents can be paid" in found.held.examples[0].becomes
    change(connected, invoice_status="draft")
    connected.sync()
    assert {each["Status"] for each in connected.documents("Invoices")} == {"DRAFT"}
    assert connected.entry(small.payment).status == Status.WARNING


@pytest.mark.django_db
def test_a_day_of_start_leaves_out_what_is_older_and_puts_it_back_when_it_moves(connected: World) -> None:
    early = factories.sale_invoice(connected.organisation, date=date(2026, 1, 31))
    late = factories.sale_invoice(connected.organisation, date=date(2026, 4, 1))
    assert figures(look_ahead(connected, sync_from="2026-03-01")) == {"left_out": 1}
    change(connected, sync_from="2026-03-01")
    connected.sync()
    assert (connected.entry(early).status, connected.entry(late).status) == (Status.SKIPPED, Status.COMPLETED)
    found = look_ahead(connected, sync_from="")
    assert figures(found) == {"freed": 1}
    assert found.freed_ids == [connected.entry(early).pk]
    change(connected, sync_from="")
    connected.clock.advance(600)
    connected.sync()
    assert connected.entry(early).status == Status.COMPLETED


@pytest.mark.django_db
def test_orders_and_files_are_freed_as_foreseen(connected: World) -> None:
    every_kind(connected, export_purchase_orders=False, export_attachments=False)
    connected.sync()
    found = look_ahead(connected, export_purchase_orders="yes", export_attachments="yes")
    assert figures(found) == {"freed": 2}
    change(connected, export_purchase_orders="yes", export_attachments="yes")
    before = Entry.objects.filter(status=Status.COMPLETED).count()
    connected.clock.advance(600)
    connected.sync()
    assert Entry.objects.filter(status=Status.COMPLETED).count() == before + 2


@pytest.mark.django_db
def test_the_status_follows_channel_then_kind_then_all(connected: World) -> None:
    owner = connected.organisation
    web = factories.sale_invoice(owner, channel="Shopify")
    trade = factories.sale_invoice(owner, channel="Trade")
    bill = factories.bill(owner, channel="Shopify")
    change(connected, status_of_sale_invoice="draft", status_by_channel="Shopify = approved")
    connected.sync()
    status = {each["InvoiceNumber"]: each["Status"] for each in connected.documents("Invoices")}
    assert status == {web.number: "AUTHORISED", trade.number: "DRAFT", bill.number: "AUTHORISED"}


@pytest.mark.django_db
def test_a_changed_status_is_for_new_documents_only(connected: World) -> None:
    invoice = factories.sale_invoice(connected.organisation)
    connected.sync()
    change(connected, invoice_status="draft")
    connected.clock.advance(600)
    invoice.refresh_from_db()
    operations.edit_document(invoice, replace(document_fields(invoice), reference="PO 9"), actor="mere")
    connected.sync()
    (seen,) = connected.documents("Invoices")
    assert (seen["Status"], seen["Reference"]) == ("AUTHORISED", "PO 9")
    assert connected.entry(invoice).status == Status.COMPLETED


@pytest.mark.django_db
def test_tracking_reaches_the_lines_and_a_missing_option_is_held(connected: World) -> None:
    add_category(connected, "Region", "Nelson", "Picton")
    change(connected, tracking_1_category="Region", tracking_1_field="location")
    good = factories.sale_invoice(connected.organisation, location="Nelson")
    bad = factories.sale_invoice(connected.organisation, location="Bluff")
    none = factories.sale_invoice(connected.organisation)
    connected.clock.advance(600)
    connected.sync()
    tags = {
        each["InvoiceNumber"]: [tag["Option"] for tag in each["LineItems"][0]["Tracking"]]
        for each in connected.documents("Invoices")
    }
    assert tags == {good.number: ["Nelson"], none.number: []}
    entry = connected.entry(bad)
    assert (entry.reason_code, "no option “Bluff”" in entry.reason) == ("tracking-missing", True)


def add_category(world: World, name: str, *options: str) -> None:
    """As an owner would in Xero, then loaded again here."""
    make_category(world, name, options)
    connection = Connection.objects.select_related("organisation", "grant").get(pk=world.connection.pk)
    connect.load(connection, actor="mere", ports=world.ports)


@pytest.mark.django_db
def test_a_schedule_begins_at_its_start_and_counts_from_it(connected: World) -> None:
    now = connected.clock.now()
    connection = Connection(auto_sync_minutes=60, auto_sync_from=now - timedelta(minutes=130))
    assert tasks.last_turn(connection, now) == now - timedelta(minutes=10)
    connection.auto_sync_from = now + timedelta(minutes=1)
    assert tasks.last_turn(connection, now) is None
    connection.auto_sync_from = None
    assert tasks.last_turn(connection, now) == now - timedelta(minutes=60)


@pytest.mark.django_db
def test_more_than_is_looked_at_is_said(connected: World) -> None:
    for _ in range(3):
        factories.sale_invoice(connected.organisation, currency="EUR", rate=Decimal("0.5"))
    connection = Connection.objects.select_related("organisation").get()
    found = effect(connection, Ledger(connection).base_books(), connected.clock, most=2)
    assert (found.all_seen, found.groups) == (False, [])
