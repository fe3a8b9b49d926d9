"""A read-only look into the books, as one would look into Xero: pages under `/twin/books`.

In: a path. Out: HTML. First the organisations, then one's trial balance and what it holds, then a list of a hundred
records a page, newest first, then one record with its lines and everything else it shows. Nothing can be changed here,
and whatever was sent by a client is text, never markup.
"""

import re
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from xero_twin import ledger
from xero_twin.organisation import Organisation
from xero_twin.resource import Resource
from xero_twin.resources import RESOURCES
from xero_twin.signin import first_values
from xero_twin.wire import Request, Response

if TYPE_CHECKING:
    from xero_twin.twin import Twin

PAGE = 100
LONG = 24
BRIEF = 60
_TAG = re.compile("<[^>]*>")
_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#666;--link:#0a6ebd}
@media(prefers-color-scheme:dark){:root{--soft:#9a9a9a;--link:#6cb6ff}}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem 1rem 4rem}
h1,nav{overflow-wrap:anywhere}h1{font-size:1.4rem;margin:.5rem 0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
nav,small{color:var(--soft)}a{color:var(--link)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.w{white-space:normal}
td.t{white-space:normal;overflow-wrap:anywhere;min-width:9rem;max-width:36rem}
@media(max-width:40rem){body{font-size:14px}th,td{padding:.35rem .4rem}}
ul.all{columns:16rem;list-style:none;padding:0}tfoot td{font-weight:600;border-bottom:0}
"""
# what a list shows of a record, as far as the record has it
_SHOWN = (
    *("InvoiceNumber", "CreditNoteNumber", "PurchaseOrderNumber", "Code", "Name", "Narration", "Contact", "Invoice"),
    *(
        "Type",
        "PaymentType",
        "Reference",
        "Date",
        "DueDate",
        "Status",
        "ContactStatus",
        "CurrencyCode",
        "Amount",
        "Total",
        "TotalAmount",
    ),
    *("AmountDue", "RemainingCredit", "QuantityOnHand", "UpdatedDateUTC"),
)


def answer(twin: "Twin", request: Request) -> Response:
    """One page."""
    parts = request.path.strip("/").split("/")[2:]
    if not parts:
        return _page("Organisations", [], _organisations(twin))
    org = twin.organisations.get(parts[0])
    if org is None:
        return _missing("There is no such organisation.")
    return _of_organisation(twin, org, parts[1:], request)


def _of_organisation(twin: "Twin", org: Organisation, parts: list[str], request: Request) -> Response:
    """A page of one organisation: itself, a list, or a record."""
    trail = [("/twin/books", "Organisations"), (f"/twin/books/{org.tenant_id}", org.name)]
    if not parts:
        return _page(org.name, trail[:1], _organisation(org))
    resource = RESOURCES.get(parts[0].lower())
    if resource is None:
        return _missing("There is no such kind of record.")
    if len(parts) == 1:
        return _page(resource.name, trail, _list(twin, org, resource, first_values(request.query).get("page", "")))
    trail.append((f"/twin/books/{org.tenant_id}/{resource.name}", resource.name))
    record = twin.document(org.tenant_id, resource.name, parts[1])
    if record is None:
        return _missing("There is no such record.")
    return _page(f"{resource.element} {_title(record)}", trail, _record(record))


def _page(title: str, trail: list[tuple[str, str]], body: str, status: int = 200) -> Response:
    steps = " › ".join(f'<a href="{escape(address)}">{escape(name)}</a>' for address, name in trail)
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Xero twin</title><style>{_STYLE}</style></head>"
        f"<body><nav>{steps or 'Xero twin'}</nav><h1>{escape(title)}</h1>{body}</body></html>"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(status, headers, text.encode())


def _missing(sentence: str) -> Response:
    return _page("Not there", [("/twin/books", "Organisations")], f"<p>{escape(sentence)}</p>", 404)


def _organisations(twin: "Twin") -> str:
    rows = [
        [_link(f"/twin/books/{org.tenant_id}", org.name), escape(org.country), escape(org.base_currency)]
        for org in list(twin.organisations.values())
    ]
    return _table(["Organisation", "Country", "Currency"], rows)


def _organisation(org: Organisation) -> str:
    with org.lock:
        balances = ledger.trial_balance(org)
        counts = [(one.name, len(one.table(org))) for one in RESOURCES.values()]
        names = {account.code or account.id: account.name for account in org.accounts}
    held = "".join(
        f"<li>{_link(f'/twin/books/{org.tenant_id}/{name}', name)} <small>{count:,}</small></li>"
        for name, count in counts
        if count
    )
    rows = [
        [escape(code), escape(names.get(code, "")), _money(max(amount, Decimal(0))), _money(max(-amount, Decimal(0)))]
        for code, amount in sorted(balances.items())
    ]
    debits = sum((amount for amount in balances.values() if amount > 0), Decimal(0))
    total = ["", "Total", f"{debits:,.2f}", f"{debits - sum(balances.values(), Decimal(0)):,.2f}"]
    return (
        f"<h2>What it holds</h2><ul class=all>{held}</ul><h2>Trial balance</h2>"
        f"{_table(['Account', 'Name', 'Debit', 'Credit'], rows, {2, 3}, total)}"
    )


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}" if amount else ""


def _list(twin: "Twin", org: Organisation, resource: Resource, asked: str) -> str:
    """One page of a list, newest first; a page that is none is the first or the last."""
    count, name = len(resource.table(org)), resource.name
    pages = max(1, -(-count // PAGE))
    page = min(max(1, int(asked) if asked.isdecimal() else 1), pages)
    end = count - (page - 1) * PAGE
    shown = list(reversed(twin.documents(org.tenant_id, name, max(0, end - PAGE), end)))
    columns = [key for key in _SHOWN if any(key in one for one in shown)]
    numbers = {at for at, key in enumerate(columns) if any(isinstance(one.get(key), Decimal) for one in shown)}
    rows = []
    for one in shown:
        cells = [_cell(_brief(one.get(key))) for key in columns]
        first = next((at for at, cell in enumerate(cells) if cell), 0)
        cells[first] = (
            f'<a href="/twin/books/{org.tenant_id}/{name}/{quote(str(one.get(resource.id_key)))}">{cells[first]}</a>'
        )
        rows.append(cells)
    around = [(at, at == page) for at in range(1, pages + 1) if abs(at - page) < 4 or at in (1, pages)]
    links = " ".join(f"<b>{at}</b>" if here else f'<a href="?page={at}">{at}</a>' for at, here in around)
    return f"<p><small>{count:,} in all</small> {links if pages > 1 else ''}</p>{_table(columns, rows, numbers)}"


def _brief(value: Any) -> Any:
    """A value in a list: long text is cut, its record has it whole."""
    text = _title(value) if isinstance(value, dict) else value
    return f"{text[: BRIEF - 1].rstrip()}…" if isinstance(text, str) and len(text) > BRIEF else value


def _record(record: dict[str, Any]) -> str:
    lists = {key: value for key, value in record.items() if isinstance(value, list) and value}
    rows = [[escape(key), _cell(value)] for key, value in record.items() if key not in lists and value not in ("", [])]
    parts = [_table(["Field", "Value"], rows)]
    for name, entries in lists.items():
        known = [one for one in entries if isinstance(one, dict)]
        columns = list(dict.fromkeys(key for one in known for key in one if one[key] not in ("", [], None)))
        numbers = {at for at, key in enumerate(columns) if any(isinstance(one.get(key), Decimal) for one in known)}
        cells = [[_cell(one.get(key)) for key in columns] for one in known]
        parts.append(f"<h2>{escape(name)}</h2>{_table(columns, cells, numbers)}")
    return "".join(parts)


def _title(record: dict[str, Any]) -> str:
    names = ("InvoiceNumber", "CreditNoteNumber", "PurchaseOrderNumber", "Code", "Name", "Narration", "Reference")
    return next((str(record[name]) for name in names if record.get(name)), "")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return escape(_title(value) or ", ".join(f"{k} {v}" for k, v in value.items() if v))
    if isinstance(value, list):
        return ", ".join(_cell(one) for one in value)
    if isinstance(value, date):
        return value.isoformat()
    return escape(str(value))


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def _wrap(cell: str) -> str:
    """Long text is broken into lines anywhere, words between words; a code, a day or a status stays whole."""
    text = _TAG.sub("", cell)
    if len(text) > LONG:
        return " class=t"
    return " class=w" if " " in text else ""


def _table(
    columns: list[str], rows: list[list[str]], numbers: set[int] | None = None, total: list[str] | None = None
) -> str:
    right = numbers or set()
    kind = [" class=n" if at in right else "" for at in range(len(columns))]
    head = "".join(f"<th{kind[at]}>{escape(name)}</th>" for at, name in enumerate(columns))
    body = "".join(
        "<tr>" + "".join(f"<td{kind[at] or _wrap(cell)}>{cell}</td>" for at, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    foot = ""
    if total is not None:
        foot = (
            "<tfoot><tr>"
            + "".join(f"<td{kind[at]}>{escape(cell)}</td>" for at, cell in enumerate(total))
            + "</tr></tfoot>"
        )
    if not rows:
        return "<p>Nothing yet.</p>"
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table></div>'
