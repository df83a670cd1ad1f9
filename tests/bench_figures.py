"""What was measured, what was promised, and was it kept?"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time

import attrs


@attrs.frozen
class Figure:
    """One measured number: `at_most` is the promise, None where it stands beside one that is."""

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        return self.at_most is None or self.value <= self.at_most


@attrs.define
class Took:
    """Seconds, once they have passed; `cpu` does not count what a busy machine did for others meanwhile."""

    seconds: float = 0.0
    cpu: float = 0.0


@contextmanager
def timed() -> Iterator[Took]:
    """Measures what happens inside, by the clock on the wall and by what this process computed."""
    took = Took()
    began, computed = perf_counter(), process_time()
    yield took
    took.seconds, took.cpu = perf_counter() - began, process_time() - computed


def number(value: float) -> str:
    """A number with the digits that matter."""
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value)}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def lines(parts: Mapping[str, Iterable[Figure]], before: dict[str, float]) -> Iterator[str]:
    """One aligned line each under its part's title, with the ratio to its target and what it was last time."""
    yield f"{'':62} {'now':>9} {'unit':5} {'target':>9} {'ratio':>6}  {'':6} {'last':>9} {'change':>8}"
    for title, figures in parts.items():
        yield title
        yield from (_line(figure, before) for figure in figures)


def _line(figure: Figure, before: dict[str, float]) -> str:
    target = "" if figure.at_most is None else f"<= {number(figure.at_most)}"
    ratio = f"{figure.value / figure.at_most:.2f}" if figure.at_most else ""
    verdict = "" if figure.at_most is None else "met" if figure.met else "MISSED"
    last = before.get(figure.name)
    was = "" if last is None else number(last)
    change = "" if not last else f"{(figure.value / last - 1) * 100:+.0f} %"
    return (
        f"  {figure.name:60} {number(figure.value):>9} {figure.unit:5} {target:>9} {ratio:>6}  {verdict:6}"
        f" {was:>9} {change:>8}"
    ).rstrip()


def last_time(path: Path) -> dict[str, float]:
    """The figures of the last run; none where there is no such file."""
    try:
        return {str(name): float(value) for name, value in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def say(text: str) -> None:
    """Prints a line at once: a bench takes minutes."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
