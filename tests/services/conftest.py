"""Who talks: every channel with a provider in both languages, or those on which we ask one thing after the other."""

import pytest
from sqlalchemy.orm import Session
from talker import CHANNELS, CHAT, Talk

from helpdesk.domain.wording import Language


@pytest.fixture(params=[(c, la) for c in CHANNELS for la in Language], ids=lambda p: f"{p[0]}-{p[1]}")
def talk(session: Session, request: pytest.FixtureRequest) -> Talk:
    channel, language = request.param
    return Talk(session, channel, language)


@pytest.fixture(params=[(c, la) for c in CHAT for la in Language], ids=lambda p: f"{p[0]}-{p[1]}")
def chat(session: Session, request: pytest.FixtureRequest) -> Talk:
    channel, language = request.param
    return Talk(session, channel, language)
