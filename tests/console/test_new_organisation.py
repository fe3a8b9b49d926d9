"""A new organisation is made in the page, by whoever administers this Tieout and by nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests import factories
from tests.console.conftest import Cast, signed_in
from tieout.core.models import Organisation
from tieout.people.models import Event, Membership, Role

pytestmark = pytest.mark.django_db
GOOD = {"name": "Kauri Ltd", "slug": "kauri", "base_currency": "nzd", "country": "nz"}


@pytest.fixture
def admin() -> Client:
    User.objects.create_superuser("root")
    return signed_in("root", None)


def make(client: Client, **values: str) -> Any:
    return client.post("/organisations/new/", GOOD | values, follow=True)


def test_whoever_makes_one_owns_it(admin: Client) -> None:
    assert "New organisation" in admin.get("/organisations/").content.decode()
    assert 'name="base_currency"' in admin.get("/organisations/new/").content.decode()
    page = make(admin).content.decode()
    assert "Kauri Ltd is there, and you are its owner." in page
    made = Organisation.objects.get(slug="kauri")
    assert (made.base_currency, made.country) == ("NZD", "NZ")
    assert list(Membership.objects.values_list("organisation__slug", "role")) == [("kauri", Role.OWNER)]
    assert Event.objects.get(organisation=made).actor == "root"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", ""),
        ("name", "x" * 256),
        ("slug", ""),
        ("slug", "a b"),
        ("slug", "../x"),
        ("slug", "x" * 51),
        ("slug", "taken"),
        ("base_currency", ""),
        ("base_currency", "New Zealand dollars"),
        ("base_currency", "=1"),
        ("country", "New Zealand"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(admin: Client, field: str, text: str) -> None:
    factories.organisation(slug="taken")
    answer = make(admin, **{field: text})
    assert answer.status_code == 422
    page = " ".join(answer.content.decode().split())
    assert page.count('class="errorlist" role="alert"') == 1
    row = page.split(f'id="{field}" name="{field}"')[1].split("map-row")[0]
    assert 'class="errorlist" role="alert"' in row
    assert Organisation.objects.count() == 1
    assert not Membership.objects.exists()


def test_nobody_else_makes_one(cast: Cast) -> None:
    for client in (cast.owner, cast.stranger):
        assert "New organisation" not in client.get("/organisations/").content.decode()
        assert client.get("/organisations/new/").status_code == 403
        assert make(client).status_code == 403
    assert make(Client()).redirect_chain[0][0].startswith("/sign-in/")
    assert Organisation.objects.count() == 1
