"""Documents: invoices, credit notes and orders, sold and bought, with their lines.

In: nothing. Out: tables. Always: all kinds share one table; which numbers may repeat depends on the kind.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tieout.core.models.catalogue import Contact, Product
from tieout.core.models.company import RATE, ZERO_MONEY, Record, TaxRule


class DocumentKind(models.TextChoices):
    SALE_INVOICE = "sale_invoice", "Sale invoice"
    SALE_CREDIT_NOTE = "sale_credit_note", "Sale credit note"
    BILL = "bill", "Bill"
    PURCHASE_CREDIT_NOTE = "purchase_credit_note", "Purchase credit note"
    PURCHASE_ORDER = "purchase_order", "Purchase order"


class Document(Record):
    """One document. Totals are in `currency`; `rate` is foreign units per one base unit, as Xero's.

    A credit note's totals are positive, as in Xero: its kind says which way the money goes. Only invoices and bills
    fall due; a credit note may name the document that it `credits`.
    """

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "Draft"
        AUTHORISED = "AUTHORISED", "Authorised"
        VOIDED = "VOIDED", "Voided"

    class TaxTreatment(models.TextChoices):
        EXCLUSIVE = "Exclusive", "Tax exclusive"
        INCLUSIVE = "Inclusive", "Tax inclusive"
        NO_TAX = "NoTax", "No tax"

    kind = models.CharField(max_length=30, choices=DocumentKind.choices)
    number = models.CharField(max_length=255)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="documents")
    channel = models.CharField(max_length=100, blank=True)
    reference = models.CharField(max_length=255, blank=True)
    date = models.DateField()
    due_date = models.DateField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(**RATE)
    tax_treatment = models.CharField(max_length=10, choices=TaxTreatment.choices, default=TaxTreatment.EXCLUSIVE)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    subtotal = models.DecimalField(**ZERO_MONEY)
    tax = models.DecimalField(**ZERO_MONEY)
    total = models.DecimalField(**ZERO_MONEY)
    credits = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_notes")
    shipped_on = models.DateField(null=True, blank=True, help_text="When the goods left, or came back")
    delivery_date = models.DateField(null=True, blank=True, help_text="When an order is expected")
    sales_rep = models.CharField(max_length=100, blank=True)
    location = models.CharField(max_length=100, blank=True)
    job = models.CharField(max_length=100, blank=True)
    attributes = models.JSONField(default=dict, blank=True, help_text="Up to ten named texts")
    service = models.BooleanField(default=False, help_text="Bought services, without stock")
    default_account = models.CharField(max_length=10, blank=True, help_text="For lines that name none")
    default_tax_rule = models.ForeignKey(
        TaxRule, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="For lines that name none"
    )

    class Meta:
        ordering = ["-date", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=Q(kind="sale_invoice"), name="sale_number_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=Q(kind="sale_credit_note"), name="sale_credit_number_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=Q(kind="purchase_order"), name="order_number_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "contact", "number"],
                condition=Q(kind="purchase_credit_note"),
                name="purchase_credit_number_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "contact", "number"],
                condition=Q(kind="bill"),
                name="bill_number_once",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "kind", "date"], name="document_by_date")]

    def __str__(self) -> str:
        return self.number


class DocumentLine(models.Model):
    """One line of a document; an additional charge (freight, a fee) is a line with `is_charge`.

    `tax_rule` is what was entered, `applied_rule` the one that its tax was computed by.
    """

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    is_charge = models.BooleanField(default=False)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT)
    description = models.CharField(max_length=4000)
    quantity = models.DecimalField(max_digits=15, decimal_places=4)
    unit_price = models.DecimalField(max_digits=16, decimal_places=4)
    discount = models.DecimalField(max_digits=6, decimal_places=2, default=0, help_text="Percent")
    unit_cost = models.DecimalField(
        max_digits=16, decimal_places=4, null=True, blank=True, help_text="In base currency; empty: not known"
    )
    account = models.CharField(max_length=10, blank=True)
    tax_rule = models.ForeignKey(TaxRule, null=True, blank=True, on_delete=models.PROTECT)
    applied_rule = models.ForeignKey(TaxRule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(**ZERO_MONEY)
    tax = models.DecimalField(**ZERO_MONEY)

    class Meta:
        ordering = ["document", "position"]
        constraints = [models.UniqueConstraint(fields=["document", "position"], name="line_position_once")]

    def __str__(self) -> str:
        return f"{self.document_id} line {self.position}"
