"""Remedies that do what no remedy should, and troubles that come at the worst time: nothing is harmed, nothing is claimed."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from supervisor.config import Settings
from supervisor.core.issue import Issue
from supervisor.core.reading import Round
from supervisor.core.words import INFO, Severity
from supervisor.errors import SupervisorError
from supervisor.remedies import Remedy, standard
from supervisor.remedies.choosing import budget_of
from supervisor.remedies.form import Applied, Later, Nothing, Plan, Scene
from supervisor.remedies.running import Job
from supervisor.simulator import become

from remedies.test_remedies_endpoint import DETECTED, FIXED
from remedies.test_remedies_healer import CODE, Cure, in_real_time, poor, raises, rich
from remedies.ward import EXACT, LIVE, SANDBOX, Client, Submitter, Ward, ward


class LeavingError(BaseException):
    """What `except Exception` does not catch."""


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    "error", [SystemExit(0), LeavingError("gone"), GeneratorExit(), MuteError()], ids=lambda error: type(error).__name__
)
@pytest.mark.parametrize("step", ["plan", "apply", "proves", "undo"])
def test_a_step_that_leaves_by_any_exception_has_not_done_what_it_says(step: str, error: BaseException) -> None:
    def leaves(_: Scene) -> Any:
        raise error

    cure = Cure(**{step: leaves})
    with ward(remedies=[cure]) as w:
        poor(w).run(200)
        detected, *told = w.take()
        assert detected == f"detected {CODE}"
        assert set(told) == {f"{'partial' if step == 'undo' else 'failed'} {CODE}"}
        assert w.fixed == 0
        if step == "undo":
            assert "undoing it failed" in w.fix(0)["finish"]


def test_a_step_in_a_thread_that_leaves_by_any_exception_is_done_and_reported() -> None:
    def leaves(_: Job) -> Any:
        raise KeyboardInterrupt

    job = Job("x", leaves, 0.0)
    job.go(inline=False)
    until = time.monotonic() + 5
    while not job.done and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert (job.done, job.error) == (True, "KeyboardInterrupt: ")


def test_the_users_own_interrupt_passes_and_the_repair_goes_on_from_there() -> None:
    interrupts = [KeyboardInterrupt()]

    def pressed(_: Scene) -> Any:
        if interrupts:
            raise interrupts.pop()
        return Applied("did")

    cure = Cure(apply=pressed)
    with ward(remedies=[cure]) as w:
        with pytest.raises(KeyboardInterrupt):
            poor(w)
        w.run(200)
        assert w.take() == [f"detected {CODE}", f"failed {CODE}"]
        assert "KeyboardInterrupt" in w.fix(0)["says"]
        assert cure.did.count("apply") == 2  # once more after the cool-down


def test_a_remedy_that_changes_its_plan_its_issue_or_its_round_changes_only_its_own_copy(tmp_path: Path) -> None:
    seen: list[Any] = []

    def meddles(scene: Scene) -> Any:
        scene.issue.metadata["repair"] = "repair_proved"  # type: ignore[index]  # that is the point
        scene.facts.clear()  # type: ignore[attr-defined]
        with pytest.raises(TypeError):
            scene.round.readings["profile"] = None  # type: ignore[index]
        return Applied("did")

    class Meddler(Cure):
        def apply(self, plan: Plan, scene: Scene) -> Any:
            plan.data["was"] = 99  # type: ignore[index]
            plan.data["deep"]["a"].append(2)
            return super().apply(plan, scene)

        def undo(self, plan: Plan, scene: Scene) -> Any:
            seen.append(dict(plan.data))
            return super().undo(plan, scene)

    cure = Meddler(apply=meddles, plan=lambda _: Plan("x", {"was": 1, "deep": {"a": [1]}}))
    with ward(tmp_path, remedies=[cure]) as w:
        poor(w).run(200)
        assert seen == [{"was": 1, "deep": {"a": [1]}}]
        assert w.take() == [f"detected {CODE}", f"failed {CODE}"]
        assert w.supervisor.facts["profile"].value is not None
        assert w.codes() == [CODE]


def test_one_that_says_proved_only_once_is_not_believed() -> None:
    answers = iter([True, False] * 50)
    cure = Cure(proves=lambda _: next(answers))
    with ward(remedies=[cure]) as w:
        cure.steps["apply"] = rich(w)
        poor(w).run(200)
        assert w.take()[:3] == [f"detected {CODE}", f"resolved {CODE} recovered", f"failed {CODE}"]
        assert w.fixed == 0
        assert cure.did.count("proves") >= 8


@pytest.mark.parametrize("answer", ["yes", 1, None, object()])
def test_only_a_plain_yes_is_a_yes(answer: Any) -> None:
    cure = Cure(proves=lambda _: answer)
    with ward(remedies=[cure]) as w:
        cure.steps["apply"] = rich(w)
        poor(w).run(200)
        assert w.fixed == 0
        assert f"failed {CODE}" in w.take()


def test_what_returns_after_being_given_up_is_not_heard() -> None:
    """It comes back with Applied, long after; nothing of that is taken for anything."""
    forever, came_back = threading.Event(), threading.Event()

    def late(_: Scene) -> Any:
        forever.wait(20)
        came_back.set()
        return Applied("did it after all")

    heard: list[str] = []
    cure = Cure(apply=late)
    supervisor = in_real_time(
        cure, 10, lambda _: bool(heard), on_auto_fix_applied=lambda issue, result: heard.append(str(result))
    )
    try:
        assert heard == ["failed"]
        forever.set()
        assert came_back.wait(5)
        checks = supervisor.book.stats.total_checks
        until = time.monotonic() + 5
        while supervisor.book.stats.total_checks < checks + 2 and time.monotonic() < until:
            threading.Event().wait(0.02)
        assert heard == ["failed"]
        assert supervisor.book.stats.issues_auto_fixed == 0
        assert supervisor.fixes()[0]["result"] == "failed"
    finally:
        supervisor.stop()


class Frozen:
    """An adapter whose address and flag can't be set."""

    rest_client = None
    sandbox = False

    def __init__(self, *, base: str) -> None:
        object.__setattr__(self, "rest_client", ReadOnly(base))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} is read-only")


