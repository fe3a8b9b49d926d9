"""BankTransactions: money spent and received, and the prepayments and overpayments made of it.

Only on bank accounts, in the account's currency (an overpayment may name another). Amounts include tax unless said
otherwise. There are no drafts: one is AUTHORISED at once, and DELETED for good. One that made a prepayment or an
overpayment, that is half of a transfer or that is reconciled cannot be edited or deleted. An overpayment is one amount
on the receivables or payables account, without tax.
"""

import copy
from typing import Any

import msgspec

from xero_twin import money, wire
from xero_twin.fields import InOneGo, Sent, boolean, day, declare, guid, nested, number, one_of, text
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, Account, BankTransaction, Credit, Posting
from xero_twin.resource import Call, Outcome, Resource, Shape, record_id
from xero_twin.resources import (
    attachments,
    bank_accounts,
    contacts,
    deposits,
    document_contact,
    document_figures,
    document_lines,
    document_url,
    line_shapes,
    stock,
)
from xero_twin.resources.document_figures import LineRules

WRITABLE = (
    "SPEND",
    "RECEIVE",
    "SPEND-PREPAYMENT",
    "RECEIVE-PREPAYMENT",
    "SPEND-OVERPAYMENT",
    "RECEIVE-OVERPAYMENT",
)
READ_ONLY = ("SPEND-TRANSFER", "RECEIVE-TRANSFER")
STATUSES = ("AUTHORISED", "DELETED", "VOIDED")
# the end is Xero's, the beginning was not seen
RECONCILED = "This Bank Transaction cannot be edited as it has been reconciled with a Bank Statement"

FIELDS = declare(
    {
        "BankTransactionID": ("id", guid),
        "Type": ("type", one_of(*WRITABLE, *READ_ONLY, kind="BankTransactionType")),
        "Contact": ("contact", nested(contacts.FIELDS)),
        "BankAccount": ("account", nested(bank_accounts.FIELDS)),
        "Date": ("date", day),
        "Reference": ("reference", text),
        "LineItems": ("lines", document_lines.LINES),
        "LineAmountTypes": ("basis", one_of(*money.BASES, kind="LineAmountType")),
        "CurrencyCode": ("currency", text),
        "CurrencyRate": ("currency_rate", number),
        "Url": ("url", text),
        "IsReconciled": ("is_reconciled", boolean),
        "Status": ("status", one_of(*STATUSES, kind="BankTransactionStatus")),
    }
)


def show(call: Call, found: BankTransaction, shape: Shape) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "BankTransactionID": record_id(found),
        "BankAccount": bank_accounts.show(call.org, found.account_id) or {},
        "Type": found.type or None,
        "Reference": found.reference or "",
        "IsReconciled": found.is_reconciled,
        "HasAttachments": attachments.has_any(call.org, "BankTransactions", found.id),
        "PrepaymentID": found.credit_id if found.type.endswith("-PREPAYMENT") else None,
        "OverpaymentID": found.credit_id if found.type.endswith("-OVERPAYMENT") else None,
        "Url": found.url,
        "CurrencyRate": found.currency_rate,
        "Contact": document_contact.written(call, found.contact_id, shape) if found.contact_id else None,
        "DateString": wire.day_string(found.date),
        "Date": wire.day(found.date),
        "Status": found.status,
        "LineAmountTypes": found.basis,
    }
    if shape in (Shape.WRITE, Shape.ONE, Shape.LIST, Shape.STORED):
        shown["LineItems"] = line_shapes.show(found.lines, shape, call.unitdp, call.org)
    shown |= {
        "SubTotal": found.sub_total,
        "TotalTax": found.total_tax,
        "Total": found.total,
        "UpdatedDateUTC": wire.instant(found.updated),
        "CurrencyCode": found.currency,
    }
    return wire.without_nulls(shown)


def match(call: Call, sent: Sent) -> BankTransaction | None:
    return call.org.bank_transactions.get(sent["id"]) if "id" in sent else None


def write(call: Call, sent: Sent, existing: BankTransaction | None) -> Outcome:
    if existing is None:
        return _create(call, sent)
    return _update(call, sent, existing)


