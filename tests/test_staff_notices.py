"""Notices to staff besides the application: by a real mail server and by the real channel adapters."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from channels.fake_provider import Answer, FakeProvider
from factories import make_ladder, make_team, make_ticket, make_user
from installing import settings_for
from post_office import Line, PostOffice, free_port, opened
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk import jobs, outbox
from helpdesk.channels import build_channels
from helpdesk.domain.delivery import NoticeStatus, NoticeWay
from helpdesk.domain.numbers import format_number
from helpdesk.domain.severity import Severity
from helpdesk.models.people import NoticeDelivery, Notification, Position, Role, User
from helpdesk.models.tickets import Ticket, TicketSubject
from helpdesk.queries.operations import notice_deliveries
from helpdesk.runtime import Runtime
from helpdesk.services import acknowledgements, sla, sweeps
from helpdesk.services.delivery import RETRY_AFTER, STUCK_AFTER
from helpdesk.services.escalations import notify
from helpdesk.services.notices import mark_read
from helpdesk.sla.escalation import Level


def wib(day: str, time: str) -> datetime:
    """Instant that clocks in Jakarta show."""
    return datetime.fromisoformat(f"{day}T{time}+07:00").astimezone(UTC)


PHONE = "+6281311112222"
EMAIL = NoticeWay.EMAIL


@dataclass
class Case:
    """An area manager in Makassar (an hour ahead of Jakarta), and a ticket of her area."""

    manager: User
    ticket: Ticket

    @property
    def number(self) -> str:
        return format_number(self.ticket.number)


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def mail(rt: Runtime, office: PostOffice) -> Iterator[PostOffice]:
    """The runtime with a mail server."""
    controller = opened(office)
    rt.mailer = Line(controller.port).mailer()
    yield office
    controller.stop()


def a_case(rt: Runtime, *via: NoticeWay, severity: Severity = Severity.S2, **changes: object) -> Case:
    def make(session: Session) -> Case:
        _region, area, point = make_ladder(session, zone="Asia/Makassar")
        manager = make_user(
            session,
            Role.FIELD,
            position=Position.AM,
            unit=area,
            email="rina@contoh.id",
            phone=PHONE,
            notify_via=list(via or (EMAIL,)),
        )
        ticket = make_ticket(
            session, unit=point, team=make_team(session), severity=severity, received_at=rt.now(), **changes
        )
        sla.start_clocks(session, ticket, now=rt.now())
        return Case(manager, ticket)

    return rt.write(make)


def sweep(rt: Runtime) -> None:
    rt.write(lambda session: sweeps.run_within(session, now=rt.now()))


def at(rt: Runtime, day: str, time: str) -> None:
    """Let it be that time in Jakarta."""
    now = wib(day, time)
    rt.now = lambda: now


def on_the_way(rt: Runtime) -> list[tuple[str, str, str | None, int]]:
    def read(session: Session) -> list[tuple[str, str, str | None, int]]:
        rows = session.scalars(select(NoticeDelivery).order_by(NoticeDelivery.id))
        return [(row.via, row.status, row.error_code, row.attempts) for row in rows]

    return rt.read(read)


def next_try(rt: Runtime) -> object:
    return rt.read(lambda session: session.scalar(select(NoticeDelivery.next_attempt_at)))


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


def test_a_server_that_is_away_is_tried_again_with_growing_waits_and_then_given_up(rt: Runtime) -> None:
    rt.mailer = Line(free_port()).mailer()
    a_case(rt)
    sweep(rt)
    start, waits = rt.now(), []
    for _ in range(len(RETRY_AFTER) + 1):
        assert outbox.send_notices(rt, EMAIL) == 0
        due = next_try(rt)
        if due is None:
            break
        waits.append(due - rt.now())  # type: ignore[operator]
        rt.now = lambda due=due: due  # type: ignore[misc]
    assert waits == list(RETRY_AFTER)
    assert on_the_way(rt) == [("email", "failed", "not_connected", 6)]
    assert rt.now() < start + timedelta(hours=3)
    (stuck,) = rt.read(notice_deliveries)
    assert (stuck.via, stuck.status, stuck.error, stuck.count) == (
        "email",
        NoticeStatus.FAILED,
        "not_connected",
        1,
    )


def test_what_a_server_took_and_did_not_confirm_is_not_sent_twice(rt: Runtime, mail: PostOffice) -> None:
    mail.says["TEXT"] = "drop"
    a_case(rt)
    sweep(rt)
    assert outbox.send_notices(rt, EMAIL) == 0
    mail.says["TEXT"] = "250 OK"
    assert outbox.send_notices(rt, EMAIL) == 0
    assert len(mail.taken) == 1
    assert on_the_way(rt) == [("email", "unknown", "connection_lost", 1)]


def test_a_slow_server_is_given_up_and_one_that_recovers_gets_the_mail(rt: Runtime, mail: PostOffice) -> None:
    mail.says["RCPT"] = "hang"
    a_case(rt)
    sweep(rt)
    assert outbox.send_notices(rt, EMAIL) == 0
    mail.says["RCPT"] = "250 OK"
    later = rt.now() + RETRY_AFTER[0]
    rt.now = lambda: later
    assert outbox.send_notices(rt, EMAIL) == 1
    assert on_the_way(rt) == [("email", "sent", None, 2)]


@pytest.mark.parametrize(
    ("change", "error"),
    [({}, "channel_off"), ({"phone": None, "notify_via": ["sms"]}, "no_address")],
    ids=["no mail server", "no phone"],
)
def test_what_can_never_go_fails_at_once_and_is_seen(
    rt: Runtime, change: dict[str, object], error: str
) -> None:
    case = a_case(rt)

    def write(session: Session) -> None:
        for name, value in change.items():
            setattr(session.get_one(User, case.manager.id), name, value)

    rt.write(write)
    sweep(rt)
    for way in NoticeWay:
        assert outbox.send_notices(rt, way) == 0
    (stuck,) = rt.read(notice_deliveries)
    assert (stuck.status, stuck.error) == (NoticeStatus.FAILED, error)


def test_a_refused_address_stops_no_other_notice(rt: Runtime, mail: PostOffice) -> None:
    first, second = a_case(rt), a_case_of_another(rt)
    sweep(rt)
    rt.write(lambda session: setattr(session.get_one(User, first.manager.id), "email", "bukan-alamat"))
    assert outbox.send_notices(rt, EMAIL) == 1
    assert [letter["To"] for letter in mail.taken] == [second.manager.email]
    assert [status for _, status, _, _ in on_the_way(rt)] == ["failed", "sent"]


def a_case_of_another(rt: Runtime) -> Case:
    def make(session: Session) -> Case:
        _region, area, point = make_ladder(session)
        manager = make_user(session, Role.FIELD, position=Position.AM, unit=area, notify_via=["email"])
        ticket = make_ticket(session, unit=point, severity=Severity.S2, received_at=rt.now())
        sla.start_clocks(session, ticket, now=rt.now())
        return Case(manager, ticket)

    return rt.write(make)


def test_senders_at_once_send_each_notice_once(rt: Runtime, mail: PostOffice) -> None:
    for _ in range(6):
        a_case_of_another(rt)
    sweep(rt)
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(outbox.send_notices, rt, EMAIL) for _ in range(4)]
        assert sum(each.result() for each in sent) == 6
    assert len({letter["To"] for letter in mail.taken}) == len(mail.taken) == 6


def test_a_sender_that_died_leaves_an_unknown_outcome(rt: Runtime) -> None:
    class Dies:
        def send(self, mail: object) -> None:
            raise SystemExit

    rt.mailer = Dies()  # type: ignore[assignment]
    a_case(rt)
    sweep(rt)
    with pytest.raises(SystemExit):
        outbox.send_notices(rt, EMAIL)
    later = rt.now() + STUCK_AFTER
    rt.now = lambda: later
    jobs.fail_stuck_sends(rt)
    assert on_the_way(rt) == [("email", "unknown", "unknown_outcome", 1)]


def test_the_worker_sends_by_itself(rt: Runtime, mail: PostOffice) -> None:
    a_case(rt)
    sweep(rt)
    names = {job.name for job in jobs.SCHEDULE}
    assert {f"send_notices {way}" for way in NoticeWay} <= names
    jobs.send_notices(rt, EMAIL)
    assert len(mail.taken) == 1


def test_a_pass_by_hand_sends_notices_too(rt: Runtime, mail: PostOffice) -> None:
    a_case(rt)
    sweep(rt)
    assert outbox.send_all(rt) == 1


def test_names_and_texts_reach_no_log(
    rt: Runtime, mail: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    mail.says["RCPT"] = "550 rina@contoh.id is unknown"
    a_case(rt)
    sweep(rt)
    outbox.send_notices(rt, EMAIL)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("helpdesk")]
    assert any("550" in line for line in ours)
    assert not any("rina" in line or PHONE in line for line in ours)
