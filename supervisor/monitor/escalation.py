"""Who must be told again, because nobody has said that they know?

A CRITICAL issue that no person acknowledged is escalated after a set time, and again while the market is open. An
acknowledgement stops that until the issue changes. Pure: it has no clock and tells nobody itself.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs

from supervisor.core.issue import Issue
from supervisor.core.words import CRITICAL

EASTERN = ZoneInfo("America/New_York")
OPENS, CLOSES = time(9, 30), time(16)
"""The regular session, Monday to Friday. Holidays are taken for open: one call too many harms nobody."""
SATURDAY = 5


def in_session(instant: float) -> float:
    """That instant (epoch seconds) where the regular session is on, else when the next one begins."""
    local = datetime.fromtimestamp(instant, EASTERN)
    if local.weekday() < SATURDAY and OPENS <= local.time() < CLOSES:
        return instant
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, EASTERN).timestamp()


@attrs.define
class _Alarm:
    """When the next call about an issue is due, and how many there were."""

    at: float
    level: int = 0


class Escalation:
    """Which CRITICAL issues nobody acknowledged, and when each is due. Times are seconds."""

    def __init__(self, after: float, again: float) -> None:
        self._after = after
        self._again = again
        self._alarms: dict[str, _Alarm] = {}
        self._calm: set[str] = set()
        """Issues seen open that were no reason for alarm: acknowledged, or less than CRITICAL."""

    def due(self, issues: Iterable[Issue], now: float) -> list[tuple[Issue, int]]:
        """Of these, which are all that are open, those to escalate now: with 1 for the first time, then 2 and so on."""
        urgent, calm = {}, set()
        for issue in issues:
            if issue.severity is CRITICAL and not issue.acknowledged:
                urgent[issue.issue_id] = issue
            else:
                calm.add(issue.issue_id)
        self._alarms = {name: alarm for name, alarm in self._alarms.items() if name in urgent}
        told = []
        for name, issue in urgent.items():
            began = now if name in self._calm else issue.detected
            alarm = self._alarms.setdefault(name, _Alarm(began + self._after))
            if now >= alarm.at:
                alarm.level += 1
                alarm.at = in_session(now + self._again)
                told.append((issue, alarm.level))
        self._calm = calm
        return told

    def wake_at(self) -> float | None:
        """When the next call is due (epoch seconds); None if none is."""
        return min((alarm.at for alarm in self._alarms.values()), default=None)
