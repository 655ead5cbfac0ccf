"""Has a file looked at and copied by a child process, and ends it when that takes too long."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Final

from helpdesk.domain.errors import Unusable
from helpdesk.media.made import Made, unpacked

SECONDS: Final = 180.0
_ROOT: Final = Path(__file__).resolve().parent.parent.parent

logger = logging.getLogger(__name__)


def make(content: bytes, media_type: str, *, seconds: float = SECONDS) -> Made:
    """Return the copies of a file of an allowed type.

    Raises Unusable with the reason: what the child said, `took_too_long` where it was ended, `crashed` where it died.
    """
    program = [sys.executable, "-P", "-B", "-m", "helpdesk.media.child", media_type]
    try:
        child = subprocess.run(  # noqa: S603 -- our own program, and a type out of our own table
            program,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            cwd="/",
            env={"PYTHONPATH": str(_ROOT)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unusable("took_too_long") from None
    try:
        return unpacked(child.stdout)
    except ValueError:
        logger.warning("the process for a file of type %s ended with %s", media_type, child.returncode)
        raise Unusable("crashed") from None
