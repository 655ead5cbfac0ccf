"""Explanations at the majelis: most heard how to complain in these months, and one Point wrote nothing down."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.chronicle import actor_of
from helpdesk.demo.world.ledger import Ledger
from helpdesk.demo.world.mitra import Mitra
from helpdesk.demo.world.people import Point, Staff
from helpdesk.domain.explanations import Means, Tongue
from helpdesk.domain.explanations import Point as Told
from helpdesk.models.explanations import Explanation
from helpdesk.services.explanations import audience_digest

DAYS = 170
_REACHED = 0.75
_MEANS = {Means.VERBAL: 0.7, Means.LWK: 0.2, Means.APP: 0.1}


def write_explanations(ledger: Ledger, staff: Staff, everybody: Iterable[Mitra], *, now: datetime) -> None:
    """Write one line for most majelis; the smallest Point has none."""
    silent = min(staff.points, key=lambda point: (point.weight, point.unit.code))
    seen: dict[tuple[str, str], Point] = {}
    for mitra in everybody:
        if mitra.point is not silent and mitra.contact.majelis:
            seen.setdefault((mitra.point.unit.code, mitra.contact.majelis), mitra.point)
    for (code, majelis), point in seen.items():
        chance = Chance("explained", code, majelis)
        if chance.happens(_REACHED):
            _write(ledger, point, majelis, chance, at=now - timedelta(days=chance.randint(1, DAYS)))


def _write(ledger: Ledger, point: Point, majelis: str, chance: Chance, *, at: datetime) -> None:
    teller, means, count = chance.one(point.officers), chance.weighted(_MEANS), chance.randint(6, 18)
    local = Tongue.SUNDANESE if point.is_west else Tongue.LOCAL
    public_id, on = chance.public_id(), at.astimezone(ZoneInfo(point.unit.zone)).date()
    row = {
        "public_id": public_id,
        "unit_id": point.unit.id,
        "explained_on": on,
        "majelis": majelis,
        "person": None,
        "audience_digest": audience_digest(ledger.keys, point.unit.id, majelis=majelis),
        "contact_id": None,
        "present_count": count,
        "means": means,
        "language": local if chance.happens(0.4) else Tongue.INDONESIAN,
        "points": [told.value for told in Told if told is Told.HOW or chance.happens(0.8)],
        "explained_by_id": teller.id,
        "entered_by_id": teller.id,
        "created_at": at,
        "voided_at": None,
    }
    ledger.add(Explanation, row)
    data: dict[str, object] = {
        "explanation": public_id,
        "unit": point.unit.code,
        "on": on.isoformat(),
        "means": means.value,
        "present_count": count,
    }
    ledger.audit(at, "explanation_recorded", actor_of(teller), data)
