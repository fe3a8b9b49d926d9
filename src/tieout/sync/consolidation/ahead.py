"""Looking ahead past the gathering: what is due stands in its consolidated documents while it is looked at.

In: a connection. Out: a stretch in which the tables are as a sync would make them before it sends anything. Always: in
one transaction that is taken back at the end, so that nothing is written; a company that does not consolidate is
looked at without any.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from tieout.kinds.registry import by_rank
from tieout.sync import outbox
from tieout.sync.clock import Clock
from tieout.sync.consolidation.gathering import Gathering
from tieout.sync.ledger import Ledger
from tieout.sync.models import Connection


@contextmanager
def as_if_gathered(connection: Connection, clock: Clock) -> Iterator[None]:
    gathering = Gathering(Ledger(connection), clock, ahead=True)
    if not gathering.concerned():
        yield
        return
    with transaction.atomic():
        outbox.take(connection.organisation_id, clock.now())
        for rank in by_rank():
            gathering.before(rank)
        yield
        transaction.set_rollback(True)
