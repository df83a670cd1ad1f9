"""Why may it, or may it not, and what would change that? In words a trader understands."""

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from supervisor.core.issue import Issue, at
from supervisor.core.verdict import Reason
from supervisor.core.words import EACH_PERMIT, OPENING, PERMIT_NAMES, Mode, Permit, Status
from supervisor.monitor.status import Health


@attrs.frozen
class PermitView:
    """One permit: open or closed, and every reason why it is closed."""

    permit: Permit
    open: bool
    reasons: tuple[Reason, ...]

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "permit": PERMIT_NAMES[self.permit],
            "open": self.open,
            "reasons": [reason.as_dict() for reason in self.reasons],
        }


@attrs.frozen
class Explanation:
    """Each permit with its reasons, scoped blocks, and the health it stands in.

    `then` is the instant (epoch seconds) it is about, None for now; `evidence` is what the readings showed, by concern,
    when it came to the state it is in, where that is on record.
    """

    status: Status
    score: float
    mode: Mode
    permits: tuple[PermitView, ...]
    blocks: tuple[Reason, ...]
    issues: tuple[Issue, ...]
    then: float | None = None
    evidence: Mapping[str, str] = attrs.field(factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        told: dict[str, Any] = {
            "status": self.status.value,
            "health_score": round(self.score, 4),
            "mode": self.mode.value,
            "permits": [view.as_dict() for view in self.permits],
            "blocks": [block.as_dict() for block in self.blocks],
            "issues": [issue.as_dict() for issue in self.issues],
        }
        if self.then is not None:
            told |= {"at": at(self.then).isoformat(), "evidence": dict(self.evidence)}
        return told

    def text(self) -> str:
        """The whole as lines to read."""
        when = f"{at(self.then):%Y-%m-%d %H:%M:%S} UTC: " if self.then is not None else ""
        lines = [f"{when}{self.status.value}, score {self.score:.2f}, gate {self.mode.value.replace('_', ' ')}"]
        lines += [
            f"  {'open  ' if view.open else 'CLOSED'}  {PERMIT_NAMES[view.permit].replace('_', ' ')}"
            for view in self.permits
        ]
        told: set[Reason] = set()
        for reason in (*(reason for view in self.permits for reason in view.reasons), *self.blocks):
            if reason not in told:
                told.add(reason)
                lines.append(_line(reason, self.evidence.get(reason.concern, "")))
        if self.issues:
            lines.append("Issues:")
            lines += [
                f"  {issue.severity.name:8} {issue.code} since {at(issue.detected):%H:%M:%S}: {issue.description}"
                + (f" ({issue.error_message})" if issue.error_message else "")
                + (f"; acknowledged by {issue.acknowledged}" if issue.acknowledged else "")
                for issue in self.issues
            ]
        return "\n".join(lines)


def _line(reason: Reason, evidence: str) -> str:
    where = f" for {reason.scope}" if reason.scope else ""
    since = f" since {at(reason.since):%Y-%m-%d %H:%M:%S} UTC" if reason.since else ""
    shown = f" Seen: {evidence.rstrip('.')}." if evidence else ""
    return f"  {reason.concern} is {reason.state}{where}{since}: {reason.why}{shown} Opens {reason.opens_when}."


def silence(since: float) -> Reason:
    """Why a gate past its time is closed for opening."""
    return Reason(
        int(OPENING),
        "monitor",
        "silent",
        since,
        "No round has completed in time.",
        "when the monitor completes a round again",
    )


def permit_views(permits: int, reasons: Iterable[Reason]) -> tuple[PermitView, ...]:
    """Each permit, given the open ones, with the reasons against each closed one."""
    told = tuple(reasons)
    return tuple(
        PermitView(
            permit, bool(permits & permit), tuple(r for r in told if r.permits & permit and not permits & permit)
        )
        for permit in EACH_PERMIT
    )


def explain(health: Health) -> Explanation:
    """The explanation of that health."""
    gate = health.gate
    reasons = (silence(gate.until_wall), *gate.verdict.reasons) if health.stale else gate.verdict.reasons
    return Explanation(
        health.status,
        health.score,
        gate.mode,
        permit_views(gate.permits_now(), reasons),
        gate.verdict.blocks,
        health.issues,
    )
