"""Does it come out as written? Scenarios run, listed, begun anew, or made from what a journal recorded."""

import json
import os
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from supervisor.cli.output import AsJson, emit, progress
from supervisor.errors import SupervisorError
from supervisor.journal.store import Journal
from supervisor.testing.clocks import Frozen
from supervisor.testing.recording import recorded
from supervisor.testing.runner import Outcome, Watch, run
from supervisor.testing.scenario import SUFFIX, Scenario, load
from supervisor.testing.shelf import GROUPS, catalogue, find, index, name_of, named
from supervisor.testing.soak import soak as soaked
from supervisor.testing.sweeps import FAULTS, OF_BROKER, sample, sequences
from supervisor.testing.sweeps import sweep as swept
from supervisor.testing.times import lasting, shown, zone_of
from supervisor.testing.writing import dump

EXIT_OTHERWISE = 1
TEMPLATE = """\
scenario: {title}
teaches: >-
  What one learns from it, in one sentence.
start: 2026-11-23 09:00          # a Monday; New York time, or say `zone: UTC`
broker: healthy_margin           # any preset of `supervisor simulate`
timeline:
  - at: 09:00:30
    fault: hang                  # NAME [on ENDPOINT] [for 5m] [times 3]
  - at: 09:01:30
    expect:                      # what is not expected here must not have been told
      connection: down
      open: no
      may: {{sell 1 AAPL: yes}}
      events: 09:01:30 detected connection_failed
  - at: 09:02
    clear: hang
  - at: 09:10
    expect:
      open: yes
      events: resolved connection_failed
"""

app = typer.Typer(
    help="Run, list, begin or record scenarios: what must happen when the world does this.", no_args_is_help=True
)


