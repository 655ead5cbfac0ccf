"""The blueprint of the administrators' pages and its start page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.queries import admin, operations
from helpdesk.queries.visibility import Action
from helpdesk.views.access import requires, runtime
from helpdesk.views.shipped_names import shipped

bp = Blueprint("admin", __name__)


@bp.get("/admin")
@requires(Action.ADMINISTER)
def index() -> ResponseReturnValue:
    """Where everything is, and what wants a hand."""

    def find(session: Session) -> tuple[int, int, list[str]]:
        stuck = operations.unprocessed_events(session)
        failed = operations.outbox(session, statuses=(DeliveryStatus.FAILED,))
        empty = [
            shipped(team.name)
            for team in admin.teams(session)
            if not team.member_count and team.retired_at is None
        ]
        return len(stuck), len(failed), empty

    stuck, failed, empty = runtime().read(find)
    return render_template("admin/index.html", stuck=stuck, failed=failed, empty_teams=empty)
