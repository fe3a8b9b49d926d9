"""Core's tables: the commercial records that Tieout holds, whatever system they came from.

Always: every row carries its organisation; money is Decimal beside its currency; a row changes only through
`core.operations` (or `core.importing`, which calls the same rules in bulk), which writes the audit event and the
touch in the same transaction. Reading is free for all; nothing else writes here.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

ZERO_MONEY: dict[str, Any] = {"max_digits": 16, "decimal_places": 2, "default": 0}


class Organisation(models.Model):
    """One company in Tieout."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(unique=True, help_text="The short name used in addresses and in the shell")
    name = models.CharField(max_length=255)
    base_currency = models.CharField(max_length=3, help_text="ISO 4217; cannot change once documents exist")
    country = models.CharField(max_length=2, blank=True)
    lock_date = models.DateField(
        null=True, blank=True, help_text="Core's own lock: nothing dated on or before it changes"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OwnedByOrganisation(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class Account(OwnedByOrganisation):
    """A ledger account, loaded from Xero and read-only here. `code` is empty where Xero has none."""

    xero_id = models.UUIDField()
    code = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=150)
    type = models.CharField(max_length=30, help_text="Xero's type: BANK, CURRENT, SALES, …")
    account_class = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=20, default="ACTIVE")
    tax_type = models.CharField(max_length=50, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    enable_payments = models.BooleanField(default=False)
    system_account = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["code", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "xero_id"], name="account_once"),
        ]
        indexes = [models.Index(fields=["organisation", "code"], name="account_by_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()

    @property
    def takes_payments(self) -> bool:
        """Xero: payments go to bank accounts and to accounts with payments enabled."""
        return self.type == "BANK" or self.enable_payments


class TaxRule(OwnedByOrganisation):
    """A tax rule. `tax_type` is Xero's code for it; while it is empty, no document that uses the rule can go."""

    name = models.CharField(max_length=50)
    rate = models.DecimalField(max_digits=8, decimal_places=4, help_text="Percent, all components together")
    tax_type = models.CharField(max_length=50, blank=True)
    status = models.CharField(max_length=20, default="ACTIVE")
    applies_to = models.JSONField(default=list, blank=True, help_text="Account classes that Xero allows it on")
    from_xero = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("organisation", Lower("name"), name="tax_rule_name_once")]

    def __str__(self) -> str:
        return self.name


class PaymentTerm(OwnedByOrganisation):
    """When a document falls due. `method` is one of Xero's four ways to count `days`."""

    name = models.CharField(max_length=100)
    days = models.PositiveIntegerField(default=0)
    method = models.CharField(
        max_length=30,
        default="DAYSAFTERBILLDATE",
        choices=[
            ("DAYSAFTERBILLDATE", "days after the document's date"),
            ("DAYSAFTERBILLMONTH", "days after the end of the document's month"),
            ("OFCURRENTMONTH", "day of the current month"),
            ("OFFOLLOWINGMONTH", "day of the following month"),
        ],
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="payment_term_once")]

    def __str__(self) -> str:
        return self.name


class Record(OwnedByOrganisation):
    """What all records that can be synced share. `version` counts changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


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

    class Meta:
        ordering = ["sku"]
        constraints = [models.UniqueConstraint(fields=["organisation", "sku"], name="product_sku_once")]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class DocumentKind(models.TextChoices):
    SALE_INVOICE = "sale_invoice", "Sale invoice"
    BILL = "bill", "Bill"


class Document(Record):
    """A sale invoice or a bill. Totals are in `currency`; `rate` is foreign units per one base unit, as Xero's."""

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
    due_date = models.DateField()
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=1)
    tax_treatment = models.CharField(max_length=10, choices=TaxTreatment.choices, default=TaxTreatment.EXCLUSIVE)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    subtotal = models.DecimalField(**ZERO_MONEY)
    tax = models.DecimalField(**ZERO_MONEY)
    total = models.DecimalField(**ZERO_MONEY)

    class Meta:
        ordering = ["-date", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=Q(kind="sale_invoice"), name="sale_number_once"
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
    """One line of a document; an additional charge (freight, a fee) is a line with `is_charge`."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    is_charge = models.BooleanField(default=False)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT)
    description = models.CharField(max_length=4000)
    quantity = models.DecimalField(max_digits=15, decimal_places=4)
    unit_price = models.DecimalField(max_digits=16, decimal_places=4)
    discount = models.DecimalField(max_digits=6, decimal_places=2, default=0, help_text="Percent")
    account = models.CharField(max_length=10, blank=True)
    tax_rule = models.ForeignKey(TaxRule, null=True, blank=True, on_delete=models.PROTECT)
    amount = models.DecimalField(**ZERO_MONEY)
    tax = models.DecimalField(**ZERO_MONEY)

    class Meta:
        ordering = ["document", "position"]
        constraints = [models.UniqueConstraint(fields=["document", "position"], name="line_position_once")]

    def __str__(self) -> str:
        return f"{self.document_id} line {self.position}"


class Settlement(Record):
    """A payment of a document, in the document's currency."""

    class Status(models.TextChoices):
        AUTHORISED = "AUTHORISED", "Authorised"
        VOIDED = "VOIDED", "Voided"

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="settlements")
    number = models.CharField(max_length=100)
    account = models.CharField(max_length=10, help_text="Code of the bank or payment account")
    date = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=1)
    reference = models.CharField(max_length=150, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.AUTHORISED)

    class Meta:
        ordering = ["-date", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="settlement_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="settlement_amount_positive"),
        ]

    def __str__(self) -> str:
        return self.number


class Touch(models.Model):
    """The outbox: a changed record that the engine has not looked at since. Append-only; the engine deletes."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)
    record_id = models.UUIDField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "id"], name="touch_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"
