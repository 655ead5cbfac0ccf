"""The process that opens a stranger's file: `python -m helpdesk.media.child TYPE`, the file in, its copies out.

It knows no setting and no key, writes no file, and is ended when it takes too much time or memory.
"""

import os
import resource
import sys
from contextlib import suppress
from typing import Final

from helpdesk.domain.errors import Unusable
from helpdesk.media.made import Made, packed

CPU_SECONDS: Final = 120
_MEMORY: Final = 2 * 1024**3
_LIMITS: Final = (
    (resource.RLIMIT_CPU, CPU_SECONDS),
    (resource.RLIMIT_AS, _MEMORY),
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
)


def main(media_type: str) -> None:
    """Read the file, write the outcome."""
    for what, most in _LIMITS:
        with suppress(ValueError, OSError):  # an operating system without this limit
            resource.setrlimit(what, (most, most))
    os.nice(10)  # people wait for pages, nobody for this
    content = sys.stdin.buffer.read()
    sys.stdout.buffer.write(packed(_made(content, media_type)))


def _made(content: bytes, media_type: str) -> Made | Unusable:
    try:
        if media_type.startswith("image/"):
            from helpdesk.media.pictures import clean

            return clean(content)
        if media_type == "application/pdf":
            from helpdesk.media.pages import split

            return split(content)
        from helpdesk.media.sounds import playable

        return playable(content, media_type)
    except Unusable as error:
        return error
    except MemoryError:
        return Unusable("too_many_pixels")
    except Exception:  # whatever a decoder raises over a stranger's bytes
        return Unusable("broken")


if __name__ == "__main__":
    main(sys.argv[1])
