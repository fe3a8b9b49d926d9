"""The table: every kind of record × everything that happens to one, at home and in a foreign currency.

For each cell: what stands in Xero (counted in the twin's own books), the entry's status and reason, the tie-out. A cell
that cannot occur names why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from tests.sync.table import ABROAD, BUILD, HOME, Case, allocate, case, edit, pay, void
from tests.sync.test_corrections import settle
from tieout.core import operations
from tieout.reports.tie_out import tie_out
from tieout.sync.models import Batch, Entry, Status

pytestmark = pytest.mark.django_db

EVENTS = (
    "create",
    "edit",
    "void",
    "pay",
    "unpay",
    "allocate",
    "un-allocate",
    "lost create",
    "lost edit",
    "lost void",
    "refused",
    "locked",
    "archived",
)
FINE = (Status.COMPLETED, "")
Outcome = tuple[str, str]

DOCUMENTS = ("sale_invoice", "bill", "sale_credit_note", "purchase_credit_note")
CREDITS = ("sale_credit_note", "purchase_credit_note", "customer_credit", "supplier_deposit")
NEVER_EDITED = "Core does not edit it: it is voided and entered anew"
NO_MONEY = "no money is due on it or from it"
NO_CREDIT = "it neither gives nor takes credit"
NO_DAY = "it posts nothing, so no lock date counts"
BY_HAND = (Status.WARNING, "void-by-hand")

# event → kind → what its entry shows afterwards, or why there is no such thing.
TABLE: dict[str, dict[str, Outcome | str]] = {
    "create": dict.fromkeys(BUILD, FINE),
    "edit": dict.fromkeys(BUILD, FINE)
    | dict.fromkeys(("customer_credit", "supplier_deposit", "payment", "refund", "allocation"), NEVER_EDITED)
    | {"transfer": (Status.WARNING, "transfer-not-editable"), "attachment": "a file is replaced by another file"},
    "void": dict.fromkeys(BUILD, FINE)
    | {"customer_credit": BY_HAND, "supplier_deposit": BY_HAND, "attachment": (Status.WARNING, "remove-by-hand")},
    "pay": dict.fromkeys(BUILD, NO_MONEY) | dict.fromkeys((*DOCUMENTS, *CREDITS), FINE),
    "allocate": dict.fromkeys(BUILD, NO_CREDIT) | dict.fromkeys((*DOCUMENTS, *CREDITS), FINE),
    "refused": dict.fromkeys(BUILD, (Status.WARNING, "lock-date"))
    | dict.fromkeys(("contact", "product", "purchase_order", "attachment"), NO_DAY),
    "archived": dict.fromkeys(BUILD, (Status.WARNING, "account-archived"))
    | {
        "contact": (Status.WARNING, "contact-archived"),
        "product": (Status.WARNING, "account-archived"),
        "allocation": "it names no account",
        "attachment": "it names no account",
    },
}
TABLE["locked"] = TABLE["refused"]
TABLE["unpay"], TABLE["un-allocate"] = TABLE["pay"], TABLE["allocate"]
TABLE["lost create"], TABLE["lost edit"] = TABLE["create"], dict(TABLE["edit"])
TABLE["lost void"] = dict(TABLE["void"])
for _event, _kinds in (
    ("lost edit", ("transfer",)),
    ("lost void", ("customer_credit", "supplier_deposit", "attachment")),
):
    TABLE[_event] |= dict.fromkeys(_kinds, "Xero does not let it be done, so nothing is sent")

# Where its documents are, and what an account of it is; the number of them that stands in Xero after it was created.
RESOURCE = {
    "contact": ("Contacts", ""),
    "product": ("Items", "200"),
    "sale_invoice": ("Invoices", "200"),
    "bill": ("Invoices", "300"),
    "sale_credit_note": ("CreditNotes", "200"),
    "purchase_credit_note": ("CreditNotes", "300"),
    "purchase_order": ("PurchaseOrders", "300"),
    "customer_credit": ("Prepayments", "835"),
    "supplier_deposit": ("Prepayments", "620"),
    "journal": ("ManualJournals", "310"),
    "money_task": ("BankTransactions", "404"),
    "transfer": ("BankTransfers", "091"),
    "payment": ("Payments", "090"),
    "refund": ("Payments", "090"),
    "allocation": ("", ""),
    "attachment": ("", ""),
}
FOREIGN = tuple(kind for kind in BUILD if kind not in ("contact", "product", "attachment"))


def cells() -> Iterator[object]:
    for event in EVENTS:
        for kind, outcome in TABLE[event].items():
            if not isinstance(outcome, str):
                for where in (HOME, ABROAD) if kind in FOREIGN else (HOME,):
                    yield pytest.param(event, kind, where, id=f"{kind}-{event}-{where}")


def test_every_cell_is_filled_or_says_why_not() -> None:
    assert set(TABLE) == set(EVENTS)
    assert all(set(row) == set(BUILD) for row in TABLE.values())
    assert all(outcome for row in TABLE.values() for outcome in row.values())


@pytest.mark.parametrize(("event", "kind", "where"), list(cells()))
def test_a_cell(db: None, event: str, kind: str, where: str) -> None:
    one = case(kind, where)
    outcome = TABLE[event][kind]
    HAPPENS[event](one)
    entry = one.made.entry(one.record)
    assert (entry.status, entry.reason_code) == outcome, entry.reason
    assert sum(one.made.twin.trial_balance(one.made.tenant_id).values()) == 0
    if outcome == FINE:
        assert_in_agreement(one)
    if entry.status == Status.WARNING:
        assert entry.reason
        assert entry.advice


def assert_in_agreement(one: Case) -> None:
    left = Entry.objects.filter(organisation=one.made.organisation).exclude(status=Status.COMPLETED)
    assert list(left.values_list("kind", "label", "status", "reason")) == []
    unverified = Entry.objects.filter(organisation=one.made.organisation, verified=False)
    assert list(unverified.values_list("kind", "reason")) == []
    assert not Batch.objects.filter(state=Batch.State.INTENDED).exists()
    proof = tie_out(one.made.organisation)
    assert proof.explanations == ()
    assert proof.agrees


def live(one: Case) -> int:
    """How many documents of its kind stand in Xero."""
    if one.kind == "allocation":
        return len(one.made.twin.organisations[one.made.tenant_id].allocations.slice(0))
    if one.kind == "attachment":
        return sum(1 for each in one.made.documents("Invoices") if each.get("HasAttachments"))
    found = one.made.live(RESOURCE[one.kind][0])
    if one.kind == "contact":
        return sum(1 for each in found if each["ContactStatus"] == "ACTIVE")
    return len(found)


def writes(one: Case, mark: int) -> list[str]:
    calls = one.made.twin.journal[mark:]
    return [call.method for call in calls if call.method != "GET" and call.resource != "token"]


# -- what happens ------------------------------------------------------------------------------------------------------


def _create(one: Case) -> None:
    one.made.sync()
    assert live(one) == 1
    mark = len(one.made.twin.journal)
    one.made.clock.advance(600)
    one.made.sync()
    assert writes(one, mark) == []


def _edit(one: Case) -> None:
    one.made.sync()
    edit(one)
    mark = len(one.made.twin.journal)
    one.made.sync()
    assert len(writes(one, mark)) == (1 if TABLE["edit"][one.kind] == FINE else 0)
    assert live(one) == 1


def _void(one: Case) -> None:
    one.made.sync()
    void(one)
    one.made.sync()
    fine = TABLE["void"][one.kind] == FINE
    assert live(one) == (1 if one.kind == "product" or not fine else 0)  # Xero keeps its items


def _pay(one: Case) -> None:
    one.made.sync()
    pay(one)
    one.made.sync()
    assert [Decimal(str(each["Amount"])) for each in one.made.live("Payments")] == [Decimal("30.00")]


def _unpay(one: Case) -> None:
    one.made.sync()
    paid = pay(one)
    one.made.sync()
    operations.void_payment(paid, actor="mere")
    one.made.sync()
    assert not one.made.live("Payments")


def allocated(one: Case) -> list[Decimal]:
    held = one.made.twin.organisations[one.made.tenant_id].allocations.slice(0)
    return [each.amount for each in held]


def _allocate(one: Case) -> None:
    one.made.sync()
    allocate(one)
    one.made.sync()
    assert allocated(one) == [Decimal("30.00")]


def _unallocate(one: Case) -> None:
    one.made.sync()
    used = allocate(one)
    one.made.sync()
    operations.void_allocation(used, actor="mere")
    one.made.sync()
    assert allocated(one) == []


WRITE_PATH = {
    "contact": "/Contacts$",
    "product": "/Items$",
    "allocation": "/Allocations",
    "attachment": "/Attachments/",
    "customer_credit": "/BankTransactions$",
    "supplier_deposit": "/BankTransactions$",
    "payment": "/Payments",
    "refund": "/Payments",
}


def _lose(one: Case, what: str, method: str) -> None:
    """Every answer to this write is lost, three times over; then the line is good again."""
    path = WRITE_PATH.get(one.kind, f"/{RESOURCE[one.kind][0]}$")
    one.made.twin.faults.add(what, method=method, path=path, times=3)
    one.made.sync()
    one.made.twin.faults.clear()
    one.made.clock.advance(600)
    settle(one.made)


def _lost_create(one: Case) -> None:
    _lose(one, "drop_after", "PUT")
    assert live(one) == 1


def _lost_edit(one: Case) -> None:
    one.made.sync()
    edit(one)
    _lose(one, "drop_after", "POST")
    assert live(one) == 1


def _lost_void(one: Case) -> None:
    one.made.sync()
    void(one)
    _lose(one, "drop_after", "DELETE" if one.kind == "allocation" else "POST")
    assert live(one) == (1 if one.kind == "product" else 0)


def _before(one: Case) -> int:
    """What it needs stands in Xero, itself not yet. How many calls were made so far."""
    return len(one.made.twin.journal)


def _lock(one: Case) -> None:
    one.made.twin.edit(one.made.tenant_id, "lock_dates", period=str(date(2026, 5, 31)), end_of_year=None)


def _refused(one: Case) -> None:
    """The lock date was moved since Tieout read it: Xero says no, and its words are kept."""
    if one.others:
        _send_others(one)
    _lock(one)
    one.made.sync()
    entry = one.made.entry(one.record)
    assert not entry.local
    assert live(one) == 0 or one.others


def _locked(one: Case) -> None:
    """The lock date is known: nothing is asked."""
    if one.others:
        _send_others(one)
    _lock(one)
    one.made.clock.advance(3600)
    mark = len(one.made.twin.journal)
    one.made.sync()
    assert one.made.entry(one.record).local
    assert "PUT" not in [call.method for call in one.made.twin.journal[mark:] if call.resource in _MONEY]


_MONEY = {"Invoices", "CreditNotes", "Payments", "BankTransactions", "BankTransfers", "ManualJournals"}


def _send_others(one: Case) -> None:
    """What the record needs goes first, while it waits aside."""
    from tieout.core.models import Touch

    Touch.objects.filter(record_id=one.record.pk).delete()
    one.made.sync()
    kind = "money_task" if one.kind == "transfer" else one.kind
    Touch.objects.create(organisation=one.made.organisation, kind=kind, record_id=one.record.pk)


def _archived(one: Case) -> None:
    account = RESOURCE[one.kind][1]
    if one.kind == "contact":
        one.made.sync()
        one.made.twin.edit(one.made.tenant_id, "archive_contact", contact=one.record.name)
        edit(one)
    else:
        if one.foreign and account in ("090", "091"):
            account = {"payment": "090", "refund": "090", "transfer": "096"}[one.kind]
        if one.kind == "product":
            _name_account(one)
        _send_others(one)
        one.made.twin.edit(one.made.tenant_id, "archive_account", account=account)
    one.made.clock.advance(3600)
    mark = len(one.made.twin.journal)
    one.made.sync()
    assert writes(one, mark) == []


def _name_account(one: Case) -> None:
    from dataclasses import replace

    from tieout.core.fields import ProductFields
    from tieout.core.operations import fields_of

    values = replace(fields_of(ProductFields, one.record), sale_account="200")
    one.record = operations.edit_product(one.record, values, actor="mere", version=one.record.version)


HAPPENS = {
    "create": _create,
    "edit": _edit,
    "void": _void,
    "pay": _pay,
    "unpay": _unpay,
    "allocate": _allocate,
    "un-allocate": _unallocate,
    "lost create": _lost_create,
    "lost edit": _lost_edit,
    "lost void": _lost_void,
    "refused": _refused,
    "locked": _locked,
    "archived": _archived,
}
