"""What a sync would do now, without asking Xero and without changing anything.

In: an organisation. Out: per kind how many records would be created, updated, voided, adopted, or would wait, warn or
be left out, and the calls that this means. Always: works on what Xero showed last; what waits only for something that
this same sync would create is counted as created with it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil

from django.db import transaction

from tieout.core.models import Organisation
from tieout.core.records import RecordKey
from tieout.kinds.kind import Route
from tieout.kinds.registry import by_rank
from tieout.sync import outbox
from tieout.sync.clock import Clock
from tieout.sync.consolidation.gathering import Gathering
from tieout.sync.ledger import Ledger
from tieout.sync.plan import Adopt, Carried, InAgreement, LeaveOut, Unfit, Wait, Write
from tieout.sync.planning import Planning, Verdict
from tieout.sync.run import live_connection
from tieout.xero.resources import MAX_ELEMENTS

READS = 7  # organisation, accounts, tax rates, contacts, items, invoices, payments


@dataclass(slots=True)
class KindPreview:
    kind: str
    title: str
    actions: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    routes: Counter[Route] = field(default_factory=Counter)

    @property
    def calls(self) -> int:
        """Calls that the writes of this kind take."""
        return sum(ceil(count / MAX_ELEMENTS) if route.many else count for route, count in self.routes.items())


class _Rollback(Exception):
    pass


def preview(organisation: Organisation, clock: Clock) -> list[KindPreview]:
    """Raises NotConnected where there is nothing to sync with."""
    connection = live_connection(organisation)
    found: list[KindPreview] = []
    try:
        with transaction.atomic():
            outbox.take(organisation.pk, clock.now())
            found = _by_kind(Planning(Ledger(connection), clock), Gathering(Ledger(connection), clock))
            raise _Rollback
    except _Rollback:
        return found


def _by_kind(planning: Planning, gathering: Gathering) -> list[KindPreview]:
    found = []
    coming: set[RecordKey] = set()
    for rank in by_rank():
        gathering.before(rank)
        for kind in rank:
            one = KindPreview(kind.name, kind.plural)
            for chunk in planning.preview(kind):
                for verdict in chunk:
                    _count(one, verdict, coming, RecordKey(kind.name, verdict.due.record_id))
            found.append(one)
    return found


def _count(one: KindPreview, verdict: Verdict, coming: set[RecordKey], key: RecordKey) -> None:
    match verdict.decision:
        case Write(action=action, route=route):
            one.actions[action] += 1
            one.routes[route] += 1
            coming.add(key)
        case Adopt(then=then):
            one.actions["adopt"] += 1
            if then:
                one.routes[then.route] += 1
            coming.add(key)
        case Carried():
            one.actions["consolidate"] += 1
        case Wait(on=on) if on in coming:
            one.actions["create"] += 1
            one.routes[Route("PUT", one.kind)] += 1  # its address is not known before what it waits for stands there
            coming.add(key)
        case Wait():
            one.actions["wait"] += 1
        case Unfit(problem=problem):
            one.actions["warn"] += 1
            one.reasons[problem.text] += 1
        case LeaveOut(reason=reason):
            one.actions["leave out"] += 1
            one.reasons[reason] += 1
        case InAgreement():
            one.actions["nothing"] += 1
