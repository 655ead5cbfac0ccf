"""Words for the search index."""

import pytest

from helpdesk.domain.search import MAX_WORD_LENGTH, MAX_WORDS, index_words, is_unsearchable, query_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Angsuran BELUM dicatat!", {"angsuran", "belum", "dicatat"}),
        ("nomor 4821-9375", {"nomor", "4821", "9375"}),
        ("bu_siti@contoh.id", {"bu", "siti", "contoh", "id"}),
        ("café Straße", {"café", "strasse"}),
        ("cafe\u0301", {"café"}),
        ("ＡＢＣ１２", {"abc12"}),
        ("alam\u00adat", {"alamat"}),
        ("日本 العربية", {"日本", "العربية"}),
        ("🙏 !!!", set()),
        ("", set()),
    ],
)
def test_words_are_whole_and_without_case(text: str, words: set[str]) -> None:
    assert index_words(text) == words


def test_a_query_finds_what_was_indexed() -> None:
    text = "Saya bayar ke Pak Ahmad, nomor 4821-9375, belum dicatat"
    for query in ("AHMAD", "4821-9375", "9375", "belum Dicatat"):
        assert query_words(query) <= index_words(text)
    assert not query_words("ahma") <= index_words(text)


@pytest.mark.parametrize(
    ("query", "is_so"), [("!!!", True), ("🙏", True), ("\0", True), ("", False), ("  ", False), ("a!", False)]
)
def test_signs_without_a_word_cannot_be_looked_for(query: str, is_so: bool) -> None:
    assert is_unsearchable(query) is is_so


def test_a_huge_text_gives_a_bounded_number_of_words() -> None:
    assert len(index_words(" ".join(f"kata{n}" for n in range(5000)))) == MAX_WORDS
    assert index_words("a" * 1000) == {"a" * MAX_WORD_LENGTH}
