"""The demo company: a New Zealand homeware and coffee wholesaler, made from a seed, as CSV files for the importer.

In: a folder, how many documents, a seed, today's date. Out: one CSV file per kind and a `CompanySummary` of what is in
them. Always: the same arguments give the same bytes; documents are dated in the last five months before `today`; the
same handful of real-life troubles is in it at every scale, each named in the summary, so that whoever runs the demo can
prepare Xero's side (archive an account, set a lock date) and check that every trouble is shown.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tieout.core import money
from tieout.core.models import Organisation
from tieout.embedded import company_words as words
from tieout.embedded.company_credit import Rest, finish, rest_of
from tieout.embedded.company_files import (
    BANK,
    EXPENSES,
    FREIGHT,
    INCOME,
    NO_GST,
    OTHER_REVENUE,
    PURCHASES,
    SALES,
    SPAN,
    TAX_RATES,
    TYPICAL_RATES,
    ZERO_RATED,
    Cells,
    Written,
    line,
    rows_of,
    write_rows,
)

IMPORT_ORDER = ("tax-rules", "contacts", "products", "sale-invoices", "bills", "payments")
ALL_KINDS = (
    *("tax-rules", "contacts", "products", "sale-invoices", "bills", "purchase-orders", "credit-notes", "deposits"),
    *("payments", "allocations", "journals", "money-tasks"),
)


@dataclass(frozen=True, slots=True)
class Troubles:
    """What is wrong on purpose. Documents by number, contacts by code, products by SKU.

    `part_paid_document` is open in Core. Whoever runs the demo pays `part_paid_in_xero` of it in Xero by hand and then
    `paid_in_core`, all of it, in Core: right when it was recorded, and refused by Xero.
    """

    archived_account: str
    on_archived_account: str
    xero_lock_date: date
    before_lock_date: str
    duplicate_contacts: tuple[str, str]
    part_paid_document: str
    part_paid_in_xero: Decimal
    paid_in_core: Decimal
    long_product: str
    long_customer: str
    formula_customer: str
    draft: str


@dataclass(frozen=True, slots=True)
class CompanySummary:
    """How many records of each kind were written (`counts`, by the importer's word), and the troubles among them."""

    folder: Path
    counts: Mapping[str, int]
    troubles: Troubles
    order: tuple[str, ...] = IMPORT_ORDER
    rest: Rest | None = None


def write_company(
    folder: Path, documents: int = 300, seed: int = 7, today: date | None = None, kinds: str = "main"
) -> CompanySummary:
    """Write the company's files into `folder`: `documents` sale invoices and bills together, and what they need.

    The smallest sensible number is 20. `today` is the day the books end, by default the real one. With `kinds="all"`
    there is a month with every other kind of record too; after its files are imported (in the summary's `order`),
    `finish_company` adds what no file holds.
    """
    today = today or date.today()  # noqa: DTZ011 - the company's calendar is this machine's
    company = _Company(random.Random(seed), today, max(documents, 20))  # noqa: S311 - a seed, not a secret
    return company.write(folder, random.Random(seed + 1) if kinds == "all" else None)  # noqa: S311


def finish_company(organisation: Organisation, summary: CompanySummary, *, actor: str) -> None:
    """Cost-of-goods journals and attachments, for a company of all kinds whose files are in."""
    if summary.rest is not None:
        finish(organisation, summary.rest, actor=actor)


class _Company:
    def __init__(self, chance: random.Random, today: date, documents: int) -> None:
        self.chance = chance
        self.today = today
        self.bills_wanted = documents // 4
        self.sales_wanted = documents - self.bills_wanted
        self.lock_date = (today - timedelta(days=SPAN + 40)).replace(day=1) - timedelta(days=1)
        self.customers = self._customers(min(40 + documents // 20, 900))
        self.suppliers = list(words.SUPPLIERS)
        self.products = self._products()

    def write(self, folder: Path, others: random.Random | None) -> CompanySummary:
        sales = [self._sale(index) for index in range(self.sales_wanted)]
        self._trouble(sales)
        bills = [self._bill(index) for index in range(self.bills_wanted)]
        payments = self._payments(sales, bills)
        rest = None
        if others is not None:
            paid = {each["number"]: each["amount"] for each in payments}
            rest = rest_of(others, self.today, sales, bills, paid=paid, products=self.products)
            payments += rest.payments
        folder.mkdir(parents=True, exist_ok=True)
        files: dict[str, Iterable[Cells]] = {
            "tax-rules": [{"name": name, "rate": rate} for name, rate in TAX_RATES.items()],
            "contacts": self.customers + self._supplier_rows(),
            "products": self.products,
            "sale-invoices": rows_of(sales),
            "bills": rows_of(bills),
            "payments": payments,
        }
        if rest is not None:
            files |= rest.files
        for kind, rows in files.items():
            write_rows(folder / f"{kind}.csv", kind, rows)
        counts = {
            "tax-rules": len(TAX_RATES),
            "contacts": len(self.customers) + len(self.suppliers),
            "products": len(self.products),
            "sale-invoices": len(sales),
            "bills": len(bills),
            "payments": len(payments),
        }
        if rest is None:
            return CompanySummary(folder, counts, self._summary(sales))
        return CompanySummary(folder, counts | rest.counts, self._summary(sales), ALL_KINDS, rest)

    def _customers(self, wanted: int) -> list[Cells]:
        """The first four are troubles: two that share a name but for its case, a very long name, a formula."""
        names = ["Harbour Café Ltd", "HARBOUR CAFÉ LTD", words.LONG_CUSTOMER, words.FORMULA_CUSTOMER]
        seen = {name.casefold() for name in names}
        while len(names) < wanted:
            place, trade = self.chance.choice(words.PLACES)[0], self.chance.choice(words.TRADES)
            person = self.chance.choice(words.SURNAMES) + " " if len(names) > 200 else ""
            name = f"{person}{place} {trade} {self.chance.choice(words.ENDINGS)}".strip()
            if len(names) > 400:
                name = f"{name} no. {len(names)}"
            if name.casefold() not in seen:
                seen.add(name.casefold())
                names.append(name)
        return [self._customer(index, name) for index, name in enumerate(names)]

    def _customer(self, index: int, name: str) -> Cells:
        _, city, postal_code = words.PLACES[index % len(words.PLACES)]
        abroad = index % 9 == 8
        return {
            "code": f"C{1001 + index}",
            "name": name,
            "type": "Customer",
            "first_name": self.chance.choice(words.PEOPLE),
            "last_name": self.chance.choice(words.SURNAMES),
            "email": f"accounts@customer-{1001 + index}.example",
            "phone": f"+64 9 555 {self.chance.randrange(10_000):04}",
            "address_line1": f"{self.chance.randrange(1, 400)} {'King' if abroad else 'Quay'} Street",
            "city": "Sydney" if abroad else city,
            "postal_code": "2000" if abroad else postal_code,
            "country": "Australia" if abroad else "New Zealand",
            "currency": "AUD" if abroad else "NZD",
            "sale_account": SALES,
            "tax_rule": ZERO_RATED if abroad else INCOME,
        }

    def _supplier_rows(self) -> list[Cells]:
        return [
            {
                "code": code,
                "name": name,
                "type": "Supplier",
                "email": f"invoices@{code.lower()}.example",
                "currency": currency,
                "purchase_account": FREIGHT if code == "FREIGHT" else PURCHASES,
                "tax_rule": EXPENSES if currency == "NZD" else NO_GST,
            }
            for code, name, currency in self.suppliers
        ]

    def _products(self) -> list[Cells]:
        """Every good in every size, the ceramics and enamel in colours; the first product has a very long name."""
        rows = [self._product("ESP-SET-6", words.LONG_PRODUCT, "Cups", "Kiln & Clay", Decimal("89.00"))]
        for number, (what, category, brand, sizes, price) in enumerate(words.GOODS):
            colours = words.COLOURS if category in ("Cups", "Plates", "Kettles") else ("",)
            for size, amount in enumerate(sizes):
                for tint, colour in enumerate(colours):
                    name = f"{what} {amount}" + (f", {colour}" if colour else "")
                    sku = f"{category[:3].upper()}-{number + 1:02}{size + 1}{tint}"
                    rows.append(self._product(sku, name, category, brand, Decimal(price) * (size + 1)))
        return rows

    @staticmethod
    def _product(sku: str, name: str, category: str, brand: str, price: Decimal) -> Cells:
        return {
            "sku": sku,
            "name": name,
            "description": name,
            "sale_price": price,
            "purchase_price": money.to_unit_price(price * Decimal("0.46")),
            "sale_account": SALES,
            "purchase_account": PURCHASES,
            "sale_tax_rule": INCOME,
            "purchase_tax_rule": EXPENSES,
            "category": category,
            "brand": brand,
        }

    def _day(self) -> date:
        return self.today - timedelta(days=self.chance.randrange(1, SPAN))

    def _rate(self, currency: str) -> Decimal:
        if currency == "NZD":
            return Decimal(1)
        swing = Decimal(self.chance.randrange(-200, 201)) / 10_000
        return money.to_unit_price(TYPICAL_RATES[currency] * (1 + swing))

    def _sale(self, index: int) -> Written:
        customer = self.customers[index] if index < 4 else self.chance.choice(self.customers[2:])
        abroad = customer["currency"] == "AUD"
        channel = "Amazon" if abroad else self.chance.choice(("B2B", "B2B", "B2B", "Shopify", "Shopify", "POS"))
        treatment = "Inclusive" if channel in ("Shopify", "POS") else "Exclusive"
        day = self._day()
        document = Written(
            number=f"INV-{10001 + index}",
            contact=customer["code"],
            currency=customer["currency"],
            rate=self._rate(customer["currency"]),
            day=day,
            due=day + timedelta(days=20 if channel == "B2B" else 7),
            treatment=treatment,
            channel=channel,
        )
        tax = ZERO_RATED if abroad else INCOME
        for product in self.chance.sample(self.products, self.chance.choice((1, 2, 2, 3, 3, 4))):
            document.lines.append(self._sale_line(product, document, tax))
        if (channel == "B2B" and self.chance.random() < 0.4) or abroad:
            charge = self.chance.choice(("9.50", "14.90", "28.00"))
            document.lines.append(line("", "Freight", "1", charge, account=SALES, tax_rule=tax, is_charge=True))
        return document

    def _sale_line(self, product: Cells, document: Written, tax: str) -> Cells:
        price: Decimal = product["sale_price"]
        wholesale = document.channel == "B2B"
        if wholesale:
            price = money.to_unit_price(price * Decimal("0.6525"))  # price lists keep four decimals
        if document.treatment == "Inclusive":
            price = money.to_cents(price * Decimal("1.15"))
        if document.currency != "NZD":
            price = money.to_cents(price * document.rate)
        quantity = self.chance.choice((6, 12, 24, 48)) if wholesale else self.chance.choice((1, 1, 2, 3))
        discount = self.chance.choice(("0", "0", "0", "5", "7.5", "12.5"))
        return line(
            product["sku"], product["name"], str(quantity), str(price), account=SALES, tax_rule=tax, discount=discount
        )

    def _bill(self, index: int) -> Written:
        code, _, currency = self.suppliers[index % len(self.suppliers)]
        day = self._day()
        document = Written(
            number=f"{70001 + index // 2}",  # suppliers number their own, so two may use the same number
            contact=code,
            currency=currency,
            rate=self._rate(currency),
            day=day,
            due=day + timedelta(days=30),
            treatment="Exclusive" if currency == "NZD" else "NoTax",
            channel="",
        )
        tax = EXPENSES if currency == "NZD" else NO_GST
        if code == "FREIGHT":
            charge = str(Decimal(self.chance.randrange(8000, 90000)) / 100)
            document.lines.append(line("", "Inbound freight", "1", charge, account=FREIGHT, tax_rule=tax))
            return document
        for product in self.chance.sample(self.products, self.chance.randrange(1, 4)):
            price = money.to_unit_price(product["purchase_price"] * document.rate)
            quantity = str(self.chance.choice((6, 12, 24, 36)))
            document.lines.append(
                line(product["sku"], product["name"], quantity, str(price), account=PURCHASES, tax_rule=tax)
            )
        if self.chance.random() < 0.5:
            charge = str(Decimal(self.chance.randrange(1500, 12000)) / 100)
            document.lines.append(line("", "Freight", "1", charge, account=FREIGHT, tax_rule=tax, is_charge=True))
        return document

    def _trouble(self, sales: list[Written]) -> None:
        """The troubles in documents: the 5th, 6th and 8th sale invoice; the 7th stays open."""
        archived, locked, _, draft = sales[4:8]
        archived.lines[0]["account"] = OTHER_REVENUE
        locked.day = self.lock_date - timedelta(days=10)
        locked.due = locked.day + timedelta(days=20)
        draft.status = "Draft"

    def _summary(self, sales: list[Written]) -> Troubles:
        return Troubles(
            archived_account=OTHER_REVENUE,
            on_archived_account=sales[4].number,
            xero_lock_date=self.lock_date,
            before_lock_date=sales[5].number,
            duplicate_contacts=(self.customers[0]["code"], self.customers[1]["code"]),
            part_paid_document=sales[6].number,
            part_paid_in_xero=money.to_cents(sales[6].total / 4),
            paid_in_core=sales[6].total,
            long_product=self.products[0]["sku"],
            long_customer=self.customers[2]["code"],
            formula_customer=self.customers[3]["code"],
            draft=sales[7].number,
        )

    def _payments(self, sales: list[Written], bills: list[Written]) -> list[Cells]:
        """Two thirds of the sales and half of the bills are paid; some in part. Troubles stay unpaid."""
        rows = []
        for index, sale in enumerate(sales):
            if index > 7 and self.chance.random() < 0.66:
                rows.append(self._payment(sale, "Sale invoice", self._paid(sale), f"PAY-{sale.number}"))
        for index, bill in enumerate(bills):
            if self.chance.random() < 0.5:
                rows.append(self._payment(bill, "Bill", self._paid(bill), f"OUT-{index + 1:05}"))
        return [row for row in rows if row["amount"] > 0]

    def _paid(self, document: Written) -> Decimal:
        total = document.total
        return total if self.chance.random() < 0.9 else money.to_cents(total / 2)

    def _payment(self, document: Written, kind: str, amount: Decimal, number: str) -> Cells:
        day = min(document.day + timedelta(days=self.chance.randrange(30)), self.today)
        return {
            "number": number,
            "document_kind": kind,
            "document": document.number,
            "contact": document.contact,
            "account": BANK,
            "date": day,
            "amount": amount,
            "reference": f"DC {day:%d%m%y}",
        }
