"""Days in the life of a supervisor, with a frozen clock and a simulated broker."""

from datetime import timedelta
from typing import Any

from freezegun import freeze_time
from supervisor.core.words import OPENING, Mode, Permit
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import become, preset

from monitor.watching import EXACT, Told, Watched, watch

MONDAY = "2026-11-23T14:00:00Z"


def run(frozen: Any, supervisor: Supervisor, seconds: float) -> None:
    """Lets that long pass, ticking whenever something is due."""
    left = seconds
    while True:
        wait = max(0.0, supervisor.due_at() - supervisor.now())
        if wait > left:
            frozen.tick(timedelta(seconds=left))
            return
        frozen.tick(timedelta(seconds=wait))
        left -= wait
        supervisor.tick()


def test_an_outage_closes_opening_at_once_and_reopens_after_it_has_lasted() -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(simulator)
        told = Told(supervisor)
        assert not supervisor.can_trade()
        supervisor.tick()
        assert supervisor.can_trade()
        simulator.inject("hang")
        run(frozen, supervisor, 59)
        assert supervisor.can_trade()
        run(frozen, supervisor, 1)
        assert not supervisor.can_trade()
        assert told.take() == []
        run(frozen, supervisor, 30)
        assert told.take() == ["detected connection_failed"]
        assert supervisor.gate.mode is Mode.REDUCE_ONLY
        assert supervisor.can_trade({"symbol": "AAPL", "side": "sell", "quantity": 1})
        simulator.clear()
        run(frozen, supervisor, 30 + 15)
        assert told.take() == ["resolved connection_failed"]
        assert not supervisor.can_trade()
        run(frozen, supervisor, 119)
        assert not supervisor.can_trade()
        run(frozen, supervisor, 16)
        assert supervisor.can_trade()
        assert told.take() == []


def test_two_misses_are_no_alarm_but_close_opening_meanwhile() -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(simulator)
        told = Told(supervisor)
        supervisor.tick()
        simulator.inject("refuse", count=4)
        run(frozen, supervisor, 60 + 15)
        assert not supervisor.can_trade()
        run(frozen, supervisor, 15)
        assert supervisor.can_trade()
        assert told.take() == []


def test_a_silent_monitor_answers_as_for_unknown() -> None:
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(preset("healthy_margin"))
        supervisor.tick()
        frozen.tick(timedelta(seconds=60 * 1.1 + 10 - 0.1))
        assert supervisor.can_trade()
        frozen.tick(timedelta(seconds=0.2))
        assert not supervisor.can_trade()
        assert supervisor.gate.permits_now() == supervisor.gate.permits & ~OPENING
        health = supervisor.health()
        assert (health.score, health.status, health.issues[0].code) == (0.0, "unhealthy", "monitor_stale")
        assert "No round has completed in time" in supervisor.explain().text()
        supervisor.tick()
        assert supervisor.can_trade()


def test_the_gate_closes_by_the_wall_clock_when_the_monotonic_one_stood_still() -> None:
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(preset("healthy_margin"))
        supervisor.tick()
        assert supervisor.can_trade()
        frozen.move_to("2026-11-23T16:00:00Z")
        assert not supervisor.can_trade()


def test_a_rejected_token_is_not_hammered_and_a_new_one_is_tried_at_once() -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        broker = Watched(simulator)
        supervisor = Supervisor(broker, settings=EXACT, inline=True)
        told = Told(supervisor)
        supervisor.tick()
        simulator.revoke("first-token")
        run(frozen, supervisor, 60)
        assert not supervisor.can_trade()
        assert supervisor.gate.permits_now() & Permit.CLOSE_EQUITY
        run(frozen, supervisor, 5)
        assert told.take() == ["detected credentials_rejected"]
        assert supervisor.gate.permits_now() == Permit.CANCEL
        before = len(simulator.requests)
        run(frozen, supervisor, 299)
        assert len(simulator.requests) == before
        assert not supervisor.stale
        run(frozen, supervisor, 61)
        assert len(simulator.requests) == before + 2
        broker.token = "second-token"
        frozen.tick(timedelta(seconds=1))
        supervisor.tick()
        assert told.take() == ["resolved credentials_rejected"]


def test_over_quota_is_no_failure_and_the_broker_is_asked_less() -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(simulator)
        told = Told(supervisor)
        supervisor.tick()
        simulator.inject("http_429_bare")
        run(frozen, supervisor, 60)
        assert told.take() == ["detected rate_limited"]
        assert supervisor.can_trade()
        run(frozen, supervisor, 91)
        assert not supervisor.can_trade()
        assert supervisor.gate.mode is Mode.REDUCE_ONLY
        simulator.clear()
        run(frozen, supervisor, 130)
        assert "resolved rate_limited" in told.take()
        assert supervisor.can_trade()


