"""Reports/TrialBalance, in the shape all of Xero's reports have: rows of cells of text.

In: a call, with `date` (today without it). Out: sections by class of account; in each account's row its debit or credit
since the financial year began ("YTD") and the same for the month. What income and expenses came to before the year lies
in retained earnings. Amounts are text with two decimals, empty where there is none.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from xero_twin import charts, ledger, wire
from xero_twin.errors import not_found, plain_text
from xero_twin.fields import day
from xero_twin.money import ZERO
from xero_twin.organisation import Organisation
from xero_twin.parameters import check_names
from xero_twin.reading import envelope
from xero_twin.records import Account
from xero_twin.resource import Call
from xero_twin.wire import Response

SCOPES = {"trialbalance": ("accounting.reports.trialbalance",)}
_SECTIONS = (("REVENUE", "Revenue"), ("EXPENSE", "Expenses"), ("ASSET", "Assets"), ("LIABILITY", "Liabilities"))
_EQUITY = ("EQUITY", "Equity")
_RESULT = ("REVENUE", "EXPENSE")


def serve(call: Call, parts: list[str]) -> Response:
    """GET /Reports/TrialBalance."""
    if len(parts) != 2 or parts[1].lower() not in SCOPES:
        raise not_found()
    if call.request.method != "GET":
        raise plain_text(501, "The Api Method called is not implemented")
    check_names(call, frozenset(("date",)))  # `paymentsOnly` would ask for books on a cash basis
    asked = call.params.get("date")
    last = day(asked, "date") if asked else call.org.today()
    call.line.elements = 1
    written = f"{last.day} {last:%B %Y}"
    report = {
        "ReportID": "TrialBalance",
        "ReportName": "Trial Balance",
        "ReportType": "TrialBalance",
        "ReportTitles": ["Trial Balance", call.org.name, f"As at {written}"],
        "ReportDate": written,
        "UpdatedDateUTC": wire.instant_without_offset(call.now),
        "Fields": [],
        "Rows": _rows(call.org, last),
    }
    return wire.json_response(200, {**envelope(call), "Reports": [report]})


def _rows(org: Organisation, last: date) -> list[dict[str, Any]]:
    month, year = _amounts(org, last)
    rows: list[dict[str, Any]] = [
        {
            "RowType": "Header",
            "Cells": [{"Value": name} for name in ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")],
        }
    ]
    for wanted, title in (*_SECTIONS, _EQUITY):
        accounts = [one for one in org.accounts if charts.CLASS_OF_TYPE.get(one.type) == wanted]
        shown = [_row(one, month[one.id], year[one.id]) for one in accounts if month[one.id] or year[one.id]]
        if shown:
            rows.append({"RowType": "Section", "Title": title, "Rows": shown})
    totals = [*_totals(month.values()), *_totals(year.values())]
    cells = [{"Value": text} for text in ("Total", *totals)]
    rows.append({"RowType": "Section", "Title": "", "Rows": [{"RowType": "SummaryRow", "Cells": cells}]})
    return rows


def _amounts(org: Organisation, last: date) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """By account: the movement of the month up to `last`, and the balance of the year. Assets, liabilities and equity
    carry over from year to year, income and expenses into retained earnings."""
    begin = _year_begins(last, org.year_ends)
    retained = org.system_account("RETAINEDEARNINGS").id
    month: dict[str, Decimal] = defaultdict(lambda: ZERO)
    year: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for posting in ledger.postings(org, last):
        account = org.accounts.get(posting.account_id)
        result = account is not None and charts.CLASS_OF_TYPE.get(account.type) in _RESULT
        year[retained if result and posting.day < begin else posting.account_id] += posting.amount
        if posting.day >= last.replace(day=1):
            month[posting.account_id] += posting.amount
    return month, year


def _year_begins(last: date, year_ends: tuple[int, int]) -> date:
    ends = date(last.year, *year_ends)
    return (ends if last > ends else ends.replace(year=last.year - 1)) + timedelta(days=1)


def _row(account: Account, month: Decimal, year: Decimal) -> dict[str, Any]:
    mark = [{"Value": account.id, "Id": "account"}]
    name = f"{account.name} ({account.code})" if account.code else account.name
    texts = (name, *_debit_credit(month), *_debit_credit(year))
    return {"RowType": "Row", "Cells": [{"Value": text, "Attributes": mark} for text in texts]}


def _debit_credit(amount: Decimal) -> tuple[str, str]:
    if not amount:
        return "", ""
    return (f"{amount:.2f}", "") if amount > 0 else ("", f"{-amount:.2f}")


def _totals(amounts: Any) -> tuple[str, str]:
    found = list(amounts)
    debits = sum((one for one in found if one > 0), ZERO)
    credited = sum((-one for one in found if one < 0), ZERO)
    return f"{debits:.2f}", f"{credited:.2f}"
