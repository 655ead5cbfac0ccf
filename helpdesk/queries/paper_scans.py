"""Scanned pages of a batch as a viewer may see them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, literal, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import NotFound
from helpdesk.models.messages import Attachment
from helpdesk.models.paper import LwkBatch, LwkForm, LwkPage, PageUse
from helpdesk.models.people import User
from helpdesk.models.tickets import Ticket
from helpdesk.queries.paper import BatchRow, batch_page
from helpdesk.queries.paper_seen import shown
from helpdesk.queries.visibility import Action, Viewer, can, require


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page. Without `storage_key` there is nothing to show: it `is_hidden` from the viewer, or was erased."""

    id: int
    place: int
    use: PageUse
    skipped: int
    turn: int
    form_no: int | None
    read_no: int | None
    storage_key: str | None
    media_type: str
    is_hidden: bool

    @property
    def is_unread(self) -> bool:
        """Whether nobody has read its number yet, so that its picture is with no complaint."""
        return self.use is PageUse.FORM and self.read_no is None

    @property
    def is_waiting(self) -> bool:
        """Whether it is of a form that has not been typed yet."""
        return self.form_no is None and self.use is not PageUse.OTHER


def pages(session: Session, viewer: Viewer, public_id: str) -> tuple[BatchRow, tuple[PageRow, ...]]:
    """Return the pages of a batch in their order. Raises NotFound for a batch of another point.

    Staff of a point see only what their own point scanned: another page may be about them, whichever form it is
    counted to. A page of a form about staff is shown to whoever may see its ticket; of one that is still sealed, to
    those who may open envelopes. While there is such a form that is kept from the viewer, a page whose number nobody
    has read may be its page: it is shown to whoever scanned it only.
    """
    require(viewer, Action.ENTER_LWK)
    batch = batch_page(session, viewer, public_id).batch
    is_kept = and_(LwkForm.id.is_not(None), _is_kept(viewer))
    is_unread = and_(LwkPage.read_no.is_(None), LwkPage.use != PageUse.OTHER, Attachment.message_id.is_(None))
    is_anybodys = and_(literal(_has_kept(session, viewer, public_id)), is_unread, User.id != viewer.user_id)
    is_hidden = or_(is_kept, is_anybodys, and_(literal(viewer.is_at_point), User.unit_id != viewer.unit_id))
    found = session.execute(
        select(
            LwkPage.id,
            LwkPage.use,
            LwkPage.skipped,
            LwkPage.turn,
            LwkForm.form_no,
            LwkPage.read_no,
            case((is_hidden, None), else_=Attachment.storage_key),
            Attachment.media_type,
            case((is_hidden, True), else_=False),
        )
        .join(LwkBatch, LwkBatch.id == LwkPage.batch_id)
        .join(Attachment, Attachment.id == LwkPage.attachment_id)
        .join(User, User.id == LwkPage.uploaded_by_id)
        .outerjoin(LwkForm, LwkForm.id == LwkPage.form_id)
        .outerjoin(Ticket, Ticket.id == LwkForm.ticket_id)
        .where(LwkBatch.public_id == public_id)
        .order_by(LwkPage.position, LwkPage.id)
    )
    return batch, tuple(
        PageRow(
            page_id, place, use, skipped, turn, form_no, read_no, key, media_type or "image/jpeg", is_hidden
        )
        for place, (page_id, use, skipped, turn, form_no, read_no, key, media_type, is_hidden) in enumerate(
            found, 1
        )
    )


def _is_kept(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on a form and its ticket, if it has one, for what may not be seen of it by its page."""
    is_sealed = and_(literal(not can(viewer, Action.READ_SEALED)), Ticket.id.is_(None))
    return or_(is_sealed, and_(Ticket.id.is_not(None), ~shown(viewer)))


def _has_kept(session: Session, viewer: Viewer, public_id: str) -> bool:
    found = (
        select(LwkForm.id)
        .join(LwkBatch, LwkBatch.id == LwkForm.batch_id)
        .outerjoin(Ticket, Ticket.id == LwkForm.ticket_id)
        .where(LwkBatch.public_id == public_id, _is_kept(viewer))
    )
    return session.scalars(found.limit(1)).first() is not None


def page_of(session: Session, viewer: Viewer, public_id: str, page_id: int) -> PageRow:
    """Return one page that may be shown. Raises NotFound."""
    _batch, rows = pages(session, viewer, public_id)
    found = next((row for row in rows if row.id == page_id and row.storage_key), None)
    if found is None:
        raise NotFound("no such page")
    return found


def forms_without_page(session: Session, viewer: Viewer, public_id: str) -> tuple[int, ...]:
    """Return the numbers of the forms that were typed and have no page, in order."""
    forms = {form.form_no for form in batch_page(session, viewer, public_id).forms}
    return tuple(sorted(forms - {row.form_no for row in pages(session, viewer, public_id)[1]}))


def with_picture(rows: tuple[PageRow, ...]) -> tuple[PageRow, ...]:
    """Return the pages that there is something to show of."""
    return tuple(row for row in rows if row.storage_key)


def waiting_pages(rows: tuple[PageRow, ...]) -> tuple[PageRow, ...]:
    """Return the page of the form that is to be typed next, with what belongs to it."""
    first = next((number for number, row in enumerate(rows) if row.is_waiting), None)
    if first is None:
        return ()
    last = first + 1
    while last < len(rows) and rows[last].use is PageUse.MORE:
        last += 1
    return rows[first:last]
