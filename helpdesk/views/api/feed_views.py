"""The product feed as JSON: figures and findings without personal data."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from helpdesk.queries.improvements import ImprovementCard
from helpdesk.queries.trends import TrendRow, Trends


class _FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class WeekView(_FromRow):
    """One category in one week."""

    week: date = Field(description="Its Monday", examples=["2026-11-16"])
    count: int = Field(description="Complaints received")
    mean: float | None = Field(description="Mean of the weeks before")
    limit: float | None = Field(description="Control limit; null while too few weeks are known")
    is_above: bool = Field(description="Whether it stands out from chance")


class CategoryTrend(BaseModel):
    """One category over the weeks."""

    category: str = Field(description="Its code", examples=["BYR-POST"])
    name_id: str = Field(description="Indonesian name")
    name_en: str = Field(description="English name")
    count: int = Field(description="Complaints of the window")
    share: float | None = Field(description="Of all of them; null where they are too few to tell")
    is_above: bool = Field(description="Whether the running week or the one before stands out")
    weeks: list[WeekView] = Field(description="Oldest first; the last week is not over yet")


class UnitCount(_FromRow):
    """Complaints of one category at one unit."""

    category: str = Field(description="Code of the category")
    unit_code: str = Field(description="Code of the unit")
    unit: str = Field(description="Its name")
    count: int = Field(description="Complaints of the window")


class ResolutionTimes(_FromRow):
    """How long answers took, of complaints resolved in the window."""

    n: int = Field(description="How many")
    median_days: float | None = Field(description="Half of them took no longer")
    p90_days: float | None = Field(description="Nine in ten took no longer")
    reopened_share: float | None = Field(description="Share that was opened again")


class TrendFeed(BaseModel):
    """Complaints per category and week, what stands out first."""

    items: list[CategoryTrend] = Field(description="The categories")
    next: str | None = Field(description="Always null: all categories are in one answer")
    weeks: list[date] = Field(description="Mondays of the window")
    count: int = Field(description="Complaints of the window")
    units: list[UnitCount] = Field(description="Where: busiest units and gravest categories")
    resolution: ResolutionTimes = Field(description="How long answers took")


class ImprovementItem(BaseModel):
    """One finding of the improvement board."""

    id: str = Field(description="Public id")
    title: str = Field(description="What is to be better")
    finding: str = Field(description="What was found, names and phones taken out")
    category: str | None = Field(description="Code of its category")
    status: str = Field(description="new, investigating, fixing or told", examples=["investigating"])
    decision: str | None = Field(description="What was decided")
    due_on: date | None = Field(description="When it is to be done")
    created_at: datetime = Field(description="When it was found")
    updated_at: datetime = Field(description="When it changed last")
    ticket_count: int = Field(description="Tickets that show it")
    redress_total: int = Field(description="Whole rupiah offered in those tickets")


class ImprovementList(BaseModel):
    """The improvement board, newest change first."""

    items: list[ImprovementItem] = Field(description="The findings")
    next: str | None = Field(description="Always null: the whole board is in one answer")


def trend_feed(found: Trends) -> TrendFeed:
    """Return the figures."""
    return TrendFeed(
        items=[_category(row, found.weeks) for row in found.rows],
        next=None,
        weeks=list(found.weeks),
        count=found.n,
        units=[UnitCount.model_validate(cell) for cell in found.heat],
        resolution=ResolutionTimes.model_validate(found.resolution),
    )


def _category(row: TrendRow, weeks: tuple[date, ...]) -> CategoryTrend:
    return CategoryTrend(
        category=row.category,
        name_id=row.name_id,
        name_en=row.name_en,
        count=row.n,
        share=row.share,
        is_above=row.is_above,
        weeks=[
            WeekView(
                week=week, count=point.count, mean=point.mean, limit=point.limit, is_above=point.is_above
            )
            for week, point in zip(weeks, row.points, strict=True)
        ],
    )


def improvement_item(card: ImprovementCard) -> ImprovementItem:
    """Return one finding, its texts as queries/improvements.py cleaned them; its owner stays inside."""
    return ImprovementItem(
        id=card.public_id,
        title=card.title,
        finding=card.finding,
        category=card.category,
        status=card.status,
        decision=card.decision,
        due_on=card.due_on,
        created_at=card.created_at,
        updated_at=card.updated_at,
        ticket_count=card.ticket_count,
        redress_total=card.redress_total,
    )
