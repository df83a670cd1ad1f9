"""An order through the whole supervisor: gated, on record, sent once, followed, taken up again."""

from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from supervisor.journal.query import entries
from supervisor.journal.store import Journal
from supervisor.monitor.supervisor import Supervisor
from supervisor.orders import Outcome
from supervisor.simulator import DEFAULT_ACCOUNT, Simulator, SimulatorAdapter, preset

from monitor.test_monitor_days import MONDAY, run
from monitor.watching import EXACT, Told

OPEN_MARKET = "2026-11-23T15:00:00Z"
BUY = {"symbol": "AAPL", "side": "buy", "quantity": 1, "type": "limit", "price": 150, "duration": "day"}


def make(simulator: Simulator, home: Path, **options: Any) -> Supervisor:
    return Supervisor.for_tradier(
        "first-token",
        DEFAULT_ACCOUNT,
        settings=EXACT,
        home=home,
        adapter=SimulatorAdapter(simulator),
        orders=True,
        **options,
    )


def test_an_order_is_sent_once_and_its_intent_is_on_record_before(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(OPEN_MARKET) as frozen:
        supervisor = make(simulator, tmp_path)
        supervisor.tick()
        assert supervisor.can_trade(), supervisor.explain().text()
        result = supervisor.orders.submit(BUY)
        assert result.outcome is Outcome.LANDED, result
        assert len(simulator.bookings) == 1
        run(frozen, supervisor, 30)
        supervisor.stop()
        with Journal.open(supervisor.memory.home.journal, read_only=True) as journal:  # type: ignore[attr-defined]  # it has one here
            kinds = [entry.kind for entry in entries(journal)]
        assert "intent" in kinds


def test_a_closed_gate_sends_nothing(tmp_path: Path) -> None:
    simulator = preset("account_suspended")
    with freeze_time(OPEN_MARKET):
        supervisor = make(simulator, tmp_path)
        supervisor.tick()
        result = supervisor.orders.submit(BUY)
        assert (result.outcome, result.by) == (Outcome.REFUSED, "us")
        assert simulator.bookings == []
        supervisor.stop()


def test_an_order_in_doubt_closes_its_symbol_and_is_settled_after_a_restart(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(OPEN_MARKET) as frozen:
        first = make(simulator, tmp_path)
        first.tick()
        simulator.inject("lost_reset", "order", count=1)
        simulator.inject("http_500_backend", "orders")
        result = first.orders.submit(BUY)
        assert result.outcome is Outcome.UNKNOWN
        assert not first.can_trade(BUY)
        first.stop()
        simulator.clear()
        second = make(simulator, tmp_path)
        told = Told(second)
        second.tick()
        run(frozen, second, 300)
        assert second.orders.status(str(result.tag)).outcome is Outcome.LANDED
        assert len(simulator.bookings) == 1
        assert second.can_trade(dict(BUY, symbol="MSFT")), second.explain().text()
        assert "detected order_ambiguous" not in told.take()
        second.stop()


def test_diagnosis_never_sends_and_keeps_the_brokers_words(tmp_path: Path) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        supervisor = make(simulator, tmp_path)
        supervisor.tick()
        issue = supervisor.diagnose_order_failure(BUY, ["Backoffice rejected override of the order.", "InitialMargin"])
        assert issue.code == "order_failure_funds"
        assert "InitialMargin" in issue.error_message
        assert [i.issue_id for i in supervisor.health().issues] == [issue.issue_id]
        assert simulator.bookings == []
        supervisor.stop()


@pytest.mark.parametrize("orders", [True, False])
def test_every_supervisor_can_diagnose(tmp_path: Path, orders: bool) -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        supervisor = Supervisor.for_tradier(
            "first-token",
            DEFAULT_ACCOUNT,
            settings=EXACT,
            home=tmp_path,
            adapter=SimulatorAdapter(simulator),
            orders=orders,
        )
        supervisor.tick()
        assert supervisor.diagnose_order_failure(BUY, "something new").code == "order_failure_unknown"
        supervisor.stop()
