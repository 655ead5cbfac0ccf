"""`python -m helpdesk.cli`: the console script without its entry point."""

from helpdesk.cli import main

main()
