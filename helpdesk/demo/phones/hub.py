"""The parts of one running simulator, and how a request finds them."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, Response, current_app, jsonify, request

from helpdesk.demo.phones.contents import ContentBook
from helpdesk.demo.phones.faults import FaultBook, Faults, SendFault
from helpdesk.demo.phones.sender import Courier, WebhookPoster
from helpdesk.demo.phones.settings import PhoneSettings
from helpdesk.demo.phones.state import World
from helpdesk.demo.phones.updates import BotUpdates

_KEY = "phones"


@dataclass(frozen=True)
class Hub:
    """Settings, memory, faults and the way into the app."""

    settings: PhoneSettings
    world: World
    contents: ContentBook
    faults: FaultBook
    courier: Courier
    poster: WebhookPoster
    bot: BotUpdates
    own_url: list[str] = field(default_factory=list)
    """Filled once the server knows its port."""

    def media_base(self) -> str:
        return self.settings.media_base_url or (self.own_url[0] if self.own_url else "http://127.0.0.1:8001")


def make_hub(settings: PhoneSettings) -> Hub:
    courier = Courier()
    return Hub(
        settings=settings,
        world=World(keep=settings.keep, now=settings.now),
        contents=ContentBook(now=settings.now),
        faults=FaultBook(),
        courier=courier,
        poster=WebhookPoster(settings, courier.pause),
        bot=BotUpdates(settings),
    )


def install(app: Flask, hub: Hub) -> None:
    app.extensions[_KEY] = hub


def hub_of(app: Flask) -> Hub:
    return cast(Hub, app.extensions[_KEY])


def hub() -> Hub:
    """Return the simulator that serves this request."""
    return hub_of(current_app)


def with_send_faults(accept: Callable[[], Response], refuse: Callable[[Faults], Response]) -> Response:
    """Answer a send as POST /faults ordered: accepted, refused, garbled, or not at all."""
    book = hub().faults
    fault = book.take_send_fault()
    if fault is None:
        return accept()
    faults = book.current()
    if faults.accept_before_fault:
        accept()
    if fault is SendFault.DROP:
        drop_connection()
        return Response(status=500)
    if fault is SendFault.BROKEN_JSON:
        return Response('{"sid": "SM', status=201, mimetype="application/json")
    return refuse(faults)


def drop_connection() -> None:
    """Cut the client off in mid-request; werkzeug and gunicorn each hand out their socket under a name."""
    for name in ("werkzeug.socket", "gunicorn.socket"):
        connection = request.environ.get(name)
        if isinstance(connection, socket.socket):
            connection.shutdown(socket.SHUT_RDWR)


def json_answer(payload: object, status: int = 200) -> Response:
    response = jsonify(payload)
    response.status_code = status
    return response
