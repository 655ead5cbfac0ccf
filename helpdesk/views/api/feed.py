"""For product teams: trends and improvements, without personal data."""

from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from helpdesk.queries.improvements import improvement_board
from helpdesk.queries.trends import MAX_WEEKS, WEEKS, trends
from helpdesk.views.access import runtime
from helpdesk.views.api.auth import caller, for_scope
from helpdesk.views.api.base import FEED, bp, json_of
from helpdesk.views.api.feed_views import ImprovementList, TrendFeed, improvement_item, trend_feed
from helpdesk.views.api.inputs import Plain


class TrendQuery(BaseModel):
    """Which window."""

    weeks: int = Field(
        WEEKS, ge=1, le=MAX_WEEKS, description="ISO weeks back from now, the running one included"
    )
    unit: Annotated[Plain, Field(max_length=100)] | None = Field(
        None, description="Code or part of the name of a unit; those below it count too"
    )


@bp.get("/trends", tags=[FEED], summary="Trends", responses={200: TrendFeed})
@for_scope("reporting")
def read_trends(query: TrendQuery) -> Response:
    """Complaints per category and week with control limits, where they come from, and how long answers took."""
    rt, viewer = runtime(), caller()
    now = rt.now()
    found = rt.read(
        lambda session: trends(session, viewer, now=now, weeks=query.weeks, unit=query.unit or None)
    )
    return json_of(trend_feed(found))


@bp.get("/improvements", tags=[FEED], summary="Improvements", responses={200: ImprovementList})
@for_scope("reporting")
def read_improvements() -> Response:
    """Findings, their status and decision, how many tickets show them and what they cost."""
    viewer = caller()
    board = runtime().read(lambda session: improvement_board(session, viewer))
    cards = sorted(
        (card for column in board.values() for card in column), key=lambda card: card.updated_at, reverse=True
    )
    return json_of(ImprovementList(items=[improvement_item(card) for card in cards], next=None))
