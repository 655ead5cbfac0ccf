"""A real SMTP server on this machine that takes, refuses, drops or hangs as a test says."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from helpdesk.channels.email_smtp import SmtpMailer

SENDER = "Amanah <jangan-balas@contoh.id>"
ACCOUNT = ("helpdesk", "rahasia-pos")
PATIENCE = 0.5
"""Seconds after which the mailers of the tests give a server up."""


class PostOffice:
    """`says`: the answers to MAIL, RCPT and the text. The words `drop` and `hang` are none, and do that."""

    def __init__(self) -> None:
        self.says = {"MAIL": "250 OK", "RCPT": "250 OK", "TEXT": "250 OK"}
        self.taken: list[EmailMessage] = []
        self.was_encrypted = self.was_signed_in = False

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._answer("MAIL", server)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert server.transport is not None
        self.was_encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.was_signed_in = session.authenticated is True
        if self.says["TEXT"].startswith(("250", "drop", "hang")):
            text = cast(bytes, envelope.content)
            self.taken.append(cast(EmailMessage, message_from_bytes(text, policy=default)))
        return await self._answer("TEXT", server)

    async def _answer(self, command: str, server: SMTP) -> str:
        said = self.says[command]
        if said == "drop":
            assert server.transport is not None
            server.transport.abort()
        elif said == "hang":
            await asyncio.Event().wait()  # until the server stops
        return "250 OK" if said in ("drop", "hang") else said


@dataclass
class Line:
    """How the settings name a server."""

    smtp_port: int
    smtp_host: str | None = "127.0.0.1"
    smtp_username: str | None = None
    smtp_password: str | None = None
    smtp_from: str | None = SENDER
    smtp_security: str = "none"

    def mailer(self) -> SmtpMailer:
        return SmtpMailer(self, timeout=PATIENCE)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def opened(office: PostOffice, **how: Any) -> Controller:
    """Open the office; stop() of what is returned closes it."""
    controller = Controller(office, hostname="127.0.0.1", port=free_port(), **how)
    controller.start()
    return controller


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    """The authenticator of an office that asks who comes."""
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == tuple(
        word.encode() for word in ACCOUNT
    )
    return AuthResult(success=is_right, handled=False)


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of this machine that nobody signed but itself, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
