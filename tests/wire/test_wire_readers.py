"""Over real sockets: what do ten threads see that ask while rounds change?"""

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

from supervisor import Supervisor
from supervisor.core.verdict import score_of, status_of
from supervisor.core.words import OPENING
from supervisor.simulator import become

from wire.wiring import broker, eventually

READERS = 10
STORY = (
    "healthy_margin",
    "no_buying_power",
    "account_closed",
    "healthy_margin",
    "html",
    "level_low",
    "reset",
    "healthy_cash",
)
ORDER = {"symbol": "AAPL", "side": "buy", "quantity": 1}


def whole(supervisor: Supervisor) -> None:
    """Nothing that one answer says contradicts itself."""
    health = supervisor.health()
    gate, verdict = health.gate, health.gate.verdict
    assert not gate.permits_now() & ~verdict.permits
    assert gate.opens == bool(gate.permits & OPENING)
    assert verdict.score in {score_of(issue.severity for issue in verdict.issues), 0.0}
    assert health.status is status_of(health.score)
    assert health.stale or health.issues == verdict.issues
    shown = {view.issue_id for view in health.concerns.values() if view.issue_id}
    assert shown == {issue.issue_id for issue in verdict.issues if issue.concern in health.concerns}
    for view in supervisor.explain().permits:
        assert view.open != bool(view.reasons)
    status = supervisor.get_health_status()
    assert status["active_issues"] == len(status["issues"])
    decision = supervisor.check(ORDER)
    assert decision.allowed != bool(decision.reasons)
    assert supervisor.can_trade() in {True, False}


def reading(supervisor: Supervisor, over: Event, wrong: list[BaseException]) -> Callable[[], None]:
    def read() -> None:
        try:
            while not over.is_set():
                whole(supervisor)
                over.wait(0.001)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must see it
            wrong.append(error)

    return read


def test_ten_readers_see_no_exception_and_no_torn_answer_while_rounds_change() -> None:
    over = Event()
    wrong: list[BaseException] = []
    with broker() as (server, supervisor):
        readers = [Thread(target=reading(supervisor, over, wrong)) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        began = monotonic()
        for name in STORY * 3:
            become(server.simulator, name)
            supervisor.look(inline=False, deadline=0.2)
            supervisor.hold("reduce", why="torn?", who="test")
            supervisor.release(why="whole", who="test")
            supervisor.look(inline=False, deadline=0.2)
        assert monotonic() - began < 20
        over.set()
        for reader in readers:
            reader.join()
    assert wrong == []


def test_asking_never_waits_for_a_hanging_broker_a_stuck_callback_or_the_books_lock() -> None:
    stuck = Event()
    with broker(on_issue_detected=lambda _: stuck.wait(10)) as (server, supervisor), supervisor:
        eventually(supervisor.can_trade)
        server.simulator.inject("hang")
        eventually(lambda: not supervisor.can_trade())
        asked: list[float] = []

        def ask() -> None:
            for _ in range(200):
                supervisor.can_trade()
                supervisor.can_trade(ORDER)
                supervisor.health()
                supervisor.explain()
            asked.append(monotonic())

        with supervisor._lock:  # as while the journal is being written
            asker = Thread(target=ask)
            asker.start()
            asker.join(5)
            assert asked
        stuck.set()
