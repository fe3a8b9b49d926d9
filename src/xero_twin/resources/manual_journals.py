"""ManualJournals: lines of debits (positive) and credits that sum to zero, tax included.

DRAFT unless told otherwise; POSTED ones can be edited in place; DELETED comes from a draft, VOIDED from a posted one.
No line may lie on receivables, payables, retained earnings, a bank account or an inventory account. An account that is
not known is an error when the journal is POSTED; in a draft it is dropped with a warning.
"""

import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xero_twin import charts, money, wire
from xero_twin.fields import Sent, boolean, day, declare, guid, nested_list, number, one_of, text
from xero_twin.money import ZERO, cents
from xero_twin.organisation import Organisation
from xero_twin.records import NOTHING_GUID, Account, Line, ManualJournal, Posting
from xero_twin.resource import Call, Outcome, Resource, Shape, record_id
from xero_twin.resources import attachments, document_lines, document_url, line_shapes

STATUSES = ("DRAFT", "POSTED", "DELETED", "VOIDED", "ARCHIVED")
_NEXT = {
    "DRAFT": ("DRAFT", "POSTED", "DELETED"),
    "POSTED": ("POSTED", "VOIDED"),
    "ARCHIVED": ("ARCHIVED",),
}
_REFUSED_SYSTEM = ("DEBTORS", "CREDITORS", "RETAINEDEARNINGS")
_REFUSED_TYPES = ("BANK", "INVENTORY")

LINE_FIELDS = declare(
    {
        "LineAmount": ("line_amount", number),
        "AccountCode": ("account_code", text),
        "AccountID": ("account_id", guid),
        "Description": ("description", text),
        "TaxType": ("tax_type", text),
        "TaxAmount": ("tax_amount", number),
        "Tracking": ("tracking", nested_list(document_lines.TRACKING, breaks=True)),
    }
)
FIELDS = declare(
    {
        "ManualJournalID": ("id", guid),
        "Narration": ("narration", text),
        "Date": ("date", day),
        "Status": ("status", one_of(*STATUSES, kind="ManualJournalStatus")),
        "LineAmountTypes": ("basis", one_of(*money.BASES, kind="LineAmountType")),
        "JournalLines": ("lines", nested_list(LINE_FIELDS)),
        "Url": ("url", text),
        "ShowOnCashBasisReports": ("on_cash_basis", boolean),
    }
)


def show(call: Call, journal: ManualJournal, shape: Shape) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Date": wire.day(journal.date),
        "DateString": None if shape in (Shape.LIST, Shape.BARE) else wire.day_string(journal.date),
        "Status": journal.status,
        "LineAmountTypes": journal.basis,
        "UpdatedDateUTC": wire.instant(journal.updated),
        "ManualJournalID": record_id(journal),
        "Narration": journal.narration,
        "Url": journal.url,
        "ShowOnCashBasisReports": journal.on_cash_basis,
        "HasAttachments": attachments.has_any(call.org, "ManualJournals", journal.id),
    }
    if shape in (Shape.WRITE, Shape.ONE, Shape.LIST, Shape.STORED):
        shown["JournalLines"] = [_show_line(call.org, line, shape) for line in journal.lines]
    return wire.without_nulls(shown)


def _show_line(org: Organisation, line: Line, shape: Shape) -> dict[str, Any]:
    posting = line.posting
    return wire.without_nulls(
        {
            "Description": line.description,
            "TaxType": posting.tax_type,
            "TaxAmount": posting.tax_amount,
            "LineAmount": posting.line_amount,
            "AccountCode": posting.account_code,
            "AccountID": posting.account_id,
            "Tracking": line_shapes.show_tracking(org, line, shape),
            "IsBlank": False,
        }
    )


