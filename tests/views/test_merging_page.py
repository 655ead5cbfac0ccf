"""Merging on the ticket page: the form, the banner with the way back, what others may read of it, and the API."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session
from talk import LENDER
from ticket_stories import (
    ANSWER,
    PAY,
    STORY,
    SignIn,
    a_ticket,
    address,
    bodies,
    name_subject,
    opened,
    reload,
    write_more,
)
from visits import a_user, stored
from windows import signed_in_window

from helpdesk.domain.lifecycle import TicketStatus
from helpdesk.models.messages import Message
from helpdesk.models.people import Role, Team
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import moving
from helpdesk.services.trail import lock_ticket

MORE = "Selain itu saya belum terima kartu angsuran"


@pytest.fixture
def pair(rt: Runtime) -> tuple[Ticket, Ticket]:
    """Two complaints of one Mitra in one team: what she told second, and what she told first."""
    first = a_ticket(rt)
    write_more(rt, MORE)

    def split(session: Session) -> int:
        source = lock_ticket(session, first.id)
        part = moving.newest_of_hers(session, source)
        second = moving.split(session, source.id, part.public_id, lender=LENDER, actor="user:x", now=rt.now())
        second.team_id = source.team_id
        return second.id

    second_id = rt.write(split)
    return stored(rt, select(Ticket).where(Ticket.id == second_id))[0], first


def shown(ticket: Ticket) -> str:
    return f"{ticket.number[:4]}-{ticket.number[4:]}"


def texts(rt: Runtime, ticket: Ticket) -> set[str]:
    found = stored(rt, select(Message).where(Message.ticket_id == ticket.id, Message.direction == "in"))
    return {message.body for message in found}


def test_a_ticket_is_merged_by_the_list_and_taken_out_by_its_banner(
    rt: Runtime, signed_in: SignIn, pair: tuple[Ticket, Ticket]
) -> None:
    source, target = pair
    visit = opened(signed_in(teams=PAY), source)
    assert "Batas waktu di sana dihitung dari yang diterima lebih dulu" in visit.text
    assert f'<option value="{target.number}"' in visit.page
    visit.send(address(source, "/merge"), into=target.number)
    assert f"Juga memuat {shown(source)}" in " ".join(visit.text.split())
    assert f"Digabung ke sini, dengan semua pesannya: {shown(source)}" in visit.text
    assert MORE in texts(rt, target)
    visit.get(address(source))
    assert f"Digabung ke {shown(target)}" in " ".join(visit.text.split())
    assert "Buka lagi" not in visit.text
    visit.send(address(source, "/unmerge"))
    assert "berdiri sendiri lagi" in visit.text
    assert (reload(rt, source).status, texts(rt, source)) == (TicketStatus.NEW, {MORE})
    for ticket in pair:  # every stretch of clocks that rested, woke and were replaced can be told
        assert visit.get(address(ticket, "/clocks")).status_code == 200
        assert visit.get(address(ticket)).status_code == 200


def test_a_number_is_typed_with_its_dash_and_a_wrong_one_stays_in_its_field(
    rt: Runtime, signed_in: SignIn, pair: tuple[Ticket, Ticket]
) -> None:
    source, target = pair
    visit = opened(signed_in(teams=PAY), source)
    refused = visit.post(address(source, "/merge"), number="9999-9999")
    assert (refused.status_code, "9999-9999" in refused.text) == (422, True)
    assert visit.post(address(source, "/merge"), number=shown(source)).status_code == 409
    visit.send(address(source, "/merge"), number=shown(target))
    assert reload(rt, source).status is TicketStatus.CLOSED
    assert visit.post(address(source, "/status"), status="open", reason="x").status_code == 409
    assert visit.post(address(target, "/merge"), number=source.number).status_code == 409
    assert visit.post(address(target, "/unmerge")).status_code == 409


def test_only_who_sees_both_merges_and_no_page_names_one_that_is_hidden(
    rt: Runtime, signed_in: SignIn, pair: tuple[Ticket, Ticket]
) -> None:
    source, target = pair

    def move_away(session: Session) -> None:
        other = session.scalars(select(Team.id).where(Team.code == "digital")).one()
        session.get_one(Ticket, target.id).team_id = other

    rt.write(move_away)
    agent = opened(signed_in(teams=PAY), source)
    assert agent.post(address(source, "/merge"), number=target.number).status_code == 422
    for role in (Role.COMPLIANCE, Role.AUDITOR):
        reader = opened(signed_in(role), source)
        assert "Gabung ke tiket lain" not in reader.text
        assert reader.post(address(source, "/merge"), number=target.number).status_code == 403
    opened(signed_in(Role.SUPERVISOR), source).send(address(source, "/merge"), into=target.number)
    agent.get(address(source))
    assert "Digabung ke tiket lain" in agent.text
    assert shown(target) not in agent.text
    assert "Pisahkan lagi" not in agent.text
    assert agent.post(address(source, "/replies"), text=ANSWER).status_code == 404
    agent.get(address(source))
    assert agent.post(address(source, "/unmerge")).status_code == 404


def test_a_reply_or_note_for_the_source_is_written_in_the_target(
    rt: Runtime, signed_in: SignIn, pair: tuple[Ticket, Ticket]
) -> None:
    source, target = pair
    visit = opened(signed_in(teams=PAY), source)
    visit.send(address(source, "/merge"), into=target.number)
    visit.send(address(source, "/replies"), text=ANSWER)
    visit.send(address(source, "/notes"), text="catatan")
    assert bodies(rt, target, purpose="reply") == [ANSWER]
    assert bodies(rt, target, purpose="note") == ["catatan"]
    assert bodies(rt, source, purpose="reply") == []


def test_the_target_is_kept_from_whom_the_source_is_about(
    rt: Runtime, signed_in: SignIn, pair: tuple[Ticket, Ticket]
) -> None:
    source, target = pair
    leader = a_user(rt, Role.SUPERVISOR)
    subject = signed_in(user=leader)
    assert subject.get(address(target)).status_code == 200
    name_subject(rt, source, leader.id)
    opened(signed_in(Role.SUPERVISOR), source).send(address(source, "/merge"), into=target.number)
    assert subject.get(address(target)).status_code == 404


def test_chosen_in_the_queue_they_merge_into_the_one_that_came_first(
    rt: Runtime, signed_in: SignIn, pair: tuple[Ticket, Ticket]
) -> None:
    second, first = pair
    stranger = a_ticket(rt, phone="+6285733334444")
    visit = signed_in(teams=PAY)
    visit.get("/queue")
    assert "Gabung ke yang pertama masuk" in visit.text
    visit.send("/queue/bulk", action="merge", number=[second.number])
    assert "Pilih dulu dua tiket atau lebih dari satu Mitra." in visit.text
    visit.send("/queue/bulk", action="merge", number=[stranger.number, second.number, first.number])
    assert "1 tiket berhasil." in visit.text
    assert f"{shown(stranger)} gagal: Tiket itu milik orang lain." in visit.text
    assert texts(rt, first) == {STORY, MORE}


@pytest.mark.browser
@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_form_and_both_banners_fit_a_telephone(
    rt: Runtime, app: Flask, browser: Browser, pair: tuple[Ticket, Ticket], look: Literal["light", "dark"]
) -> None:
    source, target = pair

    def check(page: Page) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

    with signed_in_window(app, browser, a_user(rt, Role.SUPERVISOR)) as page:
        page.set_viewport_size({"width": 360, "height": 900})
        page.emulate_media(color_scheme=look, reduced_motion="reduce")
        page.goto(address(source))
        page.locator("body").press("l")
        expect(page.locator("#merge-into")).to_be_visible()
        check(page)
        page.select_option("#merge-into", target.number)
        page.locator("form[action$='/merge'] button").click()
        expect(page.locator("header", has_text="Juga memuat")).to_be_visible()
        check(page)
        page.get_by_role("link", name=shown(source)).first.click()
        expect(page.get_by_role("button", name="Pisahkan lagi")).to_be_visible()
        check(page)