def _create(call: Call, sent: Sent) -> Outcome:
    found = BankTransaction(type=sent.get("type", ""), currency=call.org.base_currency)
    errors = []
    if found.type not in WRITABLE:
        errors.append("Bank transaction not of valid type for creation")  # by analogy
    if sent.get("id", NOTHING_GUID) != NOTHING_GUID and call.request.method == "POST":
        errors.append("The bank transaction could not be found")  # wording invented
    if sent.get("status", "AUTHORISED") != "AUTHORISED":
        errors.append("Bank transaction not of valid status for creation")  # by analogy
    if "account" not in sent:
        errors.append("A BankAccount must be specified")  # wording invented
    if "contact" not in sent:
        errors.append(document_contact.NO_CONTACT)
    errors += _fill(call, found, sent, None)
    errors += stock.errors(call, "BankTransactions", found)
    if not errors:
        document_lines.give_ids(call.org, found)
        found.updated = call.now
        _make_credit(call, found)
        call.org.bank_transactions.put(found)
        stock.book(call, "BankTransactions", found)
    return Outcome(found, errors, created=True)


def _update(call: Call, sent: Sent, held: BankTransaction) -> Outcome:
    """A refused change echoes the merged transaction: a status that was not applied shows all the same."""
    found = copy.copy(held)
    errors = _change_errors(call.org, held, sent)
    if not errors and sent.get("status", "AUTHORISED") == "AUTHORISED":
        errors = _fill(call, found, sent, held)
    else:
        found.status = sent.get("status", held.status)
    errors = errors or stock.errors(call, "BankTransactions", found)
    if not errors:
        document_lines.give_ids(call.org, found)
        found.updated = call.now
        call.org.bank_transactions.put(found)
        stock.book(call, "BankTransactions", found)
    return Outcome(found, errors)


def _change_errors(org: Organisation, held: BankTransaction, sent: Sent) -> list[str]:
    """All sentences but the one about reconciling are invented."""
    if held.status != "AUTHORISED":
        return ["A deleted bank transaction cannot be edited."]
    if held.is_reconciled:
        return [RECONCILED]
    if held.credit_id is not None or held.transfer_id is not None:
        return ["A prepayment, overpayment or transfer cannot be edited as a bank transaction."]
    if sent.get("type", held.type) != held.type:
        return ["The type of a bank transaction cannot be changed."]
    if sent.get("status") == "VOIDED":
        return ["A bank transaction can be deleted, not voided."]
    locked = org.lock_message(held.date)
    return [locked] if locked else []


def _fill(call: Call, found: BankTransaction, sent: Sent, held: BankTransaction | None) -> list[str]:
    org = call.org
    for name in ("date", "basis", "url", "is_reconciled", "reference"):
        setattr(found, name, sent.get(name, getattr(found, name)))
    found.date = found.date or org.today()
    if found.type not in ("SPEND", "RECEIVE") and not org.references_on_deposits:
        found.reference = None
    errors = document_url.errors(found.url)
    if locked := org.lock_message(found.date):
        errors.append(locked)
    if "contact" in sent:
        contact, wrong = document_contact.resolve(call, sent["contact"])
        found.contact_id = contact.id if contact is not None else None
        errors += wrong
    errors += _account_and_currency(org, found, sent, held)
    if found.type.endswith("-OVERPAYMENT"):
        errors += _control_line(call, found, sent)
    else:
        errors += document_figures.lines(call, found, sent, held, LineRules(sale=found.receives))
        errors += _tax_errors(org, found)
    if found.type not in ("SPEND", "RECEIVE") and any(line.item_code for line in sent.get("lines", [])):
        errors.append("Items can be used on money spent and received only.")  # wording invented
    document_figures.totals(found)
    return errors + _figure_errors(found)


def _account_and_currency(
    org: Organisation, found: BankTransaction, sent: Sent, held: BankTransaction | None
) -> list[str]:
    if "account" in sent:
        account, errors = bank_accounts.bank(org, sent["account"])
        if account is None:
            return errors
        found.account_id, found.currency = account.id, account.currency or org.base_currency
    if found.type.endswith("-OVERPAYMENT") and "currency" in sent:
        return document_figures.currency(org, found, sent, held)
    if sent.get("currency", found.currency).upper() != found.currency:  # wording invented
        return [f"The currency of a bank transaction is that of its bank account, {found.currency}."]
    return document_figures.rate(org, found, sent, held)


def _control_line(call: Call, found: BankTransaction, sent: Sent) -> list[str]:
    """An overpayment's one line lies on the control account of its side, without tax."""
    uncoded: dict[str, Any] = {"account_code": None, "account_id": None, "tax_type": None, "tax_amount": None}
    amounts = [msgspec.structs.replace(line, **uncoded) for line in sent.get("lines", [])]
    found.basis = money.NO_TAX
    errors = [] if len(amounts) == 1 else ["An overpayment has exactly one line item"]  # wording invented
    errors += _control_errors(call.org, found, sent)
    rules = LineRules(sale=found.receives, complete=())
    errors += document_figures.lines(call, found, {"lines": amounts}, None, rules)
    control = _control(call.org, found)
    coded = {"account_id": control.id, "account_code": control.code}
    for line in found.lines:
        line.posting = msgspec.structs.replace(line.posting, **coded)
    return errors


