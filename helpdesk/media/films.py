"""A film without its particulars: the same pictures and sounds, packet by packet, in a new container."""

import io
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import av
from av.container import InputContainer
from av.stream import Stream

from helpdesk.domain.errors import Unusable
from helpdesk.media.made import Made

_MP4: Final = ("mp4", "video/mp4")
_3GP: Final = ("3gp", "video/3gpp")
_WRITERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "video/mp4": (_MP4, _3GP),
    "video/quicktime": (_MP4, _3GP),
    "video/3gpp": (_3GP, _MP4),
    "video/webm": (("webm", "video/webm"),),
}
"""For each type the writers that may take what is in it, and what it is then. Old phones call a 3GP an MP4."""
_PLAIN: Final = {"fflags": "+bitexact"}
"""Not even the program that wrote it is named."""


def stripped(source: InputContainer, media_type: str) -> Made:
    """Return a copy with nothing but its pictures and sounds; nothing is encoded anew.

    Where and when it was taken, and by which phone, lies in the head of the container and in tracks beside the
    pictures (Apple and GoPro write the place into one); neither is copied. Raises Unusable (`film_as_it_came`) where
    the writer does not take what is in it.
    """
    for writer, own_type in _WRITERS[media_type]:
        with suppress(av.FFmpegError, ValueError):
            content = _copied(source, writer)
            seconds = round(source.duration / 1_000_000) if source.duration else None
            return Made(media_type=own_type, content=content, duration_seconds=seconds)
        source.seek(0)
    raise Unusable("film_as_it_came")


def _copied(source: InputContainer, writer: str) -> bytes:
    """Raises ValueError for a film without a picture that can be read."""
    kept, packets = io.BytesIO(), 0
    with av.open(kept, "w", format=writer, options=dict(_PLAIN)) as target:
        lines = {stream.index: _line(target.add_stream_from_template(stream)) for stream in _shown(source)}
        for packet in source.demux([source.streams[index] for index in lines]):
            if packet.dts is None:  # the empty one at the end
                continue
            packets += 1
            packet.stream = lines[packet.stream.index]
            target.mux(packet)
    if packets == 0:
        raise ValueError("nothing in it")
    return kept.getvalue()


def _shown(source: InputContainer) -> list[Stream]:
    return [*source.streams.video[:1], *source.streams.audio[:1]]


def _line(stream: Stream) -> Stream:
    stream.metadata.clear()
    return stream
