"""Nothing is believed: remedies that lie, raise or hang, dry runs, approvals, and processes that die half-way."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from supervisor.concerns.facts import Place
from supervisor.config import Settings
from supervisor.core.mending import APPLIED, PROVED
from supervisor.core.reading import Failure, Kind, Reading
from supervisor.errors import ConfigError, SupervisorError
from supervisor.journal.verify import verify
from supervisor.monitor.making import book_for
from supervisor.monitor.recall import replayed
from supervisor.remedies import all_remedies, standard
from supervisor.remedies.example import TunnelRemedy
from supervisor.remedies.form import Applied, Later, Manner, Nothing, Outcome, Plan, Policy, Scene
from supervisor.remedies.ledger import Ledger
from supervisor.simulator import become

from remedies.ward import EXACT, LIVE, Ward, ward

CODE = "no_buying_power"


class Cure:
    """A remedy of anyone's making, for an account without money. Each step does what it is told to."""

    name = "cure"
    codes = frozenset({CODE})
    manner = Manner()

    def __init__(self, **steps: Callable[..., Any]) -> None:
        self.steps = steps
        self.did: list[str] = []

    def _step(self, name: str, scene: Scene, usual: Any) -> Any:
        self.did.append(name)
        return self.steps[name](scene) if name in self.steps else usual

    def plan(self, scene: Scene) -> Plan | None:
        plan: Plan | None = self._step("plan", scene, Plan("find some money", {"was": 0}))
        return plan

    def apply(self, _: Plan, scene: Scene) -> Outcome:
        outcome: Outcome = self._step("apply", scene, Applied("found some"))
        return outcome

    def proves(self, _: Plan, scene: Scene) -> bool:
        proved: bool = self._step("proves", scene, usual=True)
        return proved

    def undo(self, _: Plan, scene: Scene) -> str | None:
        left: str | None = self._step("undo", scene, None)
        return left


def raises(_: Scene) -> Any:
    raise RuntimeError("the cure is worse")


def poor(w: Ward) -> Ward:
    w.run(1)
    become(w.simulator, "no_buying_power")
    return w.run(60)


def rich(w: Ward) -> Callable[[Scene], Applied]:
    def found(_: Scene) -> Applied:
        become(w.simulator, "healthy_margin")
        return Applied("found some")

    return found


def test_what_works_is_told_as_fixed_after_two_good_rounds(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure]) as w:
        cure.steps["apply"] = rich(w)
        poor(w)
        assert (w.take(), w.fix()["state"]) == ([f"detected {CODE}"], "verifying")
        w.run(15)
        assert (w.take(), w.codes()) == ([], [CODE])
        w.run(15)
        assert w.take() == [f"fixed {CODE}", f"resolved {CODE} recovered"]
        assert cure.did == ["plan", "apply", "proves", "proves"]


def test_a_round_that_comes_while_it_is_being_applied_neither_ends_the_issue_nor_the_repair(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure]) as w:

        def busy(_: Scene) -> Applied:
            become(w.simulator, "healthy_margin")
            w.supervisor.look()
            return Applied("found some")

        cure.steps["apply"] = busy
        poor(w)
        assert (w.take(), w.codes()) == ([f"detected {CODE}"], [CODE])
        w.run(31)
        assert w.take() == [f"fixed {CODE}", f"resolved {CODE} recovered"]
        assert "undo" not in cure.did


def test_a_lie_is_never_told_as_fixed_and_is_undone(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure]) as w:
        poor(w).run(200)
        assert w.take() == [f"detected {CODE}", f"failed {CODE}"]
        assert (w.fixed, w.codes()) == (0, [CODE])
        assert cure.did[-1] == "undo"
        assert w.fix()["result"] == "failed"
        (failed,) = [issue for issue in w.supervisor.health().issues if issue.code == CODE]
        assert (failed.auto_fix_applied, failed.auto_fix_result) == (False, "failed")


def test_good_news_between_bad_is_no_proof() -> None:
    cure = Cure()
    with ward(remedies=[cure]) as w:
        poor(w)
        for _ in range(6):
            become(w.simulator, "healthy_margin")
            w.run(15)
            become(w.simulator, "no_buying_power")
            w.run(15)
        assert w.fixed == 0
        assert "failed no_buying_power" in w.take()


