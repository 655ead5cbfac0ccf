"""A copy of a voice message that every browser plays, and how long it takes."""

import io
from collections.abc import Iterator
from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.stream import Disposition

from helpdesk.domain.errors import Unusable
from helpdesk.media.films import stripped
from helpdesk.media.made import Made

LONGEST_SECONDS: Final = 1800
RATE: Final = 24_000
_BITS_PER_SECOND: Final = 48_000
_MOST_BROKEN: Final = 100
"""Packets that may be lost on the way; above it the file is something else."""
CONTAINERS: Final = {
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "mov",
    "audio/aac": "aac",
    "audio/amr": "amr",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/webm": "matroska",
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/webm": "matroska",
}
"""The one reader for each type: those of play lists, which open other files and addresses, are never asked."""
_CODECS: Final = frozenset({"opus", "libopus", "vorbis", "mp3", "mp3float", "aac", "amrnb", "amrwb", "alac"})
_WHOLE_FILE: Final = {"protocol_whitelist": "none", "enable_drefs": "0"}


def playable(content: bytes, media_type: str) -> Made:
    """Return an MP3 of a sound; of a film a copy without its particulars. Raises Unusable, or as the decoder."""
    reader = CONTAINERS[media_type]
    with av.open(
        io.BytesIO(content), "r", format=reader, options=_WHOLE_FILE, metadata_errors="ignore"
    ) as source:
        pictures = [each for each in source.streams.video if not each.disposition & Disposition.attached_pic]
        if pictures:
            return stripped(source, media_type)
        if not source.streams.audio:
            raise Unusable("no_sound")
        name = source.streams.audio[0].codec_context.name
        if name not in _CODECS and not name.startswith("pcm_"):
            raise Unusable("codec")
        sound, samples = _encoded(source)
    if samples == 0:
        raise Unusable("no_sound")
    own_type = media_type.replace("video/", "audio/") if media_type.startswith("video/") else media_type
    return Made(
        media_type="audio/mp4" if own_type in ("audio/3gpp", "audio/quicktime") else own_type,
        playable=sound,
        duration_seconds=max(1, round(samples / RATE)),
    )


def _encoded(source: InputContainer) -> tuple[bytes, int]:
    """Return the MP3 and how many samples are in it."""
    kept, samples = io.BytesIO(), 0
    with av.open(kept, "w", format="mp3") as target:
        line = target.add_stream("libmp3lame", rate=RATE)
        line.layout, line.bit_rate = "mono", _BITS_PER_SECOND
        resampler = AudioResampler(format="s16p", layout="mono", rate=RATE)
        for frame in _frames(source):
            for piece in resampler.resample(frame):
                samples += piece.samples
                if samples > LONGEST_SECONDS * RATE:
                    raise Unusable("too_long")
                piece.pts = None
                target.mux(line.encode(piece))
        target.mux(line.encode(None))
    return kept.getvalue(), samples


def _frames(source: InputContainer) -> Iterator[AudioFrame | None]:
    """Return the frames that can be read, and None at the end: a packet that was lost is a short silence less."""
    broken = 0
    for packet in source.demux(source.streams.audio[0]):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            broken += 1
            if broken > _MOST_BROKEN:
                raise
            continue
        for frame in frames:
            frame.pts = None
            yield frame
    yield None
