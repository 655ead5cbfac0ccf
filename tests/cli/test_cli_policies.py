"""Commands on the SLA policies as a file."""

from pathlib import Path

import pytest
import yaml
from factories import make_user
from installing import NOW
from sqlalchemy import update
from sqlalchemy.orm import Session

from helpdesk.models.people import Role
from helpdesk.models.sla import SlaPolicyEdition
from helpdesk.runtime import Runtime
from helpdesk.services.policies import put_in_force
from helpdesk.sla.policy import SlaPolicy, shipped_policies
from helpdesk.sla.policy_document import parse_document, write_document
from helpdesk.sla.policy_edits import without

from .runs import Run, is_one_clear_line

SHIPPED = write_document(shipped_policies())


def written(folder: Path, document: str) -> str:
    file = folder / "policies.yaml"
    file.write_text(document, encoding="utf-8")
    return str(file)


def test_what_is_shown_can_be_checked_and_differs_in_nothing(run: Run, tmp_path: Path) -> None:
    shown = run("sla", "policy", "show")
    assert parse_document(shown.stdout) == shipped_policies()
    assert "edition 1, published 2026-11-23 by the system" in shown.stderr
    file = written(tmp_path, shown.stdout)
    assert f"{file} is a valid set of 15 policies." in run("sla", "policy", "check", file).stdout
    assert run("sla", "policy", "diff", file).stdout == "No difference.\n"


def test_a_difference_is_told_part_by_part(run: Run, tmp_path: Path) -> None:
    document = yaml.safe_load(SHIPPED)
    first, second, *rest = document["policies"]
    first["targets"]["acknowledgement"]["within"] = "2h"
    new = {**second, "code": "data-new", "when": {"categories": ["DAT-SEBAR"]}}
    file = written(tmp_path, yaml.safe_dump({"policies": [new, first, *rest]}))
    assert run("sla", "policy", "diff", file).stdout.splitlines() == [
        "data-new: added",
        "  acknowledgement: 2h always",
        "  first_response: 1wd service",
        "  next_response: 1wd service pausable up to 10wd",
        "  resolution: 48h always pausable up to 72h",
        "  regulatory: 72h always",
        "data-rights: changed",
        "  acknowledgement: 1h service → 2h service",
        "data-breach: removed",
    ]


def test_warnings_are_shown_and_do_not_refuse(run_anywhere: Run, tmp_path: Path) -> None:
    document = write_document(without(shipped_policies(), "service-s4"))
    result = run_anywhere("sla", "policy", "check", written(tmp_path, document))
    assert result.exit_code == 0
    assert (
        "warning: only the fallback fits kinds enquiry, request; severities S4; categories any other, DAT-BOCOR\n"
    ) in result.stdout


FAULTS = {
    "no YAML": ("policies: [a", "broken YAML in line"),
    "not policies": ("- S1", "a mapping is needed"),
    "a misspelt key": (SHIPPED.replace("within: 1h", "whithin: 1h"), "unknown key whithin"),
    "later than the law": (
        SHIPPED.replace("within: 5d", "within: 6d"),
        "complaint-s1-lisan: regulatory is later than the law, which gives 5d regulatory for kinds complaint; "
        "severities S1; forms lisan; complaint-s2-lisan",
    ),
    "a cap where nothing pauses": (
        SHIPPED.replace("{within: 1h, calendar: service}", "{within: 1h, calendar: service, pause_cap: 1h}"),
        "data-rights.targets.acknowledgement: pause_cap limits pauses",
    ),
}


@pytest.mark.parametrize(("document", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_file_is_one_clear_line(
    run_anywhere: Run, tmp_path: Path, document: str, words: str
) -> None:
    result = run_anywhere("sla", "policy", "check", written(tmp_path, document))
    assert is_one_clear_line(result)
    assert words in result.stderr


def test_a_file_that_is_no_text_is_one_clear_line(run_anywhere: Run, tmp_path: Path) -> None:
    file = tmp_path / "policies.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    assert is_one_clear_line(run_anywhere("sla", "policy", "check", str(file)))


def test_the_doctor_tells_the_edition_and_what_a_release_brings(run: Run, rt: Runtime) -> None:
    assert "ok    policies   edition 1" in run("doctor").stdout

    def edit(session: Session) -> None:
        """Let somebody have published another set before this release's one was ever there."""
        author = make_user(session, Role.ADMIN)
        wanted = policies_with_own_hours()
        session.execute(update(SlaPolicyEdition).values(document=write_document(wanted), author_id=author.id))
        put_in_force(session, wanted, now=NOW)

    rt.write(edit)
    told = run("doctor").stdout
    assert (
        "note  policies   edition 1 was edited and stays; this release ships others for data-rights" in told
    )


def policies_with_own_hours() -> tuple[SlaPolicy, ...]:
    return parse_document(SHIPPED.replace("within: 1h", "within: 2h"))
