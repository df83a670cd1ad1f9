"""How does one see for oneself what a proof found? A counterexample as a scenario: the shortest way there, to be played.

It names the signals that a table hears, for no broker could be made to say them all. It comes out otherwise than it
says for as long as the table breaks the property.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from supervisor.core.explore_said import Finding, Heard
from supervisor.core.explore_walk import PASSING, STOP
from supervisor.core.words import TIME
from supervisor.testing.scenario import SUFFIX
from supervisor.testing.times import lasting
from supervisor.testing.writing import dump

STOPS = "2h"
"""How long a stop is after which counters begin anew."""
ALL_TABLES = "all"
KEY = "key"
"""The key of the one cursor of a life that the proof walks."""


def scenario_of(finding: Finding, *, own: Sequence[str] = (), lives: Iterable[str] = ()) -> dict[str, Any]:
    """The scenario that plays the way to that finding, as a mapping to be read or written.

    `own` names the user's tables as `module:name`; `lives` are the tables that are lives.
    """
    keyed = frozenset(lives)
    timeline: list[dict[str, Any]] = []
    was = 0.0
    for heard in finding.heard:
        if heard.signal in (TIME, PASSING):
            continue
        timeline.append({"at": f"+{lasting(heard.after - was)}", **_doing(heard, keyed)})
        was = heard.after
    end = finding.heard[-1].after if finding.heard else was
    proved = ALL_TABLES if finding.table == "verdict" else finding.table
    timeline.append({"at": f"+{lasting(end - was)}", "look": "yes", "expect": {"proved": proved}})
    said: dict[str, Any] = {
        "scenario": f"{finding.table}: {finding.words}",
        "teaches": f"Found by `supervisor verify`: it must be that {finding.broken.value}.",
        "looks": "told",
        "strict": "no",
        "timeline": timeline,
    }
    return {**said, "own": list(own)} if own else said


def _doing(heard: Heard, lives: frozenset[str]) -> Mapping[str, str]:
    if heard.signal == STOP:
        return {"restart": STOPS}
    table = f"{heard.table}/{KEY}" if heard.table in lives else heard.table
    return {"hears": f"{table} {heard.signal}"}


def save(
    findings: Iterable[Finding], folder: Path, *, own: Sequence[str] = (), lives: Iterable[str] = ()
) -> list[Path]:
    """Writes a scenario of each finding into that folder; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    keyed, paths = frozenset(lives), []
    for number, finding in enumerate(findings, start=1):
        paths.append(folder / f"{finding.table}-{finding.broken.name.lower()}-{number}{SUFFIX}")
        paths[-1].write_text(dump(scenario_of(finding, own=own, lives=keyed)), encoding="utf-8")
    return paths
