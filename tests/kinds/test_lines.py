"""Which account a line gets, and what tracking it carries: line, product, document, contact, mapping, in that order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.kinds.test_mappings import CONTACT, PRODUCT, account, books, contact, document, line, product
from tieout.kinds.books import Settings
from tieout.kinds.lines import account_candidates, line_account, line_items, lines_problem
from tieout.kinds.registry import KINDS

ORDER = ("line", "product", "document", "contact", "mapping")
CODES = dict(zip(ORDER, ("201", "202", "203", "204", "205"), strict=True))


def situation(named: set[str], side: str, *, is_charge: bool = False, charges: str = ""):  # type: ignore[no-untyped-def]
    """A line for which exactly these name an account."""
    code = {who: CODES[who] if who in named else "" for who in ORDER}
    roles = {"sales" if side == "sale" else "purchases": code["mapping"], f"{side}-charges": charges}
    field = "sale_account" if side == "sale" else "purchase_account"
    one = line(account=code["line"], product_id=PRODUCT, is_charge=is_charge)
    record = document("sale_invoice" if side == "sale" else "bill", one, default_account=code["document"])
    where = books(
        settings=Settings(roles=roles),
        products={PRODUCT: product(**{field: code["product"]})},
        contacts={CONTACT: contact(**{field: code["contact"]})},
    )
    return one, record, where


@given(st.sets(st.sampled_from(ORDER)), st.sampled_from(["sale", "purchase"]))
def test_the_strongest_that_names_an_account_wins(named: set[str], side: str) -> None:
    one, record, where = situation(named, side)
    expected = next((CODES[who] for who in ORDER if who in named), "")
    assert line_account(one, record, where, side) == expected
    first = next((who for who, code in account_candidates(one, record, where, side) if code), "")
    assert first == next((who for who in ORDER if who in named), "")


@given(st.sets(st.sampled_from(ORDER)), st.sampled_from(["sale", "purchase"]))
def test_a_charge_goes_to_the_mapping_for_charges_unless_line_or_product_say_otherwise(
    named: set[str], side: str
) -> None:
    one, record, where = situation(named, side, is_charge=True, charges="260")
    expected = next((CODES[who] for who in ("line", "product") if who in named), "260")
    assert line_account(one, record, where, side) == expected


def test_what_is_sent_carries_the_account_that_was_chosen() -> None:
    _, record, where = situation({"document", "contact"}, "sale")
    (item,) = line_items(record, where, "sale", discounts=True)
    assert item.account_code == "203"


def test_a_draft_setting_reaches_new_documents_only() -> None:
    kind = KINDS["sale_invoice"]
    record = document(channel="Shopify")
    where = books(settings=Settings(roles={"sales": "200"}, status_by_channel={"Shopify": "DRAFT"}))
    existing = kind.payload(record, where)
    assert existing.status is None, "a document that stands in Xero keeps its status"
    fresh = replace(where, agreed={key: each for key, each in where.agreed.items() if key.kind != "sale_invoice"})
    new = kind.payload(record, fresh)
    assert new.status == "DRAFT"
    from tieout.xero import wire

    assert kind.fingerprint(wire.encode(new)) == kind.fingerprint(wire.encode(existing))


@pytest.mark.parametrize(
    ("kind", "channel", "status"),
    [
        ("sale_invoice", "Shopify", "DRAFT"),
        ("sale_credit_note", "Shopify", "DRAFT"),
        ("sale_invoice", "Trade", "AUTHORISED"),
        ("bill", "Shopify", "DRAFT"),
        ("purchase_order", "", "AUTHORISED"),
    ],
)
def test_the_status_of_a_new_document(kind: str, channel: str, status: str) -> None:
    settings = Settings(status_by_kind={"bill": "DRAFT"}, status_by_channel={"Shopify": "DRAFT"})
    assert settings.status_of(kind, channel) == status


def test_tracking_is_taken_from_where_the_settings_say() -> None:
    settings = Settings(
        roles={"sales": "200"},
        tracking={"location": "Region", "product:Colour": "Colour"},
        tracking_options={"Region": ("Nelson",), "Colour": ("White",)},
    )
    where = books(settings=settings, products={PRODUCT: product(attributes={"Colour": "white"})})
    record = document("sale_invoice", line(product_id=PRODUCT), location="Nelson")
    (item,) = line_items(record, where, "sale", discounts=True)
    assert item.tracking is not None
    assert [(tag.name, tag.option) for tag in item.tracking] == [("Region", "Nelson"), ("Colour", "white")]
    assert lines_problem(record, where, "sale") is None
    problem = lines_problem(structs.replace(record, location="Bluff"), where, "sale")
    assert problem is not None
    assert (problem.code, "no option “Bluff”" in problem.text) == ("tracking-missing", True)
    gone = replace(where, settings=replace(settings, tracking_options={"Colour": ("White",)}))
    problem = lines_problem(record, gone, "sale")
    assert problem is not None
    assert "no active tracking category “Region”" in problem.text


def test_a_rate_that_xero_charges_otherwise_holds_the_document() -> None:
    from tests.kinds.test_mappings import GST

    where = books(tax_rules={1: replace(GST, xero_rate=Decimal("12.5"))}, accounts={"200": account("200")})
    problem = lines_problem(document("sale_invoice", line(tax_rule_id=1)), where, "sale")
    assert problem is not None
    assert problem.code == "tax-rate-differs"
    assert "is 15% in Core, but Xero charges 12.5%" in problem.text
