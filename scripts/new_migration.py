"""Writes the next migration from the models: `make migration NAME="add what"`."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from helpdesk.migrate import ROOT, alembic_config, upgrade


def main() -> None:
    """Compare the models with an empty database brought to head, and write the difference with a serial number."""
    message = " ".join(sys.argv[1:]).strip()
    if not message:
        sys.exit('usage: make migration NAME="add what"')
    serial = len(list((ROOT / "migrations" / "versions").glob("[0-9]*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'empty.db'}"
        if serial > 1:
            upgrade(url)
        command.revision(alembic_config(url), message, autogenerate=True, rev_id=f"{serial:04}")


if __name__ == "__main__":
    main()
