"""When was the gate in which mode, and what closed it? Drawn over time: the lower, the less was permitted."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from supervisor.clock import utc
from supervisor.core.words import Mode
from supervisor.draw.ladder_model import Line
from supervisor.draw.svg import document, tag, text
from supervisor.draw.text import width
from supervisor.monitor.past_measure import Measured
from supervisor.monitor.past_timeline import Span

LANES = ((Mode.OPEN, "ok"), (Mode.RESTRICTED, "info"), (Mode.REDUCE_ONLY, "warning"), (Mode.HALTED, "critical"))
LEFT, RIGHT, WIDE = 150.0, 20.0, 1000.0
LANE, ROW, TOP = 26.0, 18.0, 14.0
CAUSES = 10
"""Causes drawn, the longest first; a table beside the picture has them all."""
TICKS = 8
STEPS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60, 180, 360, 720, 1440, 2880, 10080, 20160, 43200, 129600))


def timeline(measured: Measured) -> str:
    """The gate of that stretch as SVG."""
    since, until = measured.since, measured.until
    causes = [cause for cause in measured.by_cause if cause][:CAUSES]
    below = TOP + LANE * len(LANES)
    height = below + 22 + ROW * len(causes) + 14
    parts: list[str] = []
    for i, (mode, look) in enumerate(LANES):
        y = TOP + i * LANE
        parts.append(tag("rect", class_=f"{look}-tint", x=LEFT, y=y, width=WIDE, height=LANE - 2, rx=3.0))
        parts.append(_label(mode.value.replace("_", " "), y + LANE / 2 + 3, look))
        bars = _bars(((s.start, s.end) for s in measured.spans if s.mode is mode), since, until)
        parts += [
            tag("rect", class_=look, x=x, y=y + 4, width=wide, height=LANE - 10, rx=2.0 if wide > 4 else "")
            for x, wide in bars
        ]
    for at, words in _ticks(since, until):
        x = _x(at, since, until)
        parts.append(tag("path", class_="hair", fill="none", d=f"M{x:.1f} {TOP}V{height - 14:.1f}"))
        parts.append(text(Line(words, x, below + 12, 10, width(words, 10), "quiet", centred=True), "quiet"))
    for i, cause in enumerate(causes):
        y = below + 22 + i * ROW
        parts.append(_label(cause.replace("_", " ")[:22], y + ROW / 2 + 3, "quiet"))
        bars = _bars(((s.start, s.end) for s in measured.spans if cause in s.causes), since, until)
        parts += [tag("rect", class_="quiet", x=x, y=y + 4, width=wide, height=ROW - 8) for x, wide in bars]
    said = "; ".join(f"{mode}: {seconds / 60:.1f} min" for mode, seconds in sorted(measured.by_mode.items()))
    return document("gate-timeline", LEFT + WIDE + RIGHT, height, "The gate over time", said, parts)


def _x(at: float, since: float, until: float) -> float:
    return LEFT + WIDE * (at - since) / (until - since)


def _label(words: str, y: float, look: str) -> str:
    return text(Line(words, 12, y, 11, width(words, 11), "label", centred=False), look)


def _bars(spans: Iterable[tuple[float, float]], since: float, until: float) -> list[tuple[float, float]]:
    """Where bars go and how wide they are; what lies closer together than can be seen is one bar."""
    found: list[tuple[float, float]] = []
    for start, end in spans:
        x, to = _x(start, since, until), _x(end, since, until)
        if found and x - found[-1][1] < 0.4:
            found[-1] = (found[-1][0], max(to, found[-1][1]))
        else:
            found.append((x, to))
    return [(x, max(0.8, to - x)) for x, to in found]


def _ticks(since: float, until: float) -> list[tuple[float, str]]:
    """Round instants of the stretch, in UTC, no more than TICKS of them."""
    whole = timedelta(seconds=until - since)
    step = next((step for step in STEPS if whole / step <= TICKS), STEPS[-1])
    day = utc(since).replace(hour=0, minute=0, second=0, microsecond=0)
    at: datetime = day
    shape = "%H:%M" if whole <= timedelta(days=1) else "%d %b %H:%M" if step < timedelta(days=1) else "%d %b %Y"
    found = []
    while at.timestamp() <= until:
        if at.timestamp() >= since:
            found.append((at.timestamp(), f"{at:{shape}}"))
        at += step
    return found


def busiest(spans: Sequence[Span]) -> Span | None:
    """The longest stretch in which nothing could be opened, None where there was none."""
    closed = [span for span in spans if span.mode in {Mode.REDUCE_ONLY, Mode.HALTED}]
    return max(closed, key=lambda span: span.seconds, default=None)
