"""Files are fetched from the provider only, and only the provider sees our credentials."""

import socket
from collections.abc import Mapping
from typing import cast

import pytest

from helpdesk.channels import twilio_media
from helpdesk.channels.base import CanFetch, Channel
from helpdesk.channels.twilio_media import MediaFetcher
from helpdesk.domain.errors import FetchFailed
from helpdesk.domain.messages import AttachmentRef, FetchedFile, MediaKind

from .fake_provider import Answer, FakeProvider
from .webhooks import ACCOUNT, TWILIO_TOKEN

MEDIA_PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'0' * 32}/Media/ME{'1' * 32}"
AT_TWILIO = f"https://api.twilio.com{MEDIA_PATH}"


def reference(url: str) -> AttachmentRef:
    return AttachmentRef(url, MediaKind.PHOTO, "image/png", "asal.png")


@pytest.fixture
def whatsapp(channels: Mapping[str, Channel]) -> CanFetch:
    return cast(CanFetch, channels["whatsapp"])


def test_credentials_go_with_the_first_hop_only(whatsapp: CanFetch, provider: FakeProvider) -> None:
    provider.will_answer(
        Answer(307, headers={"Location": "/cdn/berkas?tanda=1"}),
        Answer(
            200,
            b"isi",
            {"Content-Type": "image/jpeg", "Content-Disposition": 'attachment; filename="bukti.jpg"'},
        ),
    )

    fetched = whatsapp.fetch(reference(AT_TWILIO))

    assert fetched == FetchedFile(b"isi", "image/jpeg", "bukti.jpg")
    assert [seen.path for seen in provider.seen] == [MEDIA_PATH, "/cdn/berkas?tanda=1"]
    assert ["authorization" in seen.headers for seen in provider.seen] == [True, False]


def test_what_the_message_said_of_a_file_fills_the_gaps(whatsapp: CanFetch, provider: FakeProvider) -> None:
    """At our own base it may lie elsewhere; only the exact path of our media is told the token."""
    provider.will_answer(Answer(200, b"isi"))

    assert whatsapp.fetch(reference(provider.address + "/berkas")) == FetchedFile(
        b"isi", "image/png", "asal.png"
    )
    assert "authorization" not in provider.seen[0].headers


