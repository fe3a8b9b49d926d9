"""Journal → Xero manual journal, posted. Xero gives it no number, so the narration begins with Core's, and it is found
again by the narration. A posted journal can be edited in place.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tieout.core.costs import TITLES
from tieout.core.records import JournalLineRecord, JournalRecord
from tieout.kinds.books import Books, Seen
from tieout.kinds.dating import FIRST_OPEN_DAY, booked_on, dated, locked, same_day
from tieout.kinds.kind import Facts, Kind
from tieout.kinds.lines import tags, tracking_problem
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire

# Xero keeps these for itself: no line of a manual journal may be coded to them.
_REFUSED_SYSTEM = {"DEBTORS", "CREDITORS", "RETAINEDEARNINGS"}
_REFUSED_TYPES = {"BANK", "INVENTORY"}
_LONGEST_KEY = 380


def narration_of(record: JournalRecord, booked: date) -> str:
    """Its number and text; where it stands on another day, its own as well."""
    return dated(f"{record.number}: {record.narration}".strip().removesuffix(":"), record.date, booked, 4000)


def narration_key(narration: str) -> str:
    return f"narration:{narration.casefold()}"[:_LONGEST_KEY]


def _account(line: JournalLineRecord, books: Books) -> str:
    return line.account or books.role(line.role)


class JournalKind(Kind[JournalRecord, types.ManualJournal]):
    name = "journal"
    title = "Journal"
    plural = "Journals"
    rank = 1
    id_field = "manual_journal_id"
    proven_by_echo = True
    resource = resources.MANUAL_JOURNALS

    def facts(self, record: JournalRecord) -> Facts:
        return Facts(record.number, record.contact_name, record.date, record.debit, record.currency, record.channel)

    def is_gone(self, record: JournalRecord) -> bool:
        return record.status == "VOIDED"

    def is_ready(self, record: JournalRecord) -> bool:
        return record.status != "DRAFT"

    def keys(self, record: JournalRecord, books: Books) -> tuple[str, ...]:
        days = [record.date]
        if books.settings.lock_date_policy == FIRST_OPEN_DAY:  # it may stand there with its day in the text
            days += [date.max]
        return tuple(narration_key(narration_of(record, day)) for day in days)

    def check(self, record: JournalRecord, books: Books) -> Problem | None:
        if problem := locked(booked_on(record.date, record.key, books), books):
            return problem
        for number, line in enumerate(record.lines, 1):
            if problem := _line_problem(line, books):
                return Problem(problem.code, f"Line {number}: {problem.text}", problem.advice)
        return None

    def payload(self, record: JournalRecord, books: Books) -> types.ManualJournal:
        taxed = any(line.tax_rule_id is not None for line in record.lines)
        booked = booked_on(record.date, record.key, books)
        return types.ManualJournal(
            narration=narration_of(record, booked),
            date=booked.isoformat(),
            status="POSTED",
            line_amount_types="Inclusive" if taxed else "NoTax",
            show_on_cash_basis_reports=books.settings.show_journals_on_cash_basis,
            journal_lines=[
                types.JournalLine(
                    line_amount=line.amount,
                    account_code=_account(line, books),
                    description=line.description or None,
                    tax_type=_tax_type(line, books) if taxed else None,
                    tracking=tags(line.tracking, books) or None,
                )
                for line in record.lines
            ],
        )

    def void_payload(self, record: JournalRecord, seen: Seen | None) -> types.ManualJournal:
        return types.ManualJournal(status="DELETED" if seen and seen.status == "DRAFT" else "VOIDED")

    def check_change(self, record: JournalRecord, seen: Seen | None, books: Books) -> Problem | None:
        if seen and seen.gone:
            return Problem(
                "gone-in-xero",
                f"The journal {record.number} was voided or deleted in Xero.",
                "Void it in Core too, or enter a new journal.",
            )
        booked = booked_on(record.date, record.key, books)
        return locked(seen.date if seen and seen.date else booked, books) or locked(booked, books)

    def check_void(self, record: JournalRecord, seen: Seen | None, books: Books) -> Problem | None:
        return None if seen and seen.gone else locked(seen.date if seen and seen.date else record.date, books)

    def adoptable(self, record: JournalRecord, seen: Seen, books: Books) -> Problem | None:
        if not seen.gone and seen.total == record.debit and same_day(seen.date, record.date, books):
            return None
        return Problem(
            "narration-in-use",
            f"Xero has a manual journal of that narration that differs: {seen.number}, {seen.status.lower()}.",
            "Change the number or narration in Core, or the journal in Xero, then sync again.",
        )

    def seen(self, element: types.ManualJournal) -> Seen | None:
        narration = element.narration or ""
        amounts = [line.line_amount or Decimal(0) for line in element.journal_lines or ()]
        gone = element.status in {"VOIDED", "DELETED", "ARCHIVED"}
        return Seen(
            kind=self.name,
            xero_id=element.manual_journal_id or "",
            key="" if gone else narration_key(narration),
            other_key="",
            number=narration,
            status=element.status or "",
            updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
            date=wire.as_date(element.date) if element.date else None,
            total=sum((amount for amount in amounts if amount > 0), Decimal("0.00")),
        )


def _tax_type(line: JournalLineRecord, books: Books) -> str:
    rule = books.tax_rules.get(line.tax_rule_id) if line.tax_rule_id is not None else None
    return rule.tax_type if rule else "NONE"


def _line_problem(line: JournalLineRecord, books: Books) -> Problem | None:
    code = _account(line, books)
    if not code:
        return Problem(
            "account-missing",
            f"no account is mapped for “{TITLES.get(line.role, line.role)}”." if line.role else "no account is given.",
            "Map the account on the page Mapping, or give the line one.",
        )
    account = books.accounts.get(code)
    if account is None:
        return Problem("account-unknown", f"account {code} does not exist in Xero.", "Choose another account in Core.")
    if not account.active:
        return Problem(
            "account-archived",
            f"account {code} {account.name} is archived in Xero.",
            "Restore it or choose another one.",
        )
    if account.system_account in _REFUSED_SYSTEM or account.type in _REFUSED_TYPES:
        return Problem(
            "account-unfit",
            f"account {code} {account.name} cannot stand in a manual journal in Xero.",
            "Choose another: bank, receivable, payable, retained earnings and tracked inventory are barred.",
        )
    if line.tax_rule_id is not None and not _tax_type(line, books):
        rule = books.tax_rules.get(line.tax_rule_id)
        return Problem(
            "tax-unmapped",
            f"the tax rule “{rule.name if rule else line.tax_rule_id}” is not mapped to a tax rate in Xero.",
            "Map it on the page Mapping, then sync again.",
        )
    return tracking_problem(line.tracking, books) if books.settings.tracking else None