@pytest.mark.parametrize("step", ["plan", "apply", "proves", "undo"])
def test_a_remedy_that_raises_harms_nothing_and_is_reported(step: str) -> None:
    cure = Cure(**{step: raises})
    with ward(remedies=[cure]) as w:
        poor(w).run(400)
        told = w.take()
        assert told[0] == f"detected {CODE}"
        assert told[1] == (f"partial {CODE}" if step == "undo" else f"failed {CODE}")
        assert w.fixed == 0
        assert w.supervisor.gate.fresh()
        says = w.fix(0)["says"] if step != "proves" else "RuntimeError"
        assert "RuntimeError" in says


@pytest.mark.parametrize(
    "strange",
    ["yes", 7, {"words": "x"}, Plan("x", {"a": ...}), Plan("x", {"a": float("nan")}), Plan("x", {"a": {1, 2}})],
    ids=str,
)
def test_a_plan_that_is_none_or_cannot_be_put_on_record_is_reported_once_and_never_applied(strange: Any) -> None:
    cure = Cure(plan=lambda _: strange)
    with ward(remedies=[cure]) as w:
        poor(w).run(400)
        assert w.take() == [f"detected {CODE}", f"failed {CODE}"]
        assert set(cure.did) == {"plan"}
        assert w.fix()["began"] is None


def test_an_outcome_that_is_none_is_a_failure() -> None:
    with ward(remedies=[Cure(apply=lambda _: True)]) as w:
        poor(w)
        assert w.take() == [f"detected {CODE}", f"failed {CODE}"]
        assert "it did not say what it did" in w.fix()["says"]


def test_nothing_to_do_is_not_applicable_and_told_once() -> None:
    with ward(remedies=[Cure(apply=lambda _: Nothing("no need"))]) as w:
        poor(w).run(4000)
        assert w.take().count(f"not_applicable {CODE}") == 1


def test_a_ladder_is_one_repair() -> None:
    cure = Cure(apply=lambda scene: Later("not yet", 7.0) if scene.tries < 4 else Applied("at last"))
    with ward(remedies=[cure]) as w:
        poor(w).run(29)
        assert len(w.supervisor.fixes()) == 1
        assert cure.did.count("apply") == 5


def test_a_problem_that_ends_by_itself_drops_the_ladder() -> None:
    cure = Cure(apply=lambda _: Later("not yet", 100.0))
    with ward(remedies=[cure]) as w:
        poor(w)
        become(w.simulator, "healthy_margin")
        w.run(101)
        assert w.take() == [f"detected {CODE}", f"resolved {CODE} recovered", f"not_applicable {CODE}"]
        assert (w.fixed, w.fix()["state"]) == (0, "dropped")


def test_another_problem_in_its_place_fails_the_repair() -> None:
    with ward(remedies=[Cure()]) as w:
        poor(w)
        become(w.simulator, "margin_call")
        w.run(31)
        assert w.take() == [f"detected {CODE}", f"resolved {CODE} superseded", "detected margin_call", f"failed {CODE}"]
        assert w.fixed == 0


@pytest.mark.parametrize(
    "how", [Settings(live_jitter=False, dry_run=True), Settings(live_jitter=False, remedies=(("cure", "dry_run"),))]
)
def test_a_dry_run_tells_and_does_nothing(how: Settings, tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure], settings=how) as w:
        poor(w).run(400)
        assert w.take() == [f"detected {CODE}"]
        assert cure.did == ["plan"]
        assert w.states("cure") == ["planned", "rehearsed"]
        assert w.fix()["says"] == "dry run; it would: find some money"


def test_what_asks_waits_for_a_person(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure], settings=Settings(live_jitter=False, remedies=(("cure", "ask"),))) as w:
        cure.steps["apply"] = rich(w)
        poor(w).run(400)
        assert (w.fix()["state"], cure.did) == ("waiting", ["plan"])
        with pytest.raises(SupervisorError, match="no such repair"):
            w.supervisor.approve("repair-9999", who="ann", why="go")
        with pytest.raises(SupervisorError, match="who and why"):
            w.supervisor.approve("cure", who="ann", why="")
        w.restart()
        w.run(1)
        assert "verifying" in w.supervisor.approve(w.fix()["id"], who="ann", why="go")
        w.run(31)
        assert w.take()[-2:] == [f"fixed {CODE}", f"resolved {CODE} recovered"]
        assert w.fix()["approved"] == "ann: go"


