"""What a person does in Xero's own screens, which the API would refuse or never does by itself.

In: an organisation, an action by name and its details. Out: a sentence of what was done; EditError says why
it was not. Used by tests and demos to make the books move under a client's feet.

    lock_dates       period, end_of_year              days or null
    payment_terms    Sales, Bills                     each {"Day", "Type"} or left out: the organisation's own
    archive_account  account                          code
    archive_contact  contact    restore_contact       id, contact number or name
    void             invoice or credit_note           id or number; payments and allocations are removed first
    pay              invoice, account, amount, date   as Xero's screens would
    delete_payment   payment                          id
    allocate         credit_note, prepayment or overpayment; invoice, amount (all that fits without it)
    unallocate       the same without amount          every allocation of the credit to that invoice
    edit_lines       resource, key, lines             the lines of a document, as `LineItems` takes them
    reconcile        bank_transaction, payment or transfer    id
    delete_journal   journal                          id or narration; a posted one is voided
    change           resource, key, fields            any of a record's fields, as `POST /X/{id}` takes them
    from_expenses    invoice                          a bill that Xero Expenses made, closed to the API
"""

import copy
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from xero_twin.errors import Refusal
from xero_twin.fields import as_guid, read
from xero_twin.identity import App
from xero_twin.journal import JournalLine
from xero_twin.organisation import Organisation
from xero_twin.records import BankTransaction, BankTransfer, Contact, Credit, Invoice, Payment
from xero_twin.resource import Call
from xero_twin.resources import RESOURCES, allocations, credit_notes, invoices, manual_journals, payments
from xero_twin.resources.settlement import CREDIT_NOTE, OVERPAYMENT, PREPAYMENT, CreditKind
from xero_twin.wire import Request


class EditError(ValueError):
    """The edit names something that is not there, or Xero's own rules forbid it."""


Details = Mapping[str, Any]


def apply(org: Organisation, action: str, details: Details) -> str:
    """Do one edit under the organisation's lock."""
    edit = _ACTIONS.get(action)
    if edit is None:
        raise EditError(f"No edit is called {action!r}: there are {', '.join(_ACTIONS)}.")
    with org.lock:
        try:
            return edit(_call(org), details)
        except KeyError as error:
            raise EditError(f"The edit {action!r} needs {error}.") from error
        except Refusal as error:
            raise EditError(error.answer(str).body.decode()) from error


def _call(org: Organisation) -> Call:
    person = App("xero", None, (), "Xero")
    line = JournalLine(org.clock.now(), "POST", "")
    return Call(org, person, Request("POST", "/"), {"unitdp": "4"}, org.now_ms(), line)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _lock_dates(call: Call, details: Details) -> str:
    if "period" in details:
        call.org.period_lock_date = _day(details["period"])
    if "end_of_year" in details:
        call.org.end_of_year_lock_date = _day(details["end_of_year"])
    return f"lock dates: {call.org.period_lock_date}, {call.org.end_of_year_lock_date}"


def _payment_terms(call: Call, details: Details) -> str:
    call.org.payment_terms = {side: dict(details[side]) for side in ("Bills", "Sales") if details.get(side)}
    return f"payment terms: {call.org.payment_terms}"


def _archive_account(call: Call, details: Details) -> str:
    account = call.org.accounts.first("code", details["account"])
    if account is None:
        raise EditError(f"There is no account {details['account']}.")
    archived = copy.copy(account)
    archived.status, archived.updated = "ARCHIVED", call.now
    call.org.accounts.put(archived)
    return f"account {account.code} archived"


def _contact(call: Call, details: Details) -> Contact:
    key = details["contact"]
    contacts = call.org.contacts
    found = contacts.get(as_guid(key) or key) or contacts.first("number", key)
    found = found or contacts.first("active_name", key.casefold())
    if found is None:
        raise EditError(f"There is no contact {key}.")
    return found


def _contact_status(status: str) -> Callable[[Call, Details], str]:
    def edit(call: Call, details: Details) -> str:
        contact = copy.copy(_contact(call, details))
        contact.status, contact.updated = status, call.now
        call.org.contacts.put(contact)
        return f"contact {contact.name} is {status}"

    return edit


def _invoice(call: Call, details: Details) -> Invoice:
    key = details["invoice"]
    found = invoices.find(call.org, as_guid(key) or key)
    if found is None:
        raise EditError(f"There is no invoice {key}.")
    return found


def _void(call: Call, details: Details) -> str:
    if "credit_note" in details:
        return _void_credit_note(call, details)
    invoice = _invoice(call, details)
    for payment_id in invoice.payments:
        _delete_payment(call, {"payment": payment_id})
    for allocation in call.org.allocations.find("invoice", invoice.id):
        allocations.remove(call, allocation)
    invoice = _invoice(call, details)
    outcome = invoices.write(call, {"status": "VOIDED"}, invoice)
    _raise(outcome.errors)
    return f"invoice {invoice.number} voided"


def _credit(call: Call, details: Details) -> tuple[CreditKind, Credit]:
    """The credit note, prepayment or overpayment that was named: by id, a note by number too, the others by
    reference."""
    for name, kind in (("credit_note", CREDIT_NOTE), ("prepayment", PREPAYMENT), ("overpayment", OVERPAYMENT)):
        if name not in details:
            continue
        key, table = details[name], call.org.credits(kind.resource)
        found = table.get(as_guid(key) or key)
        if found is None and kind is CREDIT_NOTE:
            found = credit_notes.find(call.org, key)
        found = found or next((one for one in table if one.reference == key), None)
        if found is None:
            raise EditError(f"There is no {kind.words.lower()} {key}.")
        return kind, found
    raise KeyError("credit_note")


