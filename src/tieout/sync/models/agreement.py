"""What was agreed and seen: the views that planning compares.

Always: one last-seen view per document of Xero; one binding per record and per document. A run writes both for the
connection that it holds; the database does not look that connection up for each row.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tieout.sync.models.connection import Connection


class XeroRecord(models.Model):
    """Xero's last seen view of one of its documents. `read_at`: when a read of its own, not an echo, showed it."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )
    kind = models.CharField(max_length=30)
    xero_id = models.UUIDField()
    key = models.CharField(max_length=400, blank=True)
    other_key = models.CharField(max_length=400, blank=True)
    number = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=20)
    date = models.DateField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    total = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    paid = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    due = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    contact_id = models.CharField(max_length=36, blank=True)
    foreign_number = models.CharField(max_length=64, blank=True)
    rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    account = models.CharField(max_length=36, blank=True)
    updated_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "xero_id"], name="xero_record_once")]
        indexes = [
            models.Index(fields=["connection", "kind", "key"], name="xero_record_by_key"),
            models.Index(
                fields=["connection", "kind", "other_key"],
                name="xero_record_by_other_key",
                condition=~Q(other_key=""),
            ),
            models.Index(fields=["connection", "kind", "date"], name="xero_record_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class XeroContent(models.Model):
    """What a page of Xero's showed of something that is not in Core and may be loaded, as Xero's JSON. It goes once
    that is in Core."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=30)
    xero_id = models.UUIDField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "xero_id"], name="xero_content_once")]
        indexes = [models.Index(fields=["connection", "kind", "id"], name="xero_content_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.xero_id}"


class Binding(models.Model):
    """Our record ↔ Xero's id, with the fingerprint of what was last agreed."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="+"
    )
    kind = models.CharField(max_length=30)
    record_id = models.UUIDField()
    xero_id = models.UUIDField()
    fingerprint = models.CharField(max_length=32)
    content = models.BinaryField(help_text="What was last agreed, as Xero's JSON")
    gone = models.BooleanField(default=False, help_text="Both sides agree that it is void, deleted or archived")
    corrected = models.BooleanField(default=False, help_text="It stands in Xero together with what corrects it")
    from_xero = models.BooleanField(default=False, help_text="Somebody made it in Xero; it came into Core from there")
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "record_id"], name="binding_once"),
            models.UniqueConstraint(fields=["connection", "xero_id"], name="binding_of_xero_record_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} ↔ {self.xero_id}"
