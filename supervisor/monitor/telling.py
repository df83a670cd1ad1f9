"""Who hears of what? Callbacks by kind of event, each isolated from the others; and did it arrive?"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Any

from supervisor import log
from supervisor.config import DEFAULTS
from supervisor.core.event import Event, EventKind, Move
from supervisor.core.issue import Issue
from supervisor.core.words import FixResult
from supervisor.monitor.callbacks import UNHEARD, Call, Listener
from supervisor.monitor.escalation import Escalation
from supervisor.monitor.recorder import Delivery

ANY_EVENT = "any"
VERDICT = "verdict"
ESCALATION = "escalation"
"""A CRITICAL issue that nobody acknowledged, and for the how many-th time that is told."""
LAST_WORDS = 0.1
"""Seconds that stopping waits, at most, for what is queued to arrive."""


class Telling:
    """All callbacks of one supervisor."""

    def __init__(self, escalation: Escalation | None = None) -> None:
        self._escalation = escalation or Escalation(DEFAULTS.escalate_after, DEFAULTS.escalate_again)
        self._listeners: dict[str, Listener] = {}
        self._on: dict[str, tuple[tuple[Listener, Callable[..., Any]], ...]] = {}
        self._reported: dict[str, str | None] = {}
        self._deliveries: deque[Delivery] = deque(maxlen=UNHEARD)

    def connect(self, name: str, fn: Callable[..., Any], kind: str) -> Callable[[], None]:
        """Calls `fn` on that kind from now on; returns how to stop that."""
        while name in self._listeners:
            name += "+"
        listener = self._listeners[name] = Listener(name, self._deliveries)
        pair = (listener, fn)
        self._on[kind] = (*self._on.get(kind, ()), pair)

        def disconnect() -> None:
            self._on[kind] = tuple(other for other in self._on[kind] if other is not pair)
            self._listeners.pop(name, None)
            listener.stop()

        return disconnect

    def events(self, events: Iterable[Event], *, inline: bool) -> None:
        """Tells these events."""
        for event in events:
            fixed = (FixResult.FIXED,) if event.kind is EventKind.FIXED else ()
            about = (event.entry, event.kind.value)
            self._tell(event.kind, (event.issue, *fixed), *about, inline=inline)
            self._tell(ANY_EVENT, (event,), *about, inline=inline)

    def result(self, issue: Issue, result: FixResult, entry: int, *, inline: bool) -> None:
        """Tells what became of a repair that is not fixed; one that is, is told with its event."""
        self._tell(EventKind.FIXED, (issue, result), entry, f"repair {result.value}", inline=inline)

    def escalate(self, issues: Iterable[Issue], now: float, entry: int, *, inline: bool) -> None:
        """Tells those of the open issues that nobody acknowledged in time."""
        for issue, level in self._escalation.due(issues, now):
            self._tell(ESCALATION, (issue, level), entry, f"{ESCALATION} {level} of {issue.issue_id}", inline=inline)

    def wake_at(self) -> float | None:
        """When the next escalation is due (epoch seconds); None if none is."""
        return self._escalation.wake_at()

    def verdict(self, health: Callable[[], Any], entry: int, *, inline: bool) -> None:
        """Tells that permits or band changed; the health is only made where someone listens."""
        if self._on.get(VERDICT):
            self._tell(VERDICT, (health(),), entry, VERDICT, inline=inline)

    def _tell(self, kind: str, arguments: tuple[Any, ...], entry: int, what: str, *, inline: bool) -> None:
        for listener, fn in self._on.get(kind, ()):
            call: Call = (fn, arguments, entry, what)
            if inline:
                listener.call(call)
            else:
                listener.put(call)

    def deliveries(self) -> list[Delivery]:
        """What arrived, or did not, since last asked; `entry` is the journal's."""
        return [self._deliveries.popleft() for _ in range(len(self._deliveries))]

    def news(self) -> Iterator[tuple[str, str | None]]:
        """Callbacks whose fortune changed since last asked: name, and the problem or None.

        One that works for the first time is named too, for it may have failed before a restart; and so is one that
        failed and is gone: nobody waits for it any more.
        """
        for name, listener in tuple(self._listeners.items()):
            listener.check()
            problem = listener.failing
            first = name not in self._reported and listener.told > 0
            if first or (problem is None) != (self._reported.get(name) is None):
                self._reported[name] = problem
                yield name, problem
        for name in [name for name in self._reported if name not in self._listeners]:
            if self._reported.pop(name) is not None:
                yield name, None

    def stop(self) -> list[Delivery]:
        """Lets every listener's thread end after what is queued; what arrived since last asked, and what did not."""
        listeners = tuple(self._listeners.values())
        for listener in listeners:
            listener.stop()
        until = monotonic() + LAST_WORDS
        left = [told for listener in listeners for told in listener.left(max(0.0, until - monotonic()))]
        return [*self.deliveries(), *left]


def log_moves(moves: Iterable[Move]) -> None:
    """One log line a move."""
    for move in moves:
        log.info(
            "move",
            concern=move.concern if not move.key else f"{move.concern}:{move.key}",
            before=move.source,
            signal=move.signal,
            after=move.target,
            issue=move.issue_id,
            evidence=move.evidence,
            entry=move.entry,
        )
