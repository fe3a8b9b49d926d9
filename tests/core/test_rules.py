"""The rules by themselves, without a database."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.core import models, rules
from tieout.core.fields import (
    ContactFields,
    DocumentFields,
    LineFields,
    OrganisationFields,
    PaymentFields,
    PaymentTermFields,
    ProductFields,
    TaxRuleFields,
)
from tieout.core.setup import LedgerAccount, Setup

BANK = LedgerAccount("090", "Business Bank Account", active=True, takes_payments=True)
SALES = LedgerAccount("200", "Sales", active=True, takes_payments=False)
OLD = LedgerAccount("260", "Other Revenue", active=False, takes_payments=False)
SETUP = Setup(
    "NZD", date(2026, 1, 31), {each.code: each for each in (BANK, SALES, OLD)}, {1: Decimal(15)}, {"gst": 1}, {"net": 1}
)
DAY = date(2026, 3, 31)
LINE = LineFields(description="Cup", unit_price=Decimal("10"), account="200", tax_rule_id=1)
INVOICE = DocumentFields(
    kind="sale_invoice", number="INV-1", contact_id=uuid4(), date=DAY, due_date=DAY, currency="NZD", lines=(LINE,)
)
PAYMENT = PaymentFields(number="PAY-1", account="090", date=DAY, amount=Decimal("5"))


def complaints(values: DocumentFields, *, authorised: bool = True) -> list[tuple[str, int | None]]:
    return [(each.field, each.line) for each in checked(values, SETUP, authorised=authorised)]


def checked(values: DocumentFields, setup: Setup, *, authorised: bool = True) -> list[rules.Problem]:
    applied = rules.applied_rules(values, rules.NamedTax(), setup)
    return rules.check_document(values, applied, setup, authorised=authorised)


def test_a_sound_invoice_and_payment_have_no_problems() -> None:
    assert complaints(INVOICE) == []
    assert rules.check_payment(PAYMENT, "NZD", SETUP) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "x" * 256}, "number"),
        ({"reference": "a\x00b"}, "reference"),
        ({"currency": "NZ$"}, "currency"),
        ({"currency": "AUD", "rate": Decimal(0)}, "rate"),
        ({"currency": "AUD", "rate": Decimal("NaN")}, "rate"),
        ({"rate": Decimal("1.1")}, "rate"),
        ({"date": date(2026, 1, 31)}, "date"),
        ({"due_date": date(2026, 3, 30)}, "due_date"),
        ({"tax_treatment": "Sometimes"}, "tax_treatment"),
        ({"kind": "quote"}, "kind"),
        ({"lines": ()}, "lines"),
    ],
)
def test_each_rule_of_a_documents_head_names_its_field(change: dict[str, Any], field: str) -> None:
    assert complaints(replace(INVOICE, **change)) == [(field, None)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": Decimal("-1")}, "quantity"),
        ({"quantity": Decimal("1.00005")}, "quantity"),
        ({"unit_price": Decimal("1E+20")}, "unit_price"),
        ({"discount": Decimal("100.01")}, "discount"),
        ({"discount": Decimal("-1")}, "discount"),
        ({"account": "999"}, "account"),
        ({"account": "260"}, "account"),
        ({"tax_rule_id": 77}, "tax_rule"),
        ({"description": ""}, "description"),
    ],
)
def test_each_rule_of_a_line_names_its_field_and_line(change: dict[str, Any], field: str) -> None:
    assert complaints(replace(INVOICE, lines=(LINE, replace(LINE, **change)))) == [(field, 1)]


def test_a_line_may_be_negative_but_not_the_total() -> None:
    credit = replace(LINE, unit_price=Decimal("-4"))
    assert complaints(replace(INVOICE, lines=(LINE, credit))) == []
    assert complaints(replace(INVOICE, lines=(credit,))) == [("lines", None)]


def test_a_draft_may_still_lack_lines_and_descriptions() -> None:
    assert complaints(replace(INVOICE, lines=()), authorised=False) == []
    assert complaints(replace(INVOICE, lines=(replace(LINE, description=""),)), authorised=False) == []


def test_all_problems_come_at_once() -> None:
    bad = replace(INVOICE, number="", currency="XXX", lines=(replace(LINE, quantity=Decimal(-1), account="999"),))
    assert complaints(bad) == [
        ("number", None),
        ("currency", None),
        ("quantity", 0),
        ("account", 0),
    ]


def test_any_account_is_taken_while_none_are_loaded() -> None:
    nothing_loaded = replace(SETUP, accounts={})
    assert checked(replace(INVOICE, lines=(replace(LINE, account="999"),)), nothing_loaded) == []
    assert rules.check_payment(replace(PAYMENT, account="999"), "NZD", nothing_loaded) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("-1")}, "amount"),
        ({"amount": Decimal("1.005")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"account": "200"}, "account"),
        ({"account": ""}, "account"),
        ({"date": date(2025, 12, 1)}, "date"),
        ({"rate": Decimal(2)}, "rate"),
    ],
)
def test_each_rule_of_a_payment_names_its_field(change: dict[str, Any], field: str) -> None:
    assert [each.field for each in rules.check_payment(replace(PAYMENT, **change), "NZD", SETUP)] == [field]


def test_names_are_trimmed_and_doubled_spaces_made_one() -> None:
    tidy = rules.tidied(ContactFields(code=" A ", name="  Harbour \u00a0 Café\tLtd ", is_customer=True))
    assert (tidy.code, tidy.name) == ("A", "Harbour Café Ltd")
    kept = rules.tidied(replace(INVOICE, lines=(replace(LINE, description=" two\nlines  apart "),)))
    assert kept.lines[0].description == "two\nlines  apart"


@pytest.mark.parametrize("name", ["<b>", "a > b", "", "x" * 256, "bell\x07", "\ud800"])
def test_a_contacts_name_is_refused_where_xero_would_refuse_it(name: str) -> None:
    found = rules.check_contact(ContactFields(code="A", name=name, is_customer=True), SETUP)
    assert [each.field for each in found] == ["name"]


def test_a_contact_is_a_customer_or_a_supplier() -> None:
    assert [each.field for each in rules.check_contact(ContactFields(code="A", name="A"), SETUP)] == ["is_customer"]


@given(st.text(), st.text())
def test_tidying_twice_is_tidying_once(code: str, name: str) -> None:
    once = rules.tidied(ContactFields(code=code, name=name))
    assert rules.tidied(once) == once


@given(st.decimals())
def test_no_number_whatsoever_makes_a_rule_fail(number: Decimal) -> None:
    line = replace(LINE, quantity=number, unit_price=number, discount=number)
    checked(replace(INVOICE, rate=number, currency="AUD", lines=(line,)), SETUP)
    rules.check_payment(replace(PAYMENT, amount=number, rate=number), "AUD", SETUP)


def test_every_limit_is_the_width_of_its_column() -> None:
    pairs: list[tuple[Any, Any]] = [
        (ContactFields, models.Contact),
        (ProductFields, models.Product),
        (DocumentFields, models.Document),
        (LineFields, models.DocumentLine),
        (PaymentFields, models.Settlement),
        (TaxRuleFields, models.TaxRule),
        (PaymentTermFields, models.PaymentTerm),
        (OrganisationFields, models.Organisation),
    ]
    for entered, stored in pairs:
        for each in fields(entered):
            width = getattr(stored._meta.get_field(each.name.removesuffix("_id")), "max_length", None)
            if "limit" in each.metadata and width is not None:
                assert (entered.__name__, each.name, each.metadata["limit"]) == (entered.__name__, each.name, width)
