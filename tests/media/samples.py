"""Small pictures and sounds, made here: no file of a person lies in the repository."""

import io
import math
from array import array
from collections.abc import Mapping
from types import MappingProxyType

import av
from PIL import Image

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


def film() -> bytes:
    """Return a film of some grey pictures without a sound."""
    kept = io.BytesIO()
    with av.open(kept, "w", format="mp4") as target:
        line = target.add_stream("mpeg4", rate=10)
        line.width, line.height, line.pix_fmt = 64, 48, "yuv420p"  # type: ignore[union-attr]
        for _ in range(20):
            target.mux(line.encode(av.VideoFrame(64, 48, "yuv420p")))  # type: ignore[union-attr]
        target.mux(line.encode(None))  # type: ignore[union-attr]
    return kept.getvalue()


def picture(
    size: tuple[int, int] = (60, 40), kind: str = "JPEG", *, exif: Image.Exif | None = None, mode: str = "RGB"
) -> bytes:
    """Return a picture whose upper left quarter is red."""
    drawn = Image.new("RGB", size, "blue")
    drawn.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    kept = io.BytesIO()
    drawn.convert(mode).save(kept, kind, **({"exif": exif} if exif else {}))
    return kept.getvalue()
