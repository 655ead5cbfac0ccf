"""Answers and notes on the ticket page: sent once, after reading, by the way that reaches the Mitra."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from factories import make_contact, make_ticket
from sqlalchemy.orm import Session
from ticket_stories import (
    ANSWER,
    PAY,
    SignIn,
    a_ticket,
    address,
    bodies,
    fail_last,
    kinds,
    lose_last,
    opened,
    reload,
    reply,
    write_more,
)
from visits import a_user

from helpdesk.domain.messages import ChannelCode
from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import privacy


def test_a_reply_is_queued_meets_the_clock_and_takes_the_ticket(rt: Runtime, signed_in: SignIn) -> None:
    ticket, user = a_ticket(rt), a_user(rt, Role.AGENT, teams=PAY)
    visit = opened(signed_in(user=user), ticket)
    answer = reply(visit, ticket, then="pending")
    assert (answer.status_code, answer.headers["Location"]) == (303, address(ticket, "#end"))
    opened(visit, ticket)
    assert bodies(rt, ticket, purpose="reply") == [ANSWER]
    assert "Balasan sedang dikirim." in visit.text
    now = reload(rt, ticket)
    assert (now.assignee_id, now.status) == (user.id, "pending")
    assert {"replied", "assigned", "status_changed", "sla_paused"} <= set(kinds(rt, ticket))


def test_the_same_form_sent_twice_sends_once(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert [reply(visit, ticket).status_code for _ in range(2)] == [303, 303]
    assert bodies(rt, ticket, purpose="reply") == [ANSWER]
    second = reply(visit, ticket, "Kata lain dengan formulir lama")
    assert second.status_code == 422
    assert "sudah terkirim" in visit.text
    assert "Kata lain dengan formulir lama</textarea>" in visit.page


def test_the_same_form_sent_by_two_hands_at_once_sends_once(rt: Runtime, signed_in: SignIn) -> None:
    ticket, user = a_ticket(rt), a_user(rt, Role.AGENT, teams=PAY)
    visits = [opened(signed_in(user=user), ticket) for _ in range(4)]
    key = visits[0].hidden("key")
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda visit: reply(visit, ticket, key=key).status_code, visits))
    assert codes == [303] * 4
    assert bodies(rt, ticket, purpose="reply") == [ANSWER]


def test_two_agents_at_once_send_one_answer_and_the_other_reads_first(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visits = [opened(signed_in(teams=PAY), ticket) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda visit: reply(visit, ticket).status_code, visits))
    assert sorted(codes) == [303, 409]
    assert bodies(rt, ticket, purpose="reply") == [ANSWER]


def test_a_newer_message_must_be_read_first_and_the_words_are_kept(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    write_more(rt, "Ini buktinya Bu")
    answer = reply(visit, ticket)
    assert answer.status_code == 409
    assert "Ada 1 pesan baru. Baca dulu." in visit.text
    assert f"{ANSWER}</textarea>" in visit.page
    assert "<title>Salah: " in visit.page
    assert visit.text.count(" Baru ") >= 1
    assert reply(visit, ticket).status_code == 303, "having read it, the same words go out"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  ", "Isi dulu bagian ini."),
        ("Halo {nama}, sudah dicek", "kosong"),
        ("NIK Ibu 3201234501900001 benar?", "NIK"),
        ("Tolong kirim PIN Ibu", "Jangan minta PIN"),
        ("a" * 4001, "terlalu panjang"),
    ],
    ids=["empty", "placeholder", "secret", "asks for a secret", "too long"],
)
def test_words_that_may_not_go_out_are_refused_beside_the_box_and_kept(
    rt: Runtime, signed_in: SignIn, text: str, told: str
) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    answer = reply(visit, ticket, text)
    assert answer.status_code == 422
    assert told in visit.text
    assert f"{text}</textarea>" in visit.page
    assert 'aria-describedby="reply-text-error"' in visit.page
    assert bodies(rt, ticket, purpose="reply") == []


def test_a_note_stays_inside_looks_different_and_is_kept_once(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    for _ in range(2):
        visit.post(address(ticket, "/notes"), text="Cabang sudah <b>ditelepon</b>", key=visit.hidden("key"))
    opened(visit, ticket)
    assert bodies(rt, ticket, purpose="note") == ["Cabang sudah <b>ditelepon</b>"]
    assert 'class="kh-item kh-note"' in visit.page
    assert "Catatan internal, Mitra tidak melihat" in visit.text
    assert "Cabang sudah &lt;b&gt;ditelepon&lt;/b&gt;" in visit.page
    assert visit.post(address(ticket, "/notes"), text=" ").status_code == 422


def test_a_failed_message_says_why_and_is_sent_again_once(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    reply(visit, ticket)
    public_id = fail_last(rt, ticket)
    opened(visit, ticket)
    assert "jendela 24 jam WhatsApp sudah tutup" in visit.text
    again = address(ticket, f"/messages/{public_id}/again")
    assert [visit.post(again).status_code for _ in range(2)] == [303, 409]
    other = a_ticket(rt, phone="+6285799998888")
    assert visit.post(address(other, f"/messages/{public_id}/again")).status_code == 404
    assert kinds(rt, ticket).count("send_again") == 1


def test_what_failed_after_the_provider_took_it_is_sent_again(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    reply(visit, ticket)
    public_id = lose_last(rt, ticket)
    opened(visit, ticket)
    assert visit.post(address(ticket, f"/messages/{public_id}/again")).status_code == 303
    assert kinds(rt, ticket).count("send_again") == 1


def test_sending_again_is_offered_where_it_works(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    reply(visit, ticket)
    assert "Kirim ulang" not in opened(visit, ticket).page
    fail_last(rt, ticket)
    assert "Kirim ulang" in opened(visit, ticket).page
    rt.write(
        lambda session: privacy.erase(session, ticket.contact_id, force=True, actor="user:x", now=rt.now())
    )
    assert "Kirim ulang" not in opened(visit, ticket).page, "neither text nor address is left"


def test_without_an_address_the_answer_is_printed(rt: Runtime, signed_in: SignIn) -> None:
    def enter(session: Session) -> Ticket:
        return make_ticket(
            session, channel=ChannelCode.LWK, contact=make_contact(session, name="Siti Aminah")
        )

    ticket = rt.write(enter)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "tidak punya alamat untuk pesan" in visit.text
    assert visit.post(
        address(ticket, "/replies"), text=ANSWER, key="k", seen_message_id=visit.hidden("seen_message_id")
    ).status_code == 303  # fmt: skip
    visit.get(address(ticket, "/letter"))
    assert ANSWER in visit.text
    assert "Siti Aminah" in visit.text


def test_a_paper_complaint_with_a_phone_is_answered_by_sms_with_its_counter(
    rt: Runtime, signed_in: SignIn
) -> None:
    def enter(session: Session) -> Ticket:
        return make_ticket(
            session, channel=ChannelCode.LWK, contact=make_contact(session, phone="+6285711112222")
        )

    visit = opened(signed_in(Role.SUPERVISOR), rt.write(enter))
    assert "Lewat SMS ke 0857-****-2222" in visit.text
    assert 'data-counter="sms"' in visit.page
