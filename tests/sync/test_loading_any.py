"""Whatever documents people make in Xero, Core's totals are Xero's, per currency and per account."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sync.made_in_xero import bill, contact, invoice
from tests.sync.test_loading import loading, twice
from tests.sync.world import World, world
from tieout.core.models import Document
from tieout.reports.trial_balance import trial_balance
from tieout.sync.models import Finding

pytestmark = pytest.mark.django_db

CENT = Decimal("0.01")
prices = st.decimals(min_value="0.0001", max_value="9999", places=4)
quantities = st.decimals(min_value="0.0001", max_value="99", places=4)
discounts = st.sampled_from(["0", "10", "12.5", "33.33"])


@st.composite
def lines(draw: st.DrawFn, sale: bool) -> dict[str, Any]:
    accounts, taxes = (["200", "260"], ["OUTPUT2", "NONE"]) if sale else (["300", "310", "425"], ["INPUT2", "NONE"])
    made = {
        "Description": draw(st.sampled_from(["Mugs", "Bowls, glazed", "=1+1"])),
        "Quantity": str(draw(quantities)),
        "UnitAmount": str(draw(prices)),
        "AccountCode": draw(st.sampled_from(accounts)),
        "TaxType": draw(st.sampled_from(taxes)),
    }
    if sale and (rate := draw(discounts)) != "0":
        made["DiscountRate"] = rate
    return made


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    sale = draw(st.booleans())
    treatment = draw(st.sampled_from(["Exclusive", "Inclusive", "NoTax"]))
    made: dict[str, Any] = {
        "sale": sale,
        "lines": draw(st.lists(lines(sale), min_size=1, max_size=4)),
        "LineAmountTypes": treatment,
        "contact": draw(st.integers(0, 2)),
    }
    if treatment == "NoTax":
        made["lines"] = [each | {"TaxType": "NONE"} for each in made["lines"]]
    if draw(st.booleans()):
        made |= {"CurrencyCode": "USD", "CurrencyRate": str(draw(st.decimals("0.2", "3", places=6)))}
    return made


def totals_in_xero(made: World) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for each in made.live("Invoices"):
        for one in each["LineItems"]:
            sums[each["CurrencyCode"], one["AccountCode"]] += Decimal(str(one["LineAmount"])).quantize(CENT)
    return {key: amount for key, amount in sums.items() if amount}


def totals_in_core() -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for document in Document.objects.prefetch_related("lines"):
        for one in document.lines.all():
            sums[document.currency, one.account] += one.amount
    return {key: amount for key, amount in sums.items() if amount}


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(made=st.lists(documents(), min_size=1, max_size=5))
def test_any_documents_made_in_xero_give_core_xeros_totals(made: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        company = world(currencies=("USD",))
        loading(company)
        people = [contact(company, f"Contact {number}") for number in range(3)]
        for number, each in enumerate(made):
            details = {key: each[key] for key in each if key not in ("sale", "lines", "contact")}
            if each["sale"]:
                invoice(company, people[each["contact"]], each["lines"], **details)
            else:
                bill(company, people[each["contact"]], each["lines"], InvoiceNumber=f"B-{number}", **details)
        twice(company)
        assert not Finding.objects.exists()
        assert totals_in_core() == totals_in_xero(company)
        assert trial_balance(company.organisation).balances == company.twin.trial_balance(company.tenant_id)
        transaction.set_rollback(True)  # so that the next example has the database to itself
