"""With whom the company trades, and in what.

In: nothing. Out: tables. Always: `attributes` holds up to ten named texts, which tracking and reports may use.
"""

from __future__ import annotations

from django.db import models

from tieout.core.models.company import PaymentTerm, Record, TaxRule


class Contact(Record):
    """A customer, a supplier or both. Names may repeat as long as codes differ; Xero demands unique active names."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        DEPRECATED = "DEPRECATED", "Deprecated"

    code = models.CharField(max_length=50, help_text="Core's own short identifier")
    name = models.CharField(max_length=255)
    is_customer = models.BooleanField(default=False)
    is_supplier = models.BooleanField(default=False)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=255, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    mobile = models.CharField(max_length=50, blank=True)
    fax = models.CharField(max_length=50, blank=True)
    address_line1 = models.CharField(max_length=500, blank=True)
    address_line2 = models.CharField(max_length=500, blank=True)
    city = models.CharField(max_length=255, blank=True)
    region = models.CharField(max_length=255, blank=True)
    postal_code = models.CharField(max_length=50, blank=True)
    country = models.CharField(max_length=50, blank=True)
    tax_number = models.CharField(max_length=50, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    term = models.ForeignKey(PaymentTerm, null=True, blank=True, on_delete=models.PROTECT)
    sale_account = models.CharField(max_length=10, blank=True)
    purchase_account = models.CharField(max_length=10, blank=True)
    tax_rule = models.ForeignKey(TaxRule, null=True, blank=True, on_delete=models.PROTECT)
    attributes = models.JSONField(default=dict, blank=True, help_text="Up to ten named texts")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="contact_code_once")]

    def __str__(self) -> str:
        return self.name


class Product(Record):
    """A thing sold or bought."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", "Active"
        DEPRECATED = "DEPRECATED", "Deprecated"
        SET_UP_REQUIRED = "SET_UP_REQUIRED", "Set Up Required"

    class Type(models.TextChoices):
        STOCK = "STOCK", "Stock"
        SERVICE = "SERVICE", "Service"
        NON_INVENTORY = "NON_INVENTORY", "Non-inventory"

    sku = models.CharField(max_length=50)
    name = models.CharField(max_length=256)
    description = models.TextField(blank=True)
    purchase_description = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ACTIVE)
    type = models.CharField(max_length=20, choices=Type.choices, default=Type.STOCK)
    sale_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    purchase_price = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    sale_account = models.CharField(max_length=10, blank=True)
    purchase_account = models.CharField(max_length=10, blank=True)
    sale_tax_rule = models.ForeignKey(TaxRule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    purchase_tax_rule = models.ForeignKey(TaxRule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=100, blank=True)
    brand = models.CharField(max_length=100, blank=True)
    family = models.CharField(max_length=100, blank=True)
    cost_account = models.CharField(max_length=10, blank=True, help_text="Cost of goods sold; empty: the mapping's")
    inventory_account = models.CharField(max_length=10, blank=True, help_text="Empty: the mapping's")
    is_sold = models.BooleanField(default=True)
    is_purchased = models.BooleanField(default=True)
    attributes = models.JSONField(default=dict, blank=True, help_text="Up to ten named texts")

    class Meta:
        ordering = ["sku"]
        constraints = [models.UniqueConstraint(fields=["organisation", "sku"], name="product_sku_once")]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"
