"""The `helpdesk` console script (contract.md section 1), one file per group of commands."""

from helpdesk.cli.commands import main

__all__ = ["main"]
