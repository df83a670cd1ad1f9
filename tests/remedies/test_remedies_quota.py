"""An allowance nearly used up is left for what matters more, until the window has cleared."""

from pathlib import Path

import pytest
from supervisor.simulator import Simulator
from supervisor.tradier.exchange import prepare
from supervisor.tradier.quota import Category, Purpose

from remedies.ward import SANDBOX, Ward, instant, ward


def spend(w: Ward, count: int) -> None:
    """The agent uses up that much of the allowance with the same token."""
    for _ in range(count):
        w.net.send(prepare("GET", f"{SANDBOX}/user/profile", w.token), timeout=1)


def may_strategy(w: Ward) -> bool:
    quota = w.broker.reader.quota
    return quota.may_send(Category.STANDARD, Purpose.STRATEGY, w.supervisor.now())


def test_a_low_allowance_is_held_back_and_let_go_once_the_window_cleared(tmp_path: Path) -> None:
    with ward(tmp_path, simulator=Simulator(limits="sandbox")) as w:
        w.run(59)
        spend(w, 40)
        w.run(60)
        assert w.take() == []
        w.frozen.tick(60)
        spend(w, 51)
        w.run(0.5)
        assert w.take() == ["detected quota_low"]
        assert not may_strategy(w)
        assert w.broker.reader.quota.may_send(Category.TRADING, Purpose.CANCEL, w.supervisor.now())
        assert w.supervisor.can_trade()
        seen = len(w.simulator.requests)
        w.run(59)
        assert len(w.simulator.requests) == seen
        w.run(67)
        assert not w.supervisor.stale
        assert w.take() == ["fixed quota_low", "resolved quota_low recovered"]
        assert w.fixed == 1
        assert may_strategy(w)
        assert w.states("quota") == ["planned", "applying", "verifying", "fixed"]
        before = len(w.simulator.requests)
        w.run(300)
        assert len(w.simulator.requests) - before >= 8


def test_an_allowance_that_stays_low_is_let_go_after_a_while_and_told_as_failed(tmp_path: Path) -> None:
    with ward(tmp_path) as w:
        w.run(1)
        w.simulator.inject("http_429")
        w.run(61)
        assert w.take() == ["detected rate_limited"]
        assert not may_strategy(w)
        w.run(200)
        assert "failed rate_limited" in w.take()
        assert (w.fixed, "rate_limited" in w.codes()) == (0, True)
        assert not w.broker.reader.quota._held_back
        assert w.states("quota") == ["planned", "applying", "verifying", "undoing", "undone"]


def test_over_quota_is_over_once_two_rounds_were_answered() -> None:
    with ward() as w:
        w.run(1)
        w.simulator.inject("http_429", count=1)
        w.run(61 + 130)
        assert w.take() == ["detected rate_limited", "fixed rate_limited", "resolved rate_limited recovered"]


def test_it_is_proved_by_two_looks_at_the_quick_cadence_of_which_none_is_in_the_window_that_ran_low() -> None:
    with ward() as w:
        w.run(1)
        w.simulator.inject("http_429", count=1)
        w.run(60)
        began = instant(w.fix()["began"])
        w.run(100)
        looks = sorted({round(r.at - began) for r in w.simulator.requests if r.at > began and r.endpoint == "profile"})
        assert looks[:2] == [60, 75]  # the broker said when its window ends
        assert instant(w.fix()["ended"]) - began == pytest.approx(75, abs=0.1)


def test_a_good_look_and_a_bad_one_begin_anew() -> None:
    with ward() as w:
        w.run(1)
        w.simulator.inject("http_429", count=1)
        w.run(60)
        began = instant(w.fix()["began"])
        w.run(66)
        w.simulator.inject("http_429", count=1)
        w.run(150)
        looks = sorted({round(r.at - began) for r in w.simulator.requests if r.at > began and r.endpoint == "profile"})
        assert looks[:4] == [60, 75, 140, 155]
        assert w.take() == ["detected rate_limited", "fixed rate_limited", "resolved rate_limited recovered"]