def _void_credit_note(call: Call, details: Details) -> str:
    _, note = _credit(call, details)
    for payment in call.org.payments.find("credit", note.id):
        if payment.status == "AUTHORISED":
            _delete_payment(call, {"payment": payment.id})
    for allocation in call.org.allocations.find("credit", note.id):
        allocations.remove(call, allocation)
    _, note = _credit(call, details)
    _raise(credit_notes.write(call, {"status": "VOIDED"}, note).errors)
    return f"credit note {note.number} voided"


def _allocate(call: Call, details: Details) -> str:
    kind, credit = _credit(call, details)
    invoice = _invoice(call, details)
    amount = details.get("amount", min(credit.remaining, invoice.amount_due))
    sent = read({"Amount": amount, "Invoice": {"InvoiceID": invoice.id}}, allocations.FIELDS, "Allocations[0]")
    _raise(allocations.allocate(call, kind, credit, sent).errors)
    return f"{amount} allocated to {invoice.number}"


def _unallocate(call: Call, details: Details) -> str:
    _, credit = _credit(call, details)
    invoice = _invoice(call, details)
    found = [one for one in call.org.allocations.find("credit", credit.id) if one.invoice_id == invoice.id]
    if not found:
        raise EditError(f"Nothing is allocated to {invoice.number}.")
    for allocation in found:
        allocations.remove(call, allocation)
    return f"{len(found)} allocations removed from {invoice.number}"


def _edit_lines(call: Call, details: Details) -> str:
    name = "JournalLines" if details["resource"].lower() == "manualjournals" else "LineItems"
    return _change(call, {**details, "fields": {name: details["lines"]}})


def _reconcile(call: Call, details: Details) -> str:
    """Set as a bank feed would; no rule of the API is asked."""
    for name, table in (
        ("bank_transaction", call.org.bank_transactions),
        ("payment", call.org.payments),
        ("transfer", call.org.bank_transfers),
    ):
        if name in details:
            held = table.get(as_guid(details[name]) or "")
            if held is None:
                raise EditError(f"There is no {name} {details[name]}.")
            _put_reconciled(call, held)
            return f"{name} {held.id} reconciled"
    raise KeyError("bank_transaction")


def _put_reconciled(call: Call, held: BankTransaction | Payment | BankTransfer) -> None:
    found = copy.copy(held)
    found.updated = call.now
    if isinstance(found, BankTransfer):
        found.from_reconciled = found.to_reconciled = True
        call.org.bank_transfers.put(found)
        return
    found.is_reconciled = True
    if isinstance(found, Payment):
        call.org.payments.put(found)
    else:
        call.org.bank_transactions.put(found)


def _delete_journal(call: Call, details: Details) -> str:
    key, journals = details["journal"], call.org.manual_journals
    journal = journals.get(as_guid(key) or "") or journals.first("narration", key.casefold())
    if journal is None:
        raise EditError(f"There is no journal {key}.")
    status = "VOIDED" if journal.status == "POSTED" else "DELETED"
    _raise(manual_journals.write(call, {"status": status}, journal).errors)
    return f"journal {journal.narration} is {status}"


def _pay(call: Call, details: Details) -> str:
    invoice = _invoice(call, details)
    sent = {
        "Invoice": {"InvoiceID": invoice.id},
        "Account": {"Code": details.get("account", "090")},
        "Amount": details.get("amount", invoice.amount_due),
        "Date": str(details.get("date", call.org.today())),
        "Reference": details.get("reference", ""),
    }
    outcome = payments.write(call, read(sent, payments.FIELDS, "Payments[0]"), None)
    _raise(outcome.errors)
    return f"payment {outcome.record.id} of {outcome.record.amount} on {invoice.number}"


def _delete_payment(call: Call, details: Details) -> str:
    payment = call.org.payments.get(as_guid(details["payment"]) or "")
    if payment is None:
        raise EditError(f"There is no payment {details['payment']}.")
    _raise(payments.change(call, {"status": "DELETED"}, payment).errors)
    return f"payment {payment.id} deleted"


def _change(call: Call, details: Details) -> str:
    resource = RESOURCES.get(details["resource"].lower())
    if resource is None or resource.write is None:
        raise EditError(f"There is no resource {details['resource']} that can be changed.")
    record = resource.find(call.org, as_guid(details["key"]) or details["key"])
    if record is None:
        raise EditError(f"There is nothing with the key {details['key']}.")
    sent = read(dict(details["fields"]), resource.fields, resource.name)
    _raise(resource.write(call, sent, record).errors)
    return f"{resource.element} {details['key']} changed"


def _from_expenses(call: Call, details: Details) -> str:
    bill = copy.copy(_invoice(call, details))
    bill.from_expenses, bill.updated = True, call.now
    call.org.invoices.put(bill)
    return f"bill {bill.number} is Xero Expenses' own"


def _raise(errors: list[str]) -> None:
    if errors:
        raise EditError(" ".join(errors))


_ACTIONS: dict[str, Callable[[Call, Details], str]] = {
    "lock_dates": _lock_dates,
    "payment_terms": _payment_terms,
    "archive_account": _archive_account,
    "archive_contact": _contact_status("ARCHIVED"),
    "restore_contact": _contact_status("ACTIVE"),
    "void": _void,
    "pay": _pay,
    "delete_payment": _delete_payment,
    "allocate": _allocate,
    "unallocate": _unallocate,
    "edit_lines": _edit_lines,
    "reconcile": _reconcile,
    "delete_journal": _delete_journal,
    "change": _change,
    "from_expenses": _from_expenses,
}
