"""A company that sells through web shops: orders by channel, day and currency, and policies to gather them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from tests import factories
from tests.sync.world import World
from tieout.core import operations
from tieout.core.models import Document, TaxRule
from tieout.core.operations import document_fields
from tieout.kinds.consolidation.terms import TEMPLATE
from tieout.reports.tie_out import tie_out
from tieout.sync.consolidation.changing import Place, set_policy
from tieout.sync.models import Batch, ConsolidatedDocument, ConsolidatedMember, ConsolidationPolicy, Entry, Status

SHOP = "Shopify(MyShop)"
YESTERDAY, TODAY = date(2026, 5, 31), date(2026, 6, 1)


def policy(world: World, what: str = "invoices", channel: str = SHOP, **entered: Any) -> ConsolidationPolicy:
    """Consolidated daily under the shop's own contact, unless told otherwise."""
    values: dict[str, Any] = {"mode": "daily", "template": TEMPLATE} | entered
    if what == "invoices":
        values = {"contact_name": "Shopify customers"} | values
    supplier = values.pop("supplier_id", None)
    channel = "" if what in ("money", "bills") else channel
    return set_policy(world.connection, Place(what, channel, supplier), values, actor="mere")


def gst(world: World) -> TaxRule:
    return TaxRule.objects.get(organisation=world.organisation, name="15% GST on Income")


def web_order(world: World, price: str = "100.00", **values: Any) -> Document:
    """An order of yesterday, of one taxed line."""
    lines = values.pop("lines", None) or [factories.line(price, tax_rule_id=gst(world).pk)]
    entered: dict[str, Any] = {"channel": SHOP, "date": YESTERDAY} | values
    entered["rate"] = Decimal(entered.get("rate", "1"))
    return factories.sale_invoice(world.organisation, lines=lines, **entered)


def reprice(order: Document, price: str) -> None:
    values = document_fields(order)
    lines = (replace(values.lines[0], unit_price=Decimal(price)),)
    operations.edit_document(order, replace(values, lines=lines), actor="mere")


def numbers(world: World, resource: str = "Invoices") -> list[str]:
    field = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber"}[resource]
    return sorted(each[field] for each in world.live(resource))


def document(world: World, number: str) -> dict[str, Any]:
    (found,) = [each for each in world.live("Invoices") if each["InvoiceNumber"] == number]
    return found


def sums_in_xero(world: World) -> dict[tuple[str, str, str], Decimal]:
    """Per currency, account and tax type: what invoices hold less what credit notes take back, tax included apart."""
    found: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for resource, sign in (("Invoices", 1), ("CreditNotes", -1)):
        for each in world.live(resource):
            for line in each["LineItems"]:
                key = (each["CurrencyCode"], line["AccountCode"], line["TaxType"])
                found[key] += sign * (Decimal(str(line["LineAmount"])) + Decimal(str(line["TaxAmount"])))
    return {key: amount for key, amount in found.items() if amount}


def assert_all_agree(world: World) -> None:
    """Every entry is final, every document verified, both sides equal to the cent, nobody in two documents."""
    left = Entry.objects.filter(organisation=world.organisation).exclude(status=Status.COMPLETED)
    assert list(left.values_list("kind", "label", "status", "reason")) == []
    assert not Entry.objects.filter(organisation=world.organisation, verified=False).exists()
    assert not Batch.objects.filter(state=Batch.State.INTENDED).exists()
    assert not ConsolidatedDocument.objects.filter(members=None).exclude(state="voided").exists()
    current = ConsolidatedMember.objects.filter(current=True).values_list("kind", "record_id")
    assert len(current) == len(set(current))
    proof = tie_out(world.organisation)
    assert proof.explanations == ()
    assert proof.agrees
    assert sum(world.twin.trial_balance(world.tenant_id).values()) == 0


def tomorrow(world: World, days: int = 1) -> None:
    world.clock.advance(days * 24 * 3600)
