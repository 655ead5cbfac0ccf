"""Reads checked values out of the mappings that data files and stored conditions are."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from helpdesk.domain.errors import InvalidInput

Word = TypeVar("Word", bound=StrEnum)


def read_mapping(value: object, field: str, *, allowed: Iterable[str]) -> Mapping[str, object]:
    """Return `value` as a mapping that has none but the allowed keys. Raises InvalidInput."""
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{field}: a mapping is needed, not {value!r}", field=field)
    unknown = sorted(str(key) for key in set(value) - set(allowed))
    if unknown:
        raise InvalidInput(f"{field}: unknown key {', '.join(unknown)}", field=field)
    return value


def read_list(value: object, field: str) -> list[object]:
    """Return `value` as a list that is not empty."""
    if not isinstance(value, list | tuple) or not value:
        raise InvalidInput(f"{field}: a list with something in it is needed, not {value!r}", field=field)
    return list(value)


def read_text(mapping: Mapping[str, object], key: str, field: str) -> str:
    """Return a text that is there and not blank."""
    value = mapping.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{field}.{key}: a text is needed, not {value!r}", field=f"{field}.{key}")
    return value


def read_word(words: type[Word], value: object, field: str) -> Word:
    """Return one of the words of an enumeration."""
    try:
        return words(str(value))
    except ValueError:
        raise InvalidInput(f"{field}: {value!r} is none of {', '.join(words)}", field=field) from None


def read_words(words: type[Word], value: object, field: str) -> frozenset[Word] | None:
    """Return a set of words; None, for any, where nothing is said."""
    if value is None:
        return None
    return frozenset(read_word(words, item, field) for item in read_list(value, field))


def read_bool(mapping: Mapping[str, object], key: str, field: str, *, default: bool) -> bool:
    """Return a truth value, or the default where nothing is said."""
    value = mapping.get(key, default)
    if not isinstance(value, bool):
        raise InvalidInput(f"{field}.{key}: true or false is needed, not {value!r}", field=f"{field}.{key}")
    return value


def check_unique(codes: Iterable[str], field: str) -> None:
    """Raise InvalidInput where a code comes twice."""
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise InvalidInput(f"{field}: {code} is there twice", field=field, code="twice")
        seen.add(code)
