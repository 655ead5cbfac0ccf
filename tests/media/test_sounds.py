"""Voice messages of every phone become one form that every browser plays."""

import io

import av
import pytest
from media.samples import SOUNDS, sound

from helpdesk.domain.errors import Unusable
from helpdesk.media import sounds
from helpdesk.services.attachments import sniff


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_of_any_phone_can_be_played(name: str) -> None:
    content, taken_for = sound(name), SOUNDS[name][3]
    assert sniff(content) == taken_for
    made = sounds.playable(content, taken_for)
    assert made.duration_seconds == 2
    assert (made.media_type or "").startswith("audio/")
    with av.open(io.BytesIO(made.playable or b""), "r", format="mp3") as played:
        assert played.streams.audio[0].codec_context.name.startswith("mp3")
        assert sum(frame.samples for frame in played.decode(audio=0)) / sounds.RATE == pytest.approx(
            2, abs=0.2
        )
    assert made.content is None  # the original stays


@pytest.mark.parametrize(
    ("sign", "frame"),
    [(b"#!AMR\n", bytes([0x3C]) + bytes(31)), (b"#!AMR-WB\n", bytes([0x44]) + bytes(60))],
    ids=["narrow", "wide"],
)
def test_a_recording_of_an_old_phone_can_be_played(sign: bytes, frame: bytes) -> None:
    """AMR, 20 ms a frame: there is no encoder at hand, so the frames are silence written by hand."""
    content = sign + frame * 100
    assert sniff(content) == "audio/amr"
    made = sounds.playable(content, "audio/amr")
    assert (made.media_type, made.duration_seconds) == ("audio/amr", 2)
    assert made.playable


def test_a_damaged_message_is_played_as_far_as_it_goes() -> None:
    content = bytearray(sound(seconds=4))
    for place in range(len(content) // 3, len(content) // 3 + 400):
        content[place] ^= 0xFF
    made = sounds.playable(bytes(content), "audio/ogg")
    assert 1 <= (made.duration_seconds or 0) <= 4


def test_a_sound_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "LONGEST_SECONDS", 1)
    with pytest.raises(Unusable, match="too_long"):
        sounds.playable(sound(), "audio/ogg")


PLAY_LIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize("taken_for", sorted(sounds.CONTAINERS))
@pytest.mark.parametrize(
    "content", [PLAY_LIST, b"ffconcat version 1.0\nfile /etc/passwd\n"], ids=["hls", "concat"]
)
def test_a_play_list_opens_nothing(content: bytes, taken_for: str) -> None:
    with pytest.raises((av.FFmpegError, Unusable)):
        sounds.playable(content, taken_for)
