"""Scanned pages of a batch: matched to the forms in the order in which they were typed, and read by a person.

The picture of a page belongs to the message that its form became, so that whoever may read the ticket sees it, and
nobody else does. The order alone proves nothing: two sheets that changed places would show her complaint to whoever
reads his. So a picture goes to a message only once a person has read the number on the page; until then, and before
its form is typed, it belongs to the batch alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from helpdesk.domain.errors import Conflict, InvalidInput, NotFound
from helpdesk.domain.messages import ChannelCode, Direction
from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Attachment, Message
from helpdesk.models.paper import LwkBatch, LwkForm, LwkPage, PageUse
from helpdesk.models.tickets import Ticket
from helpdesk.services import attachments
from helpdesk.services.lwk import batch_by_public_id
from helpdesk.services.trail import audit

MOST_PAGES = 300
"""Of one batch."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page whose bytes are on disk already."""

    content: bytes
    key: str


def add_pages(
    session: Session, batch_id: str, pictures: Sequence[Picture], *, user_id: int, actor: str, now: datetime
) -> tuple[int, list[str]]:
    """Add pages behind those that are there; return how many were new, and the keys of files that were not.

    Raises Conflict (`too_many`). The batch may be closed: scans may come later.
    """
    batch = batch_by_public_id(session, batch_id)
    known, position = _known_pages(session, batch)
    added, superfluous = 0, []
    for picture in pictures:
        row = attachments.save_upload(
            session, picture.content, channel=ChannelCode.LWK, filename=None, storage_key=picture.key, now=now
        )
        if row.content_digest in known:  # the same stack, sent once more
            session.delete(row)
            superfluous.append(picture.key)
            continue
        known.add(row.content_digest)
        position, added = position + 1, added + 1
        page = LwkPage(
            batch_id=batch.id,
            position=position,
            attachment_id=row.id,
            use=PageUse.FORM,
            skipped=0,
            turn=0,
            uploaded_by_id=user_id,
            created_at=now,
        )
        session.add(page)
    if position > MOST_PAGES:
        raise Conflict("the batch has too many pages", code="too_many")
    session.flush()
    match(session, batch)
    audit(session, "lwk_pages_added", actor=actor, at=now, data={"batch": batch_id, "pages": added})
    return added, superfluous


def change_page(
    session: Session, batch_id: str, page_id: int, change: str, *, actor: str, now: datetime
) -> None:
    """Move, turn or re-name one page, and match all again.

    `change`: earlier, later, turn, skip, unskip, or what it is: form, more, other. Raises NotFound, and Conflict
    (`page_read`) where that would take the picture of another page from the complaint that it is with.
    """
    batch = batch_by_public_id(session, batch_id)
    pages = _pages(session, batch)
    place = next((number for number, page in enumerate(pages) if page.id == page_id), None)
    if place is None:
        raise NotFound("no such page")
    page, with_message = pages[place], _with_messages(session, batch, but=pages[place])
    if change in ("earlier", "later"):
        other = place + (1 if change == "later" else -1)
        if 0 <= other < len(pages):
            page.position, pages[other].position = pages[other].position, page.position
    elif change == "turn":
        page.turn = (page.turn + 90) % 360
    elif change in ("skip", "unskip"):
        page.skipped = max(0, page.skipped + (1 if change == "skip" else -1))
    elif change in set(PageUse):
        page.use, page.read_no = PageUse(change), None
    else:
        raise NotFound("no such change")
    session.flush()
    match(session, batch)
    if not with_message.items() <= _with_messages(session, batch, but=page).items():
        raise Conflict("the number on another page was read already", code="page_read")
    if change != "turn":
        data = {"batch": batch_id, "page": place + 1, "change": change}
        audit(session, "lwk_page_moved", actor=actor, at=now, data=data)


def read_number(
    session: Session, batch_id: str, page_id: int, form_no: int | None, *, actor: str, now: datetime
) -> int | None:
    """A person read the number of the form on its page; None takes back what was read. Return what stood before.

    Raises NotFound, and InvalidInput (`no_form_page`) for a page that is said to be none.
    """
    batch = batch_by_public_id(session, batch_id)
    pages = _pages(session, batch)
    place = next((number for number, page in enumerate(pages, 1) if page.id == page_id), None)
    if place is None:
        raise NotFound("no such page")
    page = pages[place - 1]
    if page.use is not PageUse.FORM:
        raise InvalidInput("this page is no form", field="form_no", code="no_form_page")
    before = page.read_no
    if before != form_no:
        page.read_no = form_no
        session.flush()
        match(session, batch)
        data = {"batch": batch_id, "page": place, "from": before or "", "to": form_no or ""}
        audit(session, "lwk_page_read", actor=actor, at=now, data=data)
    return before


