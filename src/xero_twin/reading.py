"""Reading a resource: one record by its id or natural key, or a list with filters, order and pages.

In: a call and its resource. Out: the envelope with the records in the shape that fits. A page of a list
without filters touches only that page. Pages count from 1; a page size outside 1..1000 is adjusted, not
refused; a page past the end is empty. The default order is by `UpdatedDateUTC`, then id.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from xero_twin import wire
from xero_twin.clock import milliseconds
from xero_twin.errors import bad_request, not_found, query_parse
from xero_twin.fields import as_guid
from xero_twin.resource import Call, Filters, Resource, Shape
from xero_twin.where import QuerySyntaxError, Where, comparable, parse_order, parse_where
from xero_twin.wire import Response

LARGEST_LIST = 100_000
MOST_KEPT = 4096  # single reads of an organisation, some 15 MB


def envelope(call: Call, pagination: dict[str, int] | None = None) -> dict[str, Any]:
    """The keys that come before every collection."""
    head: dict[str, Any] = {
        "Id": call.org.new_id(),
        "Status": "OK",
        "ProviderName": call.app.name,
        "DateTimeUTC": wire.instant_without_offset(call.now),
    }
    if pagination is not None:
        head["pagination"] = pagination
    return head


def read_one(call: Call, resource: Resource, key: str) -> Response:
    record = resource.find(call.org, as_guid(key) or key)
    if record is None:
        raise not_found()
    call.line.elements = 1
    return wire.json_response(200, {**envelope(call), resource.name: [_shown_alone(call, resource, record)]})


def _shown_alone(call: Call, resource: Resource, record: Any) -> msgspec.Raw:
    """A record in a single read, written once for as long as nothing in the organisation changes."""
    org, key = call.org, (resource.name, record.id, call.params.get("unitdp"))
    changes, written = org.shown.get(key, (-1, b""))
    if changes != org.changes[0] or resource.shows_today:
        written = wire.encode(resource.show(call, record, Shape.ONE))
        if len(org.shown) >= MOST_KEPT:
            org.shown.clear()
        org.shown[key] = (org.changes[0], written)
    return msgspec.Raw(written)


def read_list(call: Call, resource: Resource) -> Response:
    filters = resource.filters(call) if resource.filters is not None else Filters()
    page, size = _page(call, resource, filters)
    try:
        records, count = _chosen(call, resource, filters, page, size)
    except QuerySyntaxError as error:
        raise query_parse(str(error)) from error
    shape = Shape.BARE if page is None else Shape.LIST
    if resource.paged and call.flag("summaryonly"):
        shape = Shape.SUMMARY
    pagination = None
    if page is not None and filters.page_size is None:
        pagination = {"page": page, "pageSize": size, "pageCount": -(-count // size), "itemCount": count}
    call.line.elements = len(records)
    shown = [resource.show(call, record, shape) for record in records]
    return wire.json_response(200, {**envelope(call, pagination), resource.name: shown})


def _page(call: Call, resource: Resource, filters: Filters) -> tuple[int | None, int]:
    """The page asked for, or None for everything, and the page size."""
    size = filters.page_size or min(1000, max(1, _whole(call.params.get("pagesize"), 100)))
    if not resource.paged:
        return None, size
    forced = filters.forces_paging or call.flag("summaryonly")
    if "page" not in call.params and not forced:
        return None, size
    return max(1, _whole(call.params.get("page"), 1)), size


def _whole(text: str | None, default: int) -> int:
    try:
        return default if text is None else int(text)
    except ValueError:
        return default


def _chosen(call: Call, resource: Resource, filters: Filters, page: int | None, size: int) -> tuple[list[Any], int]:
    """The records of the page, and how many there are in all."""
    table = resource.table(call.org)
    where = _where(call, resource)
    keys = parse_order(call.params["order"], resource.columns) if call.params.get("order") else []
    since = _since(call, resource)
    window = slice(0, None) if page is None else slice((page - 1) * size, page * size)
    candidates = filters.candidates
    if candidates is None and where is not None:
        candidates = _by_index(call, resource, where)
    if candidates is None and not (filters.tests or where or keys):
        begin = table.start(since)
        count = len(table) - begin
        _refuse_too_many(page, count)
        stop = None if window.stop is None else begin + window.stop
        return table.slice(begin + window.start, stop), count
    if candidates is None:
        candidates = table.slice(table.start(since))
    else:
        candidates = sorted(_updated_since(candidates, since), key=lambda record: (record.updated, record.id))
    chosen = [record for record in candidates if _passes(call, resource, record, filters, where)]
    _sort(call, resource, chosen, keys)
    _refuse_too_many(page, len(chosen))
    return chosen[window], len(chosen)


def _updated_since(records: Iterable[Any], since: int | None) -> list[Any]:
    distinct = {record.id: record for record in records}
    return [record for record in distinct.values() if since is None or record.updated >= since]


def _passes(call: Call, resource: Resource, record: Any, filters: Filters, where: Where | None) -> bool:
    if not all(test(record) for test in filters.tests):
        return False
    return where is None or where.test(lambda column: resource.columns[column](call, record))


def _sort(call: Call, resource: Resource, records: list[Any], keys: list[tuple[str, bool]]) -> None:
    for name, descending in reversed(keys):
        column = resource.columns[name]
        records.sort(key=_sort_key(call, column), reverse=descending)


def _sort_key(call: Call, column: Callable[[Call, Any], Any]) -> Callable[[Any], tuple[bool, Any]]:
    def key(record: Any) -> tuple[bool, Any]:
        value = comparable(column(call, record))
        return (value is not None, 0 if value is None else value)

    return key


def _where(call: Call, resource: Resource) -> Where | None:
    text = call.params.get("where", "").strip() if resource.takes_where else ""
    return parse_where(text, resource.columns) if text else None


def _by_index(call: Call, resource: Resource, where: Where) -> list[Any] | None:
    """The records that can pass at all, when an index knows one of the columns asked for."""
    for column, values in where.equals.items():
        lookup = resource.lookups.get(column)
        if lookup is not None:
            return [record for value in values for record in lookup(call.org, value)]
    return None


def _since(call: Call, resource: Resource) -> int | None:
    """If-Modified-Since, in milliseconds. What cannot be read is refused, in words of our own: to ignore it would give
    everything."""
    text = call.request.header("If-Modified-Since")
    if not text or not resource.modified_since:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise query_parse(f"If-Modified-Since takes a moment such as 2026-11-02T09:00:00, not '{text}'.") from error
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return milliseconds(aware.replace(microsecond=0))


def _refuse_too_many(page: int | None, count: int) -> None:
    """More than 100,000 records in one list are refused; the sentence is invented."""
    if page is None and count > LARGEST_LIST:
        raise bad_request(
            10, "ValidationException", f"The request covers more than {LARGEST_LIST} records: use paging."
        )
