"""The columns of documents, the same for all kinds as far as they go.

In: a kind and fitting examples. Out: its columns. Always: a document's own columns are needed on its first row only.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tieout.core.importing.columns import (
    Column,
    as_currency,
    as_date,
    as_number,
    as_yes_no,
    attributes_column,
    one_of,
)

STATUSES = one_of({"Draft": "DRAFT", "Authorised": "AUTHORISED", "Voided": "VOIDED"})
TREATMENTS = one_of(
    {"Exclusive": "Exclusive", "Inclusive": "Inclusive", "NoTax": "NoTax"}
    | {"Tax exclusive": "Exclusive", "Tax inclusive": "Inclusive"}
)
CREDIT_KINDS = one_of({"Sale": "sale_credit_note", "Purchase": "purchase_credit_note"})
CURRENCY = Column("currency", "ISO code; empty: the base currency", "NZD", read=as_currency)
RATE = Column(
    "rate",
    "Units of the currency per one unit of the base currency; empty: 1, only for the base currency",
    "0.92",
    read=as_number,
    missing=None,
)


def columns_for(kind: str, number: str, contact: str, account: str, tax_rule: str) -> tuple[Column, ...]:
    """`kind`: sale_invoice, bill, purchase_order or credit_note (of both sides)."""
    head = [
        Column("number", "All rows of a document carry it, one after another", number, True),
        Column("contact", "The contact’s code", contact, True),
        Column("date", "YYYY-MM-DD", "2026-03-31", True, as_date, None),
        *_own(kind),
        CURRENCY,
        RATE,
        Column(
            "tax_treatment",
            "Exclusive, Inclusive or NoTax; empty: Exclusive",
            "Exclusive",
            read=TREATMENTS,
            missing="Exclusive",
        ),
        Column("channel", "Where it was sold", "Shopify"),
        Column("reference", "The other side’s order number or the like", "PO 4471"),
        Column(
            "status",
            "Draft, Authorised or Voided (of a document that is in Core); empty: Authorised",
            "Authorised",
            read=STATUSES,
            missing="AUTHORISED",
        ),
        Column("sales_rep", "For tracking", "Rewi Parata"),
        Column("location", "For tracking", "Nelson"),
        Column("job", "For tracking", "Fit-out 12"),
        attributes_column("Up to ten named texts, for tracking", "Season=Winter; Fair=Autumn"),
        Column("default_account", "Account code for lines that name none, nor does their product", account),
        Column("default_tax_rule", "Tax rule for lines that name none, nor does their product", tax_rule),
        *_shipping(kind),
    ]
    first, *rest = head
    return (first, *(replace(each, on_first_row=True) for each in rest), *_lines(account, tax_rule))


def _own(kind: str) -> list[Column]:
    """What one kind has and others do not."""
    if kind == "purchase_order":
        return [Column("delivery_date", "YYYY-MM-DD, when the goods are expected", "2026-04-20", False, as_date, None)]
    if kind == "credit_note":
        return [
            Column("kind", "Sale or Purchase; empty: Sale", "Sale", read=CREDIT_KINDS, missing="sale_credit_note"),
            Column("credits", "The number of the invoice or bill that it credits", "INV-1001"),
        ]
    meaning = "YYYY-MM-DD, not before the date; empty: by the contact’s payment term"
    return [Column("due_date", meaning, "2026-04-20", False, as_date, None)]


def _shipping(kind: str) -> list[Column]:
    service = Column("service", "yes for bought services; empty: no", "no", read=as_yes_no, missing=False)
    shipped = Column("shipped_on", "YYYY-MM-DD, when the goods left or came back", "2026-03-31", False, as_date, None)
    return {"sale_invoice": [shipped], "credit_note": [shipped, service], "bill": [service]}.get(kind, [])


def _lines(account: str, tax_rule: str) -> tuple[Column, ...]:
    return (
        Column("sku", "A product’s SKU; may be empty for a line without a product", "CUP-250-WHT"),
        Column("description", "Empty: the product’s name", "Stoneware cup 250 ml, white"),
        Column("quantity", "Not negative, at most 4 decimals", "24", True, as_number),
        Column(
            "unit_price", "In the document’s currency, at most 4 decimals; may be negative", "18.9", True, as_number
        ),
        Column("discount", "Percent, 0 to 100; empty: 0", "12.5", read=as_number, missing=Decimal(0)),
        Column("account", "Account code; empty: that of product, document, contact or mapping", account),
        Column("tax_rule", "Name of a tax rule; empty: that of product, document, contact or default", tax_rule),
        Column("is_charge", "yes for freight and other charges; empty: no", "no", read=as_yes_no, missing=False),
        Column(
            "unit_cost",
            "What one unit cost, in base currency, at most 4 decimals; empty: not known",
            "7.4125",
            read=as_number,
            missing=None,
        ),
    )
