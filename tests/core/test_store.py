"""Records as frozen values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from tests import factories
from tieout.core import operations
from tieout.core.records import DocumentRecord, ProductRecord, SettlementRecord
from tieout.core.store import load

pytestmark = pytest.mark.django_db


def test_a_document_comes_with_its_lines_in_order_and_what_is_paid() -> None:
    owner = factories.organisation()
    rule, cup = factories.tax_rule(owner), factories.product(owner)
    lines = [
        factories.line("40.00", "2", product_id=cup.id, tax_rule_id=rule.id, account="200"),
        factories.line("14.90", description="Freight", is_charge=True, tax_rule_id=rule.id),
    ]
    invoice = factories.sale_invoice(owner, lines=lines, channel="B2B")
    factories.payment(invoice, "50.00")
    operations.void_payment(factories.payment(invoice, "9.00"), actor="mere")

    record = load(owner.id, "sale_invoice", [invoice.id])[invoice.id]

    assert isinstance(record, DocumentRecord)
    assert record.key == ("sale_invoice", invoice.id)
    assert (record.subtotal, record.tax, record.total) == (Decimal("94.90"), Decimal("14.24"), Decimal("109.14"))
    assert record.paid == Decimal("50.00")
    assert [(each.description, each.is_charge) for each in record.lines] == [
        ("Stoneware cup", False),
        ("Freight", True),
    ]
    assert record.lines[0].product_id == cup.id
    assert record.contact_name == invoice.contact.name


def test_every_kind_can_be_loaded() -> None:
    owner = factories.organisation()
    bill = factories.bill(owner)
    payment = factories.payment(bill)
    product = factories.product(owner, status="SET_UP_REQUIRED")
    records = {
        kind: load(owner.id, kind, [key])[key]
        for kind, key in (("contact", bill.contact_id), ("product", product.id), ("payment", payment.id))
    }
    settlement, thing = records["payment"], records["product"]
    assert isinstance(settlement, SettlementRecord)
    assert settlement.document == ("bill", bill.id)
    assert settlement.document_total == bill.total
    assert isinstance(thing, ProductRecord)
    assert (thing.active, thing.ready) == (True, False)


def test_a_contact_or_product_is_in_use_once_an_authorised_document_names_it() -> None:
    owner = factories.organisation()
    cup = factories.product(owner)
    draft = factories.sale_invoice(owner, lines=[factories.line(product_id=cup.id)], authorised=False)

    def in_use() -> list[bool]:
        found = [("contact", draft.contact_id), ("product", cup.id)]
        return [load(owner.id, kind, [key])[key].in_use for kind, key in found]  # type: ignore[union-attr]

    assert in_use() == [False, False]
    operations.authorise_document(draft, actor="mere")
    assert in_use() == [True, True]
    operations.void_document(draft, actor="mere")
    assert in_use() == [False, False]


def test_what_is_another_organisations_or_another_kind_is_absent() -> None:
    owner, stranger = factories.organisation(), factories.organisation()
    invoice = factories.sale_invoice(owner)
    assert load(stranger.id, "sale_invoice", [invoice.id]) == {}
    assert load(owner.id, "bill", [invoice.id]) == {}
    assert load(owner.id, "contact", [uuid4()]) == {}
    assert load(owner.id, "contact", []) == {}


def test_a_thousand_documents_take_three_queries(django_assert_num_queries: Any) -> None:
    owner = factories.organisation()
    ids = [factories.sale_invoice(owner).id for _ in range(3)]
    with django_assert_num_queries(3):
        assert len(load(owner.id, "sale_invoice", ids)) == 3
