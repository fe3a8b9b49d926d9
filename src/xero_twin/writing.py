"""Writing a resource: elements in, outcomes out, summed up the way the caller asked for.

In: a call with a body of one object or a collection. Out: 200 with what was written, or a 400 that lists
the failing elements while the good ones are saved all the same; with `summarizeErrors=false` always 200
with every element in the order of the request. Conversion errors refuse the call before anything is
written. `PUT` only creates; `POST` updates what its id or natural key matches.
"""

from typing import Any

import msgspec

from xero_twin import wire
from xero_twin.errors import bad_request, no_data_processed, not_found, post_data_invalid
from xero_twin.fields import Sent, as_guid, read
from xero_twin.reading import envelope
from xero_twin.records import NOTHING_GUID
from xero_twin.resource import Call, Outcome, Resource, Shape
from xero_twin.wire import Response


def write_collection(call: Call, resource: Resource) -> Response:
    """PUT or POST on the whole resource."""
    allowed = resource.put if call.request.method == "PUT" else resource.post
    sent_elements = elements(call, resource)
    if allowed == "one":
        sent_elements = sent_elements[:1]  # given a list, Xero processes the first only
    if resource.most is not None and len(sent_elements) > resource.most:
        raise bad_request(  # the sentence is invented
            10, "ValidationException", f"No more than {resource.most} {resource.name} can be sent in one call."
        )
    resource.check(call, sent_elements)
    assert resource.write is not None, f"{resource.name} cannot be written"
    outcomes: list[Outcome] = []
    table = resource.table(call.org)
    for sent in sent_elements:
        if call.request.method == "POST":
            outcomes.append(resource.write(call, sent, resource.match(call, sent)))
        elif (held := table.get(sent.get("id", ""))) is not None:
            # PUT only creates; wording invented
            outcomes.append(Outcome(held, [f"A {resource.element} with this {resource.id_key} exists already."]))
        else:
            outcomes.append(resource.write(call, sent, None))
    return answer(call, resource, outcomes)


def write_one(call: Call, resource: Resource, key: str) -> Response:
    """POST on one record, named by its id or natural key in the path."""
    record = resource.find(call.org, as_guid(key) or key)
    if record is None:
        raise not_found()
    sent = elements(call, resource)[:1]
    resource.check(call, sent)
    write = resource.change or resource.write
    assert write is not None, f"{resource.name} cannot be written"
    if sent[0].get("id", record.id) not in (record.id, NOTHING_GUID):  # wording invented
        outcome = Outcome(record, [f"The {resource.id_key} is not that of the address."])
    else:
        outcome = write(call, sent[0], record)
    return answer(call, resource, [outcome])


def elements(call: Call, resource: Resource) -> list[Sent]:
    """The elements of the body, converted. Raises Refusal when there are none or a value cannot be converted."""
    if not call.request.body.strip():
        raise no_data_processed(resource.element)
    if resource.in_one_go is not None and (sent := resource.in_one_go.read(call.request.body)):
        call.line.elements = len(sent)
        return sent
    try:
        body = wire.decode(call.request.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise post_data_invalid(f"The request body is not valid JSON: {error}") from error  # wording invented
    found = _collection(body, resource)
    if not found:
        raise no_data_processed(resource.element)
    call.line.elements = len(found)
    return [read(element, resource.fields, f"{resource.name}[{at}]") for at, element in enumerate(found)]


def _collection(body: Any, resource: Resource) -> list[Any]:
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        return []
    wanted = resource.name.lower()
    for key, value in body.items():
        if key.lower() == wanted:
            return value if isinstance(value, list) else [value]
    known = any(key.lower() in resource.fields for key in body)
    return [body] if known else []


def answer(call: Call, resource: Resource, outcomes: list[Outcome]) -> Response:
    """What became of the elements, summed up or one by one."""
    for outcome in outcomes:
        _note(call, resource, outcome)
    summarise = call.flag("summarizeerrors", default=True)
    failed = [outcome for outcome in outcomes if outcome.errors]
    if failed and summarise:
        return wire.json_response(
            400,
            {
                "ErrorNumber": 10,
                "Type": "ValidationException",
                "Message": "A validation exception occurred",
                "Elements": [_failed(call, resource, outcome) for outcome in failed],
            },
        )
    shown = [_shown(call, resource, outcome, summarise) for outcome in outcomes]
    return wire.json_response(200, {**envelope(call), resource.name: shown})


def _shown(call: Call, resource: Resource, outcome: Outcome, summarise: bool) -> Any:
    if outcome.errors:
        return {"StatusAttributeString": "ERROR", **_failed(call, resource, outcome)}
    shown = resource.show(call, outcome.record, Shape.WRITE)
    if outcome.warnings:
        shown = wire.keys(shown)
        shown["Warnings"] = _messages(outcome.warnings)
    if summarise:
        return shown
    status = "WARNING" if outcome.warnings else "OK"
    if isinstance(shown, wire.Element):
        shown.status_attribute_string = status
        return shown
    return {"StatusAttributeString": status, **shown}


def _failed(call: Call, resource: Resource, outcome: Outcome) -> dict[str, Any]:
    shown = wire.keys(resource.show(call, outcome.record, Shape.WRITE))
    shown[resource.error_flag] = True
    shown["ValidationErrors"] = _messages(outcome.errors)
    return shown


def _messages(sentences: list[str]) -> list[dict[str, str]]:
    return [{"Message": sentence} for sentence in sentences]


def _note(call: Call, resource: Resource, outcome: Outcome) -> None:
    number = resource.number(outcome.record)
    if outcome.errors:
        call.line.refused.append((resource.name, number, "; ".join(outcome.errors)))
    elif outcome.created:
        call.line.created.append((resource.name, outcome.record.id, number))
    else:
        call.line.updated.append((resource.name, outcome.record.id, number))