def test_a_plan_may_ask_even_where_the_setting_does_not() -> None:
    cure = Cure(plan=lambda _: Plan("dangerous", ask=True))
    with ward(remedies=[cure]) as w:
        poor(w)
        assert w.fix()["state"] == "waiting"
        become(w.simulator, "healthy_margin")
        w.run(60)
        assert w.fix()["state"] == "dropped"
        with pytest.raises(SupervisorError, match="waits for no approval"):
            w.supervisor.approve("cure", who="ann", why="go")


def test_what_a_person_must_finish_is_partial_and_stays_open_until_one_did() -> None:
    cure = Cure(plan=lambda _: Plan("half of it", finish="call the broker"))
    with ward(remedies=[cure]) as w:
        cure.steps["apply"] = rich(w)
        poor(w).run(400)
        assert w.take() == [f"detected {CODE}", f"partial {CODE}"]
        assert w.fix()["finish"].endswith("call the broker")
        assert w.codes() == [CODE]
        w.supervisor.approve("cure", who="ann", why="called them")
        assert (w.take(), w.codes()) == ([f"resolved {CODE} recovered"], [])


def test_the_book_itself_tells_nothing_as_fixed_while_its_concern_shows_it() -> None:
    with ward() as w:
        poor(w)
        (issue,) = w.supervisor.health().issues
        assert w.supervisor.mend(issue.issue_id, APPLIED, "did").events == []
        assert w.supervisor.mend(issue.issue_id, PROVED, "so it says").events == []
        assert (w.fixed, w.codes()) == (0, [CODE])
        become(w.simulator, "healthy_margin")
        w.run(60)
        assert w.codes() == [CODE]
        told = w.supervisor.mend(issue.issue_id, PROVED, "two readings").events
        assert [event.kind for event in told] == ["fixed", "resolved"]
        with pytest.raises(KeyError):
            w.supervisor.mend(issue.issue_id, PROVED, "again")


def test_a_process_killed_while_applying_is_settled_by_the_next_one(tmp_path: Path) -> None:
    cure = Cure(apply=lambda _: Later("half-way", 1000.0))
    with ward(tmp_path, remedies=[cure]) as w:
        poor(w).run(20)
        assert w.fix()["state"] == "applying"
        w.take()
        cure.did.clear()
        w.frozen.tick(60)
        w.killed()
        w.run(1)
        assert cure.did[0] == "undo"
        assert w.take()[0] == f"failed {CODE}"
        assert "the process ended half-way" in w.fix(0)["says"]
        assert w.states("cure")[:5] == ["planned", "applying", "applying", "undoing", "undone"]
        assert w.codes() == [CODE]


def test_a_process_killed_while_verifying_is_settled_and_nothing_stays_pending(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure]) as w:
        cure.steps["apply"] = rich(w)
        poor(w).run(16)
        assert (w.fix()["state"], w.codes()) == ("verifying", [CODE])
        w.take()
        w.killed()
        w.run(61)
        assert w.take() == [f"resolved {CODE} recovered", f"failed {CODE}"]
        assert (w.fixed, w.codes()) == (0, [])


def test_a_repair_whose_remedy_is_gone_is_left_to_a_person(tmp_path: Path) -> None:
    with ward(tmp_path, remedies=[Cure()]) as w:
        poor(w).run(16)
        w.take()
        w._how["options"] = {}
        w.killed()
        w.run(1)
        assert f"partial {CODE}" in w.take()
        assert "the remedy cure is not there any more" in w.fix()["finish"]


def test_a_repair_of_which_the_record_was_lost_is_settled_too(tmp_path: Path) -> None:
    with ward(tmp_path, remedies=[Cure()]) as w:
        poor(w).run(16)
        w.take()
        w.supervisor.healing.healer.ledger.repairs.clear()
        w.supervisor.healing.restore()
        cursor = w.supervisor.book.cursor("repair", "buying_power:cure")
        assert cursor.state in {"undone", "partial"}


