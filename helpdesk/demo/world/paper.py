"""Paper forms: each week's forms of a point come in one batch; those about staff go to head office sealed.

Most batches were closed because their totals agreed, some by two persons; the newest are open, one of them with amounts
that two persons read differently, and one waits for the second person.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from helpdesk.demo.world.arrivals import Arrival
from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.chronicle import Chronicle, actor_of
from helpdesk.demo.world.ledger import Ledger
from helpdesk.demo.world.office import Office
from helpdesk.demo.world.people import FIELD_EMAIL, Point, Staff
from helpdesk.models.paper import LwkBatch, LwkForm
from helpdesk.models.people import User

LEFT_OPEN = 2
"""The newest batches are still being entered."""
TWO_PERSONS = 7
"""Every seventh batch differed from its slip."""
PER_FORM = timedelta(minutes=4)
LOST = "Satu form basah dan tidak terbaca. Mitra sudah diminta mengisi lagi."
MISREAD = 90_000
"""How far the second person reads an amount wrongly."""


class Ending(Enum):
    """How a batch stands today."""

    AGREED = auto()
    TWO_PERSONS = auto()
    ASKED = auto()
    OPEN = auto()


@dataclass(slots=True)
class Batch:
    """Forms of one point that were handed in on one day."""

    public_id: str
    point: Point
    received_on: date
    started_at: datetime
    clerk: User
    serials: list[int] = field(default_factory=list)
    """Of the tickets, in the order of the forms."""
    sealed: set[int] = field(default_factory=set)
    """Those of them that are about staff."""

    @property
    def second(self) -> User:
        """Somebody else of the point."""
        people = (self.point.manager, *self.point.officers)
        return next(user for user in people if user.id != self.clerk.id)


@dataclass(slots=True)
class Paper:
    """The batches as they fill."""

    office: Office
    staff: Staff
    present: datetime
    batches: dict[tuple[str, date], Batch] = field(default_factory=dict)

    def enter(
        self, arrival: Arrival, serial: int, *, about: User | None
    ) -> tuple[datetime, User, dict[str, str] | None]:
        """Take one form: when it is entered, by whom, and where the paper is."""
        batch = self._batch(arrival)
        entered_at = batch.started_at + PER_FORM * len(batch.serials)
        batch.serials.append(serial)
        if about is not None:
            batch.sealed.add(serial)
            agent = Chance("sealed", serial).one(self.staff.members["perlindungan"])
            return self.office.later(arrival.received_at, 10), agent, None
        return entered_at, batch.clerk, {"batch": batch.public_id, "form_no": str(len(batch.serials))}

    def write(self, ledger: Ledger, chronicles: list[Chronicle]) -> None:
        """Write batches and forms, each as it stands today."""
        endings = self._endings()
        for batch in self.batches.values():
            ending = endings.get(batch.public_id, Ending.AGREED)
            _write_batch(ledger, batch, chronicles, present=self.present, ending=ending)

    def _endings(self) -> dict[str, Ending]:
        """Return how those batches stand that are not closed for their totals agreed: also the demo officer's own."""
        newest = sorted(self.batches.values(), key=lambda batch: (batch.received_on, batch.point.weight))
        own = [batch for batch in newest if batch.clerk.email == FIELD_EMAIL]
        differed = [batch for number, batch in enumerate(newest) if number % TWO_PERSONS == 3]
        return (
            {batch.public_id: Ending.TWO_PERSONS for batch in differed}
            | {batch.public_id: Ending.ASKED for batch in own[-2:-1]}
            | {batch.public_id: Ending.OPEN for batch in (*newest[-LEFT_OPEN:], *own[-1:])}
        )

    def _batch(self, arrival: Arrival) -> Batch:
        zone = ZoneInfo(arrival.point.unit.zone)
        received_on = arrival.received_at.astimezone(zone).date()
        key = (arrival.point.unit.code, received_on)
        if key not in self.batches:
            started_at = self.office.next_open(arrival.received_at + timedelta(hours=20))
            if started_at > self.present:
                started_at = arrival.received_at + timedelta(minutes=3)
            self.batches[key] = Batch(
                Chance("batch", *key).public_id(),
                arrival.point,
                received_on,
                started_at,
                _clerk(arrival.point),
            )
        return self.batches[key]


