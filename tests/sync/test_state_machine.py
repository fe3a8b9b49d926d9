"""A random life of a company against the twin: whatever happens in whatever order, the books agree in the end.

Rules create, edit, void and pay records, break the line in every way, let time pass, sync, skip and retry. Always:
no document stands twice in Xero, and every entry is final, or due, or waits for somebody who is named. In the end,
with the line healed and everything retried, both sides agree.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import factories
from tests.sync.world import World, world
from tieout.core import operations
from tieout.core.fields import ContactFields
from tieout.core.models import Contact, Document, Settlement
from tieout.core.operations import fields_of
from tieout.core.rules import Refused
from tieout.reports.tie_out import tie_out
from tieout.sync.entries import change_status
from tieout.sync.models import Entry, Status

TROUBLES = ("drop_before", "drop_after", "timeout_after", "500", "503", "garbage", "html", "429")


class Company(RuleBasedStateMachine):
    """One company's random life, inside a transaction that is rolled back afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        try:
            self.heal_and_tie_out()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @initialize()
    def open_the_books(self) -> None:
        self.world: World = world()
        self.contacts: list[Contact] = [factories.contact(self.world.organisation, is_supplier=True)]
        self.documents: list[Document] = []
        self.payments: list[Settlement] = []

    # -- Core ----------------------------------------------------------------------------------------------------

    @rule()
    def new_contact(self) -> None:
        self.contacts.append(factories.contact(self.world.organisation, is_supplier=True))

    @rule(data=st.data(), email=st.sampled_from(["", "a@b.nz", "c@d.nz"]))
    def edit_contact(self, data: Any, email: str) -> None:
        contact = data.draw(st.sampled_from(self.contacts))
        contact.refresh_from_db()
        edited = replace(fields_of(ContactFields, contact), email=email)
        operations.edit_contact(contact, edited, actor="mere", version=contact.version)

    @rule(data=st.data(), bill=st.booleans(), price=st.sampled_from(["10.00", "19.99", "7.1234"]))
    def new_document(self, data: Any, bill: bool, price: str) -> None:
        make = factories.bill if bill else factories.sale_invoice
        contact = data.draw(st.sampled_from(self.contacts))
        lines = [factories.line(price, "3")]
        self.documents.append(make(self.world.organisation, contact_id=contact.pk, lines=lines))

    @precondition(lambda self: self.documents)
    @rule(data=st.data(), amount=st.sampled_from(["1.00", "5.00"]))
    def pay(self, data: Any, amount: str) -> None:
        document = data.draw(st.sampled_from(self.documents))
        document.refresh_from_db()
        if document.status == "AUTHORISED":
            self.payments.append(factories.payment(document, amount))

    @precondition(lambda self: self.documents)
    @rule(data=st.data())
    def void_document(self, data: Any) -> None:
        document = data.draw(st.sampled_from(self.documents))
        document.refresh_from_db()
        with suppress(Refused):  # it has payments, or is void already: Core says so
            operations.void_document(document, actor="mere")

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def void_payment(self, data: Any) -> None:
        payment = data.draw(st.sampled_from(self.payments))
        payment.refresh_from_db()
        if payment.status == "AUTHORISED":
            operations.void_payment(payment, actor="mere")

    # -- the world ------------------------------------------------------------------------------------------------

    @rule(
        what=st.sampled_from(TROUBLES),
        path=st.sampled_from(["Contacts", "Invoices", "Payments"]),
        times=st.integers(1, 4),
    )
    def break_the_line(self, what: str, path: str, times: int) -> None:
        self.world.twin.faults.add(what, path=path, times=times)

    @rule(seconds=st.sampled_from([1, 70, 400, 4000]))
    def let_time_pass(self, seconds: int) -> None:
        self.world.clock.advance(seconds)

    @rule()
    def sync(self) -> None:
        self.world.sync()

    # -- people ---------------------------------------------------------------------------------------------------

    @rule(to=st.sampled_from([Status.PENDING, Status.SKIPPED]), status=st.sampled_from(list(Status)))
    def change_statuses(self, to: Status, status: Status) -> None:
        chosen = Entry.objects.filter(organisation=self.world.organisation, status=status)
        change_status(self.world.organisation, chosen, to, actor="mere", reason="just so", now=self.world.clock.now())

    # -- what always holds ------------------------------------------------------------------------------------------

    @invariant()
    def nothing_stands_twice(self) -> None:
        if not hasattr(self, "world"):
            return
        numbers = Counter((each["Type"], each["InvoiceNumber"]) for each in self.world.live("Invoices"))
        names = Counter(each["ContactNumber"] for each in self.world.live("Contacts"))
        references = Counter(each["Reference"] for each in self.world.live("Payments"))
        for found in (numbers, names, references):
            assert all(count == 1 for count in found.values()), found

    @invariant()
    def every_entry_is_somewhere(self) -> None:
        if not hasattr(self, "world"):
            return
        for entry in Entry.objects.filter(organisation=self.world.organisation):
            if entry.status == Status.FAILED:
                assert entry.next_try_at is not None
            if entry.status == Status.WARNING:
                assert entry.reason
                assert entry.advice
            if entry.status in (Status.SENDING, Status.UNCERTAIN):
                assert entry.batch_id is not None
            if entry.reason_code == "waits":
                assert entry.blocked_id is not None

    def heal_and_tie_out(self) -> None:
        made = self.world
        made.twin.faults.clear()
        for _ in range(6):
            made.clock.advance(4000)
            stuck = Entry.objects.filter(organisation=made.organisation, status__in=[Status.SKIPPED, Status.WARNING])
            change_status(made.organisation, stuck, Status.PENDING, actor="mere", reason="", now=made.clock.now())
            made.sync()
        self.nothing_stands_twice()
        proof = tie_out(made.organisation)
        assert proof.explanations == (), proof.explanations


@pytest.mark.django_db
def test_a_company_s_random_life_ends_in_agreement() -> None:
    few = settings(max_examples=12, stateful_step_count=14, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Company, settings=few)


@pytest.mark.deep
@pytest.mark.django_db
def test_many_companies_random_lives_end_in_agreement() -> None:
    many = settings(max_examples=150, stateful_step_count=30, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Company, settings=many)
