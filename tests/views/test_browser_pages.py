"""Real pages in a real browser, where only a browser shows what happens: going back to a form, and sizes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from factories import NOW, make_team, make_ticket, make_user
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete
from sqlalchemy.orm import Session
from ticket_stories import a_ticket, address
from visits import a_user
from windows import signed_in_window

from helpdesk.domain.severity import Severity
from helpdesk.models.complaints import Improvement, ImprovementStatus
from helpdesk.models.people import Role, SignIn
from helpdesk.runtime import Runtime

pytestmark = pytest.mark.browser


@pytest.fixture
def supervisor(rt: Runtime, app: Flask, browser: Browser) -> Iterator[Page]:
    """The window of a supervisor who has signed in; addresses in it are those of the app."""
    user = a_user(rt, Role.SUPERVISOR)
    with signed_in_window(app, browser, user) as page:
        yield page


@pytest.mark.parametrize(("box", "text"), [("#reply-text", "Baik, Ibu."), ("#note-text", "Cek rekening")])
def test_words_that_were_sent_are_not_in_the_box_again_after_going_back(
    rt: Runtime, supervisor: Page, box: str, text: str
) -> None:
    supervisor.goto(address(a_ticket(rt)))
    supervisor.fill(box, text)
    supervisor.press(box, "Control+Enter")
    expect(supervisor.locator(".kh-timeline")).to_contain_text(text)
    supervisor.go_back()
    expect(supervisor.locator(box)).to_have_value("")


def test_words_that_were_not_sent_yet_survive_a_look_at_another_page(rt: Runtime, supervisor: Page) -> None:
    supervisor.goto(address(a_ticket(rt)))
    supervisor.fill("#reply-text", "Baik, Ibu. Kami")
    supervisor.goto("/queue")
    supervisor.go_back()
    expect(supervisor.locator("#reply-text")).to_have_value("Baik, Ibu. Kami")


def findings(session: Session) -> None:
    """Two cards in one column of the improvement board: it makes the columns higher than one card."""
    owner = make_user(session, Role.PRODUCT)
    for title in ("Bayaran VA tidak tercatat", "Saldo naik"):
        card = Improvement(
            public_id=title,
            title=title,
            finding="Terlambat",
            status=ImprovementStatus.NEW,
            owner_id=owner.id,
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(card)


@pytest.mark.parametrize("width", [360, 1440])
def test_cards_of_the_board_end_with_their_words_and_tiles_of_a_row_are_alike(
    rt: Runtime, supervisor: Page, width: int
) -> None:
    rt.write(findings)
    supervisor.set_viewport_size({"width": width, "height": 900})
    supervisor.goto("/improvements")
    below_the_words = supervisor.locator("article.kh-tile").evaluate_all(
        """cards => cards.map(card =>
            card.getBoundingClientRect().bottom - card.lastElementChild.getBoundingClientRect().bottom)"""
    )
    assert len(below_the_words) == 2
    assert max(below_the_words) < 20
    supervisor.goto("/dashboard")
    unfilled = supervisor.locator(".kh-tiles > li").evaluate_all(
        "tiles => tiles.map(tile => tile.offsetHeight - tile.firstElementChild.offsetHeight)"
    )
    assert set(unfilled) == {0}


def an_urgent_one(session: Session) -> None:
    """A ticket of the gravest kind that somebody of a team with a long name has taken."""
    team = make_team(session, "upk")
    team.name = "Unit Pelindungan Konsumen"
    owner = make_user(session)
    make_ticket(
        session, team=team, severity=Severity.S1, assignee_id=owner.id, next_due_at=NOW + timedelta(days=2)
    )


def test_boxes_of_the_wall_fit_a_telephone(rt: Runtime, supervisor: Page) -> None:
    rt.write(an_urgent_one)
    supervisor.set_viewport_size({"width": 360, "height": 900})
    supervisor.goto("/wall")
    expect(supervisor.locator(".wall-box").nth(1)).to_contain_text("Unit")
    hidden = supervisor.locator(".wall-box").evaluate_all(
        "boxes => boxes.map(box => box.scrollWidth - box.clientWidth)"
    )
    assert hidden == [0, 0, 0, 0]


def test_a_list_whose_reader_was_signed_out_says_so(rt: Runtime, supervisor: Page) -> None:
    supervisor.goto("/queue")
    expect(supervisor.locator("[data-live-stale]")).to_be_hidden()
    rt.write(lambda session: session.execute(delete(SignIn)))
    expect(supervisor.locator("[data-live-stale]")).to_have_text(
        "Sesi berakhir. Masuk lagi di tab lain.", timeout=30_000
    )


@pytest.mark.parametrize("part", ["", "/regulation", "/extension"])
def test_the_dates_of_the_regulator_fit_a_telephone(rt: Runtime, supervisor: Page, part: str) -> None:
    supervisor.set_viewport_size({"width": 360, "height": 900})
    supervisor.goto(address(a_ticket(rt), part))
    expect(supervisor.locator("main")).to_contain_text("7 Des" if not part else "7 Desember")
    assert supervisor.evaluate("document.documentElement.scrollWidth") == 360
