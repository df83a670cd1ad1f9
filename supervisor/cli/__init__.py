"""What can be done from a command line?"""

import sys


def main() -> None:
    """The program `supervisor`. Exit codes of `check`: 0 healthy, 1 degraded, 2 unhealthy or opening blocked, 3 else."""
    from supervisor.cli.app import run  # noqa: PLC0415 - typer is slow to import, and agents import this package

    sys.exit(run(sys.argv[1:]))
