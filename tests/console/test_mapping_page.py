"""The mapping page: who reads and changes, errors at the field, what a change frees, tax to the cent, consent."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.console.conftest import Cast, signed_in
from tests.sync.chart import make_category
from tests.sync.world import World, world
from tieout.console import ports as way_out
from tieout.console.mapping import DEFAULTS, amounts_in
from tieout.core.chart import store_default_terms
from tieout.core.due_dates import Term, due_date, in_words
from tieout.core.fields import PaymentTermFields
from tieout.core.models import Account, PaymentTerm, TaxRule
from tieout.core.operations import create_payment_term
from tieout.people.models import Event, Role
from tieout.sync import connect, tasks
from tieout.sync.models import Connection, Entry, Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> World:
    made = world()
    monkeypatch.setattr(way_out, "ports", lambda: made.ports)
    return made


@pytest.fixture
def bookkeeper(place: World) -> Client:
    return signed_in("ben", place.organisation, Role.BOOKKEEPER)


def path(place: World, rest: str = "") -> str:
    return f"/o/{place.organisation.slug}/mapping/{rest}"


def roles(place: World, **changes: str) -> dict[str, str]:
    """The form as it stands, with some choices changed."""
    chosen = Connection.objects.get(organisation=place.organisation).roles
    return {f"role-{role.name}": chosen.get(role.name, "") for role in connect.ROLES} | {
        f"role-{name.replace('_', '-')}": code for name, code in changes.items()
    }


def test_everybody_reads_and_only_who_may_changes(place: World) -> None:
    viewer = signed_in("vera", place.organisation, Role.VIEWER)
    page = viewer.get(path(place)).content.decode()
    assert "200 Sales" in page and "<fieldset disabled" in page
    assert "See what it frees" not in page and "Another account…" not in page
    for rest in ("preview/", "save/", "default-tax/", "xero/", "xero/do/"):
        assert viewer.post(path(place, rest), roles(place)).status_code == 403
        assert signed_in("stan", None).post(path(place, rest)).status_code == 404


def test_without_a_connection_it_says_what_to_do(cast: Cast) -> None:
    assert "Finish connecting to Xero first" in cast.owner.get(cast.path("mapping/")).content.decode()


BAD_ROLES = {
    "sales": [("", "Choose an account for Sales."), ("999", "not an active account"), ("090", "no line be booked")],
    "purchases": [("", "Choose an account for Purchases."), ("610", "no line be booked"), ("<b>", "not an active")],
    "sale-charges": [("=1+1", "not an active account")],
    "purchase-charges": [("x" * 4000, "not an active account")],
    "customer-credits": [("800", "no line be booked")],
    "supplier-deposits": [("nope", "not an active account")],
    "cost-of-goods": [("090", "no line be booked"), ("630", "no line be booked")],
    "inventory": [("630", "no line be booked on 630 Inventory")],
}


def test_every_purpose_has_its_bad_input() -> None:
    assert set(BAD_ROLES) == {role.name for role in connect.ROLES}


@pytest.mark.parametrize(
    ("name", "code", "sentence"), [(name, *each) for name, rows in BAD_ROLES.items() for each in rows]
)
def test_a_bad_account_is_a_sentence_at_its_field_and_nothing_is_saved(
    place: World, bookkeeper: Client, name: str, code: str, sentence: str
) -> None:
    before = Connection.objects.get().roles
    own = factories.tax_rule(place.organisation, name="No tax at all", rate="0")
    form = roles(place) | {f"role-{name}": code, f"tax-{own.pk}": "NONE"}
    for step in ("preview/", "save/"):
        page = bookkeeper.post(path(place, step), form)
        text = page.content.decode()
        assert page.status_code == 422
        row = text.split(f'id="role-{name}"')[1].split('class="map-row')[0]
        assert "errorlist" in row
        assert sentence in row
    assert Connection.objects.get().roles == before
    own.refresh_from_db()
    assert own.tax_type == "", "the good half was saved"
    assert Event.objects.filter(action="mapped").count() == 1


@pytest.mark.parametrize(
    ("tax_type", "sentence"),
    [
        ("OUTPUT2", "Choose a rate of the same percentage"),
        ("NOPE", "no active tax rate"),
        ("<x>", "no active tax rate"),
    ],
)
def test_a_bad_tax_rate_is_a_sentence_at_its_rule(
    place: World, bookkeeper: Client, tax_type: str, sentence: str
) -> None:
    own = factories.tax_rule(place.organisation, name="Old & GST", rate="12.5")
    page = bookkeeper.post(path(place, "save/"), roles(place) | {f"tax-{own.pk}": tax_type})
    text = page.content.decode()
    assert (page.status_code, "Old &amp; GST" in text, "Old & GST" in text) == (422, True, False)
    assert sentence in text.split(f'id="tax-{own.pk}"')[1]
    assert TaxRule.objects.get(pk=own.pk).tax_type == ""


def test_a_rule_of_xeros_own_and_one_of_another_company_cannot_be_mapped(place: World, bookkeeper: Client) -> None:
    of_xero = TaxRule.objects.filter(organisation=place.organisation, from_xero=True, rate=0).first()
    theirs = factories.tax_rule(factories.organisation(), name="Theirs", rate="0")
    assert of_xero is not None
    for rule in (of_xero, theirs):
        page = bookkeeper.post(path(place, "save/"), roles(place) | {f"tax-{rule.pk}": "NONE"})
        assert page.status_code == 422
        before = rule.tax_type
        rule.refresh_from_db()
        assert rule.tax_type == before


def test_a_mapping_says_what_it_frees_frees_it_and_the_sync_sends_it(
    place: World, bookkeeper: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(tasks, "request_sync", lambda organisation, actor: asked.append(actor) or True)
    own = factories.tax_rule(place.organisation, name="No tax at all", rate="0")
    held = [factories.sale_invoice(place.organisation, lines=[factories.line(tax_rule_id=own.pk)]) for _ in range(3)]
    factories.payment(held[0], "5.00")
    place.sync()
    waiting = Entry.objects.filter(status=Status.WARNING)
    assert {each.reason_code for each in waiting} == {"tax-unmapped"}
    assert "No tax at all" in waiting[0].reason
    entry_page = bookkeeper.get(f"/o/{place.organisation.slug}/history/{waiting[0].pk}/").content.decode()
    assert "mapping/#tax" in entry_page and "Map the tax rule" in entry_page
    form = roles(place) | {f"tax-{own.pk}": "NONE"}
    text = bookkeeper.post(path(place, "preview/"), form).content.decode()
    assert "are freed: they go" in text
    assert held[0].number in text
    assert TaxRule.objects.get(pk=own.pk).tax_type == ""
    page = bookkeeper.post(path(place, "save/"), form | {"then": "sync"}, follow=True).content.decode()
    assert "3 entries are set to Pending" in page
    assert asked == ["ben"]
    assert not Entry.objects.filter(status=Status.WARNING).exists()
    place.clock.advance(600)
    place.sync()
    assert set(Entry.objects.values_list("status", flat=True)) == {Status.COMPLETED}
    assert "No tax at all:  → NONE" in page or "No tax at all: none → NONE" in page


def test_what_somebody_else_mapped_meanwhile_is_not_overwritten(place: World, bookkeeper: Client) -> None:
    version = connect.mapping_version(Connection.objects.get())
    bookkeeper.post(path(place, "save/"), roles(place, sales="260") | {"version": version})
    page = bookkeeper.post(path(place, "save/"), roles(place, purchases="310") | {"version": version})
    assert "Somebody changed the mapping meanwhile" in page.content.decode()
    assert Connection.objects.get().roles["purchases"] == "300"


def test_one_account_may_serve_several_purposes(place: World, bookkeeper: Client) -> None:
    bookkeeper.post(path(place, "save/"), roles(place, sales="260", sale_charges="260"))
    chosen = Connection.objects.get().roles
    assert chosen["sales"] == chosen["sale-charges"] == "260"


def test_tax_is_worked_out_to_the_cent_on_both_sides(place: World, bookkeeper: Client) -> None:
    text = bookkeeper.get(path(place, "tax/"), {"amounts": "25.06 25.61 25.63"}).content.decode()
    row = text.split("15% GST on Income")[1].split("</tr>")[0]
    figures = re.findall(r"\d[\d,]*\.\d\d", row)
    assert figures == ["76.30", "11.44", "87.74", "66.35", "9.95", "76.30"], "Xero rounds line by line"
    assert "Same to the cent" in row


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "Type an amount"), ("abc", "“abc” is no amount"), ("1 " * 21, "Up to 20"), ("1e5", "is no amount"),
     ("=1+1", "is no amount"), ("<b>", "is no amount"), ("9" * 50, "is no amount"), ("٣", "is no amount")],
)  # fmt: skip
def test_what_is_no_amount_is_told(place: World, bookkeeper: Client, typed: str, sentence: str) -> None:
    text = bookkeeper.get(path(place, "tax/"), {"amounts": typed}).content.decode()
    assert sentence in text
    assert "<b>" not in text


def test_amounts_may_have_commas() -> None:
    assert amounts_in("1,234.50 -3") == ([Decimal("1234.50"), Decimal(-3)], "")


def test_a_rate_that_xero_changed_is_shown_and_holds_documents(place: World, bookkeeper: Client) -> None:
    own = factories.tax_rule(place.organisation, name="15% GST on Income (own)", rate="15", tax_type="OUTPUT2")
    TaxRule.objects.filter(tax_type="OUTPUT2").update(xero_rate=Decimal("12.5"))
    text = bookkeeper.get(path(place, "tax/"), {"amounts": "100"}).content.decode()
    row = text.split(own.name)[1].split("</tr>")[0]
    assert "12.5% in Xero" in row
    assert "100.00 + 12.50 = 112.50" in row


# -- making things in Xero -------------------------------------------------------------------------------------------


def confirm(bookkeeper: Client, place: World, **form: str) -> tuple[dict[str, str], str]:
    """Ask, and read the page: what its second form would post, and its text."""
    text = bookkeeper.post(path(place, "xero/"), form).content.decode()
    second = text.split("xero/do/")[1].split("</form>")[0] if "xero/do/" in text else ""
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', second)), text


def test_an_account_is_made_only_after_consent_and_only_once(place: World, bookkeeper: Client) -> None:
    mark = len(place.twin.journal)
    asked, text = confirm(bookkeeper, place, what="account", code="261", name="Freight", type="REVENUE")
    assert "Create the account 261 Freight in Xero" in text
    assert "&quot;Code&quot;: &quot;261&quot;" in text
    assert len(place.twin.journal) == mark
    for _ in range(2):
        page = bookkeeper.post(path(place, "xero/do/"), asked, follow=True).content.decode()
    assert "stands in Xero already" in page
    assert [each["Name"] for each in place.documents("Accounts") if each.get("Code") == "261"] == ["Freight"]
    assert "261 Freight" in bookkeeper.get(path(place)).content.decode()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"what": "account", "code": "200", "name": "=cmd|' /C calc'!A0", "type": "REVENUE"}, "belongs to the account"),
        ({"what": "account", "code": "", "name": "<i>x</i>", "type": "REVENUE"}, "Type a code"),
        ({"what": "account", "code": "261", "name": "<i>x</i>", "type": "REVENUE"}, "no &lt; or &gt;"),
        ({"what": "account", "code": "261", "name": "x", "type": "BANK"}, "made in Xero itself"),
        ({"what": "code", "account": "nonsense", "code": "1"}, "not known here"),
        ({"what": "currency", "currency": "XX"}, "no ISO currency code"),
        ({"what": "option", "category": "None", "option": "x"}, "no active tracking category"),
        ({"what": "everything"}, "Choose on the page Mapping"),
        ({}, "Choose on the page Mapping"),
    ],
)
def test_what_cannot_be_made_is_told_and_nothing_is(
    place: World, bookkeeper: Client, form: dict[str, str], sentence: str
) -> None:
    before = len(place.documents("Accounts"))
    key = {"key": "6f1c2f4e-0d3c-4a43-9b1e-1f1f1f1f1f1f"}
    page = bookkeeper.post(path(place, "xero/do/"), form | key)
    text = page.content.decode()
    assert page.status_code == 422
    assert sentence in text
    assert "<i>x</i>" not in text
    assert len(place.documents("Accounts")) == before
    assert not Event.objects.filter(kind="xero_setting").exists()


def test_a_currency_is_added_and_frees_what_waited_for_it(place: World, bookkeeper: Client) -> None:
    invoice = factories.sale_invoice(place.organisation, currency="EUR", rate=Decimal("0.5"))
    place.sync()
    assert place.entry(invoice).reason_code == "currency-missing"
    assert "Not there" in bookkeeper.get(path(place)).content.decode()
    asked, _ = confirm(bookkeeper, place, what="currency", currency="EUR")
    bookkeeper.post(path(place, "xero/do/"), asked)
    place.clock.advance(600)
    place.sync()
    assert place.entry(invoice).status == Status.COMPLETED


def test_a_missing_option_is_listed_and_added(place: World, bookkeeper: Client) -> None:
    make_category(place, "Region", ["Nelson"])
    connect.load(Connection.objects.select_related("organisation", "grant").get(), actor="m", ports=place.ports)
    Connection.objects.update(tracking={"location": "Region"})
    factories.sale_invoice(place.organisation, location="Bluff & <Co>")
    text = bookkeeper.get(path(place)).content.decode()
    assert "Missing" in text and "Bluff &amp; &lt;Co&gt;" in text
    factories.sale_invoice(place.organisation, location="Picton")
    asked, _ = confirm(bookkeeper, place, what="option", category="Region", option="Picton")
    bookkeeper.post(path(place, "xero/do/"), asked)
    assert Connection.objects.get().tracking_categories == {"Region": ["Nelson", "Picton"]}


def test_accounts_that_do_not_fit_payments_are_listed_with_the_cure(place: World, bookkeeper: Client) -> None:
    invoice = factories.sale_invoice(place.organisation)
    factories.payment(invoice, "5.00", account="090")
    account = Account.objects.get(organisation=place.organisation, code="090")
    Account.objects.filter(pk=account.pk).update(type="CURRENT", enable_payments=False)
    text = bookkeeper.get(path(place)).content.decode()
    assert "Payments to it are not enabled in Xero." in text
    assert "Enable payments in Xero…" in text


def test_xero_not_answering_is_a_sentence(place: World, bookkeeper: Client) -> None:
    asked, _ = confirm(bookkeeper, place, what="currency", currency="EUR")
    place.twin.faults.add("drop_before", path="/api.xro", times=50)
    page = bookkeeper.post(path(place, "xero/do/"), asked)
    assert (page.status_code, "Xero did not answer" in page.content.decode()) == (422, True)
    assert "EUR" not in Connection.objects.get().currencies


@pytest.mark.parametrize(
    ("method", "days", "day", "due", "words"),
    [
        ("DAYSAFTERBILLDATE", 20, date(2026, 1, 31), date(2026, 2, 20), "20 days after the document's date"),
        ("DAYSAFTERBILLMONTH", 1, date(2026, 1, 15), date(2026, 2, 1), "1 day after the end of its month"),
        ("OFCURRENTMONTH", 31, date(2026, 2, 3), date(2026, 2, 28), "the last day of the same month"),
        ("OFFOLLOWINGMONTH", 22, date(2026, 12, 31), date(2027, 1, 22), "the 22nd of the following month"),
        ("OFFOLLOWINGMONTH", 30, date(2026, 1, 31), date(2026, 2, 28), "the 30th of the following month"),
        ("OFCURRENTMONTH", 11, date(2026, 2, 3), date(2026, 2, 11), "the 11th of the same month"),
    ],
)
def test_terms_say_when_a_document_falls_due(method: str, days: int, day: date, due: date, words: str) -> None:
    term = Term(method, days)
    assert (due_date(term, day), in_words(term)) == (due, words)


def test_terms_stand_on_the_page(place: World, bookkeeper: Client) -> None:
    create_payment_term(
        place.organisation, PaymentTermFields(name="20th after", days=20, method="OFFOLLOWINGMONTH"), actor="m"
    )
    assert "the 20th of the following month" in bookkeeper.get(path(place)).content.decode()


def test_terms_show_what_xero_takes_and_what_it_has_not(place: World, bookkeeper: Client) -> None:
    term = factories.payment_term(place.organisation, "20th after", days=20, method="OFFOLLOWINGMONTH")
    factories.contact(place.organisation, term_id=term.pk)
    text = bookkeeper.get(path(place)).content.decode()
    assert "OFFOLLOWINGMONTH, 20" in text and "Cannot be sent" not in text and "Default in Xero" not in text
    store_default_terms(place.organisation, Term("OFFOLLOWINGMONTH", 20), Term("OFFOLLOWINGMONTH", 20))
    text = bookkeeper.get(path(place)).content.decode()
    assert "Default in Xero for invoices and bills whose contact has no term" in text
    PaymentTerm.objects.filter(pk=term.pk).update(days=0)  # as older data may have it
    text = bookkeeper.get(path(place)).content.decode()
    assert "Cannot be sent" in text and "correct the term with a file of payment-terms" in text


def test_default_tax_rules_are_chosen_on_the_page_and_said_in_the_trail(place: World, bookkeeper: Client) -> None:
    sale, purchase = TaxRule.objects.filter(organisation=place.organisation, status="ACTIVE").order_by("name")[:2]
    form = {"default-sale-tax": str(sale.pk), "default-purchase-tax": str(purchase.pk)}
    page = bookkeeper.post(path(place, "default-tax/"), form, follow=True).content.decode()
    assert "The default tax rules were saved" in page
    assert f'<option value="{sale.pk}" selected>' in page
    chosen = TaxRule.objects.filter(organisation=place.organisation)
    assert (chosen.get(default_for_sales=True), chosen.get(default_for_purchases=True)) == (sale, purchase)
    assert Event.objects.filter(label__startswith="Default tax rule for", actor="ben").count() == 2
    bookkeeper.post(path(place, "default-tax/"), {})
    assert not TaxRule.objects.filter(default_for_sales=True).exists()


BAD_DEFAULTS = ["999999999", "nonsense", "<b>", "9" * 400, "-1", "stranger", "archived"]


@pytest.mark.parametrize("field", list(DEFAULTS))
@pytest.mark.parametrize("text", BAD_DEFAULTS)
def test_a_bad_default_is_a_sentence_at_its_field_and_nothing_is_saved(
    place: World, bookkeeper: Client, field: str, text: str
) -> None:
    good, gone = TaxRule.objects.filter(organisation=place.organisation, status="ACTIVE")[:2]
    if text == "stranger":
        text = str(factories.tax_rule(factories.organisation()).pk)
    elif text == "archived":
        TaxRule.objects.filter(pk=gone.pk).update(status="ARCHIVED")
        text = str(gone.pk)
    form = {name: str(good.pk) for name in DEFAULTS} | {field: text}
    page = bookkeeper.post(path(place, "default-tax/"), form)
    assert page.status_code == 422
    assert f'id="{field}-error">This is no active tax rule of the organisation.' in page.content.decode()
    assert not TaxRule.objects.filter(default_for_sales=True).exists()
    assert not TaxRule.objects.filter(default_for_purchases=True).exists()
