"""What a viewer may see of a paper form: the one rule that every page of paper asks."""

from sqlalchemy import ColumnElement, and_, or_

from helpdesk.models.paper import LwkForm
from helpdesk.models.tickets import Ticket
from helpdesk.queries.visibility import Viewer, barred, unseen


def shown(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on a form and its ticket for what this person may see of it. Never NULL.

    Whoever enters paper sees what became of it in every team; but neither what is kept from her in person, nor a
    complaint about staff that is not hers to read, unless she typed it. Those look like forms that are still sealed.
    """
    is_hers = and_(LwkForm.entered_by_id.is_not(None), LwkForm.entered_by_id == viewer.user_id)
    return and_(Ticket.id.is_not(None), ~barred(viewer), or_(is_hers, ~unseen(viewer)))
