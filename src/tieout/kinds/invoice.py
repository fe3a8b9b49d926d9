"""What documents share; and what sale invoices and bills do: both are Xero invoices, of type ACCREC and ACCPAY."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import ClassVar, TypeVar

import msgspec

from tieout.core.money import said
from tieout.core.records import DocumentRecord, RecordKey
from tieout.kinds.books import Books, Seen
from tieout.kinds.dating import booked_on, dated, locked, same_day
from tieout.kinds.kind import Facts, Kind
from tieout.kinds.lines import line_items, lines_problem
from tieout.kinds.problems import Problem
from tieout.xero import resources, types, wire

_LIVE = {"DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "BILLED"}
E = TypeVar("E", bound=types.Element)


class DocumentKind(Kind[DocumentRecord, E]):
    """What all documents share, those that fall due and those that give credit. `side` is "sale" or "purchase"."""

    side: ClassVar[str]
    rank = 1
    maps_what_it_needs = True

    def facts(self, record: DocumentRecord) -> Facts:
        return Facts(record.number, record.contact_name, record.date, record.total, record.currency, record.channel)

    def is_gone(self, record: DocumentRecord) -> bool:
        return record.status == "VOIDED"

    def is_ready(self, record: DocumentRecord) -> bool:
        return record.status != "DRAFT"

    def depends_on(self, record: DocumentRecord) -> Iterable[RecordKey]:
        yield RecordKey("contact", record.contact_id)
        for line in record.lines:
            if line.product_id:
                yield RecordKey("product", line.product_id)

    def status(self, record: DocumentRecord, books: Books) -> str | None:
        """That of a new document, by the settings; one that stands in Xero keeps the status it has there."""
        return None if record.key in books.agreed else books.settings.status_of(self.name, record.channel)

    def fingerprint(self, content: bytes) -> str:
        """Without the status: the setting is for new documents, and approving a draft in Xero changes no content."""
        before, status, rest = content.partition(b'"Status":"')  # lines follow it in every document
        return super().fingerprint(before + rest.partition(b'",')[2] if status else content)

    def check(self, record: DocumentRecord, books: Books) -> Problem | None:
        return locked(self.booked_on(record, books), books) or self.misfit(record, books)

    def booked_on(self, record: DocumentRecord, books: Books) -> date:
        """The day on which it stands in Xero."""
        return booked_on(record.date, record.key, books)

    def dated_lines(self, record: DocumentRecord, books: Books, *, discounts: bool) -> list[types.LineItem]:
        """Its lines; where it has no reference and stands on another day, the first one tells its own."""
        lines = list(line_items(record, books, self.side, discounts=discounts))
        if self.side == "purchase" and lines:
            text = dated(lines[0].description or "", record.date, self.booked_on(record, books), 4000)
            lines[0] = msgspec.structs.replace(lines[0], description=text)
        return lines

    def reference(self, record: DocumentRecord, books: Books) -> str:
        return dated(record.reference, record.date, self.booked_on(record, books))

    def misfit(self, record: DocumentRecord, books: Books) -> Problem | None:
        """What would be refused whatever the date."""
        if record.currency not in books.currencies:
            return Problem(
                "currency-missing",
                f"Xero does not have the currency {record.currency}.",
                "Add it in Xero (Settings → Currencies), then sync again.",
            )
        contact = books.seen.get(books.xero_id(RecordKey("contact", record.contact_id)))
        if contact and contact.gone:
            return Problem(
                "contact-archived",
                f"{record.contact_name} is archived in Xero; no new document can be made for it.",
                "Restore the contact in Xero (Contacts → Archived), then sync again.",
            )
        return lines_problem(record, books, self.side)

    def computed(self, record: DocumentRecord) -> dict[str, Decimal]:
        return {"sub_total": record.subtotal, "total_tax": record.tax, "total": record.total}

    def check_change(self, record: DocumentRecord, seen: Seen | None, books: Books) -> Problem | None:
        if seen is None:
            return locked(self.booked_on(record, books), books)
        if seen.gone:
            return Problem(
                "gone-in-xero",
                f"{record.number} was voided or deleted in Xero.",
                "Void it in Core too, or make a new document with another number.",
            )
        if seen.paid:
            return Problem(
                "paid-in-xero",
                f"{record.number} has {said(seen.paid)} {seen.currency} paid or credited in Xero, so it cannot be "
                "changed.",
                "Remove the payment in Xero and sync again, or correct by a credit note.",
            )
        return locked(seen.date or record.date, books) or locked(self.booked_on(record, books), books)

    def check_void(self, record: DocumentRecord, seen: Seen | None, books: Books) -> Problem | None:
        return None if seen and seen.gone else self.check_change(record, seen, books)

    def adoptable(self, record: DocumentRecord, seen: Seen, books: Books) -> Problem | None:
        contact_id = books.xero_id(RecordKey("contact", record.contact_id))
        same = (seen.currency, seen.total) == (record.currency, record.total)
        if same and same_day(seen.date, record.date, books) and seen.contact_id == contact_id and seen.status in _LIVE:
            return None
        return Problem(
            "number-in-use",
            f"The number {record.number} is held in Xero by another document: {_described(seen)}.",
            "Renumber one of the two, then sync again.",
        )


class InvoiceKind(DocumentKind[types.Invoice]):
    """`type` is Xero's word."""

    type: ClassVar[str]
    id_field = "invoice_id"
    resource = resources.INVOICES

    def payload(self, record: DocumentRecord, books: Books) -> types.Invoice:
        foreign = record.currency != books.base_currency
        return types.Invoice(
            type=self.type,
            invoice_number=record.number,
            # nothing but the id: other fields would change the contact
            contact=types.ContactRef(contact_id=books.xero_id(RecordKey("contact", record.contact_id))),
            date=self.booked_on(record, books).isoformat(),
            due_date=record.due_date.isoformat(),
            status=self.status(record, books),
            line_amount_types=record.tax_treatment,
            currency_code=record.currency,
            # left out, Xero would take the day's rate
            currency_rate=record.rate if foreign else None,
            line_items=self.dated_lines(record, books, discounts=self.side == "sale"),
        )

    def void_payload(self, record: DocumentRecord, seen: Seen | None) -> types.Invoice:
        return types.Invoice(status=gone_status(seen))

    def seen(self, element: types.Invoice) -> Seen | None:
        if element.type != self.type:
            return None
        contact_id = (element.contact.contact_id if element.contact else "") or ""
        number = element.invoice_number or ""
        return Seen(
            kind=self.name,
            xero_id=element.invoice_id or "",
            key=self.number_key(number, contact_id),
            other_key="",
            number=number,
            status=element.status or "",
            updated_at=wire.as_datetime(element.updated_date_utc) if element.updated_date_utc else None,
            date=wire.as_date(element.date) if element.date else None,
            currency=element.currency_code or "",
            total=element.total,
            paid=(element.amount_paid or Decimal(0)) + (element.amount_credited or Decimal(0)),
            due=element.amount_due,
            contact_id=contact_id,
            rate=element.currency_rate,
        )

    def number_key(self, number: str, contact_id: str) -> str:
        """What the document is found by."""
        raise NotImplementedError


def gone_status(seen: Seen | None) -> str:
    """What makes a document void: a draft is deleted, an approved one voided."""
    return "DELETED" if seen is not None and seen.status in {"DRAFT", "SUBMITTED"} else "VOIDED"


def _described(seen: Seen) -> str:
    day = f" of {seen.date:%d %b %Y}" if seen.date else ""
    return f"{seen.status.lower()}{day}, {said(seen.total)} {seen.currency}"
