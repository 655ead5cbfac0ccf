"""How tests run commands, and what a refusal must look like."""

from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from installing import KEY

Run = Callable[..., Result]


def write_env(path: Path, database_url: str, **changes: str) -> Path:
    """Write the settings of a test installation to `path`."""
    values = {
        "SECRET_KEY": "test-secret-test-secret-test-secret",
        "ENCRYPTION_KEYS": KEY,
        "DATABASE_URL": database_url,
        "STORAGE_DIR": str(path.parent / "storage"),
    }
    lines = [f"HELPDESK_{name}='{value}'" for name, value in (values | changes).items()]
    path.write_text("\n".join(lines) + "\n")
    return path


def is_one_clear_line(result: Result) -> bool:
    """Whether a refusal is what the contract asks for: status 2, one line on standard error, no traceback."""
    lines = result.stderr.splitlines()
    return (
        result.exit_code == 2 and len(lines) == 1 and lines[0].startswith("helpdesk: ") and not result.stdout
    )
