"""What the console's templates need beyond Django's own: numbers, moments and statuses as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from tieout.console import presentation
from tieout.core.money import said
from tieout.reports.history import COUNTED_UP_TO

register = template.Library()
register.filter("reason_title", presentation.reason_title)
register.filter("kind_title", presentation.kind_title)
register.filter("kind_plural", presentation.kind_plural)
register.filter("file_title", presentation.file_title)
register.filter("resource_title", presentation.resource_title)
register.filter("xero_status", presentation.xero_status)


@register.filter
def money(value: Decimal | None) -> str:
    """1,234.50; a true minus sign for negative amounts; nothing for None."""
    return "" if value is None else said(value)


@register.filter
def whole(value: int | None) -> str:
    """1,234; nothing for None."""
    return "" if value is None else f"{value:,}".replace("-", "−")


@register.filter
def percent(value: Decimal) -> str:
    """15%, 12.5%: without the zeros of the column."""
    return f"{value.normalize():f}%"


@register.filter
def capped(value: int) -> str:
    """A count that stops at a cap: "1,000+" beyond it."""
    return f"{COUNTED_UP_TO:,}+" if value > COUNTED_UP_TO else f"{value:,}"


@register.filter
def sign_count(value: int) -> str:
    """A count for a small badge: "9,999+" beyond that."""
    return "9,999+" if value > 9999 else f"{value:,}"


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A <time>: UTC as delivered, said plainly; console.js shows it in the viewer's zone."""
    if value is None:
        return ""
    utc = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}">{}&nbsp;UTC</time>',
        utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        utc.strftime("%d\u00a0%b\u00a0%Y, %H:%M"),
    )


_MOMENT = re.compile(r"\b(\d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}) UTC\b")


@register.filter
def with_times(text: str) -> SafeString:
    """A sentence, each moment in it as a <time> of its own, so that it shows in the viewer's zone like all others."""

    def shown(found: re.Match[str]) -> str:
        return str(moment(datetime.strptime(found[1], "%d %b %Y %H:%M").replace(tzinfo=UTC)))

    return mark_safe(_MOMENT.sub(shown, conditional_escape(text)))  # noqa: S308 - escaped before


@register.filter
def duration(seconds: float | None) -> str:
    """12 s, 3 min 20 s, 2 h 5 min."""
    if seconds is None:
        return ""
    total = round(seconds)
    if total < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60} s"
    return f"{total // 3600} h {total % 3600 // 60} min"


@register.inclusion_tag("console/badge.html")
def badge(status: str) -> dict[str, object]:
    """A status as a badge: colour, shape and word. Takes stored and shown statuses."""
    shown = {"sending": "pending", "uncertain": "pending"}.get(status, status)
    return {"shown": presentation.STATUSES.get(shown), "remark": presentation.REMARKS.get(status, "")}


@register.filter
def action_title(action: str) -> str:
    return presentation.ACTIONS.get(action, action.capitalize())


@register.simple_tag
def with_count(counts: Mapping[str, int], name: str) -> int:
    """One count out of several, by name."""
    return counts.get(name, 0)


@register.simple_tag
def cure(code: str) -> presentation.Cure | None:
    """The page on which a person can do away with a reason."""
    return presentation.CURES.get(code)


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: object) -> str:
    """The present query with some values changed; an empty value takes its key out."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for key, value in changes.items():
        if value in ("", None):
            query.pop(key, None)
        else:
            query[key] = str(value)
    query.pop("changed", None)
    return "?" + urlencode([(key, value) for key, values in query.lists() for value in values])
