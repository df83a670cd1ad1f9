"""How does a person say stop, go on, or I know? The running supervisor is bound within a second and named."""

import getpass
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from supervisor import clock
from supervisor.cli.output import AsJson, Home, emit
from supervisor.concerns.facts import Action
from supervisor.errors import SupervisorError
from supervisor.journal import inbox
from supervisor.journal.chain import masked
from supervisor.journal.hold import Hold, write_hold
from supervisor.journal.lock import writer
from supervisor.monitor.tradier import home_of

PATIENCE = 2.0
"""Seconds to wait for the running supervisor's receipt; it looks every half second."""
EXIT_RECORDED, EXIT_REFUSED = 1, 2

Why = Annotated[str, typer.Option("--why", help="Why: it goes on record.")]
Who = Annotated[str | None, typer.Option("--who", help="Who says so (default: your login name).")]


def hold(
    mode: Annotated[str, typer.Argument(help="reduce (closing only) or halt (nothing but cancelling).")] = "reduce",
    cancel_opening: Annotated[
        bool,
        typer.Option("--cancel-opening", help="Cancel resting orders that would open; without it they are listed."),
    ] = False,
    why: Why = "",
    who: Who = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Hold trading: closing only, or nothing but cancelling. It outlives every restart until released."""
    if mode not in {"reduce", "halt"}:
        raise SupervisorError(f"a hold is 'reduce' or 'halt', not {mode!r}")
    return send(
        {"command": "hold", "mode": mode, "cancel_opening": cancel_opening}, why, who, as_json=as_json, home=home
    )


def release(why: Why = "", who: Who = None, as_json: AsJson = False, home: Home = None) -> int:
    """End a hold. What else is closed stays closed."""
    return send({"command": "release"}, why, who, as_json=as_json, home=home)


def ack(
    issue: Annotated[str, typer.Argument(help="The issue's id or code.", metavar="ISSUE")],
    why: Why = "",
    who: Who = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Say that you know of an issue: it stays open, and is not escalated until it changes."""
    return send({"command": "ack", "target": issue}, why, who, as_json=as_json, home=home)


def send(command: Mapping[str, Any], why: str, who: str | None, *, as_json: bool, home: str | None) -> int:
    """Leaves the command for the running supervisor and waits for its word; without one it is recorded, and said so."""
    place = home_of(home)
    place.create()
    said = masked({**command, "why": why or "not said", "who": who or getpass.getuser()})
    running = writer(place.lock)
    if running is None and command["command"] in {"hold", "release"}:
        action = Action(command["mode"]) if command["command"] == "hold" else None
        write_hold(place.hold, Hold(action, said["who"], said["why"], clock.wall()))
    letter = None
    if running is not None or command["command"] == "ack":
        letter = inbox.leave(place.inbox, said)
    receipt = inbox.wait_receipt(letter, PATIENCE) if letter and running else None
    if receipt is not None:
        bound = bool(receipt.get("ok"))
        text = (
            f"supervisor {receipt['pid']} did it" if bound else f"supervisor {receipt['pid']}: {receipt.get('error')}"
        )
        return _say({**said, "bound": bound, **receipt}, text, 0 if bound else EXIT_REFUSED, as_json=as_json)
    if running is not None:
        text = f"recorded, but supervisor {running.get('pid')} did not answer within {PATIENCE:g} s: is it hanging?"
        return _say({**said, "bound": False, "pid": running.get("pid")}, text, EXIT_RECORDED, as_json=as_json)
    text = "no supervisor is running for this account: recorded, it binds the next one that starts"
    return _say({**said, "bound": False, "pid": None}, text, EXIT_RECORDED, as_json=as_json)


def _say(value: Mapping[str, Any], text: str, code: int, *, as_json: bool) -> int:
    if as_json:
        emit({**value, "says": text})
    else:
        print(text)
    return code
