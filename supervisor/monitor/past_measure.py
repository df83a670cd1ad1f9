"""How did a stretch of the record go? Issues with their times, minutes closed by cause, time in each state."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from supervisor.clock import iso
from supervisor.core.book import Book
from supervisor.core.words import OPENING, Severity
from supervisor.journal.chain import Entry
from supervisor.monitor.past_timeline import Begin, Key, Span, Timeline, unsure, unwatched_too


@attrs.frozen
class Case:
    """One issue's life, as the record tells it. Instants are epoch seconds.

    `severity` is the worst it had; `delay` the seconds from the first sign (a first miss, say) to its detection.
    """

    issue_id: str
    code: str
    concern: str
    severity: str
    description: str
    evidence: str
    detected: float
    delay: float
    resolved: float | None = None
    outcome: str | None = None
    fixed: float | None = None

    def lasted(self, until: float) -> float:
        """Seconds from detection to resolution, or to `until` while open."""
        return (until if self.resolved is None else self.resolved) - self.detected

    def as_dict(self, until: float) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            **attrs.asdict(self),
            "detected": iso(self.detected),
            "resolved": None if self.resolved is None else iso(self.resolved),
            "fixed": None if self.fixed is None else iso(self.fixed),
            "open": self.resolved is None,
            "seconds": round(self.lasted(until), 3),
            "delay": round(self.delay, 3),
        }


class Cases:
    """Hears moves in order and keeps the issues, in the order they were detected."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._signs: dict[Key, float] = {}
        self.found: dict[str, Case] = {}

    def hear(self, move: Entry) -> None:
        """One move and its events."""
        body = move.body
        key = (str(move.concern), str(body["key"]))
        sign = self._signs.get(key, move.at)
        for event in body["events"]:
            self._event(event["kind"], event["issue"], move.at, move.at - sign)
        if unsure(self._book, key[0], body["target"]):
            if not unsure(self._book, key[0], body["source"]):
                self._signs[key] = move.at
        else:
            self._signs.pop(key, None)

    def take_over(self, issue: Mapping[str, Any]) -> None:
        """An issue that was open when the stretch began."""
        self._event("open", issue, issue["detected"], 0.0)

    def _event(self, kind: str, issue: Mapping[str, Any], at: float, delay: float) -> None:
        name, severity = issue["issue_id"], Severity(issue["severity"])
        case = self.found.get(name)
        if case is None:  # detected, or detected before the stretch began
            case = Case(
                name,
                issue["code"],
                issue["concern"],
                severity.name.lower(),
                issue["description"],
                issue["error_message"],
                issue["detected"],
                delay if kind == "detected" else 0.0,
            )
        if severity > Severity[case.severity.upper()]:
            case = attrs.evolve(case, severity=severity.name.lower(), description=issue["description"])
        if kind == "fixed":
            case = attrs.evolve(case, fixed=at)
        if kind == "resolved":
            case = attrs.evolve(case, resolved=issue["resolved"], outcome=issue["outcome"])
        self.found[name] = case


@attrs.frozen
class Measured:
    """A stretch of the record in numbers. Times in seconds.

    `closed` is how long `can_trade()` was no; `by_cause` how long each cause closed an opening permit (they overlap);
    `times` the seconds in each state by concern; `watched` how long somebody watched.
    """

    since: float
    until: float
    spans: tuple[Span, ...]
    times: Mapping[str, Mapping[str, float]]
    cases: tuple[Case, ...]
    moves: int
    watched: float
    concerns: tuple[str, ...] = ()

    def of_concerns(self) -> dict[str, Mapping[str, float]]:
        """Seconds in each state, of what has one cursor: the concerns, not the lives with their many keys."""
        return {name: self.times[name] for name in self.concerns if name in self.times}

    @property
    def closed(self) -> float:
        """Seconds in which nothing could be opened."""
        return sum(span.seconds for span in self.spans if not span.permits & OPENING)

    @property
    def by_mode(self) -> dict[str, float]:
        """Seconds in each mode of the gate."""
        return _summed((span.mode.value, span.seconds) for span in self.spans)

    @property
    def by_cause(self) -> dict[str, float]:
        """Seconds each cause closed an opening permit, the longest first."""
        found = _summed((cause, span.seconds) for span in self.spans for cause in span.causes)
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def mean_to_detect(self) -> float | None:
        """Mean seconds from the first sign of a problem to its detection."""
        return _mean([case.delay for case in self.cases if case.detected >= self.since])

    def mean_to_fix(self) -> float | None:
        """Mean seconds from detection until a repair had proved itself."""
        return _mean([case.fixed - case.detected for case in self.cases if case.fixed is not None])

    def mean_to_resolve(self) -> float | None:
        """Mean seconds from detection to resolution."""
        return _mean([case.lasted(self.until) for case in self.cases if case.resolved is not None])

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; times in seconds, closed gates in minutes."""
        whole = self.until - self.since
        return {
            "since": iso(self.since),
            "until": iso(self.until),
            "uptime": round(self.watched / whole, 6) if whole > 0 else None,
            "moves": self.moves,
            "issues": len(self.cases),
            "issues_open": sum(case.resolved is None for case in self.cases),
            "mean_seconds_to_detect": _round(self.mean_to_detect()),
            "mean_seconds_to_fix": _round(self.mean_to_fix()),
            "mean_seconds_to_resolve": _round(self.mean_to_resolve()),
            "gate_closed_minutes": round(self.closed / 60, 3),
            "gate_closed_minutes_by_cause": {name: round(s / 60, 3) for name, s in self.by_cause.items()},
            "gate_minutes_by_mode": {name: round(s / 60, 3) for name, s in sorted(self.by_mode.items())},
            "seconds_by_state": {
                name: {state: round(s, 3) for state, s in states.items()} for name, states in self.times.items()
            },
        }


def measure(
    moves: Iterable[Entry], begin: Begin, since: float, until: float, dark: Sequence[tuple[float, float]] = ()
) -> Measured:
    """The numbers of these moves, which are all between the two instants. `dark` are the stretches nobody watched."""
    timeline, cases = Timeline(begin, since), Cases(begin.book)
    count = 0
    for cursor in begin.book.cursors():
        if cursor.issue is not None:
            issue = attrs.asdict(cursor.issue, recurse=False)
            cases.take_over(issue)
    for move in moves:
        count += 1
        timeline.hear(move)
        cases.hear(move)
    timeline.end(until)
    unwatched = sum(max(0.0, min(end, until) - max(start, since)) for start, end in dark)
    return Measured(
        since,
        until,
        tuple(unwatched_too(timeline.spans, dark)),
        timeline.times,
        tuple(sorted(cases.found.values(), key=lambda case: case.detected)),
        count,
        max(0.0, until - since - unwatched),
        tuple(slot.concern.name for slot in begin.book.slots),
    )


def _summed(items: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, seconds in items:
        found[name] = found.get(name, 0.0) + seconds
    return found


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
