"""What Core's records post to the ledger: which accounts, how much, in base currency.

In: a record and the books. Out: postings, debits positive; per entry they sum to zero. Always: pure. A foreign amount
is converted at its own document's rate; what settles a document takes its share off at that document's rate, so what is
left of an entry is the gain or loss that Xero books as realised, and the cents that conversion loses go to rounding. A
transfer between two foreign accounts is the one exception: Xero takes its own rate of the day for it.

    invoice, bill        control account against lines and tax
    credit note          the other way round
    deposit              bank against the mapped account, or the control account for an overpayment
    payment, refund      bank against the settled document's share
    use of credit        the credit's share against the document's
    journal, money task  their lines; an order posts nothing
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from tieout.core import money
from tieout.core.records import (
    DepositRecord,
    DocumentRecord,
    JournalRecord,
    LineRecord,
    MoneyTaskRecord,
    SettlementRecord,
)
from tieout.kinds.books import Books
from tieout.kinds.lines import Lined, line_account

NOTHING = Decimal("0.00")
DEBTORS, CREDITORS, TAX = "DEBTORS", "CREDITORS", "GST"
ROUNDING, GAIN = "ROUNDING", "REALISEDCURRENCYGAIN"
SALES = {"sale_invoice", "sale_credit_note", "customer_credit"}
GIVING = {"sale_credit_note", "purchase_credit_note"}
OVERPAID = "overpayment"


class Posting(NamedTuple):
    """`account` is a code; debits are positive."""

    account: str
    amount: Decimal


def system(role: str, books: Books) -> str:
    """The code of an account that Xero keeps for itself; the role where it has none."""
    return next((code for code, account in books.accounts.items() if account.system_account == role), role)


def of_document(record: DocumentRecord, books: Books) -> list[Posting]:
    """An invoice, a bill or a credit note."""
    sale = record.key.kind in SALES
    side = 1 if sale != (record.key.kind in GIVING) else -1
    control = system(DEBTORS if sale else CREDITORS, books)
    lines = _lines(record, record.lines, books, "sale" if sale else "purchase")
    return _entry(Posting(control, side * record.total), record.rate, lines, books)


def of_deposit(record: DepositRecord, books: Books) -> list[Posting]:
    """Money in hand, on its bank account; one made from a credit note lies there already."""
    if record.origin == "credit_note":
        return []
    sale = record.key.kind in SALES
    account = books.role("customer-credits" if sale else "supplier-deposits")
    if record.origin == OVERPAID and books.settings.deposits_as != "money":
        account = system(DEBTORS if sale else CREDITORS, books)
    lines = [(account, record.amount, NOTHING)]
    return _entry(Posting(record.account, record.amount if sale else -record.amount), record.rate, lines, books)


def of_journal(record: JournalRecord, books: Books) -> list[Posting]:
    """Its lines; tax, where they have a rule, is contained in their amounts."""
    found = []
    for line in record.lines:
        rule = books.tax_rules.get(line.tax_rule_id) if line.tax_rule_id is not None else None
        tax = money.line_tax(line.amount, rule.rate, "Inclusive") if rule else NOTHING
        found.append(Posting(line.account or books.role(line.role), line.amount - tax))
        found.append(Posting(system(TAX, books), tax))
    return _balanced(found, ROUNDING, books)


def of_money_task(record: MoneyTaskRecord, books: Books) -> list[Posting]:
    if record.type == "transfer":
        amount = money.in_base_currency(record.total, record.rate)
        return [Posting(record.to_account, amount), Posting(record.account, -amount)]
    receives = record.type == "receive"
    lines = _lines(record, record.lines, books, "sale" if receives else "purchase")
    return _entry(Posting(record.account, record.total if receives else -record.total), record.rate, lines, books)


def of_settlement(record: SettlementRecord) -> Posting:
    """What a payment or refund puts on its account. The other side is the settled document's share."""
    paid_for = record.held_as or record.document
    amount = money.in_base_currency(record.amount, record.rate)
    comes_in = (paid_for.kind in SALES) != (record.key.kind == "refund")
    return Posting(record.account, amount if comes_in else -amount)


def whole(posted: Sequence[Posting], record: DocumentRecord | DepositRecord) -> list[Posting]:
    """What settling all of it takes back: the control account of a document, all but the bank of a deposit."""
    taken = posted[1:] if isinstance(record, DepositRecord) else posted[:1]
    return [Posting(account, -amount) for account, amount in taken]


def share(taken: Sequence[Posting], settled: Decimal, total: Decimal) -> list[Posting]:
    """The part of a whole that so much of the total takes back."""
    return [Posting(account, money.to_cents(amount * settled / total)) for account, amount in taken] if total else []


def gain(posted: Sequence[Posting], books: Books) -> list[Posting]:
    """The settling entries with what is left of them on the account of realised gains."""
    return _balanced(list(posted), GAIN, books)


def _lines(
    record: Lined, lines: Sequence[LineRecord], books: Books, side: str
) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Account, net and tax of each line."""
    for line in lines:
        tax = NOTHING if record.tax_treatment == "NoTax" else line.tax
        net = line.amount - tax if record.tax_treatment == "Inclusive" else line.amount
        yield line_account(line, record, books, side), net, tax


def _entry(
    against: Posting, rate: Decimal, lines: Iterable[tuple[str, Decimal, Decimal]], books: Books
) -> list[Posting]:
    """The total on one account, given in its own currency, and the other way round the lines and their tax."""
    side = -1 if against.amount > 0 else 1
    found = [Posting(against.account, money.in_base_currency(against.amount, rate))]
    for account, net, tax in lines:
        found.append(Posting(account, side * money.in_base_currency(net, rate)))
        if tax:
            found.append(Posting(system(TAX, books), side * money.in_base_currency(tax, rate)))
    return _balanced(found, ROUNDING, books)


def _balanced(found: list[Posting], role: str, books: Books) -> list[Posting]:
    rest = sum((amount for _, amount in found), NOTHING)
    return [*found, Posting(system(role, books), -rest)] if rest else found
