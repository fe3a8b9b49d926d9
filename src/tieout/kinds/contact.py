"""Contact → Xero contact. Found again by ContactNumber, which is Core's id and settable only through the API."""

from __future__ import annotations

import re

from tieout.core.due_dates import in_words, misfit
from tieout.core.records import ContactRecord
from tieout.kinds.books import Books, Seen
from tieout.kinds.kind import Facts, Kind
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire


def name_key(name: str) -> str:
    """Xero compares contact names without regard to case or to extra spaces."""
    return "name:" + " ".join(name.split()).casefold()


class ContactKind(Kind[ContactRecord, types.Contact]):
    name = "contact"
    title = "Contact"
    plural = "Contacts"
    rank = 0
    id_field = "contact_id"
    has_money = False
    always = True
    resource = resources.CONTACTS

    def facts(self, record: ContactRecord) -> Facts:
        return Facts(record.name, record.name, None, None, "")

    def is_gone(self, record: ContactRecord) -> bool:
        return not record.active

    def is_needed(self, record: ContactRecord) -> bool:
        return record.in_use

    def keys(self, record: ContactRecord, books: Books) -> tuple[str, ...]:
        return (f"number:{record.key.id}", name_key(record.name))

    def check(self, record: ContactRecord, books: Books) -> Problem | None:
        if not record.name.strip():
            return Problem("name-missing", "The contact has no name.", "Give it a name in Core.")
        if re.search(r"[<>]", record.name):
            return Problem(
                "name-unfit",
                f"Xero takes no < or > in a contact's name: {record.name}.",
                "Rename the contact in Core.",
            )
        if record.currency and record.currency not in books.currencies:
            return Problem(
                "currency-missing",
                f"Xero does not have the currency {record.currency}.",
                "Add it in Xero (Settings → Currencies), then sync again.",
            )
        if record.term and (reason := misfit(record.term)):
            return Problem(
                "term-unfit",
                f"Xero has no payment term like that of {record.name}: {in_words(record.term)}; it {reason}.",
                "Correct the payment term in Core (a file of payment-terms does it), or give the contact another one.",
            )
        return None

    def payload(self, record: ContactRecord, books: Books) -> types.Contact:
        return types.Contact(
            contact_number=str(record.key.id),
            account_number=record.code,
            name=" ".join(record.name.split()),
            first_name=record.first_name,
            last_name=record.last_name,
            email_address=record.email,
            tax_number=record.tax_number,
            default_currency=record.currency or None,
            phones=[
                types.Phone(phone_type=kind, phone_number=number)
                for kind, number in (("DEFAULT", record.phone), ("MOBILE", record.mobile), ("FAX", record.fax))
            ],
            addresses=[
                types.Address(
                    address_type="STREET",
                    address_line1=record.address_line1,
                    address_line2=record.address_line2,
                    city=record.city,
                    region=record.region,
                    postal_code=record.postal_code,
                    # Xero takes letters only in a country
                    country="".join(letter for letter in record.country if letter.isalpha() or letter == " "),
                )
            ],
            payment_terms=_terms(record),
        )

    def void_payload(self, record: ContactRecord, seen: Seen | None) -> types.Contact:
        return types.Contact(contact_status="ARCHIVED")

    def check_change(self, record: ContactRecord, seen: Seen | None, books: Books) -> Problem | None:
        if seen and seen.gone:
            return Problem(
                "contact-archived",
                f"{record.name} is archived in Xero, and archived contacts cannot be edited from outside.",
                "Restore it in Xero (Contacts → Archived), or deprecate it in Core.",
            )
        return None

    def adoptable(self, record: ContactRecord, seen: Seen, books: Books) -> Problem | None:
        if seen.gone:
            return self.check_change(record, seen, books)
        if seen.foreign_number and seen.foreign_number != str(record.key.id):
            return Problem(
                "contact-name-in-use",
                f"The contact “{seen.number}” in Xero is linked to another system's contact {seen.foreign_number}.",
                "Rename one of the two, or clear the link there, then sync again.",
            )
        return None

    def seen(self, element: types.Contact) -> Seen | None:
        number = element.contact_number or ""
        return Seen(
            kind=self.name,
            xero_id=element.contact_id or "",
            key=f"number:{number}" if number else "",
            # names are unique among active contacts only
            other_key="" if element.contact_status == "ARCHIVED" else name_key(element.name or ""),
            number=element.name or "",
            status=element.contact_status or "ACTIVE",
            updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
            foreign_number=number,
        )


def _terms(record: ContactRecord) -> types.PaymentTerms | None:
    """The contact's term, for what it is: a customer's for sales, a supplier's for bills."""
    if record.term is None:
        return None
    term = types.Term(day=record.term.days, type=record.term.method)
    return types.PaymentTerms(bills=term if record.is_supplier else None, sales=term if record.is_customer else None)
