"""`python -m supervisor.cli` is the program `supervisor`."""

from supervisor.cli import main

main()
