"""A month of a web shop: 20,000 orders over three channels and two currencies, consolidated daily.

In: how many orders. Out: documents, calls and seconds of the first sync, and of a second one that finds nothing to do;
sums per currency, rate, account and tax, of Core's orders and of the twin's own documents, held against each other to
the cent. The baseline of the same run: the calls that the same orders need one by one.
"""

from __future__ import annotations

import csv
import random
import tempfile
import time
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks.setting import connect, database, twin

CHANNELS = ("Shopify(MyShop)", "Amazon", "Web store")
FIRST_DAY, DAYS = date(2026, 4, 1), 30
RULES = ("15% GST on Income", "Zero Rated")
Sums = dict[tuple[str, Decimal, str, str], Decimal]


def main(orders: int = 20_000) -> None:
    with database(), twin() as made:
        organisation = shop(made, orders)
        from tieout.sync.models import Entry
        from tieout.sync.run import Ports, sync

        before = made.calls()
        began = time.perf_counter()
        run = sync(organisation, ports=Ports())
        seconds = time.perf_counter() - began
        calls = made.calls() - before
        began = time.perf_counter()
        again = sync(organisation, ports=Ports())
        idle = time.perf_counter() - began
        documents, lines, in_xero = xero_sums(made, organisation)
        assert run.state == again.state == "finished", (run.message, again.message)
        assert in_xero == core_sums(organisation), "Xero's documents do not add up to Core's orders"
        statuses = Counter(
            Entry.objects.filter(organisation=organisation, kind="sale_invoice").values_list("status", flat=True)
        )
        assert statuses == {"completed": orders}, statuses
        began = time.perf_counter()
        from tieout.reports.tie_out import tie_out

        proof = tie_out(organisation)
        proved = time.perf_counter() - began
        assert proof.agrees, proof.explanations[:3]
        alone = ceil(orders / 50)
        print(f"orders      {orders:,} of {DAYS} days, {len(CHANNELS)} channels, 2 currencies, one rate a day")
        print(f"documents   {documents} invoices with {lines:,} lines; {len(in_xero)} sums equal to the cent")
        print(f"calls       {calls} in all, {made_by(made)} of them writes of invoices")
        print(f"time        {seconds:.1f} s ({orders / seconds:,.0f} orders/s); a second sync {idle:.1f} s, "
              f"{again.calls} calls; tie-out {proved:.1f} s")  # fmt: skip
        print(f"baseline    one by one: {alone} calls for the invoices alone; ratio {alone / made_by(made):.0f}")


def made_by(made: Any) -> int:
    return max(sum(1 for call in made.ask("/twin/journal") if _is_invoice_write(call)), 1)


def _is_invoice_write(call: dict[str, Any]) -> bool:
    return call.get("resource") == "Invoices" and call.get("method") in ("PUT", "POST")


def shop(made: Any, orders: int) -> Any:
    """The organisation with its orders, imported, connected, and its policies set."""
    from django.conf import settings

    from benchmarks.setting import CLIENT, SECRET
    from tieout.core import operations
    from tieout.core.fields import ContactFields, OrganisationFields
    from tieout.core.importing import import_file
    from tieout.sync.consolidation.changing import Place, set_policy
    from tieout.sync.models import Connection

    settings.TIEOUT_XERO = type(settings.TIEOUT_XERO)(CLIENT, SECRET, made.url, made.url, made.url)
    fields = OrganisationFields(slug="shop", name="Shop", base_currency="NZD", country="NZ")
    organisation = operations.create_organisation(fields, actor="bench")
    for n in range(50):
        values = ContactFields(code=f"C{n}", name=f"Customer {n}", is_customer=True)
        operations.create_contact(organisation, values, actor="bench")
    connect(organisation, made, "Shop")
    connection = Connection.objects.get(organisation=organisation)
    for channel in CHANNELS:
        entered = {"mode": "daily", "contact_name": f"{channel} customers"}
        set_policy(connection, Place("invoices", channel), entered, actor="bench")
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        path = Path(folder) / "orders.csv"
        write_orders(path, orders)
        import_file(organisation, "sale-invoices", path, actor="bench")
    return organisation


def write_orders(path: Path, orders: int) -> None:
    """One to four lines an order; every third in US dollars, at a rate of the day."""
    chance = random.Random(1)
    columns = ("number", "contact", "date", "due_date", "currency", "rate", "tax_treatment", "channel", "description",
               "quantity", "unit_price", "discount", "account", "tax_rule")  # fmt: skip
    with path.open("w", newline="") as opened:
        file = csv.writer(opened)
        file.writerow(columns)
        for n in range(orders):
            day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
            foreign = chance.randrange(3) == 0
            rate = Decimal("0.6000") + Decimal(day.day) / 1000 if foreign else Decimal(1)
            treatment = chance.choice(("Exclusive", "Inclusive"))
            head = (f"WEB-{n}", f"C{n % 50}", day, day, "USD" if foreign else "NZD", rate, treatment,
                    chance.choice(CHANNELS))  # fmt: skip
            for _ in range(chance.randint(1, 4)):
                price = Decimal(chance.randrange(100, 20_000)) / 100
                account, rule = chance.choice((("200", RULES[0]), ("260", RULES[0]), ("260", RULES[1])))
                file.writerow((*head, "Stoneware cup", chance.randint(1, 5), price, chance.choice((0, 0, "7.5")),
                               account, rule))  # fmt: skip


def core_sums(organisation: Any) -> Sums:
    """What Core's orders add up to: net amount and tax together per currency, rate, account and tax type."""
    from tieout.core.models import DocumentLine

    found: Sums = defaultdict(Decimal)
    lines = DocumentLine.objects.filter(document__organisation=organisation, document__status="AUTHORISED")
    names = ("document__currency", "document__rate", "document__tax_treatment", "account", "tax_rule__tax_type",
             "amount", "tax")  # fmt: skip
    for currency, rate, treatment, account, tax_type, amount, tax in lines.values_list(*names).iterator():
        net = amount - tax if treatment == "Inclusive" else amount
        found[currency, rate.normalize(), account, f"{tax_type} net"] += net
        found[currency, rate.normalize(), account, f"{tax_type} tax"] += tax
    return {key: amount for key, amount in found.items() if amount}


def xero_sums(made: Any, organisation: Any) -> tuple[int, int, Sums]:
    """The same of the twin's own documents, with how many they are and how many lines they have."""
    from tieout.sync.models import Connection

    tenant = Connection.objects.get(organisation=organisation).tenant_id
    documents = made.ask(f"/twin/documents/{tenant}/Invoices")
    found: Sums = defaultdict(Decimal)
    lines = 0
    for each in documents:
        rate = Decimal(str(each["CurrencyRate"])).normalize()
        for line in each["LineItems"]:
            lines += 1
            amount, tax = Decimal(str(line["LineAmount"])), Decimal(str(line["TaxAmount"]))
            net = amount - tax if each["LineAmountTypes"] == "Inclusive" else amount
            found[each["CurrencyCode"], rate, line["AccountCode"], f"{line['TaxType']} net"] += net
            found[each["CurrencyCode"], rate, line["AccountCode"], f"{line['TaxType']} tax"] += tax
    return len(documents), lines, {key: amount for key, amount in found.items() if amount}
