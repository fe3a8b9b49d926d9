"""Telling people by e-mail that a sync needs them.

In: a run that has ended. Out: one message to the addresses of the settings, or none where nothing is new. Always: a
message that cannot be sent never costs the run; it holds counts and reasons, never amounts or contents of documents.
"""

from __future__ import annotations

import smtplib

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Count

from tieout.sync.models import Connection, Entry, Run, Status

log = structlog.get_logger(__name__)
LISTED = 10


def tell(run: Run) -> bool:
    """Send the message of this run. Whether one was sent."""
    connection = Connection.objects.filter(organisation=run.organisation).exclude(step="disconnected").first()
    if connection is None or not connection.alert_emails or not settings.TIEOUT_MAIL:
        return False
    text = message_of(run)
    if not text:
        return False
    name = " ".join(run.organisation.name.split())
    try:
        EmailMessage(f"Tieout: the sync of {name} needs you", text, to=connection.alert_emails).send()
    except (OSError, smtplib.SMTPException) as error:
        log.warning("alert not sent", organisation=run.organisation.slug, reason=str(error))
        return False
    return True


def message_of(run: Run) -> str:
    """What is new with this run and waits for somebody; empty where nothing is."""
    stopped = run.state == Run.State.STOPPED and not _same_as_before(run)
    found = (
        Entry.objects.filter(
            organisation=run.organisation, status__in=[Status.FAILED, Status.WARNING], updated_at__gte=run.started_at
        )
        .order_by()
        .values_list("status", "reason")
        .annotate(count=Count("id"))
        .order_by("-count", "reason")
    )
    rows = list(found[: LISTED + 1])
    if not rows and not stopped:
        return ""
    lines = [f"The sync of {run.organisation.name} that began on {run.started_at:%d %b %Y, %H:%M} UTC:", ""]
    lines += [f"- stopped early: {run.message}"] if stopped else []
    lines += [f"- {count:,} {Status(status).label}: {reason}" for status, reason, count in rows[:LISTED]]
    lines += ["- and other reasons"] if len(rows) > LISTED else []
    where = f"{settings.TIEOUT_PUBLIC_URL}/o/{run.organisation.slug}/history/" if settings.TIEOUT_PUBLIC_URL else ""
    return "\n".join([*lines, "", where or "Sync History in Tieout's console shows each of them."])


def _same_as_before(run: Run) -> bool:
    """The run before stopped too, and for the same reason or one that passes like this one: everybody knows."""
    before = Run.objects.filter(organisation=run.organisation, pk__lt=run.pk).first()
    if before is None or before.state != Run.State.STOPPED:
        return False
    return before.message == run.message or bool(before.resume_at and run.resume_at)
