"""A person's choice for what cannot simply be changed in Xero: offered, stored, and marked off call by call.

In: an entry in Warning; which way, who and why. Out: a stored `Correction` whose calls the next run makes, or the entry
skipped with the amount that is left out. Always: what is offered is computed anew when it is chosen; one correction of
a record at a time; `advance` runs in the transaction that stores Xero's answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from tieout.core import store
from tieout.core.money import said
from tieout.core.records import RecordKey
from tieout.kinds.books import Seen
from tieout.kinds.credit import NOTES
from tieout.kinds.registry import KINDS
from tieout.people.audit import record_event
from tieout.people.models import Action
from tieout.sync import correcting, entries
from tieout.sync import steps as steps_of
from tieout.sync.correcting import CREDIT_NOTE, LEAVE, PUT_BACK, REAPPLY, Held, Situation, Way
from tieout.sync.ledger import Ledger
from tieout.sync.models import (
    Attempt,
    Binding,
    Connection,
    Correction,
    DifferenceDocument,
    Entry,
    Status,
    XeroRecord,
)
from tieout.sync.plan import VOID
from tieout.xero import wire

UNDER_WAY = "correcting"
CORRECTED = "corrected"


class CannotCorrect(Exception):
    """The way cannot be taken; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person may choose for an entry. `open`: a correction that was begun and has not ended."""

    entry: Entry
    ways: tuple[Way, ...]
    difference: Decimal
    currency: str
    open: Correction | None = None


def offered(entry: Entry) -> bool:
    """Is there anything to choose for it?"""
    if entry.corrections.filter(state=Correction.State.OPEN).exists():
        return True
    return entry.status == Status.WARNING and entry.reason_code in correcting.CORRECTABLE


def offer(connection: Connection, entry: Entry, now: datetime) -> Offer:
    """The ways for this entry, from what Xero showed last. Raises CannotCorrect where there is none."""
    begun = entry.corrections.filter(state=Correction.State.OPEN).first()
    if begun is not None:
        return Offer(entry, _ways_on(begun), Decimal(0), entry.currency, begun)
    if not offered(entry):
        raise CannotCorrect(f"{entry.label or 'This entry'} needs no correction: it is {entry.shown_status.label}.")
    found = _situation(connection, entry, now)
    if found is None:
        return Offer(entry, (_leave(),), Decimal(0), entry.currency)
    known = found.seen is not None and found.kind.name in correcting.OPPOSITE
    return Offer(entry, correcting.ways(found), correcting.difference(found) if known else Decimal(0), entry.currency)


def _leave() -> Way:
    text = "It was never sent. It is skipped, with your reason, and stays in every report."
    return Way(LEAVE, "Leave it out of Xero", text)


def _ways_on(begun: Correction) -> tuple[Way, ...]:
    """What can become of a correction that was begun."""
    steps, done = _steps(begun)
    rest = tuple(steps_of.filled(step, done) for number, step in enumerate(steps, 1) if number not in done)
    ways = [Way(begun.way, "Go on", f"{len(done)} of {len(steps)} calls are made; the rest follows.", rest)]
    if begun.way == REAPPLY and (back := steps_of.put_back(steps, done)):
        text = "What was removed is made again; the document stays as it is in Xero."
        ways.append(Way(PUT_BACK, "Put back what was removed", text, back))
    elif not done:
        ways.append(Way(PUT_BACK, "Give it up", "Nothing was done yet.", ()))
    return tuple(ways)


def _situation(connection: Connection, entry: Entry, now: datetime) -> Situation | None:
    ledger, kind = Ledger(connection), KINDS[entry.kind]
    record = store.load(entry.organisation_id, kind.name, [entry.record_id]).get(entry.record_id)
    if record is None:
        return None
    books = ledger.books_for(ledger.base_books(), kind, [record])
    agreed = books.agreed.get(record.key)
    if agreed is None:
        return None
    return Situation(
        kind=kind,
        record=record,
        books=books,
        agreed=agreed,
        content=ledger.contents(kind.name, [entry.record_id])[entry.record_id],
        seen=books.seen.get(agreed.xero_id),
        held=_holding(ledger, agreed.xero_id),
        number=_free_number(connection, entry),
        today=now.date(),
    )


def _holding(ledger: Ledger, xero_id: str) -> tuple[Held, ...]:
    """The live payments, refunds and uses of credit on a document."""
    views = ledger.holding(xero_id)
    bound = ledger.agreed(view.bound_to for view in views if view.bound_to)
    givers = ledger.seen([view.foreign_number for view in views if view.kind == "allocation"])
    return tuple(
        Held(
            view,
            _endpoint(givers.get(view.foreign_number)) if view.kind == "allocation" else "",
            bound[view.bound_to].fingerprint if view.bound_to in bound else "",
        )
        for view in views
    )


def _endpoint(credit: Seen | None) -> str:
    return "CreditNotes" if credit is None or credit.kind in NOTES else credit.foreign_number


def _free_number(connection: Connection, entry: Entry) -> str:
    """The corrected document's number, counted on."""
    count = DifferenceDocument.objects.filter(connection=connection, record_id=entry.record_id).count()
    while True:
        count += 1
        number = f"{entry.label}-C{count}"
        if not XeroRecord.objects.filter(connection=connection, number__iexact=number).exists():
            return number


