"""The company itself, what it has loaded from its ledger, and what every record has in common.

In: nothing. Out: tables. Always: every row carries its organisation.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

ZERO_MONEY: dict[str, Any] = {"max_digits": 16, "decimal_places": 2, "default": 0}
RATE: dict[str, Any] = {"max_digits": 20, "decimal_places": 10, "default": 1}


class CostDating(models.TextChoices):
    """Where the journal of a later cost change belongs. Open: after Core's lock date."""

    ON_CHANGE = "on_change", "The day of the change"
    ON_SHIPMENT = "on_shipment", "The day the goods left where that is open, else the day of the change"
    FIRST_OPEN_DAY = "first_open_day", "The day the goods left where that is open, else the first open day"


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
    use_credit_by_order = models.BooleanField(default=True, help_text="Credit taken for an order is used by itself")
    book_costs = models.BooleanField(default=True, help_text="The cost of shipped goods is booked by itself")
    cost_dating = models.CharField(max_length=20, choices=CostDating.choices, default=CostDating.ON_CHANGE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OwnedByOrganisation(models.Model):
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


def takes_payments(account_type: str, enable_payments: bool) -> bool:
    """Xero: payments go to bank accounts and to accounts with payments enabled."""
    return account_type == "BANK" or enable_payments


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
        return takes_payments(self.type, self.enable_payments)


class TaxRule(OwnedByOrganisation):
    """A tax rule. `tax_type` is Xero's code for it; while it is empty, no document that uses the rule can go."""

    name = models.CharField(max_length=50)
    rate = models.DecimalField(max_digits=8, decimal_places=4, help_text="Percent, all components together")
    tax_type = models.CharField(max_length=50, blank=True)
    xero_rate = models.DecimalField(
        max_digits=8, decimal_places=4, null=True, blank=True, help_text="What Xero charges for the tax type"
    )
    xero_name = models.CharField(max_length=50, blank=True, help_text="What Xero calls the rate of that tax type")
    status = models.CharField(max_length=20, default="ACTIVE")
    applies_to = models.JSONField(default=list, blank=True, help_text="Account classes that Xero allows it on")
    from_xero = models.BooleanField(default=False)
    default_for_sales = models.BooleanField(default=False, help_text="Where nothing else names a rule")
    default_for_purchases = models.BooleanField(default=False, help_text="Where nothing else names a rule")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="tax_rule_name_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(default_for_sales=True), name="one_default_for_sales"
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(default_for_purchases=True), name="one_default_for_purchases"
            ),
        ]

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
    default_for_sales = models.BooleanField(default=False, help_text="Of invoices whose contact has no term")
    default_for_purchases = models.BooleanField(default=False, help_text="Of bills whose contact has no term")

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
