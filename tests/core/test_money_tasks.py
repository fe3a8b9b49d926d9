"""Money spent, received and moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tieout.core import operations
from tieout.core.fields import MoneyTaskLineFields
from tieout.core.models import Organisation
from tieout.core.operations import Refused, money_task_fields

pytestmark = pytest.mark.django_db
MERE = "mere"


@pytest.fixture
def owner() -> Organisation:
    return factories.organisation()


def refused(call: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refusal:
        call()
    return [problem.field for problem in refusal.value.problems]


def test_totals_include_tax_unless_told_otherwise(owner: Organisation) -> None:
    rule = factories.tax_rule(owner)
    line = MoneyTaskLineFields(description="Fees", unit_price=Decimal("11.50"), account="404", tax_rule_id=rule.id)
    spent = factories.money_task(owner, lines=[line])
    assert (spent.subtotal, spent.tax, spent.total) == (Decimal("10.00"), Decimal("1.50"), Decimal("11.50"))
    above = factories.money_task(owner, lines=[line], tax_treatment="Exclusive")
    assert above.total == Decimal("13.23")


def test_a_task_is_edited_and_voided(owner: Organisation) -> None:
    task = factories.money_task(owner, number="MT-1")
    values = money_task_fields(task)
    assert operations.edit_money_task(task, values, actor=MERE).version == 1
    edited = operations.edit_money_task(task, replace(values, reference="March"), actor=MERE, version=1)
    assert (edited.reference, edited.version) == ("March", 2)
    moved = replace(values, type="transfer", to_account="091", amount=Decimal(1), lines=(), contact_id=None)
    assert refused(lambda: operations.edit_money_task(task, moved, actor=MERE)) == ["type"]
    assert refused(lambda: factories.money_task(owner, number="MT-1")) == ["number"]
    assert operations.void_money_task(task, actor=MERE).status == "VOIDED"
    assert refused(lambda: operations.void_money_task(task, actor=MERE)) == ["status"]


def test_money_goes_through_a_bank_account(owner: Organisation) -> None:
    factories.account(owner, "090")
    factories.account(owner, "201", enable_payments=True)
    factories.account(owner, "404", type="EXPENSE")
    assert factories.money_task(owner).account == "090"
    assert refused(lambda: factories.money_task(owner, account="201")) == ["account"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"type": "borrow"}, "type"),
        ({"contact_id": None}, "contact"),
        ({"to_account": "091"}, "to_account"),
        ({"lines": (MoneyTaskLineFields(description="x", unit_price=Decimal(0)),)}, "unit_price"),
        ({"lines": (MoneyTaskLineFields(description="", unit_price=Decimal(1)),)}, "description"),
        ({"lines": (MoneyTaskLineFields(description="x", unit_price=Decimal(-1)),)}, "lines"),
        ({"type": "transfer", "to_account": ""}, "to_account"),
        ({"type": "transfer", "to_account": "090"}, "to_account"),
        ({"type": "transfer", "amount": Decimal(0)}, "amount"),
        ({"type": "transfer", "amount": None}, "amount"),
    ],
)
def test_each_rule_of_a_task_names_its_field(owner: Organisation, values: dict[str, Any], field: str) -> None:
    assert refused(lambda: factories.money_task(owner, **values)) == [field]
