"""With real threads: is there ever more than one, does every wait end, and what if a probe, a callback or we die?"""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from threading import Event, Thread
from time import monotonic
from typing import Any

import attrs
import pytest
from supervisor.config import Settings
from supervisor.core.event import Event as Told
from supervisor.core.reading import Reading
from supervisor.monitor import callbacks
from supervisor.monitor.memory import NoMemory
from supervisor.monitor.probes import GRACE, Probe, Probes
from supervisor.monitor.supervisor import Supervisor
from supervisor.simulator import Simulator, become, preset

from monitor.watching import Watched

QUICK = Settings(
    interval=0.1, quick=0.05, deadline=0.05, backoff_first=0.1, backoff_cap=0.1, dwell=0.1, stale=5.0, live_jitter=False,
)  # fmt: skip
CADENCE = QUICK.interval * (1 + QUICK.jitter) + QUICK.deadline


class Own(Watched):
    """A simulated broker whose probes may be replaced."""

    def __init__(self, simulator: Simulator | None = None, **own: Probe) -> None:
        super().__init__(simulator or preset("healthy_margin"))
        self.own = own

    def probes(self) -> Mapping[str, Probe]:
        return {**super().probes(), **self.own}


def eventually(true: Callable[[], bool], within: float = 3.0) -> float:
    """The seconds until it is true; fails where it never is."""
    began, idle = monotonic(), Event()
    while not true():
        assert monotonic() - began < within, "it never came true"
        idle.wait(0.002)
    return monotonic() - began


def ours() -> list[str]:
    """The names of our threads."""
    return sorted(thread.name for thread in threading.enumerate() if thread.name.startswith("supervisor-"))


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    yield
    eventually(lambda: not ours())


@pytest.fixture
def hanging() -> Iterator[Probe]:
    """A probe that never ends by itself, until the test is over."""
    over = Event()

    def probe(_: float) -> Reading:
        over.wait(20)
        raise TimeoutError

    yield probe
    over.set()


def test_started_twice_and_from_ten_threads_there_is_one_thread() -> None:
    supervisor = Supervisor(Own(), settings=QUICK)
    starters = [Thread(target=supervisor.start) for _ in range(10)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert supervisor.start() is supervisor
    assert ours().count("supervisor-monitor") == 1
    assert supervisor.running
    supervisor.stop()
    assert not supervisor.running


def test_stopped_right_after_the_start_it_is_prompt_every_time() -> None:
    supervisor = Supervisor(Own(), settings=attrs.evolve(QUICK, deadline=10.0, quick=10.0))
    for _ in range(50):
        began = monotonic()
        supervisor.start()
        supervisor.stop()
        assert monotonic() - began < 0.5
        assert "supervisor-monitor" not in ours()


def test_stop_is_prompt_while_a_probe_hangs_and_may_come_twice(hanging: Probe) -> None:
    supervisor = Supervisor(Own(profile=hanging), settings=attrs.evolve(QUICK, deadline=10.0, quick=10.0)).start()
    eventually(lambda: "supervisor-probe-profile" in ours())
    began = monotonic()
    supervisor.stop()
    supervisor.stop()
    assert monotonic() - began < 0.5
    assert "supervisor-monitor" not in ours()


def test_started_again_it_watches_again() -> None:
    supervisor = Supervisor(Own(), settings=QUICK)
    for _ in range(3):
        with supervisor:
            eventually(supervisor.can_trade)
        assert not supervisor.can_trade()


def test_a_hanging_probe_closes_opening_in_time_and_holds_up_no_round(hanging: Probe) -> None:
    broker, hangs = Own(), Event()

    def profile(deadline: float) -> Reading:
        return hanging(deadline) if hangs.is_set() else broker.reader.profile(deadline)

    broker.own["profile"] = profile
    supervisor = Supervisor(broker, settings=QUICK)
    with supervisor:
        eventually(supervisor.can_trade)
        hangs.set()
        assert eventually(lambda: not supervisor.can_trade()) <= CADENCE + 0.25
        checks = supervisor.book.stats.total_checks
        eventually(lambda: supervisor.book.stats.total_checks >= checks + 3)
        assert ours().count("supervisor-probe-profile") == 1
        codes = {issue.code for issue in supervisor.health().issues}
        eventually(lambda: {issue.code for issue in supervisor.health().issues} >= {"account_unreadable"})
        assert "connection_failed" not in codes  # balances still answer


def test_no_round_outlasts_its_deadline_by_more_than_the_grace(hanging: Probe) -> None:
    probes = Probes({"profile": hanging, "balances": hanging}, inline=False)
    for _ in range(3):
        began = monotonic()
        readings = probes.ask(0.05)
        assert monotonic() - began < 0.05 + GRACE + 0.1
        assert [str(reading.failure.kind) for reading in readings if reading.failure] == ["timeout", "timeout"]
    probes.stop()
    assert probes.ask(5.0)[0].failure is not None  # after a stop nothing is asked, and nobody waits


def test_a_probe_that_raises_is_a_miss_and_says_what() -> None:
    def broken(_: float) -> Reading:
        raise ZeroDivisionError("secret details")

    supervisor = Supervisor(Own(profile=broken, balances=broken), settings=QUICK)
    with supervisor:
        eventually(lambda: bool(supervisor.health().issues))
        (issue,) = supervisor.health().issues
    assert issue.code == "connection_failed"
    assert "ZeroDivisionError" in str(issue.error_message)
    assert "secret details" not in str(issue.error_message)


def test_a_callback_that_hangs_stops_nothing_and_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks, "HANGING", 0.2)
    simulator, over, heard = preset("healthy_margin"), Event(), []

    def stuck(_: object) -> None:
        over.wait(20)

    supervisor = Supervisor(Own(simulator), settings=QUICK, on_issue_detected=stuck)
    supervisor.subscribe(lambda event: heard.append((event.kind, event.issue.code)), name="calm")
    with supervisor:
        eventually(supervisor.can_trade)
        become(simulator, "account_suspended")
        eventually(lambda: ("detected", "callback_failing") in heard)
        assert ("detected", "account_restricted") in heard
        assert "callback on_issue_detected has been hanging" in supervisor.explain().text()
        become(simulator, "healthy_margin")
        eventually(lambda: ("resolved", "account_restricted") in heard)
        over.set()
        eventually(lambda: ("resolved", "callback_failing") in heard)