@dataclass
class _Findings:
    """What is wrong with a journal."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def write(call: Call, sent: Sent, existing: ManualJournal | None) -> Outcome:
    journal = ManualJournal() if existing is None else copy.copy(existing)
    errors = _creation_errors(call, sent) if existing is None else _change_errors(call.org, existing, sent)
    refused = bool(errors)
    for name in ("narration", "date", "status", "basis", "url", "on_cash_basis"):
        setattr(journal, name, sent.get(name, getattr(journal, name)))
    journal.date = journal.date or call.org.today()
    found = _Findings()
    if not refused and journal.status not in ("DELETED", "VOIDED"):
        _fill(call.org, journal, sent, existing, found)
    errors += found.errors
    if not errors:
        journal.id = call.org.new_id() if existing is None else existing.id
        journal.updated = call.now
        call.org.manual_journals.put(journal)
    return Outcome(journal, errors, found.warnings, created=existing is None)


def _creation_errors(call: Call, sent: Sent) -> list[str]:
    """The sentences are invented."""
    errors = []
    if sent.get("id", NOTHING_GUID) != NOTHING_GUID and call.request.method == "POST":
        errors.append("The manual journal could not be found")
    if sent.get("status", "DRAFT") not in ("DRAFT", "POSTED"):
        errors.append("Manual journal not of valid status for creation")
    return errors


def _change_errors(org: Organisation, held: ManualJournal, sent: Sent) -> list[str]:
    """The first sentence is invented."""
    if sent.get("status", held.status) not in _NEXT.get(held.status, ()):
        return ["Manual journal not of valid status for modification"]
    locked = org.lock_message(held.date) if held.status == "POSTED" else None
    return [locked] if locked else []


def _fill(org: Organisation, journal: ManualJournal, sent: Sent, held: ManualJournal | None, found: _Findings) -> None:
    if not journal.narration.strip():
        found.errors.append("Narration must be specified")  # wording invented
    found.errors += document_url.errors(journal.url)
    if "lines" in sent:
        built = [_line(org, journal, one, found) for one in sent["lines"]]
        journal.lines = tuple(built)
    elif held is not None and (held.basis != journal.basis or held.status != journal.status):
        again = [_as_sent(line, held.basis == journal.basis) for line in held.lines]
        journal.lines = tuple(_line(org, journal, one, found) for one in again)
    if len(journal.lines) < 2:
        found.errors.append("A manual journal needs at least two journal lines.")  # wording invented
    if journal.status == "POSTED" and (locked := org.lock_message(journal.date)):
        found.errors.append(locked)
    found.errors += _balance_errors(journal)


def _as_sent(line: Line, same_basis: bool) -> Sent:
    posted = ("line_amount", "account_code", "account_id", "tax_type", *(("tax_amount",) if same_basis else ()))
    said = {"description": line.description, "tracking": line.tracking}
    said |= {name: getattr(line.posting, name) for name in posted}
    return {name: value for name, value in said.items() if value is not None}


def gross(journal: ManualJournal, line: Line) -> Decimal:
    """What a line weighs in the balance: its amount with tax."""
    tax = (line.posting.tax_amount or ZERO) if journal.basis == money.EXCLUSIVE else ZERO
    return (line.posting.line_amount or ZERO) + tax


def _balance_errors(journal: ManualJournal) -> list[str]:
    amounts = [gross(journal, line) for line in journal.lines]
    debits = sum((amount for amount in amounts if amount > 0), ZERO)
    credited = sum((amount for amount in amounts if amount < 0), ZERO)
    if debits + credited == 0:
        return []
    return [f"The total debits ({debits:.2f}) must equal total credits ({credited:.2f})"]


def _line(org: Organisation, journal: ManualJournal, sent: Sent, found: _Findings) -> Line:
    amount = cents(sent.get("line_amount", ZERO))
    if "line_amount" not in sent:
        found.errors.append("LineAmount must be specified")  # wording invented
    tags = document_lines.tracking(org, sent.get("tracking", ()), found.errors)
    account = _account(org, journal, sent, found)
    tax_type, tax_amount = _tax(org, journal, sent, account, found)
    posting = Posting(
        account_code=None if account is None else account.code,
        account_id=None if account is None else account.id,
        tax_type=tax_type,
        tax_amount=tax_amount,
        line_amount=amount,
    )
    return Line(None, sent.get("description"), posting, tracking=tags)


def _tax(
    org: Organisation, journal: ManualJournal, sent: Sent, account: Account | None, found: _Findings
) -> tuple[str | None, Decimal]:
    """The line's tax type and the amount of its tax."""
    sent_type = (sent.get("tax_type") or "").upper()
    if journal.basis == money.NO_TAX:
        if sent_type not in ("", "NONE") and org.tax_rates.get(sent_type) is None:
            found.errors.append("Tax rate must be valid.")
        return "NONE", ZERO
    tax_type = sent_type or (account.tax_type if account is not None else None)
    rate = org.tax_rates.get(tax_type or "")
    if rate is None or rate.status != "ACTIVE":
        found.errors.append("Tax rate must be valid.")
        return tax_type, ZERO
    if account is not None and charts.LETTER_OF_CLASS[charts.CLASS_OF_TYPE[account.type]] not in rate.applies_to:
        found.errors.append(f"The TaxType code '{rate.id}' cannot be used with account code '{account.code}'.")
    if "tax_amount" in sent:
        return tax_type, cents(sent["tax_amount"])
    return tax_type, money.tax_on(cents(sent.get("line_amount", ZERO)), rate.effective, journal.basis)


def _account(org: Organisation, journal: ManualJournal, sent: Sent, found: _Findings) -> Account | None:
    code, account_id = sent.get("account_code"), sent.get("account_id")
    account = org.accounts.get(account_id) if account_id else org.accounts.first("code", code or "")
    if account is None:
        if journal.status == "POSTED":
            found.errors.append(
                _unusable(code or account_id) if code or account_id else "Account code must be specified"
            )
        elif code or account_id:
            found.warnings.append(
                f"Account code '{code or account_id}' has been removed as it does not match a recognised account."
            )
        return None
    if account.system_account in _REFUSED_SYSTEM or account.type in _REFUSED_TYPES:
        found.errors.append(_unusable(account.code))
    elif account.status != "ACTIVE":
        found.errors.append(
            f"Account code '{account.code}' has been archived, or has been deleted. "
            "Each line item must reference a valid account."
        )
    return account


def _unusable(code: str | None) -> str:
    return f"Account code '{code}' is not a valid code for this document."


RESOURCE = Resource(
    name="ManualJournals",
    element="ManualJournal",
    id_key="ManualJournalID",
    scopes=("accounting.manualjournals",),
    table=lambda org: org.manual_journals,
    show=show,
    find=lambda org, key: org.manual_journals.get(key),
    number=lambda journal: journal.narration,
    columns={
        "manualjournalid": lambda _, journal: journal.id,
        "narration": lambda _, journal: journal.narration,
        "status": lambda _, journal: journal.status,
        "date": lambda _, journal: journal.date,
        "lineamounttypes": lambda _, journal: journal.basis,
        "showoncashbasisreports": lambda _, journal: journal.on_cash_basis,
        "updateddateutc": lambda _, journal: wire.moment(journal.updated),
    },
    lookups={"narration": lambda org, value: org.manual_journals.find("narration", value.casefold())},
    paged=True,
    fields=FIELDS,
    put="many",
    post="many",
    post_one=True,
    write=write,
    match=lambda call, sent: call.org.manual_journals.get(sent.get("id", "")),
    error_flag="HasErrors",
)