def test_a_broker_that_comes_and_goes_every_four_minutes_is_called_flapping_once() -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(simulator)
        told = Told(supervisor)
        supervisor.tick()
        for _ in range(4):
            become(simulator, "refuse")
            run(frozen, supervisor, 240)
            become(simulator, "healthy_margin")
            run(frozen, supervisor, 240)
        lines = told.take()
        assert lines.count("detected connection_flapping") == 1
        assert not supervisor.can_trade()
        run(frozen, supervisor, 400)
        assert not supervisor.can_trade()
        assert told.take() == []
        run(frozen, supervisor, 120)
        assert told.take() == ["resolved connection_flapping"]
        assert supervisor.can_trade()
        assert "connection is up" in supervisor.book.history[-1].metadata["end"]


def test_masked_children_say_nothing_and_the_root_names_them() -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(simulator)
        supervisor.tick()
        simulator.inject("refuse")
        run(frozen, supervisor, 600)
        (issue,) = supervisor.health().issues
        assert issue.code == "connection_failed"
        assert issue.metadata["masks"] == ["credentials", "clock", "account", "approval", "buying_power"]
        assert supervisor.health().concerns["account"].masked


def test_a_mismatched_host_gets_no_request() -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY):
        broker = Watched(simulator, "https://api.tradier.com/v1")
        supervisor = Supervisor(broker, settings=EXACT, inline=True)
        supervisor.tick()
        assert simulator.requests == []
        assert [issue.code for issue in supervisor.health().issues] == ["endpoint_mismatch"]
        assert supervisor.gate.mode is Mode.HALTED


def test_a_healthy_round_is_two_requests() -> None:
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(simulator)
        run(frozen, supervisor, 600)
        assert len(simulator.requests) == 2 * supervisor.book.stats.total_checks
        assert supervisor.book.stats.total_checks == 11


def test_a_callback_that_raises_stops_no_one_and_is_reported() -> None:
    heard: list[str] = []

    def angry(_: object) -> None:
        raise ValueError("no")

    simulator = preset("account_closed")
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(simulator, on_issue_detected=angry)
        supervisor.subscribe(lambda event: heard.append(event.issue.code), name="calm")
        supervisor.tick()
        run(frozen, supervisor, 1)
        assert heard == ["account_restricted", "callback_failing"]
        assert "callback on_issue_detected raised ValueError: no" in supervisor.explain().text()


def test_the_owners_callbacks_get_issues_and_the_verdict() -> None:
    heard: list[str] = []
    simulator = preset("healthy_margin")
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(
            simulator,
            on_issue_detected=lambda issue: heard.append(f"detected {issue.issue_id.rpartition('-')[0]}"),
            on_issue_resolved=lambda issue: heard.append(f"resolved {issue.code} {issue.outcome}"),
            on_verdict_changed=lambda health: heard.append(health.gate.mode.value),
        )
        supervisor.tick()
        become(simulator, "no_cash")
        run(frozen, supervisor, 60)
        become(simulator, "healthy_margin")
        run(frozen, supervisor, 60)
        assert heard == [
            "open",
            "detected no_buying_power",
            "reduce_only",
            "resolved no_buying_power recovered",
            "open",
        ]


def test_an_operators_hold_closes_opening_until_released() -> None:
    with freeze_time(MONDAY) as frozen:
        supervisor = watch(preset("healthy_margin"))
        supervisor.tick()
        supervisor.hold("reduce", why="earnings", who="ann")
        assert not supervisor.can_trade()
        assert supervisor.can_trade({"symbol": "AAPL", "side": "sell"})
        supervisor.hold("halt", why="worse", who="ann")
        assert not supervisor.can_trade({"symbol": "AAPL", "side": "sell"})
        run(frozen, supervisor, 3600)
        assert not supervisor.can_trade()
        supervisor.release(why="over", who="bob")
        assert supervisor.can_trade()


def test_an_acknowledged_issue_says_by_whom() -> None:
    with freeze_time(MONDAY):
        supervisor = watch(preset("account_closed"))
        supervisor.tick()
        supervisor.acknowledge("account_restricted", why="calling them", who="ann")
        assert supervisor.health().issues[0].acknowledged == "ann: calling them"


def test_status_has_the_owners_shape() -> None:
    with freeze_time(MONDAY):
        supervisor = watch(preset("healthy_cash"))
        supervisor.tick()
        status = supervisor.get_health_status()
    assert {"status", "health_score", "active_issues", "issues", "current_state", "stats", "gate", "concerns"} == set(
        status
    )
    assert (status["status"], status["health_score"], status["active_issues"]) == ("healthy", 1.0, 0)
    assert status["gate"]["permits"] == ["open_equity", "open_option", "close_equity", "close_option", "cancel"]
    assert status["current_state"]["account_id"] == "****0001"
    assert status["stats"]["total_checks"] == 1


def test_a_flood_of_strange_orders_never_raises() -> None:
    supervisor = watch(preset("healthy_margin"))
    strange: list[object] = [None, 7, "buy", [], {"legs": 5}, {"side": []}, {"side": {"a": 1}, "legs": [None, 3]}]
    for order in strange:
        assert supervisor.can_trade(order) is False  # type: ignore[arg-type]  # whatever an agent hands us
