"""Scans and the right to be forgotten: which pages are a person's, and of which nobody knows it yet."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from helpdesk.models.contacts import Contact
from helpdesk.models.messages import Attachment
from helpdesk.models.paper import LwkBatch, LwkForm, LwkPage, PageUse
from helpdesk.models.people import OrgUnit
from helpdesk.models.tickets import Ticket


def hold(session: Session, contact_id: int) -> None:
    """Lock the batches with a form of hers: nobody matches their pages meanwhile."""
    of_hers = select(LwkBatch.id).where(LwkBatch.id.in_(_batches_of(contact_id))).order_by(LwkBatch.id)
    session.scalars(of_hers.with_for_update(key_share=True)).all()


def read_of(ticket_id: int) -> ColumnElement[bool]:
    """Return the condition on Attachment for the pages on which a person read the number of a form of the ticket."""
    found = (
        select(LwkPage.attachment_id)
        .join(LwkForm, LwkForm.id == LwkPage.form_id)
        .where(LwkForm.ticket_id == ticket_id, LwkPage.read_no.is_not(None))
    )
    return Attachment.id.in_(found)


def unread(session: Session, contact_id: int) -> Sequence[str]:
    """Say of which batches with a form of hers pages lie there that may be hers, or a neighbour's."""
    found = session.execute(
        select(OrgUnit.code, LwkBatch.received_on, func.count(LwkPage.id))
        .join(OrgUnit, OrgUnit.id == LwkBatch.unit_id)
        .join(LwkPage, LwkPage.batch_id == LwkBatch.id)
        .join(Attachment, Attachment.id == LwkPage.attachment_id)
        .where(LwkBatch.id.in_(_batches_of(contact_id)), _is_unread())
        .group_by(LwkBatch.id, OrgUnit.code, LwkBatch.received_on)
        .order_by(LwkBatch.id)
    )
    return [
        f"{count} scanned pages of the paper of {day} at {unit} are not matched to their forms yet"
        for unit, day, count in found
    ]


def left_alone(contact_id: int) -> ColumnElement[bool]:
    """Return the condition on Attachment for unread pages of batches in which nobody else has a form any more."""
    form = aliased(LwkForm)
    is_of_another = exists().where(
        form.batch_id == LwkBatch.id,
        or_(
            form.ticket_id.is_(None),
            form.ticket_id.in_(_tickets_of(Contact.erased_at.is_(None), Contact.id != contact_id)),
        ),
    )
    entered = select(func.count(form.id)).where(form.batch_id == LwkBatch.id).scalar_subquery()
    alone = (
        select(LwkPage.attachment_id)
        .join(LwkBatch, LwkBatch.id == LwkPage.batch_id)
        .join(Attachment, Attachment.id == LwkPage.attachment_id)
        .where(
            LwkBatch.id.in_(_batches_of(contact_id)),
            ~is_of_another,
            entered >= LwkBatch.form_count,
            _is_unread(),
        )
    )
    return Attachment.id.in_(alone)


def of_batches_with(*holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition on LwkPage for pages of batches that have a form of such a Contact."""
    batches = select(LwkForm.batch_id).where(LwkForm.ticket_id.in_(_tickets_of(*holds)))
    return LwkPage.batch_id.in_(batches)


def _is_unread() -> ColumnElement[bool]:
    return and_(
        LwkPage.read_no.is_(None),
        LwkPage.use != PageUse.OTHER,
        Attachment.message_id.is_(None),
        Attachment.storage_key.is_not(None),
    )


def _batches_of(contact_id: int) -> Select[int]:
    return select(LwkForm.batch_id).where(LwkForm.ticket_id.in_(_tickets_of(Contact.id == contact_id)))


def _tickets_of(*holds: ColumnElement[bool]) -> Select[int]:
    return select(Ticket.id).join(Contact, Contact.id == Ticket.contact_id).where(*holds)
