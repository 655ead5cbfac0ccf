"""Notices to staff besides the application: by a real mail server and by the real channel adapters."""

import pytest
from channels.fake_provider import Answer, FakeProvider
from installing import settings_for
from notice_samples import EMAIL, PHONE, Case, a_case, a_case_of_another, at, next_try, on_the_way, sweep, wib
from post_office import PostOffice
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk import outbox
from helpdesk.channels import build_channels
from helpdesk.domain.delivery import NoticeWay
from helpdesk.domain.severity import Severity
from helpdesk.models.people import Notification, User
from helpdesk.models.tickets import Ticket, TicketSubject
from helpdesk.queries.operations import notice_deliveries
from helpdesk.runtime import Runtime
from helpdesk.services import acknowledgements
from helpdesk.services.delivery import RETRY_AFTER
from helpdesk.services.escalations import notify
from helpdesk.services.notices import mark_read
from helpdesk.sla.escalation import Level


def test_an_escalation_arrives_by_mail_with_no_more_than_is_needed(rt: Runtime, mail: PostOffice) -> None:
    case = a_case(rt, subject="Petugas Budi menarik paksa motor saya", is_about_staff=True)
    sweep(rt)
    assert outbox.send_notices(rt, EMAIL) == 1
    (letter,) = mail.taken
    text = letter.get_content().replace("\r\n", "\n")
    assert letter["To"] == "rina@contoh.id"
    assert letter["Subject"] == f"[Amanah] Eskalasi L2: tiket {case.number} (S2)"
    assert text == (
        f"Amanah: Eskalasi, tiket {case.number} (S2)\n"
        "Jenjang: L2, manajer area\n"
        "Batas waktu: Senin, 23 November, jam 16.00 WITA\n"
        "Tanggapi sampai Senin, 23 November, jam 16.00 WITA; kalau tidak, jenjang berikutnya diberi tahu.\n"
        "http://127.0.0.1:8000/notices\n\n-- \n\n"
        f"Amanah: Escalation, ticket {case.number} (S2)\n"
        "Level: L2, area manager\n"
        "Time limit: Monday 23 November, 4.00 pm WITA\n"
        "Please say by Monday 23 November, 4.00 pm WITA that you have it; otherwise the next level is told.\n"
        "http://127.0.0.1:8000/notices\n"
    )
    assert on_the_way(rt) == [("email", "sent", None, 1)]
    assert outbox.send_notices(rt, EMAIL) == 0


def test_the_phone_is_reached_by_the_channels_of_the_mitra(rt: Runtime) -> None:
    provider = FakeProvider()
    provider.will_answer(*(Answer.of_json(201, {"sid": f"SM{n}"}) for n in range(2)))
    settings = settings_for(
        rt.settings.database_url,
        rt.settings.storage_dir.parent,
        twilio_account_sid="AC1",
        twilio_auth_token="geheim",
        twilio_whatsapp_from="+622150001000",
        twilio_sms_from="+15005550006",
        twilio_api_base=provider.address,
    )
    rt.channels = build_channels(settings)
    try:
        case = a_case(rt, NoticeWay.WHATSAPP, NoticeWay.SMS)
        sweep(rt)
        assert [outbox.send_notices(rt, way) for way in NoticeWay] == [0, 1, 1]
    finally:
        provider.close()
    whatsapp, sms = (each.form for each in provider.seen)
    assert (whatsapp["To"], sms["To"]) == ([f"whatsapp:{PHONE}"], [PHONE])
    assert whatsapp["Body"][0].startswith(f"Amanah: Eskalasi, tiket {case.number} (S2)\nJenjang: L2")
    text = sms["Body"][0]
    assert text == (
        f"Amanah: Eskalasi L2 tiket {case.number} (S2), tanggapi 23 Nov 16.00 WITA. "
        "http://127.0.0.1:8000/notices"
    )
    assert len(text) <= 160
    assert "StatusCallback" not in sms  # a report would name no message of ours


def test_who_has_chosen_nothing_reads_it_in_the_application_alone(rt: Runtime) -> None:
    case = a_case(rt)
    rt.write(lambda session: setattr(session.get_one(User, case.manager.id), "notify_via", []))
    sweep(rt)
    assert on_the_way(rt) == []
    told = select(Notification.kind).where(Notification.user_id == case.manager.id)
    assert rt.read(lambda session: session.scalars(told).all()) == ["escalated"]


