"""Xero's published description as a judge of answers: in goes a call with its answer, out come the points in which they
differ. Validators are made once for each operation and status, when they are first needed.

The file is mended in memory: 23 boolean parameters have the text `'false'` as their default. What it calls wrong
although Xero's own wire has it so (`FALSE_ALARMS`), and what it says nothing about (`undescribed`), is left out, with
its reason. It is a floor, not an oracle: `{}` passes everywhere. So nulls and unescaped dates are looked for here too.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

PREFIX = "/api.xro/2.0"

# operation (or any), only inside a refused element?, how the judge's message ends, and why it is wrong
FALSE_ALARMS: tuple[tuple[str, bool, str, str], ...] = (
    (
        "getBankTransactions",
        False,
        '"LineItems" is a required property',
        "Xero's lists without pages have no lines, and the halves of a transfer never have any",
    ),
    ("*", True, " characters", "a refused element is echoed with what was sent: here a value that is too long"),
    ("*", True, " candidates", "the same: here a currency or a code that does not exist"),
    ("*", True, '"Type" is a required property', "the same: one sent without a type is echoed without one"),
)


def load(path: Path) -> dict[str, Any]:
    """The file as data, dates left as text, its wrong defaults mended."""

    class Loader(yaml.CSafeLoader):
        """Dates stay text."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }
    found: dict[str, Any] = yaml.load(path.read_text(), Loader)
    found["mended"] = _mend_defaults(found)
    return found


def _mend_defaults(node: Any) -> int:
    """Boolean parameters whose default is a text get a boolean; how many there were."""
    mended = 0
    if isinstance(node, dict):
        if node.get("type") == "boolean" and isinstance(node.get("default"), str):
            node["default"] = node["default"].lower() == "true"
            mended += 1
        mended += sum(_mend_defaults(value) for value in node.values())
    elif isinstance(node, list):
        mended += sum(_mend_defaults(value) for value in node)
    return mended


class Description:
    """The operations of the file, and what was held against them."""

    def __init__(self, path: Path) -> None:
        self.file = load(path)
        self.answers: Counter[tuple[str, int]] = Counter()
        self._validators: dict[tuple[str, int], Any] = {}
        self._operations = [
            (method.upper(), _pattern(template), operation)
            for template, operations in self.file["paths"].items()
            for method, operation in operations.items()
            if method in ("get", "put", "post", "delete")
        ]
        # a fixed word in a path goes before a parameter
        self._operations.sort(key=lambda one: one[1].pattern.count("[^/]+"))

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        for wanted, pattern, operation in self._operations:
            if wanted == method and pattern.fullmatch(path):
                return operation
        return None

    def check(self, method: str, path: str, status: int, content_type: str, body: bytes) -> list[str]:
        """What is wrong with one answer."""
        operation = self.operation(method, path[len(PREFIX) :])
        if operation is None or undescribed(status, content_type):
            return []
        name = operation["operationId"]
        found = _wire_faults(body) if status == 200 else []
        validator = self._validator(name, operation, status)
        if validator is not None:
            self.answers[name, status] += 1
            told = json.loads(body)
            found += [
                f"{error.message[:200]} at {list(error.instance_path)}"
                for error in validator.iter_errors(told)
                if not _is_false_alarm(name, error, told)
            ]
        return [f"{method} {path} {status}: {one}" for one in found]

    def _validator(self, name: str, operation: dict[str, Any], status: int) -> Any:
        if (name, status) not in self._validators:
            self._validators[name, status] = self._made(operation, status)
        return self._validators[name, status]

    def _made(self, operation: dict[str, Any], status: int) -> Any:
        response = operation["responses"].get(str(status))
        if response is None:
            return None
        if "$ref" in response:
            response = self.file["components"]["responses"][response["$ref"].rpartition("/")[2]]
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return None
        return jsonschema_rs.Draft4Validator({**schema, "components": {"schemas": self.file["components"]["schemas"]}})


def undescribed(status: int, content_type: str) -> bool:
    """Only 200 and 400 have schemas: 401, 403, 404, 429, 500, 501 and 503 are not in the file at all, 204 has no body,
    and files and PDFs are bytes."""
    return status not in (200, 400) or "json" not in content_type


def _pattern(template: str) -> re.Pattern[str]:
    """A path of the file as a pattern in any case; numbers and codes are taken where it speaks of UUIDs only."""
    parts = re.split(r"\{\w+\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts), re.IGNORECASE)


def _wire_faults(body: bytes) -> list[str]:
    found = []
    if b":null" in body:
        found.append("a null is sent, and Xero leaves nulls out")
    if b'"/Date(' in body:
        found.append("the slashes of a date are not escaped")
    return found


def _is_false_alarm(name: str, error: Any, told: Any) -> bool:
    element = told
    for step in error.instance_path[:2]:
        element = element[step]
    refused = isinstance(element, dict) and bool(element.get("ValidationErrors"))
    return any(
        operation in ("*", name) and error.message.endswith(message) and (refused or not only_refused)
        for operation, only_refused, message, _ in FALSE_ALARMS
    )
