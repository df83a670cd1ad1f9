"""How does a person place, look at, cancel or settle one order, and learn why one failed?"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from supervisor.cli.check import look_until_sure
from supervisor.cli.explaining import read_order
from supervisor.cli.operate import Who, Why, send
from supervisor.cli.output import AsJson, Home, emit, warn
from supervisor.concerns.facts import Place
from supervisor.errors import SupervisorError
from supervisor.journal.lock import writer
from supervisor.monitor.accounts import refuse_ambiguity
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.tradier import for_tradier, home_of, remembered
from supervisor.orders import OrderRefused, Outcome, Result

EXIT = {Outcome.LANDED: 0, Outcome.REFUSED: 1, Outcome.ABSENT: 1, Outcome.UNKNOWN: 2}
PATIENCE = 150.0
"""Seconds to follow an order in doubt: the last look at it is 137 s after its sending."""

File = Annotated[Path, typer.Argument(help="A file holding one order as a JSON object; - is standard input.")]
OrderId = Annotated[str, typer.Argument(help="The broker's id, ours, or the tag.", metavar="ORDER")]

order_app = typer.Typer(help="Preview, submit, look at, cancel or settle one order.", no_args_is_help=True)


def diagnose(
    file: File,
    error: Annotated[str, typer.Option("--error", help="What the broker or the program said.")] = "",
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Say why an order failed, in the broker's own words, whose move it is, and what may be sent instead. Never sends."""
    order = read_order(file)
    supervisor = for_tradier(home=home, persist=False)
    warn(remembered(supervisor, home))
    try:
        supervisor.look(deadline=5.0)
        issue = supervisor.diagnose_order_failure(order, error or "no words came with the failure")
    finally:
        supervisor.stop()
    if as_json:
        emit(issue.as_dict())
        return 0
    facts = issue.metadata
    print(f"{issue.code}: {facts['explanation']}")
    print(f"  the broker said: {issue.error_message}")
    print(f"  whose move: {facts['whose_move']}; send again: {str(facts['retry']).replace('_', ' ')}")
    for line in facts["evidence"]:
        print(f"  found: {line}")
    if facts["corrected_order"]:
        print(f"  may be sent instead: {json.dumps(facts['corrected_order'])}")
    return 0


@order_app.command("preview")
def preview(file: File, as_json: AsJson = False, home: Home = None) -> int:
    """Ask the broker what an order would cost; exits 0 if it would take it, 1 refused, 2 no answer. Nothing is sent."""
    order = read_order(file)
    supervisor = for_tradier(home=home, persist=False, orders=True)
    warn(remembered(supervisor, home))
    try:
        look_until_sure(supervisor, 5.0)
        typed, estimate, fixes = supervisor.orders.preview(order)
    except OrderRefused as refused:
        raise SupervisorError(str(refused)) from refused
    finally:
        supervisor.stop()
    if as_json:
        emit({"order": typed, "estimate": estimate.as_dict(), "fixes_applied": [fix.as_dict() for fix in fixes]})
    else:
        print(f"{json.dumps(typed, default=str)}\n{estimate.sentence()}")
        for fix in fixes:
            print(f"  corrected {fix.field}: {fix.before!r} -> {fix.after!r}")
    return 0 if estimate.clean else 1 if estimate.refused else 2


@order_app.command("submit")
def submit(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="Yes, send it.")] = False,
    live: Annotated[bool, typer.Option("--live", help="Yes, with real money, where live is intended.")] = False,
    wait: Annotated[float, typer.Option("--wait", min=0, max=600, help="Seconds to wait for a verdict.")] = PATIENCE,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Send one order, once, if the gate allows it; exits 0 landed, 1 refused or absent, 2 unknown."""
    order = read_order(file)
    if not yes:
        raise SupervisorError("nothing was sent: say --yes to send it")
    supervisor = for_tradier(home=home, orders=True)
    if supervisor.endpoint().intended is Place.LIVE and supervisor.endpoint().used is not Place.LOOPBACK and not live:
        raise SupervisorError("nothing was sent: live trading is intended, so say --live as well")
    try:
        supervisor.tick()
        if supervisor.unrecorded:
            raise SupervisorError(f"nothing was sent: {supervisor.unrecorded}")
        look_until_sure(supervisor, 5.0)
        supervisor.look(deadline=5.0)  # after a stop opening waits for two fresh rounds
        refuse_ambiguity(supervisor)
        result = followed(supervisor, supervisor.orders.submit(order), wait)
    finally:
        supervisor.stop()
    return _say(result, as_json=as_json)


def followed(supervisor: Supervisor, result: Result, wait: float) -> Result:
    """The last word on an order within that many seconds."""
    until = time.monotonic() + wait
    while result.outcome is Outcome.UNKNOWN and result.tag and time.monotonic() < until:
        time.sleep(0.2)
        supervisor.tick()
        result = supervisor.orders.status(result.tag)
    return result


def _say(result: Result, *, as_json: bool) -> int:
    if as_json:
        emit(result.as_dict())
        return EXIT[result.outcome]
    print(f"{result.outcome.value}: order {result.order_id or '-'}, tag {result.tag or '-'}, {result.status}")
    for words in (*result.errors, *result.warnings):
        print(f"  {words}")
    for fix in result.fixes_applied:
        print(f"  corrected {fix.field}: {fix.before!r} -> {fix.after!r}")
    return EXIT[result.outcome]


@order_app.command("status")
def status(order: OrderId, as_json: AsJson = False, home: Home = None) -> int:
    """Look up one order: at the broker, and in the record."""
    supervisor = for_tradier(home=home, persist=False, orders=True)
    try:
        warn(remembered(supervisor, home))
        supervisor.look(deadline=5.0)
        supervisor.tick()
        result = supervisor.orders.look(order)
    finally:
        supervisor.stop()
    return _say(result, as_json=as_json)


@order_app.command("cancel")
def cancel(order: OrderId, why: Why = "", who: Who = None, as_json: AsJson = False, home: Home = None) -> int:
    """Cancel one order; "already filled" is told as a fill."""
    if writer(home_of(home).lock) is not None:
        return send({"command": "cancel", "target": order}, why, who, as_json=as_json, home=home)
    return _alone(lambda supervisor: supervisor.orders.cancel(order, wait=30.0).as_dict(), as_json=as_json, home=home)


@order_app.command("settle")
def settle(
    tag: Annotated[str, typer.Argument(help="The tag of the order in doubt.", metavar="TAG")],
    outcome: Annotated[str, typer.Argument(help="landed or absent.")],
    why: Why = "",
    who: Who = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Say what became of an order in doubt, having looked at the broker yourself."""
    said = {"command": "settle", "target": tag, "outcome": outcome}
    if writer(home_of(home).lock) is not None:
        return send(said, why, who, as_json=as_json, home=home)
    if not why or not who:
        raise SupervisorError("settling an order needs --who and --why: they go on record")
    return _alone(
        lambda supervisor: supervisor.orders.settle(tag, outcome, who=who, why=why).as_dict(),
        as_json=as_json,
        home=home,
    )


def _alone(do: Any, *, as_json: bool, home: str | None) -> int:
    """Does it as the writer, since no supervisor is running."""
    supervisor = for_tradier(home=home, orders=True)
    try:
        supervisor.tick()
        result: Mapping[str, Any] = do(supervisor)
    finally:
        supervisor.stop()
    if as_json:
        emit(result)
    else:
        print("; ".join(f"{name}: {value}" for name, value in result.items() if value not in ("", [], None)))
    return 0
