"""Over real sockets: how soon does a failing broker close the gate, how long is a round, how prompt a stop?"""

from time import monotonic
from typing import Any

import attrs
import pytest
from supervisor.core.words import CLOSING
from supervisor.simulator import become

from wire.wiring import BUSY, CADENCE, HURRIED, broker, eventually

FAULTS: dict[str, dict[str, Any]] = {
    "hang": {},
    "drip_header": {"every": 0.05},
    "drip_body": {"every": 0.05},
    "reset": {},
    "refuse": {},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_closes_openings_within_one_cadence_and_one_deadline_and_leaves_closing(fault: str) -> None:
    with broker() as (server, supervisor), supervisor:
        eventually(supervisor.can_trade)
        server.simulator.inject(fault, **FAULTS[fault])
        assert eventually(lambda: not supervisor.can_trade()) <= CADENCE + HURRIED.deadline + BUSY
        eventually(lambda: any(issue.code == "connection_failed" for issue in supervisor.health().issues))
        assert supervisor.gate.permits_now() == CLOSING
        assert supervisor.can_trade({"symbol": "AAPL", "side": "sell", "quantity": 1})
        server.simulator.clear()
        eventually(supervisor.can_trade)
        assert supervisor.health().issues == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_no_round_outlasts_its_deadline(fault: str) -> None:
    with broker() as (server, supervisor):
        server.simulator.inject(fault, **FAULTS[fault])
        for deadline in (0.05, 0.15, 0.3):
            began = monotonic()
            supervisor.look(deadline=deadline)
            assert monotonic() - began <= deadline + 0.3
        assert [issue.code for issue in supervisor.health().issues] == ["connection_failed"]


@pytest.mark.parametrize("fault", ["hang", "drip_header", "drip_body"])
def test_a_stop_is_prompt_while_the_broker_hangs(fault: str) -> None:
    patient = attrs.evolve(HURRIED, deadline=20.0, quick=20.0)
    with broker(settings=patient) as (server, supervisor):
        server.simulator.inject(fault, **FAULTS[fault])
        supervisor.start()
        eventually(lambda: len(server.simulator.requests) == 2)
        began = monotonic()
        supervisor.stop()
        assert monotonic() - began < 0.5
        assert not supervisor.can_trade()


def test_a_hang_of_one_endpoint_holds_up_the_other_no_longer_than_the_deadline() -> None:
    with broker() as (server, supervisor):
        server.simulator.inject("hang", "balances")
        began = monotonic()
        for _ in range(3):
            supervisor.look()
        assert monotonic() - began <= 3 * (HURRIED.deadline + 0.3)
        assert [issue.code for issue in supervisor.health().issues] == ["buying_power_unreadable"]
        assert supervisor.health().concerns["account"].state == "active"


def test_a_token_replaced_while_rejected_is_tried_within_a_second() -> None:
    patient = attrs.evolve(HURRIED, token_reread=0.2)
    token = ["first-token"]
    with broker(settings=patient) as (server, supervisor):
        supervisor.broker.reader._token = supervisor.broker._token = lambda: token[0]  # type: ignore[attr-defined]  # as an agent rotates it
        server.simulator.revoke("first-token")
        with supervisor:
            eventually(lambda: [issue.code for issue in supervisor.health().issues] == ["credentials_rejected"])
            asked = len(server.simulator.requests)
            token[0] = "second-token"
            assert eventually(lambda: not supervisor.health().issues) <= 1.0 + BUSY
            assert len(server.simulator.requests) <= asked + 4


def test_an_account_that_is_suspended_and_freed_again_is_seen_both_times() -> None:
    heard: list[str] = []
    with broker() as (server, supervisor):
        supervisor.subscribe(lambda event: heard.append(f"{event.kind} {event.issue.code}"), name="heard")
        with supervisor:
            eventually(supervisor.can_trade)
            become(server.simulator, "account_suspended")
            assert eventually(lambda: not supervisor.can_trade()) <= CADENCE + BUSY + 0.1
            become(server.simulator, "healthy_margin")
            eventually(supervisor.can_trade)
            eventually(lambda: len(heard) == 2)
    assert heard == ["detected account_restricted", "resolved account_restricted"]
