"""E-mail by SMTP, for notices to staff: it only sends, so it is no Channel of a Mitra."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final, Protocol

from helpdesk.domain.delivery import SendOutcome
from helpdesk.domain.errors import SendFailed

TIMEOUT_SECONDS: Final = 15.0


class MailSettings(Protocol):
    """The settings that this adapter reads; helpdesk.config.Settings has them."""

    @property
    def smtp_host(self) -> str | None: ...
    @property
    def smtp_port(self) -> int: ...
    @property
    def smtp_username(self) -> str | None: ...
    @property
    def smtp_password(self) -> str | None: ...
    @property
    def smtp_from(self) -> str | None: ...
    @property
    def smtp_security(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to one person."""

    message_id: str
    """Ours, the same at every try: a reader's program shows a repeat once."""
    to: str
    subject: str
    text: str
    at: datetime


class SmtpMailer:
    """Hands e-mails to one server, each over a connection of its own."""

    def __init__(self, settings: MailSettings, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._host = settings.smtp_host or ""
        self._port = settings.smtp_port
        self._username = settings.smtp_username
        self._password = settings.smtp_password or ""
        self._from = settings.smtp_from or ""
        self._security = settings.smtp_security
        self._timeout = timeout

    def send(self, mail: Mail) -> None:
        """Hand over one e-mail. Raises SendFailed; no cause is kept, for its text may quote the address."""
        try:
            content = self._message(mail).as_bytes(policy=SMTP)
        except (ValueError, IndexError, MessageError):  # an address that cannot be written in a header
            raise SendFailed("bad_address", outcome=SendOutcome.BAD_ADDRESS) from None
        with self._connected() as server:
            _submit(server, sender=parseaddr(self._from)[1], to=mail.to, content=content)

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        name, address = parseaddr(self._from)
        user, _, domain = address.rpartition("@")
        message["From"] = Address(name, user, domain)
        message["To"] = Address(addr_spec=mail.to)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(mail.at)
        message["Message-ID"] = f"<{mail.message_id}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Open the connection, greet, encrypt and sign in; whatever fails so far has certainly sent nothing."""
        try:
            server = self._open()
        except smtplib.SMTPAuthenticationError as error:
            raise SendFailed(f"sign_in_{error.smtp_code}", outcome=SendOutcome.RETRY) from None
        except ssl.SSLError:
            raise SendFailed("tls", outcome=SendOutcome.RETRY) from None
        except smtplib.SMTPResponseException as error:
            raise SendFailed(str(error.smtp_code), outcome=SendOutcome.RETRY) from None
        except (smtplib.SMTPException, OSError, ValueError):
            raise SendFailed("not_connected", outcome=SendOutcome.RETRY) from None
        try:
            yield server
        finally:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _open(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            server.ehlo_or_helo_if_needed()
            if self._security == "starttls":
                server.starttls(context=context)
            if self._username:
                server.login(self._username, self._password)
        except BaseException:
            server.close()
            raise
        return server


def build_mailer(settings: MailSettings) -> SmtpMailer | None:
    """Return the mailer, or None where no server is set."""
    return SmtpMailer(settings) if settings.smtp_host and settings.smtp_from else None


def _submit(server: smtplib.SMTP, *, sender: str, to: str, content: bytes) -> None:
    """Sender, recipient, text. Until the text is under way nothing was sent; after that only an answer tells."""
    try:
        _expect(server.mail(sender), 250, refused=SendOutcome.REJECTED)
        _expect(server.rcpt(to), 250, 251, refused=SendOutcome.BAD_ADDRESS)
    except (smtplib.SMTPException, OSError):
        raise SendFailed("connection_lost", outcome=SendOutcome.RETRY) from None
    except UnicodeError:  # the server knows no SMTPUTF8
        raise SendFailed("bad_address", outcome=SendOutcome.BAD_ADDRESS) from None
    try:
        reply = server.data(content)
    except smtplib.SMTPDataError as error:  # it did not want to hear the text
        reply = error.smtp_code, b""
    except (smtplib.SMTPException, OSError):
        raise SendFailed("connection_lost", outcome=SendOutcome.UNKNOWN) from None
    is_answer = 200 <= reply[0] < 600
    _expect(reply, 250, refused=SendOutcome.REJECTED if is_answer else SendOutcome.UNKNOWN)


def _expect(reply: tuple[int, bytes], *codes: int, refused: SendOutcome) -> None:
    """Raise SendFailed for any other answer: 4xx asks to come again later, 5xx never."""
    code = reply[0]
    if code in codes:
        return
    raise SendFailed(str(code), outcome=SendOutcome.RETRY if 400 <= code < 500 else refused)
