"""The papers stay true: settings, commands and the codemap are documented as they are."""

import re
from pathlib import Path

from helpdesk.config import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent


def test_every_setting_is_in_the_readme_and_in_the_example_file() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"`{name.upper()}`" in readme, f"README.md does not explain {name.upper()}"
        assert f"{PREFIX}{name.upper()}=" in example, f".env.example lacks {PREFIX}{name.upper()}"


def test_the_codemap_names_every_module_of_the_top_level() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    names = [path.name for path in (ROOT / "helpdesk").iterdir() if path.suffix == ".py" or path.is_dir()]
    missing = [
        name for name in names if not name.startswith("_") and not name.endswith(".pyc") and name not in text
    ]
    assert missing == []


def test_every_make_target_that_the_papers_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set()
    for paper in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"):
        named |= set(re.findall(r"`make ([a-z]+)", (ROOT / paper).read_text(encoding="utf-8")))
    assert named <= targets
    assert {"demo", "test", "bench", "check"} <= targets


def test_every_decision_is_numbered_and_has_its_parts() -> None:
    papers = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [paper.name[:4] for paper in papers] == [f"{number:04}" for number in range(1, len(papers) + 1)]
    for paper in papers:
        text = paper.read_text(encoding="utf-8")
        for part in ("Status", "Context", "Decision", "Consequences"):
            assert re.search(rf"^## {part}", text, re.MULTILINE), f"{paper.name} lacks {part}"


def test_no_machine_path_and_no_registry_host_is_written_down() -> None:
    pattern = re.compile(
        "|".join(
            (
                # One letter of each stands in brackets, so that this file is no find of its own.
                r"pythonhoste[d]",
                r"pypi\.or[g]",
                r"registry\.npmj[s]",
                r"deb\.debia[n]",
                r"/roo[t]/",
                r"/wor[k]/",
            )
        )
    )
    wrong = []
    for path in ROOT.rglob("*"):
        is_ours = path.is_file() and not set(path.relative_to(ROOT).parts) & {
            ".git",
            ".venv",
            "var",
            "__pycache__",
            ".pytest_cache",
            ".mypy_cache",
            ".ruff_cache",
            ".hypothesis",
        }
        if (
            is_ours
            and path.suffix in {".py", ".md", ".toml", ".txt", ".html", ".yaml", ".example", ""}
            and pattern.search(path.read_text(encoding="utf-8", errors="ignore"))
        ):
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []
