"""Why may it, or may it not: now, at any past instant, for one order?"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from supervisor import clock
from supervisor.cli.check import look_until_sure
from supervisor.cli.output import EXIT_HEALTHY, AsJson, Home, emit, say, warn
from supervisor.cli.past import TIMES, Account, Own, instant, opened
from supervisor.core.intent import Decision, decide, intent_of
from supervisor.errors import ConfigError
from supervisor.journal.query import newest
from supervisor.monitor.explain import Explanation
from supervisor.monitor.past import explained, standing
from supervisor.monitor.tradier import folder, for_tradier, remembered, settings_for
from supervisor.testing.own import own_of

EXIT_REFUSED = 2


def explain(
    at: Annotated[str | None, typer.Option("--at", help=f"A past instant: {TIMES}", metavar="TIME")] = None,
    order: Annotated[
        Path | None, typer.Option("--order", help="An order as JSON; - reads standard input.", metavar="FILE")
    ] = None,
    own: Own = None,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Say of each permit whether it is open, which concern closes it, since when, on what evidence, what would open it.

    With --at from the record, without it by looking at the broker. With --order also whether that order might be sent;
    exits 2 where it might not.
    """
    asked = None if order is None else read_order(order)
    decision: Decision | None = None
    if at is not None:
        with opened(home, account) as journal:
            when = instant(at)
            if when > max(clock.wall(), *(entry.at for entry in newest(journal, 1))):
                raise ConfigError(f"{clock.iso(when)} is still to come: --at tells of the past")
            then = standing(journal, when, settings_for(folder(home)), [own_of(named) for named in own or ()])
            explanation = explained(journal, then)
        if asked is not None:
            decision = decide(then.verdict, intent_of(asked), int(then.permits))
    else:
        supervisor = for_tradier(home=home, persist=False)
        warn(remembered(supervisor, home))
        try:
            look_until_sure(supervisor, 5.0)
            explanation = supervisor.explain()
            decision = None if asked is None else supervisor.check(asked)
        finally:
            supervisor.stop()
    _say(explanation, decision, as_json=as_json)
    return EXIT_HEALTHY if decision is None or decision.allowed else EXIT_REFUSED


def read_order(path: Path) -> dict[str, Any]:
    """The order in that file. ConfigError, one sentence, where it is none."""
    try:
        found = json.loads(sys.stdin.read() if str(path) == "-" else path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"the order at {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"the order at {path} is not JSON: {error}") from error
    except RecursionError:
        raise ConfigError(f"the order at {path} is nested too deeply to be one") from None
    if not isinstance(found, dict):
        raise ConfigError(f'the order at {path} is not an object, such as {{"symbol": "SPY", "side": "buy"}}')
    return found


def _say(explanation: Explanation, decision: Decision | None, *, as_json: bool) -> None:
    if as_json:
        told = explanation.as_dict()
        emit(told if decision is None else {**told, "order": decision.as_dict()})
        return
    say(explanation.text(), hang=4)
    if decision is not None:
        opens = "opens risk" if decision.intent.opens else "reduces risk"
        say(f"This order {opens} ({decision.intent.why}): it {'may' if decision.allowed else 'may NOT'} be sent.")
        for reason in decision.reasons:
            say(f"  {reason.concern} is {reason.state}: {reason.why} Opens {reason.opens_when}.", hang=4)