def test_a_callback_that_raises_stops_nothing_and_is_reported() -> None:
    simulator, heard = preset("healthy_margin"), []

    def angry(event: Told) -> None:
        heard.append(event.issue.code)
        raise ValueError("no")

    supervisor = Supervisor(Own(simulator), settings=QUICK)
    supervisor.subscribe(angry, name="angry")
    with supervisor:
        eventually(supervisor.can_trade)
        become(simulator, "no_buying_power")
        eventually(lambda: any(issue.code == "callback_failing" for issue in supervisor.health().issues))
        assert "callback angry raised ValueError: no" in supervisor.explain().text()
        become(simulator, "healthy_margin")
        eventually(supervisor.can_trade)
    assert heard[0] == "no_buying_power"


class Dying(NoMemory):
    """Ends the monitor's thread when told to, as a fault of ours might."""

    def __init__(self) -> None:
        self.now = False

    def commands(self) -> Iterator[Any]:
        if self.now:
            raise SystemExit
        return iter(())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the death is the point
def test_with_the_monitor_dead_the_gate_closes_by_itself_and_a_new_start_opens_it() -> None:
    memory = Dying()
    supervisor = Supervisor(Own(), settings=attrs.evolve(QUICK, interval=0.6), memory=memory)
    with supervisor:
        eventually(supervisor.can_trade)
        memory.now = True
        eventually(lambda: not supervisor.running)
        assert supervisor.can_trade()
        assert eventually(lambda: not supervisor.can_trade()) <= 0.6 * 1.1 + QUICK.deadline + 0.1
        health = supervisor.health()
        assert (health.score, health.issues[0].code, health.stale) == (0.0, "monitor_stale", True)
        assert supervisor.can_trade({"symbol": "AAPL", "side": "sell", "quantity": 1})
        memory.now = False
        supervisor.start()
        eventually(supervisor.can_trade)


def test_an_error_of_our_own_in_a_tick_is_survived() -> None:
    class Raising(NoMemory):
        raised = 0

        def commands(self) -> Iterator[Any]:
            if self.raised < 2:
                self.raised += 1
                raise RuntimeError("ours")
            return iter(())

    supervisor = Supervisor(Own(), settings=QUICK, memory=Raising())
    with supervisor:
        eventually(supervisor.can_trade)


def test_a_hold_from_any_thread_binds_at_once() -> None:
    supervisor = Supervisor(Own(), settings=QUICK)
    with supervisor:
        eventually(supervisor.can_trade)
        holders = [
            Thread(target=supervisor.hold, args=("reduce",), kwargs={"why": "test", "who": f"t{i}"}) for i in range(5)
        ]
        for holder in holders:
            holder.start()
        for holder in holders:
            holder.join()
        assert not supervisor.can_trade()
        supervisor.release(why="over", who="ann")
        assert supervisor.can_trade()


def test_when_it_wakes_may_be_asked_while_others_are_heard() -> None:
    supervisor = Supervisor(Own(), settings=QUICK, inline=True)
    supervisor.tick()
    usual, stopping = sys.getswitchinterval(), Event()

    def hear() -> None:
        for n in range(400):
            supervisor.tell("callback", f"callback-{n}", "raised", "said so")
        stopping.set()

    sys.setswitchinterval(1e-6)
    try:
        thread = Thread(target=hear)
        thread.start()
        while not stopping.is_set():
            supervisor.due_at()
        thread.join()
    finally:
        sys.setswitchinterval(usual)
    assert sum(name == "callback" for name, _ in supervisor.book.living) == 400
