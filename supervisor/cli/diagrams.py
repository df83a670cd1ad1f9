"""What can each machine do? Its table, drawn."""

from pathlib import Path
from typing import Annotated

import typer

from supervisor.cli.output import AsJson, emit
from supervisor.concerns import standard, trading
from supervisor.concerns.callback import CALLBACK
from supervisor.config import DEFAULTS
from supervisor.core.concern import Concern
from supervisor.core.flapping import FLAPPING
from supervisor.core.table import Table
from supervisor.draw.pages import FORMATS, diagram_files, render
from supervisor.errors import SupervisorError
from supervisor.orders import lives as order_lives


def tables() -> dict[str, Table]:
    """Every table by name: the concerns, then the lives, with default settings."""
    concerns = [concern.table for concern in every_concern()]
    lives = [life.table for life in order_lives()]
    return {table.name: table for table in (*concerns, *lives, FLAPPING, CALLBACK)}


def every_concern() -> tuple[Concern, ...]:
    """All concerns, those of the order desk included."""
    return (*standard(DEFAULTS), *trading(DEFAULTS))


def diagram(
    concern: Annotated[str | None, typer.Argument(help="Which concern or life; all of them without it.")] = None,
    form: Annotated[str, typer.Option("--format", help=f"One of: {', '.join(FORMATS)}.")] = "mermaid",
    everything: Annotated[bool, typer.Option("--all", help="Write the whole diagrams folder.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to.", metavar="DIR")] = None,
    as_json: AsJson = False,
) -> int:
    """Draw a concern's table: Mermaid, DOT, Markdown and more; --all --out DIR writes every diagram."""
    known = tables()
    if form not in FORMATS:
        raise SupervisorError(f"no format is called {form!r}; there are: {', '.join(FORMATS)}")
    if concern is not None and concern not in known:
        raise SupervisorError(f"no concern is called {concern!r}; there are: {', '.join(known)}")
    if everything:
        _write(diagram_files(list(known.values()), every_concern()), out or Path("diagrams"), as_json=as_json)
        return 0
    chosen = [known[concern]] if concern else list(known.values())
    if out is not None:
        _write({f"{table.name}.{form}": render(table, form) for table in chosen}, out, as_json=as_json)
        return 0
    if as_json:
        emit({"format": form, "diagrams": {table.name: render(table, form) for table in chosen}})
    else:
        print("\n".join(render(table, form).rstrip() for table in chosen))
    return 0


def _write(files: dict[str, str], folder: Path, *, as_json: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SupervisorError(f"{folder} cannot be written: {error.strerror}") from error
    if as_json:
        emit({"folder": str(folder), "files": sorted(files)})
    else:
        print(f"{len(files)} files in {folder}")
