"""docs/errors.md lists every reason that Sync History can show. Made anew by
`DJANGO_SETTINGS_MODULE=tieout.settings python -m tests.docs.test_errors`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import django

from tieout.kinds.problems import catalogue

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "errors.md"
PARTS = 3  # code, text, advice
HEAD = """# Every reason, and what to do

What stands beside a Warning, Failed or Skipped record in Sync History. Made from the source; a test holds it to that.
"…" stands for what differs from case to case.

"""


def text_of(node: ast.expr) -> str:
    """A text as written, with … for each part that is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) for part in parts)
        case ast.FormattedValue():
            return "…"
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return text_of(left) + text_of(right)
        case _:
            return "…"


def found_here() -> Iterator[tuple[str, str, str]]:
    """Code, text and advice of every problem that is known without asking Xero."""
    engine = ROOT / "src" / "tieout"
    for path in sorted([*(engine / "kinds").rglob("*.py"), *(engine / "sync").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Problem"
                and len(node.args) >= PARTS
                and isinstance(node.args[0], ast.Constant)
            ):
                code, text, advice = (text_of(each) for each in node.args[:PARTS])
                yield code, text, advice


def page() -> str:
    from tieout.console.presentation import reason_title  # needs Django to be set up

    here = "".join(
        f"| {reason_title(code)} | {text} | {advice} |\n" for code, text, advice in sorted(set(found_here()))
    )
    refused = "".join(f"| {reason_title(code)} | {advice} |\n" for code, advice in catalogue())
    return (
        HEAD
        + "## Found by Tieout, before anything is sent\n\n| reason | what it says | what to do |\n|---|---|---|\n"
        + here
        + "\n## Refused by Xero\n\nXero's own words are shown with each.\n\n| reason | what to do |\n|---|---|\n"
        + refused
    )


def test_the_page_is_what_the_source_says() -> None:
    assert PAGE.read_text() == page(), "docs/errors.md is out of date: make it anew as this module says"


def test_there_are_as_many_reasons_as_one_would_expect() -> None:
    assert len({code for code, _, _ in found_here()}) > 30
    assert all(code and text and advice for code, text, advice in found_here())


if __name__ == "__main__":
    django.setup()
    PAGE.write_text(page())