def test_warnings_stay_in_the_application(rt: Runtime) -> None:
    case = a_case(rt)
    rt.write(
        lambda session: notify(
            session, session.get_one(Ticket, case.ticket.id), Level.L2, "sla_warning", at=rt.now()
        )
    )
    assert on_the_way(rt) == []


def test_in_the_night_a_mail_waits_and_the_application_tells_at_once(rt: Runtime, mail: PostOffice) -> None:
    at(rt, "2026-11-23", "20:30")  # 21.30 in Makassar
    case = a_case(rt)
    sweep(rt)
    told = select(Notification.created_at).where(Notification.user_id == case.manager.id)
    assert rt.read(lambda session: session.scalars(told).all()) == [rt.now()]
    assert outbox.send_notices(rt, EMAIL) == 0
    at(rt, "2026-11-24", "04:59")
    assert outbox.send_notices(rt, EMAIL) == 0
    at(rt, "2026-11-24", "05:00")  # six there
    assert outbox.send_notices(rt, EMAIL) == 1


def test_the_gravest_goes_out_in_the_night(rt: Runtime, mail: PostOffice) -> None:
    at(rt, "2026-11-23", "23:00")
    case = a_case(rt, severity=Severity.S1)
    rt.write(
        lambda session: notify(
            session, session.get_one(Ticket, case.ticket.id), Level.L2, "escalated", at=rt.now()
        )
    )
    assert outbox.send_notices(rt, EMAIL) == 1


def test_a_sender_that_was_away_keeps_the_quiet_hours(rt: Runtime, mail: PostOffice) -> None:
    at(rt, "2026-11-23", "19:30")  # 20.30 in Makassar
    a_case(rt)
    sweep(rt)
    at(rt, "2026-11-23", "22:00")
    assert outbox.send_notices(rt, EMAIL) == 0
    assert on_the_way(rt) == [("email", "queued", None, 0)]
    assert next_try(rt) == wib("2026-11-24", "05:00")
    at(rt, "2026-11-24", "05:00")
    assert outbox.send_notices(rt, EMAIL) == 1


def test_another_try_keeps_the_quiet_hours_too(rt: Runtime, mail: PostOffice) -> None:
    at(rt, "2026-11-23", "19:59")  # 20.59 in Makassar
    a_case(rt)
    sweep(rt)
    mail.says["MAIL"] = "451 later"
    assert outbox.send_notices(rt, EMAIL) == 0
    mail.says["MAIL"] = "250 OK"
    at(rt, "2026-11-23", "20:10")
    assert outbox.send_notices(rt, EMAIL) == 0
    assert next_try(rt) == wib("2026-11-24", "05:00")
    at(rt, "2026-11-24", "05:00")
    assert outbox.send_notices(rt, EMAIL) == 1
    assert on_the_way(rt) == [("email", "sent", None, 2)]


def test_what_becomes_of_the_gravest_waits_no_longer(rt: Runtime, mail: PostOffice) -> None:
    at(rt, "2026-11-23", "22:00")
    case = a_case(rt)
    sweep(rt)
    assert outbox.send_notices(rt, EMAIL) == 0
    rt.write(lambda session: setattr(session.get_one(Ticket, case.ticket.id), "severity", Severity.S1))
    assert outbox.send_notices(rt, EMAIL) == 1


def tell(rt: Runtime, case: Case, level: Level, kind: str = "escalated") -> None:
    rt.write(
        lambda session: notify(session, session.get_one(Ticket, case.ticket.id), level, kind, at=rt.now())
    )


def test_what_one_pass_tells_a_person_of_a_ticket_is_one_mail(rt: Runtime, mail: PostOffice) -> None:
    """Nobody stands above her in this world: every level is told to her."""
    case = a_case(rt)
    for level, kind in ((Level.L2, "sla_breached"), (Level.L4, "escalated"), (Level.L3, "escalated")):
        tell(rt, case, level, kind)
    assert outbox.send_notices(rt, EMAIL) == 1
    (letter,) = mail.taken
    assert letter["Subject"] == f"[Amanah] Eskalasi L4: tiket {case.number} (S2), dan 2 lagi"
    text = letter.get_content().replace("\r\n", "\n")
    assert "Dan 2 pemberitahuan lagi tentang tiket ini.\n" in text
    assert "And 2 more notices about this ticket.\n" in text
    kept = select(Notification.id).where(Notification.user_id == case.manager.id)
    assert len(rt.read(lambda session: session.scalars(kept).all())) == 3


