"""What does a person see who watches? One screen: the gate, what is wrong, each concern, what happened.

It fits the terminal: where that is low, what is well is told in one line and the rest keeps its place.
"""

import time
from collections import deque

from rich.box import ROUNDED
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from supervisor.core.event import Event, EventKind
from supervisor.core.issue import at
from supervisor.core.words import ALL, EACH_PERMIT, PERMIT_NAMES, Mode, Severity, Status
from supervisor.monitor.explain import explain
from supervisor.monitor.status import ConcernView, Health

SEVERITY_STYLE = {
    Severity.OK: "green",
    Severity.INFO: "cyan",
    Severity.WARNING: "yellow",
    Severity.ERROR: "dark_orange",
    Severity.CRITICAL: "bold red",
}
UNSURE_STYLE = "bright_blue"
"""Neither good nor bad: no problem, but not all is permitted."""
STATUS_STYLE = {Status.HEALTHY: "bold green", Status.DEGRADED: "bold yellow", Status.UNHEALTHY: "bold red"}
MODE_WORDS = {
    Mode.OPEN: "open",
    Mode.RESTRICTED: "restricted",
    Mode.REDUCE_ONLY: "closing only",
    Mode.HALTED: "halted",
}
MARK = {EventKind.DETECTED: "▼", EventKind.RESOLVED: "▲", EventKind.FIXED: "✔", EventKind.CHANGED: "•"}
BAR, NARROW_BAR = 24, 12
WIDE = 100
"""Columns from which there is room for the long bar."""
REMEMBERED = 8
FRAME = 2
"""Lines that a panel's own frame takes."""


def _ago(seconds: float) -> str:
    if seconds < 60:
        return f"{max(0, int(seconds))} s"
    return f"{int(seconds // 60)} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _head(health: Health, now: float, width: int) -> Text:
    bar = BAR if width >= WIDE else NARROW_BAR
    filled = round(health.score * bar)
    text = Text.assemble(
        (f" {health.status.value.upper()} ", STATUS_STYLE[health.status] + " reverse"),
        "  score ",
        (f"{health.score:.2f} ", "bold"),
        ("█" * filled, STATUS_STYLE[health.status]),
        ("░" * (bar - filled), "dim"),
        "   gate ",
        (MODE_WORDS[health.gate.mode], "bold"),
        (f"   seen {_ago(now - health.gate.as_of)} ago" if health.gate.until else "   not seen yet", "dim"),
        "\n",
        no_wrap=True,
        overflow="ellipsis",
    )
    permits = health.gate.permits_now()
    for i, permit in enumerate(EACH_PERMIT):
        allowed = bool(permits & permit)
        text.append("   " if i else "")
        text.append("● " if allowed else "○ ", "green" if allowed else "red")
        text.append(PERMIT_NAMES[permit].replace("_", " "), "" if allowed else "dim")
    return text


def _calm(view: ConcernView) -> bool:
    return view.severity is Severity.OK and view.permits == int(ALL) and not view.masked


def _row(view: ConcernView, now: float) -> tuple[Text, Text, Text, Text]:
    masked = " (masked)" if view.masked else ""
    unsure = view.severity is Severity.OK and view.permits != int(ALL)
    style = "dim" if view.masked else UNSURE_STYLE if unsure else SEVERITY_STYLE[view.severity]
    return (
        Text(view.name.replace("_", " ")),
        Text(view.state.replace("_", " ") + masked, style),
        Text(_ago(now - view.since), "dim"),
        Text(view.means, "dim" if _calm(view) or view.masked else ""),
    )


def _concerns(health: Health, now: float, *, brief: bool) -> RenderableType:
    """A row for each concern; in brief those that are well share a line, and so do those that are masked."""
    table = Table(box=None, padding=(0, 1), expand=True, header_style="dim")
    table.add_column("concern", no_wrap=True)
    table.add_column("state", no_wrap=True, min_width=12)
    table.add_column("for", no_wrap=True, justify="right", min_width=6)
    table.add_column("which means", ratio=1, no_wrap=True, overflow="ellipsis")
    views = list(health.concerns.values())
    masked = [view for view in views if view.masked] if brief else []
    well = [view for view in views if _calm(view)] if brief else []
    for view in views:
        if view not in masked and view not in well:
            table.add_row(*_row(view, now))
    lines = [
        Text.assemble((f" {word}: ", style), (", ".join(view.name.replace("_", " ") for view in some), "dim"))
        for word, style, some in (("masked", "bold", masked), ("well", "green", well))
        if some
    ]
    return Group(*([table] if table.row_count else []), *lines)


def _why(health: Health, *, clip: bool) -> Group:
    """What is wrong and what would open the gate; each on one line where that is asked for."""
    lines: list[Text] = []
    for issue in health.issues:
        style = SEVERITY_STYLE[issue.severity]
        lines.append(Text.assemble((f"{issue.severity.name} ", style), f"{issue.code}: {issue.description}"))
        if issue.error_message:
            lines.append(Text(f"  {issue.error_message}", "dim"))
    groups: dict[str, list[str]] = {}
    for reason in dict.fromkeys(reason for permit in explain(health).permits for reason in permit.reasons):
        names = groups.setdefault(reason.opens_when, [])
        if reason.concern not in names:
            names.append(reason.concern)
    for when, names in groups.items():
        lines.append(Text.assemble((", ".join(names).replace("_", " "), "bold"), (f": opens {when}", "dim")))
    for line in lines:
        line.no_wrap, line.overflow = clip, "ellipsis" if clip else "fold"
    return Group(*lines)


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

    def render(self, health: Health, terminal: Console) -> RenderableType:
        """The screen as it is now, no higher than the terminal as far as that can be."""
        now = time.time()
        above: list[RenderableType] = [
            Panel(_head(health, now, terminal.width), title=self.title, title_align="left", box=ROUNDED)
        ]
        below: list[RenderableType] = [Text(f" {self.caption}", "italic cyan")] if self.caption else []
        room = terminal.height - sum(_lines(terminal, part) for part in (*above, *below))
        body: list[RenderableType] = []
        for brief, clip in ((False, False), (True, False), (True, True)):
            body = self._body(health, now, brief=brief, clip=clip)
            left = room - sum(_lines(terminal, part) for part in body)
            if left > FRAME:
                return Group(*above, *body, self._events(left - FRAME), *below)
        return Group(*above, *body, *below)

    def _body(self, health: Health, now: float, *, brief: bool, clip: bool) -> list[RenderableType]:
        parts: list[RenderableType] = []
        if health.issues or health.gate.mode is not Mode.OPEN:
            parts.append(Panel(_why(health, clip=clip), title="why", title_align="left", box=ROUNDED))
        parts.append(Panel(_concerns(health, now, brief=brief), box=ROUNDED, padding=(0, 0)))
        return parts

    def _events(self, room: int) -> Panel:
        """The last events, the newest at the bottom."""
        lines = [
            Text.assemble((f"{at(when):%H:%M:%S}  ", "dim"), (words, style))
            for when, words, style in list(self._happened)[-room:]
        ]
        told = Group(*lines) if lines else Text("nothing yet", "dim")
        return Panel(told, title="events (UTC)", title_align="left", box=ROUNDED)


def _lines(terminal: Console, part: RenderableType) -> int:
    return len(terminal.render_lines(part, pad=False))


def console() -> Console:
    """The terminal."""
    return Console()
