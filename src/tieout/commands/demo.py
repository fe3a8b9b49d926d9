"""`tieout demo`: a company, a Xero of its own and the console on this machine, to look around in.

In: how many documents, and whether to stay up. Out: what the company looks like after its first sync: entries, calls
and the tie-out, as text or as one JSON object; then the console's address and a sign-in, until Ctrl-C.
Always: begins anew each time, in a database of its own (`demo` beside the real data); a real database that
TIEOUT_DATABASE_URL names is used only while it holds no other organisation.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tieout.environment import Environment
from tieout.exit_codes import FAILED, WELL, CommandFailed
from xero_twin import Limits, Twin, TwinServer, edits

if TYPE_CHECKING:
    from tieout.core.models import Document, Organisation
    from tieout.embedded.company import CompanySummary, Troubles
    from tieout.sync.models import Run
    from xero_twin import Organisation as Tenant

SLUG, NAME = "harakeke", "Harakeke Trading"
CURRENCIES = ("AUD", "USD")
CLIENT, SECRET = "tieout-demo", "tieout-demo-secret"
USER = "demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--documents", type=int, default=300, help="sale invoices and bills (default: %(default)s)")
    parser.add_argument("--once", action="store_true", help="stop after the first sync")
    parser.add_argument("--port", type=int, default=8000, help="the console's port (default: %(default)s)")
    parser.add_argument("--xero-port", type=int, default=0, help="the twin's port (default: a free one)")
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="the twin's time for each call")
    parser.add_argument("--no-limits", action="store_true", help="let the twin take more than 60 calls a minute")


def run(args: argparse.Namespace) -> int:
    twin = Twin(limits=None if args.no_limits else Limits(), latency=args.latency / 1000)
    with TwinServer(twin, port=args.xero_port) as server:
        _point_at(server.url)
        from tieout.cli import running_database, set_up_django

        environment = Environment.read()
        environment.make_keys()
        set_up_django()
        with running_database(environment):
            return _show(args, twin, server.url)


def _point_at(xero: str) -> None:
    """The environment of the demo and of the processes that it starts."""
    if not os.environ.get("TIEOUT_DATABASE_URL"):
        os.environ["TIEOUT_DATA_DIR"] = str(Environment.read().data_dir / "demo")
    os.environ["TIEOUT_XERO_CLIENT_ID"], os.environ["TIEOUT_XERO_CLIENT_SECRET"] = CLIENT, SECRET
    for part in ("API", "LOGIN", "IDENTITY"):
        os.environ[f"TIEOUT_XERO_{part}_URL"] = xero


def _show(args: argparse.Namespace, twin: Twin, xero: str) -> int:
    from tieout.commands.tie_out import table
    from tieout.reports.status import figures
    from tieout.reports.tie_out import tie_out
    from tieout.sync.models import Run

    begun = time.monotonic()
    organisation, troubles = _company(args.documents)
    tenant = _connect(organisation, twin, troubles)
    ended = _sync(organisation, args)
    if ended.state == Run.State.FINISHED:
        ended = _another_day(organisation, troubles, twin, tenant, args)
    proof = tie_out(organisation)
    found = figures(organisation, proof)
    if args.json:
        took = {"sync_seconds": found["seconds"], "seconds": round(time.monotonic() - begun, 2)}
        print(json.dumps(found | took | {"run": ended.state, "message": ended.message, "tenant": tenant.tenant_id}))
    else:
        entries = ", ".join(f"{count:,} {status}" for status, count in found["entries"].items() if count)
        print(table(proof))
        print(f"\n{entries}. {found['calls_total']} calls to Xero, {found['documents_per_call']} records a call.")
    if args.once:
        return WELL if ended.state == Run.State.FINISHED else FAILED
    return _stay_up(args.port, organisation, xero)


# -- the company ----------------------------------------------------------------------------------------------------


def _company(documents: int) -> tuple[Organisation, Troubles]:
    """A fresh organisation with its records imported from files, as a customer would."""
    from tieout.commands.migrate import migrate
    from tieout.core import operations
    from tieout.core.fields import OrganisationFields

    _say("Preparing the database")
    _begin_anew()
    migrate()
    fields = OrganisationFields(slug=SLUG, name=NAME, base_currency="NZD", country="NZ")
    organisation = operations.create_organisation(fields, actor=USER)
    with tempfile.TemporaryDirectory(prefix="tieout-demo-") as folder:
        summary = _import(organisation, Path(folder), documents)
    return organisation, summary.troubles


def _begin_anew() -> None:
    """Empty the database, unless it holds anything but an earlier demo."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        tables = {name for (name,) in cursor.fetchall()}
        holds = sorted(tables)[:3]
        if "core_organisation" in tables:
            cursor.execute("select name from core_organisation where slug <> %s limit 3", [SLUG])
            holds = [name for (name,) in cursor.fetchall()]
        if holds:
            raise CommandFailed(
                f"This database holds {', '.join(holds)}. The demo begins by emptying its database: unset "
                "TIEOUT_DATABASE_URL, or name an empty database in it."
            )
        cursor.execute("drop schema public cascade")
        cursor.execute("create schema public")


def _import(organisation: Organisation, folder: Path, documents: int) -> CompanySummary:
    from tieout.core.importing import import_file
    from tieout.embedded.company import finish_company, write_company

    summary = write_company(folder, documents, kinds="all")
    for kind in summary.order:
        result = import_file(organisation, kind, folder / f"{kind}.csv", actor=USER)
        what = kind.replace("-", " ")
        _say(f"Imported {result.created:,} {what if result.created != 1 else what.removesuffix('s')}")
    finish_company(organisation, summary, actor=USER)
    _say("Attached two files")
    return summary


