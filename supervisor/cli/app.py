"""Which command was meant, and what if it can't be done? One clear sentence and an exit code, never a traceback."""

import sys
from collections.abc import Sequence

import click
import typer

from supervisor.cli import check, diagrams, operate, past, simulate, watch
from supervisor.cli.output import EXIT_MISCONFIGURED, complain
from supervisor.errors import SupervisorError

app = typer.Typer(
    name="supervisor",
    help="Watches a brokerage account, says whether an agent may trade and why, and heals what can be healed safely.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("run")(watch.run)
app.command("check")(check.check)
app.add_typer(past.log_app, name="log")
app.command("explain")(past.explain)
app.command("replay")(past.replay)
app.command("diagram")(diagrams.diagram)
app.command("simulate")(simulate.simulate)
app.command("hold")(operate.hold)
app.command("release")(operate.release)
app.command("ack")(operate.ack)


def run(arguments: Sequence[str]) -> int:
    """Runs one command line; its exit code."""
    try:
        code = app(args=list(arguments), standalone_mode=False)
    except SupervisorError as error:
        return complain(str(error), as_json="--json" in arguments)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return EXIT_MISCONFIGURED
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:  # whoever read our output has gone
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0
