"""The worker killed at each call of a correction: the next run goes on, and nothing is removed or made twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests import factories
from tests.sync.test_corrections import amount, choose, edit, live_payments, pay_by_hand, tie_out_of
from tests.sync.test_killed_worker import go_on, run_until_killed, served
from tests.sync.world import World
from tieout.core.models import Document
from tieout.sync.models import Correction, Status

__all__ = ["served"]
pytestmark = pytest.mark.django_db(transaction=True)

POINTS = ("intent committed", "answered", "outcome written", "outcome committed")
CALLS = range(1, 6)  # two removals, the update, two payments made again


def part_paid(made: World) -> Document:
    invoice = factories.sale_invoice(made.organisation)
    made.sync()
    pay_by_hand(made, invoice)
    edit(invoice, "80.00")
    made.sync()
    return invoice


@pytest.mark.parametrize("nth", CALLS)
@pytest.mark.parametrize("point", POINTS)
def test_killed_while_taking_off_and_putting_on(served: tuple[World, str], point: str, nth: int) -> None:
    made, url = served
    invoice = part_paid(made)
    before = live_payments(made)
    choose(made, invoice, "reapply")
    run_until_killed(made, url, point, nth)
    go_on(made, timedelta(minutes=10) if nth % 2 else timedelta(seconds=1))
    assert live_payments(made) == before
    assert amount(made, invoice.number, "Total") == Decimal("80.00")
    assert made.entry(invoice).status == Status.COMPLETED
    assert tie_out_of(made, "sale_invoice") == 0
    assert Correction.objects.get().state == Correction.State.DONE


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_killed_while_crediting(served: tuple[World, str], point: str, nth: int) -> None:
    made, url = served
    invoice = part_paid(made)
    choose(made, invoice, "credit-note")
    run_until_killed(made, url, point, nth)
    go_on(made, timedelta(minutes=10) if nth == 1 else timedelta(seconds=1))
    assert len(made.live("CreditNotes")) == 1
    assert amount(made, invoice.number, "AmountDue") == Decimal("50.00")
    assert tie_out_of(made, "sale_invoice") == 0
