"""Idempotency-Key: the same POST again changes nothing and gets the first answer."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from flask import request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from helpdesk.domain.errors import HelpdeskError
from helpdesk.services.idempotency import earlier_result, remember
from helpdesk.views.access import runtime
from helpdesk.views.api.auth import caller

Result = dict[str, str]
"""What an answer is made of again: numbers and public ids, never what a person wrote, for it is kept a month."""

Act = Callable[[Session, datetime], Result]


class RepeatHeader(BaseModel):
    """Headers of every POST."""

    model_config = ConfigDict(extra="ignore")

    idempotency_key: str | None = Field(
        None,
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="A random word of the client. The same request with the same key is carried out once, however "
        "often it is sent; another request with the same key is refused with 422. Kept for 30 days.",
        json_schema_extra={"example": "3f0e0b62-6a55-4a4e-9d5c-0a2d1f6c8b11"},
    )


def once(header: RepeatHeader, content: str, act: Act) -> Result:
    """Carry out `act` in a transaction together with its key; a repeat returns the first result."""
    rt = runtime()
    now = rt.now()
    key = header.idempotency_key
    if key is None:
        return rt.write(lambda session: act(session, now))
    scope, request_content = _scope(), _whole(content)

    def use_case(session: Session) -> Result:
        earlier = earlier_result(session, scope, key, request_content)
        if earlier is not None:
            return earlier
        result = act(session, now)
        remember(session, scope, key, request_content, result=result, now=now)
        return result

    try:
        return rt.write(use_case)
    except HelpdeskError:
        # Of two at once the second finds the ticket changed by the first: that change is its own answer.
        earlier = first_result(header, content)
        if earlier is None:
            raise
        return earlier


def first_result(header: RepeatHeader, content: str) -> Result | None:
    """Return what this request gave before, or None. Raises InvalidInput for a key of another request."""
    key = header.idempotency_key
    if key is None:
        return None
    scope, request_content = _scope(), _whole(content)
    return runtime().read(lambda session: earlier_result(session, scope, key, request_content))


def _scope() -> str:
    return f"token:{caller().public_id} {request.endpoint}"


def _whole(content: str) -> str:
    """The ticket's number belongs to the content; it is the same number with and without its dash."""
    return sha256(f"{request.path.replace('-', '')}\n{content}".encode()).hexdigest()
