"""How are answers printed? Text for people, one JSON document or JSON lines for machines."""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import typer

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
