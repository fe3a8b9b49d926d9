"""A new organisation, made in the page by whoever administers this Tieout.

In: a name, a short name, a base currency, a country. Out: the organisation, with its maker as owner; or a sentence at
each field. Always: only who may administer makes one; either both are made, or nothing is.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tieout.console.seats import may_administer, user_id
from tieout.core import operations
from tieout.core.fields import OrganisationFields
from tieout.people.models import Membership, Role


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form, as it was typed, with what is wrong with it."""

    name: str
    title: str
    hint: str
    most: int
    text: str = ""
    error: str = ""


FIELDS = (
    ("name", "Name", "As it stands on documents.", 255),
    ("slug", "Short name", "For addresses and files: letters a–z, digits, hyphens; such as harakeke.", 50),
    ("base_currency", "Base currency", "Three letters such as NZD, the same as in Xero. It cannot be changed.", 3),
    ("country", "Country", "Two letters such as NZ, or empty.", 2),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Show the form, or make what it says and go there."""
    if not may_administer(request):
        raise PermissionDenied("Organisations are made by whoever administers this Tieout.")
    typed = {name: request.POST.get(name, "").strip() for name, *_ in FIELDS}
    errors: dict[str, str] = {}
    if request.method == "POST":
        actor = request.user.get_username()
        values = OrganisationFields(
            name=typed["name"],
            slug=typed["slug"],
            base_currency=typed["base_currency"].upper(),
            country=typed["country"].upper(),
        )
        try:
            with transaction.atomic():
                made = operations.create_organisation(values, actor=actor)
                Membership.objects.create(user_id=user_id(request), organisation=made, role=Role.OWNER)
        except operations.Refused as refusal:
            for each in refusal.problems:
                said = f"“{each.value[:60]}” {each.reason}." if each.value else f"This {each.reason}."
                errors.setdefault(each.field, said)
        else:
            messages.success(request, f"{made.name} is there, and you are its owner. Import its files, or connect it.")
            return redirect("overview", made.slug)
    fields = [Field(*each, text=typed[each[0]], error=errors.get(each[0], "")) for each in FIELDS]
    known = {name for name, *_ in FIELDS}
    context = {
        "title": "New organisation",
        "site_title": "Tieout",
        "here": "organisations",
        "fields": fields,
        "trouble": "; ".join(said for field, said in errors.items() if field not in known),
    }
    return render(request, "console/new_organisation.html", context, status=422 if errors else 200)
