"""`helpdesk doctor`: is everything there that the system needs? One line each, without the internet."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

import click
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from helpdesk import migrate
from helpdesk.channels.contents import CanKeepButtons
from helpdesk.cli.base import FAULT, Context
from helpdesk.config import Settings
from helpdesk.crypto import KeyRing
from helpdesk.domain.channel_faults import ChannelFault
from helpdesk.domain.errors import ConfigurationError, HelpdeskError, Unusable
from helpdesk.domain.message_templates import NEWS
from helpdesk.domain.messages import ChannelCode
from helpdesk.domain.text_checks import check_all
from helpdesk.domain.text_faults import refuses
from helpdesk.domain.wording import Language
from helpdesk.media import workshop
from helpdesk.models.tickets import Ticket
from helpdesk.queries import message_templates, operations, policies, texts
from helpdesk.queries.calendars import year_checks
from helpdesk.queries.channel_alarms import alarms
from helpdesk.queries.health import LATELY, worker_seen_at
from helpdesk.runtime import Runtime, build_runtime

_PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)
"""One white dot."""
CLOCK_TOLERANCE = timedelta(minutes=1)

_NEEDS = {
    ChannelCode.WHATSAPP: "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_WHATSAPP_FROM; or META_ACCESS_TOKEN …",
    ChannelCode.SMS: "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_SMS_FROM",
    ChannelCode.TELEGRAM: "TELEGRAM_BOT_TOKEN, and TELEGRAM_WEBHOOK_SECRET or TELEGRAM_MODE=polling",
}


class Verdict(StrEnum):
    """How one check ended; only a fault counts against the exit status."""

    OK = "ok"
    OFF = "off"
    NOTE = "note"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    verdict: Verdict
    what: str
    detail: str


@click.command(short_help="Check settings, database, storage, channels and clock.")
@click.pass_context
def doctor(click_context: click.Context) -> None:
    """Check everything that the system needs; exit status 1 if something is faulty. Needs no internet.

    \b
    Example:
      helpdesk --env var/demo.env doctor
    """
    faults = 0
    for finding in _examine(click_context.obj):
        faults += finding.verdict is Verdict.FAULT
        click.echo(f"{finding.verdict:<6}{finding.what:<11}{' '.join(finding.detail.split())}")
    if faults:
        click_context.exit(FAULT)


def _examine(context: Context) -> Iterator[Finding]:
    try:
        settings = context.settings()
        rt = build_runtime(settings)
    except (HelpdeskError, SQLAlchemyError) as error:
        yield Finding(Verdict.FAULT, "settings", str(error))
        return
    yield Finding(Verdict.OK, "settings", f"{settings.public_url}, {settings.timezone}")
    try:
        yield from _with_runtime(rt)
    finally:
        rt.close()


def _with_runtime(rt: Runtime) -> Iterator[Finding]:
    database = _tried("database", lambda: _database(rt))
    yield database
    yield _tried("encryption", lambda: _encryption(rt.settings))
    yield _tried("storage", lambda: _storage(rt))
    yield _tried("media", _media)
    yield from _channels(rt)
    yield _mail(rt.settings)
    if database.verdict is Verdict.FAULT:
        return
    schema = _tried("schema", lambda: _schema(rt))
    yield schema
    if schema.verdict is Verdict.FAULT:
        return
    yield _tried("keys", lambda: _data_keys(rt))
    yield _tried("policies", lambda: _policies(rt))
    yield _tried("texts", lambda: _texts(rt))
    if isinstance(rt.channels.get(ChannelCode.WHATSAPP), CanKeepButtons):
        yield _tried("buttons", lambda: _buttons(rt))
    if ChannelCode.WHATSAPP in rt.channels:
        yield _tried("templates", lambda: _templates(rt))
    yield _tried("clock", lambda: _clock(rt))
    yield _tried("worker", lambda: _worker(rt))
    yield from _watches(rt)
    yield _tried("holidays", lambda: _holidays(rt))
    yield from _faults(rt)


def _tried(what: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except (HelpdeskError, SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        return Finding(Verdict.FAULT, what, str(cause))


def _database(rt: Runtime) -> Finding:
    with rt.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return Finding(
        Verdict.OK, "database", make_url(rt.settings.database_url).render_as_string(hide_password=True)
    )


def _schema(rt: Runtime) -> Finding:
    if not migrate.is_current(rt.engine):
        raise ConfigurationError("not current: run `helpdesk db upgrade`")
    differences = migrate.differences(rt.engine)
    if differences:
        raise ConfigurationError(f"differs from this version: {'; '.join(differences)}")
    return Finding(Verdict.OK, "schema", "current")


def _encryption(settings: Settings) -> Finding:
    ring = KeyRing(settings.encryption_key_list)
    if ring.decrypt(ring.encrypt(b"doctor")) != b"doctor":
        raise ConfigurationError("what is encrypted does not come back")
    return Finding(Verdict.OK, "encryption", f"round trip, {len(settings.encryption_key_list)} key(s)")


def _data_keys(rt: Runtime) -> Finding:
    rt.load_keys()
    return Finding(Verdict.OK, "keys", "the stored data keys open with ENCRYPTION_KEYS")


def _storage(rt: Runtime) -> Finding:
    folder = rt.settings.storage_dir
    if not rt.storage.is_writable():
        raise ConfigurationError(f"{folder} cannot be written")
    return Finding(Verdict.OK, "storage", str(folder))


def _media() -> Finding:
    """A file is opened as the worker opens it: in a child process with limits."""
    try:
        workshop.make(_PICTURE, "image/png")
    except Unusable as error:
        raise ConfigurationError(f"no child process can open a picture: {error.code}") from error
    return Finding(Verdict.OK, "media", "pictures are cleaned")


def _channels(rt: Runtime) -> Iterator[Finding]:
    for code, needed in _NEEDS.items():
        if code == ChannelCode.TELEGRAM and code in rt.channels and rt.settings.telegram_mode == "polling":
            yield Finding(Verdict.OK, code, "on, polled by the worker")
        elif code in rt.channels:
            yield Finding(Verdict.OK, code, f"on, webhook {rt.settings.public_url}/webhooks/{code}")
        else:
            yield Finding(Verdict.OFF, code, f"off: needs {needed}")
    if ChannelCode.SMS in rt.channels:
        yield Finding(
            Verdict.NOTE,
            ChannelCode.SMS,
            "Twilio offers no two-way SMS in Indonesia: answers need a number elsewhere",
        )
    if rt.channels and not rt.settings.is_https:
        yield Finding(Verdict.NOTE, "public url", "providers deliver webhooks to https addresses")


_FAULTS = {
    ChannelFault.AUTH: "the provider refuses our token: nothing goes out",
    ChannelFault.SENDER: "the sender is not the account's: nothing goes out",
    ChannelFault.COUNTRY: "the account may not write to that country",
    ChannelFault.TEMPLATE: "a template is missing or paused",
    ChannelFault.MEDIA: "the provider cannot fetch our files: is PUBLIC_URL reachable?",
    ChannelFault.FILTERED: "carriers take our messages for spam",
    ChannelFault.SIGNATURE: "requests come whose signature does not fit: token or secret, PUBLIC_URL?",
    ChannelFault.WEBHOOK: "the provider gets no proper answer from our webhook: PUBLIC_URL, proxy, load?",
}


def _faults(rt: Runtime) -> Iterator[Finding]:
    """What providers said of our channels lately."""
    for alarm in rt.read(lambda session: alarms(session, now=rt.now())):
        since = alarm.since_at.isoformat(timespec="minutes")
        told = f"{_FAULTS[alarm.fault]} ({alarm.code}, {alarm.times} since {since})"
        yield Finding(Verdict.FAULT if alarm.is_stopped else Verdict.NOTE, alarm.channel, told)


def _mail(settings: Settings) -> Finding:
    if settings.smtp_host is None:
        return Finding(Verdict.OFF, "e-mail", "off: needs SMTP_HOST, SMTP_FROM (notices to staff)")
    detail = f"on, {settings.smtp_host}:{settings.smtp_port}, {settings.smtp_security}, notices to staff"
    return Finding(Verdict.OK, "e-mail", detail)


def _clock(rt: Runtime) -> Finding:
    now = rt.now()
    newest = rt.read(lambda session: session.scalar(select(func.max(Ticket.created_at))))
    if newest is not None and newest > now + CLOCK_TOLERANCE:
        raise ConfigurationError(f"it is behind the newest ticket, made at {newest.isoformat()}")
    if not rt.settings.is_sqlite:
        theirs = rt.read(lambda session: session.scalar(select(func.now())))
        if theirs is not None and abs(theirs - now) > CLOCK_TOLERANCE:
            raise ConfigurationError(f"the database's clock says {theirs.isoformat()}")
    return Finding(Verdict.OK, "clock", f"{now.astimezone(rt.settings.zone).isoformat(timespec='seconds')}")


def _holidays(rt: Runtime) -> Finding:
    today = rt.now().astimezone(rt.settings.zone).date()
    checks = rt.read(lambda session: year_checks(session, today=today))
    missing = [str(check.year) for check in checks if check.is_missing]
    if missing:
        years = " and ".join(missing)
        return Finding(
            Verdict.NOTE, "holidays", f"no cuti bersama in {years}: enter them on /admin/calendars, or update"
        )
    counts = (
        f"{check.year}: {check.cuti_bersama_count} cuti bersama, {check.tentative_count} tentative dates"
        for check in checks
    )
    return Finding(Verdict.OK, "holidays", "; ".join(counts))


def _policies(rt: Runtime) -> Finding:
    unseen, found = rt.read(lambda session: (policies.unseen_shipped(session), policies.editions(session)))
    edition = f"edition {found[0].version}" if found else "none"
    if unseen:
        told = f"{edition} was edited and stays; this release ships others for {', '.join(unseen)}: see /admin/policies"
        return Finding(Verdict.NOTE, "policies", told)
    return Finding(Verdict.OK, "policies", edition)


def _texts(rt: Runtime) -> Finding:
    book, changed = rt.read(lambda session: (texts.book(session), texts.changed_under(session)))
    own = f"own texts in {len(book.own)} step(s)"
    faults = [fault for fault in check_all(book) if refuses([fault])]
    if faults:
        steps = ", ".join(sorted({fault.step or "all together" for fault in faults}))
        return Finding(
            Verdict.NOTE, "texts", f"{own}; no longer sound in this release: {steps}: see /admin/texts"
        )
    if changed:
        told = f"{own} stay; this release ships others for {', '.join(changed)}: see /admin/texts"
        return Finding(Verdict.NOTE, "texts", told)
    return Finding(Verdict.OK, "texts", own)


def _buttons(rt: Runtime) -> Finding:
    """Sets of buttons that Twilio keeps; nobody is asked now."""
    rows, now = rt.read(message_templates.buttons), rt.now()
    out = [row for row in rows if not row.is_sent(now)]
    if not out:
        return Finding(Verdict.OK, "buttons", f"{len(rows)} set(s) are kept at Twilio")
    codes = (
        ", ".join(sorted({row.error_code for row in out if row.error_code})) or "the worker has not asked yet"
    )
    told = f"{len(out)} of {len(rows)} set(s) are not sent ({codes}): words are typed; `helpdesk template buttons`"
    return Finding(Verdict.NOTE, "buttons", told)


def _templates(rt: Runtime) -> Finding:
    """Whether she may be asked after 24 hours: a template that is approved, and confirmed by a second person."""
    missing = [
        language.value
        for language in Language
        if not rt.read(partial(message_templates.is_approved, step=NEWS, language=language))
    ]
    if not missing:
        return Finding(Verdict.OK, "templates", f"{NEWS} is in use in both languages")
    told = f"{NEWS} is not in use in {', '.join(missing)}: answers after 24 hours wait; see /admin/whatsapp-templates"
    return Finding(Verdict.NOTE, "templates", told)


def _watches(rt: Runtime) -> Iterator[Finding]:
    """What the worker last heard from the providers; nobody is asked now."""
    for row in rt.read(operations.channel_watches):
        if row.channel not in rt.channels:
            continue
        if row.fault is not None and row.fault_at is not None:
            when = row.fault_at.isoformat(timespec="seconds")
            yield Finding(Verdict.NOTE, row.channel, f"the provider could not be asked: {row.fault}, {when}")
        if row.pending_count:
            told = f", its last error: {row.provider_error}" if row.provider_error else ""
            yield Finding(
                Verdict.NOTE, row.channel, f"{row.pending_count} wait at the provider to be delivered{told}"
            )


def _worker(rt: Runtime) -> Finding:
    seen = rt.read(worker_seen_at)
    if seen is None or rt.now() - seen > LATELY:
        when = f"last seen {seen.isoformat(timespec='seconds')}" if seen else "never seen"
        return Finding(
            Verdict.NOTE, "worker", f"{when}: run `helpdesk worker` or `helpdesk serve --with-worker`"
        )
    return Finding(Verdict.OK, "worker", f"seen {(rt.now() - seen).seconds} s ago")
