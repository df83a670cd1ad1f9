"""Why may it, or may it not, and what would change that? In words a trader understands."""

from typing import Any

import attrs

from supervisor.core.issue import at
from supervisor.core.verdict import Reason
from supervisor.core.words import EACH_PERMIT, OPENING, PERMIT_NAMES, Permit
from supervisor.monitor.gate import Gate
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
    """Each permit with its reasons, scoped blocks, and the health it stands in."""

    permits: tuple[PermitView, ...]
    blocks: tuple[Reason, ...]
    health: Health

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "status": self.health.status.value,
            "health_score": round(self.health.score, 4),
            "mode": self.health.gate.mode.value,
            "permits": [view.as_dict() for view in self.permits],
            "blocks": [block.as_dict() for block in self.blocks],
            "issues": [issue.as_dict() for issue in self.health.issues],
        }

    def text(self) -> str:
        """The whole as lines to read."""
        health = self.health
        lines = [f"{health.status.value}, score {health.score:.2f}, gate {health.gate.mode.value.replace('_', ' ')}"]
        lines += [
            f"  {'open  ' if view.open else 'CLOSED'}  {PERMIT_NAMES[view.permit].replace('_', ' ')}"
            for view in self.permits
        ]
        told: set[Reason] = set()
        for reason in (*(reason for view in self.permits for reason in view.reasons), *self.blocks):
            if reason not in told:
                told.add(reason)
                lines.append(_line(reason))
        if health.issues:
            lines.append("Issues:")
            lines += [
                f"  {issue.severity.name:8} {issue.code} since {at(issue.detected):%H:%M:%S}: {issue.description}"
                + (f" ({issue.error_message})" if issue.error_message else "")
                for issue in health.issues
            ]
        return "\n".join(lines)


def _line(reason: Reason) -> str:
    where = f" for {reason.scope}" if reason.scope else ""
    since = f" since {at(reason.since):%Y-%m-%d %H:%M:%S} UTC" if reason.since else ""
    return f"  {reason.concern} is {reason.state}{where}{since}: {reason.why} Opens {reason.opens_when}."


def silence(gate: Gate) -> Reason:
    """Why a gate past its time is closed for opening."""
    return Reason(
        int(OPENING),
        "monitor",
        "silent",
        gate.until_wall,
        "No round has completed in time.",
        "when the monitor completes a round again",
    )


def explain(health: Health) -> Explanation:
    """The explanation of that health."""
    gate = health.gate
    now = gate.permits_now()
    reasons = gate.verdict.reasons if not health.stale else (silence(gate), *gate.verdict.reasons)
    views = tuple(
        PermitView(permit, bool(now & permit), tuple(r for r in reasons if r.permits & permit and not now & permit))
        for permit in EACH_PERMIT
    )
    return Explanation(views, gate.verdict.blocks, health)
