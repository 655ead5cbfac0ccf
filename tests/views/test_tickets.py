"""The ticket page: what it shows to whom, answering, notes, and every action with its refusal."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from factories import make_contact, make_ticket
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from ticket_stories import STORY, SignIn, a_ticket, bodies, fail_last, kinds, name_subject, reload, write_more
from visits import Visit, a_user, stored
from werkzeug.test import TestResponse

from helpdesk.domain.messages import AttachmentRef, ChannelCode, MediaKind
from helpdesk.models.messages import Attachment
from helpdesk.models.people import Role, Team
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import attachments
from helpdesk.services.trail import lock_ticket, record

PAY = ("pembayaran",)
ANSWER = "Baik, Ibu. Kami cek dulu."


def address(ticket: Ticket, part: str = "") -> str:
    return f"/tickets/{ticket.number}{part}"


def reply(visit: Visit, ticket: Ticket, text: str = ANSWER, **fields: object) -> TestResponse:
    """Send the reply form of the page that is open, with its hidden fields."""
    hidden = {"key": visit.hidden("key"), "seen_message_id": visit.hidden("seen_message_id")}
    return visit.post(address(ticket, "/replies"), text=text, **{**hidden, **fields})


def opened(visit: Visit, ticket: Ticket) -> Visit:
    assert visit.get(address(ticket)).status_code == 200
    return visit


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
    assert "Telepon Mitra" not in visit.text


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
        ("a" * 1501, "terlalu panjang"),
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


def test_taking_has_one_winner(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    sari = a_user(rt, Role.AGENT, teams=PAY)
    first, second = opened(signed_in(user=sari), ticket), opened(signed_in(teams=PAY), ticket)
    assert first.post(address(ticket, "/take")).status_code == 303
    assert second.post(address(ticket, "/take")).status_code == 409
    assert "sudah diambil orang lain" in second.text
    assert reload(rt, ticket).assignee_id == sari.id


def test_a_ticket_goes_to_a_colleague_and_never_to_one_complained_about(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    colleague, accused = a_user(rt, Role.AGENT, teams=PAY), a_user(rt, Role.AGENT, teams=PAY)
    name_subject(rt, ticket, accused.id)
    visit = opened(signed_in(teams=PAY), ticket)
    assert colleague.public_id in visit.page
    assert accused.public_id not in visit.page
    assert visit.post(address(ticket, "/assign"), assignee=accused.public_id).status_code == 422
    visit.send(address(ticket, "/assign"), assignee=colleague.public_id)
    assert reload(rt, ticket).assignee_id == colleague.id
    assert f"Petugas: – → {colleague.name}" in visit.text
    visit.send(address(ticket, "/assign"), assignee="")
    assert reload(rt, ticket).assignee_id is None


def test_a_ticket_given_to_another_team_leads_back_to_the_queue(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert visit.post(address(ticket, "/assign"), team="zebra").status_code == 422
    visit.send(address(ticket, "/assign"), team="digital")
    assert "Tiket ini sekarang di tim lain." in visit.text
    assert visit.get(address(ticket)).status_code == 404
    wanted = stored(
        rt, select(Team.code).join(Ticket, Ticket.team_id == Team.id).where(Ticket.id == ticket.id)
    )
    assert wanted == ["digital"]


def test_the_status_moves_where_it_may_and_resolving_has_its_own_page(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    for refused in ("resolved", "closed", "zebra", ""):
        assert visit.post(address(ticket, "/status"), status=refused).status_code == 422
    visit.send(address(ticket, "/status"), status="on_hold", reason="Menunggu bank")
    assert "Baru → Menunggu pihak lain. Alasan: Menunggu bank" in visit.text
    assert visit.post(address(ticket, "/status"), status="on_hold").status_code == 409
    assert reload(rt, ticket).status == "on_hold"


def test_a_corrected_category_changes_severity_and_team(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert visit.post(address(ticket, "/category"), category="ZEBRA").status_code == 422
    visit.send(address(ticket, "/category"), category="DIG-ERROR")
    assert reload(rt, ticket).category_code == "DIG-ERROR"
    assert "Kategori diubah: Aplikasi error/lambat" in visit.text
    assert "Tim Layanan Digital" in visit.text


def test_only_a_supervisor_overrides_the_severity_and_says_why(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    agent = opened(signed_in(teams=PAY), ticket)
    assert "Ubah tingkat" not in agent.text
    assert agent.post(address(ticket, "/severity"), impact="I4", urgency="U3", reason="x").status_code == 403
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert visit.post(address(ticket, "/severity"), impact="I4", urgency="U3", reason=" ").status_code == 422
    assert 'id="impact" name="impact" value="I4" checked' in visit.page
    assert visit.post(address(ticket, "/severity"), impact="I9", urgency="U3", reason="x").status_code == 422
    visit.send(address(ticket, "/severity"), impact="I4", urgency="U3", reason="Ada ancaman")
    assert reload(rt, ticket).severity == "S1"
    assert "Tingkat diubah: S2 → S1. Alasan: Ada ancaman" in visit.text
    assert "diubah oleh penyelia" in visit.text


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
    assert visit.post(address(other, f"/messages/{public_id}/again")).status_code == 409
    assert kinds(rt, ticket).count("send_again") == 1


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


JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


def with_file(
    rt: Runtime, media_type: str, kind: MediaKind, filename: str | None = None
) -> tuple[Ticket, Attachment]:
    """Return a ticket with one fetched file."""
    ticket = a_ticket(rt, "Ini buktinya angsuran", files=(AttachmentRef("ref", kind, media_type, filename),))
    key = rt.storage.put(JPEG)

    def keep(session: Session) -> Attachment:
        row = session.scalars(select(Attachment)).one()
        attachments.record_fetched(session, row.id, content=JPEG, storage_key=key, media_type=media_type)
        return row

    return ticket, rt.write(keep)


def test_a_photo_is_shown_and_nothing_in_it_runs(rt: Runtime, signed_in: SignIn) -> None:
    ticket, file = with_file(rt, "image/jpeg", MediaKind.PHOTO)
    visit = opened(signed_in(teams=PAY), ticket)
    assert f'<img class="img-thumbnail" src="/attachments/{file.public_id}"' in visit.page
    answer = visit.client.get(f"/attachments/{file.public_id}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, JPEG, "image/jpeg")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    part = visit.client.get(f"/attachments/{file.public_id}", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, JPEG[:4])


def test_a_document_is_downloaded_under_a_harmless_name(rt: Runtime, signed_in: SignIn) -> None:
    _ticket, file = with_file(rt, "application/pdf", MediaKind.DOCUMENT, '../"bukti\r\n<x>.pdf')
    answer = signed_in(teams=PAY).client.get(f"/attachments/{file.public_id}")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert not re.search(r'[\r\n<>/]|\.\."', disposition)


@pytest.mark.parametrize("state", ["pending", "failed"])
def test_a_file_that_is_not_there_has_a_place_with_words(rt: Runtime, signed_in: SignIn, state: str) -> None:
    ticket = a_ticket(rt, files=(AttachmentRef("ref", MediaKind.VOICE, "audio/ogg"),))
    file = stored(rt, select(Attachment))[0]
    if state == "failed":
        rt.write(
            lambda session: attachments.record_failed(
                session, file.id, code="gone", is_final=True, now=rt.now()
            )
        )
    visit = opened(signed_in(teams=PAY), ticket)
    assert {"pending": "sedang diambil", "failed": "tidak bisa diambil"}[state] in visit.text
    assert visit.client.get(f"/attachments/{file.public_id}").status_code == 404


def test_files_follow_the_visibility_of_their_ticket(rt: Runtime, signed_in: SignIn) -> None:
    ticket, file = with_file(rt, "audio/ogg", MediaKind.VOICE)
    assert "<audio" in opened(signed_in(teams=PAY), ticket).page
    assert signed_in(teams=("digital",)).client.get(f"/attachments/{file.public_id}").status_code == 404
    assert signed_in(Role.ADMIN).client.get(f"/attachments/{file.public_id}").status_code == 403
    assert signed_in(teams=PAY).client.get("/attachments/zebra").status_code == 404


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


def test_the_page_asks_the_database_as_often_for_a_long_conversation_as_for_a_short_one(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    visit = signed_in(Role.SUPERVISOR)
    counted: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counted.append(statement)

    def statements() -> int:
        counted.clear()
        opened(visit, ticket)
        return len([each for each in counted if each.startswith("SELECT")])

    event.listen(rt.engine, "before_cursor_execute", note)
    one = statements()
    for at in range(8):
        write_more(rt, f"Pesan ke {at}")
    assert statements() == one


def test_single_keys_are_offered_where_their_control_is(rt: Runtime, signed_in: SignIn) -> None:
    visit = opened(signed_in(Role.SUPERVISOR), a_ticket(rt))
    keys = set(re.findall(r'data-key="(.)"', visit.page))
    assert set("rniacvewdhu") <= keys
