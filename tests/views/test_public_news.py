"""News of a complaint: opened with number and code, without the story; what she adds, says and rates there."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from mitra_visits import STORY, file_complaint
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from ticket_stories import tickets
from visits import Visit, stored

from helpdesk.domain.complaints import Disposition, ResolutionDraft
from helpdesk.domain.lifecycle import ACTIVE_STATUSES, TicketStatus
from helpdesk.models.complaints import Rating
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.runtime import Runtime
from helpdesk.services import complaints, merging
from helpdesk.views import public_status
from helpdesk.views.public_status import DIGITS_PER_HOUR


def look_up(visit: Visit, number: str, code: str = "7890") -> int:
    visit.get("/lapor/status")
    return visit.send("/lapor/status", number=number, code=code).status_code


def resolve(rt: Runtime, answer: str = "Bayaran Ibu sudah kami catat.") -> None:
    """Answer the only complaint that is worked on."""
    [ticket] = (ticket for ticket in tickets(rt) if ticket.status in ACTIVE_STATUSES)
    draft = ResolutionDraft(
        disposition=Disposition.NOT_UPHELD,
        root_cause="MANUSIA-CATAT",
        summary="Dicatat.",
        answer=answer,
        redress=(),
    )
    rt.write(
        lambda session: complaints.resolve(
            session, ticket.id, draft, author_id=None, actor="system", lender=rt.lender, now=rt.now()
        )
    )


def test_without_a_phone_a_kode_kabar_opens_the_news(visit: Visit) -> None:
    number = file_complaint(visit, phone="")
    code = re.search(r"Kode kabar: ([A-Z0-9]{7})", visit.text)
    assert code
    visit.get("/lapor/status")
    visit.send("/lapor/status", number=number, code=f"{code[1][:3].lower()} {code[1][3:]}")
    assert f"Kabar pengaduan {number}" in visit.text


def test_number_and_last_digits_open_the_news_without_the_story(app: Flask, visit: Visit) -> None:
    number = file_complaint(visit)
    other = Visit(app)
    assert look_up(other, number.replace("-", " ")) == 200
    assert "Diterima" in other.text
    assert re.search(r"Janji selesai \w+, \d+ \w+, jam", other.text)
    assert STORY not in other.text
    assert "Siti" not in other.text


def test_a_wrong_number_and_wrong_digits_are_answered_alike(app: Flask, visit: Visit) -> None:
    number = file_complaint(visit)

    def said(number: str, code: str) -> tuple[int, str]:
        other = Visit(app)
        status = look_up(other, number, code)
        return status, re.sub(r'value="[^"]*"', "", other.page)

    assert said(number, "1111") == said("1234-5678", "1111") == said("99", "7890")
    assert said(number, "1111")[0] == 422


def test_guessing_digits_is_stopped_and_the_right_ones_must_wait_too(app: Flask, visit: Visit) -> None:
    number = file_complaint(visit)
    guesser = Visit(app)
    wrong = [look_up(guesser, number, f"{guess:04}") for guess in range(DIGITS_PER_HOUR + 2)]
    assert wrong == [422] * DIGITS_PER_HOUR + [429, 429]
    assert look_up(guesser, number, "7890") == 429
    assert look_up(guesser, f"{number}{' ' * 40}1", "7890") == 429


def test_of_many_guesses_at_once_no_more_are_compared(app: Flask, visit: Visit) -> None:
    number = file_complaint(visit)
    guesses = [*(f"{guess:04}" for guess in range(DIGITS_PER_HOUR + 4)), *["7890"] * 4]
    with ThreadPoolExecutor(len(guesses)) as threads:
        answers = Counter(threads.map(lambda guess: look_up(Visit(app), number, guess), guesses))
    assert answers[422] <= DIGITS_PER_HOUR
    assert answers.total() == answers[200] + answers[422] + answers[429]
    assert look_up(Visit(app), number, "7890") == 429


def test_right_digits_are_never_too_many_and_give_a_guesser_no_further_try(app: Flask, visit: Visit) -> None:
    number = file_complaint(visit)
    for guess in range(DIGITS_PER_HOUR - 1):
        look_up(Visit(app), number, f"{guess:04}")
    assert [look_up(Visit(app), number) for _ in range(3)] == [200] * 3
    assert [look_up(Visit(app), number, "1111") for _ in range(2)] == [422, 429]


@pytest.mark.parametrize("guess", ["1111", "aaa1111", "ABC-DEFG"])
def test_who_wears_the_digits_out_does_not_lock_out_the_kode_kabar(
    app: Flask, visit: Visit, guess: str
) -> None:
    number = file_complaint(visit, phone="")
    code = re.search(r"Kode kabar: (\w{7})", visit.text)
    assert code
    guesser = Visit(app)
    assert {look_up(guesser, number, guess) for _ in range(DIGITS_PER_HOUR + 2)} <= {422, 429}
    assert look_up(Visit(app), number, code[1]) == 200


def test_digits_behind_letters_are_no_way_around_the_limit(app: Flask, visit: Visit) -> None:
    number = file_complaint(visit)
    guesses = ["KKK3333", "aaa7890", "a7890"]
    assert look_up(Visit(app), number, guesses[0]) == 422
    for _ in range(DIGITS_PER_HOUR):
        look_up(Visit(app), number, "1111")
    assert [look_up(Visit(app), number, guess) for guess in guesses] == [422, 429, 429]


def test_the_look_up_needs_both_fields(visit: Visit) -> None:
    visit.get("/lapor/status")
    assert visit.send("/lapor/status", number="", code="").status_code == 422
    assert 'href="#number"' in visit.page
    assert 'href="#code"' in visit.page


def test_she_adds_to_her_story(rt: Runtime, visit: Visit) -> None:
    look_up(visit, file_complaint(visit))
    visit.send("/lapor/status/tambah", story="Petugasnya datang lagi kemarin")
    assert "Cerita Ibu sudah kami terima" in visit.text
    assert visit.send("/lapor/status/tambah", story="  ").status_code == 422
    assert stored(rt, select(Message.body).order_by(Message.id)) == [
        STORY,
        "Petugasnya datang lagi kemarin",
    ]


def test_a_second_press_adds_her_words_once_and_other_words_are_added(rt: Runtime, visit: Visit) -> None:
    look_up(visit, file_complaint(visit))
    key = visit.hidden("key")
    for words in (
        "Datang lagi",
        "Datang lagi",
        "Dia memaki saya",
    ):  # gone back for the last ones: the same page
        assert visit.post("/lapor/status/tambah", story=words, key=key).status_code == 303
    visit.get("/lapor/status/kabar")
    visit.post("/lapor/status/tambah", story="Datang lagi", key=visit.hidden("key"))  # on another day, say
    added = stored(rt, select(Message.body).order_by(Message.id))[1:]
    assert added == ["Datang lagi", "Dia memaki saya", "Datang lagi"]


@pytest.mark.parametrize(
    ("solved", "status"),
    [
        pytest.param("yes", TicketStatus.CLOSED, id="solved"),
        pytest.param("no", TicketStatus.OPEN, id="not yet"),
    ],
)
def test_she_says_whether_our_answer_solves_it(
    rt: Runtime, visit: Visit, solved: str, status: TicketStatus
) -> None:
    number = file_complaint(visit)
    resolve(rt)
    look_up(visit, number)
    assert "Apakah masalah Ibu sudah selesai?" in visit.text
    assert "Bayaran Ibu sudah kami catat" not in visit.text
    visit.send("/lapor/status/jawab", solved=solved, comment="")
    assert [ticket.status for ticket in tickets(rt)] == [status]


def test_the_holder_of_a_kode_kabar_reads_our_answer_and_rates_us(rt: Runtime, visit: Visit) -> None:
    number = file_complaint(visit, phone="")
    code = re.search(r"Kode kabar: (\w{7})", visit.text)
    assert code
    resolve(rt)
    look_up(visit, number, code[1])
    assert "Bayaran Ibu sudah kami catat." in visit.text
    visit.send("/lapor/status/jawab", solved="yes")
    assert visit.send("/lapor/status/nilai").status_code == 422
    visit.send("/lapor/status/nilai", score="5")
    assert "Terima kasih atas nilai" in visit.text


@pytest.mark.parametrize("is_about_staff", [False, True])
def test_the_slip_of_a_merged_complaint_opens_no_answer_in_a_matter_about_staff(
    rt: Runtime, visit: Visit, is_about_staff: bool
) -> None:
    """A BP who registered the one for her may have kept its slip, and be whom the other is about."""
    number = file_complaint(visit, phone="")
    code = re.search(r"Kode kabar: (\w{7})", visit.text)
    assert code
    file_complaint(visit, phone="")

    def merge(session: Session) -> None:
        slip, matter = session.scalars(select(Ticket).order_by(Ticket.id))
        matter.contact_id, matter.is_about_staff = slip.contact_id, is_about_staff
        merging.merge(session, slip.id, target_id=matter.id, actor="user:x", now=rt.now())

    rt.write(merge)
    resolve(rt)
    look_up(visit, number, code[1])
    assert ("Bayaran Ibu sudah kami catat." in visit.text) is not is_about_staff
    assert f"Kabar pengaduan {number}" in visit.text


def test_a_look_up_is_forgotten_when_it_is_closed(visit: Visit) -> None:
    look_up(visit, file_complaint(visit))
    visit.send("/lapor/status/tutup")
    assert visit.get("/lapor/status/kabar").headers["Location"] == "/lapor/status"


def test_news_of_an_unread_ticket_stand_at_received(rt: Runtime, visit: Visit) -> None:
    number = file_complaint(visit)
    look_up(visit, number)
    assert re.search(r'class="kh-now" aria-current="step".*?Diterima', visit.page)
    rt.write(lambda session: session.execute(update(Ticket).values(last_human_at=rt.now())))
    look_up(visit, number)
    assert re.search(r'class="kh-now" aria-current="step">(?:(?!</li>).)*Dibaca', visit.page)
    assert "Dibaca petugas" in visit.text
    rt.write(lambda session: session.execute(update(Ticket).values(status=TicketStatus.OPEN)))
    look_up(visit, number)
    assert re.search(r'class="kh-now" aria-current="step">(?:(?!</li>).)*Dikerjakan', visit.page)


@pytest.mark.parametrize("solved", ["yes", "no"], ids=["closed", "opened again"])
def test_a_rating_above_the_limit_is_refused_in_her_words(
    rt: Runtime, visit: Visit, monkeypatch: pytest.MonkeyPatch, solved: str
) -> None:
    number = file_complaint(visit)
    resolve(rt)
    look_up(visit, number)
    visit.send("/lapor/status/jawab", solved=solved)
    monkeypatch.setattr(public_status, "WORDS_PER_HOUR", 1)
    assert visit.send("/lapor/status/nilai", score="5").status_code == 422
    assert f"Kabar pengaduan {number}" in visit.text
    assert "Terlalu banyak kiriman" in visit.text
    assert stored(rt, select(Rating)) == []
