"""Corrections that a person chose for what cannot simply be changed in Xero: their calls, and what they made there.

Always: the calls of a correction are stored before the first is made; each is marked as done in the transaction that
stores Xero's answer to it, so that whoever goes on knows which is next.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tieout.sync.models.connection import Connection
from tieout.sync.models.history import Entry


class Correction(models.Model):
    """One choice for one record. `steps`: its calls in order; `done`: by number, the id that Xero's answer gave.

    `held`: records of Core's that nothing else may touch until it ends. `fingerprint`, `content` and `gone`: what both
    sides agree on when it has ended by a document over the difference.
    """

    class State(models.TextChoices):
        OPEN = "open", "Under way"
        DONE = "done", "Done"
        PUT_BACK = "put_back", "Put back"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="corrections")
    way = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    steps = models.JSONField()
    done = models.JSONField(default=dict)
    held = ArrayField(models.UUIDField(), default=list)
    summary = models.TextField()
    fingerprint = models.CharField(max_length=32, blank=True)
    content = models.BinaryField(default=b"")
    gone = models.BooleanField(default=False)
    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    chosen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(state="open"), name="one_correction_at_a_time")
        ]
        indexes = [models.Index(fields=["connection"], condition=Q(state="open"), name="correction_open")]

    def __str__(self) -> str:
        return f"{self.entry.label}: {self.way}"


class DifferenceDocument(models.Model):
    """A document in Xero that stands for the difference between a record and the document that it is bound to. `sign`:
    1 where it adds to that document, -1 where it takes away."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=30)
    record_id = models.UUIDField()
    xero_id = models.UUIDField()
    sign = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "xero_id"], name="difference_document_once")]
        indexes = [models.Index(fields=["connection", "record_id"], name="difference_of_record")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}: {self.xero_id}"
