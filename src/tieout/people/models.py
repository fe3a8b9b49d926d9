"""Who may do what in which organisation, and the audit trail of what was done.

Always: an event is written in the same transaction as the change that it tells of, and is never edited or deleted.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    BOOKKEEPER = "bookkeeper", "Bookkeeper"
    OPERATIONS = "operations", "Operations"
    VIEWER = "viewer", "Viewer"


class Membership(models.Model):
    """A user's place in one organisation. No membership: the organisation does not exist for that user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey("core.Organisation", on_delete=models.CASCADE, related_name="members")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.user} in {self.organisation}: {self.role}"


class Action(models.TextChoices):
    """The whole vocabulary of the audit trail."""

    CREATED = "created", "Created"
    EDITED = "edited", "Edited"
    AUTHORISED = "authorised", "Authorised"
    VOIDED = "voided", "Voided"
    DEPRECATED = "deprecated", "Deprecated"
    REACTIVATED = "reactivated", "Made active again"
    IMPORTED = "imported", "Imported a file"
    CONNECTED = "connected", "Connected to Xero"
    RECONNECTED = "reconnected", "Reconnected to Xero"
    DISCONNECTED = "disconnected", "Disconnected from Xero"
    LOADED = "loaded", "Loaded from Xero"
    MAPPED = "mapped", "Changed a mapping"
    SETTING_CHANGED = "setting_changed", "Changed a setting"
    SYNC_REQUESTED = "sync_requested", "Asked for a sync"
    STATUS_CHANGED = "status_changed", "Changed a sync status"
    STATUS_CHANGE_UNDONE = "status_change_undone", "Undid a change of sync status"
    SIGNED_IN = "signed_in", "Signed in"


class Event(models.Model):
    """One line of the audit trail."""

    organisation = models.ForeignKey(
        "core.Organisation", on_delete=models.CASCADE, related_name="events", null=True, blank=True
    )
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150, help_text="The user's name, or the part of Tieout that acted")
    action = models.CharField(max_length=30, choices=Action.choices)
    kind = models.CharField(max_length=30, blank=True)
    record_id = models.UUIDField(null=True, blank=True)
    label = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["organisation", "-id"], name="event_by_organisation")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor}: {self.get_action_display()} {self.label}"
