"""The blueprint of the administrators' pages and its start page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from helpdesk.domain.delivery import DeliveryStatus
from helpdesk.queries import admin, calendars, operations, texts
from helpdesk.queries.channel_alarms import alarms
from helpdesk.queries.periods import local_date
from helpdesk.queries.visibility import Action
from helpdesk.views.access import requires, runtime, viewer
from helpdesk.views.labels import label
from helpdesk.views.shipped_names import shipped

bp = Blueprint("admin", __name__)


@bp.get("/admin")
@requires(Action.ADMINISTER)
def index() -> ResponseReturnValue:
    """Where everything is, and what wants a hand."""

    now = runtime().now()
    today = local_date(now, viewer().zone)

    def find(session: Session) -> tuple[int, int, list[str], tuple[int, ...]]:
        stuck = operations.unprocessed_events(session)
        failed = operations.outbox(session, now=now, statuses=(DeliveryStatus.FAILED,))
        empty = [
            shipped(team.name)
            for team in admin.teams(session)
            if not team.member_count and team.retired_at is None
        ]
        checks = calendars.year_checks(session, today=today)
        missing = tuple(check.year for check in checks if check.is_missing)
        return len(stuck), len(failed), empty, missing

    stuck, failed, empty, missing = runtime().read(find)
    waiting = runtime().read(lambda session: texts.waits_for(session, viewer().user_id))
    troubled = runtime().read(lambda session: alarms(session, now=now))
    return render_template(
        "admin/index.html",
        stuck=stuck,
        troubled=sorted({label(alarm.channel, "channel") for alarm in troubled}),
        failed=failed,
        empty_teams=empty,
        missing_years=missing,
        texts_wait=waiting,
    )
