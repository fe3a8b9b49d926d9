"""When documents fall due by their contacts' terms, and where terms come from."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tieout.core import operations
from tieout.core.due_dates import OF_A_MONTH, Term, due_date, misfit
from tieout.core.fields import PaymentTermFields
from tieout.core.importing import ImportRefused, import_file
from tieout.core.models import Document, Organisation, PaymentTerm, Touch
from tieout.core.operations import Refused

TERMS = st.builds(Term, st.sampled_from(("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", *OF_A_MONTH)), st.integers(1, 31))


@given(TERMS, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_nothing_falls_due_before_its_own_day_nor_in_a_month_that_the_term_does_not_mean(term: Term, day: date) -> None:
    due = due_date(term, day)
    assert due >= day
    months = (due.year - day.year) * 12 + due.month - day.month
    if term.method == "OFFOLLOWINGMONTH":
        assert months == 1
        assert due.day == term.days or (due.day < term.days and (due + timedelta(days=1)).day == 1)
    if term.method == "OFCURRENTMONTH":
        assert months == 0


def test_xero_has_no_day_0_and_no_day_32_of_a_month() -> None:
    assert [bool(misfit(Term("OFFOLLOWINGMONTH", days))) for days in (0, 1, 31, 32)] == [True, False, False, True]
    assert not misfit(Term("DAYSAFTERBILLDATE", 0))


def load(owner: Organisation, kind: str, text: str) -> tuple[int, int, int]:
    result = import_file(owner, kind, io.BytesIO(text.encode()), actor="mere")
    return result.created, result.changed, result.unchanged


TERM_FILE = """name,method,days
20 days,Number of days,20
EOM,last day of next month,
20th,day of next month,20
Month plus 10,days since the end of the month,10
"""
CONTACTS = """code,name,type,term
A,Acme,Customer,20 days
B,Huia,Customer,EOM
C,Kiln,Customer,
"""
INVOICES = """number,contact,date,due_date,tax_treatment,description,quantity,unit_price
1,A,2026-01-31,,NoTax,Cup,1,10
2,B,2026-01-31,,NoTax,Cup,1,10
3,B,2026-01-31,2026-02-05,NoTax,Cup,1,10
"""


@pytest.mark.django_db
def test_a_file_of_terms_of_contacts_and_of_invoices_follow_one_another() -> None:
    owner = factories.organisation()
    assert load(owner, "payment-terms", TERM_FILE) == (4, 0, 0)
    assert load(owner, "payment-terms", TERM_FILE) == (0, 0, 4)
    load(owner, "contacts", CONTACTS)
    assert load(owner, "sale-invoices", INVOICES) == (3, 0, 0)
    due = dict(Document.objects.filter(organisation=owner).values_list("number", "due_date"))
    assert due == {"1": date(2026, 2, 20), "2": date(2026, 2, 28), "3": date(2026, 2, 5)}
    with pytest.raises(ImportRefused, match=r"due_date.*is missing; give it, or give the contact a payment term"):
        load(owner, "sale-invoices", INVOICES.replace("1,A", "9,C"))


@pytest.mark.django_db
def test_another_term_changes_no_document_and_touches_the_contacts() -> None:
    owner = factories.organisation()
    load(owner, "payment-terms", TERM_FILE)
    load(owner, "contacts", CONTACTS)
    load(owner, "sale-invoices", INVOICES)
    Touch.objects.all().delete()
    assert load(owner, "payment-terms", TERM_FILE.replace("days,20\nEOM", "days,30\nEOM")) == (0, 1, 3)
    assert [(touch.kind) for touch in Touch.objects.filter(organisation=owner)] == ["contact"]
    assert load(owner, "sale-invoices", INVOICES) == (0, 0, 3)
    moved = INVOICES.replace("1,A,2026-01-31", "1,A,2026-02-01")
    assert load(owner, "sale-invoices", moved) == (0, 1, 2)
    assert Document.objects.get(organisation=owner, number="1").due_date == date(2026, 3, 3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row", ["X,day of next month,32", "X,day of next month,", "X,number of days,1.5", "X,someday,1"]
)
def test_a_term_that_xero_has_not_is_refused(row: str) -> None:
    owner = factories.organisation()
    with pytest.raises(ImportRefused):
        load(owner, "payment-terms", "name,method,days\n" + row + "\n")
    assert not PaymentTerm.objects.filter(organisation=owner).exists()


@pytest.mark.django_db
def test_a_document_entered_without_a_due_date_takes_it_from_the_term() -> None:
    owner = factories.organisation()
    term = factories.payment_term(owner, "20th", days=20, method="OFFOLLOWINGMONTH")
    acme = factories.contact(owner, term_id=term.pk)
    document = factories.sale_invoice(owner, contact_id=acme.id, due_date=None)
    assert document.due_date == date(2026, 4, 20)
    with pytest.raises(Refused, match="due_date is missing"):
        factories.sale_invoice(owner, due_date=None)
    with pytest.raises(Refused, match="must be a day of a month"):
        operations.create_payment_term(
            owner, PaymentTermFields(name="bad", days=0, method="OFCURRENTMONTH"), actor="mere"
        )
    assert Decimal(100) == document.total
