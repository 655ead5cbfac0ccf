"""The outcome page: all missing facts at once, every word kept, and the answer sent once."""

import re
from datetime import timedelta

import pytest
from factories import make_ticket
from sqlalchemy import select, update
from ticket_stories import PAY, SignIn, a_ticket, bodies, kinds, reload, write_more
from visits import Visit, stored
from werkzeug.test import TestResponse

from helpdesk.domain.lifecycle import TicketKind
from helpdesk.models.complaints import Redress, Resolution
from helpdesk.models.people import Role
from helpdesk.models.sla import SlaClockRow
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime

FACTS = {
    "disposition": "upheld",
    "root_cause": "SISTEM-POSTING",
    "redress_kind_1": "refund",
    "redress_amount_1": "Rp150.000",
    "redress_kind_2": "apology",
    "answer": "Ibu benar. Uang Rp150.000 kami kembalikan besok.",
    "summary": "VA terlambat masuk",
}


def opened(visit: Visit, ticket: Ticket) -> Visit:
    assert visit.get(f"/tickets/{ticket.number}/resolve").status_code == 200
    return visit


def send(visit: Visit, ticket: Ticket, **changes: str) -> TestResponse:
    """Send the form of the open page."""
    hidden = {"key": visit.hidden("key"), "seen_message_id": visit.hidden("seen_message_id")}
    return visit.post(f"/tickets/{ticket.number}/resolve", **(FACTS | hidden | changes))


def test_the_outcome_is_recorded_and_the_answer_sent(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    answer = send(visit, ticket)
    assert answer.status_code == 303
    visit.get(answer.headers["Location"])
    assert "Selesai. Jawaban sedang dikirim." in visit.text
    assert "Putusan: Diterima" in visit.text
    assert "Pengembalian uang Rp150.000" in visit.text
    (told,) = bodies(rt, ticket, purpose="answer")
    assert FACTS["answer"] in told
    assert told.endswith("sudah selesai? Balas *1* kalau sudah, *2* kalau belum.")
    assert reload(rt, ticket).status == "resolved"
    assert [(row.kind, row.amount) for row in stored(rt, select(Redress).order_by(Redress.id))] == [
        ("refund", 150_000),
        ("apology", None),
    ]
    assert "Balas ke Mitra" not in visit.text, "an answered ticket is opened again first"


def test_the_last_words_are_those_that_tell_something(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt, "Angsuran saya dobel")
    place = {"latitude": "-6.2", "longitude": "106.8", "place": "Pasar Wage"}
    write_more(rt, "", facts=place)
    for command in ("STATUS", "2", "ya bu", "STOP"):
        write_more(rt, command)
    visit = opened(signed_in(teams=PAY), ticket)
    said = re.findall(r'<div class="kh-body">(.*?)</div>', visit.page)
    assert said == ["Angsuran saya dobel"]
    assert "Lokasi: Pasar Wage" in visit.text


def test_everything_that_is_missing_is_listed_once_with_links(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    nothing = dict.fromkeys(FACTS, "") | {"summary": "Catatan saya"}
    assert send(visit, ticket, **nothing).status_code == 422
    for field, text in (
        ("disposition", "Pilih putusan."),
        ("root_cause", "Pilih sebab."),
        ("answer", "Tulis jawaban untuk Mitra."),
    ):
        assert f'<a href="#{field}">{text}</a>' in visit.page
        assert f'id="{field}"' in visit.page
    assert "Catatan saya</textarea>" in visit.page
    assert "<title>Salah: " in visit.page
    assert stored(rt, select(Resolution)) == []


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"redress_kind_1": "", "redress_kind_2": ""}, "redress_kind_1", "Pilih apa yang diberikan"),
        ({"redress_amount_1": ""}, "redress_amount_1", "Tulis jumlah uang"),
        ({"redress_amount_1": "banyak"}, "redress_amount_1", "Tulis jumlah uang"),
        ({"root_cause": "ZEBRA"}, "root_cause", "Pilih sebab dari daftar"),
        ({"answer": "Tolong kirim OTP Ibu"}, "answer", "Jangan minta PIN"),
        ({"answer": "Halo {nama}"}, "answer", "kosong"),
    ],
    ids=["no redress", "no amount", "amount in words", "unknown cause", "asks for a secret", "placeholder"],
)
def test_a_wrong_fact_is_told_at_its_field_and_the_rest_is_kept(
    rt: Runtime, signed_in: SignIn, changes: dict[str, str], field: str, text: str
) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert send(visit, ticket, **changes).status_code == 422
    assert f'<a href="#{field}">' in visit.page
    assert text in visit.text
    assert 'id="disposition" name="disposition" value="upheld" checked' in visit.page
    assert "VA terlambat masuk</textarea>" in visit.page
    assert bodies(rt, ticket, purpose="answer") == []


def run_out(rt: Runtime, ticket: Ticket) -> None:
    """Let the promise of a first answer run out an hour ago."""
    due = update(SlaClockRow).where(
        SlaClockRow.ticket_id == ticket.id, SlaClockRow.metric == "first_response"
    )
    rt.write(lambda session: session.execute(due.values(due_at=rt.now() - timedelta(hours=1))))


