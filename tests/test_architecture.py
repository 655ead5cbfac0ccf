"""The rules of ARCHITECTURE.md, checked: import arrows, no clock in the core, one seam to a transaction."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "helpdesk"

MAY_IMPORT: dict[str, set[str]] = {
    "domain": {"domain"},
    "sla": {"sla", "domain"},
    "wallclock": set(),
    "db": {"domain"},
    "config": {"domain"},
    "crypto": {"domain"},
    "storage": {"crypto", "domain"},
    "models": {"models", "db", "crypto", "sla", "domain"},
    "services": {"services", "models", "db", "crypto", "sla", "domain"},
    "queries": {"queries", "models", "db", "crypto", "sla", "domain"},
    "channels": {"channels", "domain"},
    "migrate": {"models", "db"},
    "logs": {"config"},
    "runtime": {"channels", "config", "crypto", "db", "domain", "services", "storage", "wallclock"},
    "inbox": {"runtime", "services", "channels", "domain"},
    "collecting": {"inbox", "runtime", "services", "channels", "domain"},
    "outbox": {"runtime", "services", "channels", "domain"},
    "contents": {"runtime", "services", "channels", "domain"},
    "media": {"media", "domain"},
    "files": {"runtime", "services", "channels", "media", "domain"},
    "reports": {"queries"},
    "posters": {"posters", "domain"},
    "views": {
        "views",
        "files",
        "inbox",
        "migrate",
        "posters",
        "reports",
        "runtime",
        "services",
        "queries",
        "sla",
        "domain",
    },
    "jobs": {"collecting", "contents", "files", "inbox", "outbox", "runtime", "services", "domain"},
}
"""What each part may import of the rest. Entry points (app, cli, server, demo) may import anything."""

PURE = ("domain", "sla")
PURE_LIBRARIES = {"yaml", "babel", "phonenumbers", "stdnum", "tzdata"}


def modules(part: str) -> list[Path]:
    """Files of one part: a package or a single module."""
    folder = PACKAGE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{part}.py"]


def imported(path: Path) -> set[str]:
    """Full names of everything that a file imports, at any depth of it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            # `from helpdesk import inbox` imports helpdesk.inbox.
            names |= (
                {f"{node.module}.{alias.name}" for alias in node.names}
                if node.module == "helpdesk"
                else {node.module}
            )
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level)
    return names


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_a_part_imports_only_what_lies_below_it(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(part)
        for name in sorted(imported(path))
        if name.startswith("helpdesk.") and name.split(".")[1] not in MAY_IMPORT[part] | {part, "__version__"}
    ]
    assert wrong == []


def test_every_part_of_the_package_has_its_place_in_the_table() -> None:
    parts = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert parts - {"__init__", "app", "cli", "server", "demo"} == set(MAY_IMPORT)


def test_the_core_imports_no_framework() -> None:
    import sys

    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for part in PURE
        for path in modules(part)
        for name in imported(path)
        if (top := name.split(".")[0]) not in PURE_LIBRARIES | set(sys.stdlib_module_names) | {"helpdesk"}
        and top
    ]
    assert wrong == []


NO_CLOCK = (*PURE, "models", "services", "queries", "channels", "views", "inbox", "outbox", "files", "media")


@pytest.mark.parametrize("part", NO_CLOCK)
def test_only_the_wall_clock_reads_the_time_of_day(part: str) -> None:
    pattern = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time|utc_now)\(")
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in modules(part)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize("part", ["services", "queries", "channels", "models", "views"])
def test_only_the_runtime_begins_and_commits(part: str) -> None:
    pattern = re.compile(
        r"(session|connection|engine)s?\.(commit|begin|rollback)\(|sessionmaker|create_engine"
    )
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in modules(part)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


ONLY_WRITERS = {
    r"\.assignee_id\b[^=!<>\n]*= ": {"services/owners.py"},
    r"\.(breached_at|next_due_at) = ": {"services/clocks.py", "services/succession.py"},
    r"\b(SlaClockEvent|SlaPauseRow)\(": {
        "services/step_log.py",
        "services/clocks.py",
        "services/succession.py",
    },
    r"\bSlaClockRow\(": {"services/clocks.py"},
}
"""Who alone writes what would be wrong if two did."""


@pytest.mark.parametrize("pattern", ONLY_WRITERS)
def test_what_must_stay_true_has_one_writer(pattern: str) -> None:
    writers = {
        str(path.relative_to(PACKAGE))
        for part in (
            "services",
            "views",
            "channels",
            "cli",
            "jobs",
            "inbox",
            "outbox",
            "files",
            "queries",
            "models",
        )
        for path in modules(part)
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }
    assert writers - {"models/sla.py"} == ONLY_WRITERS[pattern]


def test_services_and_queries_open_no_socket() -> None:
    network = {
        "requests",
        "httpx",
        "socket",
        "urllib.request",
        "twilio",
        "telegram",
        "http.client",
        "smtplib",
    }
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for part in ("services", "queries")
        for path in modules(part)
        for name in imported(path)
        if name in network or name.split(".")[0] in network
    ]
    assert wrong == []


def test_templates_run_no_queries_and_hold_no_inline_script() -> None:
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        if re.search(
            r"""<script(?![^>]*\bsrc=)[^>]*>|<[a-z][^>]*\s(on[a-z]+|style)=["']|\|\s*safe\b""", text
        ):
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


def test_every_test_file_has_a_name_of_its_own() -> None:
    # pytest refuses the whole suite when two files of one name lie in folders without an __init__.py.
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