class ReadOnly:
    def __init__(self, base: str) -> None:
        self._base = base

    @property
    def api_base(self) -> str:
        return self._base


def test_an_adapter_that_is_read_only_is_left_to_a_person_and_our_own_client_is_on_the_sandbox() -> None:
    with ward(base=LIVE, submitter=Frozen(base=LIVE)) as w:
        w.run(300)
        assert w.take() == [DETECTED, "partial endpoint_mismatch"]
        assert "its api_base: AttributeError" in w.fix()["finish"]
        assert "its sandbox: AttributeError: sandbox is read-only" in w.fix()["finish"]
        assert w.broker.reader.base.url == SANDBOX
        assert (w.fixed, w.supervisor.can_trade()) == (0, False)


def test_one_whose_flag_alone_is_read_only_is_told_and_proved_late_by_its_address() -> None:
    class Half(Submitter):
        def __setattr__(self, name: str, value: object) -> None:
            if name == "sandbox" and hasattr(self, "sandbox"):
                raise AttributeError("read-only")
            object.__setattr__(self, name, value)

    with ward(base=LIVE, submitter=Half(False, Client(LIVE))) as w:
        w.run(300)
        assert w.take() == [DETECTED, "partial endpoint_mismatch", "resolved endpoint_mismatch recovered"]
        assert w.submitter.rest_client.api_base == SANDBOX
        assert w.fixed == 0


def test_two_problems_at_once_are_repaired_one_after_the_other(tmp_path: Path) -> None:
    cure = Cure()
    with ward(tmp_path, remedies=[cure], submitter=Submitter(True, Client(SANDBOX))) as w:
        cure.steps["apply"] = rich(w)
        w.run(1)
        become(w.simulator, "no_buying_power")
        w.submitter.rest_client.api_base = LIVE
        w.run(60)
        under_way = [fix for fix in w.supervisor.fixes() if fix["state"] in {"applying", "verifying", "undoing"}]
        assert [fix["remedy"] for fix in under_way] == ["endpoint"]  # the worse one first
        w.run(200)
        told = w.take()
        assert [line for line in told if "endpoint" in line] == [DETECTED, *FIXED]
        assert [line for line in told if CODE in line] == [
            f"detected {CODE}", f"fixed {CODE}", f"resolved {CODE} recovered"
        ]  # fmt: skip
        first, second = w.supervisor.fixes()
        assert second["began"] >= first["ended"]


def test_each_result_is_told_exactly_once(tmp_path: Path) -> None:
    results: list[tuple[str, str]] = []
    cure = Cure()
    settings = Settings(live_jitter=False, interval=600.0, stale=1500.0)
    told: dict[str, Any] = {"remedies": [cure], "settings": settings}
    with ward(tmp_path, **told) as w:
        w.supervisor.subscribe(lambda issue, result: results.append((issue.issue_id, result)), kind="fixed")
        cure.steps["apply"] = rich(w)
        w.run(1)
        become(w.simulator, "no_buying_power")
        w.run(650)
        become(w.simulator, "no_buying_power")
        cure.steps["apply"] = lambda _: Nothing("no need")
        w.run(1300)
        cure.steps["apply"] = raises
        w.run(1300)
        assert [str(result) for _, result in results][:2] == ["fixed", "not_applicable"]
        in_ledger = [fix["result"] for fix in w.supervisor.fixes()]
        for result in ("fixed", "failed"):
            assert [r for _, r in results].count(result) == in_ledger.count(result) > 0
        assert in_ledger.count("not_applicable") > [r for _, r in results].count("not_applicable") == 1  # no news again
        assert w.fixed == w.supervisor.get_health_status()["stats"]["issues_auto_fixed"] == 1


