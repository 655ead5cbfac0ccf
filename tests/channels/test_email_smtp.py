"""E-mail against a real SMTP server: what arrives, and what is known after each way of not arriving."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from installing import NOW
from post_office import ACCOUNT, Line, PostOffice, certificate, free_port, knows, opened

from helpdesk.channels.email_smtp import Mail, build_mailer
from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import SendFailed

MAIL = Mail("notice-7", "rina@contoh.id", "[Amanah] Eskalasi", "Baris satu\n.titik di awal\nénd", NOW)


@pytest.fixture
def line(office: PostOffice) -> Iterator[Line]:
    controller = opened(office)
    yield Line(controller.port)
    controller.stop()


def refusal(line: Line, mail: Mail = MAIL) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        line.mailer().send(mail)
    return failed.value


def test_a_mail_arrives_as_it_was_written(line: Line, office: PostOffice) -> None:
    line.mailer().send(MAIL)
    (mail,) = office.taken
    assert mail.get_content().replace("\r\n", "\n") == "Baris satu\n.titik di awal\nénd\n"
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "Amanah <jangan-balas@contoh.id>",
        "rina@contoh.id",
        "[Amanah] Eskalasi",
    )
    assert mail["Message-ID"] == "<notice-7@contoh.id>"
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("command", "said", "outcome", "code"),
    [
        ("MAIL", "451 busy", SendOutcome.RETRY, "451"),
        ("MAIL", "553 not you", SendOutcome.REJECTED, "553"),
        ("RCPT", "450 mailbox busy", SendOutcome.RETRY, "450"),
        ("RCPT", "550 no such person", SendOutcome.BAD_ADDRESS, "550"),
        ("TEXT", "452 disk is full", SendOutcome.RETRY, "452"),
        ("TEXT", "554 spam", SendOutcome.REJECTED, "554"),
        # Before the text nothing was sent; after it nobody knows.
        ("MAIL", "drop", SendOutcome.RETRY, "connection_lost"),
        ("RCPT", "drop", SendOutcome.RETRY, "connection_lost"),
        ("TEXT", "drop", SendOutcome.UNKNOWN, "connection_lost"),
        ("RCPT", "hang", SendOutcome.RETRY, "connection_lost"),
        ("TEXT", "hang", SendOutcome.UNKNOWN, "connection_lost"),
    ],
    ids=lambda value: str(value).split(" ")[0],
)
def test_what_is_known_after_a_failure(
    line: Line, office: PostOffice, command: str, said: str, outcome: SendOutcome, code: str
) -> None:
    office.says[command] = said
    failed = refusal(line)
    assert (failed.outcome, failed.code) == (outcome, code)


def test_nobody_listens() -> None:
    failed = refusal(Line(free_port()))
    assert (failed.outcome, failed.code) == (SendOutcome.RETRY, "not_connected")


def test_a_server_that_does_not_even_greet_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        failed = refusal(Line(silent.getsockname()[1]))
    assert (failed.outcome, failed.code) == (SendOutcome.RETRY, "not_connected")


def test_a_server_that_turns_us_away_at_the_door_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def turn_away() -> None:
            visitor, _ = door.accept()
            with visitor:
                visitor.sendall(b"421 too many visitors\r\n")

        porter = threading.Thread(target=turn_away)
        porter.start()
        failed = refusal(Line(door.getsockname()[1]))
        porter.join()
    assert (failed.outcome, failed.code) == (SendOutcome.RETRY, "421")


@pytest.mark.parametrize("address", ["tanpa-domain", "dua@@contoh.id", "baris\nbaru@contoh.id", ""])
def test_an_address_that_is_none_is_never_tried(line: Line, office: PostOffice, address: str) -> None:
    failed = refusal(line, replace(MAIL, to=address))
    assert failed.outcome is SendOutcome.BAD_ADDRESS
    assert office.taken == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_encrypted_and_signed_in(
    security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    office = PostOffice()
    how = (
        {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    )
    controller = opened(office, **how, authenticator=knows, auth_require_tls=security == "starttls")
    try:
        user, password = ACCOUNT
        line = Line(controller.port, smtp_username=user, smtp_password=password, smtp_security=security)
        line.mailer().send(MAIL)
        wrong = refusal(replace(line, smtp_password="salah"))
    finally:
        controller.stop()
    assert (len(office.taken), office.was_encrypted, office.was_signed_in) == (1, True, True)
    assert (wrong.outcome, wrong.code) == (SendOutcome.RETRY, "sign_in_535")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_nobody_vouches_for_gets_no_mail(security: str, tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    office = PostOffice()
    controller = opened(
        office, **({"ssl_context": context} if security == "tls" else {"tls_context": context})
    )
    # Its own start-up check of a TLS server trusts anybody; ours does not.
    try:
        failed = refusal(Line(controller.port, smtp_security=security))
    finally:
        controller.stop()
    assert (failed.outcome, failed.code) == (SendOutcome.RETRY, "tls")
    assert office.taken == []


def test_a_server_that_cannot_encrypt_gets_no_mail_when_that_is_asked(line: Line, office: PostOffice) -> None:
    failed = refusal(replace(line, smtp_security="starttls"))
    assert failed.outcome is SendOutcome.RETRY
    assert office.taken == []


def test_without_a_server_there_is_no_mailer() -> None:
    assert build_mailer(Line(25, smtp_host=None, smtp_from=None)) is None
    assert build_mailer(Line(25)) is not None


def test_what_failed_says_nothing_of_the_person(line: Line, office: PostOffice) -> None:
    office.says["RCPT"] = "550 rina@contoh.id is unknown here"
    failed = refusal(line)
    assert "rina" not in str(failed)
    assert failed.__cause__ is None
