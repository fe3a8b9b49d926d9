"""Signing in: by name or e-mail, with limits, without sign-up, in the audit trail."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from tests import factories
from tieout.people.models import Action, Event, Membership

pytestmark = pytest.mark.django_db
PASSWORD = "seven-herons-over-the-estuary"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    return User.objects.create_user("aroha", email="aroha@harakeke.nz", password=PASSWORD)


def sign_in(client: Client, login: str, password: str = PASSWORD, path: str = "/sign-in/") -> int:
    return client.post(path, {"login": login, "password": password}).status_code


@pytest.mark.parametrize("login", ["aroha", "aroha@harakeke.nz"])
def test_a_member_signs_in_by_name_or_by_e_mail_and_it_is_in_the_audit_trail(user: User, login: str) -> None:
    client = Client()
    assert sign_in(client, login) == 302
    assert client.get("/organisations/").status_code == 200
    event = Event.objects.get(action=Action.SIGNED_IN)
    assert event.actor == "aroha"


def test_the_front_door_leads_to_the_only_organisation_or_to_the_list(user: User) -> None:
    client = Client()
    sign_in(client, "aroha")
    assert client.get("/")["Location"] == "/organisations/"
    only = factories.organisation()
    Membership.objects.create(user=user, organisation=only)
    assert client.get("/")["Location"] == f"/o/{only.slug}/"
    Membership.objects.create(user=user, organisation=factories.organisation())
    assert client.get("/")["Location"] == "/organisations/"


def test_guessing_passwords_is_stopped(user: User) -> None:
    client = Client()
    answers = [client.post("/sign-in/", {"login": "aroha", "password": f"guess {n}"}) for n in range(12)]
    assert "Too many failed login attempts" in answers[-1].content.decode() or answers[-1].status_code == 429
    assert sign_in(client, "aroha") != 302  # not even with the right one, for a while


def test_there_is_no_sign_up(user: User) -> None:
    client = Client()
    for path in ("/signup/", "/sign-up/", "/accounts/signup/", "/account/signup/", "/sign-in/signup/"):
        assert client.get(path).status_code == 404


def test_signing_out_takes_a_post_and_ends_the_session(user: User) -> None:
    client = Client()
    sign_in(client, "aroha")
    client.post("/sign-out/")
    assert client.get("/organisations/").status_code == 302


def test_the_second_factor_can_be_set_up(user: User) -> None:
    client = Client()
    sign_in(client, "aroha")
    assert client.get("/account/two-factor/").status_code == 200
    page = client.get("/account/two-factor/totp/activate/", follow=True)
    if page.redirect_chain:  # the password is asked for once more first
        page = client.post(page.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    assert page.status_code == 200
    assert "data:image/svg+xml" in page.content.decode()
    assert client.get("/account/password/").status_code == 200


def test_the_administration_asks_at_the_same_door(user: User) -> None:
    answer = Client().get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/sign-in/")


def test_an_administrator_makes_accounts_and_memberships() -> None:
    User.objects.create_superuser("root", password=PASSWORD)
    client = Client()
    sign_in(client, "root")
    for page in ("", "auth/user/", "auth/user/add/", "people/membership/", "people/membership/add/"):
        answer = client.get(f"/admin/{page}")
        assert answer.status_code == 200
        assert "style-src 'self' 'unsafe-inline'" in answer["Content-Security-Policy"]
