"""How is it, in the shapes that agents and dashboards ask for?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from supervisor.concerns.facts import Balances, Endpoint, Profile
from supervisor.core.book import Book
from supervisor.core.issue import Issue, at
from supervisor.core.reading import Reading
from supervisor.core.slot import Stats
from supervisor.core.table import State
from supervisor.core.verdict import Verdict, status_of
from supervisor.core.words import CRITICAL, KEEP, Severity, Status, permit_names
from supervisor.monitor.gate import Gate


@attrs.frozen
class ConcernView:
    """Where one concern stands, for people. `masked_by_parent` says that it can't be seen right now."""

    name: str
    state: str
    severity: Severity
    since: float
    heard: float | None
    permits: int
    means: str
    issue_id: str | None
    masked: bool

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "state": self.state,
            "severity": self.severity.name.lower(),
            "since": at(self.since).isoformat(),
            "heard": None if self.heard is None else at(self.heard).isoformat(),
            "permits": permit_names(self.permits),
            "means": self.means,
            "issue": self.issue_id,
            "masked": self.masked,
        }


Standing = tuple[str, State, float, float | None, Issue | None, bool]
"""Where one concern stands, as it is put by at each round: name, state, since, heard, its issue, and whether masked."""


def standings(book: Book) -> tuple[Standing, ...]:
    """Where every concern stands just now, in the book's order."""
    return tuple(
        [
            (cursor.name, slot.table.states[cursor.state], cursor.since, cursor.heard, cursor.issue, cursor.masked)
            for slot in book.slots
            for cursor in (slot.cursor,)
        ]
    )


def views(stood: Iterable[Standing]) -> dict[str, ConcernView]:
    """Every concern, by name, as it stood: made where somebody asks."""
    return {
        name: ConcernView(
            name,
            state.name,
            issue.severity if issue is not None and state.issue == KEEP else state.severity,
            since,
            heard,
            int(state.permits),
            state.means,
            None if issue is None else issue.issue_id,
            masked,
        )
        for name, state, since, heard, issue, masked in stood
    }


@attrs.frozen
class AccountState:
    """The account as last read. Money is what may be spent, in US dollars, as floats because agents expect those.

    `connection_ok` says whether the broker answered the last round; `as_of` is when the balances were read;
    `account_type` is cash, margin or pdt; `endpoint` is where it was read. The properties are the old engine's names.
    """

    account_id: str | None
    cash_available: float | None
    equity_power: float | None
    option_power: float | None
    total_equity: float | None
    unsettled: float | None
    options_approved: bool
    option_level: int | None
    status: str | None
    connection_ok: bool
    as_of: float
    account_type: str | None = None
    endpoint: str | None = None

    @property
    def timestamp(self) -> datetime:
        """When it was read, UTC."""
        return at(self.as_of)

    @property
    def last_check(self) -> datetime:
        """As `timestamp`."""
        return self.timestamp

    @property
    def options_buying_power(self) -> float | None:
        """As `option_power`."""
        return self.option_power

    @property
    def options_level(self) -> str:
        """The option level as text; "unknown" where the broker states none."""
        return "unknown" if self.option_level is None else str(self.option_level)

    @property
    def account_status(self) -> str:
        """The broker's word for the account; "unknown" where it gives none."""
        return self.status or "unknown"

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {**attrs.asdict(self), "as_of": at(self.as_of).isoformat()}


def _cash(money: Balances | None) -> float | None:
    """Settled cash of a cash account, total cash of another."""
    if money is None:
        return None
    cash = money.equity_power if money.kind == "cash" else money.total_cash
    return None if cash is None else float(cash)


def account_state(facts: Mapping[str, Reading], *, level: int, connection_ok: bool) -> AccountState | None:
    """The account as the last good readings show it; None before any came."""
    profile, balances, where = facts.get("profile"), facts.get("balances"), facts.get("endpoint")
    account = profile.value.ours() if profile and isinstance(profile.value, Profile) else None
    money = balances.value if balances and isinstance(balances.value, Balances) else None
    if account is None and money is None:
        return None
    option_level = account.option_level if account else None
    return AccountState(
        account_id=account.label if account else None,
        cash_available=_cash(money),
        equity_power=float(money.equity_power) if money else None,
        option_power=float(money.option_power) if money else None,
        total_equity=float(money.total_equity) if money and money.total_equity is not None else None,
        unsettled=float(money.unsettled) if money and money.unsettled is not None else None,
        options_approved=option_level is not None and option_level >= level,
        option_level=option_level,
        status=account.status if account else None,
        connection_ok=connection_ok,
        as_of=max(reading.at for reading in (profile, balances) if reading),
        account_type=money.kind if money else None,
        endpoint=str(where.value.used) if where and isinstance(where.value, Endpoint) else None,
    )


@attrs.frozen
class Health:
    """How healthy the whole is at one instant. `stale` says that the monitor itself has fallen silent."""

    status: Status
    score: float
    issues: tuple[Issue, ...]
    items: tuple[tuple[str, Severity], ...]
    gate: Gate
    concerns: Mapping[str, ConcernView]
    state: AccountState | None
    stats: Stats
    stale: bool

    def as_dict(self) -> dict[str, Any]:
        """The owner's shape, with gate and concerns."""
        return {
            "status": self.status.value,
            "health_score": round(self.score, 4),
            "active_issues": len(self.issues),
            "issues": [issue.as_dict() for issue in self.issues],
            "current_state": None if self.state is None else self.state.as_dict(),
            "stats": attrs.asdict(self.stats),
            "gate": self.gate.as_dict(),
            "concerns": {name: view.as_dict() for name, view in self.concerns.items()},
        }


def stale_issue(gate: Gate) -> Issue:
    """The monitor's own silence as an issue; it is not in the book, which is as silent."""
    return Issue(
        issue_id="monitor_stale",
        code="monitor_stale",
        severity=CRITICAL,
        category="system",
        description="The monitor has fallen silent: nothing it says can be believed",
        concern="monitor",
        detected=gate.until_wall,
        error_message=f"the last round is from {at(gate.as_of):%Y-%m-%d %H:%M:%S} UTC",
    )


def health_of(
    gate: Gate,
    concerns: Mapping[str, ConcernView],
    state: AccountState | None,
    stats: Stats,
    *,
    stale: bool,
) -> Health:
    """The health of a published gate; a stale one is 0.0 and unhealthy whatever it says."""
    verdict: Verdict = gate.verdict
    issues: Sequence[Issue] = verdict.issues
    items = verdict.items
    score = verdict.score
    if stale:
        score = 0.0
        issues = (stale_issue(gate), *issues)
        items = (("monitor_stale", CRITICAL), *items)
    return Health(status_of(score), score, tuple(issues), items, gate, concerns, state, stats, stale)
