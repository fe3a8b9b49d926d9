"""Web orders go to Xero gathered: once, to the cent, and whatever happens to them before and after."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.sync.test_lost_answers import until_nothing_is_due
from tests.sync.web_shop import (
    SHOP,
    TODAY,
    YESTERDAY,
    assert_all_agree,
    document,
    gst,
    numbers,
    policy,
    reprice,
    sums_in_xero,
    tomorrow,
    web_order,
)
from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.operations import document_fields
from tieout.reports.tie_out import tie_out
from tieout.sync.consolidation import gathering, tables
from tieout.sync.consolidation.changing import NotSaved, Place, close_now, set_policy
from tieout.sync.dry_run import dry_run
from tieout.sync.entries import change_status
from tieout.sync.models import Binding, ConsolidatedDocument, ConsolidatedMember, ConsolidationPolicy, Entry, Status

pytestmark = pytest.mark.django_db

FIRST = f"SO-2026/05/31-{SHOP}-1"


@pytest.fixture
def shop(db: None) -> World:
    return world(currencies=("USD", "AUD"))


def writes(world: World, mark: int) -> list[tuple[str, str]]:
    calls = [call for call in world.twin.journal[mark:] if call.method != "GET" and call.resource != "token"]
    return [(call.method, call.resource) for call in calls]


# -- daily, monthly, not at all ------------------------------------------------------------------------------------


def test_the_orders_of_a_day_go_as_one_invoice(shop: World) -> None:
    policy(shop)
    orders = [web_order(shop, price) for price in ("25.06", "25.61", "25.63")]
    shop.sync()
    made = document(shop, FIRST)
    assert Decimal(str(made["Total"])) == sum(order.total for order in orders)
    assert Decimal(str(made["TotalTax"])) == Decimal("11.44")
    assert (made["Status"], made["Contact"]["Name"], made["Reference"]) == (
        "AUTHORISED", "Shopify customers", f"SO-2026/05/31-{SHOP}",
    )  # fmt: skip
    assert len(made["LineItems"]) == 1
    entry = shop.entry(orders[0])
    assert (entry.status, entry.reason) == (Status.COMPLETED, f"Carried by {FIRST}.")
    assert_all_agree(shop)


def test_a_second_sync_changes_nothing(shop: World) -> None:
    policy(shop)
    for _ in range(3):
        web_order(shop)
    shop.sync()
    mark = len(shop.twin.journal)
    rows = list(ConsolidatedMember.objects.values_list())
    shop.clock.advance(3600)
    shop.sync()
    assert writes(shop, mark) == []
    assert list(ConsolidatedMember.objects.values_list()) == rows
    assert_all_agree(shop)


def test_what_gathers_waits_for_its_document_and_goes_when_the_day_is_over(shop: World) -> None:
    policy(shop)
    order = web_order(shop, date=TODAY)
    shop.sync()
    entry = shop.entry(order)
    assert (entry.status, entry.blocked_kind) == (Status.PENDING, "consolidated_invoice")
    assert entry.reason == f"Gathered into SO-2026/06/01-{SHOP}-1, which gathers until the end of 01 Jun 2026."
    assert shop.live("Invoices") == []
    more = web_order(shop, date=TODAY)
    tomorrow(shop)
    shop.sync()
    assert numbers(shop) == [f"SO-2026/06/01-{SHOP}-1"]
    assert shop.entry(more).status == Status.COMPLETED
    assert_all_agree(shop)


def test_hours_of_grace_keep_a_day_open(shop: World) -> None:
    policy(shop, closes_after="24")  # midnight in New Zealand was 21 hours ago
    web_order(shop)
    shop.sync()
    assert shop.live("Invoices") == []
    shop.clock.advance(4 * 3600)
    shop.sync()
    assert numbers(shop) == [FIRST]


def test_a_month_goes_as_one_when_it_is_over(shop: World) -> None:
    policy(shop, mode="monthly")
    for day in (3, 14, 31):
        web_order(shop, date=date(2026, 5, day))
    current = web_order(shop, date=TODAY)
    shop.sync()
    assert numbers(shop) == [f"SO-2026/05-{SHOP}-1"]
    assert document(shop, f"SO-2026/05-{SHOP}-1")["DateString"].startswith("2026-05-31")
    assert shop.entry(current).status == Status.PENDING
    tomorrow(shop, 30)
    shop.sync()
    assert len(numbers(shop)) == 2
    assert_all_agree(shop)


def test_a_channel_without_sync_is_skipped_with_reason_and_amount(shop: World) -> None:
    policy(shop, mode="none")
    order = web_order(shop)
    paid = factories.payment(order, "20.00")
    other = web_order(shop, channel="Wholesale")
    shop.sync()
    entry = shop.entry(order)
    assert (entry.status, entry.reason_code, entry.amount) == (Status.SKIPPED, "no-sync", Decimal("115.00"))
    assert SHOP in entry.reason
    assert shop.entry(paid).reason_code == "no-sync"
    assert numbers(shop) == [other.number]
    told = {each.label: each.why for each in tie_out(shop.organisation).explanations}
    assert set(told) == {paid.number, order.number}
    assert all("Skipped" in why for why in told.values())
    policy(shop, mode="daily")
    shop.sync()
    assert_all_agree(shop)


def test_credit_notes_follow_in_documents_of_their_own(shop: World) -> None:
    policy(shop)
    order = web_order(shop)
    note = factories.credit_note(order, channel=SHOP, date=YESTERDAY, lines=[factories.line("10.00")])
    used = factories.allocation(note, order, "4.00")
    shop.sync()
    assert numbers(shop, "CreditNotes") == [f"CN-2026/05/31-{SHOP}-1"]
    assert shop.entry(used).status == Status.COMPLETED
    assert Decimal(str(document(shop, FIRST)["AmountDue"])) == Decimal("111.00")
    assert_all_agree(shop)


def test_a_customers_own_credit_cannot_be_used_on_the_channels_document_and_says_so(shop: World) -> None:
    policy(shop)
    order = web_order(shop)
    credit = factories.deposit(shop.organisation, "50.00", contact_id=order.contact_id)
    used = factories.allocation(credit, order, "10.00")
    shop.sync()
    assert (shop.entry(used).status, shop.entry(used).reason_code) == (Status.WARNING, "contact-differs")


def test_one_document_per_currency_and_rate(shop: World) -> None:
    policy(shop)
    for currency, rate in (("NZD", "1"), ("USD", "0.61"), ("USD", "0.62"), ("USD", "0.61")):
        web_order(shop, currency=currency, rate=Decimal(rate))
    shop.sync()
    made = sorted((each["CurrencyCode"], float(each["CurrencyRate"]), float(each["Total"])) for each in
                  shop.live("Invoices"))  # fmt: skip
    assert made == [("NZD", 1.0, 115.0), ("USD", 0.61, 230.0), ("USD", 0.62, 115.0)]
    assert_all_agree(shop)


def test_inclusive_and_exclusive_orders_are_not_mixed(shop: World) -> None:
    policy(shop)
    web_order(shop, tax_treatment="Inclusive")
    web_order(shop, tax_treatment="Exclusive")
    shop.sync()
    assert sorted(each["LineAmountTypes"] for each in shop.live("Invoices")) == ["Exclusive", "Inclusive"]
    assert_all_agree(shop)


def test_long_documents_go_in_numbered_parts_under_one_reference(shop: World) -> None:
    policy(shop, grouping="order", line_limit="5")
    orders = [web_order(shop) for _ in range(12)]
    shop.sync()
    made = shop.live("Invoices")
    assert sorted(len(each["LineItems"]) for each in made) == [2, 5, 5]
    assert {each["Reference"] for each in made} == {f"SO-2026/05/31-{SHOP}"}
    assert numbers(shop) == [f"SO-2026/05/31-{SHOP}-{n}" for n in (1, 2, 3)]
    said = sorted(line["Description"] for each in made for line in each["LineItems"])
    assert said == sorted(order.number for order in orders)
    assert_all_agree(shop)


@pytest.mark.parametrize(("grouping", "documents", "lines"), [("product", 1, 2), ("customer", 2, 2), ("tax", 1, 1)])
def test_lines_are_grouped_as_the_policy_says(shop: World, grouping: str, documents: int, lines: int) -> None:
    policy(shop, grouping=grouping)
    rule = gst(shop).pk
    cup, bowl = (factories.product(shop.organisation, sku=sku) for sku in ("CUP", "BOWL"))
    for product, quantity in ((cup, "2"), (bowl, "1")):
        web_order(shop, lines=[factories.line("10.00", quantity, product_id=product.pk, tax_rule_id=rule)])
    shop.sync()
    made = shop.live("Invoices")
    assert (len(made), sum(len(each["LineItems"]) for each in made)) == (documents, lines)
    assert_all_agree(shop)


# -- late ones -----------------------------------------------------------------------------------------------------


def test_a_late_order_makes_a_second_document_for_its_day(shop: World) -> None:
    policy(shop)
    web_order(shop)
    shop.sync()
    late = web_order(shop, "50.00")
    shop.sync()
    assert numbers(shop) == [FIRST, f"SO-2026/05/31-{SHOP}-2"]
    assert shop.entry(late).reason == f"Carried by SO-2026/05/31-{SHOP}-2."
    assert_all_agree(shop)


def test_a_late_order_goes_with_the_next_day_where_the_policy_says_so(shop: World) -> None:
    policy(shop, late="next")
    web_order(shop)
    shop.sync()
    late, todays = web_order(shop, "50.00"), web_order(shop, "20.00", date=TODAY)
    shop.sync()
    assert numbers(shop) == [FIRST]
    tomorrow(shop)
    shop.sync()
    assert numbers(shop) == [FIRST, f"SO-2026/06/01-{SHOP}-1"]
    assert shop.entry(late).reason == shop.entry(todays).reason
    assert Decimal(str(document(shop, f"SO-2026/06/01-{SHOP}-1")["Total"])) == Decimal("80.50")
    assert_all_agree(shop)


# -- a draft that is kept up to date -------------------------------------------------------------------------------


def test_a_draft_is_kept_up_to_date_until_it_is_closed(shop: World) -> None:
    policy(shop, delivery="draft")
    number = f"SO-2026/06/01-{SHOP}-1"
    first = web_order(shop, date=TODAY)
    paid = factories.payment(first, "30.00", date=TODAY)
    shop.sync()
    assert (document(shop, number)["Status"], shop.entry(first).status) == ("DRAFT", Status.COMPLETED)
    assert shop.entry(paid).blocked_kind == "consolidated_invoice"
    second = web_order(shop, "20.00", date=TODAY)
    shop.sync()
    assert Decimal(str(document(shop, number)["Total"])) == Decimal("138.00")
    operations.void_document(second, actor="mere")
    shop.sync()
    assert Decimal(str(document(shop, number)["Total"])) == Decimal("115.00")
    assert shop.entry(second).status == Status.SKIPPED
    tomorrow(shop)
    shop.sync()
    made = document(shop, number)
    assert (made["Status"], Decimal(str(made["AmountDue"]))) == ("AUTHORISED", Decimal("85.00"))
    assert tie_out(shop.organisation).agrees


def test_a_draft_that_nobody_is_left_in_goes(shop: World) -> None:
    policy(shop, delivery="draft")
    order = web_order(shop, date=TODAY)
    shop.sync()
    operations.void_document(order, actor="mere")
    shop.sync()
    assert shop.live("Invoices") == []
    assert tie_out(shop.organisation).agrees


# -- edits and voids -----------------------------------------------------------------------------------------------


def test_edits_and_voids_before_closing_change_what_gathers(shop: World) -> None:
    policy(shop)
    orders = [web_order(shop, date=TODAY) for _ in range(3)]
    shop.sync()
    reprice(orders[0], "40.00")
    operations.void_document(orders[1], actor="mere")
    tomorrow(shop)
    shop.sync()
    assert Decimal(str(document(shop, f"SO-2026/06/01-{SHOP}-1")["Total"])) == Decimal("161.00")
    assert shop.entry(orders[1]).reason_code == "gone-before-sync"
    assert tie_out(shop.organisation).agrees


@pytest.mark.parametrize(("price", "resource", "total"), [("80.00", "CreditNotes", "23.00"), ("130.00", "Invoices",
                                                                                            "34.50")])  # fmt: skip
def test_an_edit_after_closing_makes_an_adjusting_document(shop: World, price: str, resource: str, total: str) -> None:
    policy(shop)
    order, _ = web_order(shop), web_order(shop)
    shop.sync()
    reprice(order, price)
    shop.sync()
    (adjusting,) = [each for each in shop.live(resource) if each.get("InvoiceNumber") != FIRST]
    assert (Decimal(str(adjusting["Total"])), adjusting["Reference"]) == (Decimal(total), f"Adjusts {FIRST}")
    assert Decimal(str(document(shop, FIRST)["Total"])) == Decimal("230.00")
    assert "adjusted by" in shop.entry(order).reason
    assert_all_agree(shop)
    mark = len(shop.twin.journal)
    shop.sync()
    assert writes(shop, mark) == []


def test_a_void_after_closing_is_taken_out_by_a_credit_note(shop: World) -> None:
    policy(shop)
    order, _ = web_order(shop), web_order(shop)
    shop.sync()
    operations.void_document(order, actor="mere")
    shop.sync()
    assert numbers(shop, "CreditNotes") == [f"CN-2026/05/31-{SHOP}-1"]
    assert sums_in_xero(shop) == {("NZD", "200", "OUTPUT2"): Decimal("115.00")}
    assert_all_agree(shop)


def test_an_order_moved_to_another_channel_after_closing_leaves_and_goes_alone(shop: World) -> None:
    policy(shop)
    order = web_order(shop)
    shop.sync()
    operations.edit_document(order, replace(document_fields(order), channel="Wholesale"), actor="mere")
    shop.sync()
    shop.sync()
    assert order.number in numbers(shop)
    assert sums_in_xero(shop) == {("NZD", "200", "OUTPUT2"): Decimal("115.00")}


# -- payments ------------------------------------------------------------------------------------------------------


def test_payments_one_by_one_go_to_the_document_that_carries_their_order(shop: World) -> None:
    policy(shop)
    orders = [web_order(shop) for _ in range(2)]
    payments = [factories.payment(order, "115.00", date=TODAY) for order in orders]
    shop.sync()
    made = document(shop, FIRST)
    assert (made["Status"], len(shop.live("Payments"))) == ("PAID", 2)
    assert_all_agree(shop)
    operations.void_payment(payments[0], actor="mere")
    mark = len(shop.twin.journal)
    shop.sync()
    assert len(writes(shop, mark)) == 1
    assert Decimal(str(document(shop, FIRST)["AmountDue"])) == Decimal("115.00")
    assert_all_agree(shop)


def test_payments_of_a_day_go_as_one_and_a_voided_one_leaves(shop: World) -> None:
    policy(shop)
    policy(shop, "payments")
    orders = [web_order(shop) for _ in range(3)]
    payments = [factories.payment(order, "115.00") for order in orders]
    shop.sync()
    assert [float(each["Amount"]) for each in shop.live("Payments")] == [345.0]
    assert_all_agree(shop)
    operations.void_payment(payments[0], actor="mere")
    shop.sync()
    assert [float(each["Amount"]) for each in shop.live("Payments")] == [230.0]
    assert_all_agree(shop)


# -- costs, money, bills -------------------------------------------------------------------------------------------


def test_cost_journals_of_a_day_go_as_one(shop: World) -> None:
    policy(shop)
    policy(shop, "costs")
    journals = []
    for cost in ("30.00", "12.50"):
        lines = [
            factories.journal_line("", cost, role="cost-of-goods"),
            factories.journal_line("", f"-{cost}", role="inventory"),
        ]
        order = web_order(shop)
        journals.append(factories.journal(shop.organisation, kind="cost_of_goods", document_id=order.pk, lines=lines,
                                          date=YESTERDAY))  # fmt: skip
    shop.sync()
    (made,) = shop.documents("ManualJournals")
    assert sorted(float(line["LineAmount"]) for line in made["JournalLines"]) == [-42.5, 42.5]
    assert_all_agree(shop)
    operations.void_journal(journals[0], actor="mere")
    shop.sync()
    assert len(shop.documents("ManualJournals")) == 2
    assert_all_agree(shop)


def test_money_tasks_of_a_day_go_as_one_per_bank_account(shop: World) -> None:
    policy(shop, "money", contact_name="Bank")
    for _ in range(3):
        factories.money_task(shop.organisation)
    received = factories.money_task(shop.organisation, type="receive")
    transfer = factories.money_task(shop.organisation, type="transfer")
    shop.sync()
    made = [each for each in shop.live("BankTransactions") if each["Type"] in ("SPEND", "RECEIVE")]
    assert sorted((each["Type"], float(each["Total"])) for each in made) == [("RECEIVE", 100.0), ("SPEND", 300.0)]
    assert shop.entry(received).reason_code == "consolidated"
    assert shop.entry(transfer).reason_code == ""
    assert_all_agree(shop)


def test_bills_are_consolidated_by_supplier(shop: World) -> None:
    supplier = factories.contact(shop.organisation, name="Clay Ltd", is_supplier=True)
    policy(shop, "bills", mode="monthly", supplier_id=supplier.pk)
    mine = [factories.bill(shop.organisation, contact_id=supplier.pk) for _ in range(2)]
    other = factories.bill(shop.organisation)
    paid = factories.payment(mine[0], "60.00")
    shop.sync()
    made = {each["InvoiceNumber"]: float(each["Total"]) for each in shop.live("Invoices")}
    assert made == {"BILL-2026/03-Clay Ltd-1": 200.0, other.number: 100.0}
    assert shop.entry(paid).status == Status.COMPLETED
    assert_all_agree(shop)


def test_customers_of_consolidated_sales_may_stay_in_core(shop: World) -> None:
    policy(shop, export_customers=False)
    order = web_order(shop)
    shop.sync()
    entry = Entry.objects.get(kind="contact", record_id=order.contact_id)
    assert (entry.status, entry.reason_code) == (Status.SKIPPED, "customer-consolidated")
    assert [each["Name"] for each in shop.documents("Contacts")] == ["Shopify customers"]
    assert tie_out(shop.organisation).agrees
    web_order(shop, channel="Wholesale", contact_id=order.contact_id)
    shop.sync()
    assert_all_agree(shop)


# -- trouble -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wait", [timedelta(seconds=1), timedelta(minutes=10)], ids=["soon", "later"])
@pytest.mark.parametrize("what", ["drop_after", "drop_before", "timeout_after", "500", "503"])
def test_a_lost_answer_on_a_consolidated_document_is_found_out(shop: World, what: str, wait: timedelta) -> None:
    policy(shop)
    policy(shop, "payments")
    for _ in range(3):
        factories.payment(web_order(shop), "50.00")
    shop.twin.faults.add(what, method="PUT", path="/Invoices$", times=3)
    shop.sync()
    shop.twin.faults.clear()
    shop.clock.advance(wait.total_seconds())
    until_nothing_is_due(shop)
    assert numbers(shop) == [FIRST]
    assert len(shop.live("Payments")) == 1
    assert_all_agree(shop)


class Killed(BaseException):
    """The worker is dead."""


@pytest.mark.parametrize("statement", range(1, 60, 3))
def test_a_worker_that_dies_while_gathering_loses_nobody(
    shop: World, statement: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(shop, grouping="order", line_limit="4")
    orders = [web_order(shop, day_price) for day_price in ("10.00", "20.00", "30.00", "40.00", "50.00", "60.00")]
    monkeypatch.setattr(gathering, "CHUNK", 2)
    passed = [0]

    def dying(real: Any) -> Any:
        def step(*arguments: Any, **options: Any) -> Any:
            passed[0] += 1
            if passed[0] == statement:
                raise Killed
            return real(*arguments, **options)

        return step

    with monkeypatch.context() as patch:
        for name in ("delete", "release", "add_documents", "add_members", "touch", "close", "held"):
            patch.setattr(tables, name, dying(getattr(tables, name)))
        with suppress(Killed):
            shop.sync()
    shop.sync()
    assert sums_in_xero(shop) == {("NZD", "200", "OUTPUT2"): sum((order.total for order in orders), Decimal(0))}
    assert_all_agree(shop)


def test_an_order_that_stands_in_xero_by_itself_is_not_sent_again(shop: World) -> None:
    order = web_order(shop)
    shop.sync()
    policy(shop)
    reprice(order, "120.00")
    web_order(shop)
    shop.sync()
    assert numbers(shop) == sorted([order.number, FIRST])
    Binding.objects.filter(record_id=order.pk).delete()  # as after a restored database
    Entry.objects.filter(record_id=order.pk).update(status="pending", touched=True)
    shop.sync()
    assert numbers(shop) == sorted([order.number, FIRST])
    assert_all_agree(shop)


def test_an_order_that_would_be_refused_does_not_spoil_the_document(shop: World) -> None:
    policy(shop)
    good = web_order(shop)
    bad = web_order(shop, lines=[factories.line(account="260")])
    shop.twin.edit(shop.tenant_id, "archive_account", account="260")
    shop.clock.advance(3600)
    shop.sync()
    assert (shop.entry(bad).status, shop.entry(bad).reason_code) == (Status.WARNING, "account-archived")
    assert shop.entry(good).status == Status.COMPLETED


def test_what_a_person_skips_leaves_the_document_that_gathers(shop: World) -> None:
    policy(shop)
    skipped, _ = web_order(shop, date=TODAY), web_order(shop, "20.00", date=TODAY)
    shop.sync()
    chosen = Entry.objects.filter(record_id=skipped.pk)
    change_status(shop.organisation, chosen, Status.SKIPPED, actor="mere", reason="a test", now=shop.clock.now())
    tomorrow(shop)
    shop.sync()
    assert Decimal(str(document(shop, f"SO-2026/06/01-{SHOP}-1")["Total"])) == Decimal("23.00")


# -- by hand -------------------------------------------------------------------------------------------------------


def test_going_back_to_individual_frees_what_gathers(shop: World) -> None:
    policy(shop)
    order = web_order(shop, date=TODAY)
    shop.sync()
    policy(shop, mode="individual")
    shop.sync()
    assert numbers(shop) == [order.number]
    assert not ConsolidatedDocument.objects.exists()
    assert_all_agree(shop)


def test_a_document_can_be_closed_before_its_day_is_over(shop: World) -> None:
    policy(shop)
    web_order(shop, date=TODAY)
    shop.sync()
    (gathering,) = ConsolidatedDocument.objects.all()
    close_now(shop.connection, gathering, actor="mere", clock=shop.clock)
    shop.sync()
    assert numbers(shop) == [gathering.number]
    with pytest.raises(NotSaved, match="does not gather any more"):
        close_now(shop.connection, gathering, actor="mere", clock=shop.clock)
    assert_all_agree(shop)


def test_the_dry_run_shows_documents_and_changes_nothing(shop: World) -> None:
    policy(shop)
    for _ in range(3):
        web_order(shop)
    told = {each.kind: each for each in dry_run(shop.organisation, shop.clock).kinds}
    assert told["sale_invoice"].actions == {"consolidate": 3}
    assert sum(told["consolidated_invoice"].actions.values()) == 1
    assert not ConsolidatedDocument.objects.exists()
    assert not Entry.objects.exists()


BAD_POLICIES = [
    ("mode", "hourly", "none of Individual, Daily, Monthly, No sync"),
    ("line_limit", "0", "whole number from 1 to 10,000"),
    ("line_limit", "many", "not “many”"),
    ("closes_after", "100", "from 0 to 72"),
    ("cut_off", "25:00", "a time of day such as 02:30, not “25:00”"),
    ("cut_off", "=1+1", "a time of day"),
    ("grouping", "colour", "Grouping: “colour” is none of"),
    ("late", "never", "Late arrivals: “never” is none of"),
    ("delivery", "pigeon", "Delivery: “pigeon” is none of"),
    ("template", "SO-{date}", "Write {n} exactly once"),
    ("template", "{shop}-{n}", "“{shop}” is not known"),
    ("template", "SO-{n", "A brace is left open"),
    ("contact_name", "", "Name the contact"),
    ("contact_name", "<b>", "without < and >"),
]  # fmt: skip


def test_every_field_of_a_policy_has_its_bad_input() -> None:
    own = {"id", "connection", "what", "channel", "supplier", "changed_by", "changed_at", "export_customers"}
    fields = {each.name for each in ConsolidationPolicy._meta.concrete_fields} - own
    assert {field.replace("contact_name", "contact") for field, _, _ in BAD_POLICIES} == fields


@pytest.mark.parametrize(("field", "value", "says"), BAD_POLICIES)
def test_a_policy_that_is_not_right_is_refused_at_its_field(shop: World, field: str, value: str, says: str) -> None:
    with pytest.raises(NotSaved) as refusal:
        set_policy(
            shop.connection,
            Place("invoices", SHOP),
            {"mode": "daily", "contact_name": "Shop", "grouping": "order", field: value},
            actor="mere",
        )
    assert set(refusal.value.problems) == {field}
    assert says in refusal.value.problems[field]
    assert not ConsolidationPolicy.objects.exists()
