"""How credit notes, deposits, journals, money tasks, uses of credit, refunds, orders and files become Xero's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.kinds.test_mappings import CONTACT, account, books, document, line
from tieout.core.records import (
    AllocationRecord,
    AttachmentRecord,
    DepositRecord,
    JournalLineRecord,
    JournalRecord,
    LineRecord,
    MoneyTaskRecord,
    RecordKey,
    SettlementRecord,
)
from tieout.kinds.books import Agreed, Books, Seen, Settings
from tieout.kinds.registry import KINDS

NOTE, CREDIT, TARGET = uuid4(), uuid4(), uuid4()
DAY = date(2026, 3, 31)
ROLES = {"sales": "200", "purchases": "300", "customer-credits": "835", "supplier-deposits": "620"}


def company(**values: object) -> Books:
    """Bound: a contact, a credit note, a customer credit and an invoice; dollars have a bank account of their own."""
    accounts = {code: account(code) for code in ("200", "260", "300", "835", "620", "310", "640")}
    accounts |= {"090": account("090", "BANK"), "095": account("095", "BANK", currency="USD")}
    accounts["610"] = account("610", system_account="DEBTORS")
    agreed = {
        RecordKey("contact", CONTACT): Agreed("c" * 8, "f"),
        RecordKey("sale_credit_note", NOTE): Agreed("n" * 8, "f"),
        RecordKey("customer_credit", CREDIT): Agreed("d" * 8, "f"),
        RecordKey("sale_invoice", TARGET): Agreed("i" * 8, "f"),
    }
    settings = Settings(roles=ROLES, tracking={"location": "Region"})
    standard = {"accounts": accounts, "agreed": agreed, "settings": settings, "products": {}}
    return books(**(standard | values))


def deposit(kind: str = "customer_credit", **values: object) -> DepositRecord:
    entered: dict[str, object] = {
        "key": RecordKey(kind, uuid4()),
        "number": "PRE-1",
        "contact_id": CONTACT,
        "contact_name": "Aroha",
        "origin": "prepayment",
        "account": "090",
        "date": DAY,
        "amount": Decimal("50.00"),
        "currency": "NZD",
        "rate": Decimal(1),
        "reference": "Ahead",
        "status": "AUTHORISED",
        "used": Decimal(0),
        "refunded": Decimal(0),
    }
    return DepositRecord(**(entered | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "origin", "as_money", "expected"),
    [
        ("customer_credit", "prepayment", False, ("RECEIVE-PREPAYMENT", "835")),
        ("customer_credit", "overpayment", False, ("RECEIVE-OVERPAYMENT", None)),
        ("supplier_deposit", "prepayment", False, ("SPEND-PREPAYMENT", "620")),
        ("supplier_deposit", "overpayment", False, ("SPEND-OVERPAYMENT", None)),
        ("customer_credit", "overpayment", True, ("RECEIVE", "835")),
        ("supplier_deposit", "prepayment", True, ("SPEND", "620")),
    ],
)
def test_a_deposit_is_what_the_settings_make_of_it(
    kind: str, origin: str, as_money: bool, expected: tuple[str, str | None]
) -> None:
    settings = Settings(roles=ROLES, deposits_as="money" if as_money else "prepayment")
    sent = KINDS[kind].payload(deposit(kind, origin=origin), company(settings=settings))
    assert (sent.type, sent.line_items[0].account_code) == expected
    assert sent.reference == "Ahead PRE-1"
    assert sent.currency_rate is None


def test_a_foreign_deposit_sends_its_rate_and_needs_a_bank_account_of_its_currency() -> None:
    kind = KINDS["customer_credit"]
    foreign = deposit(currency="USD", rate=Decimal("0.5870"), account="095")
    assert kind.check(foreign, company()) is None
    assert kind.payload(foreign, company()).currency_rate == Decimal("0.5870")
    problem = kind.check(deposit(currency="USD", rate=Decimal("0.5870")), company())
    assert problem is not None
    assert problem.code == "currency-unfit"


def test_a_deposit_without_a_mapped_account_waits_for_a_person() -> None:
    problem = KINDS["customer_credit"].check(deposit(), company(settings=Settings(roles={})))
    assert problem is not None
    assert problem.code == "account-missing"


def test_what_a_credit_note_gave_stays_that_credit_note() -> None:
    left = KINDS["customer_credit"].left_out(deposit(origin="credit_note", document_number="CN-1"), company())
    assert left is not None
    assert left[0] == "held-as-credit-note"


def test_a_credit_note_shows_its_discount_in_the_price_and_says_so() -> None:
    discounted = document("sale_credit_note", line("3", "9.50", "10"), contact_id=CONTACT)
    (sent,) = KINDS["sale_credit_note"].payload(discounted, company()).line_items
    assert (sent.quantity, sent.unit_amount, sent.discount_rate) == (Decimal(1), Decimal("25.65"), None)
    assert "3 × 9.5 less 10%" in sent.description


@pytest.mark.parametrize("kind", ["sale_credit_note", "purchase_credit_note"])
def test_credit_notes_of_the_two_sides_are_found_apart(kind: str) -> None:
    record = document(kind, contact_id=CONTACT)
    (key,) = KINDS[kind].keys(record, company())
    assert ("c" * 8 in key) == (kind == "purchase_credit_note")


def settlement(**values: object) -> SettlementRecord:
    entered: dict[str, object] = {
        "key": RecordKey("refund", uuid4()),
        "number": "REF-1",
        "document": RecordKey("sale_credit_note", NOTE),
        "document_number": "CN-1",
        "document_total": Decimal(100),
        "account": "090",
        "date": DAY,
        "amount": Decimal("5.00"),
        "currency": "NZD",
        "rate": Decimal(1),
        "reference": "",
        "status": "AUTHORISED",
    }
    return SettlementRecord(**(entered | values))  # type: ignore[arg-type]


def seen(kind: str, xero_id: str, **values: object) -> Seen:
    entered: dict[str, object] = {
        "kind": kind,
        "xero_id": xero_id,
        "key": "",
        "other_key": "",
        "number": "",
        "status": "AUTHORISED",
        "updated_at": None,
        "due": Decimal(100),
    }
    return Seen(**(entered | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(("held", "field"), [("Prepayments", "prepayment"), ("Overpayments", "overpayment")])
def test_a_refund_names_what_it_pays_back(held: str, field: str) -> None:
    known = company(seen={"d" * 8: seen("customer_credit", "d" * 8, foreign_number=held)})
    of_deposit = settlement(document=RecordKey("customer_credit", CREDIT))
    sent = KINDS["refund"].payload(of_deposit, known)
    assert getattr(sent, field) is not None
    assert sent.invoice is None
    assert KINDS["refund"].payload(settlement(), known).credit_note.credit_note_id == "n" * 8


def test_what_stands_as_plain_money_cannot_be_drawn_on() -> None:
    known = company(seen={"d" * 8: seen("customer_credit", "d" * 8, foreign_number="BankTransactions")})
    problem = KINDS["refund"].check(settlement(document=RecordKey("customer_credit", CREDIT)), known)
    assert problem is not None
    assert problem.code == "deposit-is-money"


def use(amount: str = "10.00") -> AllocationRecord:
    return AllocationRecord(
        RecordKey("allocation", uuid4()),
        "CN-1 to INV-1",
        RecordKey("sale_credit_note", NOTE),
        "CN-1",
        RecordKey("sale_invoice", TARGET),
        "INV-1",
        DAY,
        Decimal(amount),
        "NZD",
        "AUTHORISED",
        CONTACT,
        "Aroha",
    )


def test_a_use_of_credit_goes_to_its_credit_and_takes_from_both() -> None:
    kind, known = KINDS["allocation"], company()
    record = use()
    assert kind.route("create", record, known, "").path == f"CreditNotes/{'n' * 8}/Allocations"
    removal = kind.route("void", record, known, "a" * 8)
    assert (removal.method, removal.path) == ("DELETE", f"CreditNotes/{'n' * 8}/Allocations/{'a' * 8}")
    assert kind.moves(record, known) == {"n" * 8: Decimal("10.00"), "i" * 8: Decimal("10.00")}


@pytest.mark.parametrize("short", ["n" * 8, "i" * 8])
def test_a_use_of_more_than_is_left_is_told_without_asking(short: str) -> None:
    views = {each: seen("any", each) for each in ("n" * 8, "i" * 8)}
    views[short] = seen("any", short, due=Decimal("9.99"))
    problem = KINDS["allocation"].check(use(), company(seen=views))
    assert problem is not None
    assert (problem.code, "9.99" in problem.text) == ("above-due", True)


def journal(*lines: JournalLineRecord) -> JournalRecord:
    given = lines or (
        JournalLineRecord("310", "", Decimal("50.00"), "Counted", tracking={"location": "North", "job": "J1"}),
        JournalLineRecord("640", "", Decimal("-50.00"), ""),
    )
    return JournalRecord(
        RecordKey("journal", uuid4()), "JR-1", "manual", DAY, "Stock count", "NZD", "AUTHORISED", given
    )


def test_a_journal_tags_its_lines_with_the_mapped_categories_only() -> None:
    sent = KINDS["journal"].payload(journal(), company())
    tags = [[(tag.name, tag.option) for tag in each.tracking or ()] for each in sent.journal_lines]
    assert tags == [[("Region", "North")], []]
    assert (sent.narration, sent.line_amount_types) == ("JR-1: Stock count", "NoTax")


def test_a_journal_with_a_tax_rule_goes_with_tax_contained() -> None:
    taxed = journal(
        JournalLineRecord("310", "", Decimal("115.00"), "", tax_rule_id=1),
        JournalLineRecord("640", "", Decimal("-115.00"), ""),
    )
    sent = KINDS["journal"].payload(taxed, company())
    assert sent.line_amount_types == "Inclusive"
    assert [each.tax_type for each in sent.journal_lines] == ["OUTPUT2", "NONE"]


@pytest.mark.parametrize("code", ["610", "090"])
def test_a_journal_on_an_account_that_xero_keeps_for_itself_is_told(code: str) -> None:
    problem = KINDS["journal"].check(journal(JournalLineRecord(code, "", Decimal(1), "")), company())
    assert problem is not None
    assert problem.code == "account-unfit"


def task(type_: str, **values: object) -> MoneyTaskRecord:
    bought = LineRecord("Fees", Decimal(1), Decimal("38.50"), Decimal(0), Decimal("38.50"), Decimal(0), account="300")
    entered: dict[str, object] = {
        "key": RecordKey("money_task", uuid4()),
        "number": "MT-1",
        "type": type_,
        "account": "090",
        "to_account": "",
        "contact_id": CONTACT,
        "contact_name": "Bank",
        "date": DAY,
        "currency": "NZD",
        "rate": Decimal(1),
        "tax_treatment": "NoTax",
        "reference": "Card",
        "status": "AUTHORISED",
        "subtotal": Decimal("38.50"),
        "tax": Decimal(0),
        "total": Decimal("38.50"),
        "lines": (bought,),
    }
    return MoneyTaskRecord(**(entered | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(("type_", "word"), [("spend", "SPEND"), ("receive", "RECEIVE")])
def test_money_spent_and_received_is_a_bank_transaction(type_: str, word: str) -> None:
    kind = KINDS["money_task"]
    sent = kind.payload(task(type_), company())
    assert (sent.type, sent.reference) == (word, "Card MT-1")
    assert kind.route("create", task(type_), company(), "").path == "BankTransactions"


def test_a_transfer_goes_between_two_bank_accounts_of_one_currency() -> None:
    kind = KINDS["money_task"]
    moved = task("transfer", contact_id=None, to_account="095", lines=())
    sent = kind.payload(moved, company())
    assert (sent.from_bank_account.code, sent.to_bank_account.code, sent.amount) == ("090", "095", Decimal("38.50"))
    problem = kind.check(moved, company())
    assert problem is not None
    assert problem.code == "currency-unfit"


@pytest.mark.parametrize(("wanted", "code"), [(False, "not-exported"), (True, None)])
def test_orders_and_files_go_only_where_they_are_wanted(wanted: bool, code: str | None) -> None:
    settings = Settings(roles=ROLES, export_purchase_orders=wanted, export_attachments=wanted)
    for kind, record in (("purchase_order", document("purchase_order")), ("attachment", scan())):
        left = KINDS[kind].left_out(record, company(settings=settings))
        assert (left[0] if left else None) == code


def scan(**values: object) -> AttachmentRecord:
    entered: dict[str, object] = {
        "key": RecordKey("attachment", uuid4()),
        "target": RecordKey("sale_invoice", TARGET),
        "file_name": "delivery note.pdf",
        "content_type": "application/pdf",
        "size": 100,
        "sha256": "",
        "online": True,
        "attached": True,
    }
    return AttachmentRecord(**(entered | values))  # type: ignore[arg-type]


def test_a_file_goes_under_its_name_and_may_show_online() -> None:
    route = KINDS["attachment"].route("create", scan(), company(), "")
    assert route.path == f"Invoices/{'i' * 8}/Attachments/delivery%20note.pdf?IncludeOnline=true"
    assert (route.many, route.content_type) == (False, "application/pdf")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"size": 0}, "file-too-large"),
        ({"size": 10 * 1024 * 1024 + 1}, "file-too-large"),
        ({"file_name": "run.EXE"}, "file-unfit"),
        ({"file_name": "a+b.pdf"}, "file-unfit"),
    ],
)
def test_a_file_that_xero_would_refuse_is_told(values: dict[str, object], code: str) -> None:
    problem = KINDS["attachment"].check(scan(**values), company())
    assert problem is not None
    assert problem.code == code
