"""How does a repair end, and who hears of it? Once each, on record first."""

import attrs

from supervisor import log
from supervisor.concerns import repair as life
from supervisor.concerns.repair import DAY
from supervisor.config import Settings
from supervisor.core import mending
from supervisor.core.issue import Issue
from supervisor.core.words import FixResult, Severity
from supervisor.errors import SupervisorError
from supervisor.remedies import rails
from supervisor.remedies.host import Host
from supervisor.remedies.ledger import Ledger, Repair
from supervisor.remedies.running import Job

STATE_AFTER = {
    life.REHEARSED: "rehearsed",
    life.ASKED: "waiting",
    life.BEGUN: "applying",
    life.APPLIED: "verifying",
    life.PROVED: "fixed",
    life.FAILED: "undoing",
    life.UNDONE: "undone",
    life.LEFT: "partial",
    life.FINISHED: "finished",
    life.DROPPED: "dropped",
    life.PLANNED: "planned",
}


class Settling:
    """The ends of repairs: the part of a healer that tells."""

    def __init__(self, host: Host, ledger: Ledger, settings: Settings) -> None:
        self.host = host
        self.ledger = ledger
        self.settings = settings
        self._told: set[tuple[str, str, FixResult]] = set()
        self._storm_at = float("-inf")
        self._escalated: set[tuple[str, int]] = set()

    def _tell(self, repair: Repair, signal: str, words: str) -> bool:
        """Whether it is on record that the repair heard this."""
        repair.state = STATE_AFTER[signal]
        repair.told = words
        log.info("repair", repair=repair.repair_id, remedy=repair.remedy, state=repair.state, says=words)
        return self.host.tell(repair, signal, words)

    def _result(self, repair: Repair, result: FixResult, now: float, issue: Issue | None = None) -> None:
        """Whoever listens hears the result, of which none is FIXED: that is told with its event."""
        repair.ended, repair.result = now, result
        mark = (repair.issue_id, repair.remedy, result)
        if result is FixResult.NOT_APPLICABLE and mark in self._told:
            return  # told for this issue already, and no news
        self._told.add(mark)
        found = issue or self.host.issue(repair.issue_id) or self._stand_in(repair)
        self.host.result(attrs.evolve(found, auto_fix_result=result), result)

    def _stand_in(self, repair: Repair) -> Issue:
        """The issue of a repair, where it is not open any more."""
        return Issue(
            repair.issue_id, repair.code, Severity.OK, "system", repair.plan.words, repair.concern, repair.detected
        )

    def _drop(self, repair: Repair, words: str, result: FixResult | None, now: float) -> None:
        """Nothing was changed."""
        repair.ended, repair.result = now, result
        self._tell(repair, life.DROPPED, words)
        if result is not None:
            self._result(repair, result, now)

    def _leave(self, repair: Repair, words: str, step: str, now: float) -> None:
        """It is left to a person."""
        repair.ended, repair.result, repair.finish, repair.good = now, FixResult.PARTIAL, words, 0
        self._tell(repair, life.LEFT, words)
        if self.host.issue(repair.issue_id) is not None:
            self.host.mend(repair.issue_id, step, words)
        self._count(repair, now)
        self._result(repair, FixResult.PARTIAL, now)

    def _fixed(self, repair: Repair, now: float) -> None:
        """It is proved; the issue said so already."""
        repair.ended, repair.result = now, FixResult.FIXED
        self._tell(repair, life.PROVED, repair.told)
        self._count(repair, now)

    def _undone(self, repair: Repair, job: Job, now: float) -> None:
        """What became of undoing it."""
        why = repair.told
        left = job.value if job.error is None else f"undoing it failed: {job.error}"
        if left is not None:
            self._leave(repair, str(self.host.plain(f"{why}; {left}")), mending.PARTIAL, now)
            return
        repair.ended, repair.result = now, FixResult.FAILED
        self._tell(repair, life.UNDONE, why)
        issue = self.host.issue(repair.issue_id)
        if issue is not None:
            self.host.clear(repair.issue_id, gone=False)
            self.host.mend(repair.issue_id, mending.UNDONE, why)
        self._count(repair, now)
        self._result(repair, FixResult.FAILED, now, issue)

    def _after(self, repair: Repair, job: Job) -> None:
        """What a remedy did once it was proved."""
        if job.error is not None:
            log.error("remedy_settled", remedy=repair.remedy, problem=str(self.host.plain(job.error)))

    def _finish(self, repair: Repair, words: str, now: float) -> None:
        """What was partial is finished."""
        repair.ended = now
        self._tell(repair, life.FINISHED, words)
        if self.host.issue(repair.issue_id) is not None:
            self.host.mend(repair.issue_id, mending.FINISHED, words)

    def _finished_by(self, repair: Repair, now: float) -> str:
        """A person says that a partial repair is finished. SupervisorError while its concern still shows the problem."""
        if self.host.issue(repair.issue_id) is not None and not self.host.free(repair.issue_id):
            raise SupervisorError(
                f"{repair.repair_id} is not finished: {repair.concern} still shows {repair.code}; {repair.finish}"
            )
        self._finish(repair, f"finished, says {repair.approved}", now)
        return f"{repair.repair_id} is finished"

    def _no_longer_needed(self, now: float) -> None:
        """What waits for approval while its issue has ended is dropped."""
        for repair in self.ledger.repairs:
            if repair.state == "waiting" and self.host.issue(repair.issue_id) is None:
                self._drop(repair, "it is no longer needed", None, now)

    def _orphan(self, key: str) -> None:
        """A repair of which the record lost all but its key: a person must look."""
        self.host.orphan(key, life.DROPPED, "the record of it was lost")
        self.host.orphan(key, life.FAILED, "the process ended half-way")
        self.host.orphan(key, life.LEFT, "the record of it was lost: look whether it left anything behind")

    def _forget_pending(self) -> None:
        """No issue waits for a repair that is not there."""
        partial = {repair.issue_id for repair in self.ledger.repairs if repair.state == "partial"}
        for issue in self.host.issues():
            if mending.pending(issue) and issue.issue_id not in partial:
                self.host.mend(issue.issue_id, mending.UNDONE, "no repair of it is on record")

    # ---------------------------------------------------------------- how often

    def _count(self, repair: Repair, now: float) -> None:
        """Whether the concern keeps needing repair."""
        if repair.began is None:
            return
        number = len(rails.spent(self.ledger.repairs, repair.concern, now - DAY))
        signal = life.TOO_OFTEN if number >= self.settings.repair_repeated else life.AGAIN
        if number >= self.settings.repair_repeated:
            self.host.repeated(repair.concern, signal, f"{number} repairs within a day, the last by {repair.remedy}")

    def _escalate(self, concern: str, why: str) -> None:
        """The rails refuse another repair: a person should look, and is told once per spent budget."""
        mark = (concern, sum(repair.concern == concern for repair in self.ledger.repairs))
        if mark not in self._escalated:
            self._escalated.add(mark)
            self.host.repeated(concern, life.TOO_OFTEN, why)

    def _stormy(self, now: float) -> bool:
        """Whether too much is bad, or was until a short while ago."""
        if self.host.storm():
            self._storm_at = now
        return now - self._storm_at < self.settings.repair_cooldown