def _control_errors(org: Organisation, found: BankTransaction, sent: Sent) -> list[str]:
    """Another account or a tax that is sent for it. The sentences are those of other documents."""
    control, errors = _control(org, found), []
    for line in sent.get("lines", []):
        code = line.account_code
        if (code and code != control.code) or line.account_id not in (None, control.id):
            errors.append(f"Account code '{code or line.account_id}' is not a valid code for this document.")
        if line.tax_type and line.tax_type.upper() != "NONE":
            errors.append(document_lines.no_tax_type(line.tax_type))
    return errors


def _control(org: Organisation, found: BankTransaction) -> Account:
    return org.system_account("DEBTORS" if found.receives else "CREDITORS")


def _tax_errors(org: Organisation, found: BankTransaction) -> list[str]:
    """On bank transactions a line's tax is the computed one; the sentence is invented."""
    return [
        f"The TaxAmount {line.posting.tax_amount} must equal the tax calculated for the line."
        for line in found.lines
        if line.posting.line_amount is not None and line.posting.tax_amount != _tax(org, line.posting, found.basis)
    ]


def _tax(org: Organisation, posting: Posting, basis: str) -> Any:
    rate = org.tax_rates.get(posting.tax_type or "")
    return money.tax_on(posting.line_amount or money.ZERO, rate.effective if rate is not None else money.ZERO, basis)


def _figure_errors(found: BankTransaction) -> list[str]:
    """The rules are Xero's, the sentences invented."""
    errors = []
    amounts = [line.posting for line in found.lines if line.posting.line_amount is not None]
    if not amounts:
        errors.append("One or more line items must be specified")
    if any(posting.quantity == 0 for posting in amounts):
        errors.append("The quantity of a line must be greater than zero.")
    if any(posting.unit_amount == 0 for posting in amounts):
        errors.append("The unit amount of a line must not be zero.")
    if amounts and found.total <= 0:
        errors.append("The total of a bank transaction must be greater than zero.")
    return errors


def _make_credit(call: Call, found: BankTransaction) -> None:
    """The prepayment or overpayment that a transaction of such a type makes."""
    kind = {"PREPAYMENT": "Prepayments", "OVERPAYMENT": "Overpayments"}.get(found.type.rpartition("-")[2])
    if kind is None:
        return
    credit = Credit(
        id=call.org.new_id(),
        type=found.type,
        status="AUTHORISED",
        bank_transaction_id=found.id,
        updated=call.now,
        **{name: getattr(found, name) for name in _SHARED},
    )
    found.credit_id = credit.id
    call.org.credits(kind).put(credit)
    call.line.created.append((kind, credit.id, credit.reference))


_SHARED = (
    "reference",
    "contact_id",
    "date",
    "basis",
    "lines",
    "currency",
    "currency_rate",
    "sub_total",
    "total_tax",
    "total",
)


RESOURCE = Resource(
    name="BankTransactions",
    element="BankTransaction",
    id_key="BankTransactionID",
    scopes=("accounting.banktransactions",),
    table=lambda org: org.bank_transactions,
    show=show,
    find=lambda org, key: org.bank_transactions.get(key),
    number=lambda found: found.reference,
    columns={
        "banktransactionid": lambda _, found: found.id,
        "type": lambda _, found: found.type,
        "status": lambda _, found: found.status,
        "date": lambda _, found: found.date,
        "reference": lambda _, found: found.reference or "",
        "total": lambda _, found: found.total,
        "isreconciled": lambda _, found: found.is_reconciled,
        "currencycode": lambda _, found: found.currency,
        "bankaccount.accountid": lambda _, found: found.account_id,
        "updateddateutc": lambda _, found: wire.moment(found.updated),
        "contact.contactid": lambda _, found: found.contact_id,
        "contact.name": document_contact.column("name"),
    },
    lookups={
        "banktransactionid": lambda org, value: [found] if (found := org.bank_transactions.get(value.lower())) else [],
        "contact.contactid": lambda org, value: org.bank_transactions.find("contact", value.lower()),
    },
    paged=True,
    filters=deposits.filters,
    fields=FIELDS,
    in_one_go=InOneGo("BankTransactions", FIELDS),
    put="many",
    post="many",
    post_one=True,
    write=write,
    match=match,
    check=document_contact.check,
    error_flag="HasErrors",
)
