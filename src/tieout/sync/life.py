"""One entry's life: which status follows which event. Pure; the only place that knows.

                      skip (a person, a rule)            skip (a person)
        ┌───────────────────────────► skipped ◄─────────────────────────┐
        │                               │ retry (a person), changed     │
        │                               ▼                               │
   (new record) ──────────────────► pending ◄──── retry, changed ── warning
                                     │   ▲  │                          ▲ ▲
                               claim │   │  └─ cannot go as it is ─────┘ │
                                     ▼   │ absent, not sent              │ refused
                                  sending ─────────── lost ──► uncertain │
                                     │ │                        │  │  └──┤ found twice
                             trouble │ └── refused ─────────────┼──┼─────┘
                                     ▼                          │  │
                                  failed ── try due ─► pending  │  │ found once
                                                                │  │
     sending ── accepted ──► completed ◄────────────────────────┘──┘
                                │
                                └── changed ─► pending

Always: every status but `sending` and `uncertain` is either final or leaves by an event that a person, a clock or a
change of the record brings; no event leaves an entry without a status; an event that does not fit is a bug and raises.
"""

from __future__ import annotations

from enum import StrEnum

from tieout.sync.models import Status


class Event(StrEnum):
    CLAIMED = "claimed"  # an intent with this record is committed
    ACCEPTED = "accepted"  # Xero's answer says OK
    REFUSED = "refused"  # Xero's answer says no, for good
    TROUBLE = "trouble"  # certainly not done, may work later
    LOST = "lost"  # no answer: may have been done
    FOUND = "found"  # looked up: there once
    ABSENT = "absent"  # looked up: not there
    FOUND_TWICE = "found twice"  # looked up: there more than once
    CHANGED = "changed"  # the content that Xero would hold differs
    UNFIT = "unfit"  # the planner knows that Xero would refuse
    IN_AGREEMENT = "in agreement"  # the planner finds nothing to do
    TRY_DUE = "try due"  # the time of the next try has come
    RETRY = "retry"  # a person says: try again
    SKIP = "skip"  # a person or a rule says: leave out


_S, _E = Status, Event

TRANSITIONS: dict[tuple[Status, Event], Status] = {
    (_S.PENDING, _E.CLAIMED): _S.SENDING,
    (_S.PENDING, _E.UNFIT): _S.WARNING,
    (_S.PENDING, _E.IN_AGREEMENT): _S.COMPLETED,
    (_S.PENDING, _E.FOUND): _S.COMPLETED,
    (_S.PENDING, _E.FOUND_TWICE): _S.WARNING,
    (_S.PENDING, _E.SKIP): _S.SKIPPED,
    (_S.PENDING, _E.CHANGED): _S.PENDING,
    (_S.PENDING, _E.RETRY): _S.PENDING,
    (_S.SENDING, _E.ACCEPTED): _S.COMPLETED,
    (_S.SENDING, _E.REFUSED): _S.WARNING,
    (_S.SENDING, _E.TROUBLE): _S.FAILED,
    (_S.SENDING, _E.LOST): _S.UNCERTAIN,
    (_S.UNCERTAIN, _E.FOUND): _S.COMPLETED,
    (_S.UNCERTAIN, _E.ABSENT): _S.PENDING,
    (_S.UNCERTAIN, _E.FOUND_TWICE): _S.WARNING,
    (_S.UNCERTAIN, _E.ACCEPTED): _S.COMPLETED,
    (_S.UNCERTAIN, _E.REFUSED): _S.WARNING,
    (_S.UNCERTAIN, _E.TROUBLE): _S.UNCERTAIN,
    (_S.UNCERTAIN, _E.LOST): _S.UNCERTAIN,
    (_S.COMPLETED, _E.CHANGED): _S.PENDING,
    (_S.COMPLETED, _E.IN_AGREEMENT): _S.COMPLETED,
    (_S.FAILED, _E.TRY_DUE): _S.PENDING,
    (_S.FAILED, _E.CHANGED): _S.PENDING,
    (_S.FAILED, _E.RETRY): _S.PENDING,
    (_S.FAILED, _E.SKIP): _S.SKIPPED,
    (_S.WARNING, _E.CHANGED): _S.PENDING,
    (_S.WARNING, _E.RETRY): _S.PENDING,
    (_S.WARNING, _E.SKIP): _S.SKIPPED,
    (_S.SKIPPED, _E.RETRY): _S.PENDING,
    (_S.SKIPPED, _E.CHANGED): _S.PENDING,  # where a rule left it out
    (_S.SKIPPED, _E.SKIP): _S.SKIPPED,
}


class Impossible(Exception):
    """An event met a status that it cannot meet: a bug of ours."""


def after(status: Status, event: Event) -> Status:
    """The status that follows. Raises Impossible where the drawing has no such arrow."""
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise Impossible(f"An entry that is {status} cannot be {event}") from None


def sources(event: Event) -> list[Status]:
    """Every status in which this event can happen: the condition of the UPDATE that carries it out."""
    return [status for status, happening in TRANSITIONS if happening is event]


# What a person may choose, by the status that the entry shows.
CHOICES: dict[Status, dict[Status, Event]] = {
    Status.PENDING: {Status.SKIPPED: Event.SKIP},
    Status.FAILED: {Status.PENDING: Event.RETRY, Status.SKIPPED: Event.SKIP},
    Status.WARNING: {Status.PENDING: Event.RETRY, Status.SKIPPED: Event.SKIP},
    Status.SKIPPED: {Status.PENDING: Event.RETRY},
    Status.COMPLETED: {},
}
