"""What can each machine do? Its table, drawn."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from supervisor import clock
from supervisor.cli.output import AsJson, Home, emit
from supervisor.cli.past import Account, Own, Since, instant, maybe_instant, opened
from supervisor.concerns import repair, standard, trading
from supervisor.concerns.callback import CALLBACK
from supervisor.config import DEFAULTS, Settings
from supervisor.core.concern import Concern, Life
from supervisor.core.flapping import FLAPPING
from supervisor.core.table import Table
from supervisor.draw.ladder import svg
from supervisor.draw.pages import FORMATS, diagram_files, render
from supervisor.errors import ConfigError, SupervisorError
from supervisor.journal.chain import EntryKind
from supervisor.journal.query import Where, between, newest
from supervisor.journal.store import Journal
from supervisor.monitor.past import standing
from supervisor.monitor.past_overlay import STEPS, counts_over, now_over, of_table, path_over
from supervisor.monitor.past_record import measured, stretch
from supervisor.monitor.tradier import folder, settings_for
from supervisor.orders import lives as order_lives
from supervisor.testing.own import own_of

PNG = "png"
ENDINGS = {"mermaid": "mmd", "xstate": "xstate.json"}
"""How a file of that form ends, where not by the form's own name."""
OVERLAYS = ("now", "path", "counts")


def tables() -> dict[str, Table]:
    """Every table by name: the concerns, then the lives, with default settings."""
    concerns = [concern.table for concern in every_concern()]
    lives = [life.table for life in (*order_lives(), *repair.lives())]
    return {table.name: table for table in (*concerns, *lives, FLAPPING, CALLBACK)}


def every_concern() -> tuple[Concern, ...]:
    """All concerns, those of the order desk included."""
    return (*standard(DEFAULTS), *trading(DEFAULTS))


def diagram(
    concern: Annotated[str | None, typer.Argument(help="Which concern or life; all of them without it.")] = None,
    form: Annotated[
        str | None, typer.Option("--format", help=f"One of: {', '.join((*FORMATS, PNG))}.", show_default="mermaid")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every concern and life; without --format the whole diagrams folder.")
    ] = False,
    over: Annotated[
        str | None,
        typer.Option("--overlay", help="Over a ladder, from the record: now, path or counts.", metavar="WHAT"),
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help="The overlay as of then.", metavar="TIME")] = None,
    since: Since = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write to.", metavar="DIR")] = None,
    own: Own = None,
    account: Account = None,
    as_json: AsJson = False,
    home: Home = None,
) -> int:
    """Draw a concern's table: Mermaid, DOT, Markdown, SVG, PNG and more; --all --out DIR writes every diagram.

    --overlay draws over the ladder where it stood (now), its last moves (path), or how often each arrow was gone (counts).
    """
    mine = [own_of(named) for named in own or ()]
    known = {**tables(), **{one.name: one.table for one in mine}}
    whole = everything and form is None and over is None
    form = form or ("svg" if over else "mermaid")
    _must_make_sense(known, concern, form, over, everything=everything, timed=at is not None or since is not None)
    if whole:
        _write(diagram_files(list(tables().values()), every_concern()), out or Path("diagrams"), as_json=as_json)
        return 0
    names = [concern] if concern else list(known)
    if over is None:
        drawn = {name: render(known[name], "svg" if form == PNG else form) for name in names}
    else:
        with opened(home, account) as journal:
            when = clock.wall() if at is None else instant(at)
            drawn = overlaid(journal, names, over, maybe_instant(since), when, settings_for(folder(home)), mine)
        if not drawn:
            raise SupervisorError(f"nothing of {concern} is on record by then: it was not watched")
    if form == PNG:
        _write({f"{name}.png": png(text) for name, text in drawn.items()}, out or Path(), as_json=as_json)
    elif out is not None:
        _write({f"{name}.{ENDINGS.get(form, form)}": text for name, text in drawn.items()}, out, as_json=as_json)
    elif as_json:
        emit({"format": form, "diagrams": drawn})
    else:
        print("\n".join(text.rstrip() for text in drawn.values()))
    return 0


def _must_make_sense(
    known: Mapping[str, Table], concern: str | None, form: str, over: str | None, *, everything: bool, timed: bool
) -> None:
    """SupervisorError, one sentence, where what is asked for cannot be."""
    if form not in (*FORMATS, PNG):
        raise SupervisorError(f"no format is called {form!r}; there are: {', '.join((*FORMATS, PNG))}")
    if everything and concern is not None:
        raise SupervisorError(f"--all draws every concern: leave out {concern!r}, or leave out --all")
    if concern is not None and concern not in known:
        raise SupervisorError(f"no concern is called {concern!r}; there are: {', '.join(known)}")
    if over is not None and (over not in OVERLAYS or form not in {"svg", PNG}):
        raise SupervisorError(
            f"an overlay is one of {', '.join(OVERLAYS)}, drawn as svg or png; not {over!r} as {form}"
        )
    if over is None and timed:
        raise SupervisorError("--at and --since are for an overlay: add --overlay now, path or counts")


def overlaid(
    journal: Journal,
    names: Sequence[str],
    over: str,
    since: float | None,
    at: float,
    default: Settings,
    own: Sequence[Concern | Life] = (),
) -> dict[str, str]:
    """The ladders of those tables as SVG, with what the record says up to `at` drawn over them."""
    then = standing(journal, at, default, own)
    measured_ = measured(journal, default, stretch(journal, since, at), own) if over == "counts" else None
    drawn = {}
    for name in names:
        if name not in then.book.place and name not in then.book.lives:
            continue  # nothing of it was there then
        where = Where(kind=EntryKind.MOVE, concern=name, since=since, until=at)
        now, table = now_over(then, name), then.book.table(name)
        if measured_ is not None:
            overlay = counts_over(of_table(table, between(journal, where)), measured_, name)
        else:
            moves = of_table(table, newest(journal, 4 * STEPS, where)) if over == "path" else []
            overlay = path_over(moves, now.now) if over == "path" else now
        drawn[name] = svg(table, overlay)
    return drawn


def png(picture: str) -> bytes:
    """The SVG as PNG, twice its size, on white. ConfigError where the extra is missing."""
    try:
        import resvg_py  # noqa: PLC0415 - an extra, for those who want pictures in mails
    except ImportError:
        raise ConfigError(
            "PNG needs the package resvg_py: pip install 'optimus-supervisor[png]', or use --format svg"
        ) from None
    return bytes(resvg_py.svg_to_bytes(svg_string=picture, zoom=2, background="#ffffff"))


def _write(files: Mapping[str, str | bytes], folder_: Path, *, as_json: bool) -> None:
    try:
        folder_.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder_ / name).write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise SupervisorError(f"{folder_} cannot be written: {error.strerror}") from error
    if as_json:
        emit({"folder": str(folder_), "files": sorted(files)})
    elif len(files) == 1:
        print(folder_ / next(iter(files)))
    else:
        print(f"{len(files)} files in {folder_}")
