"""Core's trial balance, against the twin's own double entry."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import factories
from tests.sync.every_kind import every_kind
from tests.sync.table import ABROAD, BUILD, HOME, Case, allocate, case, pay
from tests.sync.world import World, world
from tieout.reports.trial_balance import trial_balance

pytestmark = pytest.mark.django_db


def assert_same(made: World) -> None:
    core = trial_balance(made.organisation)
    assert core.balances == made.twin.trial_balance(made.tenant_id)
    assert sum(core.balances.values()) == 0


@pytest.fixture
def connected(db: None) -> World:
    return world()


def test_every_kind_together(connected: World) -> None:
    every_kind(connected)
    connected.sync()
    assert_same(connected)


POSTING = [kind for kind in BUILD if kind not in ("contact", "product", "attachment", "purchase_order")]


@pytest.mark.parametrize("where", [HOME, ABROAD])
@pytest.mark.parametrize("kind", POSTING)
def test_each_kind_by_itself(db: None, kind: str, where: str) -> None:
    one = case(kind, where)
    one.made.sync()
    if (kind, where) == ("transfer", ABROAD):  # Xero takes its own rate of the day: the same accounts, another amount
        core, xero = trial_balance(one.made.organisation).balances, one.made.twin.trial_balance(one.made.tenant_id)
        assert set(core) == set(xero) == {"095", "096"}
        assert sum(core.values()) == sum(xero.values()) == 0
        return
    assert_same(one.made)


def settled(kind: str, where: str) -> Case:
    """Paid and credited in part."""
    one = case(kind, where)
    pay(one)
    allocate(one)
    one.made.sync()
    return one


@pytest.mark.parametrize("where", [HOME, ABROAD])
@pytest.mark.parametrize(
    "kind", ["sale_invoice", "bill", "sale_credit_note", "purchase_credit_note", "customer_credit", "supplier_deposit"]
)
def test_what_is_paid_and_credited(db: None, kind: str, where: str) -> None:
    assert_same(settled(kind, where).made)


def test_a_payment_at_another_rate_realises_a_gain_that_is_told() -> None:
    abroad = world(currencies=("USD",))
    invoice = factories.sale_invoice(abroad.organisation, currency="USD", rate=Decimal("0.5870"))
    factories.payment(invoice, "33.33", rate=Decimal("0.6100"))
    factories.payment(invoice, "66.67", rate=Decimal("0.5512"))
    abroad.sync()
    assert_same(abroad)
    assert trial_balance(abroad.organisation).realised != 0


def test_up_to_a_day_only_what_is_dated_until_then_counts(connected: World) -> None:
    every_kind(connected)
    connected.sync()
    before = factories.DAY.replace(day=1)
    assert trial_balance(connected.organisation, before).balances == {}
    core = trial_balance(connected.organisation, factories.DAY)
    assert core.balances == connected.twin.trial_balance(connected.tenant_id, factories.DAY)


def test_a_company_without_a_connection_has_none() -> None:
    owner = factories.organisation()
    factories.sale_invoice(owner)
    assert trial_balance(owner).balances == {}