def match(session: Session, batch: LwkBatch) -> None:
    """Give each page to its form, and what was read to the message of its form. To be asked with the batch locked."""
    pages = _pages(session, batch)
    if not pages:
        return
    forms = session.scalars(select(LwkForm).where(LwkForm.batch_id == batch.id).order_by(LwkForm.id)).all()
    of_batch = select(LwkPage.attachment_id).where(LwkPage.batch_id == batch.id)
    pictures = session.scalars(select(Attachment).where(Attachment.id.in_(of_batch)))
    picture_of = {picture.id: picture for picture in pictures}
    erased = set(session.scalars(_erased_forms(batch)))
    for page, form, is_read in _pairs(pages, forms):
        wanted, picture = form.id if form else None, picture_of[page.attachment_id]
        if form is None or not is_read:
            picture.message_id = None
        elif page.form_id != wanted or picture.message_id is None:
            picture.message_id = _message_of(session, form, batch)
        page.form_id = wanted
        if is_read and wanted in erased and picture.storage_key:
            attachments.empty(session, Attachment.id == picture.id)
    session.flush()


def _erased_forms(batch: LwkBatch) -> Select[int]:
    """The forms whose Mitra was erased; a page of one may have lain here because nobody knew whose it was."""
    return (
        select(LwkForm.id)
        .join(Ticket, Ticket.id == LwkForm.ticket_id)
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(LwkForm.batch_id == batch.id, Contact.erased_at.is_not(None))
    )


def _pairs(
    pages: Sequence[LwkPage], forms: Sequence[LwkForm]
) -> Iterator[tuple[LwkPage, LwkForm | None, bool]]:
    """Yield each page with its form and whether its number was read; more of a form goes with the page before.

    What nobody has read yet goes on from the page before it, and passes over forms whose page was read elsewhere.
    """
    place_of = {form.form_no: place for place, form in enumerate(forms)}
    taken = {place_of.get(page.read_no or 0) for page in pages}
    place, form, is_read = -1, None, False
    for page in pages:
        if page.use is PageUse.OTHER:
            yield page, None, False
            continue
        if page.use is PageUse.FORM:
            is_read = page.read_no is not None
            if page.read_no is None:
                place += 1 + page.skipped
                while place in taken:
                    place += 1
            else:
                place = place_of.get(page.read_no, place)
            is_there = page.read_no in place_of if is_read else 0 <= place < len(forms)
            form = forms[place] if is_there else None
        yield page, form, is_read


def _message_of(session: Session, form: LwkForm, batch: LwkBatch) -> int | None:
    """Return the message that the form became, in whichever ticket of hers it lies by now; None for a sealed one."""
    if form.ticket_id is None:
        return None
    hers = select(Ticket.contact_id).where(Ticket.id == form.ticket_id).scalar_subquery()
    found = session.scalars(
        select(Message)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(
            Ticket.contact_id == hers, Message.direction == Direction.IN, Message.channel == ChannelCode.LWK
        )
        .order_by(Message.id)
    ).all()
    wanted = {"batch": batch.public_id, "form_no": str(form.form_no)}
    return next((each.id for each in found if wanted.items() <= (each.facts or {}).items()), None)


def _with_messages(session: Session, batch: LwkBatch, *, but: LwkPage) -> dict[int, int]:
    """Return with which message the picture of each page is, of those that are with one."""
    found = session.execute(
        select(LwkPage.id, Attachment.message_id)
        .join(Attachment, Attachment.id == LwkPage.attachment_id)
        .where(LwkPage.batch_id == batch.id, LwkPage.id != but.id, Attachment.message_id.is_not(None))
    ).all()
    return {page_id: message_id for page_id, message_id in found if message_id is not None}


def _pages(session: Session, batch: LwkBatch) -> Sequence[LwkPage]:
    return session.scalars(
        select(LwkPage).where(LwkPage.batch_id == batch.id).order_by(LwkPage.position, LwkPage.id)
    ).all()


def _known_pages(session: Session, batch: LwkBatch) -> tuple[set[bytes | None], int]:
    """Return the digests of the pages that are there, as they came, and the last position."""
    of_batch = select(LwkPage.attachment_id).where(LwkPage.batch_id == batch.id)
    known = set(session.scalars(select(Attachment.original_digest).where(Attachment.id.in_(of_batch))))
    last = select(func.coalesce(func.max(LwkPage.position), 0)).where(LwkPage.batch_id == batch.id)
    return known, session.scalars(last).one()
