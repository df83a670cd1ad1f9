"""What was repaired, when, by what, and how did it end? Kept in the journal, taken up again after a restart."""

from collections.abc import Mapping
from typing import Any

import attrs

from supervisor.concerns.repair import ENDED
from supervisor.core.issue import at
from supervisor.core.words import FixResult
from supervisor.remedies.form import Plan


@attrs.define
class Repair:
    """One repair. Instants are epoch seconds; `detected` is its issue's; `began` is None while nothing was applied.

    `state` is that of the life `repair`; `told` what was last said of it; `result` the owner's word, once there is one.
    """

    repair_id: str
    remedy: str
    concern: str
    issue_id: str
    code: str
    detected: float
    planned: float
    plan: Plan
    state: str = "planned"
    policy: str = "auto"
    began: float | None = None
    ended: float | None = None
    tries: int = 0
    good: int = 0
    told: str = ""
    finish: str = ""
    result: FixResult | None = None
    approved: str = ""

    @property
    def key(self) -> str:
        """Its key in the life `repair`."""
        return f"{self.concern}:{self.remedy}"

    @property
    def under_way(self) -> bool:
        """Whether it holds up every other: it is being applied, proved or undone."""
        return self.state in {"applying", "verifying", "undoing"}

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it by itself."""
        return self.state in ENDED

    def as_dict(self) -> dict[str, Any]:
        """As the journal holds it."""
        return {
            **attrs.asdict(self, recurse=False),
            "plan": {**attrs.asdict(self.plan, recurse=False), "data": dict(self.plan.data)},
            "result": self.result and self.result.value,
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> "Repair":
        """The same again. Raises TypeError, KeyError or ValueError where it is none."""
        result = told["result"]
        return cls(**{**told, "plan": Plan(**told["plan"]), "result": FixResult(result) if result else None})

    def shown(self) -> dict[str, Any]:
        """For people and machines who ask what was repaired."""
        return {
            "id": self.repair_id,
            "remedy": self.remedy,
            "concern": self.concern,
            "issue": self.issue_id,
            "state": self.state,
            "result": self.result and self.result.value,
            "plan": self.plan.words,
            "says": self.told,
            "finish": self.finish,
            "policy": self.policy,
            "approved": self.approved,
            "planned": at(self.planned).isoformat(),
            "began": None if self.began is None else at(self.began).isoformat(),
            "ended": None if self.ended is None else at(self.ended).isoformat(),
        }


class Ledger:
    """The repairs of the last day and those not over, oldest first."""

    KEPT = 86400.0
    MOST = 500

    def __init__(self) -> None:
        self.repairs: list[Repair] = []

    def add(self, repair: Repair) -> None:
        """One more; what is over and older than a day is let go, unless it is the last of its kind."""
        since = repair.planned - self.KEPT
        self.repairs = [old for old in self.repairs if not old.over or (old.ended or old.planned) >= since][
            -self.MOST :
        ]
        self.repairs.append(repair)

    def find(self, name: str) -> Repair | None:
        """The newest by its id, its key or its remedy's name; one that waits before one that does not."""
        named = [r for r in self.repairs if name in (r.repair_id, r.key, r.remedy)]
        waiting = [r for r in named if r.state in {"waiting", "partial"}]
        found = waiting or named
        return found[-1] if found else None

    def of(self, issue_id: str, remedy: str) -> Repair | None:
        """The last one for that issue by that remedy."""
        return next((r for r in reversed(self.repairs) if (r.issue_id, r.remedy) == (issue_id, remedy)), None)

    def under_way(self) -> Repair | None:
        """The one that is being applied, proved or undone."""
        return next((r for r in self.repairs if r.under_way), None)
