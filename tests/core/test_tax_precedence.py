"""Which tax rule a line is charged by: line, product, document, contact, default; whoever writes the document."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from itertools import product as every
from typing import cast
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tieout.core import money, operations, rules, store
from tieout.core.fields import DocumentFields, LineFields, MoneyTaskLineFields
from tieout.core.importing import ImportRefused, import_file
from tieout.core.models import Document, Organisation, TaxRule
from tieout.core.operations import Refused
from tieout.core.records import DocumentRecord
from tieout.core.rules.taxes import check_applied
from tieout.core.setup import Setup

LEVELS = ("line", "product", "document", "contact", "default")
RATES = {level: str(rate) for rate, level in enumerate(LEVELS, 11)}
SIDES = ("sale_invoice", "bill", "sale_credit_note", "purchase_credit_note", "purchase_order")


def rule_of(owner: Organisation, level: str, kind: str) -> TaxRule:
    sold = kind.startswith("sale")
    flags = {"default_for_sales": sold, "default_for_purchases": not sold} if level == "default" else {}
    return factories.tax_rule(owner, f"by {level}", RATES[level], **flags)


def entered(owner: Organisation, given: tuple[str, ...], kind: str) -> DocumentFields:
    """A document of one line of 100.00, with a rule at each of these levels; the other side's rules are all 99%."""
    found = {level: rule_of(owner, level, kind).pk for level in given}
    other = factories.tax_rule(owner, "the other side", "99").pk
    mine, theirs = ("sale", "purchase") if kind.startswith("sale") else ("purchase", "sale")
    named = {f"{mine}_tax_rule_id": found.get("product"), f"{theirs}_tax_rule_id": other}
    line = factories.line(product_id=factories.product(owner, **named).id, tax_rule_id=found.get("line"))
    contact = factories.contact(owner, is_supplier=True, tax_rule_id=found.get("contact"))
    values = factories.document_fields(
        owner,
        lines=[line],
        kind=kind,
        contact_id=contact.id,
        tax_treatment="Exclusive",
        default_tax_rule_id=found.get("document"),
    )
    return values if kind in rules.FALLING_DUE else replace(values, due_date=None)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", SIDES)
def test_the_first_level_that_names_a_rule_counts(kind: str) -> None:
    """Every combination of levels, for every kind of document."""
    for chosen in every((False, True), repeat=len(LEVELS)):
        given_ = tuple(level for level, yes in zip(LEVELS, chosen, strict=True) if yes)
        owner = factories.organisation()
        values = entered(owner, given_, kind)
        if not given_:
            with pytest.raises(Refused, match=r"line 1, tax_rule is missing.*choose the default on the page Mapping"):
                operations.create_document(owner, values, actor="mere", authorise=True)
            continue
        document = operations.create_document(owner, values, actor="mere", authorise=True)
        expected = Decimal(RATES[given_[0]])
        assert (document.tax, document.total) == (expected, 100 + expected), given_
        record = cast("DocumentRecord", store.load(owner.pk, kind, [document.pk])[document.pk])
        assert [TaxRule.objects.get(pk=line.tax_rule_id).name for line in record.lines] == [f"by {given_[0]}"]


@pytest.mark.django_db
def test_a_document_without_tax_needs_no_rule_and_a_draft_may_wait_for_one() -> None:
    owner = factories.organisation()
    values = replace(factories.document_fields(owner), tax_treatment="Exclusive")
    without = replace(values, number="INV-0", tax_treatment="NoTax")
    assert operations.create_document(owner, without, actor="mere", authorise=True).tax == 0
    draft = operations.create_document(owner, values, actor="mere")
    with pytest.raises(Refused, match="line 1, tax_rule is missing"):
        operations.authorise_document(draft, actor="mere")
    gst = factories.tax_rule(owner)
    operations.choose_default_tax(owner, gst, None, actor="mere")
    booked = operations.authorise_document(draft, actor="mere")
    booked.refresh_from_db()
    assert (booked.status, booked.tax, booked.total) == ("AUTHORISED", Decimal("15.00"), Decimal("115.00"))


