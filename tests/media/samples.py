"""Small pictures and sounds, made here: no file of a person lies in the repository."""

import io
import math
from array import array
from collections.abc import Mapping
from types import MappingProxyType

import av
import pillow_heif
from av.container import OutputContainer
from av.stream import Stream
from PIL import Image

pillow_heif.register_heif_opener()

SOUNDS: Mapping[str, tuple[str, str, int, str]] = MappingProxyType(
    {
        "whatsapp note": ("ogg", "libopus", 48_000, "audio/ogg"),
        "browser recording": ("webm", "libopus", 48_000, "audio/webm"),
        "iphone memo": ("ipod", "aac", 44_100, "audio/mp4"),
        "android recording": ("3gp", "aac", 44_100, "audio/mp4"),
        "mp3": ("mp3", "libmp3lame", 24_000, "audio/mpeg"),
        "aac": ("adts", "aac", 44_100, "audio/aac"),
        "wav": ("wav", "pcm_s16le", 16_000, "audio/wav"),
    }
)
"""Name: container, codec, samples a second, and what the bytes are taken for."""


def sound(name: str = "whatsapp note", *, seconds: int = 2) -> bytes:
    """Return a tone in the form of that name."""
    container, codec, rate, _ = SOUNDS[name]
    kept = io.BytesIO()
    second = array("h", (int(9000 * math.sin(2 * math.pi * 440 * step / rate)) for step in range(rate)))
    with av.open(kept, "w", format=container) as target:
        line = target.add_stream(codec, rate=rate)
        line.layout = "mono"  # type: ignore[union-attr]
        frame = av.AudioFrame(format="s16", layout="mono", samples=rate * seconds)
        frame.sample_rate = rate
        frame.planes[0].update((second * seconds).tobytes())
        target.mux(line.encode(frame))  # type: ignore[union-attr]
        target.mux(line.encode(None))  # type: ignore[union-attr]
    return kept.getvalue()


WHERE = "-06.2000+106.8000/"
"""Where a film was taken, as phones write it into its head."""


def film(container: str = "mp4", codec: str = "mpeg4", voice: str = "") -> bytes:
    """Return a film of twenty grey pictures that tells where and when it was taken."""
    kept = io.BytesIO()
    options = {"movflags": "use_metadata_tags"} if container in ("mp4", "mov") else {}
    with av.open(kept, "w", format=container, options=options) as target:
        told = {"location": WHERE, "com.apple.quicktime.location.ISO6709": WHERE, "title": "Rumah Siti"}
        target.metadata.update(told | {"creation_time": "2026-11-03T01:02:03Z"})
        line = target.add_stream(codec, rate=10)
        line.width, line.height, line.pix_fmt = 176, 144, "yuv420p"  # type: ignore[union-attr]
        line.metadata["handler_name"] = "HP Siti"
        sound_line = target.add_stream(voice, rate=48_000, layout="mono") if voice else None
        for place in range(20):
            frame = av.VideoFrame(176, 144, "yuv420p")
            frame.pts = place
            target.mux(line.encode(frame))  # type: ignore[union-attr]
        target.mux(line.encode(None))  # type: ignore[union-attr]
        if sound_line is not None:
            _silence(target, sound_line)
    return kept.getvalue()


def _silence(target: OutputContainer, line: Stream) -> None:
    """Two seconds of it."""
    silence = av.AudioFrame(format="s16", layout="mono", samples=96_000)
    silence.sample_rate = 48_000
    silence.planes[0].update(bytes(192_000))
    for piece in (silence, None):
        target.mux(line.encode(piece))  # type: ignore[attr-defined]


def picture(
    size: tuple[int, int] = (60, 40),
    kind: str = "JPEG",
    *,
    exif: Image.Exif | bytes | None = None,
    mode: str = "RGB",
) -> bytes:
    """Return a picture whose upper left quarter is red."""
    drawn = Image.new("RGB", size, "blue")
    drawn.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    kept = io.BytesIO()
    drawn.convert(mode).save(kept, kind, **({"exif": exif} if exif else {}))
    return kept.getvalue()
