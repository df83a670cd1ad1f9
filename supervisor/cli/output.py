"""How are answers printed? Text for people, one JSON document or JSON lines for machines."""

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

EXIT_HEALTHY, EXIT_DEGRADED, EXIT_BLOCKED, EXIT_MISCONFIGURED = range(4)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Home = Annotated[
    str | None,
    typer.Option("--home", help="Where journal and settings live (SUPERVISOR_HOME, else the user data folder)."),
]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return str(value)


def as_json(value: Any, *, indent: int | None = 2) -> str:
    """The value as JSON text; what JSON cannot hold as text."""
    return json.dumps(value, indent=indent, default=_plain, ensure_ascii=False)


def emit(value: Mapping[str, Any]) -> None:
    """Prints one JSON document."""
    print(as_json(value), flush=True)


def line(value: Mapping[str, Any]) -> None:
    """Prints one JSON line, whole: several threads do."""
    print(as_json(value, indent=None) + "\n", end="", flush=True)


_HEAD = r"(?m)^(?! {4}).{0,30}?\b"
_MARKS = tuple(
    re.compile(_HEAD + pattern)
    for pattern in (
        r"(?P<red>CLOSED|CRITICAL|critical|DAMAGED)\b",
        r"(?P<dark_orange>ERROR|error)\b",
        r"(?P<yellow>WARNING|warning)\b",
        r"(?P<green>open)   ",
    )
)
"""Words in the first columns of a line that a terminal shows in a colour, the group's name."""


def say(text: str, hang: int = 0) -> None:
    """Prints text for people: in a terminal wrapped at its width, what goes on indented by `hang`; else as it is."""
    columns = terminal_columns()
    if columns is None:
        print(text, flush=True)
        return
    shown = Text("\n".join(folded(text, columns, hang)))
    for mark in _MARKS:
        shown.highlight_regex(mark)
    Console(highlight=False).print(shown, soft_wrap=True)


def terminal_columns() -> int | None:
    """How wide the terminal is; None where standard output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def folded(text: str, width: int, hang: int) -> list[str]:
    """The lines of the text, none wider than `width` where it can be broken between words."""
    found = []
    for whole in text.split("\n"):
        found += textwrap.wrap(
            whole,
            max(width, hang + 20),
            subsequent_indent=" " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return found


def progress(what: str, total: float) -> Callable[[float], None]:
    """Shows on standard error how much of a long work is done, on one line of its own; nothing where that is no terminal.

    No clock is asked and no thread begun: the work may run under a frozen clock.
    """
    if not sys.stderr.isatty():
        return lambda _: None
    shown = [-1]

    def done(part: float) -> None:
        percent = min(100, int(100 * part / total)) if total > 0 else 100
        if percent != shown[0]:
            shown[0] = percent
            end = "\r\x1b[K" if percent == 100 else ""
            print(f"\r{what}: {percent} %{end}", end="", file=sys.stderr, flush=True)

    return done


def warn(sentence: str | None) -> None:
    """Says on standard error what is amiss but does not stand in the way; nothing where there is nothing."""
    if sentence:
        print(f"supervisor: {sentence}", file=sys.stderr)


def complain(sentence: str, *, as_json: bool) -> int:
    """Says what stands in the way; the exit code for that."""
    if as_json:
        emit({"status": "unknown", "error": sentence})
    print(f"supervisor: {sentence}", file=sys.stderr)
    return EXIT_MISCONFIGURED