@pytest.mark.django_db
def test_a_booked_line_keeps_its_rule_until_something_it_depends_on_is_edited() -> None:
    owner = factories.organisation()
    values = entered(owner, ("contact", "default"), "sale_invoice")
    document = operations.create_document(owner, values, actor="mere", authorise=True)
    for rule in TaxRule.objects.filter(organisation=owner, name="the other side"):
        operations.choose_default_tax(owner, rule, rule, actor="mere")
    document.contact.tax_rule = None
    document.contact.save()
    operations.edit_document(document, replace(values, reference="PO 7"), actor="mere")
    document.refresh_from_db()
    assert (document.reference, document.tax) == ("PO 7", Decimal("14.00"))
    operations.edit_document(document, replace(values, contact_id=factories.contact(owner).id), actor="mere")
    document.refresh_from_db()
    assert document.tax == Decimal("99.00")


@pytest.mark.django_db
def test_a_paid_document_refuses_an_edit_that_would_charge_another_rule() -> None:
    owner = factories.organisation()
    factories.account(owner, "090")
    values = entered(owner, ("document",), "sale_invoice")
    document = operations.create_document(owner, values, actor="mere", authorise=True)
    factories.payment(document)
    other = factories.tax_rule(owner, "GST", "15")
    with pytest.raises(Refused, match="has payments"):
        operations.edit_document(document, replace(values, default_tax_rule_id=other.pk), actor="mere")
    same_rule = replace(values, lines=(replace(values.lines[0], tax_rule_id=values.default_tax_rule_id),))
    operations.edit_document(document, same_rule, actor="mere")
    document.refresh_from_db()
    assert document.tax == Decimal("13.00")


def load(owner: Organisation, kind: str, text: str) -> tuple[int, int, int]:
    result = import_file(owner, kind, io.BytesIO(text.encode()), actor="mere")
    return result.created, result.changed, result.unchanged


@pytest.mark.django_db
def test_a_file_follows_the_same_precedence_and_twice_is_once() -> None:
    owner = factories.organisation()
    assert load(owner, "tax-rules", "name,rate,default_for\nGST,15,Sales\nZero,0,Purchases\nHalf,7.5,\n") == (3, 0, 0)
    factories.contact(owner, code="ACME", tax_rule_id=TaxRule.objects.get(organisation=owner, name="Half").pk)
    factories.contact(owner, code="HUIA")
    factories.product(
        owner, sku="CUP", name="Cup", sale_tax_rule_id=TaxRule.objects.get(organisation=owner, name="Zero").pk
    )
    text = (
        "number,contact,date,due_date,default_tax_rule,sku,description,quantity,unit_price,tax_rule\n"
        "INV-1,ACME,2026-03-31,2026-04-20,,CUP,,1,100,\n"
        "INV-1,,,,,,Freight,1,100,\n"
        "INV-2,HUIA,2026-03-31,2026-04-20,,,Repair,1,100,\n"
        "INV-3,HUIA,2026-03-31,2026-04-20,Half,,Repair,1,100,\n"
        "INV-3,,,,,CUP,,1,100,GST\n"
    )
    assert load(owner, "sale-invoices", text) == (3, 0, 0)
    taxes = dict(Document.objects.filter(organisation=owner).values_list("number", "tax"))
    assert taxes == {"INV-1": Decimal("7.50"), "INV-2": Decimal("15.00"), "INV-3": Decimal("22.50")}
    operations.choose_default_tax(owner, None, None, actor="mere")
    assert load(owner, "sale-invoices", text) == (0, 0, 3)
    with pytest.raises(ImportRefused) as refusal:
        load(owner, "sale-invoices", text.replace("INV-2", "INV-9"))
    assert [(row.line, row.column) for row in refusal.value.rows] == [(4, "tax_rule")]
    assert "choose the default on the page Mapping" in refusal.value.rows[0].reason


