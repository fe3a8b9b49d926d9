"""An organisation's tie to Xero: the consent, the settings, the budget of calls, the cursors of reading.

Always: tokens are stored encrypted only; one live connection per organisation and per Xero organisation.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tieout.core.models import Organisation


class Grant(models.Model):
    """One consent that a person gave in Xero. Its tokens rotate; `tokens` holds the pair, encrypted."""

    tokens = models.BinaryField()
    expires_at = models.DateTimeField()
    scope = models.TextField(blank=True)
    refreshed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Grant {self.pk}"


class Connection(models.Model):
    """An organisation's tie to one Xero organisation (tenant). At most one is live per organisation and per tenant."""

    class Step(models.TextChoices):
        AUTHORISE = "authorise", "Sign in to Xero"
        CHOOSE = "choose", "Choose the organisation"
        LOAD = "load", "Load accounts and tax"
        MAP = "map", "Map accounts and tax"
        LIVE = "live", "Connected"
        RECONNECT = "reconnect", "Sign in to Xero again"
        DISCONNECTED = "disconnected", "Disconnected"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="connections")
    grant = models.ForeignKey(Grant, null=True, blank=True, on_delete=models.SET_NULL)
    step = models.CharField(max_length=20, choices=Step.choices, default=Step.AUTHORISE)
    state = models.CharField(max_length=64, blank=True, help_text="The unguessable word of a sign-in under way")
    state_expires_at = models.DateTimeField(null=True, blank=True)
    xero_connection_id = models.CharField(max_length=64, blank=True)
    tenant_id = models.CharField(max_length=64, blank=True)
    tenant_name = models.CharField(max_length=255, blank=True)
    short_code = models.CharField(max_length=20, blank=True)
    base_currency = models.CharField(max_length=3, blank=True)
    currencies = ArrayField(models.CharField(max_length=3), default=list, blank=True)
    lock_date = models.DateField(null=True, blank=True)
    loaded_at = models.DateTimeField(null=True, blank=True, help_text="When the set-up was last read from Xero")
    books_digest = models.CharField(max_length=64, blank=True)
    roles = models.JSONField(default=dict, blank=True, help_text="What an account is for → its code")
    invoice_status = models.CharField(
        max_length=20, default="AUTHORISED", choices=[("AUTHORISED", "Authorised"), ("DRAFT", "Draft")]
    )
    status_by_kind = models.JSONField(default=dict, blank=True, help_text="Kind → status, where it differs")
    status_by_channel = models.JSONField(default=dict, blank=True, help_text="Channel → status of its sale documents")
    payments = models.CharField(
        max_length=10,
        default="push",
        choices=[("push", "Pushed to Xero"), ("pull", "Pulled from Xero"), ("both", "Synced both ways")],
    )
    lock_date_policy = models.CharField(
        max_length=20,
        default="hold",
        choices=[("hold", "Hold it for a person"), ("first_open_day", "Date it the first open day")],
    )
    sync_from = models.DateField(null=True, blank=True)
    deposits_as = models.CharField(
        max_length=20,
        default="prepayment",
        choices=[("prepayment", "Prepayments and overpayments"), ("money", "Plain money received and spent")],
    )
    export_purchase_orders = models.BooleanField(default=False)
    export_attachments = models.BooleanField(default=False)
    show_journals_on_cash_basis = models.BooleanField(default=True)
    load_items = models.BooleanField(default=False)
    load_invoices = models.BooleanField(default=False)
    load_contacts = models.CharField(
        max_length=10,
        default="documents",
        choices=[
            ("documents", "Those on loaded invoices and bills"),
            ("customers", "All, as customers"),
            ("kinds", "All, each as what it is"),
        ],
    )
    time_zone = models.CharField(max_length=50, default="UTC", help_text="The organisation's own, as Xero tells it")
    item_description = models.CharField(max_length=30, default="description")
    item_purchase_description = models.CharField(max_length=30, default="purchase_description")
    tracking = models.JSONField(default=dict, blank=True, help_text="What a text tells → the tracking category in Xero")
    tracking_categories = models.JSONField(null=True, blank=True, help_text="What Xero has: category → options")
    auto_sync_minutes = models.PositiveIntegerField(default=0, help_text="0: only when asked")
    auto_sync_from = models.DateTimeField(null=True, blank=True, help_text="No sync by schedule before this moment")
    alert_emails = ArrayField(models.CharField(max_length=254), default=list, blank=True)
    minute_limit = models.PositiveIntegerField(default=60)
    day_limit = models.PositiveIntegerField(default=5000)
    created_at = models.DateTimeField(auto_now_add=True)
    connected_at = models.DateTimeField(null=True, blank=True)
    disconnected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=~Q(step="disconnected"), name="one_connection_each"
            ),
            models.UniqueConstraint(
                fields=["tenant_id"], condition=~Q(step="disconnected") & ~Q(tenant_id=""), name="one_tenant_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ↔ {self.tenant_name or 'Xero'}"

    def day_of(self, moment: datetime) -> date:
        """The calendar day of a moment by the organisation's own clocks."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()


class Budget(models.Model):
    """Calls to one tenant, shared by all workers. `recent`: when the last calls of a minute went, in epoch seconds."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="budget")
    recent = ArrayField(models.FloatField(), default=list)
    day_remaining = models.IntegerField(null=True)
    day_seen = models.IntegerField(null=True, help_text="What Xero's headers said last; day_remaining may be less")
    day_started_at = models.DateTimeField(null=True)
    wait_until = models.DateTimeField(null=True, help_text="Xero asked for a pause")

    def __str__(self) -> str:
        return f"{self.connection}: {self.day_remaining} left today"


class CallCount(models.Model):
    """How many calls were made, per day and resource."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="call_counts")
    day = models.DateField()
    resource = models.CharField(max_length=40)
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "day", "resource"], name="call_count_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.resource}: {self.calls}"


class Cursor(models.Model):
    """Up to when the changes of one resource have been read: `since` by Xero's clock, `read_at` by ours."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, db_index=False, related_name="cursors")
    resource = models.CharField(max_length=40)
    since = models.DateTimeField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "resource"], name="cursor_once")]

    def __str__(self) -> str:
        return f"{self.resource} since {self.since:%Y-%m-%d %H:%M}"
