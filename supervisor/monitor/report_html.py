"""How does a report look? One page of HTML: no script, no other file, and it prints well."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.metadata import version
from typing import Any

from supervisor.clock import utc
from supervisor.config import DEFAULTS
from supervisor.core.verdict import mode_of
from supervisor.core.words import TIME
from supervisor.draw.ladder_layout import TIMES
from supervisor.journal.chain import Entry
from supervisor.log import mask
from supervisor.monitor.past_measure import Case, Measured
from supervisor.monitor.recorder import about
from supervisor.monitor.report import Picture, Report
from supervisor.monitor.report_style import style
from supervisor.monitor.report_timeline import LANES, timeline

_STYLE = re.compile(r"<style>.*?</style>\n", re.DOTALL)
_SIZE = re.compile(r' width="([0-9.]+)" height="([0-9.]+)"')
WIDE = 1.6
"""A picture wider than this, in its height, is printed across the page."""
LOW = 860.0
"""Two pictures lower than this, in pixels, are printed on one page."""


def page(report: Report) -> str:
    """The report as one HTML document."""
    found = report.measured
    title = f"Supervisor report, account {report.account} ({report.environment})"
    parts = [
        f"<h1>{_text(title)}</h1>",
        (
            f'<p class="r-quiet">{_time(found.since)} to {_time(found.until)} UTC. Made {_time(report.made)} UTC by version '
            f"{_text(version('optimus-supervisor'))}, journal schema {report.schema}.</p>"
        ),
        _summary(report),
        "<h2>The gate over time</h2>",
        f"<figure>{_inline(timeline(found))}</figure>",
        _gate(found),
        "<h2>Issues</h2>",
        _issues(found),
        "<h2>Time in each state</h2>",
        _states(found),
        f'<div class="r-keep"><h2>Where it stood at the end</h2>{_end(report)}</div>',
        "<h2>Pictures</h2>",
        (
            '<p class="r-quiet">Height is severity, best on top. The last moves are thick, numbered, and told below; '
            f"{TIMES} says how often an arrow was gone. A box is filled by the share of the time spent in it.</p>"
        ),
        *(_picture(picture) for picture in report.pictures),
        f'<div class="r-across"><h2>Moves</h2>{_moves(report)}</div>',
        "<h2>Verification and replay</h2>",
        _proof(report),
        "<h2>Settings and versions</h2>",
        *_starts(report.starts),
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{_text(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width">\n<style>{style()}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n'
    )


def _summary(report: Report) -> str:
    found = report.measured
    whole = found.until - found.since
    still = sum(case.resolved is None for case in found.cases)
    tiles = [
        (f"{found.watched / whole:.2%}", "of the time watched", ""),
        (f"{_minutes(found.closed)} min", f"nothing could be opened ({found.closed / whole:.1%})", ""),
        (str(len(found.cases)), f"issues, {still} still open", "r-bad" if still else "r-good"),
        (_seconds(found.mean_to_detect()), "mean time to detect", ""),
        (_seconds(found.mean_to_resolve()), "mean time to resolve", ""),
        (_seconds(found.mean_to_fix()), "mean time to fix", ""),
        (
            "whole" if report.verification.ok else "DAMAGED",
            f"{report.verification.entries} entries in the chain",
            "r-good" if report.verification.ok else "r-bad",
        ),
        (
            "identical" if report.compared.identical else "DIFFERENT",
            f"replay of {report.compared.inputs} inputs",
            "r-good" if report.compared.identical else "r-bad",
        ),
    ]
    inside = "".join(
        f'<div class="r-tile {mark}"><b>{_text(big)}</b><span>{_text(small)}</span></div>' for big, small, mark in tiles
    )
    return f'<div class="r-tiles">{inside}</div>'


def _issues(found: Measured) -> str:
    if not found.cases:
        return "<p>None.</p>"
    return _table(
        ("detected (UTC)", "severity", "issue", "lasted", "ended", "evidence"),
        [_issue(case, found.until) for case in found.cases],
        numbers=(3,),
        times=(0, 2),
        severity=1,
    )


def _issue(case: Case, until: float) -> tuple[str, ...]:
    ended = (
        "still open" if case.resolved is None else f"{case.outcome}{', fixed by us' if case.fixed is not None else ''}"
    )
    lasted = _seconds(case.lasted(until))
    return _time(case.detected), case.severity, case.issue_id, lasted, ended, case.evidence or case.description


def _gate(found: Measured) -> str:
    """Minutes in each mode, and by each cause."""
    whole = found.until - found.since
    by_mode = [(mode.value, found.by_mode[mode.value]) for mode, _ in LANES if mode.value in found.by_mode]
    modes = [(name.replace("_", " "), _minutes(s), f"{s / whole:.1%}") for name, s in by_mode]
    causes = [(name.replace("_", " "), _minutes(s), f"{s / whole:.1%}") for name, s in found.by_cause.items()]
    return (
        f'<div class="r-two r-keep"><div>{_table(("the gate was", "minutes", "share"), modes, numbers=(1, 2))}</div>'
        f"<div>{_table(('what closed opening', 'minutes', 'share'), causes, numbers=(1, 2))}"
        '<p class="r-quiet">Causes overlap: each counts in full. "monitor" is time in which nobody watched.</p></div></div>'
    )


def _states(found: Measured) -> str:
    whole = found.until - found.since
    lines = [
        (
            name,
            ", ".join(f"{state} {spent / whole:.2%}" for state, spent in sorted(states.items(), key=lambda i: -i[1])),
        )
        for name, states in found.of_concerns().items()
    ]
    return _table(("concern", "states, by share of the time"), lines)


def _end(report: Report) -> str:
    end = report.end
    mode = mode_of(end.permits, blocked=bool(end.verdict.blocks))
    said = f"<p>{end.verdict.status.value}, score {end.verdict.score:.2f}, gate {mode.value.replace('_', ' ')}.</p>"
    reasons = [(r.concern, r.state, r.why, r.opens_when) for r in (*end.verdict.reasons, *end.verdict.blocks)]
    return said + (_table(("closed by", "state", "why", "opens"), reasons) if reasons else "")


def _picture(picture: Picture) -> str:
    name = picture.name.replace("_", " ").capitalize()
    size = _SIZE.search(picture.svg)
    wide, high = (float(size[1]), float(size[2])) if size else (0.0, 0.0)
    shape = " r-wide" if wide > WIDE * high and wide > LOW else " r-low" if high < LOW else ""
    moves = f"{picture.moves} move{'s' if picture.moves > 1 else ''}"
    return f'<div class="r-picture{shape}"><h3>{_text(name)}: {moves}</h3>{_inline(picture.svg)}</div>'


def _moves(report: Report) -> str:
    left_out = report.measured.moves - len(report.moves)
    note = f'<p class="r-quiet">The newest {len(report.moves)}; {left_out} earlier ones are in the record.</p>'
    lines = [_move(move) for move in report.moves]
    table = _table(
        ("at (UTC)", "concern", "move", "events", "gate after", "evidence"),
        lines,
        times=(0,),
        widths=(14, 14, 22, 14, 8, 28),
    )
    return (note if left_out > 0 else "") + table


def _move(move: Entry) -> tuple[str, ...]:
    body = move.body
    on = "as time passed" if body["signal"] == TIME else f"on {body['signal']}"
    verdict = body.get("verdict")
    after = mode_of(verdict["permits"] if verdict else body["after"], blocked=bool(verdict and verdict["blocks"]))
    return (
        _time(move.at),
        f"{move.concern}:{body['key']}" if body["key"] else str(move.concern),
        f"{body['source']} → {body['target']} {on}",
        "; ".join(f"{event['kind']} {event['issue']['code']}" for event in body["events"]),
        after.value.replace("_", " "),
        str(body["evidence"]),
    )


def _proof(report: Report) -> str:
    compared = report.compared
    said = [
        f"The hash chain: {report.verification.why}.",
        f"Replay by today's code: {compared.inputs} inputs, {compared.moves} moves, {compared.events} events, "
        f"{compared.verdicts} verdicts and {compared.snapshots} snapshots came out "
        + ("identical." if compared.identical else "NOT all the same."),
    ]
    if compared.difference is not None:
        said.append(f"The first difference is at entry {compared.difference.entry}.")
    if compared.unknown:
        said.append(f"Entries of kinds this version does not know: {compared.unknown}.")
    return "".join(f"<p>{_text(sentence)}</p>" for sentence in said)


def _starts(starts: Sequence[Entry]) -> list[str]:
    """What ruled from each start on; in full where it is not what ruled before."""
    said, before = [], None
    for start in starts:
        settings = start.body.get("settings")
        said.append(_start(start, settings, same=settings == before))
        before = settings
    return said


def _start(start: Entry, settings: Any, *, same: bool) -> str:
    when = (
        f"Start at {_time(start.at)} UTC (entry {start.number}), version {_text(start.body.get('version', 'not said'))}"
    )
    if not isinstance(settings, dict):
        return f"<p>{when}: its settings are not on record.</p>"
    if same:
        return f"<p>{when}. The same settings.</p>"
    usual = about(DEFAULTS)["settings"]
    own = {name: value for name, value in settings.items() if usual.get(name) != value}
    lines = ", ".join(f"{name} = {value}" for name, value in own.items()) or "all as they come"
    every = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return f'<p>{when}. Own settings: {_text(lines)}.</p><p class="r-quiet"><code>{_text(every)}</code></p>'


def _table(
    head: Sequence[str],
    lines: Iterable[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    times: Sequence[int] = (),
    severity: int | None = None,
    widths: Sequence[int] = (),
) -> str:
    def shape(i: int, words: str = "") -> str:
        if i == severity:
            return f' class="r-severity-{_text(words)}"'
        return ' class="r-number"' if i in numbers else ' class="r-time"' if i in times else ""

    tops = "".join(f"<th{' class=r-number' if i in numbers else ''}>{_text(name)}</th>" for i, name in enumerate(head))
    rows = "\n".join(
        "<tr>" + "".join(f"<td{shape(i, str(cell))}>{_text(cell)}</td>" for i, cell in enumerate(line)) + "</tr>"
        for line in lines
    )
    columns = "".join(f'<col style="width:{width}%">' for width in widths)
    opened = f'<table class="r-fixed"><colgroup>{columns}</colgroup>' if columns else "<table>"
    return f"{opened}<thead><tr>{tops}</tr></thead><tbody>\n{rows}\n</tbody></table>"


def _inline(picture: str) -> str:
    """A picture as part of the page, which has the style of all of them."""
    return _STYLE.sub("", picture)


def _text(value: Any) -> str:
    return escape(mask(str(value)))


def _time(at: float) -> str:
    return f"{utc(at):%Y-%m-%d %H:%M:%S}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f} s" if value < 120 else f"{value / 60:.1f} min" if value < 7200 else f"{value / 3600:.1f} h"
