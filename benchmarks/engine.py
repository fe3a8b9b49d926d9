"""How many records a second the engine plans, builds, sends, stores and verifies, and how much memory it takes.

In: the number of documents. Out: records a second of a whole first sync in a worker process of its own, the time left
out in which the engine did nothing but wait for answers; peak memory of that worker; its calls per record. The baseline
of the same run: an entry and an attempt per record by plain Django `create()`, with nothing planned and nothing sent.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.setting import company, database, twin

BASELINE = 1_000


def main(documents: int = 20_000) -> None:
    with database(), twin() as made:
        organisation = company(made, documents, "engine-bench")
        told = measure(organisation.slug, made.url)
        baseline = _plain_creates(organisation)
        records, seconds, waited = told["records"], told["seconds"], told["waited"]
        rate = records / (seconds - waited)
        print(f"engine      {records:,} records in {seconds:.1f} s, {waited:.1f} s of them nothing but waiting")
        print(f"            {rate:,.0f} records/s without the network ({records / seconds:,.0f} with it)")
        print(f"            {told['calls']} calls, {told['calls'] / records:.4f} a record; {told['statuses']}")
        print(f"            peak memory of the worker {told['megabytes']:.0f} MB")
        print(f"baseline    plain create() of an entry and an attempt: {baseline:,.0f} records/s")
        print(f"ratio       {rate / baseline:.1f}")


def measure(slug: str, url: str) -> dict[str, Any]:
    """One first sync of that organisation in a process of its own, and what it took."""
    command = [sys.executable, "-m", "benchmarks.engine", slug, url]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _plain_creates(organisation: object) -> float:
    import uuid

    from django.utils import timezone

    from tieout.sync.models import Attempt, Entry

    began = time.perf_counter()
    now = timezone.now()
    for number in range(BASELINE):
        key = uuid.uuid4()
        entry = Entry.objects.create(
            organisation=organisation, kind="bench", record_id=key, label=f"B{number}", queued_at=now, updated_at=now
        )
        Attempt.objects.create(entry=entry, at=now, action="create", outcome="completed")
    return BASELINE / (time.perf_counter() - began)


def peak_megabytes() -> float:
    """This process's own peak. `getrusage` would also count what the parent held when it started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


class Stretches:
    """When one function ran: from, until, in which thread."""

    def __init__(self, owner: Any, name: str) -> None:
        self.taken: list[tuple[float, float, int]] = []
        inner = getattr(owner, name)

        def timed(*arguments: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return inner(*arguments, **options)
            finally:
                self.taken.append((began, time.perf_counter(), threading.get_ident()))

        setattr(owner, name, timed)


def idle_seconds(waits: list[Stretches], work: Stretches) -> float:
    """How long this thread only waited for answers while no outcome was being stored either."""
    here = threading.get_ident()
    waited = [(began, ended) for each in waits for began, ended, thread in each.taken if thread == here]
    busy = sum(
        max(0.0, min(ended, until) - max(began, since))
        for began, ended in waited
        for since, until, _ in work.taken
        if since < ended and until > began
    )
    return sum(ended - began for began, ended in waited) - busy


def worker(slug: str, url: str) -> None:
    """In the process that is measured: one sync, and what it took."""
    from tieout.cli import set_up_django

    set_up_django()
    from collections import Counter

    from django.conf import settings

    from tieout.core.models import Organisation
    from tieout.sync import pull, push
    from tieout.sync.models import Entry
    from tieout.sync.run import Ports, sync

    known = settings.TIEOUT_XERO
    settings.TIEOUT_XERO = type(known)(known.client_id, known.client_secret, url, url, url)
    # Where this thread has nothing to do but wait for an answer: between two landings, and in a read.
    waits = [Stretches(push, "wait"), Stretches(pull.Xero, "call")]
    storing = Stretches(push.Push, "_store")
    organisation = Organisation.objects.get(slug=slug)
    began = time.perf_counter()
    run = sync(organisation, ports=Ports())
    seconds = time.perf_counter() - began
    entries = Entry.objects.filter(organisation=organisation)
    told = {
        "records": entries.filter(status="completed").count(),
        "seconds": seconds,
        "waited": idle_seconds(waits, storing),
        "calls": run.calls,
        "megabytes": peak_megabytes(),
        "statuses": dict(Counter(entries.values_list("status", flat=True))),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    worker(*sys.argv[1:])
