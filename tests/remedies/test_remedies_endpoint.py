"""The sandbox is intended and live is used: what becomes of that, proved, unproved, and the other way round."""

from pathlib import Path

import pytest
from supervisor.concerns.facts import Place
from supervisor.concerns.order_facts import Holding, Holdings
from supervisor.config import Settings
from supervisor.core.reading import Reading
from supervisor.core.words import OPENING, Mode
from supervisor.errors import ConfigError, SupervisorError
from supervisor.simulator import preset

from remedies.ward import LIVE, SANDBOX, Client, Submitter, ward

DETECTED = "detected endpoint_mismatch"
FIXED = ["fixed endpoint_mismatch", "resolved endpoint_mismatch recovered"]


def astray() -> Submitter:
    return Submitter(False, Client("https://api.tradier.com"))


def test_both_are_pointed_at_the_sandbox_and_that_is_fixed_once_its_account_was_read_twice(tmp_path: Path) -> None:
    with ward(tmp_path, base=LIVE, submitter=astray()) as w:
        w.run(1)
        assert w.take() == [DETECTED]
        assert (w.submitter.sandbox, w.submitter.rest_client.api_base) == (True, "https://sandbox.tradier.com")
        assert w.broker.trades().base.url == SANDBOX
        assert not w.supervisor.can_trade()
        w.run(15)
        assert (w.take(), w.codes()) == ([], ["endpoint_mismatch"])
        w.run(15)
        assert (w.take(), w.codes(), w.fixed) == (FIXED, [], 1)
        assert w.supervisor.can_trade()
        assert w.states("endpoint") == ["planned", "applying", "verifying", "fixed"]
        steps = [entry.body["step"] for entry in w.journal("mend")]
        assert steps == ["repair_applied", "repair_proved"]
        (end,) = [e.body for e in w.journal("move", "endpoint") if e.body["signal"] == "repair_proved"]
        assert [event["kind"] for event in end["events"]] == ["fixed", "resolved"]
        assert end["events"][0]["issue"]["auto_fix_result"] == "fixed"


def test_unproved_it_stays_on_the_sandbox_with_opening_closed_and_is_partial(tmp_path: Path) -> None:
    with ward(tmp_path, base=LIVE, submitter=astray()) as w:
        w.simulator.inject("hang")
        w.run(300)
        assert [told for told in w.take() if "endpoint" in told] == [DETECTED, "partial endpoint_mismatch"]
        assert w.fixed == 0
        assert "endpoint_mismatch" in w.codes()
        assert not w.supervisor.gate.permits_now() & OPENING
        assert w.broker.endpoint().used is Place.SANDBOX
        assert w.submitter.sandbox
        assert w.states("endpoint") == ["planned", "applying", "verifying", "undoing", "partial"]
        assert "it has no undo: both stay on the sandbox" in w.fix()["finish"]
        w.simulator.clear()
        w.run(400)
        assert "resolved endpoint_mismatch recovered" in w.take()
        assert w.fixed == 0
        assert w.states("endpoint")[-1] == "finished"


def test_an_account_that_is_no_sandbox_one_proves_nothing() -> None:
    with ward(base=LIVE, account="6YA00001", simulator=preset("healthy_margin", "6YA00001")) as w:
        w.run(300)
        assert w.take() == [DETECTED, "partial endpoint_mismatch"]
        assert not w.supervisor.can_trade()


def test_only_the_adapter_astray_is_a_mismatch_too_and_is_repaired() -> None:
    with ward(submitter=astray()) as w:
        w.run(31)
        assert w.take() == [DETECTED, *FIXED]
        assert w.submitter.sandbox


def test_an_adapter_that_does_not_take_the_change_is_never_told_as_fixed() -> None:
    class Stubborn(Submitter):
        @property
        def rest_client(self) -> Client:  # type: ignore[override]  # it gives a new one each time, which forgets
            return Client("https://api.tradier.com/v1")

    stubborn = Stubborn.__new__(Stubborn)
    stubborn.sandbox = False
    with ward(base=LIVE, submitter=stubborn) as w:
        w.run(300)
        assert w.take() == [DETECTED, "partial endpoint_mismatch"]
        assert (w.codes(), w.fixed) == (["endpoint_mismatch"], 0)
        assert w.supervisor.gate.mode is Mode.HALTED


def test_with_positions_known_a_person_must_finish() -> None:
    with ward(submitter=Submitter(True, Client(SANDBOX))) as w:
        w.run(61)
        held = Holdings((Holding("AAPL", 3),), working=1)  # type: ignore[arg-type]  # a whole number does
        w.supervisor._facts["positions"] = Reading("positions", w.supervisor.now(), 0.1, held)
        w.submitter.rest_client.api_base = LIVE
        w.run(60)
        assert w.take() == [DETECTED, "partial endpoint_mismatch"]
        assert w.submitter.rest_client.api_base == SANDBOX
        assert "1 position(s) and 1 working order(s) are known" in w.fix()["finish"]
        w.run(600)
        assert (w.take(), w.codes()) == ([], ["endpoint_mismatch"])
        assert not w.supervisor.can_trade()
        assert "is finished" in w.supervisor.approve("endpoint", who="ann", why="closed them by hand")
        assert w.take() == ["resolved endpoint_mismatch recovered"]
        assert w.fixed == 0


def test_live_intended_and_sandbox_used_is_told_with_the_line_to_change_and_never_switched() -> None:
    with ward(base=SANDBOX, intended=Place.LIVE, submitter=Submitter(True, Client(SANDBOX))) as w:
        w.run(600)
        assert w.take() == [DETECTED, "partial endpoint_mismatch"]
        assert w.broker.endpoint().used is Place.SANDBOX
        assert w.submitter == Submitter(True, Client(SANDBOX))
        assert "unset TRADIER_BASE_URL" in w.fix()["finish"]
        assert w.simulator.requests == []
        with pytest.raises(SupervisorError, match="still shows"):
            w.supervisor.approve("endpoint", who="ann", why="done")


@pytest.mark.parametrize("url", [LIVE, "https://example.com/v1", "https://api.tradier.com.evil.org"])
def test_nothing_is_ever_pointed_elsewhere_than_at_the_sandbox(url: str) -> None:
    with ward() as w, pytest.raises(ConfigError, match="only a person switches"):
        w.broker.repoint(url)


def test_switched_off_nothing_is_touched() -> None:
    for settings in (Settings(enable_auto_fix=False), Settings(remedies=(("endpoint", "off"),))):
        with ward(base=LIVE, submitter=astray(), settings=settings) as w:
            w.run(300)
            assert w.take() == [DETECTED]
            assert w.supervisor.fixes() == []
            assert not w.submitter.sandbox
