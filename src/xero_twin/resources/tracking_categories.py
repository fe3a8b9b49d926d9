"""TrackingCategories with their options. PUT creates a category, POST on an id renames or archives it,
DELETE removes an unused one. PUT on `/Options` adds options, POST on one renames or archives it, DELETE removes an
unused one. At most two categories are active, and four kept. Archived ones show with `includeArchived=true`.
"""

import copy
from typing import Any

import msgspec

from xero_twin import wire
from xero_twin.errors import (
    Refusal,
    internal_error,
    invalid,
    no_data_processed,
    not_found,
    plain_text,
    post_data_invalid,
)
from xero_twin.fields import Sent, as_guid, declare, one_of, read, text
from xero_twin.organisation import Organisation
from xero_twin.reading import envelope
from xero_twin.records import TrackingCategory, TrackingOption
from xero_twin.resource import Call, Filters, Outcome, Resource, Shape, record_id
from xero_twin.wire import Response

MOST_ACTIVE = 2
MOST = 4
LONGEST = 100
NOT_UNIQUE = "For each specified tracking option the name must be unique."
TOO_LONG = "The tracking option name must be between 1 and 100 characters."  # wording invented


def show(_call: Call, category: TrackingCategory, _shape: Shape) -> dict[str, Any]:
    return {
        "Name": category.name,
        "Status": category.status,
        "TrackingCategoryID": record_id(category),
        "Options": [show_option(option) for option in category.options],
    }


def show_option(option: TrackingOption) -> dict[str, Any]:
    return {
        "TrackingOptionID": option.id,
        "Name": option.name,
        "Status": option.status,
        "HasValidationErrors": False,
        "IsDeleted": option.status == "DELETED",
        "IsArchived": option.status == "ARCHIVED",
        "IsActive": option.status == "ACTIVE",
    }


def find(org: Organisation, key: str) -> TrackingCategory | None:
    return org.tracking.get(key)


def filters(call: Call) -> Filters:
    if call.flag("includearchived"):
        return Filters()
    return Filters(tests=[lambda category: category.status == "ACTIVE"])


FIELDS = declare(
    {"Name": ("name", text), "Status": ("status", one_of("ACTIVE", "ARCHIVED", kind="TrackingCategoryStatus"))}
)


def write(call: Call, sent: Sent, existing: TrackingCategory | None) -> Outcome:
    category = TrackingCategory() if existing is None else copy.copy(existing)
    for name, value in sent.items():
        setattr(category, name, value)
    errors = _errors(call.org, category)
    if existing is None and len(call.org.tracking) >= MOST:  # wording invented
        errors.append("No more than four tracking categories can be kept, archived ones included.")
    if not errors:
        category.id = call.org.new_id() if existing is None else existing.id
        category.updated = call.now
        call.org.tracking.put(category)
    return Outcome(category, errors, created=existing is None)


def _errors(org: Organisation, category: TrackingCategory) -> list[str]:
    """The sentences are invented."""
    errors = []
    if not category.name.strip() or len(category.name) > LONGEST:
        errors.append("The tracking category name must be between 1 and 100 characters.")
    if any(other.id != category.id for other in org.tracking.find("name", category.name.casefold())):
        errors.append("The tracking category name must be unique.")
    others = [one for one in org.tracking if one.id != category.id and one.status == "ACTIVE"]
    if category.status == "ACTIVE" and len(others) >= MOST_ACTIVE:
        errors.append("No more than two tracking categories can be active.")
    return errors


def delete(call: Call, category: TrackingCategory) -> Response:
    """One that was used on a line is archived instead."""
    used = any(tag.category_id == category.id for line in call.org.lines() for tag in line.tracking)
    gone = copy.copy(category)
    gone.status, gone.updated = ("ARCHIVED" if used else "DELETED"), call.now
    if used:
        call.org.tracking.put(gone)
    else:
        call.org.tracking.remove(category.id)
    call.line.updated.append(("TrackingCategories", category.id, category.name))
    return wire.json_response(200, {**envelope(call), "TrackingCategories": [show(call, gone, Shape.ONE)]})


_OPTION = declare(
    {"Name": ("name", text), "Status": ("status", one_of("ACTIVE", "ARCHIVED", kind="TrackingOptionStatus"))}
)