# -- choosing --------------------------------------------------------------------------------------------------------


@transaction.atomic
def choose(
    connection: Connection, entry_id: int, way: str, *, actor: str, reason: str, now: datetime
) -> Correction | None:
    """Take one of the ways offered: its calls go with the next run. None where there are no calls. Raises
    CannotCorrect."""
    entry = Entry.objects.select_for_update().get(pk=entry_id, organisation=connection.organisation_id)
    found = offer(connection, entry, now)
    chosen = next((each for each in found.ways if each.name == way), None)
    if chosen is None:
        raise CannotCorrect(f"{entry.label} cannot be corrected in that way; choose one of those offered.")
    if chosen.obstacle:
        raise CannotCorrect(chosen.obstacle)
    if way == LEAVE:
        _leave_out(entry, found, actor, reason, now)
        return None
    begun = _go_on(found.open, chosen, now) if found.open else _begin(connection, entry, chosen, (actor, reason), now)
    detail = {"way": way, "calls": chosen.calls, "reason": reason}
    record_event(
        entry.organisation_id, actor, Action.STATUS_CHANGED, kind=entry.kind, record_id=entry.record_id,
        label=f"{entry.label}: {chosen.title}"[:300], detail=detail,
    )  # fmt: skip
    state = {"acted_by": actor, "touched": False} if begun else {"acted_by": actor, "touched": True}
    _set(entry, Status.PENDING, UNDER_WAY if begun else "", _remark(begun) if begun else "", now, **state)
    return begun


def _leave_out(entry: Entry, found: Offer, actor: str, reason: str, now: datetime) -> None:
    told = (
        f"Left as it is in Xero; Core differs by {said(found.difference)} {found.currency}." if found.difference else ""
    )
    try:
        entries.change_status(
            entry.organisation, Entry.objects.filter(pk=entry.pk), Status.SKIPPED,
            actor=actor, reason=f"{reason.strip()} {told}".strip() if reason.strip() else "", now=now,
        )  # fmt: skip
    except entries.NotAllowed as refused:
        raise CannotCorrect(str(refused)) from refused


def _begin(connection: Connection, entry: Entry, chosen: Way, by: tuple[str, str], now: datetime) -> Correction:
    """`by`: who chose it, and why."""
    found = _situation(connection, entry, now)
    assert found is not None, "there are calls, so there is a situation"
    content = wire.encode(found.kind.payload(found.record, found.books)) if not found.gone else found.content
    return Correction.objects.create(
        connection=connection,
        entry=entry,
        way=chosen.name,
        steps=steps_of.stored(chosen.steps),
        held=list(correcting.records_in(found.record, found.held if chosen.name == REAPPLY else ())),
        summary=chosen.text,
        fingerprint=VOID if found.gone else found.kind.fingerprint(content),
        content=content,
        gone=found.gone,
        actor=by[0],
        reason=by[1].strip(),
        chosen_at=now,
    )


def _go_on(begun: Correction, chosen: Way, now: datetime) -> Correction | None:
    """The same calls go on, or others that put back what was removed. None where nothing is left to do."""
    if chosen.name != PUT_BACK:
        return begun
    begun.way, begun.steps, begun.done, begun.summary = PUT_BACK, steps_of.stored(chosen.steps), {}, chosen.text
    if not chosen.steps:
        begun.state, begun.ended_at = Correction.State.PUT_BACK, now
    begun.save()
    return begun if chosen.steps else None


