"""When a file that is not there may be asked for again, and which files are listened to."""

from typing import Final

from helpdesk.domain.delivery import ERASED_MEANWHILE
from helpdesk.domain.messages import ChannelCode, MediaKind

HEARD: Final = frozenset({MediaKind.VOICE, MediaKind.AUDIO})
"""What says nothing until somebody has listened and written it down."""

OF_STAFF: Final = (ChannelCode.PHONE, ChannelCode.VISIT, ChannelCode.LWK)
"""Channels whose words staff wrote while they were spoken: a recording there is proof, not news."""

_STAYS_SO: Final = frozenset(
    {
        "too_large",
        "file_type",
        "empty_file",
        "too_many_pixels",
        "foreign_address",
        "foreign_redirect",
        "private_address",
        "too_many_redirects",
        "http_410",
        ERASED_MEANWHILE,
    }
)
"""Reasons that another try does not mend: the file itself is the matter, or it is nobody's to give."""


def may_ask_again(state: str, code: str | None, *, has_reference: bool) -> bool:
    """Tell whether its provider may be asked for a failed file once more."""
    return state == "failed" and has_reference and code not in _STAYS_SO
