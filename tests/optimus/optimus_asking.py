"""Ten threads ask an integration while its gate opens and closes: is every answer whole?"""

import sys
from threading import Barrier, Thread
from typing import Any

from supervisor.optimus import OptimusSelfHealingIntegration

THREADS = 10
OFTEN = 0.00002
"""Seconds after which another thread gets its turn: within an answer, not between two."""


def torn(told: dict[str, Any]) -> bool:
    """Whether a health dict's parts can't belong to one instant. What was given back may open a little later."""
    held = "operator_hold" in {issue["issue_id"] for issue in told["issues"]}
    opens = "open_equity" in told["gate"]["permits"]
    reduced = told["concerns"]["operator"]["state"] == "reduce"
    return (
        (held and opens)
        or held is not reduced
        or told["active_issues"] != len(told["issues"])
        or (told["health_score"] == 1.0) is held
    )


def asked(integration: OptimusSelfHealingIntegration, questions: int) -> list[Any]:
    """What was wrong with the answers to so many questions: whatever was raised, and every torn answer.

    One in twenty is for the health, one in twenty for the issues, the others for the gate.
    """
    wrong: list[Any] = []
    ready = Barrier(THREADS + 1)

    def ask() -> None:
        ready.wait()
        try:
            for _ in range(questions // THREADS // 20):
                told = integration.get_health_status()
                if torn(told):
                    wrong.append(told)
                wrong.extend(name for name, issue in integration.active_issues.items() if name != issue.code)
                answers = {integration.can_trade() for _ in range(18)}
                wrong.extend(answers - {True, False})
        except BaseException as error:  # noqa: BLE001 - any raise is what must not be
            wrong.append(error)

    supervisor = integration.supervisor
    assert supervisor is not None
    threads = [Thread(target=ask) for _ in range(THREADS)]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(OFTEN)
    try:
        for thread in threads:
            thread.start()
        ready.wait()
        while any(thread.is_alive() for thread in threads):
            supervisor.hold("reduce", why="turn", who="test")
            supervisor.release(why="turn", who="test")
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(usual)
    return wrong
