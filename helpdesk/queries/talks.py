"""Calls and visits: what is read back to her, and which lack a recording or were never read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from helpdesk.domain import taxonomy
from helpdesk.domain.errors import NotFound
from helpdesk.domain.messages import ChannelCode, Direction
from helpdesk.domain.talks import NoRecording, Speaker
from helpdesk.models.messages import Message
from helpdesk.models.people import OrgUnit, User
from helpdesk.models.talks import Talk
from helpdesk.models.tickets import Ticket
from helpdesk.queries.paging import LIMIT, Page, check_limit, decode_cursor, encode_cursor, id_of
from helpdesk.queries.terms import number_key
from helpdesk.queries.visibility import Action, Viewer, barred, require, visible


class Gap(StrEnum):
    """What a talk may lack."""

    UNRECORDED = "unrecorded"
    """A call without its recording, and nobody said why."""
    UNREAD = "unread"
    """Not read back to her, or not since it was corrected."""
    EXPLAINED = "explained"
    """A call that has no recording for a stated reason."""


_IS: Mapping[Gap, ColumnElement[bool]] = {
    Gap.UNRECORDED: and_(Talk.is_recording_due, Talk.recorded_at.is_(None), Talk.no_recording.is_(None)),
    Gap.UNREAD: Talk.read_back_at.is_(None),
    Gap.EXPLAINED: Talk.no_recording.is_not(None),
}


@dataclass(frozen=True, slots=True)
class TalkRow:
    """One call or visit."""

    id: str
    """Of its message."""
    number: str
    at: datetime
    channel: ChannelCode
    unit: str
    entered_by: str | None
    speaker: Speaker
    speaker_name: str | None
    is_phone_shared: bool
    safe_hour: str | None
    is_recording_due: bool
    recorded_at: datetime | None
    no_recording: NoRecording | None
    read_back_at: datetime | None

    @property
    def lacks_recording(self) -> bool:
        """Whether it has to be recorded, and nobody has said anything of it."""
        return self.is_recording_due and self.recorded_at is None and self.no_recording is None


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What is read aloud to the person who has just told it."""

    talk: TalkRow
    first_text: str
    text: str
    """As corrected; the first one where nothing was."""
    amount: int | None
    occurred_on: date | None
    is_addition: bool
    """Told of a complaint that was there already."""
    is_sensitive: bool
    """Her story is not said aloud; it is asked only when she may be called (design.md T20)."""

    @property
    def is_corrected(self) -> bool:
        """Whether the words are no longer those that were written first."""
        return self.text != self.first_text


def talks_of(session: Session, viewer: Viewer, ticket_id: int) -> tuple[TalkRow, ...]:
    """Return the calls and visits of a ticket that the viewer may see, oldest first."""
    found = session.execute(_rows().where(Ticket.id == ticket_id, visible(viewer)).order_by(Talk.message_id))
    return tuple(_row(each) for each in found)


def read_back_of(session: Session, viewer: Viewer, number: str, *, talk_id: str = "") -> ReadBack:
    """Return a talk of the ticket, the newest unless one is named. Raises NotFound."""
    newest = aliased(Message)
    term = Ticket.number == number_key(number)
    wanted = and_(term, Message.public_id == talk_id) if talk_id else term
    found = session.execute(
        _rows()
        .add_columns(newest.body, Ticket.amount, Ticket.occurred_on, Ticket.category_code, _is_later())
        .join(newest, newest.id == Talk.newest_id)
        .where(wanted, heard_by(viewer))
        .order_by(Talk.message_id.desc())
        .limit(1)
    ).first()
    if found is None:
        raise NotFound("no call or visit there")
    text, amount, occurred_on, category, is_addition = found[5:]
    is_sensitive = category is not None and taxonomy.category(category).is_sensitive
    return ReadBack(_row(found[:5]), found[1].body, text, amount, occurred_on, is_addition, is_sensitive)


