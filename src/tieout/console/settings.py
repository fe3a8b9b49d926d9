"""The settings of an organisation: the form, what a change would do, saving it, and the history of changes.

In: a seat; for a change the whole form. Out: the page; a preview of the effect on what is open; by POST the change.
Always: every member may read, only who may map can change; nothing is stored before its preview was shown; errors stand
at their fields with what was typed, and then nothing at all is stored; what a change frees is set to Pending.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_POST

from tieout.console import ports as way_out
from tieout.console.frame import page
from tieout.console.seats import Right, Seat, for_member
from tieout.sync import company_settings, tasks
from tieout.sync.company_settings import Current, NotSaved
from tieout.sync.connect import open_connection
from tieout.sync.models import Connection
from tieout.sync.settings import CATALOGUE, SECTIONS, Setting
from tieout.sync.typed import FIELDS, field_title

LISTED = 50


@dataclass(frozen=True, slots=True)
class Field:
    """One setting on the page. `options`: value and title, where there is something to choose from; `channels`: channel
    and its choice."""

    setting: Setting
    text: str
    error: str
    options: list[tuple[str, str]]
    channels: list[tuple[str, str]]

    @property
    def widget(self) -> str:
        return "choice" if self.options and self.setting.typed.widget != "channels" else self.setting.typed.widget


@require_http_methods(["GET", "HEAD", "POST"])
@for_member()
def settings(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The form; by POST with what was typed in it so far, to go on with that."""
    connection = open_connection(seat.organisation)
    if connection is None:
        return page(request, seat, "console/settings.html", title="Settings", here="settings", connection=None)
    return _form(request, seat, connection, texts_in(request.POST))


def _form(
    request: HttpRequest,
    seat: Seat,
    connection: Connection,
    texts: dict[str, str],
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    now = company_settings.current(connection)
    errors = errors or {}
    shown = now.texts | texts
    fields = [_field(each, shown[each.key], errors.get(each.key, ""), now) for each in CATALOGUE]
    return page(
        request,
        seat,
        "console/settings.html",
        title="Settings",
        here="settings",
        status=422 if errors else 200,
        connection=connection,
        sections_of_settings=[(name, [each for each in fields if each.setting.section == name]) for name in SECTIONS],
        version=request.POST.get("version") or now.version,
        trouble=errors.get("", "") or (_count(errors) if errors else ""),
        history=company_settings.history(seat.organisation, LISTED),
        consolidation=_address("consolidation", seat),
    )


def _count(errors: dict[str, str]) -> str:
    what = "One setting is" if len(errors) == 1 else f"{len(errors)} settings are"
    return f"{what} not right yet, so nothing was saved. What to do stands at the field."


def _field(setting: Setting, text: str, error: str, now: Current) -> Field:
    widget = setting.typed.widget
    options: list[tuple[str, str]] = []
    channels: list[tuple[str, str]] = []
    if widget in ("choice", "channels"):
        options = list(setting.typed.options)  # type: ignore[attr-defined]
    elif setting.key.endswith("_category"):
        names = sorted({*(now.known.categories or ()), *([text] if text else [])})
        options = [("", "Not used"), *((name, name) for name in names)]
    elif widget == "tracked":
        names = [*FIELDS, *now.known.attributes, *([text] if text else [])]
        options = [("", "Not used"), *((name, field_title(name)) for name in dict.fromkeys(names))]
    if widget == "channels":
        chosen = dict(line.rpartition(" = ")[::2] for line in text.split("\n") if line)
        channels = [(name, chosen.get(name, "")) for name in sorted({*now.known.channels, *chosen})]
    return Field(setting, text, error, options, channels)


def texts_in(form: QueryDict) -> dict[str, str]:
    """What a form holds, by key. The choices for channels come as pairs of name and status."""
    texts: dict[str, str] = {}
    for setting in CATALOGUE:
        if f"{setting.key}-name" in form:
            names, chosen = form.getlist(f"{setting.key}-name"), form.getlist(f"{setting.key}-value")
            pairs = [f"{name} = {value}" for name, value in zip(names, chosen, strict=False) if value]
            texts[setting.key] = "\n".join(pairs) + ("\n" if len(pairs) == 1 else "")
        elif setting.key in form:
            texts[setting.key] = str(form[setting.key]).replace("\r\n", "\n")
    return texts


def _address(route: str, seat: Seat) -> str:
    """The address of a page that an installation may not have."""
    try:
        return reverse(route, args=[seat.organisation.slug])
    except NoReverseMatch:
        return ""


@require_POST
@for_member(Right.MAP)
def preview(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What these settings would do; nothing is stored."""
    connection = open_connection(seat.organisation)
    if connection is None:
        return redirect("settings", seat.organisation.slug)
    texts = texts_in(request.POST)
    found = company_settings.typed(connection, texts)
    if found.errors:
        return _form(request, seat, connection, texts, found.errors)
    if not found.changes:
        messages.info(request, "Nothing is changed yet.")
        return redirect("settings", seat.organisation.slug)
    return page(
        request,
        seat,
        "console/settings_preview.html",
        title="Settings: what would change",
        here="settings",
        changes=found.changes,
        effect=company_settings.effect_of(connection, found.values, way_out.ports().clock),
        loads=company_settings.loads(connection, found),
        stays=company_settings.stays(connection, found),
        texts=texts,
        version=request.POST.get("version", ""),
    )


@require_POST
@for_member(Right.MAP)
def save(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Store the settings, set free what they free, and where it is wished sync at once."""
    connection = open_connection(seat.organisation)
    if connection is None:
        return redirect("settings", seat.organisation.slug)
    texts = texts_in(request.POST)
    version, clock = request.POST.get("version", ""), way_out.ports().clock
    try:
        changes, moved = company_settings.save(connection, texts, actor=seat.actor, clock=clock, version=version)
    except NotSaved as refused:
        return _form(request, seat, connection, texts if "" not in refused.errors else {}, refused.errors)
    messages.success(request, _saved(len(changes), "setting") + freed_sentence(moved))
    sync_at_once(request, seat)
    return redirect("settings", seat.organisation.slug)


def _saved(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'} saved."


def freed_sentence(moved: int) -> str:
    if not moved:
        return ""
    return f" {moved:,} {'entry is' if moved == 1 else 'entries are'} set to Pending and go with the next sync."


def sync_at_once(request: HttpRequest, seat: Seat) -> None:
    """Ask for a sync where the form wished it."""
    if request.POST.get("then") != "sync":
        return
    if tasks.request_sync(seat.organisation, seat.actor):
        messages.info(request, "A sync was asked for.")
    else:
        messages.info(request, "A sync is waiting already.")