def test_the_form_asks_why_only_where_a_promise_was_broken(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert "Kenapa terlambat?" not in visit.text
    run_out(rt, ticket)
    opened(visit, ticket)
    assert "Kenapa terlambat? Janji yang terlewat: Balas pertama." in visit.text


def test_a_late_outcome_is_kept_with_its_reason(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    run_out(rt, ticket)
    visit = opened(signed_in(teams=PAY), ticket)
    for given, field, text in (
        ({}, "late_reason", "Pilih kenapa terlambat."),
        ({"late_reason": "other"}, "late_note", "Tulis kenapa terlambat."),
        ({"late_reason": "cuaca"}, "late_reason", "Pilih alasan dari daftar."),
    ):
        assert send(visit, ticket, **given).status_code == 422
        assert f'<a href="#{field}">{text}</a>' in visit.page
        assert f'id="{field}"' in visit.page
    answer = send(visit, ticket, late_reason="other", late_note="Listrik padam")
    assert answer.status_code == 303
    visit.get(answer.headers["Location"])
    assert "Terlambat karena Lainnya: Listrik padam" in visit.text
    assert "Sebab: Pembayaran terlambat masuk. Terlambat karena: Lainnya" in visit.text


def test_a_promise_that_runs_out_while_the_form_is_open_is_asked_for_then(
    rt: Runtime, signed_in: SignIn
) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    run_out(rt, ticket)
    assert send(visit, ticket).status_code == 422
    assert "Kenapa terlambat?" in visit.text
    assert send(visit, ticket, late_reason="overload").status_code == 303


def test_the_same_form_sent_twice_answers_once(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert [send(visit, ticket).status_code for _ in range(2)] == [303, 303]
    assert len(bodies(rt, ticket, purpose="answer")) == 1
    assert len(stored(rt, select(Resolution))) == 1


def test_a_newer_message_is_read_first(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    write_more(rt, "Sudah masuk Bu, terima kasih banyak")
    assert send(visit, ticket).status_code == 409
    assert "Ada 1 pesan baru. Baca dulu." in visit.text
    assert f"{FACTS['answer']}</textarea>" in visit.page
    assert "Sudah masuk Bu" in visit.text
    assert stored(rt, select(Resolution)) == []
    assert send(visit, ticket).status_code == 303


def test_a_withdrawn_complaint_closes_without_cause_and_answer(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    nothing = dict.fromkeys(FACTS, "") | {"disposition": "withdrawn"}
    assert send(visit, ticket, **nothing).status_code == 303
    assert reload(rt, ticket).status == "closed"
    assert stored(rt, select(Resolution))[0].root_cause == "NIHIL-NILAI"


def test_an_enquiry_needs_only_its_answer(rt: Runtime, signed_in: SignIn) -> None:
    ticket = rt.write(lambda session: make_ticket(session, kind=TicketKind.ENQUIRY))
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert "Putusan" not in visit.text
    only = dict.fromkeys(FACTS, "")
    assert send(visit, ticket, **only).status_code == 422
    assert send(visit, ticket, **(only | {"answer": "Kantor buka jam 8."})).status_code == 303
    assert reload(rt, ticket).status == "resolved"


def test_a_complaint_about_conduct_is_never_out_of_scope(rt: Runtime, signed_in: SignIn) -> None:
    ticket = rt.write(lambda session: make_ticket(session, category_code="PNG-KASAR"))
    visit = opened(signed_in(Role.SUPERVISOR), ticket)
    assert 'value="out_of_scope"' not in visit.page
    assert send(visit, ticket, disposition="out_of_scope").status_code == 422
    assert "wajib diperiksa" in visit.text


def test_an_answered_ticket_is_opened_again_and_answered_anew(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    send(visit, ticket)
    assert visit.get(f"/tickets/{ticket.number}/resolve").status_code == 303
    visit.get(f"/tickets/{ticket.number}")
    visit.send(f"/tickets/{ticket.number}/status", status="open", reason="Mitra menelepon")
    assert "Dibuka lagi 1×" in visit.text
    assert "sla_restarted" in kinds(rt, ticket)
    opened(visit, ticket)
    assert send(visit, ticket).status_code == 303
    assert len(stored(rt, select(Resolution))) == 2


def test_who_may_not_resolve_has_no_page_for_it(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    assert signed_in(Role.AUDITOR).get(f"/tickets/{ticket.number}/resolve").status_code == 403
    assert signed_in(teams=("digital",)).get(f"/tickets/{ticket.number}/resolve").status_code == 404


def test_typed_markup_comes_back_as_text(rt: Runtime, signed_in: SignIn) -> None:
    ticket = a_ticket(rt)
    visit = opened(signed_in(teams=PAY), ticket)
    assert (
        send(visit, ticket, answer="</textarea><script>alert(1)</script>", disposition="").status_code == 422
    )
    assert "<script>alert" not in visit.page
