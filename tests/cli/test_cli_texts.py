"""Commands on the standing texts as a file."""

from pathlib import Path

from factories import make_user
from installing import NOW
from sqlalchemy import update
from text_office import publish_texts

from helpdesk.domain.text_document import parse_texts, write_texts
from helpdesk.domain.wording import SHIPPED, Language, TextForm, steps
from helpdesk.models.people import Role
from helpdesk.models.texts import TextEdition
from helpdesk.runtime import Runtime

from .runs import Run, is_one_clear_line

CHAT_ID = (TextForm.CHAT, Language.ID)
OWN = "T13c:\n  chat:\n    id: Terima kasih banyak, {sapaan}.\n"


def written(folder: Path, document: str) -> str:
    file = folder / "texts.yaml"
    file.write_text(document, encoding="utf-8")
    return str(file)


def test_what_is_exported_can_be_checked_and_differs_in_nothing(run: Run, tmp_path: Path) -> None:
    exported = run("texts", "export").stdout
    assert parse_texts(exported) == {step: SHIPPED.texts(step) for step in steps()}
    file = written(tmp_path, exported)
    checked = run("texts", "check", file).stdout
    assert f"{file} has sound texts of {len(steps())} steps." in checked
    assert "advice: T13c Chat Indonesian: readability index 4.3." in checked
    assert run("texts", "export", "--own").stdout == "{}\n"


def test_a_file_is_proposed_for_a_named_author_and_shown(run: Run, rt: Runtime, tmp_path: Path) -> None:
    author, agent = rt.write(
        lambda session: (make_user(session, Role.ADMIN).email, make_user(session, Role.AGENT).email)
    )
    propose = ("texts", "propose", written(tmp_path, OWN), "--note", "Lebih ramah", "--author")
    for nobody in (agent, "nobody@example.org"):
        assert is_one_clear_line(run(*propose, nobody))
    assert run(*propose, author).stdout == "Waiting for a second person on /admin/texts: T13c.\n"
    assert run("texts", "export", "--own").stdout == "{}\n"
    assert " waits; She rates us 3 to 5" in run("texts", "show", "T13c").stderr
    same = written(tmp_path, write_texts({"T19": SHIPPED.texts("T19")}))
    assert "No difference." in run("texts", "propose", same, "--note", "x", "--author", author).stdout


def test_own_texts_are_shown_and_exported(run: Run, rt: Runtime) -> None:
    rt.write(lambda session: publish_texts(session, parse_texts(OWN), now=NOW))
    assert parse_texts(run("texts", "export", "--own").stdout)["T13c"] == {
        **SHIPPED.texts("T13c"),
        CHAT_ID: "Terima kasih banyak, {sapaan}.",
    }
    shown = run("texts", "show", "T13c")
    assert "Terima kasih banyak" in shown.stdout
    assert "own text, edition 1; She rates us 3 to 5" in shown.stderr
    (line,) = [line for line in run("texts", "show").stdout.splitlines() if line.startswith("T13c ")]
    assert "Good rating" in line
    assert "own text, edition 1" in line


def test_every_fault_of_a_file_is_told_in_one_line(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, OWN.replace("banyak", "atas konfirmasi dan {utang}"))
    for command in (("check",), ("propose", "--author", "a@example.org", "--note", "x")):
        refused = run("texts", *command, file)
        assert is_one_clear_line(refused)
        assert "T13c Chat Indonesian: {utang} is not known in this step." in refused.stderr
        assert "say “betul?” for “konfirmasi”" in refused.stderr


def test_a_file_that_is_no_set_of_texts_is_refused(run: Run, tmp_path: Path) -> None:
    broken = {
        "T99: {chat: {id: x}}": "there is no step T99",
        "T13c: {mail: {id: x}}": "T13c: mail is neither chat nor sms",
        "T13c: {chat: {de: x}}": "T13c chat: de is neither id nor en",
        "T13c: {chat: {id: 7}}": "T13c chat id is no text",
        "T13c: []": "T13c: chat and sms",
        "[]": "texts are a mapping",
        "T13c: {": "broken YAML",
    }
    for document, words in broken.items():
        refused = run("texts", "check", written(tmp_path, document))
        assert is_one_clear_line(refused), document
        assert words in refused.stderr


def test_doctor_tells_of_texts_that_a_release_left_behind(run: Run, rt: Runtime) -> None:
    own = {"T13c": {CHAT_ID: "Terima kasih banyak, {sapaan}."}}
    rt.write(lambda session: publish_texts(session, own, now=NOW))
    assert "ok    texts      own texts in 1 step(s)" in run("doctor").stdout
    for change, words in (
        (
            {"shipped": {"chat": {"id": "Makasih"}}},
            "stay; this release ships others for T13c: see /admin/texts",
        ),
        (
            {"own": {"chat": {"id": "Halo {dulu}."}}},
            "no longer sound in this release: T13c: see /admin/texts",
        ),
    ):
        rt.write(lambda session, change=change: session.execute(update(TextEdition).values(**change)))
        told = run("doctor")
        assert "note  texts " in told.stdout
        assert words in told.stdout
        assert told.exit_code == 0
