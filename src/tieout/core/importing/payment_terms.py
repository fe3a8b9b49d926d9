"""Payment terms from a file, found again by their name, whatever its case."""

from __future__ import annotations

from collections.abc import Hashable

from tieout.core import rules
from tieout.core.due_dates import LAST_DAY
from tieout.core.fields import PaymentTermFields
from tieout.core.importing.columns import Column, as_number, one_of
from tieout.core.importing.sheet import Existing, Item, Sheet
from tieout.core.models import PaymentTerm
from tieout.core.operations.organisations import create_payment_term, edit_payment_term
from tieout.core.operations.recording import fields_of
from tieout.core.rules import Problem

LAST = "last day of next month"
METHODS = {
    "number of days": "DAYSAFTERBILLDATE",
    "days since the end of the month": "DAYSAFTERBILLMONTH",
    "day of the current month": "OFCURRENTMONTH",
    "day of next month": "OFFOLLOWINGMONTH",
    LAST: LAST,
}


class PaymentTermSheet(Sheet[PaymentTermFields]):
    record_kind = "payment_term"
    columns = (
        Column("name", "What contacts name it by", "20th of next month", True),
        Column(
            "method",
            "How the days count: " + ", ".join(METHODS),
            "day of next month",
            True,
            one_of(METHODS),
        ),
        Column(
            "days", "How many, or which day of the month; empty for the last day", "20", read=as_number, missing=None
        ),
    )

    def key(self, item: Item[PaymentTermFields]) -> Hashable:
        return item.fields.name.lower() if item.fields else ""

    match = key

    def look_up(self, items: list[Item[PaymentTermFields]]) -> list[Item[PaymentTermFields]]:
        for item in items:
            row, method, days = item.rows[0], item.first["method"], item.first["days"]
            if method == LAST:
                method, days = "OFFOLLOWINGMONTH", LAST_DAY
            if days is None or days != int(days):
                self.fault(row, "days", "is not a whole number of days" if days is not None else "is empty; give it")
                continue
            item.fields = rules.tidied(PaymentTermFields(name=item.first["name"], days=int(days), method=method))
        return [item for item in items if item.fields]

    def existing(self, items: list[Item[PaymentTermFields]]) -> dict[Hashable, Existing[PaymentTermFields]]:
        stored = PaymentTerm.objects.filter(organisation=self.job.organisation)
        return {term.name.lower(): Existing(term, fields_of(PaymentTermFields, term)) for term in stored}

    def problems(self, item: Item[PaymentTermFields]) -> list[Problem]:
        assert item.fields
        return rules.check_payment_term(item.fields)

    def create(self, items: list[Item[PaymentTermFields]]) -> None:
        for item in items:
            assert item.fields
            create_payment_term(self.job.organisation, item.fields, actor=self.job.actor)

    def change(self, item: Item[PaymentTermFields], existing: Existing[PaymentTermFields]) -> None:
        assert item.fields
        edit_payment_term(existing.id, item.fields, actor=self.job.actor)
