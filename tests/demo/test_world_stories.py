"""What the sample world is told of, before any of it is played: arrivals in number and shape, and stories."""

from datetime import timedelta
from pathlib import Path

import pytest
from installing import NOW, settings_for

from helpdesk.demo.world import stories
from helpdesk.demo.world.arrivals import SPIKE_CATEGORY, WEEKS, arrivals
from helpdesk.demo.world.chance import Chance
from helpdesk.demo.world.data import stories as story_data
from helpdesk.demo.world.mitra import Mitra
from helpdesk.demo.world.people import Point, Staff
from helpdesk.domain.taxonomy import CATEGORIES
from helpdesk.domain.triage import suggest
from helpdesk.models.contacts import Contact
from helpdesk.models.people import OrgUnit, Team, User
from helpdesk.queries.control import control_points


def a_staff() -> Staff:
    head_office = OrgUnit(code="HO", name="Kantor Pusat", zone="Asia/Jakarta", path="/1/")
    officers = (User(name="Asep Saepudin"),)
    points = [
        Point(OrgUnit(code=code, zone="Asia/Jakarta"), 10, ("Desa",), True, officers[0], officers)
        for code in ("P-SBG", "P-GRT", "P-BGR")
    ]
    return Staff(head_office, dict[str, Team](), points)


@pytest.mark.parametrize("day", [0, 3, 6], ids=["Monday", "Thursday", "Sunday"])
def test_half_a_year_brings_three_thousand_arrivals_on_any_day(day: int) -> None:
    now = NOW + timedelta(days=day)
    found = arrivals(a_staff(), settings_for("sqlite://", Path("unused")).zone, now=now)
    assert len(found) >= 3000
    assert found[0].received_at < now - timedelta(weeks=WEEKS, days=-1)
    assert max(each.received_at for each in found) < now


@pytest.mark.parametrize("day", [0, 2, 6], ids=["Monday", "Wednesday", "Sunday"])
def test_the_spike_stands_out_of_the_last_weeks_and_nothing_else_does(day: int) -> None:
    zone = settings_for("sqlite://", Path("unused")).zone
    now = NOW + timedelta(days=day)
    monday = (now.astimezone(zone) - timedelta(days=now.astimezone(zone).weekday())).date()
    counts: dict[str, list[int]] = {}
    for each in arrivals(a_staff(), zone, now=now):
        weeks_ago = (monday - each.received_at.astimezone(zone).date() + timedelta(days=6)).days // 7
        counts.setdefault(each.category, [0] * (WEEKS + 1))[WEEKS - weeks_ago] += 1
    shown = {code: control_points(weekly, first=WEEKS - 11) for code, weekly in counts.items() if code}
    signals = {code for code, points in shown.items() if any(point.is_above for point in points)}
    assert signals == {SPIKE_CATEGORY}
    assert [point.is_above for point in shown[SPIKE_CATEGORY]][-3:-1] == [True, True]


def test_every_category_has_stories() -> None:
    assert set(story_data()["categories"]) == set(CATEGORIES)


def test_triage_would_place_the_stories_where_they_belong() -> None:
    mitra = Mitra(Contact(name="Siti", majelis="Mawar 1"), a_staff().points[0], "formal")
    told = [
        (code, stories.fill(Chance(core), mitra, core))
        for code, row in story_data()["categories"].items()
        for core in row["core"]
    ]
    wrong = [(code, text) for code, text in told if [found[0] for found in suggest(text)[:1]] != [code]]
    assert wrong == []


def test_stories_vary() -> None:
    point = a_staff().points[0]
    mitra = Mitra(Contact(name="Siti", majelis="Mawar 1"), point, "chat")
    chance = Chance("test")
    told = {stories.story(chance, mitra, code) for code in CATEGORIES for _ in range(20)}
    assert len(told) > 700
