"""BankTransfers: money moved between two bank accounts of one currency.

PUT creates; POST with `Status: DELETED` deletes (on the collection or on an id), nothing else can be changed. Each has
its two bank transactions, which go with it. Deleted ones are listed only with `includeDeleted=true`.
"""

import copy
from typing import Any

from xero_twin import wire
from xero_twin.fields import Sent, boolean, day, declare, guid, nested, nested_list, number, one_of, text
from xero_twin.money import ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.records import Account, BankTransaction, BankTransfer, Tracking
from xero_twin.resource import Call, Filters, Outcome, Resource, Shape, record_id
from xero_twin.resources import attachments, bank_accounts, document_lines

_TRACKING = nested_list(document_lines.TRACKING)
FIELDS = declare(
    {
        "BankTransferID": ("id", guid),
        "FromBankAccount": ("from_account", nested(bank_accounts.FIELDS)),
        "ToBankAccount": ("to_account", nested(bank_accounts.FIELDS)),
        "Amount": ("amount", number),
        "Date": ("date", day),
        "Reference": ("reference", text),
        "FromIsReconciled": ("from_reconciled", boolean),
        "ToIsReconciled": ("to_reconciled", boolean),
        "FromTracking": ("from_tracking", _TRACKING),
        "ToTracking": ("to_tracking", _TRACKING),
        "Status": ("status", one_of("AUTHORISED", "DELETED", kind="BankTransferStatus")),
    }
)


def show(call: Call, transfer: BankTransfer, _shape: Shape) -> dict[str, Any]:
    return wire.without_nulls(
        {
            "BankTransferID": record_id(transfer),
            "CreatedDateUTC": wire.instant(transfer.created),
            "DateString": wire.day_string(transfer.date),
            "Date": wire.day(transfer.date),
            "Status": transfer.status,
            "FromBankAccount": bank_accounts.show(call.org, transfer.from_account_id) or {},
            "ToBankAccount": bank_accounts.show(call.org, transfer.to_account_id) or {},
            "Amount": transfer.amount,
            "FromBankTransactionID": transfer.from_transaction_id,
            "ToBankTransactionID": transfer.to_transaction_id,
            "FromIsReconciled": transfer.from_reconciled,
            "ToIsReconciled": transfer.to_reconciled,
            "Reference": transfer.reference or "",
            "CurrencyRate": transfer.currency_rate,
            "FromTracking": [_show_tag(tag) for tag in transfer.from_tracking],
            "ToTracking": [_show_tag(tag) for tag in transfer.to_tracking],
            "HasAttachments": attachments.has_any(call.org, "BankTransfers", transfer.id),
        }
    )


def _show_tag(tag: Tracking) -> dict[str, str]:
    return {
        "TrackingCategoryID": tag.category_id,
        "TrackingOptionID": tag.option_id,
        "Name": tag.name,
        "Option": tag.option,
    }


def write(call: Call, sent: Sent, existing: BankTransfer | None) -> Outcome:
    if call.request.method == "POST":
        return change(call, sent, existing)
    transfer = BankTransfer(date=sent.get("date", call.org.today()), amount=cents(sent.get("amount", ZERO)))
    for name in ("reference", "from_reconciled", "to_reconciled"):
        setattr(transfer, name, sent.get(name, getattr(transfer, name)))
    errors: list[str] = []
    transfer.from_tracking = document_lines.tracking(call.org, sent.get("from_tracking", ()), errors)
    transfer.to_tracking = document_lines.tracking(call.org, sent.get("to_tracking", ()), errors)
    if any(
        not {"category_id", "option_id"} <= set(one)
        for one in (*sent.get("from_tracking", ()), *sent.get("to_tracking", ()))
    ):
        errors.append("The tracking of a bank transfer is named by its two ids.")  # wording invented
    source, wrong = bank_accounts.bank(call.org, sent.get("from_account", {}))
    target, also_wrong = bank_accounts.bank(call.org, sent.get("to_account", {}))
    errors += wrong + also_wrong
    if source is not None and target is not None:
        transfer.from_account_id, transfer.to_account_id = source.id, target.id
        errors += _pair_errors(source, target)
        transfer.currency_rate = call.org.day_rate(source.currency or call.org.base_currency)
    if transfer.amount <= 0:
        errors.append("The amount of a bank transfer must be greater than zero.")  # wording invented
    if locked := call.org.lock_message(transfer.date):
        errors.append(locked)
    if not errors and source is not None:
        _store(call, transfer, source)
    return Outcome(transfer, errors, created=True)