@app.command("run")
def run_(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files, folders, or names of the catalogue; all of it without.")
    ] = None,
    watch_clock: Annotated[
        bool, typer.Option("--watch-clock", help="Show what happens as the frozen clock moves.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Run scenarios under a frozen clock. Exits 1 where one comes out otherwise than it says."""
    files = find([named(path) for path in paths]) if paths else catalogue()
    outcomes = []
    began = time.perf_counter()
    with Frozen() as frozen:
        for file in files:
            scenario = load(file)
            watch = _watch(scenario) if watch_clock and not as_json else None
            outcomes.append((file, run(scenario, frozen=frozen, watch=watch)))
            if not as_json:
                _say(file, outcomes[-1][1])
    failed = sum(not outcome.passed for _, outcome in outcomes)
    took = time.perf_counter() - began
    if as_json:
        emit({"scenarios": [outcome.as_dict() for _, outcome in outcomes], "failed": failed, "seconds": round(took, 2)})
    else:
        lasted = sum(outcome.lasted for _, outcome in outcomes)
        said = f"{failed} otherwise than it says" if failed else "all as they say"
        many = f"{len(outcomes)} scenario{'s' if len(outcomes) > 1 else ''}"
        print(f"{many}, {said}; {lasting(round(lasted))} of frozen time in {took:.1f} s")
    return EXIT_OTHERWISE if failed else 0


def _watch(scenario: Scenario) -> Watch:
    print(f"\n{scenario.title}\n  {scenario.teaches}")

    def show(at: float, line: str) -> None:
        print(f"  {shown(at, scenario.zone)}  {line}", flush=True)

    return show


def _say(file: Path, outcome: Outcome) -> None:
    print(f"{'ok       ' if outcome.passed else 'OTHERWISE'}  {name_of(file)}: {outcome.scenario.title}")
    if not outcome.passed:
        print(outcome.text(), flush=True)


@app.command("list")
def list_(
    as_json: AsJson = False,
    as_index: Annotated[bool, typer.Option("--index", help="Print the catalogue's index in Markdown.")] = False,
) -> None:
    """List the catalogue: what there is to run, and what each scenario teaches."""
    if as_index:
        print(index(), end="")
        return
    rows = [(name_of(path), path.parent.name, load(path)) for path in catalogue()]
    if as_json:
        emit({"scenarios": [{"name": n, "group": g, "title": s.title, "teaches": s.teaches} for n, g, s in rows]})
        return
    for group, means in GROUPS.items():
        print(f"\n{means}")
        for name, found, scenario in rows:
            if found == group:
                print(f"  {name:42} {scenario.title}")


@app.command("new")
def new(
    path: Annotated[Path, typer.Argument(help=f"File to write; it should end in {SUFFIX}.")],
    title: Annotated[str, typer.Option("--title", help="What it shows.")] = "The broker hangs for a minute and a half",
    as_json: AsJson = False,
) -> int:
    """Write a scenario to begin with: it runs as it is."""
    if not path.name.endswith(SUFFIX):
        path = path.with_name(path.name + SUFFIX)
    if path.exists():
        raise SupervisorError(f"{path} is there already: it is left as it is")
    _write(path, TEMPLATE.format(title=json.dumps(title)))
    if as_json:
        emit({"wrote": str(path)})
    else:
        print(f"wrote {path}: run it with `supervisor scenario run {path}`")
    return 0


@app.command("record")
def record(
    journal: Annotated[Path, typer.Argument(help="The journal's file (journal.db).")],
    out: Annotated[Path, typer.Option("--out", help="File to write.", metavar="FILE")],
    title: Annotated[str, typer.Option("--title", help="What it shows.")] = "As recorded",
    zone: Annotated[str, typer.Option("--zone", help="Time zone of its times.")] = "America/New_York",
    since: Annotated[str | None, typer.Option("--since", help="An ISO time, or 2h, 3d ago.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="As --since.")] = None,
    as_json: AsJson = False,
) -> int:
    """Turn a journal into a scenario, and run it. Exits 1 where today's code does otherwise than the record says."""
    from supervisor.cli.past import instant  # noqa: PLC0415 - its own commands need more than this one does

    with Journal.open(journal, read_only=True) as opened:
        said = recorded(
            opened,
            title=title,
            zone=zone_of(zone),
            since=instant(since) if since else None,
            until=instant(until) if until else None,
        )
    _write(out, dump(said))
    outcome = run(load(out))
    if as_json:
        emit({"wrote": str(out), "steps": len(said["timeline"]), "passed": outcome.passed})
    else:
        print(f"wrote {out}: {len(said['timeline'])} steps")
        _say(out, outcome)
    return 0 if outcome.passed else EXIT_OTHERWISE


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SupervisorError(f"{path} cannot be written: {error.strerror}") from error


@app.command("sweep")
def sweep(
    depth: Annotated[int, typer.Option("--depth", min=1, max=3, help="Faults in a row: 1, 2 or 3.")] = 1,
    count: Annotated[int | None, typer.Option("--sample", min=1, help="So many of them only, over all faults.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Which sample.")] = 1,
    save: Annotated[
        Path | None, typer.Option("--save", help="Folder for sequences that fail, shrunk.", metavar="DIR")
    ] = None,
    processes: Annotated[int, typer.Option("--processes", min=1, help="How many share the work.")] = 1,
    as_json: AsJson = False,
) -> int:
    """Try every ordered sequence of faults against the invariants. Exits 1 where one breaks any."""
    began = time.perf_counter()
    names = OF_BROKER if depth == 3 else tuple(FAULTS)
    wanted = list(sample(depth, count, seed) if count else sequences(depth, names))
    tried, found = swept(wanted, save=save, processes=processes, progress=progress("sequences", len(wanted)))
    took, cpu = time.perf_counter() - began, sum(os.times()[:4])
    told: dict[str, Any] = {"depth": depth, "tried": tried, "seconds": round(took, 1), "cpu_seconds": round(cpu, 1)}
    told["broken"] = [{"shortest": list(one.shortest), "failure": one.outcome.failures[0].as_dict()} for one in found]
    if as_json:
        emit(told)
    else:
        for one in found:
            print(f"{' then '.join(one.shortest)}\n{one.outcome.text()}")
        print(
            f"{tried} sequences of {depth}, {len(found)} break something; {told['seconds']} s, {told['cpu_seconds']} s of CPU"
        )
    return EXIT_OTHERWISE if found else 0


@app.command("soak")
def soak(
    days: Annotated[float, typer.Option("--days", min=0.1, help="Simulated days.")] = 30.0,
    seed: Annotated[int, typer.Option("--seed", help="Which course of events.")] = 1,
    as_json: AsJson = False,
) -> int:
    """Trade, fail and restart at random for many simulated days, under the invariants. Exits 1 where one breaks."""
    report = soaked(days=days, seed=seed, progress=progress("days", days))
    if as_json:
        emit(report.as_dict())
    else:
        print(report.text())
    return 0 if report.passed else EXIT_OTHERWISE
