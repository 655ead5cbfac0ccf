"""Words of a text for the search index: whole, any case, the same for a query as for a message."""

import re
import unicodedata

MAX_WORDS = 500
MAX_WORD_LENGTH = 64

_WORD = re.compile(r"[^\W_]+")


def index_words(text: str) -> frozenset[str]:
    """Return the distinct words of a text, the first 500; `4821-9375` gives both of its parts.

    Accents are kept; a word over 64 signs is cut there, in texts and queries alike.
    """
    words: set[str] = set()
    for match in _WORD.finditer(_plain(text)):
        words.add(match.group()[:MAX_WORD_LENGTH])
        if len(words) == MAX_WORDS:
            break
    return frozenset(words)


def query_words(query: str) -> frozenset[str]:
    """Return the words that a ticket must hold, all of them, to match the query."""
    return index_words(query)


def is_unsearchable(query: str) -> bool:
    """Say whether something is asked for, but no word: it finds nothing. Nothing asked for is no condition."""
    return bool(query.strip()) and not query_words(query)


def _plain(text: str) -> str:
    # Case folding may undo a composed sign, so compose again; format signs (Cf) would split a word unseen.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if folded.isascii():
        return folded
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