HOSTILE = {
    "another host": "{stranger}" + MEDIA_PATH,
    "our host as the user": "http://{provider_host}@{stranger_host}" + MEDIA_PATH,
    "our host as the password": "http://x:{provider_host}@{stranger_host}" + MEDIA_PATH,
    "backslash": "http://{stranger_host}\\@{provider_host}" + MEDIA_PATH,
    "a host that begins like Twilio's": "https://api.twilio.com.example" + MEDIA_PATH,
    "Twilio without TLS": "http://api.twilio.com" + MEDIA_PATH,
    "Twilio at another port": "https://api.twilio.com:444" + MEDIA_PATH,
    "another account": AT_TWILIO.replace(ACCOUNT, "AC" + "0" * 32),
    "another resource of ours": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Keys.json",
    "a path with dots": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/../Media/ME1",
    "a line break behind": AT_TWILIO + "\n",
    "cloud metadata": "http://169.254.169.254/latest/meta-data/",
    "a file": "file:///etc/passwd",
    "a broken address": "http://[::1",
    "nothing": "",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_address_is_never_asked(
    name: str, whatsapp: CanFetch, provider: FakeProvider, stranger: FakeProvider
) -> None:
    url = HOSTILE[name].format(
        stranger=stranger.address,
        stranger_host=stranger.address.removeprefix("http://"),
        provider_host=provider.address.removeprefix("http://"),
    )

    with pytest.raises(FetchFailed) as caught:
        whatsapp.fetch(reference(url))

    assert caught.value.is_final
    assert provider.seen == []
    assert stranger.seen == []


ELSEWHERE = [
    "{stranger}/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://localhost:{stranger_port}/x",
    "http://[::ffff:127.0.0.1]:{stranger_port}/x",
    "http://2130706433:{stranger_port}/x",
    "http://0x7f.1:{stranger_port}/x",
    "https://mms.twiliocdn.com:8443/x",
    "https://mms.twiliocdn.com@{stranger_host}/x",
    "http://mms.twiliocdn.com/x",
    "file:///etc/passwd",
    "//[::1",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_redirect_to_a_stranger_is_not_followed(
    target: str, whatsapp: CanFetch, provider: FakeProvider, stranger: FakeProvider
) -> None:
    host = stranger.address.removeprefix("http://")
    where = target.format(
        stranger=stranger.address, stranger_host=host, stranger_port=host.rpartition(":")[2]
    )
    provider.will_answer(Answer(302, headers={"Location": where}))

    with pytest.raises(FetchFailed) as caught:
        whatsapp.fetch(reference(AT_TWILIO))

    assert caught.value.is_final
    assert stranger.seen == []


def test_a_loop_of_redirects_ends(whatsapp: CanFetch, provider: FakeProvider) -> None:
    provider.will_answer(*[Answer(302, headers={"Location": "/lagi"})] * 10)

    with pytest.raises(FetchFailed, match="too_many_redirects"):
        whatsapp.fetch(reference(AT_TWILIO))

    assert len(provider.seen) == 4


@pytest.mark.parametrize(
    ("answer", "code", "is_final"),
    [
        (Answer(404), "http_404", False),
        (Answer(401), "http_401", False),
        (Answer(503), "http_503", False),
        (Answer(410), "http_410", True),
        (Answer(0), "ConnectionError", False),
    ],
    ids=["late by seconds", "lost credentials", "their fault", "deleted", "hung up"],
)
def test_a_failed_fetch_says_whether_trying_again_helps(
    answer: Answer, code: str, is_final: bool, whatsapp: CanFetch, provider: FakeProvider
) -> None:
    provider.will_answer(answer)

    with pytest.raises(FetchFailed) as caught:
        whatsapp.fetch(reference(AT_TWILIO))

    assert (caught.value.code, caught.value.is_final) == (code, is_final)
    assert TWILIO_TOKEN not in str(caught.value)


def test_a_file_over_the_limit_is_dropped(whatsapp: CanFetch, provider: FakeProvider) -> None:
    provider.will_answer(Answer(200, bytes(twilio_media.MAX_BYTES + 1)))

    with pytest.raises(FetchFailed, match="too_large") as caught:
        whatsapp.fetch(reference(AT_TWILIO))

    assert (caught.value.is_final, caught.value.size_bytes) == (True, twilio_media.MAX_BYTES + 1)


def test_a_name_that_points_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twilio's own address, but the name service has been turned against us."""
    inside = [(2, 1, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: inside)
    fetcher = MediaFetcher(account_sid=ACCOUNT, auth_token=TWILIO_TOKEN, api_base="https://api.twilio.com")

    with pytest.raises(FetchFailed, match="private_address"):
        fetcher.fetch(reference(AT_TWILIO))


BUCKET = f"https://s3-external-1.amazonaws.com/media.twiliocdn.com/{ACCOUNT}/0f1e2d"


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("https://mms.twiliocdn.com/berkas?Expires=1&Signature=x", "private_address"),
        (BUCKET, "private_address"),
        ("https://s3-external-1.amazonaws.com/other/berkas", "foreign_redirect"),
        (BUCKET.replace(ACCOUNT, "../other"), "foreign_redirect"),
        (BUCKET.replace(ACCOUNT, "%2e%2e/other"), "foreign_redirect"),
        (BUCKET.replace(".com/", ".com.example/", 1), "foreign_redirect"),
    ],
)
def test_only_the_places_where_twilio_keeps_media_are_gone_on_to(
    target: str, code: str, whatsapp: CanFetch, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no such place here: whoever is gone on to is looked up, and found to lie inside."""
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: resolve("127.0.0.1", *rest, **more))
    provider.will_answer(Answer(302, headers={"Location": target}))

    with pytest.raises(FetchFailed, match=code):
        whatsapp.fetch(reference(AT_TWILIO))
