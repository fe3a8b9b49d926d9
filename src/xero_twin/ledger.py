"""The double-entry ledger of an organisation, worked out from its documents whenever it is asked for.

In: an organisation (its lock is held) and, if wanted, the last day that counts. Out: postings of (day, account id,
amount): debits positive, in base currency, two decimals. What always holds: the postings of every entry sum to zero,
and a document that is settled to the cent leaves nothing on receivables or payables.

    invoice, bill        AUTHORISED, PAID   control account against lines and tax
    credit note          AUTHORISED, PAID   the other way round
    payment, refund      AUTHORISED         bank against control account; what the rates differ by is a realised gain
    bank transaction     AUTHORISED         bank against lines and tax (prepayments and overpayments too)
    allocation           as long as it is   the credit's account against the invoice's, and the gain
    transfer             AUTHORISED         bank against bank
    manual journal       POSTED             its lines
    sale of stock        with its document  cost of goods sold against inventory, at average cost

A prepayment lies on the accounts and taxes of its lines until it is used: setting it off or refunding it takes that
back in proportion (inferred). Cents lost to rounding or to conversion go to the rounding account. The revaluation of
open foreign documents is not posted.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from xero_twin import money
from xero_twin.money import ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.records import Allocation, BankTransaction, Credit, Invoice, Line, ManualJournal, Payment

OPEN = ("AUTHORISED", "PAID")


class Posting(NamedTuple):
    day: date
    account_id: str
    amount: Decimal


Amounts = list[tuple[str, Decimal]]  # account id, base currency


def postings(org: Organisation, day: date | None = None) -> Iterator[Posting]:
    """Every posting up to and including `day`, or all of them."""
    return (one for one in _Ledger(org).postings() if day is None or one.day <= day)


def balances(org: Organisation, day: date | None = None) -> dict[str, Decimal]:
    """What lies on each account that was ever posted to, by account id: debits positive."""
    found: dict[str, Decimal] = {}
    for posting in postings(org, day):
        found[posting.account_id] = found.get(posting.account_id, ZERO) + posting.amount
    return found


def trial_balance(org: Organisation, day: date | None = None) -> dict[str, Decimal]:
    """The balances by account code (by id where an account has none), zeros left out. They sum to zero."""
    found = {}
    for account_id, amount in balances(org, day).items():
        account = org.accounts.get(account_id)
        if amount:
            found[(account.code if account is not None else None) or account_id] = amount
    return found


class _Ledger:
    """One pass over an organisation's documents."""

    def __init__(self, org: Organisation) -> None:
        self.org = org
        self.roles = {one.system_account: one.id for one in org.accounts if one.system_account}

    def postings(self) -> Iterator[Posting]:
        for day, amounts in self._entries():
            assert sum((amount for _, amount in amounts), ZERO) == 0, "an entry balances"
            yield from (Posting(day, account_id, amount) for account_id, amount in amounts if amount)

    def _entries(self) -> Iterator[tuple[date, Amounts]]:
        org = self.org
        taken: dict[str, Amounts] = {}  # what a payment or an allocation takes off its document, by its id
        for invoice in org.invoices:
            if invoice.status in OPEN and invoice.date is not None:
                side = 1 if invoice.type == "ACCREC" else -1
                yield invoice.date, self._document(invoice, self._control(invoice.type == "ACCREC"), side)
                self._take(taken, self._settlements_of(invoice), self._invoice_amounts(invoice), invoice.total)
        for note in org.credit_notes:
            if note.status in OPEN and note.date is not None:
                yield note.date, self._document(note, self._control(note.of_customer), -1 if note.of_customer else 1)
        for credit in (*org.credit_notes, *org.prepayments, *org.overpayments):
            if credit.status in OPEN:
                self._take(taken, self._uses_of(credit), self._credit_amounts(credit), credit.total)
        for found in org.bank_transactions:
            if found.status == "AUTHORISED" and found.transfer_id is None and found.date is not None:
                yield found.date, self._document(found, found.account_id or "", 1 if found.receives else -1)
        yield from self._settlements(taken)
        yield from self._transfers()
        yield from self._journals()
        for moved in org.stock_movements:
            if moved.accounts is not None:
                inventory, goods_sold = moved.accounts
                yield moved.date, [(inventory, moved.cost), (goods_sold, -moved.cost)]

    # documents

    def _control(self, sales: bool) -> str:
        return self.roles["DEBTORS" if sales else "CREDITORS"]

    def _document(self, document: Invoice | Credit | BankTransaction, against: str, side: int) -> Amounts:
        """The total on one account, the lines and their tax on theirs; `side` 1 debits the total."""
        rate = document.currency_rate
        amounts = [(against, side * _base(document.total, rate))]
        for line in document.lines:
            net, tax = _net_and_tax(line, document.basis)
            amounts.append((line.posting.account_id or self.roles["ROUNDING"], -side * _base(net, rate)))
            amounts.append((self.roles["GST"], -side * _base(tax, rate)))
        return self._balanced(amounts)

    def _balanced(self, amounts: Amounts, plug: str = "ROUNDING") -> Amounts:
        rest = sum((amount for _, amount in amounts), ZERO)
        return [*amounts, (self.roles[plug], -rest)] if rest else amounts

    # what settles them

    def _settlements_of(self, invoice: Invoice) -> list[Payment | Allocation]:
        paid = [one for one in self.org.payments.find("invoice", invoice.id) if one.status == "AUTHORISED"]
        return _in_order([*paid, *self.org.allocations.find("invoice", invoice.id)])

    def _uses_of(self, credit: Credit) -> list[Payment | Allocation]:
        refunds = [one for one in self.org.payments.find("credit", credit.id) if one.status == "AUTHORISED"]
        return _in_order([*refunds, *self.org.allocations.find("credit", credit.id)])

    def _invoice_amounts(self, invoice: Invoice) -> Amounts:
        """What settling the whole invoice takes off: its total on the control account."""
        side = -1 if invoice.type == "ACCREC" else 1
        return [(self._control(invoice.type == "ACCREC"), side * _base(invoice.total, invoice.currency_rate))]

    def _credit_amounts(self, credit: Credit) -> Amounts:
        """What using the whole credit takes back: the control account's total of a credit note, the lines of a
        prepayment or overpayment as its bank transaction posted them."""
        if credit.bank_transaction_id is None:
            side = 1 if credit.of_customer else -1
            return [(self._control(credit.of_customer), side * _base(credit.total, credit.currency_rate))]
        made = self.org.bank_transactions.get(credit.bank_transaction_id)
        assert made is not None, "a prepayment has its bank transaction"
        posted = self._document(made, made.account_id or "", 1 if made.receives else -1)
        return [(account_id, -amount) for account_id, amount in posted[1:]]

    @staticmethod
    def _take(
        taken: dict[str, Amounts], settlements: list[Payment | Allocation], whole: Amounts, total: Decimal
    ) -> None:
        """Share the whole out over the settlements in their order, so that the last one takes what is left. A
        credit's share is kept beside the invoice's, under the same allocation."""
        settled, before = ZERO, [ZERO] * len(whole)
        for one in settlements:
            settled += one.amount
            now = [cents(amount * settled / total) for _, amount in whole]
            share = [(account_id, new - old) for (account_id, _), new, old in zip(whole, now, before, strict=True)]
            taken.setdefault(one.id, []).extend(share)
            before = now

    def _settlements(self, taken: dict[str, Amounts]) -> Iterator[tuple[date, Amounts]]:
        for allocation in self.org.allocations:
            yield allocation.date, self._balanced(taken[allocation.id], "REALISEDCURRENCYGAIN")
        for payment in self.org.payments:
            if payment.status != "AUTHORISED" or payment.date is None:
                continue
            amounts = [*taken[payment.id], (payment.account_id or "", self._bank_side(payment))]
            yield payment.date, self._balanced(amounts, "REALISEDCURRENCYGAIN")

    def _bank_side(self, payment: Payment) -> Decimal:
        """What a payment puts on its account in base currency: plus for money coming in."""
        account = self.org.accounts.get(payment.account_id or "")
        in_base = account is None or account.currency in (None, self.org.base_currency)
        amount = payment.bank_amount if in_base else _base(payment.amount, payment.currency_rate)
        comes_in = payment.type == "ACCRECPAYMENT" or (payment.credit_id is not None and payment.type[:2] == "AP")
        return amount if comes_in else -amount

    # the rest

    def _transfers(self) -> Iterator[tuple[date, Amounts]]:
        for one in self.org.bank_transfers:
            if one.status == "AUTHORISED" and one.date is not None:
                amount = _base(one.amount, one.currency_rate)
                yield one.date, [(one.to_account_id or "", amount), (one.from_account_id or "", -amount)]

    def _journals(self) -> Iterator[tuple[date, Amounts]]:
        for journal in self.org.manual_journals:
            if journal.status == "POSTED" and journal.date is not None:
                yield journal.date, self._balanced(list(self._journal(journal)))

    def _journal(self, journal: ManualJournal) -> Iterator[tuple[str, Decimal]]:
        for line in journal.lines:
            net, tax = _net_and_tax(line, journal.basis)
            yield line.posting.account_id or self.roles["ROUNDING"], net
            yield self.roles["GST"], tax


def _base(amount: Decimal, rate: Decimal) -> Decimal:
    """A foreign amount in base currency: rates are foreign units per base unit."""
    return amount if rate == 1 else cents(amount / rate)


def _net_and_tax(line: Line, basis: str) -> tuple[Decimal, Decimal]:
    amount, tax = line.posting.line_amount or ZERO, line.posting.tax_amount or ZERO
    return (amount - tax if basis == money.INCLUSIVE else amount), tax


def _in_order(found: Iterable[Payment | Allocation]) -> list[Payment | Allocation]:
    return sorted(found, key=lambda one: (one.date or date.min, one.id))
