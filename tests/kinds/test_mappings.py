"""How each kind of record becomes a Xero document: pure, record and books in, document out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tieout.core import money
from tieout.core.due_dates import Term
from tieout.core.records import ContactRecord, DocumentRecord, LineRecord, ProductRecord, RecordKey, SettlementRecord
from tieout.kinds.books import AccountView, Agreed, Books, Seen, Settings, TaxView
from tieout.kinds.comparison import differences
from tieout.kinds.problems import catalogue, from_xero
from tieout.kinds.registry import KINDS
from tieout.sync.settings import ITEM_TEXTS
from tieout.xero import types, wire

CONTACT, PRODUCT, INVOICE = uuid4(), uuid4(), uuid4()
GST = TaxView(1, "15% GST on Income", Decimal(15), "OUTPUT2", True, frozenset({"REVENUE", "ASSET"}))


def account(code: str, kind: str = "REVENUE", **values: object) -> AccountView:
    entered = {"account_class": kind, "active": True, "takes_payments": kind == "BANK"} | values
    return AccountView(code=code, name=f"Account {code}", type=kind, **entered)  # type: ignore[arg-type]


def books(**values: object) -> Books:
    """A connected company with a bound contact, product and invoice."""
    entered: dict[str, object] = {
        "base_currency": "NZD",
        "accounts": {code: account(code) for code in ("200", "260", "300")} | {"090": account("090", "BANK")},
        "tax_rules": {1: GST},
        "currencies": frozenset({"NZD", "USD"}),
        "lock_date": None,
        "settings": Settings(roles={"sales": "200", "purchases": "300", "sale-charges": "260"}),
        "agreed": {
            RecordKey("contact", CONTACT): Agreed("c" * 8, "f"),
            RecordKey("product", PRODUCT): Agreed("p" * 8, "f"),
            RecordKey("sale_invoice", INVOICE): Agreed("i" * 8, "f"),
        },
        "products": {PRODUCT: product()},
    }
    return Books(**(entered | values))  # type: ignore[arg-type]


def product(**values: object) -> ProductRecord:
    entered: dict[str, object] = {
        "key": RecordKey("product", PRODUCT),
        "sku": "MUG",
        "name": "A mug",
        "description": "",
        "purchase_description": "",
        "active": True,
        "ready": True,
        "sale_price": Decimal("9.50"),
        "purchase_price": None,
    }
    return ProductRecord(**(entered | values))  # type: ignore[arg-type]


def line(quantity: str = "3", price: str = "9.50", discount: str = "0", **values: object) -> LineRecord:
    amounts = money.line(Decimal(quantity), Decimal(price), Decimal(discount), Decimal(0), "Exclusive")
    entered: dict[str, object] = {
        "description": "A mug",
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price),
        "discount": Decimal(discount),
        "amount": amounts.amount,
        "tax": Decimal("0.00"),
    }
    return LineRecord(**(entered | values))  # type: ignore[arg-type]


def document(kind: str = "sale_invoice", *lines: LineRecord, **values: object) -> DocumentRecord:
    entered: dict[str, object] = {
        "key": RecordKey(kind, INVOICE),
        "number": "INV-1",
        "contact_id": CONTACT,
        "contact_name": "Aroha",
        "channel": "",
        "reference": "PO 7",
        "date": date(2026, 3, 1),
        "due_date": date(2026, 3, 20),
        "currency": "NZD",
        "rate": Decimal(1),
        "tax_treatment": "Exclusive",
        "status": "AUTHORISED",
        "subtotal": Decimal("28.50"),
        "tax": Decimal("0.00"),
        "total": Decimal("28.50"),
        "paid": Decimal(0),
        "lines": lines or (line(),),
    }
    return DocumentRecord(**(entered | values))  # type: ignore[arg-type]


def contact(**values: object) -> ContactRecord:
    entered: dict[str, object] = {
        "key": RecordKey("contact", CONTACT),
        "code": "C1",
        "name": " Aroha  Homeware ",
        "is_customer": True,
        "is_supplier": False,
        "active": True,
    }
    return ContactRecord(**(entered | values))  # type: ignore[arg-type]


def payment(**values: object) -> SettlementRecord:
    entered: dict[str, object] = {
        "key": RecordKey("payment", uuid4()),
        "number": "PAY-1",
        "document": RecordKey("sale_invoice", INVOICE),
        "document_number": "INV-1",
        "document_total": Decimal("28.50"),
        "account": "090",
        "date": date(2026, 3, 5),
        "amount": Decimal("20.00"),
        "currency": "NZD",
        "rate": Decimal(1),
        "reference": "EFT",
        "status": "AUTHORISED",
    }
    return SettlementRecord(**(entered | values))  # type: ignore[arg-type]


def test_a_sale_invoice_names_its_contact_by_id_alone() -> None:
    sent = KINDS["sale_invoice"].payload(document(), books())
    assert sent.contact == types.ContactRef(contact_id="c" * 8)
    assert (sent.type, sent.invoice_number, sent.reference, sent.currency_rate) == ("ACCREC", "INV-1", "PO 7", None)
    assert b'"Quantity":3' in wire.encode(sent)


def test_a_bill_carries_no_reference_and_no_discount() -> None:
    discounted = line("12", "3.3333", "5", amount=Decimal("38.00"))
    sent = KINDS["bill"].payload(document("bill", discounted), books())
    (only,) = sent.line_items
    assert sent.reference is None
    assert (only.quantity, only.unit_amount, only.discount_rate, only.line_amount) == (
        Decimal(1), Decimal("38.00"), None, Decimal("38.00"),
    )  # fmt: skip
    assert only.description == "A mug (12 × 3.3333 less 5%)"


@given(
    st.decimals("0.0001", "999", places=4), st.decimals("0.0001", "999", places=4), st.decimals("0", "100", places=2)
)
def test_a_discounted_purchase_line_keeps_its_amount_to_the_cent(
    quantity: Decimal, price: Decimal, discount: Decimal
) -> None:
    amount = money.line_amount(quantity, price, discount)
    given_line = line(discount=str(discount), quantity=quantity, unit_price=price, amount=amount)
    (only,) = (
        KINDS["bill"].payload(document("bill", structs.replace(given_line, discount=discount)), books()).line_items
    )
    assert money.line_amount(only.quantity, only.unit_amount, only.discount_rate or Decimal(0)) == amount


def test_a_foreign_document_says_its_rate() -> None:
    sent = KINDS["sale_invoice"].payload(document(currency="USD", rate=Decimal("0.5870")), books())
    assert sent.currency_rate == Decimal("0.5870")


@pytest.mark.parametrize(
    ("of_line", "of_product", "of_contact", "expected"),
    [("260", "300", "200", "260"), ("", "300", "260", "300"), ("", "", "260", "260"), ("", "", "", "200")],
)
def test_accounts_come_from_line_then_product_then_contact_then_mapping(
    of_line: str, of_product: str, of_contact: str, expected: str
) -> None:
    with_accounts = books(
        products={PRODUCT: product(sale_account=of_product)}, contacts={CONTACT: contact(sale_account=of_contact)}
    )
    sent = KINDS["sale_invoice"].payload(
        document("sale_invoice", line(product_id=PRODUCT, account=of_line)), with_accounts
    )
    assert sent.line_items[0].account_code == expected


def test_a_charge_goes_to_the_account_for_charges() -> None:
    sent = KINDS["sale_invoice"].payload(document("sale_invoice", line(is_charge=True)), books())
    assert sent.line_items[0].account_code == "260"


@pytest.mark.parametrize(
    ("changes", "of_books", "code"),
    [
        ({}, {"lock_date": date(2026, 3, 1)}, "lock-date"),
        ({"currency": "EUR"}, {}, "currency-missing"),
        ({"lines": (line(account="999"),)}, {}, "account-unknown"),
        ({"lines": (line(account="090"),)}, {}, "account-unfit"),
        ({}, {"accounts": {"200": account("200", active=False)}}, "account-archived"),
        ({}, {"settings": Settings()}, "account-missing"),
        ({"lines": (line(tax=Decimal("1.00")),)}, {}, "tax-missing"),
        ({"lines": (line(tax_rule_id=1),)}, {"tax_rules": {1: replace(GST, tax_type="")}}, "tax-unmapped"),
        ({"lines": (line(tax_rule_id=1),)}, {"tax_rules": {1: replace(GST, active=False)}}, "tax-archived"),
        ({"lines": (line(tax_rule_id=1),)}, {"accounts": {"200": account("200", "EXPENSE")}}, "tax-unfit"),
        (
            {},
            {"seen": {"c" * 8: Seen("contact", "c" * 8, "", "", "Aroha", "ARCHIVED", None)}},
            "contact-archived",
        ),
    ],
)
def test_what_xero_would_refuse_is_known_before(
    changes: dict[str, object], of_books: dict[str, object], code: str
) -> None:
    problem = KINDS["sale_invoice"].check(document(**changes), books(**of_books))
    assert problem is not None
    assert problem.code == code
    assert problem.local
    assert problem.text.endswith(".")
    assert problem.advice.endswith(".")


def test_a_sound_document_has_no_problem() -> None:
    assert KINDS["sale_invoice"].check(document(), books()) is None


def test_a_document_paid_in_xero_is_not_changed() -> None:
    paid = Seen("sale_invoice", "i", "", "", "INV-1", "PAID", None, currency="NZD", paid=Decimal("28.50"))
    problem = KINDS["sale_invoice"].check_change(document(), paid, books())
    assert problem is not None
    assert problem.code == "paid-in-xero"


def test_a_contact_is_found_by_our_id_then_by_its_name() -> None:
    kind = KINDS["contact"]
    assert kind.keys(contact(), books()) == (f"number:{CONTACT}", "name:aroha homeware")
    assert kind.payload(contact(), books()).name == "Aroha Homeware"
    seen = kind.seen(types.Contact(contact_id="x", name="AROHA homeware", contact_status="ARCHIVED"))
    assert (seen.key, seen.other_key) == ("", ""), "names are unique among active contacts only"


def test_a_country_goes_out_in_letters_only() -> None:
    sent = KINDS["contact"].payload(contact(country="N.Z. 1"), books())
    assert sent.addresses[0].country == "NZ "


def test_a_product_s_long_name_is_cut_and_its_description_keeps_it() -> None:
    sent = KINDS["product"].payload(product(name="x" * 80), books())
    assert (len(sent.name), len(sent.description)) == (50, 80)
    assert KINDS["product"].check(product(sku="y" * 31), books()).code == "sku-too-long"


def test_two_equal_payments_of_a_day_are_told_apart() -> None:
    kind = KINDS["payment"]
    one, other = payment(), payment(number="PAY-2")
    assert kind.keys(one, books()) != kind.keys(other, books())
    assert kind.payload(one, books()).reference == "EFT PAY-1"


@pytest.mark.parametrize(
    ("changes", "of_books", "code"),
    [
        ({"account": "999"}, {}, "account-unknown"),
        ({"account": "200"}, {}, "account-unfit"),
        ({}, {"lock_date": date(2026, 3, 5)}, "lock-date"),
        (
            {},
            {"seen": {"i" * 8: Seen("sale_invoice", "i" * 8, "", "", "", "AUTHORISED", None, due=Decimal("19.99"))}},
            "above-due",
        ),
        (
            {},
            {"seen": {"i" * 8: Seen("sale_invoice", "i" * 8, "", "", "", "DRAFT", None)}},
            "document-not-authorised",
        ),
    ],
)
def test_a_payment_that_xero_would_refuse_is_known_before(
    changes: dict[str, object], of_books: dict[str, object], code: str
) -> None:
    problem = KINDS["payment"].check(payment(**changes), books(**of_books))
    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Invoice # must be unique.", "number-in-use"),
        (
            "The contact name X is already assigned to another contact. The contact name must be unique",
            "contact-name-in-use",
        ),
        ("Payment amount exceeds the amount outstanding on this document", "above-due"),
        ("The document date cannot be before the period lock date, currently set at 2026", "lock-date"),
        ("Account code '476' has been archived, or has been deleted.", "account-archived"),
        ("The TaxType code 'X' cannot be used with account code 'Y'.", "tax-unfit"),
        ("Organisation is not subscribed to currency EUR", "currency-missing"),
        ("Something that nobody has ever read", "refused"),
    ],
)
def test_xero_s_words_become_a_reason_and_an_advice(said: str, code: str) -> None:
    problem = from_xero([said])
    assert (problem.code, problem.text, problem.local) == (code, said, False)
    assert problem.advice


def test_the_catalogue_has_an_advice_for_every_code() -> None:
    assert all(code and advice.endswith(".") for code, advice in catalogue())


def test_only_what_was_sent_is_compared() -> None:
    sent = types.Invoice(
        invoice_number="A", date="2026-09-14", line_items=[types.LineItem(unit_amount=Decimal("1.50"))]
    )
    seen = types.Invoice(
        invoice_number="A",
        date="/Date(1789344000000+0000)/",
        line_items=[types.LineItem(unit_amount=Decimal("1.5000"), line_item_id="x")],
        total=Decimal(9),
    )
    assert differences(sent, seen) == []


def test_a_difference_names_its_path_and_both_values() -> None:
    sent = types.Invoice(line_items=[types.LineItem(quantity=Decimal(2)), types.LineItem(quantity=Decimal(3))])
    seen = types.Invoice(line_items=[types.LineItem(quantity=Decimal(2)), types.LineItem(quantity=Decimal(4))])
    (only,) = differences(sent, seen)
    assert (only.field, only.core, only.xero) == ("line_items[2].quantity", "3", "4")


def test_a_line_that_is_missing_is_a_difference() -> None:
    sent = types.Invoice(line_items=[types.LineItem(), types.LineItem()])
    assert [each.field for each in differences(sent, types.Invoice(line_items=[types.LineItem()]))] == ["line_items"]


def test_phones_compare_by_type_in_any_order() -> None:
    sent = types.Contact(phones=[types.Phone(phone_type="MOBILE", phone_number="1")])
    seen = types.Contact(phones=[types.Phone(phone_type="FAX"), types.Phone(phone_type="MOBILE", phone_number="1")])
    assert differences(sent, seen) == []


FULL = {
    "description": "A stoneware mug, glazed",
    "purchase_description": "Mug, box of 12",
    "brand": "Kiln & Co",
    "sale_account": "200",
    "purchase_account": "300",
    "sale_tax_rule_id": 1,
    "purchase_tax_rule_id": 1,
    "purchase_price": Decimal("4.1250"),
}


def test_an_item_has_both_sides_of_the_product() -> None:
    item = KINDS["product"].payload(product(**FULL), books())
    assert (item.code, item.name, item.is_sold, item.is_purchased) == ("MUG", "A mug", True, True)
    assert (item.description, item.purchase_description) == ("A stoneware mug, glazed", "Mug, box of 12")
    assert item.sales_details == types.PriceDetails(
        unit_price=Decimal("9.5000"), account_code="200", tax_type="OUTPUT2"
    )
    assert item.purchase_details == types.PriceDetails(
        unit_price=Decimal("4.1250"), account_code="300", tax_type="OUTPUT2"
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("description", "A stoneware mug, glazed"),
        ("purchase_description", "Mug, box of 12"),
        ("name", "A mug"),
        ("sku_and_name", "MUG A mug"),
        ("brand_and_name", "Kiln & Co A mug"),
    ],
)
def test_the_settings_choose_what_describes_an_item(source: str, text: str) -> None:
    for side in ("item_description", "item_purchase_description"):
        item = KINDS["product"].payload(product(**FULL), books(settings=Settings(**{side: source})))
        assert getattr(item, side.removeprefix("item_")) == text
        bare = KINDS["product"].payload(product(), books(settings=Settings(**{side: source})))
        assert "A mug" in (getattr(bare, side.removeprefix("item_")) or "")


def test_a_side_that_a_product_does_not_have_goes_without_prices() -> None:
    item = KINDS["product"].payload(product(**FULL, is_purchased=False), books())
    assert (item.is_sold, item.is_purchased, item.purchase_details) == (True, False, None)
    assert item.sales_details is not None


def test_every_choice_of_the_setting_is_one_that_the_mapping_knows() -> None:
    said = {
        KINDS["product"].payload(product(**FULL), books(settings=Settings(item_description=each))).description
        for each, _ in ITEM_TEXTS
    }
    assert len(said) == len(ITEM_TEXTS)


@pytest.mark.parametrize("method", ["DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"])
def test_a_contact_takes_its_term_along_for_what_it_is(method: str) -> None:
    kind, term = KINDS["contact"], Term(method, 20)
    sent = types.Term(day=20, type=method)
    customer = kind.payload(contact(term=term), books())
    assert customer.payment_terms == types.PaymentTerms(sales=sent)
    supplier = kind.payload(contact(term=term, is_customer=False, is_supplier=True), books())
    assert supplier.payment_terms == types.PaymentTerms(bills=sent)
    both = kind.payload(contact(term=term, is_supplier=True), books())
    assert both.payment_terms == types.PaymentTerms(sales=sent, bills=sent)
    assert wire.encode(customer).count(b'"PaymentTerms":{"Sales":{"Day":20,"Type":"') == 1
    assert kind.fingerprint(wire.encode(both)) != kind.fingerprint(wire.encode(customer))
    shown = replace_terms(both, types.PaymentTerms(sales=sent, bills=types.Term(day=21, type=method)))
    assert [each.field for each in differences(both, shown)] == ["payment_terms.bills.day"]
    assert kind.payload(contact(), books()).payment_terms is None


def replace_terms(of: types.Contact, terms: types.PaymentTerms) -> types.Contact:
    return msgspec.structs.replace(of, payment_terms=terms)


def test_a_contact_whose_term_xero_has_not_is_held_with_the_cure() -> None:
    problem = KINDS["contact"].check(contact(term=Term("OFFOLLOWINGMONTH", 0)), books())
    assert problem is not None
    assert problem.code == "term-unfit"
    assert "1 to 31" in problem.text
    assert "payment-terms" in problem.advice
