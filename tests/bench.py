"""Does it keep what it promises? Every figure of every part, measured here and now; exits 1 where one is missed.

`--quick` takes a tenth of the time. The figures are kept in .bench.json and compared with the last run's.
"""

import json
import sys
from pathlib import Path

from bench_agent import all_of_the_agent
from bench_core import all_of_core
from bench_day import all_of_the_day
from bench_desk import all_of_the_desk
from bench_figures import Figure, last_time, lines, say
from bench_lab import all_of_the_lab
from bench_record import all_of_the_record
from bench_wire import all_of_the_wire

KEPT = Path(__file__).parent.parent / ".bench.json"
PARTS = {
    "Foundation: asking, judging, remembering": all_of_core,
    "Foundation: a day, and its record": all_of_the_day,
    "Foundation: over real sockets": all_of_the_wire,
    "Orders and healing": all_of_the_desk,
    "An agent's integration": all_of_the_agent,
    "The record": all_of_the_record,
    "The fault lab": all_of_the_lab,
}
"""Each part's figures, in the order in which they are measured and shown."""


def main(arguments: list[str]) -> int:
    """Measures, prints one table, keeps it; 1 where a promise is missed."""
    unknown = [argument for argument in arguments if argument != "--quick"]
    if unknown:
        sys.stderr.write(f"bench: {unknown[0]!r} is no option; there is --quick\n")
        return 2
    quick = "--quick" in arguments
    before = last_time(KEPT)
    measured: dict[str, list[Figure]] = {}
    for title, part in PARTS.items():
        for figure in part(quick=quick):
            measured.setdefault(title, []).append(figure)
            say(f"... {figure.name.strip()}: {figure.value:.3g} {figure.unit}")
    say("")
    for line in lines(measured, before):
        say(line)
    figures = [figure for part in measured.values() for figure in part]
    KEPT.write_text(json.dumps({figure.name: figure.value for figure in figures}, indent=1) + "\n")
    missed = [figure.name for figure in figures if not figure.met]
    say("\nEvery promise is kept." if not missed else f"\nMISSED: {'; '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