def serve_options(call: Call, _resource: Resource, category: TrackingCategory | None, rest: list[str]) -> Response:
    """PUT /TrackingCategories/{id}/Options adds; POST and DELETE on an option rename, archive and remove. An unknown
    category breaks Xero (500)."""
    if category is None:
        raise internal_error()
    method = call.request.method
    if method == "PUT" and not rest:
        return _put_options(call, category)
    option = next((one for one in category.options if rest and one.id == as_guid(rest[0])), None)
    if method in ("POST", "DELETE") and rest and option is None:
        raise not_found()
    if method == "POST" and option is not None:
        return _change_option(call, category, option)
    if method == "DELETE" and option is not None:
        return _delete_option(call, category, option)
    raise plain_text(501, "The Api Method called is not implemented")


def _put_options(call: Call, category: TrackingCategory) -> Response:
    """Add one option, or a list of them."""
    new = _sent_options(call)
    if not new or not all(one.get("name") for one in new):
        raise no_data_processed("TrackingOption")
    names = {option.name.casefold() for option in category.options}
    added = []
    for one in new:
        if one["name"].casefold() in names:
            raise _refused(call, one["name"], NOT_UNIQUE)
        if len(one["name"]) > LONGEST:
            raise _refused(call, one["name"], TOO_LONG)
        names.add(one["name"].casefold())
        added.append(TrackingOption(id=call.org.new_id(), name=one["name"]))
    return _with_options(call, category, category.options + tuple(added), added)


def _sent_options(call: Call) -> list[Sent]:
    try:
        body = wire.decode(call.request.body)
    except msgspec.DecodeError as error:
        raise post_data_invalid(str(error)) from error
    listed = body.get("Options") if isinstance(body, dict) and "Options" in body else [body]
    listed = listed if isinstance(listed, list) else [listed]
    return [read(one, _OPTION, f"Options[{at}]") for at, one in enumerate(listed)]


def _change_option(call: Call, category: TrackingCategory, option: TrackingOption) -> Response:
    """Rename, archive or bring back one option; lines that carry it show its new name."""
    sent = next(iter(_sent_options(call)), {})
    name, status = sent.get("name", option.name), sent.get("status", option.status)
    if not 1 <= len(name) <= LONGEST:
        raise _refused(call, name, TOO_LONG)
    taken = {one.name.casefold() for one in category.options if one.id != option.id}
    if name.casefold() in taken:
        raise _refused(call, name, NOT_UNIQUE)
    changed = TrackingOption(id=option.id, name=name, status=status)
    options = tuple(changed if one.id == option.id else one for one in category.options)
    return _with_options(call, category, options, [changed])


def _delete_option(call: Call, category: TrackingCategory, option: TrackingOption) -> Response:
    """One that was used on a line is archived instead (by analogy with categories)."""
    used = any(tag.option_id == option.id for line in call.org.lines() for tag in line.tracking)
    gone = TrackingOption(id=option.id, name=option.name, status="ARCHIVED" if used else "DELETED")
    others = tuple(one for one in category.options if one.id != option.id)
    kept = tuple(gone if one.id == option.id else one for one in category.options) if used else others
    return _with_options(call, category, kept, [gone])


def _with_options(
    call: Call, category: TrackingCategory, options: tuple[TrackingOption, ...], shown: list[TrackingOption]
) -> Response:
    changed = copy.copy(category)
    changed.options, changed.updated = options, call.now
    call.org.tracking.put(changed)
    call.line.updated.append(("TrackingCategories", category.id, category.name))
    return wire.json_response(200, {**envelope(call), "Options": [show_option(option) for option in shown]})


def _refused(call: Call, name: str, message: str) -> Refusal:
    call.line.refused.append(("TrackingCategories", name, message))
    return invalid(message, {"Name": name})


RESOURCE = Resource(
    name="TrackingCategories",
    element="TrackingCategory",
    id_key="TrackingCategoryID",
    scopes=("accounting.settings",),
    table=lambda org: org.tracking,
    show=show,
    find=find,
    number=lambda category: category.name,
    columns={
        "name": lambda _, category: category.name,
        "status": lambda _, category: category.status,
        "trackingcategoryid": lambda _, category: category.id,
    },
    modified_since=False,
    filters=filters,
    fields=FIELDS,
    put="one",
    post_one=True,
    write=write,
    delete=delete,
    below={"options": serve_options},
)
