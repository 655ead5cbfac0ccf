"""One turn of a conversation: what domain/dialogue.py decides is done and said, in the ticket of the message."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from helpdesk.domain.dialogue import CODE_WARNING, WAITS_FOR_HER, next_texts, respond
from helpdesk.domain.lender import Lender
from helpdesk.domain.privacy import CODE_KINDS
from helpdesk.domain.scene import Act, Turn
from helpdesk.domain.wording import clock_time, greeting, weekday
from helpdesk.models.calendars import CalendarBook
from helpdesk.models.contacts import Contact
from helpdesk.services import replies
from helpdesk.services.chat_acts import ACTS, Turning, data_date, menu_name, promised_end
from helpdesk.services.chat_scene import Place, heard_in, is_restricted, is_sensitive, scene_of
from helpdesk.sla.policy import CalendarCode

NUDGE_AFTER = timedelta(minutes=20)
"""Silence after one of our questions that is met with T19 (design.md 3)."""


def take_turn(session: Session, place: Place, *, lender: Lender, now: datetime) -> None:
    """Answer the message that was just put into its ticket."""
    doing = Turning(session, place, lender, now)
    if CODE_KINDS & place.said.clean.kinds:
        _say(doing, CODE_WARNING)
    if place.said.message.is_provider_answered:
        return
    scene = scene_of(session, place, now=now)
    turn = respond(scene, heard_in(session, scene, place))
    for act in turn.acts:
        ACTS[act](doing)
    for step in turn.says:
        _say(doing, step)
    if turn.goes_on or _only_now_tells_of_harm(doing, turn):
        _go_on(doing)


def _only_now_tells_of_harm(doing: Turning, turn: Turn) -> bool:
    """What she adds may turn it into a case in which she must not be left with silence (T20)."""
    return Act.WEIGH in turn.acts and is_sensitive(doing.ticket)


def _go_on(doing: Turning) -> None:
    """Ask the next question of the ticket as it stands after the acts, in which she may be somebody else by now."""
    scene = scene_of(doing.session, doing.place, now=doing.now)
    scene = replace(scene, said=scene.said | doing.said)
    for step in next_texts(scene):
        _say(doing, step)


def _say(doing: Turning, step: str) -> None:
    doing.say(step, _VALUES[step](doing) if step in _VALUES else None)
    handle = doing.place.handle
    is_question = step in WAITS_FOR_HER and not is_restricted(doing.ticket) and handle.opted_out_at is None
    handle.nudge_at = doing.now + NUDGE_AFTER if is_question else None
    if step == "T02":
        doing.session.get_one(Contact, doing.ticket.contact_id).notice_shown_at = doing.now


def _greeting(doing: Turning) -> dict[str, str]:
    return {"salam": greeting(doing.now.astimezone(doing.lender.zone).hour, doing.language)}


def _promises(doing: Turning) -> dict[str, str]:
    return replies.promises(doing.session, doing.ticket)


def _new_promise(doing: Turning) -> dict[str, str]:
    values = promised_end(doing.session, doing.ticket)
    return values | {"tgl": values["tgl_selesai"]}


def _first_name(doing: Turning) -> dict[str, str]:
    return {"nama_awal": replies.first_name(doing.session, doing.ticket)}


def _opening(doing: Turning) -> dict[str, str]:
    """When the office opens again, in her own zone."""
    book = CalendarBook(doing.session)
    office = book.calendar(CalendarCode.SERVICE, book.unit(doing.ticket.unit_id))
    zone, opens = replies.zone_of(doing.session, doing.ticket), office.next_open(doing.now)
    day = weekday(opens, zone=zone, language=doing.language)
    return {"hari": day, "jam": clock_time(opens, zone=zone)}


_VALUES: Mapping[str, Callable[[Turning], dict[str, str]]] = {
    "T01": _greeting,
    "T02c": _promises,
    "T03a": _first_name,
    "T04b": lambda doing: {"kategori": menu_name(doing.ticket, doing.language)},
    "T12a": _new_promise,
    "T12b": _new_promise,
    "T12c": _new_promise,
    "T15": lambda _doing: {"menit": "15"},
    "T16": _opening,
    "T23": lambda doing: {"tgl": data_date(doing)},
    "T23b": lambda doing: {"tgl": data_date(doing)},
}
"""What a text names besides number, brand and phones."""
