"""What the Mitra's pages share: links that keep the language, the unfinished form, ways to reach us."""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Network, ip_address
from urllib.parse import quote

from flask import g, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from helpdesk.domain.taxonomy import MenuChoice
from helpdesk.domain.wording import Language, promise_date
from helpdesk.services import drafts
from helpdesk.services.limits import Sender
from helpdesk.views.access import runtime

_DRAFT = "draft"


def language() -> Language:
    """Language of this answer."""
    return Language.EN if str(get_locale() or "id") == "en" else Language.ID


def link(endpoint: str, *, nomor: str | None = None) -> str:
    """Return the address of a public page in the language of this one."""
    return url_for(f"public.{endpoint}", nomor=nomor, lang="en" if language() is Language.EN else None)


def menu_name(entry: MenuChoice) -> str:
    """Return a coarse choice in the language of this answer."""
    return entry.name_en if language() is Language.EN else entry.name_id


def go(endpoint: str) -> ResponseReturnValue:
    """Lead to a public page after a POST."""
    return redirect(link(endpoint), code=303)


def sender() -> Sender:
    """Whom the rate limits count."""
    address = _counted(request.remote_addr or "-")
    return Sender(address, f"{address} {request.user_agent.string[:200]}")


def _counted(address: str) -> str:
    """Return the network of an IPv6 address, whose holder may choose among 2^64; all else as it is.

    What a proxy says need not be an address at all.
    """
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return address
    return str(known.ipv4_mapped or IPv6Network((int(known), 64), strict=False))


def promised(instant: datetime | None, zone: str) -> str:
    """Write a promised date as our messages do; empty without one."""
    return promise_date(instant, zone=zone, language=language()) if instant else ""


def whatsapp_link(text: str) -> str:
    """Return the address that opens WhatsApp with `text` written to us; empty while WhatsApp is off."""
    rt = runtime()
    digits = "".join(sign for sign in rt.settings.whatsapp_number if sign.isdigit())
    return f"https://wa.me/{digits}?text={quote(text)}" if digits and "whatsapp" in rt.channels else ""


def draft_token() -> str:
    """Return the token of her unfinished form, empty before the first answer."""
    token = cookie.get(_DRAFT, "")
    return token if isinstance(token, str) else ""


def draft_answers() -> dict[str, str]:
    """Return what she has answered so far, read once per request; empty when nothing is known."""
    if "draft_answers" not in g:
        token = draft_token()
        found = runtime().read(lambda session: drafts.read(session, token)) if token else None
        g.draft_answers = found or {}
    answers: dict[str, str] = g.draft_answers
    return answers


def keep_answers(answers: dict[str, str]) -> None:
    """Add answers to the draft, begun with the first of them."""
    rt = runtime()
    now = rt.now()
    token = draft_token() or rt.write(lambda session: drafts.begin(session, now=now))
    rt.write(lambda session: drafts.keep(session, token, answers, now=now))
    follow_draft(token)


def follow_draft(token: str) -> None:
    """Make this the form of the browser; another one is left to be forgotten."""
    cookie[_DRAFT] = token
    g.pop("draft_answers", None)


def leave_draft() -> None:
    """Begin anew with the next answer."""
    cookie.pop(_DRAFT, None)
    g.pop("draft_answers", None)
