"""Bold words of a chat are bold on the page, and nothing else of a message becomes markup."""

import pytest

from helpdesk.views.chat_text import chat_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Nomor: *4821-9375*.", "Nomor: <strong>4821-9375</strong>.", id="number"),
        pytest.param("👀 *Dibaca petugas*", "👀 <strong>Dibaca petugas</strong>", id="words"),
        pytest.param("*a* dan *b*", "<strong>a</strong> dan <strong>b</strong>", id="twice"),
        pytest.param("tekan *123*1#", "tekan *123*1#", id="code-to-dial"),
        pytest.param("2*3*4", "2*3*4", id="sum"),
        pytest.param("* satu\n* dua", "* satu\n* dua", id="list"),
        pytest.param("*awal\nakhir*", "*awal\nakhir*", id="over-two-lines"),
        pytest.param("**", "**", id="nothing-inside"),
        pytest.param("*<b>&*", "<strong>&lt;b&gt;&amp;</strong>", id="markup-inside"),
        pytest.param(
            "<script>*x*</script>", "&lt;script&gt;<strong>x</strong>&lt;/script&gt;", id="markup-around"
        ),
        pytest.param(None, "", id="no-words"),
    ],
)
def test_stars_around_words_are_bold_and_everything_else_is_text(text: str | None, shown: str) -> None:
    assert str(chat_text(text)) == shown
