"""Files attached to records.

In: nothing. Out: tables. Always: the bytes have a table of their own, so that lists of attachments stay light.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from tieout.core.models.company import Record


class Attachment(Record):
    """A file on a record of any kind. `sha256` is that of its bytes, in hexadecimal."""

    class Status(models.TextChoices):
        ATTACHED = "ATTACHED", "Attached"
        REMOVED = "REMOVED", "Removed"

    target_kind = models.CharField(max_length=30)
    target_id = models.UUIDField()
    file_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes")
    sha256 = models.CharField(max_length=64)
    online = models.BooleanField(default=False, help_text="Shown to the customer with the online invoice")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ATTACHED)

    class Meta:
        ordering = ["target_kind", "target_id", "file_name"]
        constraints = [
            models.UniqueConstraint(
                "target_kind",
                "target_id",
                Lower("file_name"),
                condition=Q(status="ATTACHED"),
                name="attachment_name_once",
            ),
            models.UniqueConstraint(
                fields=["target_kind", "target_id", "sha256"],
                condition=Q(status="ATTACHED"),
                name="attachment_content_once",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class AttachmentContent(models.Model):
    """The bytes of an attachment; gone once it is removed."""

    attachment = models.OneToOneField(Attachment, primary_key=True, on_delete=models.CASCADE, related_name="content")
    data = models.BinaryField()

    def __str__(self) -> str:
        return str(self.attachment_id)
