"""A worn-out session is replaced; a broker that is down is waited for, and not hammered."""

from pathlib import Path

import pytest

from remedies.ward import instant, ward

FAILED = "connection_failed"


def test_a_worn_out_session_is_replaced_by_a_fresh_one_that_works(tmp_path: Path) -> None:
    with ward(tmp_path) as w:
        w.run(1)
        w.net.wear_out()
        w.run(90)
        assert w.take() == [f"detected {FAILED}"]
        w.run(2)
        assert w.fix()["state"] == "verifying"
        w.run(30)
        assert w.take() == [f"fixed {FAILED}", f"resolved {FAILED} recovered"]
        assert w.fixed == 1
        assert w.states("connection") == ["planned", "applying", "applying", "verifying", "fixed"]
        w.run(150)
        assert w.supervisor.can_trade()


def test_a_fresh_session_that_wears_out_too_proves_nothing_and_the_budget_is_spent(tmp_path: Path) -> None:
    with ward(tmp_path) as w:
        w.run(1)
        w.net.wear_out()
        w.run(92)
        w.net.wear_out()
        w.run(182)
        assert w.take() == [f"detected {FAILED}", f"failed {FAILED}"]
        assert (w.codes(), w.fixed) == ([FAILED], 0)
        assert w.states("connection")[-3:] == ["verifying", "undoing", "undone"]
        assert "not proved within 180 s" in w.fix()["says"]
        assert w.fix()["began"] is not None


def test_the_ladder_is_one_repair_and_ends_where_no_fresh_session_gets_through(tmp_path: Path) -> None:
    with ward(tmp_path) as w:
        w.run(1)
        w.simulator.inject("hang")
        w.run(90)
        began = instant(w.fix()["began"])
        w.run(110)
        tries = [round(r.at - began) for r in w.simulator.requests if r.at > began and r.endpoint == "profile"]
        assert {1, 3, 8, 18, 48, 108} <= set(tries)
        assert w.take() == [f"detected {FAILED}", f"not_applicable {FAILED}"]
        assert len(w.supervisor.fixes()) == 1
        assert "waiting for it" in w.fix()["says"]
        assert w.states("connection")[-1] == "dropped"


@pytest.mark.parametrize("fault", ["refuse", "http_502_nginx", "http_503_empty", "html"])
def test_a_broker_that_is_down_is_told_apart_and_not_hammered(fault: str) -> None:
    with ward() as w:
        w.run(1)
        w.simulator.inject(fault)
        w.run(91)
        before = len(w.simulator.requests)
        w.run(600)
        rounds = 2 * (600 / 30)
        assert len(w.simulator.requests) - before <= rounds
        assert w.fixed == 0
        assert not any(told.startswith(("fixed", "failed", "partial")) for told in w.take())


def test_a_broker_that_came_back_by_itself_is_not_told_as_fixed() -> None:
    with ward() as w:
        w.run(1)
        w.simulator.inject("hang")
        w.run(91)
        w.simulator.clear()
        w.run(100)
        assert w.take() == [f"detected {FAILED}", f"not_applicable {FAILED}", f"resolved {FAILED} recovered"]
        assert w.fixed == 0
        assert "on the session in use too" in w.fix()["says"]
