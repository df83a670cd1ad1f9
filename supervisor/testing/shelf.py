"""Which scenarios are there, and what does each teach? Files found, grouped by folder, and an index of them."""

from collections.abc import Iterable
from pathlib import Path

from supervisor.testing.scenario import SUFFIX, Scenario, load
from supervisor.testing.text import ScenarioError

CATALOGUE = Path(__file__).parent / "catalogue"
"""The scenarios that come with this package."""

# fmt: off
GROUPS = {
    "cold":     "From the first look: what each kind of broker, account and token comes to",
    "outages":  "Outages short, long, partial, flapping, and those that do not look like one",
    "token":    "Tokens that expire, are revoked, blip and come back",
    "account":  "The account itself is closed, restricted, lowered, or not ours",
    "money":    "Buying power, unsettled cash and margin calls",
    "clocks":   "Clocks that jump, laptops that sleep, a monitor that hangs",
    "calendar": "Real dates: clock changes, holidays, half days, midnight, the opening bell",
    "process":  "Restarts, kills, full disks, lost journals, second processes, callbacks",
    "operator": "What a person says, and how long it holds",
    "healing":  "What is repaired by itself, and what never is",
    "orders":   "Orders lost, ambiguous, late, refused, and sent once",
}
# fmt: on
"""The catalogue's groups, in the order to read them."""


def find(paths: Iterable[Path]) -> list[Path]:
    """Every scenario file there: files as given, folders searched. ScenarioError where a path holds none."""
    found: list[Path] = []
    for path in paths:
        here = sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not here or not all(one.exists() for one in here):
            raise ScenarioError(f"{path}: there is no scenario (a file that ends in {SUFFIX})")
        found += here
    return found


def name_of(path: Path) -> str:
    """What a scenario is called: `outages/hang` in the catalogue, its path elsewhere."""
    if path.is_relative_to(CATALOGUE):
        return path.relative_to(CATALOGUE).as_posix().removesuffix(SUFFIX)
    return str(path)


def catalogue() -> list[Path]:
    """The catalogue's files, group by group."""
    order = {group: n for n, group in enumerate(GROUPS)}
    return sorted(find([CATALOGUE]), key=lambda path: (order.get(path.parent.name, len(order)), path.name))


def named(name: str) -> Path:
    """The catalogue's scenario of that name, or the path that it is. ScenarioError where it is neither."""
    inside = CATALOGUE / f"{name}{SUFFIX}"
    path = inside if inside.exists() else CATALOGUE / name if name in GROUPS else Path(name)
    if not path.exists():
        raise ScenarioError(
            f"{name}: no such file, and no such scenario in the catalogue: see `supervisor scenario list`"
        )
    return path


def index() -> str:
    """The catalogue's index, as its README has it."""
    lines = [
        "# Scenarios to run and learn from",
        "",
        "Written by `supervisor scenario list --index`; each runs with `supervisor scenario run GROUP/NAME`.",
    ]
    group = ""
    for path in catalogue():
        if path.parent.name != group:
            group = path.parent.name
            lines += ["", f"## {group}", "", GROUPS.get(group, ""), "", "| scenario | what it teaches |", "|---|---|"]
        told: Scenario = load(path)
        name = path.name.removesuffix(SUFFIX)
        lines.append(f"| [{told.title}]({group}/{path.name}) (`{group}/{name}`) | {told.teaches} |")
    return "\n".join(lines) + "\n"
