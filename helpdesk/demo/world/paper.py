"""Paper forms: each week's forms of a point come in one batch; those about staff go to head office sealed."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
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
PER_FORM = timedelta(minutes=4)


@dataclass(slots=True)
class Batch:
    """Forms of one point that were handed in on one day."""

    public_id: str
    point: Point
    received_on: date
    started_at: datetime
    clerk: User
    serials: list[int | None] = field(default_factory=list)
    """Of the tickets, in the order of the forms; None for a sealed one."""


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
        batch.serials.append(None if about else serial)
        if about is not None:
            agent = Chance("sealed", serial).one(self.staff.members["perlindungan"])
            return self.office.later(arrival.received_at, 10), agent, None
        return entered_at, batch.clerk, {"batch": batch.public_id, "form_no": str(len(batch.serials))}

    def write(self, ledger: Ledger, chronicles: list[Chronicle]) -> None:
        """Write batches and forms; all but the newest are closed with matching totals."""
        newest = sorted(self.batches.values(), key=lambda batch: (batch.received_on, batch.point.weight))
        still_open = {batch.public_id for batch in newest[-LEFT_OPEN:]}
        for batch in self.batches.values():
            _write_batch(
                ledger,
                batch,
                chronicles,
                present=self.present,
                is_open=batch.public_id in still_open,
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
    ledger: Ledger,
    batch: Batch,
    chronicles: list[Chronicle],
    *,
    present: datetime,
    is_open: bool,
) -> None:
    batch_id = ledger.new_id(LwkBatch)
    total = _write_forms(ledger, batch_id, batch, chronicles, present=present)
    count = len(batch.serials)
    closed_at = min(batch.started_at + PER_FORM * (count + 1), present)
    actor = actor_of(batch.clerk)
    ledger.add(
        LwkBatch,
        {
            "id": batch_id,
            "public_id": batch.public_id,
            "unit_id": batch.point.unit.id,
            "received_on": batch.received_on,
            "form_count": count + 3 if is_open else count,
            "amount_total": total + 450_000 if is_open else total,
            "entered_by_id": batch.clerk.id,
            "created_at": batch.started_at,
            "closed_at": None if is_open else closed_at,
            "close_reason": None,
        },
    )
    ledger.audit(batch.started_at, "lwk_batch_opened", actor, {"batch": batch.public_id})
    if not is_open:
        data = {"batch": batch.public_id, "forms": count, "amount": total, "balanced": True}
        ledger.audit(closed_at, "lwk_batch_closed", actor, data)


def _write_forms(
    ledger: Ledger,
    batch_id: int,
    batch: Batch,
    chronicles: list[Chronicle],
    *,
    present: datetime,
) -> int:
    """Write the forms of a batch and return their money."""
    total = 0
    for form_no, serial in enumerate(batch.serials, start=1):
        at = min(batch.started_at + PER_FORM * (form_no - 1), present)
        amount = None if serial is None else chronicles[serial].ticket.amount
        total += amount or 0
        ledger.add(
            LwkForm,
            {
                "batch_id": batch_id,
                "form_no": form_no,
                "ticket_id": None if serial is None else chronicles[serial].ticket.id,
                "amount": amount,
                "is_sealed": serial is None,
                "created_at": at,
            },
        )
    return total
