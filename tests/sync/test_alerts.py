"""Telling people by e-mail: only what is new, only to whom the settings name, and never at the cost of a run."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from tests import factories
from tests.sync.world import World
from tieout.environment import Environment, SettingsError
from tieout.sync import alerts
from tieout.sync.models import Connection

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def addresses(connected: World, settings: Any) -> None:
    settings.TIEOUT_MAIL = True
    Connection.objects.update(alert_emails=["mere@example.com"])


def test_what_waits_for_a_person_is_told_once(connected: World) -> None:
    factories.sale_invoice(connected.organisation, currency="EUR", rate=Decimal("0.5"))
    assert alerts.tell(connected.sync())
    (message,) = mail.outbox
    assert message.to == ["mere@example.com"]
    assert "1 Warning: Xero does not have the currency EUR." in message.body
    connected.clock.advance(3600)
    assert not alerts.tell(connected.sync()), "nothing is new"


def test_a_run_that_stops_is_told_until_it_stops_for_the_same_reason_again(connected: World) -> None:
    factories.sale_invoice(connected.organisation)
    connected.twin.faults.add("drop_before", times=1000)
    assert alerts.tell(connected.sync())
    assert "stopped early" in mail.outbox[0].body
    connected.clock.advance(3600)
    assert not alerts.tell(connected.sync())


def test_a_run_that_went_well_is_not_told(connected: World) -> None:
    factories.sale_invoice(connected.organisation)
    assert not alerts.tell(connected.sync())
    assert mail.outbox == []


def test_a_mail_server_that_fails_costs_nothing(connected: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise OSError("no route")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", down)
    factories.sale_invoice(connected.organisation, currency="EUR", rate=Decimal("0.5"))
    assert not alerts.tell(connected.sync())


def test_a_name_with_line_breaks_adds_no_header(connected: World) -> None:
    type(connected.organisation).objects.update(name="Acme\nBcc: all@example.com")
    connected.organisation.refresh_from_db()
    factories.sale_invoice(connected.organisation, currency="EUR", rate=Decimal("0.5"))
    assert alerts.tell(connected.sync())
    assert mail.outbox[0].recipients() == ["mere@example.com"]
    assert "\n" not in mail.outbox[0].subject


@pytest.mark.parametrize("url", ["mail.example.com", "smtp://host", "http://host?from=a@b.c", "smtp://host:x?from=a@b"])
def test_a_mail_server_that_makes_no_sense_is_told(url: str) -> None:
    with pytest.raises(SettingsError, match="TIEOUT_EMAIL_URL must look like"):
        Environment.read({"TIEOUT_EMAIL_URL": url})


def test_a_mail_server_is_read_with_its_password_out_of_sight() -> None:
    found = Environment.read({"TIEOUT_EMAIL_URL": "smtps://mere:s%40cret@mail.example.com?from=tieout@example.com"})
    assert found.mail is not None
    server = found.mail
    assert (server.host, server.port, server.user, server.password) == ("mail.example.com", 465, "mere", "s@cret")
    assert "s@cret" not in repr(found)
