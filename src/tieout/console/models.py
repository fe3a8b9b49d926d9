"""What the console remembers for a user: how they like their report."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class ReportLayout(models.Model):
    """A user's saved layout of the Synchronization Report: columns in order, row order, filters as a query string."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    columns = ArrayField(models.CharField(max_length=30))
    order = models.CharField(max_length=20)
    filters = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="report_layout_once")]

    def __str__(self) -> str:
        return self.name
