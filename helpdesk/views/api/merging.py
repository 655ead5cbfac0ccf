"""For staff systems: two tickets about one matter are merged, and taken apart again."""

from datetime import datetime

from flask import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from helpdesk.queries.ticket import TicketView, ticket_id_of, worked_on_number
from helpdesk.services import merging
from helpdesk.views.api.actions import REFUSALS, change
from helpdesk.views.api.auth import caller, for_scope
from helpdesk.views.api.base import TICKETS, bp
from helpdesk.views.api.full_views import TicketState
from helpdesk.views.api.idempotent import RepeatHeader
from helpdesk.views.api.inputs import NumberPath, Plain

ANSWERS = {200: TicketState, **REFUSALS}


class Merge(BaseModel):
    """The ticket that is to stand for this one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"into": "4821-9375"}]})

    into: Plain = Field(max_length=40, description="Its number")


class Unmerge(BaseModel):
    """Nothing: `{}`."""


@bp.post("/tickets/<number>/merge", tags=[TICKETS], summary="Merge into another ticket", responses=ANSWERS)
@for_scope("staff")
def merge_ticket(path: NumberPath, header: RepeatHeader, body: Merge) -> Response:
    """Lets another ticket of the same contact stand for this one, which closes; both must be in work (409). Its
    messages go there, also later ones, and promises count from the earliest receipt."""
    viewer = caller()

    def act(session: Session, found: TicketView, now: datetime) -> None:
        target_id = ticket_id_of(session, viewer, body.into)
        merging.merge(session, found.id, target_id=target_id, actor=viewer.actor, now=now)

    return change(path, header, body, act)


@bp.post("/tickets/<number>/unmerge", tags=[TICKETS], summary="Undo a merge", responses=ANSWERS)
@for_scope("staff")
def unmerge_ticket(path: NumberPath, header: RepeatHeader, body: Unmerge) -> Response:
    """Takes this ticket out of the one that it was merged into, as it was before."""
    viewer = caller()

    def act(session: Session, found: TicketView, now: datetime) -> None:
        worked_on_number(session, viewer, found.number)  # the one that loses its messages must be seen, too
        merging.unmerge(session, found.id, actor=viewer.actor, now=now)

    return change(path, header, body, act)
