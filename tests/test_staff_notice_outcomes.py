"""What becomes of a notice to staff: servers that are away, slow or refuse, senders that die or race."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from notice_samples import EMAIL, PHONE, a_case, a_case_of_another, next_try, on_the_way, sweep
from post_office import Line, PostOffice, free_port
from sqlalchemy.orm import Session

from helpdesk import jobs, outbox
from helpdesk.domain.delivery import NoticeStatus, NoticeWay
from helpdesk.models.people import User
from helpdesk.queries.operations import notice_deliveries
from helpdesk.runtime import Runtime
from helpdesk.services.delivery import RETRY_AFTER, STUCK_AFTER


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