@pytest.mark.django_db
def test_there_is_one_default_for_each_side() -> None:
    owner = factories.organisation()
    load(owner, "tax-rules", "name,rate,default_for\nGST,15,Both\n")
    assert load(owner, "tax-rules", "name,rate,default_for\nZero,0,Sales\n") == (1, 0, 0)
    defaults = TaxRule.objects.filter(organisation=owner).order_by("name")
    assert list(defaults.values_list("name", "default_for_sales", "default_for_purchases")) == [
        ("GST", False, True),
        ("Zero", True, False),
    ]
    assert load(owner, "tax-rules", "name,rate\nZero,0\nGST,15\n") == (0, 0, 2)
    with pytest.raises(ImportRefused, match="names a second default for sales; line 2 is one already"):
        load(owner, "tax-rules", "name,rate,default_for\nA,1,Sales\nB,2,Both\n")


@pytest.mark.django_db
def test_a_money_task_goes_by_line_product_and_contact_and_is_without_tax_otherwise() -> None:
    owner = factories.organisation()
    factories.account(owner, "090")
    gst = factories.tax_rule(owner, default_for_purchases=True)
    ten = factories.tax_rule(owner, "Ten", "10")
    cup = factories.product(owner, purchase_tax_rule_id=gst.pk)
    fee = MoneyTaskLineFields(description="Fee", unit_price=Decimal(110))
    plain = factories.money_task(owner, lines=[fee])
    by_contact = factories.contact(owner, is_supplier=True, tax_rule_id=ten.pk)
    taxed = factories.money_task(owner, lines=[fee, replace(fee, product_id=cup.pk)], contact_id=by_contact.pk)
    assert (plain.tax, taxed.tax) == (0, Decimal("10.00") + Decimal("14.35"))


PRODUCTS = (uuid4(), uuid4())
CONTACT = uuid4()
SETUP = Setup("NZD", tax_rates={number: Decimal(number) / 2 for number in range(60)})
RULE = st.none() | st.integers(0, 59)
LINE = st.builds(
    LineFields,
    description=st.just("Cup"),
    quantity=st.decimals(0, 50, places=2),
    unit_price=st.decimals(0, 500, places=4),
    tax_rule_id=RULE,
    product_id=st.none() | st.sampled_from(PRODUCTS),
)
NAMED = st.builds(
    rules.NamedTax,
    st.fixed_dictionaries({key: st.tuples(RULE, RULE) for key in PRODUCTS}),
    st.fixed_dictionaries({CONTACT: RULE}),
)
DOCUMENT = st.builds(
    DocumentFields,
    kind=st.sampled_from(SIDES),
    contact_id=st.just(CONTACT),
    date=st.just(factories.DAY),
    currency=st.just("NZD"),
    number=st.just("X"),
    tax_treatment=st.sampled_from(("Exclusive", "Inclusive", "NoTax")),
    default_tax_rule_id=RULE,
    lines=st.lists(LINE, max_size=6).map(tuple),
)


@given(DOCUMENT, NAMED, RULE, RULE)
def test_totals_follow_the_chosen_rules(
    values: DocumentFields, named: rules.NamedTax, sale: int | None, purchase: int | None
) -> None:
    """A document prices as the one in which every line names its chosen rule itself, and as the lines one by one."""
    setup = replace(SETUP, default_sale_tax=sale, default_purchase_tax=purchase)
    applied = rules.applied_rules(values, named, setup)
    spelt_out = replace(
        values,
        default_tax_rule_id=None,
        lines=tuple(replace(line, tax_rule_id=rule) for line, rule in zip(values.lines, applied, strict=True)),
    )
    if None not in applied:
        assert rules.applied_rules(spelt_out, named, setup) == applied
    lines, totals = rules.priced(values, applied, setup)
    assert (lines, totals) == rules.priced(spelt_out, applied, setup)
    one_by_one = [
        money.line_tax(line.amount, SETUP.tax_rates[rule] if rule is not None else Decimal(0), values.tax_treatment)
        for line, rule in zip(lines, applied, strict=True)
    ]
    assert totals.tax == sum(one_by_one, Decimal("0.00"))
    assert bool(check_applied(values, applied)) == (values.tax_treatment != "NoTax" and None in applied)
