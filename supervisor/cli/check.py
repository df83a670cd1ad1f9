"""How is it, right now? Starts cold, looks until nothing awaits a count, writes nothing."""

import time
from typing import Annotated

import typer

from supervisor.cli.output import (
    EXIT_BLOCKED,
    EXIT_DEGRADED,
    EXIT_HEALTHY,
    EXIT_MISCONFIGURED,
    AsJson,
    Home,
    emit,
    say,
    warn,
)
from supervisor.core.words import OPENING, Status
from supervisor.monitor.accounts import refuse_ambiguity
from supervisor.monitor.probes import GRACE
from supervisor.monitor.status import Health
from supervisor.monitor.supervisor import Supervisor
from supervisor.monitor.tradier import for_tradier, remembered

ROUNDS = 12
"""More whole rounds than any count needs."""


def look_until_sure(supervisor: Supervisor, timeout: float) -> None:
    """Looks, whole rounds back to back, until no concern awaits a count or the time for one more round is used up.

    That is four time-outs with a second to spare for starting; three rounds, the longest count, where that is longer.
    """
    began, longest = time.monotonic(), timeout + GRACE
    patience = max(4 * timeout - 1.0, 3 * longest)
    for _ in range(ROUNDS):
        supervisor.look(deadline=timeout)
        if not supervisor.book.awaiting() or time.monotonic() - began + longest > patience:
            return


def exit_code(health: Health) -> int:
    """As monitoring plugins do: 0 healthy, 1 degraded, 2 unhealthy or opening blocked, 3 unknown."""
    if not health.issues and health.score == 0.0:
        return EXIT_MISCONFIGURED
    if health.status is Status.UNHEALTHY or not health.gate.permits_now() & OPENING:
        return EXIT_BLOCKED
    return EXIT_DEGRADED if health.status is Status.DEGRADED else EXIT_HEALTHY


def check(
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, max=60, help="Total seconds one probe may take.", metavar="S")
    ] = 5.0,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Look at the account now: exits 0 healthy, 1 degraded, 2 unhealthy or opening blocked, 3 unknown or misconfigured.

    Reads holds and what else outlives a restart; writes nothing.
    """
    supervisor = for_tradier(home=home, persist=False)
    warn(remembered(supervisor, home))
    try:
        look_until_sure(supervisor, timeout)
        refuse_ambiguity(supervisor)
        health = supervisor.health()
        if as_json:
            emit(health.as_dict())
        else:
            say(supervisor.explain().text(), hang=4)
        return exit_code(health)
    finally:
        supervisor.stop()