def test_what_a_night_tells_of_a_ticket_is_one_mail_in_the_morning(rt: Runtime, mail: PostOffice) -> None:
    case = a_case(rt)
    for hour in ("21:00", "23:00"):
        at(rt, "2026-11-23", hour)
        tell(rt, case, Level.L2)
        assert outbox.send_notices(rt, EMAIL) == 0
    at(rt, "2026-11-24", "05:00")
    assert outbox.send_notices(rt, EMAIL) == 1


def test_what_was_read_of_a_mail_for_several_is_left_out(rt: Runtime, mail: PostOffice) -> None:
    case = a_case(rt)
    tell(rt, case, Level.L3)
    tell(rt, case, Level.L2)
    first = select(Notification.id).where(Notification.user_id == case.manager.id).order_by(Notification.id)
    rt.write(lambda session: mark_read(session, case.manager.id, [session.scalar(first) or 0], now=rt.now()))
    assert outbox.send_notices(rt, EMAIL) == 1
    assert mail.taken[0]["Subject"] == f"[Amanah] Eskalasi L2: tiket {case.number} (S2)"


def test_after_one_mail_has_gone_the_next_notice_is_another(rt: Runtime, mail: PostOffice) -> None:
    case = a_case(rt)
    tell(rt, case, Level.L2)
    assert outbox.send_notices(rt, EMAIL) == 1
    tell(rt, case, Level.L3)
    assert outbox.send_notices(rt, EMAIL) == 1
    assert [letter["Subject"] for letter in mail.taken] == [
        f"[Amanah] Eskalasi L2: tiket {case.number} (S2)",
        f"[Amanah] Eskalasi L3: tiket {case.number} (S2)",
    ]


def test_a_notice_joins_no_older_one_that_is_tried_again_after_a_newer_has_gone(
    rt: Runtime, mail: PostOffice
) -> None:
    case = a_case(rt)
    tell(rt, case, Level.L2)
    mail.says["MAIL"] = "451 later"
    assert outbox.send_notices(rt, EMAIL) == 0
    mail.says["MAIL"] = "250 OK"
    tell(rt, case, Level.L3)
    assert outbox.send_notices(rt, EMAIL) == 1
    later = rt.now() + RETRY_AFTER[0]
    rt.now = lambda: later
    tell(rt, case, Level.L4)
    assert outbox.send_notices(rt, EMAIL) == 2
    assert [str(letter["Subject"])[18:20] for letter in mail.taken] == ["L3", "L2", "L4"]


def test_other_tickets_and_other_people_have_mails_of_their_own(rt: Runtime, mail: PostOffice) -> None:
    first, second = a_case(rt), a_case_of_another(rt)
    tell(rt, first, Level.L2)
    tell(rt, second, Level.L2)
    assert outbox.send_notices(rt, EMAIL) == 2


def become_subject(session: Session, case: Case) -> None:
    session.add(TicketSubject(ticket_id=case.ticket.id, user_id=case.manager.id))


def leave(session: Session, case: Case) -> None:
    session.get_one(User, case.manager.id).disabled_at = case.ticket.received_at


def answer(session: Session, case: Case) -> None:
    acknowledgements.acknowledge(
        session,
        case.ticket.id,
        user_id=case.manager.id,
        actor=f"user:{case.manager.public_id}",
        now=wib("2026-11-24", "01:00"),
    )


@pytest.mark.parametrize(
    ("happens", "reason"), [(become_subject, "barred"), (leave, "disabled"), (answer, "read")]
)
def test_what_is_not_hers_to_know_or_to_do_in_the_morning_is_not_sent(
    rt: Runtime, mail: PostOffice, happens: object, reason: str
) -> None:
    at(rt, "2026-11-23", "22:00")
    case = a_case(rt)
    sweep(rt)
    rt.write(lambda session: happens(session, case))  # type: ignore[operator]
    at(rt, "2026-11-24", "06:00")
    assert outbox.send_notices(rt, EMAIL) == 0
    assert mail.taken == []
    assert on_the_way(rt) == [("email", "skipped", reason, 1)]
    assert rt.read(notice_deliveries) == ()