def test_all_of_it_replays_to_the_same_moves(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure]) as w:
        cure.steps["apply"] = rich(w)
        poor(w).run(300)
        become(w.simulator, "no_buying_power")
        cure.steps.clear()
        w.run(900)
        w.supervisor.stop()
        recorded = [(e.at, e.concern, e.body["source"], e.body["target"]) for e in w.journal("move")]
        book = book_for(EXACT)
        replay = []
        with_journal = w.memory()
        from supervisor.journal.store import Journal

        with Journal.open(with_journal.home.journal, read_only=True) as journal:
            assert verify(journal).ok
            for _, sweep in replayed(book, journal, whole=True):
                replay += [(m.at, m.concern, m.source, m.target) for m in (sweep.moves if sweep else [])]
        w.start()
    assert any(concern == "repair" for _, concern, _, _ in recorded)
    assert replay == recorded
    assert book.stats.issues_auto_fixed == 1


def test_while_nothing_can_be_recorded_nothing_is_repaired(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure], settings=Settings(live_jitter=False, remedies=(("journal", "off"),))) as w:
        w.run(1)
        w.supervisor.memory.journal.close()  # type: ignore[attr-defined]  # a Memory has one
        become(w.simulator, "no_buying_power")
        w.run(300)
        assert cure.did == []


class Slow(Cure):
    name = "slow"


def in_real_time(cure: Cure, seconds: float, done: Callable[[Any], bool], policy: str = "auto", **how: Any) -> Any:
    """A supervisor in thread mode with that remedy, on an account without money, until done."""
    from supervisor.monitor.supervisor import Supervisor
    from supervisor.monitor.tradier import TradierBroker
    from supervisor.simulator import DEFAULT_ACCOUNT, SimulatorAdapter, preset
    from supervisor.tradier.client import Reader

    simulator = preset("no_buying_power")
    net = SimulatorAdapter(simulator)
    reader = Reader(
        "https://sandbox.tradier.com/v1", lambda: "a-token", DEFAULT_ACCOUNT, intended=Place.SANDBOX, adapter=net
    )
    settings = Settings(interval=1.0, quick=1.0, repair_step=0.2, repair_verify=1.0, remedies=(("cure", policy),))
    broker = TradierBroker(reader, lambda: "a-token", intended=Place.SANDBOX, adapter=net)
    supervisor = Supervisor(broker, settings=settings, remedies=[cure], **how)
    supervisor.start()
    until = time.monotonic() + seconds
    while time.monotonic() < until and not done(supervisor):
        threading.Event().wait(0.02)
    return supervisor


@pytest.mark.parametrize("step", ["plan", "apply", "undo"])
def test_a_remedy_that_hangs_is_given_up_and_the_monitor_goes_on(step: str) -> None:
    forever = threading.Event()
    late: list[str] = []

    def hangs(scene: Scene) -> Any:
        forever.wait(20)
        try:
            scene.insist()
        except SupervisorError as error:
            late.append(str(error))
            raise
        late.append("went on")
        return None

    steps: dict[str, Callable[..., Any]] = {step: hangs}
    if step == "undo":
        steps["apply"] = raises
    cure = Cure(**steps)
    heard: list[str] = []
    supervisor = in_real_time(
        cure, 10, lambda _: bool(heard), on_auto_fix_applied=lambda issue, result: heard.append(str(result))
    )
    try:
        assert heard == ["partial" if step == "undo" else "failed"]
        checks = supervisor.book.stats.total_checks
        assert "longer than 0.2 s" in supervisor.fixes()[0]["says"]
        until = time.monotonic() + 5
        while supervisor.book.stats.total_checks < checks + 1 and time.monotonic() < until:
            threading.Event().wait(0.02)
        assert supervisor.book.stats.total_checks > checks
        assert sum(t.name == "supervisor-remedy-cure" for t in threading.enumerate()) <= 2
        forever.set()
        until = time.monotonic() + 5
        while not late and time.monotonic() < until:
            threading.Event().wait(0.02)
        assert "given up" in late[0]
    finally:
        forever.set()
        supervisor.stop()


