"""Which files make the folder of diagrams, and how is one table rendered in each form?"""

from collections.abc import Callable, Mapping, Sequence

from supervisor.core.concern import Concern
from supervisor.core.table import Table
from supervisor.draw.dot import dot
from supervisor.draw.ladder import svg
from supervisor.draw.markdown import markdown
from supervisor.draw.mermaid import mermaid
from supervisor.draw.overview import overview
from supervisor.draw.product import product
from supervisor.draw.scxml import scxml
from supervisor.draw.xstate import xstate

_RENDER: Mapping[str, Callable[[Table], str]] = {
    "mermaid": mermaid,
    "dot": dot,
    "md": markdown,
    "svg": svg,
    "xstate": xstate,
    "scxml": scxml,
}
FORMATS = tuple(_RENDER)
"""The forms a table can be rendered in."""

_HOW = """\
## How to read a ladder

* **Height is severity**, best on top. The column is the order in the table, so adding an arrow moves no state to another place.
* **A falling arrow** into a coloured lane is a problem *detected*; a rising one out of it is *fixed* or *resolved*.
* The dashed lane holds states that are **unsure**: they open no problem and close none, what was open stays open.
* Each box says its name, what it permits, and the code of the problem it bears. The heavier its border, the worse it is.
* On an arrow: what was heard, in bold, and the condition under it, in italics. Arrows for the same thing run together.
* **A ring** starts an arrow that comes from any other state. **A dashed arrow** moves by time alone.
* Colour says severity and only that; a print in grey says it all the same.
"""


def render(table: Table, fmt: str) -> str:
    """The table in that form, one of FORMATS. ValueError names the forms there are."""
    if fmt not in _RENDER:
        raise ValueError(f"unknown format {fmt!r} (known: {', '.join(FORMATS)})")
    return _RENDER[fmt](table)


def diagram_files(tables: Sequence[Table], concerns: Sequence[Concern]) -> dict[str, str]:
    """File name to content for the whole folder of diagrams; the same tables always give the same bytes."""
    files = {"README.md": _readme(tables), "overview.svg": overview(concerns), "product.svg": product()}
    for table in tables:
        files[f"{table.name}.svg"] = svg(table)
        files[f"{table.name}.md"] = markdown(table)
        files[f"{table.name}.mmd"] = mermaid(table)
    return files


def _readme(tables: Sequence[Table]) -> str:
    parts = [
        "# Diagrams",
        "Drawn from the tables that run, by `make diagrams`; a test compares the bytes. Do not edit by hand.",
        "## The whole",
        "How a look at the broker becomes a yes or a no.\n\n![The product](product.svg)",
        "What is watched, what depends on what, and what each concern may take away.\n\n![All concerns](overview.svg)",
        _HOW.rstrip(),
        *_section("Concerns", [table for table in tables if not table.life]),
        *_section("Lives", [table for table in tables if table.life]),
    ]
    return "\n\n".join(parts) + "\n"


def _section(title: str, tables: Sequence[Table]) -> list[str]:
    return [f"## {title}", *(_entry(table) for table in tables)] if tables else []


def _entry(table: Table) -> str:
    name = table.name.replace("_", " ").capitalize()
    links = f"[as a table]({table.name}.md) · [as Mermaid]({table.name}.mmd)"
    return f"### {name}\n\n{table.about} {links}\n\n![{name}]({table.name}.svg)"
