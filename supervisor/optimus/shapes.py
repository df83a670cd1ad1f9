"""How does the old engine's caller expect to be told?"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from supervisor.clock import wall
from supervisor.core.issue import Issue
from supervisor.core.words import CRITICAL, PERMIT_NAMES, Permit, Status
from supervisor.errors import SupervisorError
from supervisor.monitor.status import Health
from supervisor.orders import Outcome, Result

NO_STATS = dict.fromkeys(
    ("total_checks", "issues_detected", "issues_auto_fixed", "issues_resolved", "failed_orders", "successful_orders"), 0
)
NEVER_AGAIN = "it may have been booked: never send it again; it is being looked up, and nothing opens on it meanwhile"


def issue_dict(issue: Issue) -> dict[str, Any]:
    """An issue as the old engine's dicts had it: `issue_id` is the code; `unique_id` the id that no other ever has."""
    return {
        **issue.as_dict(),
        "issue_id": issue.code,
        "unique_id": issue.issue_id,
        "message": issue.description,
    }


def unwatched(why: str) -> Issue:
    """That nothing is watched, as an issue. It is on no record."""
    return Issue(
        issue_id="monitor_failed",
        code="monitor_failed",
        severity=CRITICAL,
        category="system",
        description=f"Monitoring is not running, so nothing may open: {why}",
        concern="monitor",
        detected=wall(),
        error_message=why,
    )


def health_dict(health: Health | None, trouble: str | None) -> dict[str, Any]:
    """The owner's dict; with trouble it is unhealthy and says why. None is the health before a monitor is there."""
    if health is None:
        closing = [PERMIT_NAMES[p] for p in Permit if p.name and not p.name.startswith("OPEN")]
        told: dict[str, Any] = {
            "status": Status.UNHEALTHY.value,
            "health_score": 0.0,
            "active_issues": 0,
            "issues": [],
            "current_state": None,
            "stats": dict(NO_STATS),
            "gate": {"mode": "reduce_only", "permits": closing, "blocks": [], "reasons": [], "fresh": False},
            "concerns": {},
        }
    else:
        told = health.as_dict()
        told["issues"] = [issue_dict(issue) for issue in health.issues]
    if trouble is not None:
        told["issues"] = [issue_dict(unwatched(trouble)), *told["issues"]]
        told["status"], told["health_score"] = Status.UNHEALTHY.value, 0.0
        opens = {PERMIT_NAMES[Permit.OPEN_EQUITY], PERMIT_NAMES[Permit.OPEN_OPTION]}
        told["gate"]["permits"] = [name for name in told["gate"]["permits"] if name not in opens]
        told["gate"]["mode"] = "reduce_only" if told["gate"]["mode"] != "halted" else "halted"
    told["active_issues"] = len(told["issues"])
    return told


def by_code(issues: Iterable[Issue]) -> dict[str, Issue]:
    """Issues by their code; by their unique id where another one has the code already."""
    found: dict[str, Issue] = {}
    for issue in issues:
        found[issue.code if issue.code not in found else issue.issue_id] = issue
    return found


def number_of(order_id: str | None) -> str | int | None:
    """An order's id as the broker's replies have it: a number."""
    return int(order_id) if order_id is not None and order_id.isdigit() else order_id


def without_empty(told: dict[str, Any]) -> dict[str, Any]:
    """Without lists of nothing: that `errors` is there at all is taken for a failure."""
    return {name: value for name, value in told.items() if value or name not in ("errors", "warnings")}


def booked(result: Result) -> dict[str, Any]:
    """A landed order as the broker's reply to it, and all that is known of it beside."""
    number = number_of(result.order_id)
    told = {**result.as_dict(), "status": "ok", "order_status": result.status, "id": number, "order_id": number}
    return {**without_empty(told), "order": {"id": number, "status": "ok"}}


def placed(result: Result) -> dict[str, Any]:
    """A landed order as the agent's adapter tells it, the broker's reply within and beside."""
    reply = booked(result)
    return {
        **reply,
        "status": "submitted",
        "broker": "tradier",
        "result": {"order": reply["order"]},
        "timestamp": datetime.now(UTC).isoformat(),
    }


def handled(result: Result) -> dict[str, Any]:
    """A result as the old handler's dict, with `outcome`, `tag`, `by` and `cause` beside."""
    landed = result.outcome is Outcome.LANDED and result.order_id is not None
    unknown = result.outcome is Outcome.UNKNOWN or (result.outcome is Outcome.LANDED and not landed)
    return {
        "status": "submitted" if landed else "pending" if unknown else "error",
        "order_id": number_of(result.order_id),
        "errors": list(result.errors),
        "warnings": [*result.warnings, *([NEVER_AGAIN] if unknown else [])],
        "fixes_applied": [f"{fix.field}: {fix.before!r} -> {fix.after!r} ({fix.why})" for fix in result.fixes_applied],
        "timestamp": datetime.now(UTC).isoformat(),
        "result": placed(result) if landed else None,
        "outcome": str(result.outcome),
        "tag": result.tag,
        "by": result.by,
        "cause": result.cause,
    }


class OrderNotPlaced(SupervisorError):
    """An order through a guarded adapter that is not known to be at the broker. `told` is as the old handler's dict.

    Raised and not returned, because a reply without an order id was taken for a success.
    """

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.outcome = told["outcome"]
        words = "; ".join([*told["errors"], *told["warnings"]]) or "no reason was given"
        super().__init__(f"the order's outcome is {told['outcome']}: {words}")


def refusal(words: str) -> dict[str, Any]:
    """That nothing was sent, as the old handler's dict."""
    return handled(Result(Outcome.REFUSED, status="refused", errors=(words,), by="us", cause="gate", final=True))