def _is_later() -> ColumnElement[bool]:
    before = aliased(Message)
    return exists().where(
        before.ticket_id == Ticket.id, before.direction == Direction.IN, before.id < Talk.message_id
    )


def number_of_talk(session: Session, viewer: Viewer, talk_id: str) -> str:
    """Return the ticket number of a talk that the viewer heard or may see. Raises NotFound."""
    found = session.scalar(
        select(Ticket.number)
        .join(Message, Message.ticket_id == Ticket.id)
        .join(Talk, Talk.message_id == Message.id)
        .where(Message.public_id == talk_id, heard_by(viewer))
    )
    if found is None:
        raise NotFound("no call or visit there")
    return found


def heard_by(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on Talk and Ticket for what the viewer wrote down herself, or may see anyhow.

    A ticket that went to another team is read back by the one who has her on the telephone.
    """
    return or_(visible(viewer), and_(Talk.entered_by_id == viewer.user_id, ~barred(viewer)))


def gaps(
    session: Session, viewer: Viewer, gap: Gap, *, after: str | None = None, limit: int = LIMIT
) -> Page[TalkRow]:
    """Return the talks with this gap that the viewer may see, newest first."""
    require(viewer, Action.READ_TICKET)
    limit = check_limit(limit)
    query = _rows().where(_IS[gap], visible(viewer))
    if after is not None:
        cursor = id_of(decode_cursor(after, "talks", (int,))[0])
        query = query.where(Talk.message_id < cursor)
    found = list(session.execute(query.order_by(Talk.message_id.desc()).limit(limit + 1)))
    following = encode_cursor("talks", found[limit - 1][0].message_id) if len(found) > limit else None
    return Page(tuple(_row(each) for each in found[:limit]), following)


def gap_counts(session: Session, viewer: Viewer) -> Mapping[Gap, int]:
    """Return how many talks that the viewer may see have each gap."""
    require(viewer, Action.READ_TICKET)
    sums = [func.coalesce(func.sum(case((term, 1), else_=0)), 0) for term in _IS.values()]
    found = session.execute(
        select(*sums)
        .select_from(Talk)
        .join(Message, Message.id == Talk.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(or_(*_IS.values()), visible(viewer))
    ).one()
    return {gap: int(count) for gap, count in zip(_IS, found, strict=True)}


def reason_counts(session: Session, viewer: Viewer) -> Sequence[tuple[NoRecording, int]]:
    """Return how often each reason for a missing recording was given, the most frequent first."""
    require(viewer, Action.READ_TICKET)
    found = session.execute(
        select(Talk.no_recording, func.count())
        .join(Message, Message.id == Talk.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(_IS[Gap.EXPLAINED], visible(viewer))
        .group_by(Talk.no_recording)
        .order_by(func.count().desc(), Talk.no_recording)
    )
    return [(reason, count) for reason, count in found if reason is not None]


Row = tuple[Talk, Message, str, str, str | None]


def _rows() -> Select[Talk, Message, str, str, str | None]:
    return (
        select(Talk, Message, Ticket.number, OrgUnit.name, User.name)
        .join(Message, Message.id == Talk.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .join(OrgUnit, OrgUnit.id == Ticket.unit_id)
        .outerjoin(User, User.id == Talk.entered_by_id)
    )


def _row(found: Row) -> TalkRow:
    talk, message, number, unit, entered_by = found
    return TalkRow(
        id=message.public_id,
        number=number,
        at=message.at,
        channel=message.channel,
        unit=unit,
        entered_by=entered_by,
        speaker=talk.speaker,
        speaker_name=talk.speaker_name,
        is_phone_shared=talk.is_phone_shared,
        safe_hour=talk.safe_hour,
        is_recording_due=talk.is_recording_due,
        recorded_at=talk.recorded_at,
        no_recording=talk.no_recording,
        read_back_at=talk.read_back_at,
    )
