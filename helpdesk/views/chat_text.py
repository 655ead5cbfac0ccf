"""Words of a conversation on a page: what WhatsApp shows in bold is bold here too."""

import re

from markupsafe import Markup, escape

# One pair of stars on a line, close around the words, is bold on a phone. A star inside a word or number is only
# a star: *123*1# is a code to dial.
_BOLD = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+)(?<=\S)\*(?![\w*])")


def chat_text(text: str | None) -> Markup:
    """Return the words as safe HTML, `*so*` in bold."""
    return Markup(_BOLD.sub(r"<strong>\1</strong>", str(escape(text or ""))))  # noqa: S704  escaped here
