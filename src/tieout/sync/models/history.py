"""Sync history: runs, batches, entries, attempts, changes of status, findings.

Always: an attempt and a batch are never changed into another story, so that what was asked and what came back can be
read for ever; one entry per record.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from tieout.core.models import Organisation
from tieout.sync.models.connection import Connection


class Run(models.Model):
    """One pass over an organisation: pull, plan, push, verify."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        STOPPED = "stopped", "Stopped early"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=20, default="asked")
    actor = models.CharField(max_length=150, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RUNNING)
    phase = models.CharField(max_length=40, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    resume_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.organisation}"


class Batch(models.Model):
    """One call that carries up to 50 records: its key and exact bytes are stored before it is sent."""

    class State(models.TextChoices):
        INTENDED = "intended", "On its way"
        ANSWERED = "answered", "Answered"
        LOST = "lost", "Answer lost"
        NOT_SENT = "not_sent", "Not sent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="batches")
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="batches")
    kind = models.CharField(max_length=30)
    action = models.CharField(max_length=10)
    method = models.CharField(max_length=6)
    path = models.CharField(max_length=1000)
    content_type = models.CharField(max_length=100, default="application/json")
    idempotency_key = models.UUIDField(unique=True)
    body = models.BinaryField()
    digest = models.CharField(max_length=64)
    elements = models.PositiveIntegerField()
    manifest = models.JSONField(help_text="By position: entry, record, fingerprint, Xero's id, computed, moves")
    state = models.CharField(max_length=10, choices=State.choices, default=State.INTENDED)
    sends = models.PositiveIntegerField(default=0)
    intended_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    http_status = models.PositiveIntegerField(null=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["connection"], condition=Q(state="intended"), name="batch_on_its_way"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} × {self.elements}"


class Status(models.TextChoices):
    PENDING = "pending", "Pending"
    SENDING = "sending", "Sending"
    UNCERTAIN = "uncertain", "Uncertain"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    WARNING = "warning", "Warning"
    SKIPPED = "skipped", "Skipped"


# What people see: sending and uncertain show as Pending with a remark.
SHOWN_AS = {Status.SENDING: Status.PENDING, Status.UNCERTAIN: Status.PENDING}


class Entry(models.Model):
    """The row in Sync History for one record.

    Always: final (completed, skipped), or waits for a person (warning), or has a `next_try_at` (failed), or names its
    blocker (pending with `blocked_id`), or is due (pending). `touched`: the record changed since it was planned.
    """

    # It is made out of a touched record of the organisation, thousands at a time.
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="entries"
    )
    kind = models.CharField(max_length=30)
    record_id = models.UUIDField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    touched = models.BooleanField(default=True)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    local = models.BooleanField(default=False, help_text="Found without asking Xero; checked again when books change")
    blocked_kind = models.CharField(max_length=30, blank=True)
    blocked_id = models.UUIDField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    refused_fingerprint = models.CharField(max_length=32, blank=True)
    action = models.CharField(max_length=10, blank=True)
    difference = models.JSONField(default=list, blank=True)
    # The engine writes a batch and its entries in one transaction: to check each row again would tell nothing new.
    batch = models.ForeignKey(
        Batch,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="entries",
        db_index=False,
        db_constraint=False,
    )
    position = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    verified = models.BooleanField(null=True, help_text="Xero's answer equals what was sent; None: not sent yet")
    label = models.CharField(max_length=300, blank=True)
    party = models.CharField(max_length=300, blank=True)
    date = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    channel = models.CharField(max_length=100, blank=True)
    acted_by = models.CharField(max_length=150, blank=True)
    queued_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-updated_at", "-id"]
        verbose_name_plural = "entries"
        constraints = [models.UniqueConstraint(fields=["organisation", "kind", "record_id"], name="entry_once")]
        indexes = [
            models.Index(fields=["organisation", "status", "kind"], name="entry_by_status"),
            models.Index(fields=["organisation", "-updated_at", "-id"], name="entry_latest_first"),
            models.Index(fields=["blocked_id"], condition=Q(blocked_id__isnull=False), name="entry_by_blocker"),
            models.Index(fields=["organisation", "kind", "id"], condition=Q(touched=True), name="entry_touched"),
            models.Index(fields=["batch"], condition=Q(status__in=["sending", "uncertain"]), name="entry_in_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.status}"

    @property
    def shown_status(self) -> Status:
        """The status that people see."""
        return SHOWN_AS.get(Status(self.status), Status(self.status))


class Attempt(models.Model):
    """One try of an entry, kept for ever. What was asked stands in the batch at `position`."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="attempts", db_constraint=False)
    batch = models.ForeignKey(
        Batch, null=True, on_delete=models.SET_NULL, related_name="attempts", db_index=False, db_constraint=False
    )
    position = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    action = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10, choices=[*Status.choices, ("adopted", "Found in Xero")])
    code = models.CharField(max_length=40, blank=True)
    text = models.TextField(blank=True)
    answer = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} at {self.at:%Y-%m-%d %H:%M}: {self.outcome}"


class StatusChange(models.Model):
    """A person's change of status, of one entry or many at once, with its reason; can be undone."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="status_changes")
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    to_status = models.CharField(max_length=10, choices=Status.choices)
    reason = models.TextField(blank=True)
    moved = models.PositiveIntegerField(default=0, help_text="How many entries it changed")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.actor}: {self.moved} to {self.to_status}"


class StatusBefore(models.Model):
    """What one entry was before a change of status, column by column, so that an undo can put it back."""

    change = models.ForeignKey(
        StatusChange, on_delete=models.CASCADE, related_name="before", db_constraint=False, db_index=False
    )
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    status = models.CharField(max_length=10)
    reason_code = models.CharField(max_length=40)
    reason = models.TextField()
    advice = models.TextField()
    local = models.BooleanField()
    next_try_at = models.DateTimeField(null=True)
    blocked_kind = models.CharField(max_length=30)
    blocked_id = models.UUIDField(null=True)

    class Meta:
        # From either side the other is one look into the index, whatever the statistics of these tables say.
        constraints = [models.UniqueConstraint(fields=["change", "entry"], name="before_once")]

    def __str__(self) -> str:
        return f"entry {self.entry_id} was {self.status}"


class Finding(models.Model):
    """A difference between Core and Xero that a person should see. Open until `closed_at`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=30)
    record_id = models.UUIDField(null=True, blank=True)
    xero_id = models.CharField(max_length=36, blank=True)
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    detail = models.JSONField(default=list, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "record_id", "xero_id", "code"],
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="finding_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"
