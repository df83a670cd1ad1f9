"""What outlives this process, and how is it taken up again?"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from supervisor.concerns.facts import Command
from supervisor.core.book import Book, Sweep
from supervisor.core.reading import Round
from supervisor.monitor.recorder import Recorder

Opened = list[tuple[Sweep, str, Mapping[str, Any], float]]
"""What opening led to, still to be put on record: sweep, kind, body, instant."""

Answer = Callable[[Mapping[str, Any]], None]


class NoMemory:
    """Keeps nothing: for one look, and for tests."""

    def open(self, book: Book, now: float) -> Opened:  # noqa: ARG002 - there is nothing to take up
        """Nothing is taken up."""
        return []

    def recorder(self, book: Book) -> Recorder:
        """A recorder that keeps nothing and does not mind."""
        return Recorder(book, None)

    def encode(self, round_: Round) -> Mapping[str, Any]:  # noqa: ARG002 - as above
        """Nothing, since nothing is kept."""
        return {}

    def keep_hold(self, order: Command, now: float) -> str | None:  # noqa: ARG002 - as above
        """Keeps nothing, and has no trouble doing so."""
        return None

    def commands(self) -> Iterator[tuple[Mapping[str, Any], Answer]]:
        """No one can leave commands."""
        return iter(())

    def close(self) -> None:
        """Nothing is held open."""