def _pair_errors(source: Account, target: Account) -> list[str]:
    """The rules are Xero's, the sentences invented."""
    if source.id == target.id:
        return ["A bank transfer needs two different bank accounts."]
    if source.currency != target.currency:
        return ["Both bank accounts of a transfer must have the same currency."]
    return []


def _store(call: Call, transfer: BankTransfer, source: Account) -> None:
    org = call.org
    transfer.id, transfer.created, transfer.updated = org.new_id(), call.now, call.now
    currency = source.currency or org.base_currency
    spends = (transfer.from_account_id, transfer.from_reconciled)
    receives = (transfer.to_account_id, transfer.to_reconciled)
    transfer.from_transaction_id = _half(call, transfer, currency, "SPEND-TRANSFER", spends)
    transfer.to_transaction_id = _half(call, transfer, currency, "RECEIVE-TRANSFER", receives)
    org.bank_transfers.put(transfer)


def _half(call: Call, transfer: BankTransfer, currency: str, kind: str, side: tuple[str | None, bool]) -> str:
    """One of the two bank transactions of a transfer; the ledger counts the transfer, not these."""
    half = BankTransaction(
        id=call.org.new_id(),
        type=kind,
        account_id=side[0],
        reference=transfer.reference,
        date=transfer.date,
        currency=currency,
        currency_rate=transfer.currency_rate,
        sub_total=transfer.amount,
        total=transfer.amount,
        is_reconciled=side[1],
        transfer_id=transfer.id,
        updated=call.now,
    )
    call.org.bank_transactions.put(half)
    return half.id


def change(call: Call, sent: Sent, held: BankTransfer | None) -> Outcome:
    """POST: only deleting exists. The sentences are invented."""
    if held is None:
        return Outcome(BankTransfer(id=sent.get("id", "")), ["The bank transfer could not be found."])
    transfer = copy.copy(held)
    transfer.status = sent.get("status", held.status)
    problem = _deletion_problem(call.org, held, transfer.status)
    if problem:
        return Outcome(transfer, [problem])
    transfer.updated = call.now
    call.org.bank_transfers.put(transfer)
    for half_id in (held.from_transaction_id, held.to_transaction_id):
        stored = call.org.bank_transactions.get(half_id or "")
        assert stored is not None, "a transfer has its two bank transactions"
        half = copy.copy(stored)
        half.status, half.updated = "DELETED", call.now
        call.org.bank_transactions.put(half)
    return Outcome(transfer)


def _deletion_problem(org: Organisation, held: BankTransfer, status: str) -> str | None:
    if status != "DELETED":
        return "A bank transfer cannot be updated, only deleted."
    if held.status == "DELETED":
        return "The bank transfer has been deleted already."
    if held.from_reconciled or held.to_reconciled:
        return "A reconciled bank transfer cannot be deleted."
    return org.lock_message(held.date)


def filters(call: Call) -> Filters:
    if call.flag("includedeleted"):
        return Filters()
    return Filters(tests=[lambda transfer: transfer.status != "DELETED"])


RESOURCE = Resource(
    name="BankTransfers",
    element="BankTransfer",
    id_key="BankTransferID",
    scopes=("accounting.banktransactions",),
    table=lambda org: org.bank_transfers,
    show=show,
    find=lambda org, key: org.bank_transfers.get(key),
    number=lambda transfer: transfer.reference,
    columns={
        "banktransferid": lambda _, transfer: transfer.id,
        "date": lambda _, transfer: transfer.date,
        "amount": lambda _, transfer: transfer.amount,
        "reference": lambda _, transfer: transfer.reference or "",
        "status": lambda _, transfer: transfer.status,
        "frombankaccount.accountid": lambda _, transfer: transfer.from_account_id,
        "tobankaccount.accountid": lambda _, transfer: transfer.to_account_id,
        "createddateutc": lambda _, transfer: wire.moment(transfer.created),
    },
    filters=filters,
    fields=FIELDS,
    put="many",
    post="many",
    post_one=True,
    write=write,
    change=change,
    match=lambda call, sent: call.org.bank_transfers.get(sent.get("id", "")),
)
