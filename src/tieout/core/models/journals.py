"""Journals: entries of the ledger itself, by hand or for the cost of goods sold.

In: nothing. Out: tables. Always: amounts are in base currency, debit positive; an authorised journal's lines sum to
zero.
"""

from __future__ import annotations

from django.db import models

from tieout.core.models.company import Record, TaxRule
from tieout.core.models.documents import Document


class Journal(Record):
    """One journal. `document` is what a cost-of-goods journal is about."""

    Status = Document.Status

    class Kind(models.TextChoices):
        MANUAL = "manual", "Manual journal"
        COST_OF_GOODS = "cost_of_goods", "Cost of goods sold"

    number = models.CharField(max_length=255)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.MANUAL)
    date = models.DateField()
    narration = models.CharField(max_length=4000, blank=True)
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="journals")
    status = models.CharField(max_length=20, choices=Document.Status.choices, default=Document.Status.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-date", "-number"]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="journal_number_once")]

    def __str__(self) -> str:
        return self.number


class JournalLine(models.Model):
    """One side of an entry. An empty `account` is the one that the mapping gives to `role`."""

    journal = models.ForeignKey(Journal, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    account = models.CharField(max_length=10, blank=True)
    role = models.CharField(max_length=30, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, help_text="Debit positive, credit negative")
    description = models.CharField(max_length=4000, blank=True)
    tax_rule = models.ForeignKey(TaxRule, null=True, blank=True, on_delete=models.PROTECT)
    tracking = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["journal", "position"]
        constraints = [models.UniqueConstraint(fields=["journal", "position"], name="journal_line_position_once")]

    def __str__(self) -> str:
        return f"{self.journal_id} line {self.position}"