# -- its Xero -------------------------------------------------------------------------------------------------------


def _connect(organisation: Organisation, twin: Twin, troubles: Troubles) -> Tenant:
    """Its Xero, with the troubles of real life, and the wizard gone through as a person would."""
    from tieout.sync import connect
    from tieout.sync.run import Ports

    tenant = twin.add_organisation(NAME, country="NZ", base_currency="NZD", currencies=CURRENCIES)
    edits.apply(tenant, "archive_account", {"account": troubles.archived_account})
    edits.apply(tenant, "lock_dates", {"period": troubles.xero_lock_date.isoformat()})
    ports = Ports()
    redirect = "http://localhost/connect/xero/callback"
    asked = _query(connect.begin(organisation, redirect, ports))
    answer = _query(
        twin.consent(asked["client_id"], redirect, asked["state"], asked["scope"], tenants=[tenant.tenant_id])
    )
    connection = connect.come_back(answer["state"], answer["code"], redirect, actor=USER, ports=ports)
    connect.load(connection, actor=USER, ports=ports)
    roles = {"sales": "200", "purchases": "300", "sale-charges": "425", "purchase-charges": "425"}
    roles |= {"customer-credits": "835", "supplier-deposits": "620", "cost-of-goods": "310", "inventory": "640"}
    connection.export_purchase_orders = connection.export_attachments = True
    connection.save(update_fields=["export_purchase_orders", "export_attachments"])
    connect.map_accounts(connection, roles, {}, actor=USER)
    _say(f"Connected to {connection.tenant_name} in Xero")
    return tenant


def _query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _sync(organisation: Organisation, args: argparse.Namespace) -> Run:
    from tieout.sync.models import Connection
    from tieout.sync.run import Ports, sync
    from tieout.sync.telling import bars

    if args.no_limits:
        Connection.objects.filter(organisation=organisation).update(minute_limit=1_000_000, day_limit=1_000_000)
    with bars() as progress:
        return sync(organisation, actor=USER, trigger="demo", ports=Ports(progress=progress))


def _another_day(
    organisation: Organisation, troubles: Troubles, twin: Twin, tenant: Tenant, args: argparse.Namespace
) -> Run:
    """A person skips what cannot go, with a reason; a payment was half entered in Xero; another meets it offline."""
    from tieout.core.models import Document
    from tieout.sync.clock import DatabaseClock
    from tieout.sync.entries import change_status
    from tieout.sync.models import Entry, Status

    change_status(
        organisation,
        Entry.objects.filter(label=troubles.before_lock_date),
        Status.SKIPPED,
        actor=USER,
        reason="Entered in Xero by hand before the year was closed.",
        now=DatabaseClock().now(),
    )
    _pay_by_hand(organisation, troubles, tenant)
    sent = Entry.objects.filter(organisation=organisation, status=Status.COMPLETED).values("record_id")
    unpaid = Document.objects.filter(
        organisation=organisation, status="AUTHORISED", settlements=None, kind="sale_invoice", pk__in=sent
    ).exclude(number=troubles.part_paid_document)
    document = unpaid.filter(currency="NZD").order_by("number").last()
    if document is not None:
        _record_payment(document, f"PAY-{document.number}", document.total)
        twin.faults.add("503", method="PUT", path="Payments")
    return _sync(organisation, args)


def _pay_by_hand(organisation: Organisation, troubles: Troubles, tenant: Tenant) -> None:
    """Somebody enters part of a payment in Xero; Core does not know, and takes the whole sum."""
    from tieout.core.models import Document

    document = Document.objects.get(organisation=organisation, number=troubles.part_paid_document)
    by_hand = {"amount": str(troubles.part_paid_in_xero), "date": document.date.isoformat(), "account": "090"}
    edits.apply(tenant, "pay", {"invoice": document.number, **by_hand})
    _record_payment(document, f"PAY-{document.number}", troubles.paid_in_core)


def _record_payment(document: Document, number: str, amount: Decimal) -> None:
    from tieout.core import operations
    from tieout.core.fields import PaymentFields

    fields = PaymentFields(number=number, account="090", date=document.date, amount=amount, rate=document.rate)
    operations.record_payment(document, fields, actor=USER)


# -- staying up -----------------------------------------------------------------------------------------------------


def _stay_up(port: int, organisation: Organisation, xero: str) -> int:
    from django.contrib.auth import get_user_model
    from django.db import connections

    from tieout.commands.web import wait_until_it_listens
    from tieout.people.models import Membership, Role

    password = secrets.token_urlsafe(9)
    user: Any = get_user_model().objects.create_superuser(USER, f"{USER}@example.com", password)
    Membership.objects.create(user=user, organisation=organisation, role=Role.OWNER)
    connections.close_all()
    with _serving(port) as serving:
        if wait_until_it_listens("127.0.0.1", port, lambda: serving.poll() is None):
            print(f"\nTieout   http://localhost:{port}/   sign in as {USER} with {password}", flush=True)
            print(f"Its Xero {xero} (a local twin; nothing leaves this machine). Ctrl-C ends the demo.", flush=True)
        return serving.wait()


@contextmanager
def _serving(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Web and worker; ended with us."""
    from tieout.commands import lifeline

    serving = lifeline.start("serve", "--port", str(port))
    try:
        yield serving
    finally:
        if serving.poll() is None:
            serving.terminate()
            serving.wait(60)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
