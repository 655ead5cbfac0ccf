"""What every template can call: the writers of formatting, the SLA chip, the link to this page's other language."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from helpdesk.views import charts, file_words
from helpdesk.views.chat_text import chat_text
from helpdesk.views.formatting import (
    Zone,
    deadline,
    duration,
    hours_minutes,
    language_of,
    local_time,
    number,
    percent,
    rupiah,
    ticket_number,
    time_ago,
    zone_name,
)
from helpdesk.views.labels import label
from helpdesk.views.sla_chip import chip_for


def lang_url(language: str) -> str:
    """Return the address of this page in another language; the rest of the query stays.

    The answer to a form may stand at an address that cannot be read: then it is the page that the form stood on.
    """
    path, query = _readable_address()
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "lang"]
    return f"{path}?{urlencode([*kept, ('lang', language)])}"


def _readable_address() -> tuple[str, str]:
    """Return path and query of this page, of the page of ours before it, or else of the nearest one above."""
    if _can_be_read(request.path):
        return request.path, request.query_string.decode()
    before = urlsplit(request.referrer or "")
    if f"{before.scheme}://{before.netloc}/" == request.host_url and _can_be_read(unquote(before.path)):
        return before.path, before.query
    above = PurePosixPath(request.path).parents
    return next((str(path) for path in above if _can_be_read(str(path))), "/"), ""


def _can_be_read(path: str) -> bool:
    """Say whether a GET finds a page there; this page's own address may be one that is nowhere."""
    adapter = current_app.create_url_adapter(request)
    try:
        return adapter is not None and bool(adapter.match(path, method="GET"))
    except MethodNotAllowed:
        return False
    except HTTPException:
        return path == request.path


def _as_of_now(writer: Callable[..., str]) -> Callable[..., str]:
    """Return a writer of instants as templates call it: the page's clock tells what is near and which year it is."""
    if writer not in (local_time, deadline):
        return writer

    @wraps(writer)
    def write(instant: datetime | None, zone: Zone, style: str = "short", language: str | None = None) -> str:
        rt = current_app.extensions.get("helpdesk")
        return writer(instant, zone, style, language, rt.now() if rt else None)

    return write


def init_templating(app: Flask) -> None:
    """Register filters and globals of the same names, `current_locale`, `lang_url` and the chart geometry."""
    writers: tuple[Callable[..., str], ...] = (
        local_time,
        deadline,
        zone_name,
        hours_minutes,
        duration,
        time_ago,
        number,
        percent,
        rupiah,
        ticket_number,
        label,
    )
    for writer in map(_as_of_now, writers):
        app.jinja_env.filters[writer.__name__] = writer
        app.jinja_env.globals[writer.__name__] = writer
    app.jinja_env.filters["chat_text"] = chat_text
    app.jinja_env.globals.update(chip_for=chip_for, lang_url=lang_url, charts=charts, file_words=file_words)

    @app.context_processor
    def current_locale() -> dict[str, str]:
        return {"current_locale": language_of(None)}
