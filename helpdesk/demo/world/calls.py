"""Calls and visits of the last weeks: who spoke, what was read back, which recordings are there and which are not."""

import io
import math
import wave
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.chronicle import Chronicle
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.talks import NoRecording, Speaker
from helpdesk.models.messages import Message
from helpdesk.models.talks import Talk
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import talks
from helpdesk.services.talks import Recording
from helpdesk.services.trail import SYSTEM

SINCE = timedelta(weeks=3)
"""Older ones were written down before anybody kept this."""
LEFT_UNRECORDED = 5
_SPEAKERS = {Speaker.SELF: 0.8, Speaker.HUSBAND: 0.1, Speaker.CHILD: 0.06, Speaker.NEIGHBOUR: 0.04}
_READ_BACK, _EXPLAINED = 0.9, 0.2
_RATE = 8000


def read_back(chronicle: Chronicle, actor: str) -> None:
    """Let most of those who told it hear it again at once."""
    if _is_talk(chronicle, chronicle.world.present) and _luck(chronicle, "read").happens(_READ_BACK):
        chronicle.record("read_back", actor, {"talk": chronicle.messages[0]["public_id"]})


def write_talks(session: Session, chronicles: Iterable[Chronicle], *, now: datetime) -> None:
    """Keep what was said besides the words; the messages are written."""
    heard = [chronicle for chronicle in chronicles if _is_talk(chronicle, now)]
    names = [chronicle.messages[0]["public_id"] for chronicle in heard]
    found = select(Message.public_id, Message.id).where(Message.public_id.in_(names))
    ids = dict(session.execute(found).all())
    for chronicle in heard:
        told = chronicle.messages[0]
        is_call = told["channel"] is ChannelCode.PHONE
        is_explained = is_call and _luck(chronicle, "why").happens(_EXPLAINED)
        session.add(
            Talk(
                message_id=ids[told["public_id"]],
                newest_id=ids[told["public_id"]],
                entered_by_id=chronicle.ticket.registered_by_id,
                speaker=_luck(chronicle, "who").weighted(_SPEAKERS),
                is_recording_due=is_call,
                no_recording=_luck(chronicle, "why not").one(list(NoRecording)) if is_explained else None,
                read_back_at=told["at"] if _luck(chronicle, "read").happens(_READ_BACK) else None,
            )
        )
    session.flush()


def keep_recordings(rt: Runtime) -> None:
    """Add a recording to all calls that want one but the newest few: a tone, for nobody spoke."""
    wanting, now, content = rt.read(_unrecorded)[LEFT_UNRECORDED:], rt.now(), _tone()
    with rt.storage.keeping([content] * len(wanting)) as keys:
        kept = [Recording(content, "rekaman.wav", key) for key in keys]

        def add(session: Session) -> None:
            for talk_id, recording in zip(wanting, kept, strict=True):
                talks.add_recording(session, talk_id, recording, actor=SYSTEM, now=now)

        rt.write(add)


def _unrecorded(session: Session) -> list[str]:
    query = (
        select(Message.public_id)
        .join(Talk, Talk.message_id == Message.id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Talk.is_recording_due, Talk.recorded_at.is_(None), Talk.no_recording.is_(None))
        .order_by(Message.at.desc())
    )
    return list(session.scalars(query))


def _is_talk(chronicle: Chronicle, now: datetime) -> bool:
    return chronicle.ticket.channel in talks.SPOKEN and chronicle.ticket.received_at > now - SINCE


def _luck(chronicle: Chronicle, of: str) -> Chance:
    """Return chances of their own, so that the rest of the world stays as it was."""
    return Chance("talk", of, chronicle.ticket.number)


def _tone(seconds: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(_RATE)
        sound.writeframes(bytes(_samples(seconds * _RATE)))
    return file.getvalue()


def _samples(count: int) -> Iterator[int]:
    return (128 + round(40 * math.sin(2 * math.pi * 440 * place / _RATE)) for place in range(count))