# -- call by call ------------------------------------------------------------------------------------------------------


def _steps(correction: Correction) -> tuple[tuple[steps_of.Step, ...], dict[int, str]]:
    done = {int(number): xero_id for number, xero_id in correction.done.items()}
    return steps_of.restored(correction.steps), done


def next_of(correction: Correction) -> tuple[int, steps_of.Step] | None:
    """The call that is next."""
    return steps_of.next_step(*_steps(correction))


def happened(ledger: Ledger, correction: Correction, step: steps_of.Step) -> str | None:
    """Whether Xero shows that the call was carried out although its answer was lost: the id that it gave."""
    found = ledger.find(step.kind, [step.key]) if step.key else list(ledger.seen([step.xero_id]).values())
    return steps_of.is_done(step, *_steps(correction), found)


def advance(correction_id: int, number: int, xero_id: str, now: datetime) -> None:
    """That call is done, as the same transaction has stored; go on to the next, or end."""
    correction = Correction.objects.select_for_update().select_related("entry", "connection").get(pk=correction_id)
    correction.done[str(number)] = xero_id
    steps, done = _steps(correction)
    step = steps[number - 1]
    if step.sign:
        _keep_difference(correction, step.sign, xero_id)
    if steps_of.next_step(steps, done):
        _set(correction.entry, Status.PENDING, UNDER_WAY, _remark(correction), now)
    else:
        _end(correction, now)
    correction.save()


def _keep_difference(correction: Correction, sign: int, xero_id: str) -> None:
    entry = correction.entry
    DifferenceDocument.objects.get_or_create(
        connection=correction.connection,
        xero_id=xero_id,
        defaults={"kind": entry.kind, "record_id": entry.record_id, "sign": sign},
    )


def _end(correction: Correction, now: datetime) -> None:
    entry, put_back = correction.entry, correction.way == PUT_BACK
    correction.state = Correction.State.PUT_BACK if put_back else Correction.State.DONE
    correction.ended_at = now
    if put_back:  # it is judged anew
        _set(entry, Status.PENDING, "", "", now, touched=True)
        return
    if correction.way == CREDIT_NOTE:
        Binding.objects.filter(connection=correction.connection, kind=entry.kind, record_id=entry.record_id).update(
            fingerprint=correction.fingerprint, content=correction.content, gone=correction.gone, corrected=True
        )
    why = f" {correction.reason}" if correction.reason else ""
    _set(entry, Status.COMPLETED, CORRECTED, f"{correction.summary}{why}", now, completed_at=now)


def _remark(correction: Correction) -> str:
    made, calls = len(correction.done), len(correction.steps)
    return f"{correction.summary} {made} of {calls} calls are made; the rest goes with the next sync."


def _set(entry: Entry, status: Status, code: str, reason: str, now: datetime, **more: object) -> None:
    Entry.objects.filter(pk=entry.pk).update(
        status=status,
        reason_code=code,
        reason=reason,
        advice="",
        local=False,
        next_try_at=None,
        updated_at=now,
        **more,
    )


def found_done(correction: Correction, number: int, step: steps_of.Step, xero_id: str, now: datetime) -> None:
    """A call whose answer was lost did happen: keep that as an attempt, bind what it made, and go on."""
    with transaction.atomic():
        entry = correction.entry
        if step.fingerprint:
            key = RecordKey(step.kind, UUID(step.record_id))
            Binding.objects.filter(connection=correction.connection, kind=key.kind, record_id=key.id).update(
                xero_id=xero_id, fingerprint=step.fingerprint, gone=step.fingerprint == VOID, agreed_at=now
            )
        text = f"{step.text}: found done in Xero after its answer was lost."
        Attempt.objects.create(entry=entry, at=now, action=step.action, outcome="adopted", text=text)
        advance(correction.pk, number, xero_id, now)


def under_way(connection_id: int) -> list[Correction]:
    """Corrections that have not ended, the oldest first."""
    open_ones = Correction.objects.filter(connection_id=connection_id, state=Correction.State.OPEN)
    return list(open_ones.select_related("entry", "connection").order_by("id"))


def held_records(connection_id: int) -> frozenset[UUID]:
    """Records that a correction is about: nothing else may touch them until it has ended."""
    open_ones = Correction.objects.filter(connection_id=connection_id, state=Correction.State.OPEN)
    return frozenset(key for held in open_ones.values_list("held", flat=True) for key in held)
