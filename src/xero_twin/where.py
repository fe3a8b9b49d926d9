"""The language of Xero's `where` and `order` parameters.

    expression := term (OR term)*          OR is also ||
    term       := factor (AND factor)*     AND is also &&
    factor     := "(" expression ")" | column operator value | column "." method "(" text ")" | column
    value      := "text" | number | true | false | null | guid("…") | DateTime(2026,09,01)

In: the text of a parameter and the columns of a resource. Out: a test for records, the values that a record
must have in some columns (so that an index can be used), or sort keys. Text is compared without regard to
case. What cannot be read raises QuerySyntaxError, which a call answers with 400, error 16.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Test = Callable[[Callable[[str], Any]], bool]


class QuerySyntaxError(ValueError):
    """The expression cannot be read, or names a column that is not there."""


@dataclass(frozen=True)
class Where:
    """A parsed expression. `test` asks for a record's values by lower-case column name."""

    test: Test
    equals: dict[str, list[Any]]  # a record that passes has one of these values in that column


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?)[mMdD]?
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<sign>==|!=|<>|>=|<=|&&|\|\||[=<>(),!])
    )""",
    re.VERBOSE,
)
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, part: part in value,
    "startswith": lambda value, part: value.startswith(part),
    "endswith": lambda value, part: value.endswith(part),
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
}


def comparable(value: Any) -> Any:
    """A value as it is compared: text without case, days as midnight UTC."""
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def parse_where(text: str, columns: Collection[str]) -> Where:
    """Read a `where` expression over the given lower-case column names."""
    parser = _Parser(text, columns)
    parsed = parser.expression()
    parser.end()
    return parsed


def parse_order(text: str, columns: Collection[str]) -> list[tuple[str, bool]]:
    """Read an `order`: (column, descending) pairs, the most important first."""
    keys: list[tuple[str, bool]] = []
    for part in text.split(","):
        words = part.split()
        if not 1 <= len(words) <= 2 or (len(words) == 2 and words[1].upper() not in ("ASC", "DESC")):
            raise QuerySyntaxError(f"Cannot read the order '{part.strip()}'")
        column = words[0].lower()
        if column not in columns:
            raise _no_column(words[0])
        keys.append((column, len(words) == 2 and words[1].upper() == "DESC"))
    return keys


def _no_column(name: str) -> QuerySyntaxError:
    return QuerySyntaxError(f"No property or field '{name}' exists")  # the wording is not confirmed


class _Parser:
    def __init__(self, text: str, columns: Collection[str]) -> None:
        self._columns = columns
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        position = 0
        stripped = text.rstrip()
        while position < len(stripped):
            match = _TOKEN.match(stripped, position)
            if match is None or match.lastgroup is None:
                raise QuerySyntaxError(f"Syntax error at position {position}")
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()

    def expression(self) -> Where:
        parts = [self._term()]
        while self._take_word("or") or self._take_sign("||"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else _either(parts)

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise QuerySyntaxError(f"Syntax error near '{self._tokens[self._at][1]}'")

    def _term(self) -> Where:
        parts = [self._factor()]
        while self._take_word("and") or self._take_sign("&&"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else _all(parts)

    def _factor(self) -> Where:
        if self._take_sign("("):
            inner = self.expression()
            self._need(")")
            return inner
        name = self._next("name")
        head, _, method = name.rpartition(".")
        if method.lower() in _METHODS and self._take_sign("("):
            return self._method(head, method.lower())
        column = self._column(name)
        operator = self._operator()
        if operator is None:  # a boolean column on its own
            return Where(lambda value: value(column) is True, {})
        return _comparison(column, operator, self._value())

    def _method(self, head: str, method: str) -> Where:
        column, test = self._column(head), _METHODS[method]
        part = _unquoted(self._next("text")).casefold()
        self._need(")")
        if self._take_sign("=="):  # Name.Contains("x")==true is common
            self._take_word("true")

        def passes(value: Callable[[str], Any]) -> bool:
            found = value(column)
            return isinstance(found, str) and test(found.casefold(), part)

        return Where(passes, {})

    def _column(self, name: str) -> str:
        if name.lower() not in self._columns:
            raise _no_column(name)
        return name.lower()

    def _operator(self) -> str | None:
        kind, token = self._peek()
        if kind != "sign" or token not in ("==", "=", "!=", "<>", ">", ">=", "<", "<="):
            return None
        self._at += 1
        return {"=": "==", "<>": "!="}.get(token, token)

    def _value(self) -> Any:
        kind, token = self._peek()
        self._at += 1
        if kind == "text":
            return _unquoted(token)
        if kind == "number":
            return Decimal(token)
        word = token.lower()
        if kind == "name" and word in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[word]
        if kind == "name" and word == "guid":
            return self._guid()
        if kind == "name" and word == "datetime":
            return self._moment()
        raise QuerySyntaxError(f"Syntax error near '{token}'")

    def _guid(self) -> str:
        self._need("(")
        text = _unquoted(self._next("text")).lower()
        self._need(")")
        return text

    def _moment(self) -> datetime:
        self._need("(")
        parts = [int(self._next("number"))]
        while self._take_sign(","):
            parts.append(int(self._next("number")))
        self._need(")")
        if not 3 <= len(parts) <= 6:
            raise QuerySyntaxError("DateTime takes three to six numbers")
        year, month, day, hour, minute, second = (parts + [0] * 3)[:6]
        try:
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError as error:
            raise QuerySyntaxError(str(error)) from error

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "the end")

    def _next(self, kind: str) -> str:
        found, token = self._peek()
        if found != kind:
            raise QuerySyntaxError(f"Syntax error near '{token}'")
        self._at += 1
        return token

    def _take_sign(self, sign: str) -> bool:
        return self._take("sign", sign)

    def _take_word(self, word: str) -> bool:
        return self._take("name", word)

    def _take(self, kind: str, wanted: str) -> bool:
        found, token = self._peek()
        if found == kind and token.lower() == wanted:
            self._at += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take_sign(sign):
            raise QuerySyntaxError(f"'{sign}' expected near '{self._peek()[1]}'")


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _comparison(column: str, operator: str, wanted: Any) -> Where:
    right, compare = comparable(wanted), _COMPARE[operator]

    def passes(value: Callable[[str], Any]) -> bool:
        left = comparable(value(column))
        if left is None or right is None:
            return (left is right) if operator == "==" else operator == "!=" and left is not right
        try:
            return compare(left, right)
        except TypeError:
            raise QuerySyntaxError(f"'{column}' cannot be compared with that value") from None

    return Where(passes, {column: [wanted]} if operator == "==" and isinstance(wanted, str) else {})


def _all(parts: list[Where]) -> Where:
    equals: dict[str, list[Any]] = {}
    for part in parts:
        equals = {**part.equals, **equals}
    return Where(lambda value: all(part.test(value) for part in parts), equals)


def _either(parts: list[Where]) -> Where:
    shared = {
        column: [value for part in parts for value in part.equals[column]]
        for column in parts[0].equals
        if all(column in part.equals for part in parts)
    }
    return Where(lambda value: any(part.test(value) for part in parts), shared)
