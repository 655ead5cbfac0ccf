"""Requests of odd shapes: providers add fields without notice, and nothing of that may be more than not understood."""

import itertools
import json
import os
import random
from collections.abc import Mapping
from urllib.parse import parse_qsl

import pytest

from helpdesk.channels.base import Channel
from helpdesk.domain.errors import CannotParse
from helpdesk.domain.messages import InboundMessage, WebhookRequest

from .webhooks import PAYLOADS

ROUNDS = 1000 if os.environ.get("HELPDESK_SOAK") else 15
ODD = (
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    "",
    "x",
    "\x00",
    "\ud800",
    "9" * 400,
    [],
    {},
    [[]],
    {"id": 1},
    ["x"],
    "-5",
)
NO_JSON = {"telegram_not_json.json", "meta_not_json.json"}
FILES = sorted(path.name for path in PAYLOADS.iterdir() if path.name not in NO_JSON)


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Where something stands in a piece of JSON."""
    found: list[tuple[object, ...]] = []
    for name, each in inner_of(value):
        found += [(*path, name), *places(each, (*path, name))]
    return found


def inner_of(value: object) -> list[tuple[object, object]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def spoilt_json(body: bytes, chance: random.Random) -> bytes:
    value = json.loads(body)
    for _ in range(chance.choice((1, 1, 2, 3))):
        found = places(value)
        if not found:
            break
        *way, last = chance.choice(found)
        holder = value
        for name in way:
            holder = holder[name]
        if chance.random() < 0.25:
            del holder[last]
        else:
            holder[last] = json.loads(json.dumps(chance.choice(ODD)))
    return json.dumps(value).encode()


def spoilt_form(body: bytes, chance: random.Random) -> tuple[tuple[str, str], ...]:
    fields = parse_qsl(body.decode().strip(), keep_blank_values=True)
    place = chance.randrange(len(fields))
    fields[place] = (fields[place][0], str(chance.choice(ODD)))
    if chance.random() < 0.5:
        fields.pop(chance.randrange(len(fields)))
    return tuple(fields)


def texts_of(said: InboundMessage) -> list[object]:
    known = [said.external_id, said.address, said.text, said.display_name, said.choice]
    return [*filter(None, known), *said.aliases, *said.facts.values()]


@pytest.mark.parametrize("name", ["whatsapp", "sms", "telegram", "meta"])
def test_a_request_of_an_odd_shape_is_understood_or_set_aside(
    name: str, channels: Mapping[str, Channel]
) -> None:
    understood = 0
    for payload, seed in itertools.product(FILES, range(ROUNDS)):
        if not payload.startswith(f"{name}_"):
            continue
        chance, body = random.Random(f"{payload}{seed}"), (PAYLOADS / payload).read_bytes()
        is_form = payload.endswith(".form")
        form = spoilt_form(body, chance) if is_form else ()
        request = WebhookRequest(name, "u", {}, form, b"" if is_form else spoilt_json(body, chance))
        channels[name].envelope(request)
        try:
            items = channels[name].parse(request)
        except CannotParse:
            continue
        for said in (item for item in items if isinstance(item, InboundMessage)):
            understood += 1
            assert said.external_id, request
            assert said.address, request
            assert said.aliases, request
            assert all(isinstance(text, str) and "\x00" not in text for text in texts_of(said)), request
            assert "".join(map(str, texts_of(said))).encode()
    assert understood
