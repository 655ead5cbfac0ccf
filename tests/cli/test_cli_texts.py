"""Commands on the standing texts as a file."""

from pathlib import Path

from installing import NOW
from sqlalchemy import update

from helpdesk.domain.text_document import parse_texts, write_texts
from helpdesk.domain.wording import SHIPPED, Language, TextForm, steps
from helpdesk.models.texts import TextEdition
from helpdesk.runtime import Runtime
from helpdesk.services.text_editions import publish_all

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
    assert "No difference." in run("texts", "publish", file).stdout
    assert run("texts", "export", "--own").stdout == "{}\n"


def test_a_file_is_published_and_shown(run: Run, rt: Runtime, tmp_path: Path) -> None:
    file = written(tmp_path, OWN)
    assert run("texts", "publish", file, "--note", "Lebih ramah").stdout == "Published: T13c.\n"
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
    back = written(tmp_path, write_texts({"T13c": SHIPPED.texts("T13c")}))
    assert "Published: T13c." in run("texts", "publish", back).stdout
    assert "texts      own texts in 0 step(s)" in run("doctor").stdout


def test_every_fault_of_a_file_is_told_in_one_line(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, OWN.replace("banyak", "atas konfirmasi dan {utang}"))
    for command in ("check", "publish"):
        refused = run("texts", command, file)
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
    rt.write(lambda session: publish_all(session, own, "", actor="cli", now=NOW))
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
