"""The cost of goods sold: from a document's lines to the lines of a journal.

In: a document's record, its products and contact as records. Out: journal lines: cost of goods sold debited, inventory
credited (the other way round for a credit note, whose goods came back). Always: pure; in base currency, each document
line's cost rounded to the cent before anything is added up; the lines sum to zero. A line without a product in stock or
without a known cost gives nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from uuid import UUID

from tieout.core.money import to_cents
from tieout.core.records import ContactRecord, DocumentRecord, JournalLineRecord, ProductRecord

COST, INVENTORY = "cost-of-goods", "inventory"
TITLES = {COST: "Cost of goods sold", INVENTORY: "Stock on hand"}
RETURNS = "sale_credit_note"

Side = tuple[str, str, tuple[tuple[str, str], ...]]


def cost_of_goods(
    document: DocumentRecord, products: Mapping[UUID, ProductRecord], contact: ContactRecord | None = None
) -> tuple[JournalLineRecord, ...]:
    """The journal lines, one pair per accounts and tracking values. Accounts are the products'; an empty one is the
    mapping's for the line's role (`COST`, `INVENTORY`)."""
    sign = -1 if document.key.kind == RETURNS else 1
    sums: dict[Side, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        product = products.get(line.product_id) if line.product_id is not None else None
        if product is None or not product.stock or line.unit_cost is None:
            continue
        cost = sign * cost_of(line.quantity, line.unit_cost)
        tracking = tuple(sorted(tracking_of(document, product, contact).items()))
        sums[product.cost_account, COST, tracking] += cost
        sums[product.inventory_account, INVENTORY, tracking] -= cost
    what = "Goods returned" if sign < 0 else "Cost of goods sold"
    return _lines(sums, f"{what}: {document.number}")


def cost_of(quantity: Decimal, unit_cost: Decimal) -> Decimal:
    """What that many cost in base currency, to the cent."""
    with localcontext() as context:
        context.prec = 50
        return to_cents(quantity * unit_cost)


def tracking_of(
    document: DocumentRecord, product: ProductRecord | None, contact: ContactRecord | None = None
) -> dict[str, str]:
    """Every text that a tracking category can be mapped to, by what it tells; empty ones are left out.

    Names: sales_rep, location, job (of the document), category, brand, family (of the product), and
    document:NAME, product:NAME, contact:NAME for attributes.
    """
    texts = {"sales_rep": document.sales_rep, "location": document.location, "job": document.job}
    texts |= {f"document:{name}": value for name, value in document.attributes.items()}
    if product is not None:
        texts |= {"category": product.category, "brand": product.brand, "family": product.family}
        texts |= {f"product:{name}": value for name, value in product.attributes.items()}
    if contact is not None:
        texts |= {f"contact:{name}": value for name, value in contact.attributes.items()}
    return {name: value for name, value in texts.items() if value}


def difference(
    wanted: Iterable[JournalLineRecord], booked: Iterable[JournalLineRecord], description: str
) -> tuple[JournalLineRecord, ...]:
    """The lines that bring what is `booked` to what is `wanted`; none when they agree."""
    sums: dict[Side, Decimal] = defaultdict(Decimal)
    for sign, lines in ((1, wanted), (-1, booked)):
        for line in lines:
            sums[line.account, line.role, tuple(sorted(line.tracking.items()))] += sign * line.amount
    return _lines(sums, description)


def _lines(sums: Mapping[Side, Decimal], description: str) -> tuple[JournalLineRecord, ...]:
    return tuple(
        JournalLineRecord(account, role, amount, description, None, dict(tracking))
        for (account, role, tracking), amount in sums.items()
        if amount
    )
