"""Of a film only its pictures and sounds are kept, as they were encoded."""

import io
import struct

import av
import pytest
from media.samples import WHERE, film, sound

from helpdesk.domain.errors import Unusable
from helpdesk.media import sounds
from helpdesk.services.attachments import sniff

FILMS = {
    "whatsapp": (("mp4", "libx264", "aac"), "video/mp4", "video/mp4"),
    "without a sound": (("mp4", "mpeg4", ""), "video/mp4", "video/mp4"),
    "iphone": (("mov", "libx264", "aac"), "video/quicktime", "video/mp4"),
    "old phone": (("3gp", "h263", "aac"), "video/mp4", "video/3gpp"),
    "browser": (("webm", "libvpx", "libopus"), "video/webm", "video/webm"),
}
"""How it is made, what it is taken for, and what it becomes."""
QUARTER_TURN = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)


def packets(content: bytes, media_type: str) -> list[bytes]:
    """Return what is encoded in it, pictures and sounds."""
    with av.open(io.BytesIO(content), "r", format=sounds.CONTAINERS[media_type]) as source:
        return sorted(bytes(packet) for packet in source.demux() if packet.dts is not None)


@pytest.mark.parametrize("name", FILMS)
def test_where_when_and_with_what_it_was_taken_is_gone_and_nothing_else(name: str) -> None:
    form, taken_for, becomes = FILMS[name]
    content = film(*form)
    assert WHERE.encode() in content or b"loci" in content
    assert sniff(content) == taken_for
    made = sounds.playable(content, taken_for)
    kept = made.content or b""
    assert (made.media_type, made.playable, made.duration_seconds) == (becomes, None, 2)
    assert not [told for told in (WHERE, "Siti", "2026", "loci") if told.encode() in kept]
    with av.open(io.BytesIO(kept)) as copy:
        assert not [key for key in copy.metadata if "creation" in key or "location" in key]
        assert sum(1 for _ in copy.decode(video=0)) == 20
    assert packets(kept, becomes) == packets(content, taken_for), "nothing is encoded anew"


def test_a_film_that_was_taken_upright_stays_upright() -> None:
    content = bytearray(film())
    matrix = content.index(b"tkhd") + 44
    content[matrix : matrix + 36] = QUARTER_TURN
    kept = sounds.playable(bytes(content), "video/mp4").content or b""
    assert QUARTER_TURN in kept


def test_a_film_that_no_writer_takes_stays_as_it_came_and_says_so() -> None:
    with pytest.raises(Unusable, match="film_as_it_came"):
        sounds.playable(film("matroska", "libx264"), "video/webm")


def test_an_iphone_recording_without_pictures_is_a_sound() -> None:
    content = sound("iphone memo").replace(b"ftypM4A ", b"ftypqt  ")
    made = sounds.playable(content, "video/quicktime")
    assert (made.media_type, made.content) == ("audio/mp4", None)
    assert made.playable
