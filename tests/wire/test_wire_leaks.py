"""Over real sockets: what do many rounds cost, and what do they leave behind?"""

from typing import Any

import pytest

from wire.wiring import broker, eventually, hang_up, listens, settled

FAULTS: dict[str, dict[str, Any]] = {
    "hang": {},
    "drip_header": {"every": 0.01},
    "drip_body": {"every": 0.01},
    "reset": {},
    "refuse": {},
    "reset_in_body": {},
    "http_500_backend": {},
    "html": {},
}
EACH = 20


def test_many_failing_rounds_leak_no_thread_and_no_descriptor() -> None:
    with broker() as (server, supervisor):
        supervisor.look()
        hang_up(supervisor)
        before = settled()
        for name, how in FAULTS.items():
            server.simulator.clear()
            server.simulator.inject(name, **how)
            for _ in range(EACH):
                supervisor.look(deadline=0.02)
        server.simulator.clear()
        supervisor.look(deadline=1.0)
        assert supervisor.book.stats.total_checks == len(FAULTS) * EACH + 2
        assert supervisor.health().concerns["connection"].state in {"down", "nonsense", "recovering"}
        hang_up(supervisor)
        assert settled() == before


def test_starting_and_stopping_leaks_no_thread_and_no_descriptor() -> None:
    with broker() as (_, supervisor):
        with supervisor:
            eventually(supervisor.can_trade)
        hang_up(supervisor)
        before = settled()
        for _ in range(5):
            with supervisor:
                eventually(supervisor.can_trade)
        hang_up(supervisor)
        assert settled() == before


def test_two_connections_at_most_are_reused_over_many_healthy_rounds() -> None:
    with broker() as (server, supervisor):
        for _ in range(150):
            supervisor.look()
        assert len(server.simulator.requests) == 2 * 150
        assert server.accepted in {1, 2}
        assert supervisor.health().score == 1.0


@pytest.mark.parametrize("fault", ["reset", "refuse", "hang", "cut_body"])
def test_after_an_outage_connections_are_few_again(fault: str) -> None:
    with broker() as (server, supervisor):
        supervisor.look()
        server.simulator.inject(fault)
        for _ in range(3):
            supervisor.look(deadline=0.1)
        server.simulator.clear()
        eventually(lambda: listens(server))  # who refused listens again a moment later
        for _ in range(3):
            supervisor.look()
        assert supervisor.health().concerns["connection"].state == "recovering"
        accepted = server.accepted
        for _ in range(20):
            supervisor.look()
        assert server.accepted - accepted <= 2