STATES: dict[str, tuple[dict[str, Any], str]] = {
    "rehearsed": ({"policy": "dry_run"}, "rehearsed"),
    "waiting": ({"policy": "ask"}, "waiting"),
    "applying": ({"apply": lambda _: Later("half-way", 500.0)}, "undone"),
    "verifying": ({}, "undone"),
    "partial": ({"plan": lambda _: Plan("half", finish="call them")}, "partial"),
    "dropped": ({"apply": lambda _: Nothing("no need")}, "dropped"),
}


@pytest.mark.parametrize("state", STATES)
def test_a_restart_in_each_state_settles_it_or_leaves_it_as_it_was(tmp_path: Path, state: str) -> None:
    steps, after = dict(STATES[state][0]), STATES[state][1]
    policy = steps.pop("policy", "auto")
    cure = Cure(**steps)
    with ward(tmp_path, remedies=[cure], settings=Settings(live_jitter=False, remedies=(("cure", policy),))) as w:
        poor(w).run(10)
        assert w.fix(0)["state"] == state
        began = w.fix(0)["id"]
        cure.did.clear()
        w.killed()
        w.run(1)
        (fix,) = [fix for fix in w.supervisor.fixes() if fix["id"] == began]
        assert fix["state"] == after
        assert cure.did[:1] == (["undo"] if after == "undone" else [])
        assert w.codes() == [CODE]
        assert w.supervisor.book.cursor("repair", "buying_power:cure").state == after


def test_a_restart_while_it_is_planned_or_undone_settles_it_too(tmp_path: Path) -> None:
    """The process dies inside the step itself: the repair stands where the record says."""
    for state, step in (("applying", "apply"), ("undoing", "undo")):
        cure = Cure(apply=raises)
        with ward(tmp_path / state, remedies=[cure]) as w:

            def dies(_: Scene, w: Ward = w) -> Any:
                w.supervisor.memory.close()
                raise KeyboardInterrupt

            cure.steps[step] = dies
            with pytest.raises(KeyboardInterrupt):
                poor(w)
            assert w.fix(0)["state"] == state
            cure.steps = {}
            cure.did.clear()
            w.start()
            w.run(1)
            assert cure.did[0] == "undo"
            assert w.states("cure")[:5] == ["planned", "applying", "undoing", "undone"][:5]
            assert w.codes() == [CODE]


@pytest.mark.parametrize("remedy", standard(), ids=lambda remedy: remedy.name)
def test_a_remedy_without_its_ports_does_nothing_and_proves_nothing(remedy: Remedy) -> None:
    issue = Issue("x-1", min(remedy.codes), Severity.ERROR, "x", "x", "x", 0.0)
    scene = Scene(issue, 0.0, Round({}), settings=EXACT)
    plan = Plan("x", {"source": "x", "aside": "x", "symbols": [], "order": {}, "size": 1, "was": []})
    assert remedy.plan(scene) is None
    assert isinstance(remedy.apply(plan, scene), Nothing)
    assert remedy.proves(plan, scene) is False
    left = remedy.undo(plan, scene)
    assert left is None or remedy.name == "endpoint"
    if hasattr(remedy, "settled"):
        remedy.settled(plan, scene)


def test_while_its_storm_lasts_and_shortly_after_nothing_is_approved_either() -> None:
    cure = Cure()
    with ward(remedies=[cure], settings=Settings(live_jitter=False, remedies=(("cure", "ask"),))) as w:
        poor(w)
        assert w.fix()["state"] == "waiting"
        w.simulator.inject("account_status", status="suspended")
        w.simulator.inject("level", level=0)
        w.supervisor.hold("reduce", why="storm", who="ann")
        w.run(61)
        with pytest.raises(SupervisorError, match="approved, but not now: more than 40%"):
            w.supervisor.approve("cure", why="go", who="ann")
        w.supervisor.release(why="over", who="ann")
        w.simulator.clear("account_status")
        w.run(61)
        with pytest.raises(SupervisorError, match="more than 40%"):
            w.supervisor.approve("cure", why="go", who="ann")
        w.run(121)
        assert "verifying" in w.supervisor.approve("cure", why="go", who="ann")


def test_each_problem_of_a_life_has_a_budget_of_its_own() -> None:
    """A quota that runs low all day does not use up what a token's refresh needs."""
    low = Issue("a-1", "quota_low", INFO, "system", "x", "foreseen", 0.0, metadata={"key": "quota_low"})
    due = Issue("b-1", "token_expiring", INFO, "system", "x", "foreseen", 0.0, metadata={"key": "token_expiring"})
    down = Issue("c-1", "connection_failed", INFO, "x", "x", "connection", 0.0)
    assert [budget_of(issue) for issue in (low, due, down)] == ["quota_low", "token_expiring", "connection"]
