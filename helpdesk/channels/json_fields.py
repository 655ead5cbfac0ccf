"""Reading JSON that comes from outside: what is not of the expected shape is as good as missing."""

import json
from collections.abc import Mapping

from helpdesk.channels.wording import clean

Json = Mapping[str, object]


def loaded(body: bytes) -> Json:
    """Return a JSON object, or an empty one for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def map_in(holder: Json, name: str) -> Json:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def list_in(holder: Json, name: str) -> list[Json]:
    value = holder.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text_in(holder: Json, name: str) -> str:
    """Return a text, fit to be stored; "" for anything else."""
    value = holder.get(name)
    return clean(value) if isinstance(value, str) else ""
