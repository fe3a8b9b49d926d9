"""Credit taken for an order is used by itself: once, in order, and never again where a person took it back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests import factories
from tieout.core import operations, store
from tieout.core.fields import OrganisationChoices
from tieout.core.importing import ImportRefused, import_file
from tieout.core.models import Allocation, Contact, Deposit, Document, Organisation, Touch
from tieout.core.operations import document_fields
from tieout.core.operations.credit_for_orders import open_matches
from tieout.core.operations.recording import locked
from tieout.core.records import DepositRecord
from tieout.people.models import Event

pytestmark = pytest.mark.django_db
MERE = "mere"
EARLY, LATE = date(2026, 3, 1), date(2026, 3, 20)
Uses = list[tuple[str, str, str]]


@pytest.fixture
def owner() -> Organisation:
    return factories.organisation()


@pytest.fixture
def cafe(owner: Organisation) -> Contact:
    return factories.contact(owner, code="CAFE01", is_supplier=True, is_customer=True)


def deposit(cafe: Contact, amount: str = "40.00", **values: Any) -> Deposit:
    entered = {"number": "D-1", "order_number": "SO-1001", "date": EARLY} | values
    return factories.deposit(cafe.organisation, amount, contact_id=cafe.id, **entered)


def invoice(cafe: Contact, **values: Any) -> Document:
    """One of 100.00 for the order SO-1001."""
    entered = {"number": "INV-1", "reference": "SO-1001", "contact_id": cafe.id} | values
    return factories.sale_invoice(cafe.organisation, **entered)


def uses(owner: Organisation, status: str = "AUTHORISED") -> Uses:
    """Credit, document and amount of each use of credit, in the order in which they were made."""
    made = Allocation.objects.filter(organisation=owner, status=status).order_by("pk")
    found = Event.objects.filter(organisation=owner, kind="allocation", action="created").order_by("id")
    order = list(found.values_list("record_id", flat=True))
    return [
        (str(each.deposit or each.credit_note), each.document.number, str(each.amount))
        for each in sorted(made, key=lambda each: order.index(each.pk))
    ]


def due(document: Document) -> Decimal:
    return store.balances(document.organisation_id, [document.id])[document.id]


def left(credit: Deposit) -> Decimal:
    record = store.load(credit.organisation_id, credit.kind, [credit.id])[credit.id]
    assert isinstance(record, DepositRecord)
    return record.balance


def load(owner: Organisation, kind: str, text: str) -> tuple[int, int, int]:
    done = import_file(owner, kind, BytesIO(text.encode()), actor=MERE)
    return done.created, done.changed, done.unchanged


# -- when ----------------------------------------------------------------------------------------------------------


def test_a_deposit_is_used_when_the_invoice_of_its_order_is_authorised(owner: Organisation, cafe: Contact) -> None:
    credit = deposit(cafe)
    draft = invoice(cafe, authorised=False)
    assert uses(owner) == []
    operations.authorise_document(draft, actor=MERE)
    assert uses(owner) == [("D-1", "INV-1", "40.00")]
    assert (left(credit), due(draft)) == (0, 60)
    use = Allocation.objects.get()
    assert (use.number, use.date) == ("D-1 to INV-1", draft.date)
    assert Touch.objects.filter(kind="allocation", record_id=use.pk).count() == 1
    event = Event.objects.get(kind="allocation")
    assert (event.actor, event.action) == (MERE, "created")
    assert event.detail["by_rule"] == "Credit taken for an order is used by itself (SO-1001)"


def test_a_use_by_hand_says_nothing_of_a_rule(cafe: Contact) -> None:
    factories.allocation(deposit(cafe, order_number=""), invoice(cafe), "5.00")
    assert "by_rule" not in Event.objects.get(kind="allocation").detail


def test_a_deposit_that_comes_after_the_invoice_is_used_at_once(owner: Organisation, cafe: Contact) -> None:
    billed = invoice(cafe, date=EARLY)
    credit = deposit(cafe, date=LATE)
    assert uses(owner) == [("D-1", "INV-1", "40.00")]
    assert (Allocation.objects.get().date, left(credit), due(billed)) == (LATE, 0, 60)


def test_an_invoice_answers_to_its_own_number_and_to_any_case(owner: Organisation, cafe: Contact) -> None:
    deposit(cafe, "5.00", number="D-1", order_number="inv-1")
    deposit(cafe, "6.00", number="D-2", order_number="so-1001")
    invoice(cafe)
    assert uses(owner) == [("D-1", "INV-1", "5.00"), ("D-2", "INV-1", "6.00")]


def test_a_supplier_deposit_is_used_on_the_bill_of_its_purchase_order(owner: Organisation, cafe: Contact) -> None:
    order = factories.purchase_order(owner, number="PO-7", contact_id=cafe.id)
    deposit(cafe, kind="supplier_deposit", order_number="", document_id=order.id)
    deposit(cafe, kind="supplier_deposit", order_number="PO-7", number="D-2")
    factories.bill(owner, number="4471", reference="PO-7", contact_id=cafe.id)
    assert uses(owner) == [("D-1", "4471", "40.00"), ("D-2", "4471", "40.00")]


def test_a_deposit_for_a_draft_is_used_when_that_is_authorised(owner: Organisation, cafe: Contact) -> None:
    draft = invoice(cafe, authorised=False)
    deposit(cafe, order_number="", document_id=draft.id)
    operations.authorise_document(draft, actor=MERE)
    assert uses(owner) == [("D-1", "INV-1", "40.00")]


@pytest.mark.parametrize("moved", ["contact", "currency"])
def test_a_draft_that_no_longer_fits_its_deposit_does_not_use_it(
    owner: Organisation, cafe: Contact, moved: str
) -> None:
    draft = invoice(cafe, authorised=False)
    deposit(cafe, order_number="", document_id=draft.id)
    values: dict[str, Any] = {"contact_id": factories.contact(owner).id}
    values = values if moved == "contact" else {"currency": "AUD", "rate": Decimal("0.9")}
    operations.edit_document(draft, replace(document_fields(draft), **values), actor=MERE)
    operations.authorise_document(draft, actor=MERE)
    assert uses(owner) == []


def test_a_deposit_for_an_authorised_invoice_itself_is_left_to_who_recorded_it(
    owner: Organisation, cafe: Contact
) -> None:
    deposit(cafe, order_number="", document_id=invoice(cafe).id)
    assert uses(owner) == []


@pytest.mark.parametrize("first", ["note", "invoice"])
def test_a_credit_note_that_refers_to_the_order_is_used(owner: Organisation, cafe: Contact, first: str) -> None:
    earlier = invoice(cafe, number="INV-0", reference="")
    make: list[Callable[[], object]] = [
        lambda: factories.credit_note(earlier, number="CN-1", credits_id=None, reference="SO-1001"),
        lambda: invoice(cafe, lines=[factories.line("70.00")]),
    ]
    for each in make if first == "note" else reversed(make):
        each()
    assert uses(owner) == [("CN-1", "INV-1", "70.00")]


def test_a_draft_credit_note_is_used_when_it_is_authorised(owner: Organisation, cafe: Contact) -> None:
    billed = invoice(cafe)
    note = factories.credit_note(billed, number="CN-1", credits_id=None, reference="SO-1001", authorised=False)
    assert uses(owner) == []
    operations.authorise_document(note, actor=MERE)
    assert uses(owner) == [("CN-1", "INV-1", "100.00")]


def test_a_credit_note_of_another_document_is_left_alone(owner: Organisation, cafe: Contact) -> None:
    other = invoice(cafe, number="INV-0", reference="SO-900")
    factories.credit_note(other, reference="SO-1001")
    invoice(cafe)
    assert uses(owner) == []


def test_an_order_without_a_digit_is_no_order(owner: Organisation, cafe: Contact) -> None:
    factories.credit_note(invoice(cafe, reference="Online"), credits_id=None, reference="Online")
    deposit(cafe, order_number="Online")
    invoice(cafe, number="INV-2", reference="Online")
    assert uses(owner) == []


# -- how much ------------------------------------------------------------------------------------------------------


def test_two_deposits_are_used_in_the_order_of_their_dates(owner: Organisation, cafe: Contact) -> None:
    deposit(cafe, "80.00", number="D-1", date=LATE)
    deposit(cafe, "30.00", number="D-2", date=EARLY)
    deposit(cafe, "30.00", number="D-3", date=LATE)
    billed = invoice(cafe)
    assert uses(owner) == [("D-2", "INV-1", "30.00"), ("D-1", "INV-1", "70.00")]
    assert due(billed) == 0


def test_never_more_than_is_due_and_the_rest_goes_to_the_orders_next_invoice(
    owner: Organisation, cafe: Contact
) -> None:
    credit = deposit(cafe, "130.00")
    invoice(cafe)
    assert left(credit) == 30
    invoice(cafe, number="INV-2")
    assert uses(owner) == [("D-1", "INV-1", "100.00"), ("D-1", "INV-2", "30.00")]


def test_a_paid_invoice_and_a_spent_deposit_take_and_give_nothing(owner: Organisation, cafe: Contact) -> None:
    factories.payment(invoice(cafe, number="INV-0"), "100.00")
    spent = deposit(cafe, "10.00")
    assert uses(owner) == []
    factories.refund(spent, "10.00")
    invoice(cafe)
    assert uses(owner) == []


@pytest.mark.parametrize(
    "other",
    [
        {"order_number": "SO-10011"},
        {"currency": "AUD", "rate": Decimal("0.9")},
        {"kind": "supplier_deposit"},
        {"contact": "another"},
        {"void": True},
    ],
    ids=["another order", "another currency", "the other side", "another contact", "voided"],
)
def test_only_what_fits_is_used(owner: Organisation, cafe: Contact, other: dict[str, Any]) -> None:
    contact, void = other.pop("contact", None), other.pop("void", False)
    credit = deposit(factories.contact(owner) if contact else cafe, **other)
    if void:
        operations.void_deposit(credit, actor=MERE)
    invoice(cafe)
    factories.sale_invoice(factories.organisation(), reference="SO-1001")
    assert uses(owner) == []


# -- once ----------------------------------------------------------------------------------------------------------


def test_what_a_person_took_back_is_not_made_again(owner: Organisation, cafe: Contact) -> None:
    credit = deposit(cafe)
    billed = invoice(cafe)
    operations.void_allocation(Allocation.objects.get(), actor="aroha")
    assert (left(credit), due(billed)) == (40, 100)
    operations.edit_document(billed, replace(document_fields(billed), job="Fit-out 12"), actor=MERE)
    deposit(cafe, "5.00", number="D-2")
    assert uses(owner) == [("D-2", "INV-1", "5.00")]
    assert uses(owner, "VOIDED") == [("D-1", "INV-1", "40.00")]


def test_a_use_by_hand_counts_too(owner: Organisation, cafe: Contact) -> None:
    draft = invoice(cafe, authorised=False, reference="")
    credit = deposit(cafe)
    operations.authorise_document(draft, actor=MERE)
    factories.allocation(credit, draft, "10.00")
    operations.edit_document(draft, replace(document_fields(draft), reference="SO-1001"), actor=MERE)
    assert uses(owner) == [("D-1", "INV-1", "10.00")]


def test_a_voided_invoice_gives_the_deposit_to_the_one_that_replaces_it_and_only_once(
    owner: Organisation, cafe: Contact
) -> None:
    credit = deposit(cafe)
    wrong = invoice(cafe)
    with pytest.raises(operations.Refused, match="D-1 to INV-1"):
        operations.void_document(wrong, actor=MERE)
    operations.void_allocation(Allocation.objects.get(), actor=MERE)
    operations.void_document(wrong, actor=MERE)
    invoice(cafe, number="INV-2")
    assert uses(owner) == [("D-1", "INV-2", "40.00")]
    assert left(credit) == 0


def test_a_refused_authorisation_uses_nothing(owner: Organisation, cafe: Contact) -> None:
    deposit(cafe)
    draft = invoice(cafe, authorised=False)
    operations.set_lock_date(owner, date(2026, 4, 30), actor=MERE)
    with pytest.raises(operations.Refused):
        operations.authorise_document(draft, actor=MERE)
    assert uses(owner) == []


@pytest.mark.django_db(transaction=True)
def test_of_a_deposit_and_an_invoice_booked_at_the_same_moment_the_later_sees_the_other() -> None:
    owner = factories.organisation()
    cafe = factories.contact(owner)
    booked = threading.Event()

    def book() -> None:
        try:
            invoice(cafe)
            booked.set()
        finally:
            connection.close()

    thread = threading.Thread(target=book)
    with transaction.atomic():
        deposit(cafe)
        thread.start()
        assert not booked.wait(0.5), "it does not wait for what it could not see"
    thread.join(10)
    assert uses(owner) == [("D-1", "INV-1", "40.00")]


@pytest.mark.django_db(transaction=True)
def test_authorising_and_a_use_by_hand_never_wait_for_each_other() -> None:
    owner = factories.organisation()
    cafe = factories.contact(owner)
    credit, draft = deposit(cafe), invoice(cafe, authorised=False)
    waits = threading.Event()

    def authorise() -> None:
        try:
            waits.set()
            operations.authorise_document(draft, actor=MERE)
        finally:
            connection.close()

    thread = threading.Thread(target=authorise)
    with transaction.atomic():
        locked(Deposit, credit.pk)  # as a use by hand begins
        thread.start()
        waits.wait(10)
        thread.join(0.5)
        locked(Document, draft.pk)
    thread.join(10)
    assert uses(owner) == [("D-1", "INV-1", "40.00")]


# -- from files ----------------------------------------------------------------------------------------------------

HEAD = "number,contact,date,due_date,tax_treatment,reference,status,description,quantity,unit_price\n"
INVOICES = HEAD + (
    "INV-1,CAFE01,2026-03-31,2026-04-20,NoTax,SO-1001,{status},Cups,1,100\n"
    "INV-2,CAFE01,2026-03-31,2026-04-20,NoTax,SO-1002,Authorised,Cups,1,100\n"
)
DEPOSITS = (
    "number,contact,order_number,account,date,amount\n"
    "D-1,CAFE01,SO-1001,090,2026-03-01,40\nD-2,CAFE01,SO-1002,090,2026-03-01,130\n"
)


@pytest.mark.parametrize("order", ["deposits first", "invoices first"])
def test_files_use_it_once_however_often_they_are_imported(owner: Organisation, cafe: Contact, order: str) -> None:
    files = [("deposits", DEPOSITS), ("sale-invoices", INVOICES.format(status="Authorised"))]
    files = files if order == "deposits first" else files[::-1]
    assert [load(owner, *each) for each in files] == [(2, 0, 0), (2, 0, 0)]
    expected = [("D-1", "INV-1", "40.00"), ("D-2", "INV-2", "100.00")]
    assert uses(owner) == expected
    assert [load(owner, *each) for each in files] == [(0, 0, 2), (0, 0, 2)]
    operations.void_allocation(Allocation.objects.get(document__number="INV-1"), actor=MERE)
    assert [load(owner, *each) for each in files] == [(0, 0, 2), (0, 0, 2)]
    assert uses(owner) == expected[1:]


def test_a_file_that_authorises_a_draft_uses_it(owner: Organisation, cafe: Contact) -> None:
    load(owner, "deposits", DEPOSITS)
    load(owner, "sale-invoices", INVOICES.format(status="Draft"))
    assert uses(owner) == [("D-2", "INV-2", "100.00")]
    assert load(owner, "sale-invoices", INVOICES.format(status="Authorised")) == (0, 1, 1)
    assert uses(owner) == [("D-2", "INV-2", "100.00"), ("D-1", "INV-1", "40.00")]


def test_a_refused_file_uses_nothing(owner: Organisation, cafe: Contact) -> None:
    draft, other = INVOICES.format(status="Draft").splitlines()[1:]
    load(owner, "sale-invoices", HEAD + draft)
    load(owner, "deposits", DEPOSITS)
    booked = draft.replace("Draft", "Authorised")
    with pytest.raises(ImportRefused, match="due_date"):
        load(owner, "sale-invoices", HEAD + booked + "\n" + other.replace("2026-04-20", "2026-01-01"))
    assert uses(owner) == []
    load(owner, "sale-invoices", HEAD + booked)
    assert uses(owner) == [("D-1", "INV-1", "40.00")]


def test_a_deposits_order_stays_when_its_file_has_no_column_for_it(owner: Organisation, cafe: Contact) -> None:
    load(owner, "deposits", DEPOSITS)
    short = "number,contact,account,date,amount\nD-1,CAFE01,090,2026-03-01,40\n"
    assert load(owner, "deposits", short) == (0, 0, 1)
    assert Deposit.objects.get(number="D-1").order_number == "SO-1001"


# -- the choice ----------------------------------------------------------------------------------------------------


def choose(owner: Organisation, wanted: bool) -> None:
    choices = OrganisationChoices(use_credit_by_order=wanted, book_costs=True, cost_dating="on_change", lock_date=None)
    operations.set_choices(owner, choices, actor=MERE)


def test_turned_off_nothing_is_used_and_turned_on_it_holds_for_what_comes(owner: Organisation, cafe: Contact) -> None:
    choose(owner, False)
    deposit(cafe)
    invoice(cafe)
    assert (uses(owner), open_matches(owner.pk)) == ([], 1)
    choose(owner, True)
    assert uses(owner) == []
    deposit(cafe, "20.00", number="D-2")
    assert uses(owner) == [("D-2", "INV-1", "20.00")]
    factories.payment(Document.objects.get(number="INV-1"), "80.00")
    assert open_matches(owner.pk) == 0
    operations.void_allocation(Allocation.objects.get(), actor=MERE)
    assert open_matches(owner.pk) == 1, "the one that was used once does not count"


def test_a_choice_is_told_once_with_both_values(owner: Organisation) -> None:
    choose(owner, False)
    choose(owner, False)
    (event,) = Event.objects.filter(organisation=owner, action="setting_changed")
    assert (event.actor, event.detail) == (MERE, {"key": "use_credit_by_order", "from": "Yes", "to": "No"})
    strange = OrganisationChoices(use_credit_by_order=True, book_costs=True, cost_dating="some day", lock_date=None)
    with pytest.raises(operations.Refused, match="is no way to date a change of cost; choose one of on_change"):
        operations.set_choices(owner, strange, actor=MERE)


@pytest.mark.django_db(transaction=True)
def test_a_company_from_before_goes_on_by_hand_and_a_new_one_does_not() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("core")
    tables = "core_organisation (id, slug, name, base_currency, country, created_at)"
    MigrationExecutor(connection).migrate([("core", "0001_initial")])
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"insert into {tables} values (gen_random_uuid(), 'old', 'Old', 'NZD', '', now())")
    finally:
        MigrationExecutor(connection).migrate(newest)
    assert not Organisation.objects.get(slug="old").use_credit_by_order
    assert Organisation.objects.get(pk=factories.organisation().pk).use_credit_by_order
