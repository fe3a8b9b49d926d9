"""The rules of journals.

In: what was entered and the organisation's set-up. Out: a list of problems. Always: pure; an authorised journal has at
least two lines, which sum to zero, and a narration, by which Xero's copy is found again.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tieout.core.fields import JournalFields, JournalLineFields
from tieout.core.rules.checks import (
    LARGEST_AMOUNT,
    Problem,
    account_code,
    check_lock,
    choice,
    known_tax,
    number,
    texts_of,
)
from tieout.core.setup import Setup

JOURNAL_KINDS = ("manual", "cost_of_goods")


def check_journal(values: JournalFields, setup: Setup, *, authorised: bool) -> list[Problem]:
    """The rules of a journal; a draft may still lack its narration and lines, and need not balance."""
    problems = texts_of(values) + choice("kind", values.kind, JOURNAL_KINDS) + check_lock("date", values.date, setup)
    if values.kind == "manual" and values.document_id is not None:
        problems.append(Problem("document", str(values.document_id), "is for cost-of-goods journals only"))
    if values.kind == "cost_of_goods" and values.document_id is None:
        problems.append(Problem("document", "", "is missing; a cost-of-goods journal is about a document"))
    broken = [each for index, line in enumerate(values.lines) for each in _line(index, line, setup, authorised)]
    if authorised and not values.narration:
        problems.append(Problem("narration", "", "is missing; say what the journal is for"))
    if authorised and len(values.lines) < 2:
        problems.append(Problem("lines", "", "are too few; give at least two"))
    elif authorised and not broken:
        off = sum((line.amount for line in values.lines), Decimal(0))
        if off:
            reason = "is what debits and credits differ by; make them equal"
            problems.append(Problem("lines", str(off), reason))
    return problems + broken


def _line(index: int, line: JournalLineFields, setup: Setup, authorised: bool) -> list[Problem]:
    problems = texts_of(line) + number("amount", line.amount, decimals=2, low=None, below=LARGEST_AMOUNT)
    if not problems and line.amount == 0:
        problems.append(Problem("amount", str(line.amount), "must not be zero; leave the line out"))
    if authorised and not (line.account or line.role):
        problems.append(Problem("account", "", "is missing; it must be given"))
    problems += account_code("account", line.account, setup) + known_tax("tax_rule", line.tax_rule_id, setup)
    return [replace(each, line=index) for each in problems] if problems else problems
