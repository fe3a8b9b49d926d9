"""Consolidation: the policies, the documents that gather records, and what each holds of which record.

Always: a record has one current document at most; what a closed document holds is never changed or deleted; a number is
given once per connection.
"""

from __future__ import annotations

import datetime
import uuid

from django.db import models
from django.db.models import Q

from tieout.core.models import Contact
from tieout.sync.models.connection import Connection


class ConsolidationPolicy(models.Model):
    """How the records of one sort are consolidated, for one channel, or (bills) one supplier."""

    class What(models.TextChoices):
        INVOICES = "invoices", "Sale invoices and credit notes"
        COSTS = "costs", "Cost journals"
        PAYMENTS = "payments", "Payments"
        MONEY = "money", "Money tasks"
        BILLS = "bills", "Bills and purchase credit notes"

    class Mode(models.TextChoices):
        INDIVIDUAL = "individual", "Individual"
        DAILY = "daily", "Daily"
        MONTHLY = "monthly", "Monthly"
        NONE = "none", "No sync"

    class Grouping(models.TextChoices):
        ACCOUNT = "account", "By account"
        TAX = "tax", "By tax"
        PRODUCT = "product", "By product"
        CUSTOMER = "customer", "By customer or supplier"
        ORDER = "order", "By order"

    class Late(models.TextChoices):
        SECOND = "second", "A second document for that day"
        NEXT = "next", "The next document"

    class Delivery(models.TextChoices):
        CLOSE = "close", "Sent when it is closed"
        DRAFT = "draft", "A draft in Xero, kept up to date until it is closed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="consolidation_policies")
    what = models.CharField(max_length=10, choices=What.choices)
    channel = models.CharField(max_length=100, blank=True)
    supplier = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.INDIVIDUAL)
    grouping = models.CharField(max_length=10, choices=Grouping.choices, default=Grouping.ACCOUNT)
    line_limit = models.PositiveIntegerField(default=500)
    late = models.CharField(max_length=10, choices=Late.choices, default=Late.SECOND)
    delivery = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.CLOSE)
    template = models.CharField(max_length=200)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cut_off = models.TimeField(default=datetime.time(0), help_text="When the period ends, on the day after its last")
    closes_after = models.PositiveIntegerField(default=0, help_text="Hours after the period's end")
    export_customers = models.BooleanField(default=True)
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["what", "channel", "id"]
        verbose_name_plural = "consolidation policies"
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "what", "channel", "supplier"], nulls_distinct=False, name="policy_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.channel or self.supplier or 'all'}: {self.mode}"


class ConsolidatedDocument(models.Model):
    """A document that stands for many records. Its terms are copied, so that a later policy cannot change it.

    `bucket`: the digest of its terms. `sign`: −1 where it takes back what its members' kind adds. `adjusts`: the closed
    document that it corrects. `series` and `position`: what its number is made of.
    """

    class State(models.TextChoices):
        OPEN = "open", "Gathering"
        CLOSED = "closed", "Closed"
        VOIDED = "voided", "Taken back"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=30)
    what = models.CharField(max_length=10)
    channel = models.CharField(max_length=100, blank=True)
    bucket = models.CharField(max_length=32)
    first = models.DateField()
    last = models.DateField()
    currency = models.CharField(max_length=3, blank=True)
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    treatment = models.CharField(max_length=10, blank=True)
    contact_id = models.UUIDField(null=True)
    by_contact = models.BooleanField(default=False)
    account = models.CharField(max_length=10, blank=True)
    type = models.CharField(max_length=10, blank=True)
    settles = models.UUIDField(null=True)
    grouping = models.CharField(max_length=10)
    line_limit = models.PositiveIntegerField()
    delivery = models.CharField(max_length=10)
    cut_off = models.TimeField(default=datetime.time(0))
    closes_after = models.PositiveIntegerField(default=0)
    sign = models.SmallIntegerField(default=1)
    adjusts = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="adjustments")
    series = models.CharField(max_length=300)
    position = models.PositiveIntegerField()
    number = models.CharField(max_length=255)
    reference = models.CharField(max_length=255, blank=True)
    allocated = models.DecimalField(
        max_digits=16, decimal_places=2, null=True, help_text="Of an adjusting credit: what its invoice gets of it"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-last", "number"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "series", "position"], name="consolidated_position_once"),
        ]
        indexes = [
            models.Index(fields=["connection", "kind", "bucket"], name="consolidated_by_bucket"),
            models.Index(fields=["connection"], condition=Q(state="open"), name="consolidated_open"),
            models.Index(fields=["connection", "-last"], name="consolidated_by_day"),
        ]

    def __str__(self) -> str:
        return self.number


class ConsolidatedMember(models.Model):
    """What a document holds of a record, as it was when it joined.

    `counted`: what that is of the record's own total, below zero where it takes back; `amount`: what it adds to the
    document's total. `first`, `last`: the period that the record belongs to, whatever the document's is.
    """

    document = models.ForeignKey(ConsolidatedDocument, on_delete=models.CASCADE, related_name="members")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=30)
    record_id = models.UUIDField()
    number = models.CharField(max_length=255)
    party = models.CharField(max_length=255, blank=True)
    date = models.DateField()
    due = models.DateField()
    first = models.DateField()
    last = models.DateField()
    counted = models.DecimalField(max_digits=16, decimal_places=2)
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    lines = models.JSONField()
    current = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

    class Meta:
        ordering = ["date", "number", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "record_id"], condition=Q(current=True), name="member_of_one_document"
            )
        ]
        indexes = [models.Index(fields=["connection", "kind", "record_id"], name="member_by_record")]

    def __str__(self) -> str:
        return f"{self.number} in {self.document_id}"
