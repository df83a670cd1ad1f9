"""What does a person see who watches? One screen: the gate, each concern, what is wrong, what happened."""

import time
from collections import deque

from rich.box import ROUNDED
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from supervisor.core.event import Event, EventKind
from supervisor.core.issue import at
from supervisor.core.words import EACH_PERMIT, PERMIT_NAMES, Mode, Severity, Status
from supervisor.monitor.explain import explain
from supervisor.monitor.status import ConcernView, Health

SEVERITY_STYLE = {
    Severity.OK: "green",
    Severity.INFO: "cyan",
    Severity.WARNING: "yellow",
    Severity.ERROR: "dark_orange",
    Severity.CRITICAL: "bold red",
}
STATUS_STYLE = {Status.HEALTHY: "bold green", Status.DEGRADED: "bold yellow", Status.UNHEALTHY: "bold red"}
MODE_WORDS = {
    Mode.OPEN: "open",
    Mode.RESTRICTED: "restricted",
    Mode.REDUCE_ONLY: "closing only",
    Mode.HALTED: "halted",
}
MARK = {EventKind.DETECTED: "▼", EventKind.RESOLVED: "▲", EventKind.FIXED: "✔", EventKind.CHANGED: "•"}
BAR = 24
REMEMBERED = 8


def _ago(seconds: float) -> str:
    if seconds < 60:
        return f"{max(0, int(seconds))} s"
    return f"{int(seconds // 60)} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _head(health: Health, now: float) -> Text:
    filled = round(health.score * BAR)
    text = Text.assemble(
        (f" {health.status.value.upper()} ", STATUS_STYLE[health.status] + " reverse"),
        "  score ",
        (f"{health.score:.2f} ", "bold"),
        ("█" * filled, STATUS_STYLE[health.status]),
        ("░" * (BAR - filled), "dim"),
        "   gate ",
        (MODE_WORDS[health.gate.mode], "bold"),
        (f"   seen {_ago(now - health.gate.as_of)} ago", "dim") if health.gate.until else ("   not seen yet", "dim"),
    )
    text.append("\n\n ")
    permits = health.gate.permits_now()
    for permit in EACH_PERMIT:
        allowed = bool(permits & permit)
        text.append("● " if allowed else "○ ", "green" if allowed else "red")
        text.append(PERMIT_NAMES[permit].replace("_", " ") + "    ", "" if allowed else "dim")
    return text


def _row(view: ConcernView, now: float) -> tuple[Text, Text, Text, Text]:
    masked = " (masked)" if view.masked else ""
    style = "dim" if view.masked else SEVERITY_STYLE[view.severity]
    return (
        Text(view.name.replace("_", " ")),
        Text(view.state.replace("_", " ") + masked, style),
        Text(_ago(now - view.since), "dim"),
        Text(view.means, "dim" if view.severity is Severity.OK else ""),
    )


def _concerns(health: Health, now: float) -> Table:
    table = Table(box=None, padding=(0, 2), expand=True, header_style="dim")
    table.add_column("concern", no_wrap=True)
    table.add_column("state", no_wrap=True, min_width=12)
    table.add_column("for", no_wrap=True, justify="right", min_width=6)
    table.add_column("which means", ratio=1, no_wrap=True, overflow="ellipsis")
    for view in health.concerns.values():
        table.add_row(*_row(view, now))
    return table


def _why(health: Health) -> Text:
    text = Text()
    for issue in health.issues:
        text.append(f"{issue.severity.name} ", SEVERITY_STYLE[issue.severity])
        text.append(f"{issue.code}: {issue.description}\n")
        if issue.error_message:
            text.append(f"    {issue.error_message}\n", "dim")
    groups: dict[str, list[str]] = {}
    for reason in dict.fromkeys(reason for permit in explain(health).permits for reason in permit.reasons):
        names = groups.setdefault(reason.opens_when, [])
        if reason.concern not in names:
            names.append(reason.concern)
    for when, names in groups.items():
        text.append(", ".join(names).replace("_", " "), "bold")
        text.append(f": opens {when}\n", "dim")
    text.rstrip()
    return text


class Screen:
    """The one screen, and the last things that happened."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.caption = ""
        self._happened: deque[tuple[float, str, str]] = deque(maxlen=REMEMBERED)

    def note(self, event: Event) -> None:
        """Remembers an event for the screen."""
        issue = event.issue
        words = f"{MARK[event.kind]} {event.kind.value} {issue.code}"
        if event.kind is EventKind.RESOLVED and issue.outcome:
            words += f" ({issue.outcome.value})"
        self._happened.append((event.at, words, SEVERITY_STYLE[issue.severity]))

    def render(self, health: Health) -> RenderableType:
        """The screen as it is now."""
        now = time.time()
        parts: list[RenderableType] = [
            Panel(_head(health, now), title=self.title, title_align="left", box=ROUNDED, padding=(1, 1)),
            Panel(_concerns(health, now), box=ROUNDED, padding=(0, 0)),
        ]
        if health.issues or health.gate.mode is not Mode.OPEN:
            parts.append(Panel(_why(health), title="why", title_align="left", box=ROUNDED))
        events = Text("\n").join(
            Text.assemble((f"{at(when):%H:%M:%S}  ", "dim"), (words, style)) for when, words, style in self._happened
        )
        parts.append(Panel(events or Text("nothing yet", "dim"), title="events", title_align="left", box=ROUNDED))
        if self.caption:
            parts.append(Text(f" {self.caption}", "italic cyan"))
        return Group(*parts)


def console() -> Console:
    """The terminal."""
    return Console()
