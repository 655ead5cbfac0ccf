"""The ticket page: what it shows to whom, and what it never runs."""

import re

import pytest
from factories import make_ticket
from sqlalchemy.orm import Session
from statements import counted
from ticket_stories import PAY, STORY, SignIn, a_ticket, address, bodies, name_subject, opened, write_more
from visits import a_user

from helpdesk.domain.messages import ChannelCode
from helpdesk.models.people import Role
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services.trail import lock_ticket, record


def test_the_page_tells_the_story_the_clocks_and_why(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    for words in (
        f"{ticket.number[:4]}-{ticket.number[4:]}",
        STORY,
        "Kenapa S2?",
        "M-40",
        "Matriks versi 1",
        "Tim Pembayaran:",
        "R-50",
        "Balas pertama",
        "Batas OJK",
        "0857-****-2222",
        "Lewat WhatsApp ke 0857-****-2222 · bebas balas sampai",
        "Tiket dibuat lewat WhatsApp",
        "menunggu dikirim",
    ):
        assert words in visit.text, words


def test_a_shared_number_is_shown_masked_with_the_name_on_its_card(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    write_more(rt, "", facts={"contact_phone": "+6285711113333", "contact_name": "Ratna <b>"})
    visit = opened(signed_in(teams=PAY), ticket)
    assert "Nomor HP: 0857-****-3333 (Ratna <b>)" in visit.text
    assert "5711113333" not in visit.page


def test_the_number_is_taken_with_and_without_dash(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(teams=PAY)
    assert visit.get(f"/tickets/{ticket.number[:4]}-{ticket.number[4:]}").status_code == 200
    for made_up in ("12345678", "abc", "1", "..%2f", "%00", "9" * 300):
        assert visit.get(f"/tickets/{made_up}").status_code == 404, made_up


def test_it_is_not_there_for_another_team_and_for_the_one_complained_about(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    accused = a_user(rt, Role.SUPERVISOR)
    name_subject(rt, ticket, accused.id)
    for visit in (signed_in(teams=("digital",)), signed_in(user=accused), signed_in(Role.FIELD)):
        assert visit.get(address(ticket)).status_code == 404
        for part in ("/replies", "/notes", "/take", "/resolve"):
            assert visit.post(address(ticket, part), text="x").status_code in (403, 404)
    assert bodies(rt, ticket, purpose="reply") == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMPLIANCE])
def test_who_may_only_read_sees_no_form_and_is_refused(rt: Runtime, signed_in: SignIn, role: Role) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(role), ticket)
    assert STORY in visit.text
    assert address(ticket, "/") not in visit.page
    for part in ("/replies", "/notes", "/take", "/assign", "/status", "/category", "/severity", "/resolve"):
        assert visit.post(address(ticket, part), text="x").status_code == 403, part


@pytest.mark.parametrize("role", [Role.PRODUCT, Role.ADMIN])
def test_roles_without_ticket_texts_are_refused(rt: Runtime, signed_in: SignIn, role: Role) -> None:
    assert signed_in(role).get(address(a_ticket(rt))).status_code == 403


def test_field_staff_read_what_they_entered_without_a_reply_box(rt: Runtime, signed_in: SignIn) -> None:
    user = a_user(rt, Role.FIELD)

    def enter(session: Session) -> Ticket:
        return make_ticket(session, registered_by_id=user.id, channel=ChannelCode.VISIT)

    ticket = rt.write(enter)
    visit = opened(signed_in(user=user), ticket)
    assert "Balas ke Mitra" not in visit.text
    assert "Tindakan" not in visit.text.replace("Tindakan dan keterangan", "")


def test_stop_ends_surveys_and_never_reads_like_a_blocked_number(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    write_more(rt, "STOP")
    visit = opened(signed_in(teams=PAY), ticket)
    assert "tanpa survei lagi. Jawaban tetap dikirim" in visit.text
    assert "memblokir atau berhenti" not in visit.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> angsuran",
        '"><img src=x onerror=alert(1)>',
        "\u202eTSURAN\u202c\u200b",
        "😀" * 400,
        "a" * 9000,
    ],
    ids=["script", "attribute", "right-to-left", "emoji", "huge"],
)
def test_any_text_of_a_mitra_is_shown_and_never_run(rt: Runtime, signed_in: SignIn, text: str) -> None:
    ticket = a_ticket(rt, text)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "<script>alert" not in visit.page
    assert "<img src=x" not in visit.page


def test_kinds_that_nobody_knows_are_shown_harmlessly(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)

    def write(session: Session) -> None:
        data = {"from": {"zebra": None}, "to": {"zebra": ["<i>", {"deep": 1}]}, "reason": 7}
        record(
            session,
            lock_ticket(session, ticket.id),
            "zebra_<b>happened",
            actor="martian",
            at=rt.now(),
            data=data,
        )
        for kind in (
            "status_changed",
            "assigned",
            "resolved",
            "escalated",
            "created",
            "rated",
            "category_changed",
        ):
            record(session, lock_ticket(session, ticket.id), kind, actor="system", at=rt.now())

    rt.write(write)
    visit = opened(signed_in(teams=PAY), ticket)
    assert "zebra_&lt;b&gt;happened" in visit.page


def test_the_page_asks_the_database_as_often_for_a_long_conversation_as_for_a_short_one(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(Role.SUPERVISOR)

    def selects() -> int:
        with counted(rt.engine) as seen:
            opened(visit, ticket)
        return len([each for each in seen if each.startswith("SELECT")])

    one = selects()
    for at in range(8):
        write_more(rt, f"Pesan ke {at}")
    assert selects() == one


def test_single_keys_are_offered_where_their_control_is(rt: Runtime, signed_in: SignIn) -> None:
    visit = opened(signed_in(Role.SUPERVISOR), a_ticket(rt))
    keys = set(re.findall(r'data-key="(.)"', visit.page))
    assert set("rniacvewdhu") <= keys
