"""Which command was meant, and what if it can't be done? One clear sentence and an exit code, never a traceback."""

import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from supervisor.cli import (
    check,
    diagrams,
    explaining,
    heal,
    issues,
    operate,
    orders,
    past,
    replaying,
    report,
    scenario,
    simulate,
    verify,
    watch,
)
from supervisor.cli import proving as _proving  # noqa: F401 - it adds its commands to `log`
from supervisor.cli.output import complain
from supervisor.errors import SupervisorError
from supervisor.monitor.wallets import hide_known

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
app.command("issues")(issues.issues)
app.command("stats")(issues.stats)
app.command("explain")(explaining.explain)
app.command("report")(report.report)
app.command("replay")(replaying.replay)
app.command("diagram")(diagrams.diagram)
app.command("verify")(verify.verify)
app.add_typer(scenario.app, name="scenario")
app.command("simulate")(simulate.simulate)
app.command("diagnose")(orders.diagnose)
app.add_typer(orders.order_app, name="order")
app.command("fixes")(heal.fixes)
app.command("approve")(heal.approve)
app.command("hold")(operate.hold)
app.command("release")(operate.release)
app.command("ack")(operate.ack)


EXIT_INTERRUPTED = 130


def sentence_of(error: TyperException) -> str:
    """What is wrong with the command line, and where help is, in one sentence."""
    said = getattr(error, "format_message", lambda: str(error))()
    return f"{str(said).rstrip('.')} (try: supervisor --help)"


def run(arguments: Sequence[str]) -> int:
    """Runs one command line; its exit code."""
    hide_known()
    try:
        code = app(args=list(arguments) or ["--help"], standalone_mode=False)
    except SupervisorError as error:
        return complain(str(error), as_json="--json" in arguments)
    except typer.Exit as done:
        return int(done.exit_code)
    except TyperException as error:
        return complain(sentence_of(error), as_json="--json" in arguments)
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        sys.stderr.close()
        return 0
    return code if isinstance(code, int) else 0
