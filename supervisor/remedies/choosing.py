"""What might be repaired now, and may it be? The worst first; switches and rails decide."""

from collections.abc import Iterable

from supervisor.config import Settings
from supervisor.core import mending
from supervisor.core.issue import Issue
from supervisor.remedies import rails
from supervisor.remedies.form import Policy, Remedy, policy_of
from supervisor.remedies.host import Host
from supervisor.remedies.ledger import Ledger, Repair
from supervisor.remedies.running import Job
from supervisor.remedies.settling import Settling

JOURNAL = "journal"
"""The remedy that may act while nothing can be put on record."""


def budget_of(issue: Issue) -> str:
    """Whose budget a repair of it is taken from: its concern's; in a life of many keys each problem has its own.

    So neither a quota that runs low nor orders that fail use up what a token's refresh may need.
    """
    return issue.code if "key" in issue.metadata else issue.concern


class Choosing(Settling):
    """The part of a healer that chooses."""

    def __init__(self, host: Host, remedies: Iterable[Remedy], settings: Settings) -> None:
        super().__init__(host, Ledger(), settings)
        self.remedies = {remedy.name: remedy for remedy in remedies}
        self._stuck: dict[str, Job] = {}

    def _needed(self) -> list[tuple[Issue, Remedy]]:
        """What might be repaired, worst first."""
        found = []
        for issue in sorted(self.host.issues(), key=lambda issue: -issue.severity):
            for remedy in self.remedies.values():
                if issue.code not in remedy.codes or policy_of(remedy, self.settings) is Policy.OFF:
                    continue
                last = self.ledger.of(issue.issue_id, remedy.name)
                if last is not None and last.state in {"waiting", "partial", "rehearsed"}:
                    continue
                if not self.host.recorded() and remedy.name != JOURNAL:
                    continue
                if not mending.pending(issue) and not self._set_aside(remedy.name):
                    found.append((issue, remedy))
        return found

    def _set_aside(self, name: str) -> bool:
        """Whether a step of that remedy was given up and still hangs."""
        job = self._stuck.get(name)
        if job is not None and not job.stuck():
            del self._stuck[name]
            job = None
        return job is not None

    def _refused(self, concern: str, detected: float, now: float) -> str | None:
        refusal = rails.refusal(
            self.ledger.repairs,
            concern,
            detected,
            now,
            self.settings,
            storm=self._stormy(now),
            root=self.host.root(concern),
        )
        if refusal is not None and refusal.spent:
            self._escalate(concern, refusal.words)
        return None if refusal is None else refusal.words

    def _unproved(self) -> list[Repair]:
        """What was left partial only because it was not proved in time: it may be proved late."""
        return [
            repair
            for repair in self.ledger.repairs
            if repair.state == "partial"
            and repair.plan.acts
            and not repair.plan.finish
            and repair.remedy in self.remedies
            and self.host.issue(repair.issue_id)
            and self.host.free(repair.issue_id)
        ]
