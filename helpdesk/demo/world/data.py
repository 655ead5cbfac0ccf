"""The packaged texts of the sample world, read once."""

from functools import cache
from importlib.resources import files
from typing import TypedDict, cast

import yaml


class PointData(TypedDict):
    """A branch office and who works there."""

    code: str
    name: str
    weight: int
    manager: str
    officers: list[str]
    villages: list[str]


class AreaData(TypedDict, total=False):
    """An area; `province` where it differs from its region's."""

    code: str
    name: str
    manager: str
    province: str
    points: list[PointData]


class RegionData(TypedDict):
    """A region; all its points lie in one time zone."""

    code: str
    name: str
    zone: str
    province: str
    manager: str
    areas: list[AreaData]


class _StaffData(TypedDict):
    email: str
    name: str
    role: str
    position: str
    teams: list[str]


class StaffData(_StaffData, total=False):
    """A member of staff at head office."""

    shift: list[str]
    """Spans of every weekday; without them she has no roster."""
    skills: list[str]
    capacity: int


class FieldLogin(TypedDict):
    """The demo's account of an officer at a Point."""

    email: str
    name: str
    point: str


class Organisation(TypedDict):
    """data/organisation.yaml."""

    regions: list[RegionData]
    staff: list[StaffData]
    auto_assigned: list[str]
    """Codes of teams."""
    field_login: FieldLogin


class Names(TypedDict):
    """data/names.yaml; `west` and `east` of the Java Sea."""

    given: dict[str, list[str]]
    family: dict[str, list[str]]
    majelis: list[str]
    leaders: list[str]


class CategoryStories(TypedDict):
    """Stories of one category."""

    per_week: float
    core: list[str]


class Stories(TypedDict):
    """data/stories.yaml."""

    openings: dict[str, list[str]]
    endings: dict[str, list[str]]
    asides: list[str]
    ways: list[str]
    things: list[str]
    categories: dict[str, CategoryStories]
    spellings: dict[str, list[str]]
    local_words: dict[str, dict[str, list[str]]]


class Talk(TypedDict):
    """data/talk.yaml."""

    matters: dict[str, str]
    greetings: list[str]
    questions: list[str]
    first_replies: list[str]
    asks: dict[str, list[str]]
    updates: list[str]
    answers: dict[str, list[str]]
    outcomes: dict[str, list[str]]
    refusals: list[str]
    details: list[str]
    more: list[str]
    chasers: list[str]
    accepts: list[str]
    objections: list[str]
    comments: list[str]
    notes: list[str]
    third_parties: list[str]


# The shape of the files is held by tests/demo/test_world.py, which is why it is trusted here.
@cache
def organisation() -> Organisation:
    """Return regions, points and staff."""
    return cast(Organisation, _load("organisation.yaml"))


@cache
def names() -> Names:
    """Return invented names."""
    return cast(Names, _load("names.yaml"))


@cache
def stories() -> Stories:
    """Return what Mitra complain about, and how they write."""
    return cast(Stories, _load("stories.yaml"))


@cache
def talk() -> Talk:
    """Return what is said after the story."""
    return cast(Talk, _load("talk.yaml"))


def _load(name: str) -> object:
    text = files("helpdesk.demo.world").joinpath("data", name).read_text(encoding="utf-8")
    return yaml.safe_load(text)