def test_the_example_is_proved_by_its_own_probe() -> None:
    from supervisor.concerns.common import FAILED, MISSED
    from supervisor.core.concern import Concern
    from supervisor.core.table import Arrow, State, Table
    from supervisor.core.words import ALL, CLOSING, ERROR, OK

    states = (
        State("up", OK, ALL, means="The tunnel carries."),
        State("down", ERROR, CLOSING, issue="tunnel_down", means="The tunnel does not carry."),
    )
    arrows = (Arrow("up", MISSED, "down"), Arrow("down", "carried", "up"))
    table = Table("tunnel", states, arrows, families=(MISSED,), about="Does the tunnel carry?")

    def judge(round_: Any) -> str | None:
        reading = round_.get("extra:tunnel")
        return None if reading is None else FAILED if reading.failure else "carried"

    class Tunnel:
        now = "north"
        broken = frozenset({"north"})

        def restart(self) -> str:
            before, self.now = self.now, "south"
            return before

        def use(self, route: str) -> None:
            self.now = route

        def route(self) -> str:
            return self.now

        def probe(self, _: float) -> Reading:
            if self.now in self.broken:
                return Reading("tunnel", time.time(), 0.1, failure=Failure(Kind.UNREACHABLE, f"{self.now} is cut"))
            return Reading("tunnel", time.time(), 0.1, f"by {self.now}")

    tunnel = Tunnel()
    concern = Concern(table, judge, "network")
    how: dict[str, Any] = {"concerns": [concern], "probes": {"tunnel": tunnel.probe}}
    with ward(remedies=[TunnelRemedy(tunnel)], **how) as w:
        w.run(31)
        assert w.take() == ["detected tunnel_down", "fixed tunnel_down", "resolved tunnel_down recovered"]
        assert tunnel.now == "south"
        tunnel.broken = frozenset({"north", "south"})
        w.run(300)
        assert "failed tunnel_down" in w.take()
        assert tunnel.now == "south"


def test_remedies_are_nine_and_each_name_is_there_once() -> None:
    names = [remedy.name for remedy in standard()]
    assert len(names) == len(set(names)) == 9
    assert [r.name for r in all_remedies([Cure()])] == [*names, "cure"]
    with pytest.raises(ConfigError, match="'endpoint' is taken"):
        all_remedies([_named("endpoint")])


def _named(name: str) -> Cure:
    cure = Cure()
    cure.name = name
    return cure


def test_a_switch_for_a_remedy_that_is_not_there_is_named() -> None:
    with (
        pytest.raises(ConfigError, match="remedies that are not there: endpiont"),
        ward(settings=Settings(remedies=(("endpiont", "off"),))),
    ):
        pass


@pytest.mark.parametrize("what", [object(), _named(""), _named("a:b"), type("X", (Cure,), {"codes": "abc"})()])
def test_what_is_no_remedy_is_named(what: Any) -> None:
    with pytest.raises(ConfigError, match="can't be used"):
        all_remedies([what])


def test_remedies_are_found_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        name = "mine"

        def __init__(self, give: Callable[[], Any]) -> None:
            self.load = lambda: give

    import supervisor.remedies as package

    monkeypatch.setattr(package, "entry_points", lambda group: [Point(Cure)])
    assert all_remedies()[-1].name == "cure"
    monkeypatch.setattr(package, "entry_points", lambda group: [Point(lambda: 1 / 0)])
    with pytest.raises(ConfigError, match="'mine' can't be made: division"):
        all_remedies()


def test_the_ledger_forgets_what_is_over_and_old_and_finds_what_waits() -> None:
    with ward(remedies=[Cure()], base=LIVE) as w:
        w.run(1)
        ledger = w.supervisor.healing.healer.ledger
        assert isinstance(ledger, Ledger)
        assert ledger.find("endpoint") is ledger.repairs[0]
        assert ledger.find("nothing") is None
        for fix in w.supervisor.fixes():
            assert {"id", "remedy", "state", "result", "plan", "says", "finish"} <= fix.keys()
        assert Policy("auto") is Policy.AUTO
