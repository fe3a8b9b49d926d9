"""Storing an outcome: once, whoever does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from tests.sync.small_company import assert_once_and_final, small_company
from tests.sync.world import World
from tieout.sync import outcome
from tieout.sync.ledger import Ledger
from tieout.sync.models import Attempt, Entry, Status, XeroRecord

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("together", [False, True], ids=["alone", "among others that are stored already"])
def test_an_answer_that_two_workers_got_with_the_same_key_is_stored_once(
    connected: World, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    store = outcome.store
    before: list[outcome.Judged] = []

    def by_two_workers(ledger: Ledger, judged: Sequence[outcome.Judged], now: datetime) -> None:
        store(ledger, [*before, *judged], now)
        store(ledger, judged, now)
        if together:
            before.extend(judged)

    monkeypatch.setattr(outcome, "store", by_two_workers)
    small_company(connected.organisation)
    connected.sync()
    assert_once_and_final(connected)
    assert Attempt.objects.count() == Entry.objects.filter(status=Status.COMPLETED).count()
    paid = {view.number: (view.paid, view.due) for view in XeroRecord.objects.filter(kind="sale_invoice")}
    in_xero = {each["InvoiceNumber"]: each for each in connected.live("Invoices") if each["Type"] == "ACCREC"}
    assert paid.keys() == in_xero.keys()
    for number, (amount_paid, amount_due) in paid.items():
        assert (amount_paid, amount_due) == (in_xero[number]["AmountPaid"], in_xero[number]["AmountDue"])
