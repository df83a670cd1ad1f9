"""What is repaired now, and is it proved? One repair at a time, from plan to result; nothing is believed.

`heard` after each round, `step` whenever time passes. Remedies run outside every lock of the monitor, each step in a
thread that is given up after a while.
"""

from collections import deque
from collections.abc import Callable, Iterable
from copy import deepcopy
from threading import RLock
from types import MappingProxyType
from typing import Any

import attrs

from supervisor import log
from supervisor.concerns import repair as life
from supervisor.config import Settings
from supervisor.core import mending
from supervisor.core.issue import Issue
from supervisor.core.reading import Round
from supervisor.core.words import FixResult
from supervisor.errors import SupervisorError
from supervisor.remedies.choosing import JOURNAL, Choosing, budget_of
from supervisor.remedies.form import Applied, Later, Nothing, Plan, Policy, Remedy, Scene, Settles, manner_of, policy_of
from supervisor.remedies.host import Host
from supervisor.remedies.ledger import Repair
from supervisor.remedies.running import Job, Overdue

PROOFS = 2
"""Fresh good readings, one after the other."""


class Healer(Choosing):
    """Heals one account."""

    def __init__(self, host: Host, remedies: Iterable[Remedy], settings: Settings, *, inline: bool) -> None:
        super().__init__(host, remedies, settings)
        self._inline = inline
        self._lock = RLock()
        self._round = Round({})
        self._candidates: deque[tuple[Issue, Remedy]] = deque()
        self._job: Job | None = None
        self._then: Callable[[Job, float], None] | None = None
        self._late: deque[Repair] = deque()
        self._again_at: float | None = None
        self._prove_by = 0.0
        self._looked = 0.0

    # ---------------------------------------------------------------- called by the monitor

    def restore(self, repairs: Iterable[Repair], now: float) -> None:
        """Takes up the record of repairs; what a crash left half-way is undone, and told so."""
        with self._lock:
            self.ledger.repairs = list(repairs)
            known = {repair.key for repair in self.ledger.repairs if not repair.over}
            for key in self.host.unfinished():
                if key not in known:
                    self._orphan(key)
            for repair in self.ledger.repairs:
                if repair.state == "planned":
                    self._drop(repair, "the process ended before it began", None, now)
                elif repair.under_way:
                    self._fail(repair, "the process ended half-way", now)
                    break
            if self.ledger.under_way() is None:
                self._forget_pending()
            self._pump(now)

    def heard(self, round_: Round, now: float) -> None:
        """A round was judged: a repair under way may be proved by it, or one may be needed."""
        with self._lock:
            self._round, self._looked = round_, now
            self._stormy(now)
            active = self.ledger.under_way()
            if active is not None and active.state == "verifying" and self._job is None:
                self._ask_proof(active, now)
            elif active is None:
                self._no_longer_needed(now)
                self._candidates = deque(self._needed())
                self._late = deque(self._unproved())
            self._pump(now)

    def consider(self, now: float) -> None:
        """Something needs repair that no round brought: a failed order."""
        with self._lock:
            if self.ledger.under_way() is None:
                self._candidates = deque(self._needed())
            self._pump(now)

    def step(self, now: float) -> None:
        """Does what is due."""
        with self._lock:
            if self._job is not None or self._candidates or self.ledger.under_way() is not None:
                self._pump(now)

    def wake_at(self) -> float | None:
        """When time matters next (epoch seconds)."""
        active = self.ledger.under_way()
        if self._job is not None or active is None:
            return None
        return self._prove_by if active.state == "verifying" else self._again_at

    def wants_look(self) -> float | None:
        """When the next round is wanted at the latest, for the repair being proved; None where it does not matter."""
        active = self.ledger.under_way()
        if active is None or active.state != "verifying" or active.remedy not in self.remedies:
            return None
        slow = manner_of(self.remedies[active.remedy]).pace if active.good == 0 else None
        return self._looked + (slow or self.settings.quick)

    def approve(self, name: str, who: str, why: str, now: float) -> str:
        """A person approves a repair that waits, or says that a partial one is finished; says what follows."""
        with self._lock:
            repair = self.ledger.find(name)
            if repair is None or repair.state not in {"waiting", "partial"}:
                found = "there is no such repair" if repair is None else f"it is {repair.state}"
                raise SupervisorError(f"{name!r} waits for no approval: {found}")
            repair.approved = str(self.host.plain(f"{who}: {why}"))
            if repair.state == "partial":
                return self._finished_by(repair, now)
            if self.host.issue(repair.issue_id) is None:
                raise SupervisorError(f"{repair.repair_id} is no longer needed: {repair.issue_id} is not open")
            refused = self._refused(repair.concern, repair.detected, now)
            if refused:
                raise SupervisorError(f"{repair.repair_id} is approved, but not now: {refused}")
            self._begin(repair, now)
            self._pump(now)
            return f"{repair.repair_id} is {repair.state}"

    # ---------------------------------------------------------------- choosing

    def _consider(self, issue: Issue, remedy: Remedy, now: float) -> None:
        if self.host.issue(issue.issue_id) is None or self._refused(budget_of(issue), issue.detected, now):
            return
        self._start(
            remedy.name,
            lambda job: remedy.plan(self._scene(issue, job, now)),
            lambda job, at: self._planned(issue, remedy, job, at),
            now,
        )

    def _planned(self, issue: Issue, remedy: Remedy, job: Job, now: float) -> None:
        if job.error is None and job.value is None:
            return  # it can do nothing
        plan = job.value if isinstance(job.value, Plan) else Plan("")
        trouble = job.error or ("" if isinstance(job.value, Plan) else "its plan is no Plan")
        try:
            told = self.host.plain(attrs.asdict(plan, recurse=False))
            plan = Plan(**{**told, "data": dict(told["data"])})
        except (TypeError, ValueError) as error:
            plan, trouble = Plan(""), f"its plan can't be put on record: {error}"
        repair = Repair(
            f"repair-{self.host.number() + 1}",
            remedy.name,
            budget_of(issue),
            issue.issue_id,
            issue.code,
            issue.detected,
            now,
            plan,
            policy=policy_of(remedy, self.settings).value,
        )
        if trouble:
            if self.ledger.of(issue.issue_id, remedy.name) is None:  # reported once
                self.ledger.add(repair)
                self._tell(repair, life.PLANNED, "its plan failed")
                self._drop(repair, str(self.host.plain(trouble)), FixResult.FAILED, now)
            return
        self.ledger.add(repair)
        self._tell(repair, life.PLANNED, plan.words)
        if repair.policy == Policy.DRY_RUN:
            repair.ended = now
            self._tell(repair, life.REHEARSED, f"dry run; it would: {plan.words}")
        elif not plan.acts:
            self._leave(repair, plan.finish or plan.words, mending.TOLD, now)
        elif repair.policy == Policy.ASK or plan.ask:
            self._tell(repair, life.ASKED, f"waits for `supervisor approve {repair.repair_id}`: {plan.words}")
        else:
            self._begin(repair, now)

    # ---------------------------------------------------------------- applying and proving

    def _begin(self, repair: Repair, now: float) -> None:
        repair.began = repair.began or now
        if not self._tell(repair, life.BEGUN, repair.plan.words) and repair.remedy != JOURNAL:
            self._drop(repair, "it could not be put on record, so nothing was done", FixResult.NOT_APPLICABLE, now)
            return
        self._apply(repair, now)

    def _apply(self, repair: Repair, now: float) -> None:
        remedy, issue = self.remedies.get(repair.remedy), self.host.issue(repair.issue_id)
        self._again_at = None
        if remedy is None or issue is None:
            self._drop(repair, "it is no longer needed", FixResult.NOT_APPLICABLE, now)
            return
        tries = repair.tries
        self.host.mend(repair.issue_id, mending.APPLIED, repair.plan.words)
        self._start(
            repair.remedy,
            lambda job: remedy.apply(_copy(repair.plan), self._scene(issue, job, now, tries=tries)),
            lambda job, at: self._applied(repair, job, at),
            now,
        )

    def _applied(self, repair: Repair, job: Job, now: float) -> None:
        outcome = job.value
        repair.tries += 1
        if job.error is not None or not isinstance(outcome, Applied | Later | Nothing):
            self._fail(repair, job.error or "it did not say what it did", now)
        elif isinstance(outcome, Nothing):
            self.host.mend(repair.issue_id, mending.RELEASED, "nothing was changed")
            self._drop(repair, str(self.host.plain(outcome.words)), FixResult.NOT_APPLICABLE, now)
        elif isinstance(outcome, Later):
            self._again_at = now + max(0.1, outcome.seconds)
            self.host.mend(repair.issue_id, mending.RELEASED, "nothing was changed yet")
            self._tell(repair, life.BEGUN, str(self.host.plain(outcome.words)))
        else:
            words = str(self.host.plain(outcome.words))
            finish = str(self.host.plain(repair.plan.finish or outcome.finish))
            if outcome.clears:
                self.host.clear(repair.issue_id, gone=True)
            if finish:
                self._leave(repair, f"{words}; {finish}", mending.PARTIAL, now)
                return
            within = manner_of(self.remedies[repair.remedy]).within or self.settings.repair_verify
            repair.good, self._prove_by, self._looked = 0, now + within, now
            self._tell(repair, life.APPLIED, words)

    def _ask_proof(self, repair: Repair, now: float) -> None:
        remedy, issue = self.remedies.get(repair.remedy), self.host.issue(repair.issue_id)
        if remedy is None or issue is None:
            if repair.under_way:
                self._fail(repair, "another problem took its place", now)
            return
        self._start(
            repair.remedy,
            lambda job: remedy.proves(_copy(repair.plan), self._scene(issue, job, now)),
            lambda job, at: self._proof(repair, job, at),
            now,
        )

    def _proof(self, repair: Repair, job: Job, now: float) -> None:
        good = job.error is None and job.value is True and self.host.hopeful(repair.issue_id)
        repair.good = repair.good + 1 if good else 0
        if job.error is not None:
            log.error("remedy_proof", remedy=repair.remedy, problem=str(self.host.plain(job.error)))
        if repair.good < PROOFS or not self.host.free(repair.issue_id):
            return
        if repair.state == "partial":
            self._finish(repair, "fresh readings prove it after all", now)
        elif self.host.mend(repair.issue_id, mending.PROVED, f"{repair.remedy}: {repair.told}"):
            self._fixed(repair, now)
            self._settle(repair, now)

    def _fail(self, repair: Repair, why: str, now: float) -> None:
        self._tell(repair, life.FAILED, str(self.host.plain(why)))
        self._start_undo(repair, now)

    def _settle(self, repair: Repair, now: float) -> None:
        remedy, issue = self.remedies[repair.remedy], self._stand_in(repair)
        if isinstance(remedy, Settles):
            self._start(
                repair.remedy,
                lambda job: remedy.settled(_copy(repair.plan), self._scene(issue, job, now)),
                lambda job, _: self._after(repair, job),
                now,
            )

    def _start_undo(self, repair: Repair, now: float) -> None:
        remedy = self.remedies.get(repair.remedy)
        issue = self.host.issue(repair.issue_id) or self._stand_in(repair)

        def undo(job: Job) -> str | None:
            if remedy is None:
                return f"the remedy {repair.remedy} is not there any more, so nothing was undone"
            return remedy.undo(_copy(repair.plan), self._scene(issue, job, now))

        self._start(repair.remedy, undo, lambda job, at: self._undone(repair, job, at), now)

    # ---------------------------------------------------------------- running

    def _scene(self, issue: Issue, job: Job, now: float, *, tries: int = 0) -> Scene:
        """What the remedy sees: nothing in it is ours to be changed by it."""
        host, seen = self.host, Round(MappingProxyType(self._round.readings))
        issue = attrs.evolve(issue, metadata=deepcopy(dict(issue.metadata)))
        return Scene(issue, now, seen, host.facts(), host.ports(), self.settings, tries, job.wanted)

    def _start(self, name: str, run: Callable[[Job], Any], then: Callable[[Job, float], None], now: float) -> None:
        self._job, self._then = Job(name, run, now), then
        self._job.go(inline=self._inline)

    def _pump(self, now: float) -> None:
        """Goes on until something is waited for, or nothing is left to do."""
        while True:
            job, then = self._job, self._then
            if job is not None and then is not None:
                if not job.done and now - job.began < self.settings.repair_step:
                    return
                if not job.done:
                    job.give_up()
                    self._stuck[job.name] = job
                    log.error("remedy_hangs", remedy=job.name, seconds=self.settings.repair_step)
                    job = Overdue(self.settings.repair_step)
                self._job = self._then = None
                then(job, now)
            elif (active := self.ledger.under_way()) is not None:
                if active.state == "applying" and self._again_at is not None and now >= self._again_at:
                    self._apply(active, now)
                elif active.state == "verifying" and now >= self._prove_by:
                    self._fail(active, f"not proved within {self._prove_by - self._looked_from(active):.0f} s", now)
                else:
                    return
            elif self._late:
                self._ask_proof(self._late.popleft(), now)
            elif self._candidates:
                self._consider(*self._candidates.popleft(), now)
            else:
                return

    def _looked_from(self, repair: Repair) -> float:
        remedy = self.remedies.get(repair.remedy)
        return self._prove_by - ((remedy and manner_of(remedy).within) or self.settings.repair_verify)


def _copy(plan: Plan) -> Plan:
    """The plan as it is on record, of which a remedy may do what it likes with its own copy."""
    return Plan(plan.words, deepcopy(dict(plan.data)), plan.finish, plan.acts, plan.ask)