def _clerk(point: Point) -> User:
    """The demo's own officer where there is one, else the manager."""
    return next((user for user in point.officers if user.email == FIELD_EMAIL), point.manager)


def _write_batch(
    ledger: Ledger, batch: Batch, chronicles: list[Chronicle], *, present: datetime, ending: Ending
) -> None:
    batch_id = ledger.new_id(LwkBatch)
    amount = _write_forms(ledger, batch_id, batch, chronicles, present=present, ending=ending)
    count = len(batch.serials)
    missing = {Ending.AGREED: 0, Ending.OPEN: 3}.get(ending, 1)
    closed_at = min(batch.started_at + PER_FORM * (count + 1), present)
    is_closed = ending in (Ending.AGREED, Ending.TWO_PERSONS)
    is_reasoned = ending in (Ending.ASKED, Ending.TWO_PERSONS)
    asker, second = (batch.clerk, batch.second) if is_closed else (batch.second, batch.clerk)
    closer = second if is_reasoned else batch.clerk
    ledger.add(
        LwkBatch,
        {
            "id": batch_id,
            "public_id": batch.public_id,
            "unit_id": batch.point.unit.id,
            "received_on": batch.received_on,
            "officer_id": batch.second.id,
            "form_count": count + missing,
            "amount_total": amount + 150_000 * missing,
            "number_total": sum(range(1, count + missing + 1)),
            "entered_by_id": batch.clerk.id,
            "created_at": batch.started_at,
            "close_asked_at": closed_at if ending is Ending.ASKED else None,
            "close_asked_by_id": asker.id if is_reasoned else None,
            "close_reason": LOST if is_reasoned else None,
            "closed_at": closed_at if is_closed else None,
            "closed_by_id": closer.id if is_closed else None,
        },
    )
    told: dict[str, object] = {"batch": batch.public_id}
    ledger.audit(batch.started_at, "lwk_batch_opened", actor_of(batch.clerk), told)
    totals = told | {"forms": count, "amount": amount, "numbers": sum(range(1, count + 1))}
    if is_reasoned:
        ledger.audit(closed_at, "lwk_close_asked", actor_of(asker), totals)
    if is_closed:
        ledger.audit(closed_at, "lwk_batch_closed", actor_of(closer), totals | {"balanced": not is_reasoned})


def _write_forms(
    ledger: Ledger,
    batch_id: int,
    batch: Batch,
    chronicles: list[Chronicle],
    *,
    present: datetime,
    ending: Ending,
) -> int:
    """Write the forms of a batch and return their money."""
    total = 0
    for form_no, serial in enumerate(batch.serials, start=1):
        at = min(batch.started_at + PER_FORM * (form_no - 1), present)
        ticket, is_sealed = chronicles[serial].ticket, serial in batch.sealed
        amount = None if is_sealed else ticket.amount
        total += amount or 0
        is_keyed_again = ending is Ending.OPEN and not is_sealed and amount is not None
        is_held = ending is Ending.OPEN and not is_sealed and amount is None
        ledger.add(
            LwkForm,
            {
                "batch_id": batch_id,
                "form_no": form_no,
                "ticket_id": ticket.id,
                "amount": amount,
                "has_signature": None if is_sealed else Chance("signed", serial).happens(0.9),
                "unreadable": ["amount"] if is_held else [],
                "is_sealed": is_sealed,
                "arrived_at": ticket.created_at if is_sealed else None,
                "entered_by_id": batch.clerk.id,
                "second_amount": _read_again(amount, serial) if is_keyed_again else None,
                "second_by_id": batch.second.id if is_keyed_again else None,
                "second_at": at if is_keyed_again else None,
                "created_at": at,
            },
        )
        if is_sealed:
            data: dict[str, object] = {"batch": batch.public_id, "form_no": form_no}
            ledger.audit(at, "lwk_form_sealed", actor_of(batch.clerk), data)
            ledger.audit(ticket.created_at, "lwk_envelope_arrived", "system", data)
    return total


def _read_again(amount: int | None, serial: int) -> int:
    """Return what a second person read: now and then something else."""
    return (amount or 0) + (MISREAD if Chance("second", serial).happens(0.3) else 0)
