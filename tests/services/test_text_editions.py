"""The lender's own texts: written by one, published by another, said and heard at once in every process."""

from collections.abc import Callable, Mapping

import pytest
from factories import NOW, make_user
from overlap import overlap
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import counted
from talk import decide, said
from talker import Talk
from text_office import publish_texts

from helpdesk.domain.errors import Conflict, Forbidden, HelpdeskError, InvalidInput, NotFound
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.wording import SHIPPED, Language, TextForm
from helpdesk.models.complaints import Rating
from helpdesk.models.people import Role
from helpdesk.models.texts import TextEdition, text_book
from helpdesk.models.tickets import AuditEntry
from helpdesk.queries import texts
from helpdesk.queries.texts import StepView
from helpdesk.runtime import Runtime
from helpdesk.services import delivery
from helpdesk.services import text_editions as editions

CHAT_ID = (TextForm.CHAT, Language.ID)
THANKS = "Terima kasih banyak, {sapaan}."


class Desk:
    """An author and the others, and what they do with the texts of a step as they see them."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.author, self.second, self.third = (
            rt.write(lambda session, role=role: make_user(session, role).id)
            for role in (Role.ADMIN, Role.COMPLIANCE, Role.ADMIN)
        )

    def view(self, step: str = "T13c") -> StepView:
        return self.rt.read(lambda session: texts.step_view(session, step))

    def save(self, text: str = THANKS, *, step: str = "T13c", who: int | None = None, seen: str = "") -> None:
        sign = seen or self.view(step).seen
        self.rt.write(
            lambda session: editions.save_draft(
                session,
                step,
                {CHAT_ID: text},
                seen=sign,
                author_id=who or self.author,
                actor="user:author",
                now=NOW,
            )
        )

    def submit(self, note: str = "Lebih ramah", *, step: str = "T13c", who: int | None = None) -> None:
        sign = self.view(step).seen
        self.rt.write(
            lambda session: editions.submit(
                session,
                step,
                note,
                seen=sign,
                author_id=who or self.author,
                has_read_advice=True,
                actor="user:author",
                now=NOW,
            )
        )

    def publishing(
        self, who: int, seen: str, *, step: str = "T13c", has_read: bool = True
    ) -> Callable[[Session], int]:
        return lambda session: editions.publish(
            session, step, seen=seen, user_id=who, has_read_advice=has_read, actor=f"user:{who}", now=NOW
        )

    def publish(self, who: int | None = None, *, step: str = "T13c", seen: str = "") -> int:
        return self.rt.write(self.publishing(who or self.second, seen or self.view(step).seen, step=step))

    def send_back(self, reason: str = "Kurang jelas", *, who: int | None = None) -> None:
        sign = self.view().seen
        self.rt.write(
            lambda session: editions.send_back(
                session, "T13c", reason, seen=sign, user_id=who or self.second, actor="user:second", now=NOW
            )
        )

    def discard(self) -> None:
        sign = self.view().seen
        self.rt.write(
            lambda session: editions.discard(
                session, "T13c", seen=sign, user_id=self.third, actor="user:third", now=NOW
            )
        )

    def published(self, text: str = THANKS, *, step: str = "T13c") -> int:
        """Let a text go all the way."""
        self.save(text, step=step)
        self.submit(step=step)
        return self.publish(step=step)


@pytest.fixture
def desk(rt: Runtime) -> Desk:
    return Desk(rt)


def entries(rt: Runtime) -> list[tuple[str, Mapping[str, object]]]:
    return rt.read(
        lambda session: [
            (row.kind, row.data)
            for row in session.scalars(select(AuditEntry).order_by(AuditEntry.serial))
            if row.kind.startswith("text_")
        ]
    )


def in_force(rt: Runtime, step: str = "T13c") -> str:
    return rt.read(lambda session: text_book(session, step).texts(step)[CHAT_ID])


def test_a_second_person_puts_a_text_in_force_and_its_history_is_kept(rt: Runtime, desk: Desk) -> None:
    shipped = in_force(rt)
    desk.save()
    assert in_force(rt) == shipped
    desk.submit()
    assert rt.read(lambda session: texts.waits_for(session, desk.second)) == 1
    assert rt.read(lambda session: texts.waits_for(session, desk.author)) == 0
    assert desk.publish() == 1
    assert in_force(rt) == THANKS
    assert desk.published("Terima kasih, {sapaan}. Sehat selalu.") == 2
    view = desk.view()
    assert [(row.version, row.note, row.is_as_shipped) for row in view.editions] == [
        (2, "Lebih ramah", False),
        (1, "Lebih ramah", False),
    ]
    assert all(row.author and row.decided_by and row.author != row.decided_by for row in view.editions)
    assert view.editions[1].texts[CHAT_ID] == THANKS
    kinds = [kind for kind, _ in entries(rt)]
    assert kinds == ["text_drafted", "text_submitted", "text_published"] * 2
    assert entries(rt)[2][1]["changes"] == [f"T13c chat id: {shipped} → {THANKS}"]


def test_the_shipped_text_comes_back_as_an_edition_of_its_own(rt: Runtime, desk: Desk) -> None:
    desk.published()
    assert desk.published(SHIPPED.texts("T13c")[CHAT_ID]) == 2
    assert in_force(rt) == SHIPPED.texts("T13c")[CHAT_ID]
    (row,) = [row for row in rt.read(texts.overview) if row.step == "T13c"]
    assert (row.version, row.is_own, row.draft_author) == (2, False, None)


def _changed_meanwhile(desk: Desk) -> None:
    desk.save()
    desk.submit()
    seen = desk.view().seen
    desk.save("Terima kasih, {sapaan}!")
    desk.submit()
    desk.publish(seen=seen)


def _sent_back(desk: Desk) -> None:
    desk.save()
    desk.submit()
    desk.send_back()
    desk.publish()


def _discarded(desk: Desk) -> None:
    desk.save()
    desk.submit()
    seen = desk.view().seen
    desk.discard()
    desk.publish(seen=seen)


def _by_author(desk: Desk) -> None:
    desk.save()
    desk.submit()
    desk.publish(desk.author)


def _not_submitted(desk: Desk) -> None:
    desk.save()
    desk.publish()


def _draft_of_another(desk: Desk) -> None:
    desk.save()
    desk.save("Halo, {sapaan}.", who=desk.third)


def _submitted_by_another(desk: Desk) -> None:
    desk.save()
    desk.submit(who=desk.third)


def _two_drafts_at_once(desk: Desk) -> None:
    seen = desk.view().seen
    desk.save(seen=seen)
    desk.save("Halo, {sapaan}.", seen=seen)


def _advice_unread(desk: Desk) -> None:
    desk.save("Pengaduan diberitahukan.")
    desk.submit()
    desk.rt.write(desk.publishing(desk.second, desk.view().seen, has_read=False))


def _same(desk: Desk) -> None:
    desk.save(SHIPPED.texts("T13c")[CHAT_ID])
    desk.submit()


def _fault(desk: Desk) -> None:
    desk.save("Kirim PIN Ibu.")
    desk.submit()


def _no_reason(desk: Desk) -> None:
    desk.save()
    desk.submit(" ")


REFUSED: dict[str, tuple[Callable[[Desk], None], type[HelpdeskError], str]] = {
    "author": (_by_author, Forbidden, ""),
    "not submitted": (_not_submitted, Conflict, "not_submitted"),
    "changed meanwhile": (_changed_meanwhile, Conflict, "draft_changed"),
    "sent back": (_sent_back, Conflict, "not_submitted"),
    "discarded": (_discarded, Conflict, "no_draft"),
    "draft of another": (_draft_of_another, Conflict, "draft_exists"),
    "submitted by another": (_submitted_by_another, Forbidden, ""),
    "two at once": (_two_drafts_at_once, Conflict, "draft_changed"),
    "advice": (_advice_unread, InvalidInput, "warnings_unread"),
    "nothing": (_same, InvalidInput, "no_change"),
    "fault": (_fault, InvalidInput, "text_faults"),
    "no reason": (_no_reason, InvalidInput, "required"),
    "no such step": (lambda desk: desk.save(step="T99"), NotFound, ""),
}


def test_what_was_not_seen_asked_for_and_sound_is_not_said(rt: Runtime, desk: Desk) -> None:
    for case, (act, error, code) in REFUSED.items():
        with pytest.raises(error) as refused:
            act(desk)
        assert not code or getattr(refused.value, "code", "") == code, case
        assert in_force(rt) == SHIPPED.texts("T13c")[CHAT_ID], case
        if desk.view().draft is not None:
            desk.discard()


def test_of_two_who_publish_at_once_one_wins(rt: Runtime, desk: Desk) -> None:
    desk.save()
    desk.submit()
    seen = desk.view().seen
    with pytest.raises(Conflict):
        overlap(rt, desk.publishing(desk.second, seen), desk.publishing(desk.third, seen))
    assert len(desk.view().editions) == 1


def test_of_two_who_begin_a_draft_at_once_one_wins(rt: Runtime, desk: Desk) -> None:
    seen = desk.view().seen

    def begin(who: int) -> Callable[[Session], None]:
        return lambda session: editions.save_draft(
            session, "T13c", {CHAT_ID: f"Halo {who}."}, seen=seen, author_id=who, actor="user:x", now=NOW
        )

    with pytest.raises(Conflict):
        overlap(rt, begin(desk.author), begin(desk.third))
    draft = desk.view().draft
    assert draft is not None
    assert draft.author_id == desk.author


def test_a_mitra_reads_the_own_text_and_is_heard_by_its_words(session: Session) -> None:
    own = {
        "T06": SHIPPED.texts("T06")[CHAT_ID].replace("Simpan pesan ini. ", ""),
        "T13": SHIPPED.texts("T13")[CHAT_ID].replace("Sangat puas", "Senang sekali"),
    }
    found = {step: {CHAT_ID: text} for step, text in own.items()}
    found["T02"] = {(TextForm.OPTIONS, Language.ID): "Ya\nTidak\nBicara petugas"}
    assert publish_texts(session, found, now=NOW) == ["T02", "T06", "T13"]
    talk = Talk(session, ChannelCode.WHATSAPP, Language.ID)
    assert talk.story()[0] == "T06"
    assert "Simpan pesan ini" not in said(session, talk.ticket.id)[0]
    due = delivery.claim_due(session, talk.channel, now=talk.now, limit=2)
    assert [option.label for option in due[1].message.options] == ["Ya", "Tidak", "Bicara petugas"]
    decide(session, talk.ticket, now=talk.now)
    [claimed] = delivery.claim_due(session, talk.channel, now=talk.now)
    delivery.record_sent(session, claimed.outbox_id, external_id="T11", now=talk.now)
    assert [option.label for option in claimed.message.options] == ["Sudah", "Belum"]
    assert talk.says("Sudah") == ["T13"]
    shipped = {"T13": {CHAT_ID: SHIPPED.texts("T13")[CHAT_ID]}}
    assert publish_texts(session, shipped, now=NOW) == ["T13"]
    assert talk.says("Senang sekali") == ["T13c"]  # in the words of the text that she was asked with
    assert session.get_one(Rating, talk.ticket.id).score == 5


def test_a_text_costs_one_statement_and_its_page_two(session: Session) -> None:
    with counted(session) as statements:
        text_book(session, "T13c")
    assert len(statements) == 1
    with counted(session) as statements:
        texts.overview(session)
    assert len(statements) == 1
    with counted(session) as statements:
        texts.step_view(session, "T13c")
    assert len(statements) == 2


def test_a_release_that_changes_a_text_under_our_own_is_told(rt: Runtime, desk: Desk) -> None:
    desk.published()
    assert rt.read(texts.changed_under) == []

    def change(session: Session) -> None:
        row = session.scalars(select(TextEdition)).one()
        chat = {**row.shipped["chat"], "en": "Thanks."}
        row.shipped = {**row.shipped, "chat": chat, "sms": {"id": "Makasih", "en": "Thanks"}}

    rt.write(change)
    assert rt.read(texts.changed_under) == ["T13c"]
    before = desk.view().shipped_before
    assert before is not None
    assert before[TextForm.CHAT, Language.EN] == "Thanks."
    desk.published("Terima kasih ya, {sapaan}.")  # looked through: written over the shipped text of now
    assert rt.read(texts.changed_under) == []


def test_a_file_is_proposed_whole_or_not_at_all_and_its_author_is_not_the_second(
    rt: Runtime, desk: Desk
) -> None:
    def propose(found: dict[str, dict[tuple[TextForm, Language], str]], note: str = "Berkas") -> list[str]:
        return rt.write(
            lambda session: editions.propose_all(
                session, found, note, author_id=desk.author, actor="cli", now=NOW
            )
        )

    for faulty in (
        {"T13c": {CHAT_ID: THANKS}, "T19": {CHAT_ID: "Kirim PIN Ibu."}},
        {"T13c": {CHAT_ID: THANKS}},
    ):
        with pytest.raises(InvalidInput):
            propose(faulty, note="" if "T19" not in faulty else "Berkas")
    assert desk.view().draft is None
    assert propose({"T13c": {CHAT_ID: THANKS}, "T19": dict(SHIPPED.texts("T19"))}) == ["T13c"]
    assert in_force(rt) == SHIPPED.texts("T13c")[CHAT_ID]
    with pytest.raises(Forbidden):
        desk.publish(desk.author)
    with pytest.raises(Conflict):
        propose({"T13c": {CHAT_ID: "Terima kasih lagi, {sapaan}."}})  # a draft waits
    desk.publish(desk.second)
    assert in_force(rt) == THANKS
    assert propose({"T13c": {CHAT_ID: THANKS}}) == []  # nothing is left to change
