"""How does a report look? One page of HTML: no script, no other file, and it prints well."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.metadata import version
from typing import Any

from supervisor.clock import utc
from supervisor.config import DEFAULTS
from supervisor.core.verdict import mode_of
from supervisor.journal.chain import Entry
from supervisor.log import mask
from supervisor.monitor.past_measure import Case, Measured
from supervisor.monitor.recorder import about
from supervisor.monitor.report import Picture, Report
from supervisor.monitor.report_timeline import timeline

_NIGHT = re.compile(r"@media \(prefers-color-scheme:dark\)\{\n.*?\n\}\n", re.DOTALL)
STYLE = """
:root { color-scheme: light }
body { font: 14px/1.45 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: #111827; background: #fff;
  max-width: 1180px; margin: 0 auto; padding: 24px }
h1 { font-size: 26px; margin: 0 0 2px } h2 { font-size: 18px; margin: 34px 0 8px; border-bottom: 2px solid #111827 }
h3 { font-size: 15px; margin: 22px 0 6px } p { margin: 6px 0 } .r-quiet { color: #566072 }
table { border-collapse: collapse; width: 100%; font-size: 12.5px } th { text-align: left; border-bottom: 1px solid #111827 }
th, td { padding: 3px 8px 3px 0; vertical-align: top } td { border-bottom: 1px solid #d5dbe4; overflow-wrap: break-word }
td:last-child { overflow-wrap: anywhere } .r-narrow { max-width: 420px }
td.r-number, th.r-number { text-align: right; white-space: nowrap } td.r-time { white-space: nowrap; font-variant-numeric: tabular-nums }
.r-tiles { display: flex; flex-wrap: wrap; gap: 10px; margin: 14px 0 } .r-tile { border: 1px solid #d5dbe4; border-radius: 8px;
  padding: 8px 14px; min-width: 120px } .r-tile b { display: block; font-size: 20px } .r-tile span { color: #566072; font-size: 12px }
.r-good { border-left: 6px solid #14623a } .r-bad { border-left: 6px solid #9c1239 }
.r-pair { display: grid; grid-template-columns: 1fr 1fr; gap: 14px } svg { width: 100%; height: auto }
.r-severity-critical, .r-severity-error { font-weight: 700 } .r-severity-critical { color: #9c1239 } .r-severity-error { color: #98340a }
.r-severity-warning { color: #7a4a00 } code { font-size: 12px; overflow-wrap: anywhere }
@media print { @page { size: A4; margin: 14mm } body { max-width: none; padding: 0; font-size: 10.5px } table { font-size: 9px }
  h2 { break-after: avoid } tr, .r-tile, .r-picture, figure { break-inside: avoid } thead { display: table-header-group }
  .r-pair { grid-template-columns: 1fr 1fr } * { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
"""


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
        f"<figure style='margin:0'>{_inline(timeline(found))}</figure>",
        '<div class="r-narrow">',
        _table(
            ("what closed it", "minutes"), [(cause, _minutes(s)) for cause, s in found.by_cause.items()], numbers=(1,)
        ),
        "</div>",
        '<p class="r-quiet">Causes overlap: each counts in full. "monitor" is time in which nobody watched.</p>',
        "<h2>Issues</h2>",
        _issues(found),
        "<h2>Time in each state</h2>",
        _states(found),
        "<h2>Where it stood at the end</h2>",
        _end(report),
        "<h2>Pictures</h2>",
        (
            '<p class="r-quiet">Height is severity, best on top. Left: the last moves, numbered. Right: how often each arrow was '
            "gone, and the share of the time in each state.</p>"
        ),
        *(_picture(picture) for picture in report.pictures),
        "<h2>Moves</h2>",
        _moves(report),
        "<h2>Verification and replay</h2>",
        _proof(report),
        "<h2>Settings and versions</h2>",
        *(_start(start) for start in report.starts),
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{_text(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width">\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n'
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
        times=(0,),
        severity=1,
    )


def _issue(case: Case, until: float) -> tuple[str, ...]:
    ended = (
        "still open" if case.resolved is None else f"{case.outcome}{', fixed by us' if case.fixed is not None else ''}"
    )
    lasted = _seconds(case.lasted(until))
    return _time(case.detected), case.severity, case.issue_id, lasted, ended, case.evidence or case.description


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
    both = f'<div class="r-pair"><div>{_inline(picture.path)}</div><div>{_inline(picture.counts)}</div></div>'
    return f'<div class="r-picture"><h3>{_text(name)}, {picture.moves} moves</h3>{both}</div>'


def _moves(report: Report) -> str:
    left_out = report.measured.moves - len(report.moves)
    note = f'<p class="r-quiet">The newest {len(report.moves)}; {left_out} earlier ones are in the record.</p>'
    lines = [_move(move) for move in report.moves]
    table = _table(("at (UTC)", "concern", "move", "events", "gate after", "evidence"), lines, times=(0,))
    return (note if left_out > 0 else "") + table


def _move(move: Entry) -> tuple[str, ...]:
    body = move.body
    verdict = body.get("verdict")
    after = mode_of(verdict["permits"] if verdict else body["after"], blocked=bool(verdict and verdict["blocks"]))
    return (
        _time(move.at),
        f"{move.concern}:{body['key']}" if body["key"] else str(move.concern),
        f"{body['source']} → {body['target']} on {body['signal']}",
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


def _start(start: Entry) -> str:
    settings = start.body.get("settings")
    if not isinstance(settings, dict):
        return f"<p>Start at {_time(start.at)}: its settings are not on record.</p>"
    usual = about(DEFAULTS)["settings"]
    own = {name: value for name, value in settings.items() if usual.get(name) != value}
    lines = ", ".join(f"{name} = {value}" for name, value in own.items()) or "all as they come"
    every = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return (
        f"<p>Start at {_time(start.at)} UTC (entry {start.number}), version {_text(start.body.get('version', 'not said'))}. "
        f"Own settings: {_text(lines)}.</p><p class='r-quiet'><code>{_text(every)}</code></p>"
    )


def _table(
    head: Sequence[str],
    lines: Iterable[Sequence[str]],
    *,
    numbers: Sequence[int] = (),
    times: Sequence[int] = (),
    severity: int | None = None,
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
    return f"<table><thead><tr>{tops}</tr></thead><tbody>\n{rows}\n</tbody></table>"


def _inline(picture: str) -> str:
    """A picture as part of the page, by day: a report is paper."""
    return _NIGHT.sub("", picture)


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
